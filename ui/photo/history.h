// Finished runs on disk, so that they survive a restart: a folder for each with its samples and their mean in 16 bit,
// their spread, the mask, the iterates and run.json. Oldest go first when there are too many; favourites stay.
#pragma once
#include <QDateTime>
#include <QHash>
#include <QImage>
#include <QObject>
#include <QString>
#include <set>
#include <vector>

#include "ui/photo/run_outcome.h"

namespace mgdm::ui {

/// What of a run is said in the list; 0 and empty where unknown.
struct RunSummary {
  QString sampler, preset;
  double noise = 0, seconds = 0, psnr = 0, ssim = 0, residual = 0;
  int samples = 0;
  bool stopped = false;
};
/// From a run.json; numbers of its first sample.
RunSummary summary_of(const QString& record);

struct HistoryEntry {
  QString folder;
  QString title;
  QString photo;  ///< path of the photo it ran on; empty for the clipboard
  QDateTime when;
  QImage thumbnail;
  bool favourite = false;
  std::set<int> favourites = {};  ///< the samples that were starred
  RunSummary summary = {};
};

class Saver;

class History : public QObject {
  Q_OBJECT
 public:
  /// Reads the list (small files only). A folder that cannot be read is left out, never deleted.
  /// `saver` writes it, and outlives it.
  History(const QString& folder, Saver* saver, QObject* parent = nullptr, int keep = 200);

  const std::vector<HistoryEntry>& entries() const { return entries_; }  ///< newest first
  int indexOf(const QString& folder) const;                              ///< -1: not in the list
  /// Writes in the background; `changed` or `failed` follows. Gives the entry's folder, its name from now on.
  QString add(const RunOutcome& outcome, const QString& title, const QString& photo,
              const std::vector<Frame>& iterates = {});
  void setFavourite(int index, bool favourite);
  /// The starred samples of an entry, also of one that is still being written.
  void setFavourites(const QString& folder, const std::set<int>& favourites);
  /// Takes it out of the list; `removed` follows. It is gone for good with the next one, or when the program ends.
  void remove(int index);
  void putBack();  ///< what was removed last
  /// Reads it in the background; `wasRead` or `failed` follows.
  void show(int index);
  /// Any thread. Throws MediaError.
  static RunOutcome read(const QString& folder);

 Q_SIGNALS:
  void changed();
  void removed(const QString& title);
  void wasRead(const mgdm::ui::HistoryEntry& entry, const mgdm::ui::RunOutcome& outcome,
               const std::vector<mgdm::ui::Frame>& iterates);
  void failed(const QString& message);

 private:
  void prune();
  void erase(int index);
  void write(const HistoryEntry& entry);
  QString folder_, removed_;
  Saver* saver_;
  int keep_;
  std::vector<HistoryEntry> entries_;
  QHash<QString, std::set<int>> starred_;  ///< of entries that are still being written
};

}  // namespace mgdm::ui
