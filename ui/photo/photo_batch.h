// Many photos, one task: opened, run and saved one after the other, with a list of what happened.
#pragma once
#include <QObject>
#include <QString>
#include <QStringList>
#include <vector>

#include "ui/photo/run_outcome.h"

namespace mgdm::ui {

/// It only knows the order: whoever has it does what it asks for, and tells it what came of that.
class PhotoBatch : public QObject {
  Q_OBJECT
 public:
  using QObject::QObject;

  /// Results and the list, `batch.csv`, go into `folder`, which exists; no file there is written over.
  void start(const QStringList& photos, const QString& folder);
  bool on() const { return at_ >= 0; }
  int count() const { return static_cast<int>(rows_.size()); }
  int number() const { return at_ + 1; }  ///< of the photo that is on, from 1
  const QString& list() const { return list_; }
  /// After the photo that is on; at once where it waits.
  void stop();
  /// It waits because the result of the photo that is on could not be written, and why.
  bool waiting() const { return on() && !why_.isEmpty(); }
  const QString& why() const { return why_; }
  /// The result, and those that follow, go into this folder; the list, too, where it cannot be written any more.
  void goOnIn(const QString& folder);

  // What came of it.
  void opened();
  void ran(const RunOutcome& outcome);
  void saved(const QString& file);
  void notSaved(const QString& why);  ///< the batch waits with its result
  void failed(const QString& why);    ///< the photo; the next is taken
  void discarded();

 Q_SIGNALS:
  void openWanted(const QString& photo);
  void runWanted();
  void saveWanted(const QString& file);
  void ended(int done, int failed);

 private:
  struct Row {
    QString photo, result, state, words;
    double seconds = 0, residual = 0;
    quint64 seed = 0;
  };
  void next();
  void end();
  void wantSave();
  bool writeList() const;
  Row& row() { return rows_[static_cast<size_t>(at_)]; }

  std::vector<Row> rows_;
  QString folder_, list_, why_;
  int at_ = -1;
  bool stopping_ = false;
};

}  // namespace mgdm::ui
