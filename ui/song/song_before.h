// What the song page showed before a song that is still being read.
#pragma once
#include <memory>
#include <nlohmann/json.hpp>

#include "ui/song/song_runs.h"

namespace mgdm::ui {

struct SongBefore {
  OpenedSong song;                          ///< without a track: none
  std::unique_ptr<nlohmann::json> session;  ///< of that one
};

}  // namespace mgdm::ui
