// Ties the window to `Run`: opens photos, runs jobs on the worker, brings iterates back as images.
//
// Lives on the GUI thread; all its methods and signals are of that thread. Tensors stay on the worker.
#pragma once
#include <QImage>
#include <QObject>
#include <QString>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/runs/run_request.h"
#include "ui/mailbox.h"
#include "ui/worker.h"

namespace mgdm {
struct Prior;
}

namespace mgdm::ui {

/// One iterate, ready to paint.
struct Frame {
  QImage image;      ///< RGB, working size; the known part of an inpainted photo is kept
  int step = 0, steps = 0, gibbs = 0, t = 0, tau = 0;
  double residual = 0, update = 0, seconds = 0;
  qint64 evaluations = 0;  ///< forward + backward passes so far
};

struct RunOutcome {
  std::vector<QImage> samples;
  QImage observation;
  QString record;    ///< run.json
  double seconds = 0;
  double psnr = 0;   ///< of the first sample; 0 where there is no clean photo
  double preview_seconds = 0;  ///< spent by the worker on bringing iterates to the window
  bool stopped = false;
};

class RunController : public QObject {
  Q_OBJECT
 public:
  enum class State { Empty, Ready, Running, Stopping };
  explicit RunController(QObject* parent = nullptr);
  ~RunController() override;

  State state() const { return state_; }
  const QImage& photo() const { return photo_; }  ///< the working image
  const QString& photoPath() const { return photo_path_; }

  /// Reads a photo in the background and fits it to `size` pixels on its short side.
  void openPhoto(const QString& path, int size = 256);
  /// Takes an image that is already in memory (clipboard), fitted the same way.
  void openImage(const QImage& image, int size = 256);
  /// `mask`: Grayscale8 of the working size, nonzero = fill; may be null.
  void run(const RunRequest& request, const QImage& mask);
  /// Ends the run within one network evaluation and keeps its latest estimate.
  void stopAndKeep();
  /// Ends it and forgets it.
  void discard();

  /// How often to bring iterates to the window: 1 all, N every N-th, 0 none.
  void setPreviewInterval(int interval) { preview_interval_ = interval; }
  void setThreads(int threads) { threads_ = threads; }
  /// Replaces the installed models; for tests.
  void setPrior(std::shared_ptr<const Prior> prior);

 Q_SIGNALS:
  void stateChanged(mgdm::ui::RunController::State state);
  void photoOpened(const QImage& photo);
  void iterate(const mgdm::ui::Frame& frame);
  void finished(const mgdm::ui::RunOutcome& outcome);
  void discarded();
  void failed(const QString& message);

 private:
  void setState(State state);
  void adoptPhoto(const QImage& image, const QString& path);
  void deliverFrame();

  State state_ = State::Empty;
  QImage photo_;
  QString photo_path_;
  int preview_interval_ = 1, threads_ = 0;
  quint64 job_ = 0;  ///< only results of the newest job are shown
  bool keep_ = true;
  std::shared_ptr<Mailbox<Frame>> mailbox_ = std::make_shared<Mailbox<Frame>>();
  struct Shared;
  std::shared_ptr<Shared> shared_;
  Worker worker_;  // last: joined before anything else goes away
};

}  // namespace mgdm::ui
