// Finished stems on disk, so that they are there again when their song is: a folder for each run with its tracks
// (32-bit float frames; what was never written takes no room), entry.json and run.json. Any thread.
#pragma once
#include <QDateTime>
#include <QString>
#include <QStringList>
#include <vector>

namespace mgdm::ui {

/// What all of them together may take on disk; the oldest go first, the newest stays whatever it takes.
inline constexpr qint64 kKeptStemBytes = qint64{8} << 30;

struct KeptStems {
  QString folder;
  QString song;  ///< path
  QDateTime when;
  QStringList names;  ///< of the tracks, whose files are NAME.pcm
  int channels = 1, sample_rate = 44100;
  qint64 length = 0;          ///< frames of a track
  qint64 begin = 0, end = 0;  ///< frames that are finished
  QString preset;
  int samples = 0;  ///< that were combined; 0: of an older version
  QString form;     ///< what the page's form said, as JSON; empty: of an older version
  QString record;   ///< run.json; empty: the program ended in that run
  /// Where a run that was stopped goes on (core/runs/separation_state.h).
  QString state() const { return folder + QStringLiteral("/state.safetensors"); }
  bool goesOn() const;
};

/// Values of each stem, [stems][n], beside its tracks. What cannot be written or read is unknown.
void write_spread(const KeptStems& stems, const std::vector<std::vector<float>>& values);
std::vector<std::vector<float>> read_spread(const KeptStems& stems);
/// A new folder for a run, in `root`. Throws MediaError.
QString make_stems_folder(const QString& root);
/// Written as often as more is finished: what there is then survives a crash. Throws MediaError.
void write_kept(const KeptStems& stems);
/// Of all songs where something is finished, newest first.
std::vector<KeptStems> all_kept_stems(const QString& root);
/// Of that song where something is finished, newest first.
std::vector<KeptStems> kept_stems(const QString& root, const QString& song);
/// Keeps under `bytes`, and takes away what never came to anything.
void prune_stems(const QString& root, qint64 bytes = kKeptStemBytes);

}  // namespace mgdm::ui
