// What the fuzzers feed: each takes any bytes and must end in a value or a CheckpointError (a MediaError of a
// photo or song), nothing else.
#pragma once
#include <cstddef>
#include <cstdint>

namespace mgdm::fuzz {

void safetensors(const uint8_t* data, size_t size);
/// A pickle by itself, every value walked.
void pickle(const uint8_t* data, size_t size);
/// A file of torch.save, either format, its tensors collected and read.
void torch_file(const uint8_t* data, size_t size);
/// A photo of any format, as photo and as mask, with all that is said in it (photo_target.cpp).
void photo(const uint8_t* data, size_t size);
/// A song of any format to its end, more than two channels mixed down (sound_target.cpp).
void sound(const uint8_t* data, size_t size);

}  // namespace mgdm::fuzz
