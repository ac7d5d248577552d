#include "ui/photo/photo_files.h"

#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QImage>
#include <QMessageBox>
#include <QSaveFile>
#include <QSettings>
#include <QUndoStack>

#include "core/media/photo_mask.h"
#include "ui/jobs/saver.h"
#include "ui/photo/document.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

namespace {

QImage mask_image(const cv::Mat& mask) {
  if (mask.empty()) return {};
  return QImage(mask.data, mask.cols, mask.rows, static_cast<qsizetype>(mask.step), QImage::Format_Grayscale8).copy();
}

const QString kMarkSetting = QStringLiteral("model_mark");

}  // namespace

PhotoFiles::PhotoFiles(Document* document, QUndoStack* undo, Saver* saver, QWidget* window)
    : QObject(window), document_(document), undo_(undo), saver_(saver), window_(window) {}

bool PhotoFiles::mayLeave(const std::function<void(const QString& file)>& save) {
  if (!document_->unsaved()) return true;
  QMessageBox box(QMessageBox::Question, tr("MGDM Studio"), tr("Save the results first?"),
                  QMessageBox::Save | QMessageBox::Discard | QMessageBox::Cancel, window_);
  box.setInformativeText(
      tr("The photo holds results that were not saved. The samples themselves stay in the history."));
  switch (box.exec()) {
    case QMessageBox::Save:
      if (const QString file = chooseSaveFile(); !file.isEmpty()) {
        save(file);
        saver_->wait();
      }
      return !document_->unsaved();
    case QMessageBox::Discard:
      return true;
    default:
      return false;
  }
}

QString PhotoFiles::chooseSaveFile() {
  const QFileInfo photo(document_->path());
  const QString suffix = photo.suffix().isEmpty() ? QStringLiteral("png") : photo.suffix().toLower();
  const QString base = !document_->name().isEmpty()         ? document_->name()
                       : photo.completeBaseName().isEmpty() ? tr("restored")
                                                            : photo.completeBaseName() + tr("_restored");
  const QString name = base + '.' + suffix;
  QString file = QFileDialog::getSaveFileName(
      window_, tr("Save the photo"),
      QSettings().value(QStringLiteral("folder"), QDir::homePath()).toString() + '/' + name,
      tr("Pictures (*.png *.jpg *.tif *.webp)"));
  if (!file.isEmpty() && QFileInfo(file).suffix().isEmpty()) file += QStringLiteral(".png");
  return file;
}

bool PhotoFiles::marks() const { return QSettings().value(kMarkSetting, true).toBool(); }

void PhotoFiles::setMarks(bool on) { QSettings().setValue(kMarkSetting, on); }

void PhotoFiles::write(const QString& file, const Write& write, const Write& done) {
  Q_EMIT status(tr("Saving %1…").arg(QFileInfo(file).fileName()));
  saver_->post([file, write] { write(file); },
               [this, file, write, done](const QString& error) {
                 if (!error.isEmpty()) {
                   unwritten_ = {file, write, done};
                   Q_EMIT notWritten(error);
                   return;
                 }
                 unwritten_ = {};
                 Q_EMIT succeeded();
                 Q_EMIT status(tr("Saved to %1.").arg(file));
                 done(file);
               });
}

void PhotoFiles::writeElsewhere(const QString& file) {
  if (!unwritten_.write) return;
  const Unwritten again = unwritten_;
  const QFileInfo wanted(again.file);
  const QString chosen = !file.isEmpty() ? file
                                         : QFileDialog::getSaveFileName(window_, tr("Save to another place"),
                                                                        QDir::homePath() + '/' + wanted.fileName(),
                                                                        QStringLiteral("*.%1").arg(wanted.suffix()));
  if (!chosen.isEmpty()) write(chosen, again.write, again.done);
}

void PhotoFiles::save(const QString& file, const QString& record) {
  const int step = undo_->index();
  write(
      file,
      [photo = document_->photo(), record = record.toStdString(), mark = marks()](const QString& to) {
        write_photo(to.toStdString(), *photo, record, mark && !record.empty());
      },
      [this, step, layers = document_->layers()](const QString& to) {
        if (undo_->index() == step && document_->layers() == layers) {
          document_->markSaved();
          if (QFileInfo(to) == QFileInfo(document_->path())) Q_EMIT savedInPlace();
        }
        Q_EMIT saved(to);
      });
}

void PhotoFiles::saveResult(const QString& file, const cv::Mat& result, const QString& record) {
  write(
      file,
      [result, record = record.toStdString(), mark = marks()](const QString& to) {
        Photo photo;
        photo.pixels = result;
        write_photo(to.toStdString(), photo, record, mark);
      },
      [this](const QString& to) { Q_EMIT saved(to); });
}

void PhotoFiles::writeBytes(const QString& file, std::function<bool(QSaveFile&)> bytes, const QString& words) {
  write(
      file,
      [bytes = std::move(bytes)](const QString& to) {
        QSaveFile out(to);
        if (!out.open(QIODevice::WriteOnly) || !bytes(out) || !out.commit())
          throw MediaError(tr("%1 cannot be written: %2").arg(to, out.errorString()).toStdString());
      },
      [this, words](const QString& to) {
        if (!words.isEmpty()) Q_EMIT status(words.arg(to));
      });
}

void PhotoFiles::exportRun(const QString& file, const QString& record) {
  if (file.isEmpty()) return;
  writeBytes(
      file, [bytes = record.toUtf8()](QSaveFile& out) { return out.write(bytes) == bytes.size(); },
      tr("Saved to %1; \"mgdm restore --replay\" does exactly that again."));
}

void PhotoFiles::exportMask(const QString& file) {
  if (file.isEmpty()) return;
  writeBytes(file, [mask = document_->mask()](QSaveFile& out) { return mask.save(&out, "PNG"); }, {});
}

void PhotoFiles::useTransparentPart() {
  const auto read = std::make_shared<QImage>();
  saver_->post([read, photo = document_->photo()] { *read = mask_image(transparent_part(*photo)); },
               [this, read](const QString&) {
                 if (read->size() == document_->size())
                   document_->replaceMask(*read, tr("the transparent part as mask"));
               });
}

void PhotoFiles::importMask(const QString& file) {
  if (file.isEmpty()) return;
  struct Read {
    QImage mask;
    QString warning;
  };
  const auto read = std::make_shared<Read>();
  saver_->post(
      [file, read, photo = document_->photo()] {
        const PhotoMask mask = read_photo_mask(file.toStdString());
        read->mask = mask_image(photo != nullptr ? oriented_as(*photo, mask) : mask.mask);
        read->warning = spoken_sentence(QString::fromStdString(mask.warning));
      },
      [this, file, read](const QString& error) {
        if (!error.isEmpty()) {
          Q_EMIT failed(error);
          return;
        }
        Q_EMIT succeeded();
        QImage mask = read->mask;
        if (!read->warning.isEmpty()) Q_EMIT notice(tr("%1: %2.").arg(QFileInfo(file).fileName(), read->warning));
        if (mask.size() != document_->size()) {
          Q_EMIT notice(
              tr("The mask was %1 × %2 and has been stretched to the photo.").arg(mask.width()).arg(mask.height()));
          mask = mask.scaled(document_->size());
        }
        document_->replaceMask(mask, tr("importing a mask"));
      });
}

}  // namespace mgdm::ui
