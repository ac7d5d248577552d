// Photo, mask, area, layers and settings as they were when the program ended, however it ended.
#pragma once
#include <QObject>
#include <QString>
#include <memory>

#include "ui/photo/document.h"

class QTimer;

namespace mgdm::ui {

class Saver;
class TaskPanel;

class PhotoSession : public QObject {
  Q_OBJECT
 public:
  /// Its files lie in `folder`.
  PhotoSession(Document* document, TaskPanel* panel, Saver* saver, const QString& folder, QObject* parent);
  ~PhotoSession() override;

  /// Something changed: it is written a second after the last change.
  void remember();
  void save();
  /// The photo's own file holds the layers that there are now.
  void layersAreInFile();
  void forgetFile() { in_file_.clear(); }  ///< another photo is open

  /// Reads the last session; `found` says which photo is to be opened for it. False if there is none.
  bool read();
  /// After a photo was opened: puts the session that was read into it, if it is its photo. True: done.
  bool apply();

 Q_SIGNALS:
  void found(const QString& photo);
  void incomplete();  ///< it could be reopened only in part

 private:
  struct Read;
  void saveLayers();

  Document* document_;
  TaskPanel* panel_;
  Saver* saver_;
  QString folder_;
  QTimer* timer_;
  Layers written_, in_file_;  ///< kept in the session's folder; already in the photo's own file
  std::shared_ptr<Read> read_;
  bool applying_ = false;
};

}  // namespace mgdm::ui
