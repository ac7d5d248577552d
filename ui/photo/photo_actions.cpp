// The photo page's actions and its tool bar.
#include <QAction>
#include <QActionGroup>
#include <QApplication>
#include <QClipboard>
#include <QDir>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QSettings>
#include <QSpinBox>
#include <QToolBar>
#include <QUndoStack>
#include <algorithm>
#include <cmath>
#include <string_view>

#include "core/media/selection.h"
#include "ui/photo/canvas.h"
#include "ui/photo/document.h"
#include "ui/photo/mask_look.h"
#include "ui/photo/photo_batch.h"
#include "ui/photo/photo_files.h"
#include "ui/photo/photo_page.h"
#include "ui/photo/photo_runs.h"
#include "ui/photo/sample_strip.h"
#include "ui/photo/timeline.h"
#include "ui/widgets/icons.h"
#include "ui/widgets/run_buttons.h"

namespace mgdm::ui {

namespace {

QSpinBox* tool_box(int low, int high, int value, const QString& suffix, const QString& name, const QString& help) {
  auto* box = new QSpinBox;
  box->setRange(low, high);
  box->setValue(value);
  box->setSuffix(suffix);
  box->setAccessibleName(name);
  box->setToolTip(help);
  return box;
}

void add_to(QToolBar* bar, QSpinBox* box) {
  auto* holder = new QWidget;  // keeps its distance from the icons
  auto* row = new QHBoxLayout(holder);
  row->setContentsMargins(4, 0, 2, 0);
  row->addWidget(box);
  bar->addWidget(holder);
}

}  // namespace

void PhotoPage::buildFileActions() {
  actions_.add(
      "paste", tr("Paste"), QKeySequence::Paste, [this] { runs_->openImage(QApplication::clipboard()->image()); },
      icon(Symbol::Paste));
  actions_.add("copy", tr("Copy the photo"), QKeySequence::Copy, [this] { copy(); });
  actions_.add(
      "save", tr("Save the photo…"), QKeySequence::Save, [this] { saveTo(files_->chooseSaveFile()); },
      icon(Symbol::Save));
  actions_.add(
      "undo", tr("Undo"), QKeySequence::Undo, [this] { undo_->undo(); }, icon(Symbol::Undo));
  actions_.add(
      "redo", tr("Redo"), QKeySequence::Redo, [this] { undo_->redo(); }, icon(Symbol::Redo));
  actions_.add(
      "photo_compare", tr("Compare settings…"), {}, [this] { compareSettings(); }, icon(Symbol::Compare));
  actions_.add("import_mask", tr("Import a mask…"), {}, [this] {
    files_->importMask(QFileDialog::getOpenFileName(
        this, tr("Import a mask"), QSettings().value(QStringLiteral("folder"), QDir::homePath()).toString(),
        tr("Pictures (*.png *.jpg *.jpeg *.tif *.tiff *.webp *.bmp *.heic *.avif)")));
  });
  actions_.add("export_mask", tr("Export the mask…"), {}, [this] {
    files_->exportMask(
        QFileDialog::getSaveFileName(this, tr("Export the mask"), QStringLiteral("mask.png"), tr("Pictures (*.png)")));
  });
  QAction* mark = actions_.addSwitch("model_mark", tr("Mark in saved photos that a model made parts"), {}, {},
                                     [this](bool on) { files_->setMarks(on); });
  mark->setChecked(files_->marks());
  actions_.add("export_run", tr("Export as run file…"), {}, [this] {
    files_->exportRun(QFileDialog::getSaveFileName(this, tr("Export as run file"), QStringLiteral("run.json"),
                                                   tr("Run files (*.json)")),
                      strip_->outcome().record);
  });
}

void PhotoPage::buildMaskActions() {
  auto* tools = new QActionGroup(this);
  const auto tool = [&](const char* id, const QString& words, Qt::Key key, Symbol symbol, Canvas::Tool which) {
    QAction* action = actions_.add(
        id, words, key, [this, which] { canvas_->setTool(which); }, icon(symbol));
    action->setCheckable(true);
    tools->addAction(action);
    return action;
  };
  tool("brush", tr("Brush"), Qt::Key_B, Symbol::Brush, Canvas::Tool::Brush)->setChecked(true);
  tool("eraser", tr("Eraser"), Qt::Key_E, Symbol::Eraser, Canvas::Tool::Eraser);
  tool("rectangle", tr("Rectangle (Alt erases)"), Qt::Key_R, Symbol::Rectangle, Canvas::Tool::Rectangle);
  tool("lasso", tr("Lasso (Alt erases)"), Qt::Key_L, Symbol::Lasso, Canvas::Tool::Lasso);
  tool("fill", tr("Fill an enclosed region"), Qt::Key_G, Symbol::Fill, Canvas::Tool::Fill);
  tool("select",
       tr("Select an object: click it or draw a rectangle round it; Shift or Alt and a stroke: belongs to it, or not"),
       Qt::Key_S, Symbol::Select, Canvas::Tool::Select);
  tool("area", tr("Working area: the part that the model sees"), Qt::Key_W, Symbol::Area, Canvas::Tool::Area);
  actions_.add(
      "invert", tr("Invert the mask"), QKeySequence(Qt::CTRL | Qt::Key_I),
      [this] {
        QImage mask = document_->mask().copy();
        mask.invertPixels();
        document_->replaceMask(mask, tr("inverting the mask"));
      },
      icon(Symbol::Invert));
  actions_.add(
      "clear", tr("Clear the mask"), QKeySequence(Qt::CTRL | Qt::Key_Backspace),
      [this] {
        QImage mask(document_->size(), QImage::Format_Grayscale8);
        mask.fill(0);
        document_->replaceMask(mask, tr("clearing the mask"));
      },
      icon(Symbol::Clear));
  const auto change = [&](const char* id, const QString& words, const QKeySequence& keys, const QString& step,
                          cv::Mat (*how)(const cv::Mat&, double), int sign) {
    actions_.add(id, words, keys, [this, step, how, sign] {
      QImage mask = document_->mask().copy();
      how(mask_view(document_->mask()), sign * mask_step()).copyTo(mask_view(mask));
      document_->replaceMask(mask, step);
    });
  };
  change("grow", tr("Grow the mask"), QKeySequence(Qt::CTRL | Qt::Key_Plus), tr("growing the mask"), grown, 1);
  change("shrink", tr("Shrink the mask"), QKeySequence(Qt::CTRL | Qt::Key_Minus), tr("shrinking the mask"), grown, -1);
  change("feather", tr("Feather the mask"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_F), tr("feathering the mask"),
         feathered, 1);
  actions_.add("mask_look", tr("Colour of the mask…"), {}, [this] { chooseMaskLook(this, canvas_); });
  readMaskLook(canvas_);
  const auto resize = [&](const char* id, const QString& words, const QKeySequence& keys, int by) {
    actions_.add(id, words, keys, [this, by] { canvas_->setBrushSize(canvas_->brushSize() + by); });
  };
  resize("smaller_brush", tr("Smaller brush"), Qt::Key_BracketLeft, -1);
  resize("larger_brush", tr("Larger brush"), Qt::Key_BracketRight, 1);
  resize("much_smaller_brush", tr("Much smaller brush"), QKeySequence(Qt::SHIFT | Qt::Key_BracketLeft), -10);
  resize("much_larger_brush", tr("Much larger brush"), QKeySequence(Qt::SHIFT | Qt::Key_BracketRight), 10);
  brush_size_ = tool_box(1, 2000, canvas_->brushSize(), tr(" px"), tr("Brush size"),
                         tr("Brush size in photo pixels ([ and ], Shift for steps of 10, Ctrl + wheel)"));
  connect(brush_size_, &QSpinBox::valueChanged, canvas_, &Canvas::setBrushSize);
  connect(canvas_, &Canvas::brushSizeChanged, brush_size_, &QSpinBox::setValue);
  hardness_ =
      tool_box(0, 100, 100, tr(" % hard"), tr("Brush hardness"),
               tr("100 %: a sharp edge; less: paint fades towards the edge, and the result is blended in there"));
  connect(hardness_, &QSpinBox::valueChanged, this, [this](int percent) { canvas_->setHardness(percent / 100.0); });
}

void PhotoPage::buildViewActions() {
  actions_.add("actual_size", tr("Zoom to 100 %"), Qt::Key_1, [this] { canvas_->actualSize(); });
  actions_.add(
      "fit", tr("Fit into the window"), Qt::Key_0, [this] { canvas_->fit(); }, icon(Symbol::Fit));
  actions_.add("zoom_in", tr("Zoom in"), Qt::Key_Plus, [this] { canvas_->zoomBy(1.25); });
  actions_.add("zoom_out", tr("Zoom out"), Qt::Key_Minus, [this] { canvas_->zoomBy(0.8); });
  const auto compare = [&](const char* id, const QString& words, Qt::Key key, Symbol symbol, Canvas::Compare which) {
    actions_.addSwitch(id, words, key, icon(symbol), [this, id, which](bool on) {
      for (const char* other : {"slider", "side_by_side", "flip"}) {
        if (on && other != std::string_view(id)) actions_[other]->setChecked(false);
      }
      canvas_->setCompare(on ? which : Canvas::Compare::None);
    });
  };
  compare("slider", tr("Before and after, with a slider"), Qt::Key_C, Symbol::Slider, Canvas::Compare::Slider);
  compare("side_by_side", tr("Before and after, side by side"), Qt::Key_V, Symbol::SideBySide,
          Canvas::Compare::SideBySide);
  compare("flip", tr("Before and after, taking turns"), Qt::Key_X, Symbol::Flip, Canvas::Compare::Flip);
}

void PhotoPage::buildRunActions() {
  actions_.add("run", tr("Run"), QKeySequence(Qt::CTRL | Qt::Key_Return), [this] {
    if (buttons_->canRun()) startRun();
  });
  actions_.add("pause", tr("Pause, go on"), Qt::Key_P, [this] { runs_->setPaused(!runs_->paused()); });
  actions_.add("stop", tr("Stop and keep"), Qt::Key_Escape, [this] {
    if (batch_->waiting())
      batch_->stop();
    else
      runs_->stopAndKeep();
  });
  actions_.add(
      "accept", tr("Put the result into the photo"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Return),
      [this] { acceptSample(); }, icon(Symbol::Accept));
  actions_.add(
      "favourite", tr("Favourite"), Qt::Key_F, [this] { strip_->clickFavourite(); }, icon(Symbol::Star));
  actions_.add("previous_iterate", tr("Previous iterate"), Qt::Key_Comma, [this] { timeline_->step(-1); });
  actions_.add("next_iterate", tr("Next iterate"), Qt::Key_Period, [this] { timeline_->step(1); });
  actions_.add(
      "branch", tr("Branch from the shown iterate"), QKeySequence(Qt::CTRL | Qt::Key_B), [this] { branchHere(); },
      icon(Symbol::Branch));
}

// As many pixels as are seen as a few on the screen.
double PhotoPage::mask_step() const { return std::max(1.0, std::round(4 / std::max(1e-3, canvas_->zoom()))); }

QList<QAction*> PhotoPage::menuActions() const {
  return {actions_["copy"],       actions_["paste"],         actions_["grow"],        actions_["shrink"],
          actions_["feather"],    actions_["mask_look"],     actions_["import_mask"], actions_["export_mask"],
          actions_["export_run"], actions_["photo_compare"], actions_["model_mark"]};
}

void PhotoPage::fillToolBar(QToolBar* bar) {
  const auto add = [&](std::initializer_list<const char*> ids) {
    for (const char* id : ids) bar->addAction(actions_[id]);
  };
  add({"save", "undo", "redo"});
  bar->addSeparator();
  add({"select", "brush", "eraser", "rectangle", "lasso", "fill"});
  add_to(bar, brush_size_);
  add_to(bar, hardness_);
  add({"invert", "clear", "area", "fit"});
  bar->addSeparator();
  add({"slider", "side_by_side", "flip"});
  addComparison(bar);
  add({"photo_compare"});
}

}  // namespace mgdm::ui
