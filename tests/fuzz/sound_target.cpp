#include <vector>

#include "core/errors.h"
#include "core/media/sound_file.h"
#include "tests/fuzz/memory_file.h"
#include "tests/fuzz/targets.h"

namespace mgdm::fuzz {

void sound(const uint8_t* data, size_t size) {
  constexpr int64_t kAtOnce = 4096;
  constexpr int64_t kLongest = 1 << 20;  // frames: what is silent for hours shows nothing new
  const MemoryFile file(data, size);
  try {
    SoundReader reader(file.path(), {true});
    std::vector<float> block(static_cast<size_t>(kAtOnce * reader.channels()));
    for (int64_t read = 0; read < kLongest;) {
      const int64_t got = reader.read(block.data(), kAtOnce);
      if (got <= 0) break;
      read += got;
    }
    damage_words(reader.damage(), reader.sample_rate());
  } catch (const MediaError&) {
  }
}

}  // namespace mgdm::fuzz
