// A song that takes a while to be read is seen and heard as far as it is there; where that ends before all of it is
// there, what was open before comes back.
#include <nlohmann/json.hpp>
#include <utility>

#include "core/media/player.h"
#include "ui/song/lanes.h"
#include "ui/song/overview.h"
#include "ui/song/song_before.h"
#include "ui/song/song_page.h"
#include "ui/song/song_panel.h"
#include "ui/song/stem_rows.h"

namespace mgdm::ui {

void SongPage::songBegun(const OpenedSong& song) {
  std::unique_ptr<SongBefore> before = std::move(before_);  // there is one where another was still being read
  if (!before) {
    before = std::make_unique<SongBefore>();
    before->song = song_;
    if (!isEmpty()) before->session = std::make_unique<nlohmann::json>(session());
  }
  showSong(song);
  before_ = std::move(before);
  updateState();
  Q_EMIT status(tr("What is read can be played meanwhile."));
}

void SongPage::songGrown(const SongStretch& more) {
  if (song_.mix->length() != axis_->length()) axis_->setLength(song_.mix->length());
  rows_->growSong(more);
  overview_->add(more.peaks[0]);
  updateGains();  // the lane's scale
}

void SongPage::songComplete(const OpenedSong& song) {
  const std::unique_ptr<SongBefore> before = std::exchange(before_, nullptr);
  if (!before || song_.mix != song.mix) {  // it was read at once
    songOpened(song);
    return;
  }
  song_ = song;
  axis_->setLength(song.length);
  rows_->completeSong(song.peaks);
  rows_->setTracks(tracks_, song_.sample_rate);
  overview_->setPeaks(song.peaks);
  updateGains();
  songRead();
}

void SongPage::goBack() {
  const std::unique_ptr<SongBefore> before = std::exchange(before_, nullptr);
  if (!before) return;
  player_->pause();
  wanted_stems_.clear();  // they are of the song that was not opened
  if (before->song.mix == nullptr) {
    closeSong();
    return;
  }
  session_ = std::move(before->session);
  songOpened(before->song);
}

}  // namespace mgdm::ui
