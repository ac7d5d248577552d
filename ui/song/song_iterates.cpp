#include "ui/song/song_iterates.h"

#include <algorithm>
#include <utility>

namespace mgdm::ui {

void SongIterates::clear() {
  const std::lock_guard lock(mutex_);
  all_.clear();
  bytes_ = 0;
}

void SongIterates::add(SongIterate iterate) {
  const std::lock_guard lock(mutex_);
  bytes_ += static_cast<int64_t>(iterate.sound.nbytes());
  all_.push_back(std::move(iterate));
  while (bytes_ > cap_ && all_.size() > 1) {
    std::vector<SongIterate> kept;
    const size_t half = (all_.size() + 1) / 2;
    for (size_t i = 0; i < all_.size(); ++i) {
      if (i < half && i % 2 == 0) {
        bytes_ -= static_cast<int64_t>(all_[i].sound.nbytes());
      } else {
        kept.push_back(std::move(all_[i]));
      }
    }
    all_ = std::move(kept);
  }
}

std::vector<SongIterate> SongIterates::at(int64_t frame) const {
  const std::lock_guard lock(mutex_);
  if (all_.empty()) return {};
  const auto here =
      std::find_if(all_.rbegin(), all_.rend(), [&](const SongIterate& i) { return frame >= i.begin && frame < i.end; });
  const int window = here == all_.rend() ? all_.back().window : here->window;
  std::vector<SongIterate> found;
  std::copy_if(all_.begin(), all_.end(), std::back_inserter(found),
               [&](const SongIterate& i) { return i.window == window; });
  return found;
}

int64_t SongIterates::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace mgdm::ui
