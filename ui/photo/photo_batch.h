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
  /// After the photo that is on.
  void stop() { stopping_ = true; }

  // What came of it.
  void opened();
  void ran(const RunOutcome& outcome);
  void saved();
  void failed(const QString& why);  ///< the photo; the next is taken
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
  void writeList() const;
  Row& row() { return rows_[static_cast<size_t>(at_)]; }

  std::vector<Row> rows_;
  QString folder_, list_;
  int at_ = -1;
  bool stopping_ = false;
};

}  // namespace mgdm::ui
