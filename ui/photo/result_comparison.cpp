#include "ui/photo/result_comparison.h"

#include <QLocale>
#include <QMenu>
#include <QSettings>
#include <algorithm>
#include <memory>
#include <utility>

#include "ui/jobs/saver.h"
#include "ui/photo/canvas.h"
#include "ui/photo/document.h"
#include "ui/photo/history.h"
#include "ui/photo/run_outcome.h"
#include "ui/photo/sample_strip.h"

namespace mgdm::ui {

namespace {
constexpr int kMostEntries = 12;  // in the menu; the list of the history has all
const QString kPaceSetting = QStringLiteral("flip_ms");
}  // namespace

ResultComparison::ResultComparison(Canvas* canvas, SampleStrip* strip, History* history, Document* document,
                                   Saver* saver, QObject* parent)
    : QObject(parent), canvas_(canvas), strip_(strip), history_(history), document_(document), saver_(saver) {
  canvas_->setFlipPace(std::clamp(QSettings().value(kPaceSetting, Canvas::kFlipMs).toInt(), 100, 10000));
  connect(document_, &Document::opened, this, [this] {
    of_strip_ = false;
    entry_.clear();
    ++asked_;
  });
}

void ResultComparison::setPace(int ms) {
  canvas_->setFlipPace(ms);
  QSettings().setValue(kPaceSetting, ms);
}

void ResultComparison::holdPhoto() {
  of_strip_ = false;
  entry_.clear();
  ++asked_;
  canvas_->setAgainst({}, {});
}

void ResultComparison::holdResult(int row) {
  const auto picture = strip_->pictureAt(row);
  if (picture.image.isNull()) return;
  holdPhoto();
  of_strip_ = true;
  canvas_->setAgainst({picture.image, strip_->outcome().area.rect}, picture.name);
  Q_EMIT held();
}

void ResultComparison::outcomeChanged() {
  if (!std::exchange(of_strip_, false) || canvas_->against().isNull()) return;
  canvas_->setAgainst(canvas_->against(), tr("%1 of the run before").arg(canvas_->sideName(false)));
}

QString ResultComparison::whyNot(const HistoryEntry& entry) const {
  if (document_->isEmpty()) return tr("No photo is open.");
  return entry.photo == document_->path() ? QString() : tr("It is of another photo.");
}

void ResultComparison::holdEntry(int row) {
  if (row < 0 || row >= static_cast<int>(history_->entries().size())) return;
  const HistoryEntry entry = history_->entries()[static_cast<size_t>(row)];
  if (!whyNot(entry).isEmpty()) return;
  const auto outcome = std::make_shared<RunOutcome>();
  saver_->post(
      [folder = entry.folder, outcome] { *outcome = History::read(folder); },
      [this, entry, outcome, number = ++asked_](const QString& error) {
        if (number != asked_) return;  // another was chosen since
        if (!error.isEmpty()) {
          Q_EMIT failed(error);
          return;
        }
        const cv::Rect whole(0, 0, document_->size().width(), document_->size().height());
        if ((outcome->area.rect & whole) != outcome->area.rect) {  // pasted ones have no name to tell by
          Q_EMIT failed(tr("That result is of a photo of another size."));
          return;
        }
        const size_t index = entry.favourites.empty() ? 0
                                                      : std::min(static_cast<size_t>(*entry.favourites.begin()),
                                                                 outcome->samples.size() - 1);
        of_strip_ = false;
        entry_ = entry.folder;
        canvas_->setAgainst(
            {outcome->samples[index].image, outcome->area.rect},
            tr("History: %1, %2").arg(entry.title, QLocale().toString(entry.when.time(), QLocale::ShortFormat)));
        Q_EMIT held();
      });
}

void ResultComparison::fill(QMenu* menu) {
  menu->clear();
  menu->setToolTipsVisible(true);
  const bool photo = canvas_->against().isNull();
  const auto choice = [&](QMenu* to, const QString& words, bool on, const QString& why_not, auto chosen) {
    QAction* action = to->addAction(words, this, chosen);
    action->setCheckable(true);
    action->setChecked(on);
    action->setEnabled(why_not.isEmpty());
    action->setToolTip(why_not.isEmpty() ? words : why_not);
  };
  menu->addAction(tr("Hold the result against"))->setEnabled(false);  // what the list is for
  choice(menu, tr("The photo"), photo, {}, [this] { holdPhoto(); });
  const QString now = canvas_->sideName(false);
  for (int row = 0; row < strip_->pictures(); ++row) {
    const auto picture = strip_->pictureAt(row);
    choice(menu, picture.name, !photo && of_strip_ && picture.name == now, picture.why_not,
           [this, row] { holdResult(row); });
  }
  auto* entries = menu->addMenu(tr("A result of the history"));
  entries->setToolTipsVisible(true);
  const auto& all = history_->entries();
  for (int row = 0; row < std::min(kMostEntries, static_cast<int>(all.size())); ++row) {
    const HistoryEntry& entry = all[static_cast<size_t>(row)];
    choice(entries, QStringLiteral("%1, %2").arg(entry.title, QLocale().toString(entry.when, QLocale::ShortFormat)),
           !photo && entry.folder == entry_, whyNot(entry), [this, folder = entry.folder] {
             holdEntry(history_->indexOf(folder));  // the list may be another by now
           });
  }
  entries->setEnabled(!all.empty());
  auto* paces = menu->addMenu(tr("Pace of taking turns"));
  for (const int ms : {300, 600, 1000, 2000})
    choice(paces, tr("%1 s").arg(QLocale().toString(ms / 1000.0)), canvas_->flipPace() == ms, {},
           [this, ms] { setPace(ms); });
}

}  // namespace mgdm::ui
