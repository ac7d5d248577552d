// Ties the song page to `SongJob`: opens songs, separates them on the worker, brings what forms back as waveforms and
// as tracks that can be listened to, and writes the stems.
//
// Lives on the GUI thread; all its methods and signals are of that thread. Tensors stay on the worker.
#pragma once
#include <QString>
#include <QStringList>
#include <memory>
#include <vector>

#include "core/media/mixdown.h"
#include "core/runs/separation.h"
#include "ui/jobs/job_controller.h"
#include "ui/song/kept_stems.h"
#include "ui/song/peaks.h"
#include "ui/song/song_iterates.h"

namespace mgdm {
class PcmFile;
struct SongInput;
}  // namespace mgdm

namespace mgdm::ui {

struct OpenedSong {
  QString path;
  int sample_rate = 44100, channels = 1;
  int64_t length = 0;   ///< frames
  double clipping = 0;  ///< the level at which it looks cut off; 0: it does not
  std::shared_ptr<const PcmFile> mix;
  std::vector<Peak> peaks;
  QString remarks;  ///< what a person should know of the file: damage, channels; empty: nothing
};

/// Tracks of a run: the stems in the model's order, then "residual" or "mix".
struct SongTracks {
  QStringList names;
  std::vector<std::shared_ptr<const PcmFile>> tracks;
};

/// An iterate of the window that is being sampled.
struct SongFrame {
  SongStretch stretch;
  int window = 0, windows = 0, step = 0, steps = 0, t = 0, tau = 0;
  double residual = 0;     ///< in units of the noise
  double share = 0;        ///< of the whole run that is done
  double seconds = 0;      ///< since the run began
  qint64 evaluations = 0;  ///< forward + backward passes of this window
};

struct SongOutcome {
  bool stopped = false;
  int64_t begin = 0, end = 0;  ///< frames that are finished
  double seconds = 0;
  QString record;  ///< run.json
  QString folder;  ///< where its tracks are kept; empty: nowhere
};

/// What to make of the song.
struct SongWish {
  SeparationRequest request;
  double from = 0, to = -1;                  ///< seconds; to < 0: to the end
  double hiss = 0, clip = 0, bandwidth = 0;  ///< see `SongInput`
  QString start = {};                        ///< folder of stems to start from; empty: none
  QString model = QStringLiteral("band");
  QString form = {};             ///< what is kept with the stems of the page's form
  KeptStems go_on = {};          ///< stems of a run that was stopped, with all of this as it was then; no folder: anew
  QString song = {}, kept = {};  ///< filled in by `SongRuns`: its path, where the stems are kept
};

/// Sound files to be made of the stems that are shown.
struct SoundExport {
  struct File {
    QString path;
    std::vector<std::pair<QString, ChannelGains>> tracks;  ///< that are heard in it, by name
    QString what;                                          ///< behind the song's title in its tags
  };
  std::vector<File> files;
  SoundFormat format;
  int64_t begin = 0, end = -1;  ///< frames, as far as they are finished; end below 0: all that is finished
  QString record = {};          ///< path of run.json; empty: none
};

class SongRuns : public JobController {
  Q_OBJECT
 public:
  explicit SongRuns(QObject* parent = nullptr);
  ~SongRuns() override;

  /// In the background, block by block; `opening` tells how far it is, `opened` or `failed` follows. Runs are of what
  /// is open until then. Of a file that takes longer, `begun` and `grown` give what is read, to be seen and heard.
  void open(const QString& path);
  void cancelOpening();
  /// Stems that were kept, of the open song: `started`, `stretch` and `reopened` follow, or `failed`.
  void showKept(const KeptStems& stems);
  void run(const SongWish& wish);
  /// Ends the newest run without a word; what is finished of it is kept.
  void suspend();
  /// `exported` or `notExported` follows. Where a format cannot hold what is beyond full scale, all files are turned
  /// down alike, and `notice` says by how much.
  void exportTo(const SoundExport& wish);

  /// Replaces the installed model; for tests.
  void setBand(std::shared_ptr<const BandPrior> band);
  /// Folder for tracks that are being made; the system's cache folder by default.
  void setFolder(const QString& folder) { folder_ = folder; }
  /// Seconds that a file may take before `begun`.
  void setShownAfter(double seconds) { shown_after_ = seconds; }
  /// Folder in which the stems of runs are kept; empty: they are not.
  void setKept(const QString& root) { kept_ = root; }
  const QString& kept() const { return kept_; }
  const QString& folder() const { return folder_; }
  /// Of the newest run, as it goes on.
  std::shared_ptr<const SongIterates> iterates() const { return iterates_; }

 Q_SIGNALS:
  void opening(double share);  ///< of the file that is read; below 0: nobody knows
  /// Its length is what the file says; of the peaks there are only some, and its track is not complete.
  void begun(const mgdm::ui::OpenedSong& song);
  void grown(const mgdm::ui::SongStretch& more);
  void opened(const mgdm::ui::OpenedSong& song);
  void started(const mgdm::ui::SongTracks& tracks);
  void iterate(const mgdm::ui::SongFrame& frame);
  void stretch(const mgdm::ui::SongStretch& stretch);
  void spread(const mgdm::ui::SongSpread& spread);
  void finished(const mgdm::ui::SongOutcome& outcome);
  void reopened(const mgdm::ui::KeptStems& stems);
  void exported(const QStringList& files);
  /// How far the stems together are from the song, in dB, where they should be it; -infinity: they are.
  void summed(double decibels);
  void notExported(const QString& why);  ///< a file could not be written; the stems are all there
  void notice(const QString& words);     ///< a way out of a failure that was taken

 private:
  struct Shared;
  void separate(const SongWish& wish, const Reply& reply, const std::stop_token& stop);  // on the worker
  SongOutcome ended(const SeparationResult& result);
  SongOutcome watch(const SongInput& input, const SongWish& wish, const Reply& reply, const std::stop_token& stop);

  void runDiscarded();
  void addUp();

  QString folder_, kept_;
  double shown_after_ = 0.4;
  OpenedSong song_;
  std::shared_ptr<Shared> shared_;
  std::shared_ptr<SongIterates> iterates_;
};

}  // namespace mgdm::ui
