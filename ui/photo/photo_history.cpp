// Finished runs of the photo page that are shown again.
#include <QFile>
#include <QFileInfo>

#include "core/files/json_text.h"
#include "core/operators/tasks.h"
#include "core/runs/run_request.h"
#include "ui/photo/canvas.h"
#include "ui/photo/document.h"
#include "ui/photo/history.h"
#include "ui/photo/inspector.h"
#include "ui/photo/photo_page.h"
#include "ui/photo/photo_runs.h"
#include "ui/photo/result_comparison.h"
#include "ui/photo/sample_strip.h"
#include "ui/photo/task_panel.h"
#include "ui/photo/timeline.h"
#include "ui/widgets/message_bar.h"
#include "ui/widgets/plot.h"

namespace mgdm::ui {

namespace {

/// What the form said when that was asked for, of a run that was kept without it.
nlohmann::json form_of(const RunRequest& request, const std::string& preset) {
  Settings ignored = Settings::object();
  const bool fill = find_task(request.task, ignored).needs_mask;
  const Way way = fill ? Way::Fill : request.observed ? Way::Repair : Way::Try;
  return {{"way", static_cast<int>(way)},
          {"task", request.task},
          {"model", request.prior},
          {"prior_settings", request.prior_settings},
          {"task_settings", request.task_settings},
          {"sampler", request.sampler},
          {"settings", request.sampler_settings},
          {"preset", preset},
          {"noise", request.noise},
          {"noise_law", request.noise_law},
          {"outliers", request.outliers},
          {"samples", request.samples},
          {"seed", request.seed}};
}

}  // namespace

void PhotoPage::showHistory(int row) {
  if (row < 0 || row >= static_cast<int>(history_->entries().size()) || runs_->busy()) return;
  const HistoryEntry& entry = history_->entries()[static_cast<size_t>(row)];
  if (entry.photo == document_->path()) {
    history_->show(row);
  } else if (entry.photo.isEmpty() || !QFile::exists(entry.photo)) {
    showMessage(tr("The photo of that run is not there any more: %1")
                    .arg(entry.photo.isEmpty() ? tr("it came from the clipboard") : entry.photo));
  } else {
    wanted_entry_ = entry.folder;
    open(entry.photo);
  }
}

void PhotoPage::showEntry(const HistoryEntry& entry, const RunOutcome& outcome, const std::vector<Frame>& iterates) {
  if (runs_->busy() || entry.photo != document_->path()) return;  // something else is seen by now
  message_->hide();
  restoreRun(outcome);
  inspector_->clear();
  timeline_->showKept(iterates);
  for (const Frame& f : iterates) inspector_->plot()->append(f.residual, f.steps * std::max(1, f.gibbs));
  if (!iterates.empty()) inspector_->show(iterates.back());
  accepted_ = false;
  entry_ = entry.folder;
  run_area_ = outcome.area;
  comparison_->outcomeChanged();
  strip_->showOutcome(outcome, entry.favourites);
  Q_EMIT status(tr("From the history: %1").arg(entry.title));
  updateState();
}

QString PhotoPage::form() const {
  nlohmann::json form = panel_->session();
  form["area"] = area_json(document_->area());
  form["detail"] = document_->detail();
  return QString::fromStdString(json_text(form));
}

// Settings, mask and working area, as far as this version and this photo know them.
void PhotoPage::restoreRun(const RunOutcome& outcome) {
  const QSize size = document_->size();
  try {
    auto form = parse_json(outcome.form.toStdString());
    if (!form.is_object()) {
      const auto record = parse_json(outcome.record.toStdString());
      form = form_of(record.at("request").get<RunRequest>(), record.value("preset", ""));
      const auto& files = record.at("files");
      const cv::Size photo(size.width(), size.height());
      WorkingArea area{{{0, 0}, photo}, photo.width, photo.height};  // all of it, at its own pixels
      if (files.contains("part")) {
        area = area_from_json(files["part"], photo);
      } else if (files.contains("area")) {
        const WorkingArea seen = area_from_json(files["area"], photo);
        if (seen.scale() != 1) area = seen;
      }
      form["area"] = area_json(area);
    }
    panel_->restoreModel(form);
    document_->setDetail(form.value("detail", document_->detail()));
    if (form.contains("area")) document_->setArea(area_from_json(form["area"], {size.width(), size.height()}));
    panel_->restore(form);
    if (outcome.masked && outcome.mask.size() == size && outcome.mask != document_->mask())
      document_->replaceMask(outcome.mask, tr("a mask from the history"));
  } catch (const std::exception&) {
    message_->showNotice(tr("That run's settings could be put back only in part."));
  }
}

void PhotoPage::entryRemoved(const QString& title) {
  message_->showNotice(tr("Deleted from the history: %1.").arg(title), tr("Put it back"),
                       [this] { history_->putBack(); });
}

}  // namespace mgdm::ui
