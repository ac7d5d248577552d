// Runs cells of songs. Songs in stems (core/checkpoints/song_file.h) in every build, sound files where libsndfile is.
#pragma once
#include <memory>

#include "core/compare/medium.h"

namespace mgdm {

bool sound_files_can_be_read();
/// What of a song's request can be checked without the model. Throws SettingError.
void check_song_method(const nlohmann::json& request);
/// An interrupted song is begun again: songs have no states to go on from.
std::unique_ptr<CellRunner> make_song_cells(const ModelPlace& place);

}  // namespace mgdm
