// The photo page going through many photos by itself.
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QSettings>

#include "ui/photo/document.h"
#include "ui/photo/photo_batch.h"
#include "ui/photo/photo_files.h"
#include "ui/photo/photo_page.h"
#include "ui/photo/photo_runs.h"
#include "ui/photo/sample_strip.h"
#include "ui/photo/task_panel.h"
#include "ui/widgets/message_bar.h"

namespace mgdm::ui {

void PhotoPage::connectBatch() {
  batch_ = new PhotoBatch(this);
  connect(batch_, &PhotoBatch::openWanted, runs_, &PhotoRuns::openPhoto);
  connect(batch_, &PhotoBatch::runWanted, this, &PhotoPage::runInBatch);
  connect(batch_, &PhotoBatch::saveWanted, this, [this](const QString& file) {
    if (strip_->outcome().enlarged) {
      files_->saveResult(file, strip_->sample()->deep, strip_->outcome().record);
    } else {
      saveTo(file);
    }
  });
  connect(batch_, &PhotoBatch::ended, this, [this](int done, int failed) {
    const QString words = tr("%n photo(s) restored", nullptr, done) +
                          (failed > 0 ? tr(", %n failed", nullptr, failed) : QString()) +
                          tr(". What happened is in %1.").arg(batch_->list());
    message_->showNotice(words);
    Q_EMIT status(words);
    batch_mask_ = {};
  });
  connect(runs_, &PhotoRuns::estimated, batch_, &PhotoBatch::opened);  // the form knows of the new photo by then
  connect(runs_, &PhotoRuns::failed, batch_, &PhotoBatch::failed);
  connect(runs_, &PhotoRuns::discarded, batch_, &PhotoBatch::discarded);
  connect(files_, &PhotoFiles::saved, batch_, &PhotoBatch::saved);
}

// The result stays in the photo that is open; the batch waits for a place to put it, or to be ended.
void PhotoPage::offerBatchFolder(const QString& why) {
  batch_->notSaved(why);
  message_->showMessage(tr("%1. The result is kept and the queue waits.").arg(why), tr("Another folder…"), [this] {
    const QString folder = QFileDialog::getExistingDirectory(this, tr("Folder for the results"), QDir::homePath());
    if (!folder.isEmpty()) {
      QSettings().setValue(QStringLiteral("batch_folder"), folder);
      batch_->goOnIn(folder);
    } else {
      offerBatchFolder(batch_->why());
    }
  });
}

void PhotoPage::chooseBatch(const QStringList& files) {
  QStringList photos;
  for (const QString& file : files) {
    if (canOpen(file)) photos << file;
  }
  if (photos.isEmpty() || batch_->on() || !mayEndRun(tr("A run is still on. Begin with the queue?"), {}, [] {}) ||
      !files_->mayLeave([this](const QString& file) { saveTo(file); }))
    return;
  if (panel_->needsMask() && document_->maskEmpty()) {
    showMessage(
        tr("Paint what should be filled first: the same part is filled in every photo of this size. Or choose a "
           "task that needs no mask."));
    return;
  }
  QSettings settings;
  const QString folder = QFileDialog::getExistingDirectory(
      this, tr("Folder for the results"), settings.value(QStringLiteral("batch_folder"), QDir::homePath()).toString());
  if (folder.isEmpty()) return;
  settings.setValue(QStringLiteral("batch_folder"), folder);
  startBatch(photos, folder);
}

void PhotoPage::startBatch(const QStringList& photos, const QString& folder) {
  message_->hide();
  batch_mask_ = panel_->needsMask() ? document_->mask() : QImage();
  batch_->start(photos, folder);
}

// The form says what to do; the mask that was painted when the batch began serves for all photos of its size.
void PhotoPage::runInBatch() {
  if (!batch_mask_.isNull()) {
    if (batch_mask_.size() != document_->size()) {
      batch_->failed(tr("The photo is %1 × %2, the mask %3 × %4.")
                         .arg(document_->size().width())
                         .arg(document_->size().height())
                         .arg(batch_mask_.width())
                         .arg(batch_mask_.height()));
      return;
    }
    document_->replaceMask(batch_mask_, tr("the batch's mask"));
  }
  startRun();
  if (!runs_->busy()) batch_->failed(message_->text());  // it said why not
}

}  // namespace mgdm::ui
