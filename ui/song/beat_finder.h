// Finds the beats of a song in the background. Lives on the GUI thread.
#pragma once
#include <memory>
#include <vector>

#include "core/media/beat_grid.h"
#include "ui/jobs/job_controller.h"

namespace mgdm {
class PcmFile;
}

namespace mgdm::ui {

class BeatFinder : public JobController {
  Q_OBJECT
 public:
  explicit BeatFinder(QObject* parent = nullptr);
  ~BeatFinder() override;

  /// In `track`; where bars begin, in the `song`, too. Both stay as they are meanwhile. What was asked for before is
  /// not answered any more.
  void find(const std::shared_ptr<const PcmFile>& track, const std::shared_ptr<const PcmFile>& song, int sample_rate);
  void cancel();

 Q_SIGNALS:
  void progress(double share);
  void found(const mgdm::BeatGrid& grid);  ///< without beats: there are none
};

}  // namespace mgdm::ui
