// Ties the photo page to `RunSession`: opens photos, runs jobs on the worker, brings iterates back as images.
//
// Lives on the GUI thread; all its methods and signals are of that thread. Tensors stay on the worker.
#pragma once
#include <QString>
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <set>

#include "core/threads/worker.h"
#include "ui/jobs/job_controller.h"
#include "ui/photo/run_outcome.h"

class QImage;

namespace mgdm {
struct BranchPoint;
struct FallBack;
struct PhotoObserver;
struct PhotoSource;
struct Prior;
struct RunRequest;
}  // namespace mgdm

namespace mgdm::ui {

class Document;
struct LoadedPhoto;

/// A photo that could be read, and what can be guessed of it.
struct ReadPhoto {
  std::shared_ptr<LoadedPhoto> photo;
  Estimate estimate;
};

class PhotoRuns : public JobController {
  Q_OBJECT
 public:
  explicit PhotoRuns(Document* document, QObject* parent = nullptr);
  ~PhotoRuns() override;

  /// Reads a photo in the background, beside a run that is on; `photoRead` or `failed` follows.
  void openPhoto(const QString& path);
  /// The same for an image that is already in memory (clipboard).
  void openImage(const QImage& image);
  /// The same for a result (CV_16UC3, sRGB) that becomes a photo of its own, unsaved and with a name.
  void openResult(const cv::Mat& deep, const QString& name);
  /// What was read takes the place of the open photo; a run that is on is discarded. `photoOpened` follows.
  void take(const ReadPhoto& read);
  /// Runs on the document's working area and mask.
  void run(const RunRequest& request);
  /// Goes on from an iterate of the newest run, which ends if it is still on, with another seed, mask or
  /// setting.
  void branch(const RunRequest& request, const BranchPoint& from);
  /// Ends the newest run and goes on from its latest iterate with the document's present mask.
  void goOnWithMask(const RunRequest& request);
  /// Ends the newest run and goes on from its latest iterate with these of its samples alone.
  void goOnWith(const RunRequest& request, const std::set<int>& samples);
  /// Runs of several samples pause once, when the pass that is on is a third of its way; `choosing` follows.
  void setStopsToChoose(bool on) { stops_to_choose_ = on; }
  /// Where the newest iterate of a run is kept while it is on (at most every two seconds), so that it can
  /// be gone on from after a crash. Empty, the default: nowhere.
  void setStateFile(const QString& file) { state_file_ = file; }
  struct Interrupted {
    QString photo;
    int step = 0, steps = 0;
  };
  /// The run that was on when the program ended without ending it, if its state can be read.
  std::optional<Interrupted> interrupted() const;
  /// Goes on from there, on the document's photo, area and mask.
  void resume(const RunRequest& request);

  /// Says what a run would take, once the worker has time for it; `expected` follows, or nothing if it cannot be said.
  void expect(const RunRequest& request);
  /// Ends the newest run so that it can be gone on with another time, see `interrupted`.
  void suspend();

  /// How often to bring iterates to the window: 1 all, N every N-th, 0 none.
  void setPreviewInterval(int interval) { preview_interval_ = interval; }
  void setWatched(int sample) { *watched_ = sample; }
  /// Takes the place of the installed model of that name; for tests.
  void setPrior(std::shared_ptr<const Prior> prior);

 Q_SIGNALS:
  void photoRead(const mgdm::ui::ReadPhoto& read);
  void photoOpened();
  void estimated(const mgdm::ui::Estimate& estimate);
  void expected(double seconds);
  void iterate(const mgdm::ui::Frame& frame);
  /// A part of the photo is done while others are still to come: its first sample, transparent where the photo stays.
  void partFinished(const QImage& image, const QRect& area);
  void finished(const mgdm::ui::RunOutcome& outcome);
  void loadingModel(const QString& name);
  void choosing();                   ///< the run waits for samples to be chosen from what they are by now
  void notice(const QString& text);  ///< what was done about a failure that the run survived

 private:
  struct Shared;
  struct Work;
  void load(std::function<LoadedPhoto()> read);
  enum class From { Noise, Iterate, Latest, Chosen, File };
  Work workNow(const RunRequest& request) const;
  static PhotoSource sourceOf(const Work& work);  // the work must outlive it
  void start(const RunRequest& request, From from, const BranchPoint& point);
  // On the worker.
  struct Watch;
  struct Going;
  PhotoObserver watching(const Reply& reply, const Work& work, Watch& watch, const std::stop_token& stop);
  void waitForChoice(const Reply& reply, const std::stop_token& stop);
  Going goingOn(const Work& work, const PhotoSource& source);
  void work(const Reply& reply, Work work, const std::stop_token& stop);

  Document* document_;
  int preview_interval_ = 1;
  bool stops_to_choose_ = false;
  QString state_file_;
  std::shared_ptr<std::atomic<int>> watched_ = std::make_shared<std::atomic<int>>(0);
  std::shared_ptr<std::atomic<bool>> suspended_ = std::make_shared<std::atomic<bool>>(false);
  std::shared_ptr<Shared> shared_;
  quint64 reading_ = 0;  ///< counts what was asked for
  std::unique_ptr<Worker> reader_;
};

}  // namespace mgdm::ui
