#include "ui/photo/photo_files.h"

#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QImage>
#include <QMessageBox>
#include <QSaveFile>
#include <QSettings>
#include <QUndoStack>
#include <algorithm>

#include "core/media/photo_file.h"
#include "ui/jobs/saver.h"
#include "ui/photo/document.h"

namespace mgdm::ui {

namespace {

/// Where transparency varies the mask is in it (IOPaint, GIMP), else in the brightness.
QImage mask_in(const QImage& picture) {
  if (!picture.hasAlphaChannel()) return picture;
  const QImage alpha = picture.convertToFormat(QImage::Format_Alpha8);
  const uchar first = alpha.constScanLine(0)[0];
  for (int y = 0; y < alpha.height(); ++y) {
    if (std::any_of(alpha.constScanLine(y), alpha.constScanLine(y) + alpha.width(),
                    [first](uchar v) { return v != first; }))
      return QImage(alpha.constBits(), alpha.width(), alpha.height(), alpha.bytesPerLine(), QImage::Format_Grayscale8)
          .copy();
  }
  return picture;
}

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

void PhotoFiles::save(const QString& file, const QString& record) {
  Q_EMIT status(tr("Saving %1…").arg(QFileInfo(file).fileName()));
  const int step = undo_->index();
  saver_->post([file, photo = document_->photo(),
                record = record.toStdString()] { write_photo(file.toStdString(), *photo, record); },
               [this, file, step, layers = document_->layers()](const QString& error) {
                 if (!error.isEmpty()) {
                   Q_EMIT failed(error);
                   return;
                 }
                 if (undo_->index() == step && document_->layers() == layers) {
                   document_->markSaved();
                   if (QFileInfo(file) == QFileInfo(document_->path())) Q_EMIT savedInPlace();
                 }
                 Q_EMIT succeeded();
                 Q_EMIT status(tr("Saved to %1.").arg(file));
                 Q_EMIT saved(file);
               });
}

void PhotoFiles::saveResult(const QString& file, const cv::Mat& result, const QString& record) {
  Q_EMIT status(tr("Saving %1…").arg(QFileInfo(file).fileName()));
  saver_->post(
      [file, result, record = record.toStdString()] {
        Photo photo;
        photo.pixels = result;
        write_photo(file.toStdString(), photo, record);
      },
      [this, file](const QString& error) {
        if (!error.isEmpty()) {
          Q_EMIT failed(error);
          return;
        }
        Q_EMIT succeeded();
        Q_EMIT status(tr("Saved to %1.").arg(file));
        Q_EMIT saved(file);
      });
}

void PhotoFiles::write(const QString& file, std::function<bool(QSaveFile&)> write, const QString& done) {
  saver_->post(
      [file, write = std::move(write)] {
        QSaveFile out(file);
        if (!out.open(QIODevice::WriteOnly) || !write(out) || !out.commit())
          throw MediaError(tr("%1 cannot be written: %2").arg(file, out.errorString()).toStdString());
      },
      [this, done](const QString& error) {
        if (error.isEmpty()) {
          Q_EMIT succeeded();
          Q_EMIT status(done);
        } else {
          Q_EMIT failed(error);
        }
      });
}

void PhotoFiles::exportRun(const QString& file, const QString& record) {
  if (file.isEmpty()) return;
  write(
      file, [bytes = record.toUtf8()](QSaveFile& out) { return out.write(bytes) == bytes.size(); },
      tr("Saved to %1; \"mgdm restore --replay\" does exactly that again.").arg(file));
}

void PhotoFiles::exportMask(const QString& file) {
  if (file.isEmpty()) return;
  write(
      file, [mask = document_->mask()](QSaveFile& out) { return mask.save(&out, "PNG"); },
      tr("Saved to %1.").arg(file));
}

void PhotoFiles::importMask(const QString& file) {
  if (file.isEmpty()) return;
  const auto read = std::make_shared<QImage>();
  saver_->post(
      [file, read] {
        const QImage picture(file);
        if (!picture.isNull()) *read = mask_in(picture);
      },
      [this, file, read](const QString&) {
        QImage mask = *read;
        if (mask.isNull()) {
          Q_EMIT failed(tr("%1 is not a picture that can be read.").arg(file));
          return;
        }
        if (mask.size() != document_->size()) {
          Q_EMIT notice(
              tr("The mask was %1 × %2 and has been stretched to the photo.").arg(mask.width()).arg(mask.height()));
          mask = mask.scaled(document_->size());
        }
        document_->replaceMask(mask, tr("importing a mask"));
      });
}

}  // namespace mgdm::ui
