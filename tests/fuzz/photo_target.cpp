#include "core/errors.h"
#include "core/media/photo_mask.h"
#include "core/media/tiff_photo.h"
#include "tests/fuzz/targets.h"

namespace mgdm::fuzz {

void photo(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  // What is large by its own header takes memory and time, and shows nothing new.
  constexpr int64_t kMostPixels = 1 << 20;
  const cv::Size header = photo_format(bytes) == PhotoFormat::Tiff ? tiff_size(bytes) : size_in_header(bytes);
  if (int64_t{header.width} * header.height > kMostPixels) return;
  try {
    const Photo read = read_photo("fuzz", bytes);
    mask_of(read);
  } catch (const MediaError&) {
  }
  embedded_description(bytes);
}

}  // namespace mgdm::fuzz
