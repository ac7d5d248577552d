// Finished runs on disk, so that they survive a restart: a folder for each with its samples in 16 bit, the
// mask and run.json. Oldest go first when there are too many; favourites stay.
#pragma once
#include <QDateTime>
#include <QImage>
#include <QObject>
#include <QString>
#include <vector>

#include "ui/run_controller.h"

namespace mgdm::ui {

struct HistoryEntry {
  QString folder;
  QString title;
  QString photo;  ///< path of the photo it ran on; empty for the clipboard
  QDateTime when;
  QImage thumbnail;
  bool favourite = false;
};

class History : public QObject {
  Q_OBJECT
 public:
  /// Reads the list (small files only). A folder that cannot be read is left out, never deleted.
  explicit History(const QString& folder, QObject* parent = nullptr, int keep = 200);
  ~History() override;  ///< waits for what is still being written

  const std::vector<HistoryEntry>& entries() const { return entries_; }  ///< newest first
  /// Writes in the background; `added` or `failed` follows.
  void add(const RunOutcome& outcome, const QString& title, const QString& photo);
  void setFavourite(int index, bool favourite);
  void remove(int index);
  /// Any thread. Throws MediaError.
  static RunOutcome read(const QString& folder);

 Q_SIGNALS:
  void changed();
  void failed(const QString& message);

 private:
  void prune();
  static void writeInfo(const HistoryEntry& entry);
  QString folder_;
  int keep_;
  std::vector<HistoryEntry> entries_;
};

}  // namespace mgdm::ui
