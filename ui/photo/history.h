// Finished runs on disk, so that they survive a restart: a folder for each with its samples in 16 bit, the
// mask and run.json. Oldest go first when there are too many; favourites stay.
#pragma once
#include <QDateTime>
#include <QImage>
#include <QObject>
#include <QString>
#include <vector>

#include "ui/photo/run_outcome.h"

namespace mgdm::ui {

struct HistoryEntry {
  QString folder;
  QString title;
  QString photo;  ///< path of the photo it ran on; empty for the clipboard
  QDateTime when;
  QImage thumbnail;
  bool favourite = false;
};

class Saver;

class History : public QObject {
  Q_OBJECT
 public:
  /// Reads the list (small files only). A folder that cannot be read is left out, never deleted.
  /// `saver` writes it, and outlives it.
  History(const QString& folder, Saver* saver, QObject* parent = nullptr, int keep = 200);

  const std::vector<HistoryEntry>& entries() const { return entries_; }  ///< newest first
  /// Writes in the background; `changed` or `failed` follows.
  void add(const RunOutcome& outcome, const QString& title, const QString& photo);
  void setFavourite(int index, bool favourite);
  void remove(int index);
  /// Reads it in the background; `wasRead` or `failed` follows.
  void show(int index);
  /// Any thread. Throws MediaError.
  static RunOutcome read(const QString& folder);

 Q_SIGNALS:
  void changed();
  void wasRead(const mgdm::ui::HistoryEntry& entry, const mgdm::ui::RunOutcome& outcome);
  void failed(const QString& message);

 private:
  void prune();
  void erase(int index);
  QString folder_;
  Saver* saver_;
  int keep_;
  std::vector<HistoryEntry> entries_;
};

}  // namespace mgdm::ui
