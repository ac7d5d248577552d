// Runs cells of songs. Songs in stems (core/checkpoints/song_file.h) in every build, sound files where libsndfile is.
#pragma once
#include <ATen/core/Tensor.h>

#include <memory>

#include "core/compare/medium.h"

namespace mgdm {

bool sound_files_can_be_read();
/// Sound as a cell keeps it, int16 of full scale 32768, or float32 where it goes beyond full scale; and back to
/// float32.
at::Tensor kept_sound(const at::Tensor& sound);
at::Tensor sound_of(const at::Tensor& kept);
/// What of a song's request can be checked without the model. Throws SettingError.
void check_song_method(const nlohmann::json& request);
/// An interrupted song goes on after the last window that it has finished (core/runs/separation_state.h).
std::unique_ptr<CellRunner> make_song_cells(const ModelPlace& place);

}  // namespace mgdm
