// Ties the window to `Run`: opens photos, runs jobs on the worker, brings iterates back as images.
//
// Lives on the GUI thread; all its methods and signals are of that thread. Tensors stay on the worker.
#pragma once
#include <QImage>
#include <QObject>
#include <QString>
#include <atomic>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "core/runs/run_session.h"
#include "core/threads/mailbox.h"
#include "core/threads/worker.h"
#include "ui/document.h"

namespace mgdm::ui {

/// Residuals are shown in units of the noise's deviation, 0 to this.
inline constexpr double kResidualScale = 4;

/// One iterate, ready to paint. Pictures have the network's size.
struct Frame {
  std::vector<QImage> samples;  ///< x_0 of each sample; with a mask, transparent where the photo is known
  QImage noisy;                 ///< x_t of the watched sample
  QImage residual_map;          ///< |y - H(x_0)| of the watched sample, colour scale 0 to kResidualScale
  int watched = 0;
  int step = 0, steps = 0, gibbs = 0, t = 0, tau = 0;
  double residual = 0, update = 0, seconds = 0;
  qint64 evaluations = 0;  ///< forward + backward passes so far
  qint64 bytes() const;
};

/// A finished picture of the working area.
struct Sample {
  QImage image;  ///< 8 bit, for the screen; with a mask, transparent where the photo is known
  cv::Mat deep;  ///< CV_16UC3, sRGB, for the photo
  double psnr = 0, ssim = 0, residual = 0;  ///< 0 where unknown
};

struct RunOutcome {
  std::vector<Sample> samples;
  Sample mean;                ///< of the samples; empty for one sample
  QImage deviation;           ///< standard deviation over the samples, colour scale 0 to `deviation_peak`
  double deviation_peak = 0;  ///< as a share of the range black to white
  QImage observation;
  QImage input;                             ///< what the network saw as the photo
  QString record;                           ///< run.json
  double seconds = 0, preview_seconds = 0;  ///< preview: spent by the worker on bringing iterates to the window
  bool stopped = false;
  bool masked = false;    ///< only painted pixels are the result's
  bool enlarged = false;  ///< the result shows more pixels than the area had (super-resolution)
  WorkingArea area;
  QImage mask;  ///< of the photo's size, as it was for this run
};

/// What can be guessed of a photo's damage.
struct Estimate {
  double noise = 0;      ///< standard deviation, image range -1 to 1
  int jpeg_quality = 0;  ///< 0: no JPEG
};

class RunController : public QObject {
  Q_OBJECT
 public:
  enum class State { Empty, Ready, Running, Stopping };
  explicit RunController(Document* document, QObject* parent = nullptr);
  ~RunController() override;

  State state() const { return state_; }
  bool busy() const { return state_ == State::Running || state_ == State::Stopping; }

  /// Reads a photo in the background and opens it in the document.
  void openPhoto(const QString& path);
  /// The same for an image that is already in memory (clipboard).
  void openImage(const QImage& image);
  /// Runs on the document's working area and mask.
  void run(const RunRequest& request);
  /// Goes on from an iterate of the newest run, which ends if it is still on, with another seed, mask or
  /// setting.
  void branch(const RunRequest& request, const BranchPoint& from);
  /// Ends the newest run and goes on from its latest iterate with the document's present mask.
  void goOnWithMask(const RunRequest& request);
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
  /// Ends the run within one network evaluation and keeps its latest estimate.
  void stopAndKeep();
  /// Ends it and forgets it.
  void discard();

  /// How often to bring iterates to the window: 1 all, N every N-th, 0 none.
  void setPreviewInterval(int interval) { preview_interval_ = interval; }
  void setWatched(int sample) { *watched_ = sample; }
  void setThreads(int threads) { threads_ = threads; }
  /// Takes the place of the installed model of that name; for tests.
  void setPrior(std::shared_ptr<const Prior> prior);
  /// Makes a small picture of what each task does to a photo; answered by `thumbnail`.
  void makeThumbnails(const QString& photo);

 Q_SIGNALS:
  void stateChanged(mgdm::ui::RunController::State state);
  void photoOpened();
  void estimated(const mgdm::ui::Estimate& estimate);
  void iterate(const mgdm::ui::Frame& frame);
  void finished(const mgdm::ui::RunOutcome& outcome);
  void discarded();
  void loadingModel(const QString& name);
  void notice(const QString& text);  ///< what was done about a failure that the run survived
  void failed(const QString& message);
  void thumbnail(const QString& task, const QImage& image);

 private:
  struct Shared;
  struct Job;
  void setState(State state);
  void load(std::function<LoadedPhoto()> read);
  enum class From { Noise, Iterate, Latest, File };
  void start(const RunRequest& request, From from, const BranchPoint& point = {});
  void work(quint64 number, Job job, const std::stop_token& stop);  // on the worker
  static QString words(const FallBack& f);
  void deliverFrame();

  Document* document_;
  State state_ = State::Empty;
  int preview_interval_ = 1, threads_ = 0;
  QString state_file_;
  quint64 job_ = 0;  ///< only results of the newest job are shown
  std::shared_ptr<std::atomic<int>> watched_ = std::make_shared<std::atomic<int>>(0);
  using Sent = std::pair<quint64, Frame>;  // with the number of its job
  std::shared_ptr<Mailbox<Sent>> mailbox_ = std::make_shared<Mailbox<Sent>>();
  std::shared_ptr<Shared> shared_;
  Worker worker_;  // last: joined before anything else goes away
};

}  // namespace mgdm::ui
