// What of a run is chosen: the samples that go on while it is on, the result that goes into the photo, and what it is
// held against.
#include <QAction>
#include <QFileInfo>
#include <QMenu>
#include <QToolBar>
#include <QToolButton>
#include <QUndoStack>

#include "core/operators/tasks.h"
#include "core/runs/run_request.h"
#include "ui/photo/canvas.h"
#include "ui/photo/document.h"
#include "ui/photo/history.h"
#include "ui/photo/inspector.h"
#include "ui/photo/photo_batch.h"
#include "ui/photo/photo_page.h"
#include "ui/photo/photo_runs.h"
#include "ui/photo/result_comparison.h"
#include "ui/photo/sample_strip.h"
#include "ui/photo/task_panel.h"
#include "ui/photo/timeline.h"
#include "ui/widgets/message_bar.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

void PhotoPage::connectChoosing() {
  connect(strip_, &SampleStrip::compareWanted, comparison_, &ResultComparison::holdResult);
  connect(comparison_, &ResultComparison::failed, this, &PhotoPage::showMessage);
  connect(comparison_, &ResultComparison::held, this, [this] {
    message_->hide();
    if (canvas_->compare() == Canvas::Compare::None) actions_["slider"]->setChecked(true);
  });
  connect(strip_, &SampleStrip::goOnWanted, this, &PhotoPage::goOnWith);
  connect(runs_, &PhotoRuns::choosing, this, [this] {
    message_->showNotice(
        tr("A third is done: mark the good results with the star (F) and go on with those. P goes on with all."));
  });
  connect(runs_, &PhotoRuns::pausedChanged, message_, [this](bool paused) {
    if (!paused) message_->hide();
  });
}

// A person has seen enough of the others: the rest of the run is computed for these alone.
void PhotoPage::goOnWith(const std::set<int>& samples) {
  if (!runs_->busy() || samples.empty()) return;
  message_->hide();
  const RunRequest request = panel_->request();
  if (!timeline_->frames().empty()) pace_ = Pace{timeline_->frames().back().share, timeline_->frames().back().seconds};
  timeline_->follow(true);
  runs_->setWatched(0);
  Q_EMIT status(tr("Going on with %n result(s)…", nullptr, static_cast<int>(samples.size())));
  runs_->goOnWith(request, samples);
  updateState();
}

// What the result is held against, beside the buttons that show it.
void PhotoPage::addComparison(QToolBar* bar) {
  auto* button = new QToolButton;
  button->setObjectName(QStringLiteral("compare_against"));
  button->setText(QStringLiteral("▾"));  // belongs to the three beside it
  button->setToolTip(tr("What the result is held against: the photo, another result, one of the history"));
  button->setAccessibleName(tr("Held against"));
  button->setPopupMode(QToolButton::InstantPopup);
  auto* menu = new QMenu(button);
  connect(menu, &QMenu::aboutToShow, this, [this, menu] { comparison_->fill(menu); });
  button->setMenu(menu);
  bar->addWidget(button);
}

// ---- choosing a result ----

QString PhotoPage::nameOf(const RunOutcome& outcome) const {
  Settings ignored = Settings::object();
  try {
    return spoken(find_task(outcome.task, ignored).label);
  } catch (const SettingError&) {
    return text(outcome.task);  // of another version
  }
}

void PhotoPage::showOutcome(const RunOutcome& outcome) {
  finished_parts_.clear();
  canvas_->setFinished({});
  canvas_->setRunMask({});
  accepted_ = false;
  mask_changed_in_run_ = false;
  timeline_->follow(false);
  run_area_ = outcome.area;
  const std::set<int> marks = strip_->marks();
  comparison_->outcomeChanged();
  strip_->showOutcome(outcome, marks);
  QString words = outcome.stopped
                      ? tr("Stopped after %1 s; the latest estimate is kept").arg(outcome.seconds, 0, 'f', 1)
                      : tr("Done in %1 s").arg(outcome.seconds, 0, 'f', 1);
  const Sample& first = outcome.samples.front();
  if (first.psnr > 0) words += tr(", PSNR %1 dB, SSIM %2").arg(first.psnr, 0, 'f', 1).arg(first.ssim, 0, 'f', 3);
  Q_EMIT status(words + '.');
  message_->settle();
  RunOutcome kept = outcome;
  kept.form = run_form_;
  entry_ = history_->add(kept, tr("%1, seed %2").arg(nameOf(outcome)).arg(outcome.seed), document_->path(),
                         timeline_->frames());
  if (!marks.empty()) history_->setFavourites(entry_, marks);
  updateState();
  batch_->ran(outcome);
}

void PhotoPage::acceptSample() {
  if (runs_->busy()) return;
  const RunOutcome& outcome = strip_->outcome();
  const Frame* frame = iterate_shown_ ? timeline_->current() : nullptr;
  if (frame != nullptr && frame->reduced) {
    showNotice(
        frame->linear
            ? tr("This step is only kept as a preview. Branch from it to have it as the model makes it.")
            : tr("This step is only kept in a smaller size. Branch from it to have it at the photo's own pixels."));
    return;
  }
  Sample iterate;
  if (frame != nullptr) {  // where it is transparent the photo is, so that nothing dark bleeds in from there
    const cv::Rect& r = frame->area;
    iterate = sample_of(frame->samples[static_cast<size_t>(frame->watched)],
                        document_->pyramid().front().copy(r.x, r.y, r.width, r.height));
  }
  const Sample* chosen = frame != nullptr ? &iterate : strip_->sample();
  if (chosen == nullptr) return;
  if (outcome.enlarged) {
    const QFileInfo from(document_->path());
    const QString base = from.completeBaseName().isEmpty() ? document_->name() : from.completeBaseName();
    runs_->openResult(chosen->deep, tr("%1_enlarged").arg(base.isEmpty() ? tr("photo") : base));
    return;
  }
  const QString name = frame != nullptr
                           ? tr("Step %1 of %2, %3").arg(frame->step).arg(frame->steps).arg(nameOf(outcome))
                       : strip_->meanSelected() ? tr("Mean of %n result(s)", nullptr, strip_->selected())
                                                : tr("Result %1, %2").arg(strip_->selected() + 1).arg(nameOf(outcome));
  undo_->beginMacro(Document::tr("putting the sample in"));
  if (frame != nullptr) {
    const QSize size = chosen->image.size();
    document_->accept(chosen->deep, {frame->area, size.width(), size.height()}, outcome.mask, outcome.masked, name);
  } else if (outcome.weight.empty()) {
    document_->accept(chosen->deep, outcome.area, outcome.mask, outcome.masked, name);
  } else {
    document_->accept(chosen->deep, outcome.weight, outcome.area, name);
  }
  if (outcome.masked && !document_->maskEmpty()) actions_["clear"]->trigger();
  undo_->endMacro();
  accepted_ = true;
  // What is seen stays until the photo itself shows it.
  if (document_->settling()) {
    connect(
        document_, &Document::photoChanged, canvas_, [this] { canvas_->setOverlay({}); }, Qt::SingleShotConnection);
  } else {
    canvas_->setOverlay({});
  }
  Q_EMIT status(tr("The result is in the photo as a layer. Save writes it; Undo takes it out again."));
  updateState();
}

}  // namespace mgdm::ui
