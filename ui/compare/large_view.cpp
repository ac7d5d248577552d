#include "ui/compare/large_view.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <algorithm>
#include <cmath>
#include <utility>

#include "core/threads/worker.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

namespace {

constexpr double kClosest = 96;     // units for a pixel of the picture
constexpr int kLargeRestsMs = 90;   // without a movement
constexpr double kSplitReach = 14;  // of the slider's line
constexpr int kErrorBytes = 64 << 20;

bool is_large_view_key(const QKeyEvent& key) {
  if ((key.modifiers() & ~(Qt::KeypadModifier | Qt::ShiftModifier)) != Qt::NoModifier) return false;
  switch (key.key()) {
    case Qt::Key_Left:
    case Qt::Key_Right:
    case Qt::Key_Up:
    case Qt::Key_Down:
    case Qt::Key_PageUp:
    case Qt::Key_PageDown:
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Escape:
    case Qt::Key_F:
      return true;
    default:
      return key.key() >= Qt::Key_1 && key.key() <= Qt::Key_9;
  }
}

}  // namespace

LargeView::LargeView(QWidget* parent)
    : QWidget(parent),
      held_(new HeldKeys(this)),
      legend_(new LegendBar(this)),
      errors_(kErrorBytes),
      worker_(std::make_unique<Worker>()) {
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setMinimumSize(240, 200);
  setAttribute(Qt::WA_OpaquePaintEvent);
  setAccessibleDescription(tr("One cell large, or two held against each other"));
  legend_->hide();
  flip_.setInterval(700);
  connect(&flip_, &QTimer::timeout, this, [this] {
    second_seen_ = !second_seen_;
    update();
  });
  rest_.setSingleShot(true);
  rest_.setInterval(kLargeRestsMs);
  connect(&rest_, &QTimer::timeout, this, [this] {
    moving_ = false;
    update();
  });
  connect(held_, &HeldKeys::changed, this, &LargeView::load);
  connect(held_, &HeldKeys::tabbed, this, [this] { focusNextChild(); });
}

LargeView::~LargeView() { worker_.reset(); }

void LargeView::setCells(Cells* cells) {
  if (cells_ != nullptr) cells_->disconnect(this);
  cells_ = cells;
  cell_ = other_ = -1;
  errors_.clear();
  if (cells_ != nullptr) {
    const auto gone = [this] {
      cell_ = other_ = -1;
      errors_.clear();
      load();
    };
    connect(cells_, &Cells::reset, this, gone);
    connect(cells_, &QObject::destroyed, this, gone);
    connect(cells_, &Cells::changed, this, [this](int cell) {
      if (cell == cell_ || cell == other_) load();
    });
    connect(cells_, &Cells::pictureChanged, this, [this](int cell) {
      ++versions_[cell];
      if (cell == cell_ || cell == other_) load();
    });
  }
  load();
}

void LargeView::setCell(int cell) {
  cell_ = cells_ != nullptr && cell < cells_->count() ? cell : -1;
  load();
}

void LargeView::setOther(int cell) {
  other_ = cells_ != nullptr && cell < cells_->count() ? cell : -1;
  load();
}

void LargeView::setMode(Mode mode) {
  if (mode == mode_) return;
  if (mode == Mode::Flip) before_flip_ = mode_;
  mode_ = mode;
  second_seen_ = false;
  if (mode_ == Mode::Flip) {
    flip_.start();
  } else {
    flip_.stop();
  }
  load();
  Q_EMIT modeChanged(mode_);
}

void LargeView::toggleFlip() { setMode(mode_ == Mode::Flip ? before_flip_ : Mode::Flip); }

void LargeView::setShown(Shown shown) {
  shown_ = shown;
  load();
}

void LargeView::setIterate(int per_mille) {
  per_mille_ = std::clamp(per_mille, -1, 1000);
  load();
}

void LargeView::setErrorMap(ErrorMap map) {
  map_ = map;
  load();
}

void LargeView::setErrorPeak(double peak) {
  peak_ = std::max(0.0, peak);
  load();
}

void LargeView::setAgainst(Against against) {
  against_ = against;
  load();
}

void LargeView::setFigure(const std::string& name) {
  figure_ = name;
  load();
}

void LargeView::setFlipInterval(int ms) { flip_.setInterval(std::clamp(ms, 100, 5000)); }

void LargeView::setView(const LinkedView& view) {
  if (view == view_) return;
  view_ = view;
  moved();
}

void LargeView::fit() { setView({}); }

void LargeView::actualSize() {
  LinkedView view = view_;
  view.toActualSize(pictureSize(0), boxOf(0), devicePixelRatioF());
  setView(view);
}

void LargeView::zoomBy(double factor) {
  LinkedView view = view_;
  view.zoomAt(boxOf(0).center(), factor, pictureSize(0), boxOf(0), devicePixelRatioF(), kClosest);
  setView(view);
}

void LargeView::moved() {
  moving_ = true;
  rest_.start();
  update();
  Q_EMIT viewChanged(view_);
}

// ---- what is seen ----

bool LargeView::hasSecond() const { return other_ >= 0 || (cells_ != nullptr && cells_->hasReference()); }

bool LargeView::twoSided() const {
  const bool one_map = showsError() && against_ == Against::Other && other_ >= 0;
  return mode_ != Mode::Single && cell_ >= 0 && hasSecond() && !one_map;
}

CellPicture LargeView::pictureOf(int side) const {
  const Shown shown = shown_ == Shown::Error ? Shown::Result : shown_;
  if (side == 1 && other_ < 0) return cell_picture(*cells_, cell_, shown, per_mille_, Held::Reference);
  return cell_picture(*cells_, side == 0 ? cell_ : other_, shown, per_mille_, held_->held());
}

QString LargeView::titleOf(int side, const CellPicture& picture) const {
  const Cells::Cell& what = cells_->cell(picture.cell);
  QString title = what.label;
  if (picture.held != Held::Nothing) {
    const QString instead = picture.held == Held::Reference ? tr("Reference") : tr("What was given");
    title = side == 1 && other_ < 0 ? instead : tr("%1 of %2", "the reference of a cell").arg(instead, title);
  } else if (showsError()) {
    const bool with_other = against_ == Against::Other && other_ >= 0;
    title = (with_other ? tr("%1: %2 against %3") : tr("%1: %2 against the reference"))
                .arg(title, spoken(description_of(map_).label).toLower());
    if (with_other) title = title.arg(cells_->cell(other_).label);
  } else if (const auto found = what.figures.find(figure_); !figure_.empty() && found != what.figures.end()) {
    title = tr("%1   %2", "a cell and its figure").arg(title, text(figure_text(figure_, found->second)));
  }
  if (!twoSided()) return title;
  return tr("%1   %2", "A or B, and its name").arg(side == 0 ? tr("A") : tr("B"), title);
}

QString LargeView::title(int side) const { return panes_[side].title; }

void LargeView::load() {
  const bool any = cells_ != nullptr && cell_ >= 0;
  const int sides = !any ? 0 : twoSided() ? 2 : 1;
  for (int side = 0; side < 2; ++side) {
    if (side < sides) {
      fill(panes_[side], side);
    } else {
      panes_[side] = {};
    }
  }
  const bool residual = shown_ == Shown::Residual && held_->held() == Held::Nothing;
  if (any && showsError()) legend_->setScale(scale_of(map_, peak_));
  if (any && residual) legend_->setScale(residual_scale());
  legend_->setVisible(any && (showsError() || residual));
  placeLegend();
  const QStringList titles{panes_[0].title, panes_[1].title};
  setAccessibleName(any ? titles.filter(QRegularExpression(QStringLiteral("."))).join(QStringLiteral("; "))
                        : tr("No cell"));
  update();
}

void LargeView::fill(Pane& pane, int side) {
  const CellPicture picture = pictureOf(side);
  // Until another iterate is read, the one before it is seen; what is of another cell or kind is not.
  CellPicture before = pane.picture;
  before.iterate = picture.iterate;
  const bool errors = showsError();
  if (!(before == picture) || errors != !pane.values.isEmpty()) pane.image = {};
  pane.picture = picture;
  pane.title = titleOf(side, picture);
  pane.message.clear();
  if (errors) {
    fillError(pane, side);
  } else {
    pane.values.clear();
    if (const QImage image = ask(*cells_, picture); !image.isNull()) pane.image = image;
  }
  const Cells::Cell& what = cells_->cell(picture.cell);
  if (what.state == Cells::State::Failed && picture.held == Held::Nothing) {
    pane.image = {};
    pane.message = what.error;
  } else if (pane.image.isNull() && pane.message.isEmpty()) {
    pane.message = what.state == Cells::State::Waiting ? tr("waiting") : tr("…");
  }
}

void LargeView::fillError(Pane& pane, int side) {
  const bool with_other = against_ == Against::Other && other_ >= 0;
  if (!with_other && !cells_->hasReference()) {
    pane.message = tr("There is no reference to hold it against");
    return;
  }
  if (side == 1 && other_ < 0) {  // the reference itself has no error
    pane.values.clear();
    pane.image = ask(*cells_, pane.picture);
    return;
  }
  CellPicture against = with_other ? pictureOf(1) : pane.picture;
  if (!with_other) against = cell_picture(*cells_, pane.picture.cell, Shown::Result, -1, Held::Reference);
  const QImage picture = ask(*cells_, pane.picture), reference = ask(*cells_, against);
  if (picture.isNull() || reference.isNull()) return;
  if (picture.size() != reference.size()) {
    pane.image = {};
    pane.message = tr("They are of different sizes: %1 × %2 and %3 × %4 pixels")
                       .arg(picture.width())
                       .arg(picture.height())
                       .arg(reference.width())
                       .arg(reference.height());
    return;
  }
  const QString key = QStringLiteral("%1.%2.%3 %4.%5.%6.%7 %8 ")
                          .arg(pane.picture.cell)
                          .arg(pane.picture.iterate)
                          .arg(versions_.value(pane.picture.cell))
                          .arg(against.cell)
                          .arg(against.iterate)
                          .arg(static_cast<int>(against.held))
                          .arg(versions_.value(against.cell))
                          .arg(static_cast<int>(map_)) +
                      QString::number(scale_of(map_, peak_).peak);
  if (const ErrorPicture* error = errors_.object(key)) {
    pane.image = error->image;
    pane.values = error->values;
  } else {
    measure(key, picture, reference);
  }
}

// One at a time: what is to be seen when it is done is measured next, what was wanted in between never.
void LargeView::measure(const QString& key, const QImage& picture, const QImage& reference) {
  if (!measuring_.isEmpty()) return;
  measuring_ = key;
  worker_->post([this, key, picture, reference, map = map_, scale = scale_of(map_, peak_)](const std::stop_token&) {
    auto error = std::make_shared<ErrorPicture>();
    try {
      *error = error_picture(map, picture, reference, scale);
    } catch (const std::exception&) {  // pictures of no size: an empty map
    }
    QMetaObject::invokeMethod(
        this,
        [this, key, error] {
          measuring_.clear();
          const qsizetype bytes = error->image.sizeInBytes() + error->values.size() * 4 + 1;
          errors_.insert(key, new ErrorPicture(*error), bytes);
          load();
        },
        Qt::QueuedConnection);
  });
}

// ---- where it is ----

QRectF LargeView::area() const {
  return QRectF(rect()).adjusted(0, 0, 0, legend_->isHidden() ? 0 : -legend_->height());
}

QRectF LargeView::boxOf(int side) const {
  const QRectF all = area();
  if (mode_ != Mode::SideBySide || !twoSided()) return all;
  const double middle = std::floor(all.width() / 2);
  return side == 0 ? QRectF(0, 0, middle - 1, all.height())
                   : QRectF(middle + 1, 0, all.width() - middle - 1, all.height());
}

QRectF LargeView::pictureBox(int side) const { return boxOf(side); }

int LargeView::sideAt(const QPointF& at) const {
  return mode_ == Mode::SideBySide && twoSided() && boxOf(1).contains(at) ? 1 : 0;
}

QSizeF LargeView::pictureSize(int side) const {
  for (const int which : {side, 0, 1}) {
    if (!panes_[which].image.isNull()) return panes_[which].image.size();
  }
  const QSize told = cells_ != nullptr && cell_ >= 0 ? cells_->cell(cell_).size : QSize();
  return told.isEmpty() ? QSizeF(256, 256) : QSizeF(told);
}

void LargeView::placeLegend() {
  const int high = legend_->sizeHint().height() + 6;
  legend_->setGeometry(0, height() - high, width(), high);
}

void LargeView::resizeEvent(QResizeEvent*) { placeLegend(); }

void LargeView::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  for (Pane& pane : panes_) pane.drawn = {};  // its surroundings have the theme's colour
  update();
}

// ---- mouse and keys ----

void LargeView::mousePressEvent(QMouseEvent* event) {
  last_ = event->position();
  drag_side_ = sideAt(last_);
  if (event->button() == Qt::LeftButton && mode_ == Mode::Slider && twoSided() &&
      std::abs(last_.x() - split_ * width()) < kSplitReach) {
    drag_ = Drag::Split;
  } else if (event->button() == Qt::LeftButton || event->button() == Qt::MiddleButton) {
    drag_ = Drag::Pan;
    setCursor(Qt::ClosedHandCursor);
  }
}

void LargeView::mouseMoveEvent(QMouseEvent* event) {
  const QPointF at = event->position(), by = at - std::exchange(last_, at);
  if (drag_ == Drag::Split) {
    split_ = std::clamp(at.x() / std::max(1, width()), 0.0, 1.0);
    update();
  } else if (drag_ == Drag::Pan) {
    LinkedView view = view_;
    view.panBy(by, pictureSize(drag_side_), boxOf(drag_side_));
    setView(view);
  } else {
    const bool at_split = mode_ == Mode::Slider && twoSided() && std::abs(at.x() - split_ * width()) < kSplitReach;
    setCursor(at_split ? Qt::SplitHCursor : Qt::ArrowCursor);
  }
}

void LargeView::mouseReleaseEvent(QMouseEvent*) {
  drag_ = Drag::None;
  unsetCursor();
}

void LargeView::mouseDoubleClickEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton) fit();
}

void LargeView::wheelEvent(QWheelEvent* event) {
  const int side = sideAt(event->position());
  LinkedView view = view_;
  view.zoomAt(event->position(), std::pow(1.25, event->angleDelta().y() / 120.0), pictureSize(side), boxOf(side),
              devicePixelRatioF(), kClosest);
  setView(view);
  event->accept();
}

bool LargeView::event(QEvent* event) {
  if (event->type() == QEvent::ShortcutOverride && is_large_view_key(*static_cast<QKeyEvent*>(event))) {
    event->accept();
    return true;
  }
  return QWidget::event(event);
}

void LargeView::keyPressEvent(QKeyEvent* event) {
  if (!is_large_view_key(*event)) {
    QWidget::keyPressEvent(event);
    return;
  }
  switch (event->key()) {
    case Qt::Key_Left:
      Q_EMIT walkWanted(-1, 0, 0);
      return;
    case Qt::Key_Right:
      Q_EMIT walkWanted(1, 0, 0);
      return;
    case Qt::Key_Up:
      Q_EMIT walkWanted(0, -1, 0);
      return;
    case Qt::Key_Down:
      Q_EMIT walkWanted(0, 1, 0);
      return;
    case Qt::Key_PageUp:
      Q_EMIT walkWanted(0, 0, -1);
      return;
    case Qt::Key_PageDown:
      Q_EMIT walkWanted(0, 0, 1);
      return;
    case Qt::Key_F:
      if (!event->isAutoRepeat()) toggleFlip();
      return;
    case Qt::Key_Escape:
    case Qt::Key_Return:
    case Qt::Key_Enter:
      Q_EMIT closed();
      return;
    default:
      Q_EMIT numberWanted(event->key() - Qt::Key_0);
  }
}

}  // namespace mgdm::ui
