#include "ui/song/beat_finder.h"

#include "core/media/beat_tracking.h"

namespace mgdm::ui {

BeatFinder::BeatFinder(QObject* parent) : JobController(parent) {}

BeatFinder::~BeatFinder() { end(); }

void BeatFinder::find(const std::shared_ptr<const PcmFile>& track, const std::shared_ptr<const PcmFile>& song,
                      int sample_rate) {
  begin(State::Loading, [this, track, song, sample_rate](const Reply& reply, const std::stop_token& stop) {
    BeatGrid grid;
    try {
      const auto slot = std::make_shared<Mailbox<double>>();
      const OnsetStrength onsets = onset_strength(
          {track}, sample_rate,
          [&](double share) {
            reply.latest<double>(slot, share, [this](const double& newest) { Q_EMIT progress(newest); });
          },
          stop);
      const Harmony harmony = harmony_of({song}, sample_rate, stop);
      if (stop.stop_requested()) return;
      grid = find_beats(onsets, harmony, sample_rate);
    } catch (const std::exception&) {  // as good as none: the song is played all the same
    }
    reply([this, grid] {
      setState(State::Ready);
      Q_EMIT found(grid);
    });
  });
}

void BeatFinder::cancel() {
  if (state() == State::Loading) drop();
}

}  // namespace mgdm::ui
