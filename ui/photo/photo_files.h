// The photo, its mask and its run files on disk: saved, exported, imported, all on the saver's thread.
#pragma once
#include <QObject>
#include <QString>
#include <functional>

class QSaveFile;
class QUndoStack;
class QWidget;

namespace cv {
class Mat;
}

namespace mgdm::ui {

class Document;
class Saver;

class PhotoFiles : public QObject {
  Q_OBJECT
 public:
  /// Dialogs belong to `window`.
  PhotoFiles(Document* document, QUndoStack* undo, Saver* saver, QWidget* window);

  /// Asks if there are unsaved results; `save` is what saves the photo to a file.
  bool mayLeave(const std::function<void(const QString& file)>& save);
  QString chooseSaveFile();  ///< empty: none
  /// Writes the photo; the format is the extension's. `record` travels inside.
  void save(const QString& file, const QString& record);
  /// Writes a result by itself (CV_16UC3, sRGB): one that is larger than the photo.
  void saveResult(const QString& file, const cv::Mat& result, const QString& record);
  /// A run file: `mgdm restore --replay` does exactly that again.
  void exportRun(const QString& file, const QString& record);
  /// Whether results that are saved say that a model made parts of them; kept from one start to the next.
  bool marks() const;
  void setMarks(bool on);
  /// A mask from any picture by the one rule (core/media/photo_mask.h); stretched to the photo if need be. And the mask
  /// as an 8-bit PNG.
  void importMask(const QString& file);
  void exportMask(const QString& file);
  void useTransparentPart();  ///< of the photo, as its mask
  /// What `notWritten` told of, to another file; empty: one that is asked for.
  void writeElsewhere(const QString& file = {});

 Q_SIGNALS:
  void saved(const QString& file);
  void succeeded();     ///< what was asked for is written
  void savedInPlace();  ///< as the file that was opened
  void status(const QString& words);
  void notice(const QString& words);
  void failed(const QString& message);
  /// A file could not be written (a full disk, a folder that is gone). What should have gone into it is kept, until
  /// something else cannot be written, for `writeElsewhere`; an older file of that name is as it was.
  void notWritten(const QString& why);

 private:
  using Write = std::function<void(const QString& file)>;  ///< on the saver's thread; throws
  /// `done`: answered on this thread once it is written.
  void write(const QString& file, const Write& write, const Write& done);
  void writeBytes(const QString& file, std::function<bool(QSaveFile&)> bytes, const QString& words);

  Document* document_;
  QUndoStack* undo_;
  Saver* saver_;
  QWidget* window_;
  struct Unwritten {
    QString file;
    Write write, done;
  } unwritten_;
};

}  // namespace mgdm::ui
