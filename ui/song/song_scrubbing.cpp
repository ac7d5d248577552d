// Going back through a run's iterates on the song page: they are seen and heard in the place of the stems.
#include <QDir>

#include "core/media/player.h"
#include "ui/song/song_page.h"
#include "ui/song/song_scrubber.h"
#include "ui/song/stem_rows.h"

namespace mgdm::ui {

QWidget* SongPage::buildScrubber() {
  scrubber_ = new SongScrubber(axis_);
  connect(scrubber_, &SongScrubber::shown, this, [this](const ScrubbedTracks& scrubbed) {
    std::vector<std::shared_ptr<const PcmFile>> tracks{song_.mix};
    tracks.insert(tracks.end(), scrubbed.tracks.begin(), scrubbed.tracks.end());
    if (tracks != played_) playTracks(tracks, player_->position());
    rows_->setOverlay(scrubbed.stretch);
  });
  connect(scrubber_, &SongScrubber::ended, this, [this] {
    rows_->setOverlay({});
    playTracks(tracks_, player_->position());
  });
  connect(runs_, &SongRuns::iterate, scrubber_, &SongScrubber::refresh);
  return scrubber_;
}

void SongPage::beginScrubbing() {
  QDir().mkpath(runs_->folder());
  scrubber_->begin(runs_->iterates(), runs_->folder(), song_.length, song_.sample_rate);
}

}  // namespace mgdm::ui
