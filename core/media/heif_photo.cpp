#include "core/media/heif_photo.h"

#include "core/media/photo_format.h"

#ifdef MGDM_HEIF
#include <libheif/heif.h>

#include <memory>
#include <opencv2/imgproc.hpp>
#include <vector>
#endif

namespace mgdm {

namespace {

std::string heif_name(const std::string& bytes) {
  return bytes.substr(0, 64).find("avi") != std::string::npos ? "an AVIF photo" : "a HEIC photo";
}

#ifdef MGDM_HEIF

using HeifContext = std::unique_ptr<heif_context, decltype(&heif_context_free)>;
using HeifHandle = std::unique_ptr<heif_image_handle, decltype(&heif_image_handle_release)>;
using HeifImage = std::unique_ptr<heif_image, decltype(&heif_image_release)>;

HeifContext heif_open(const std::string& bytes, std::string& why) {
  HeifContext context(heif_context_alloc(), heif_context_free);
  const heif_error error =
      heif_context_read_from_memory_without_copy(context.get(), bytes.data(), bytes.size(), nullptr);
  if (error.code != heif_error_Ok) {
    why = error.message;
    context.reset();
  }
  return context;
}

HeifHandle heif_primary(heif_context* context, std::string& why) {
  heif_image_handle* handle = nullptr;
  const heif_error error = heif_context_get_primary_image_handle(context, &handle);
  if (error.code != heif_error_Ok) why = error.message;
  return {handle, heif_image_handle_release};
}

// 10 or 12 bit, in 16: spread over the whole range.
cv::Mat spread(const cv::Mat& pixels, int bits) {
  cv::Mat out;
  pixels.convertTo(out, CV_16U, 65535.0 / ((1 << bits) - 1));
  return out;
}

#endif

}  // namespace

#ifdef MGDM_HEIF

DecodedPhoto decode_heif(const std::filesystem::path& file, const std::string& bytes) {
  std::string why;
  const HeifContext context = heif_open(bytes, why);
  const auto give_up = [&] {
    refuse_photo(file, "is " + heif_name(bytes) + " that cannot be read (" + why + "); export it as JPEG");
  };
  if (context == nullptr) give_up();
  const HeifHandle handle = heif_primary(context.get(), why);
  if (handle == nullptr) give_up();
  check_photo_size(file, static_cast<uint64_t>(std::max(0, heif_image_handle_get_width(handle.get()))),
                   static_cast<uint64_t>(std::max(0, heif_image_handle_get_height(handle.get()))));
  DecodedPhoto photo;
  photo.alpha = heif_image_handle_has_alpha_channel(handle.get()) != 0;
  const int bits = heif_image_handle_get_luma_bits_per_pixel(handle.get());
  const bool deep = bits > 8;
  heif_image* image = nullptr;
  const heif_error error =
      heif_decode_image(handle.get(), &image, heif_colorspace_RGB,
                        deep ? (photo.alpha ? heif_chroma_interleaved_RRGGBBAA_LE : heif_chroma_interleaved_RRGGBB_LE)
                             : (photo.alpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB),
                        nullptr);
  const HeifImage decoded(image, heif_image_release);
  if (error.code != heif_error_Ok || decoded == nullptr) {
    why = error.message;
    give_up();
  }
  int stride = 0;
  const uint8_t* plane = heif_image_get_plane_readonly(decoded.get(), heif_channel_interleaved, &stride);
  const int width = heif_image_get_width(decoded.get(), heif_channel_interleaved),
            height = heif_image_get_height(decoded.get(), heif_channel_interleaved);
  if (plane == nullptr || width <= 0 || height <= 0) {
    why = "no picture";
    give_up();
  }
  const cv::Mat view(height, width, CV_MAKETYPE(deep ? CV_16U : CV_8U, photo.alpha ? 4 : 3),
                     const_cast<uint8_t*>(plane), static_cast<size_t>(stride));
  photo.pixels =
      deep ? spread(view, heif_image_get_bits_per_pixel_range(decoded.get(), heif_channel_interleaved)) : view.clone();
  if (const size_t size = heif_image_handle_get_raw_color_profile_size(handle.get()); size > 0) {
    photo.profile.resize(size);
    if (heif_image_handle_get_raw_color_profile(handle.get(), photo.profile.data()).code != heif_error_Ok)
      photo.profile.clear();
  }
  return photo;  // libheif has turned it upright: what EXIF says of that does not count
}

void heif_metadata(const std::string& bytes, std::string& exif, std::string& xmp) {
  std::string why;
  const HeifContext context = heif_open(bytes, why);
  if (context == nullptr) return;
  const HeifHandle handle = heif_primary(context.get(), why);
  if (handle == nullptr) return;
  const int count = heif_image_handle_get_number_of_metadata_blocks(handle.get(), nullptr);
  std::vector<heif_item_id> ids(static_cast<size_t>(std::max(0, count)));
  heif_image_handle_get_list_of_metadata_block_IDs(handle.get(), nullptr, ids.data(), count);
  for (const heif_item_id id : ids) {
    std::string block(heif_image_handle_get_metadata_size(handle.get(), id), '\0');
    if (heif_image_handle_get_metadata(handle.get(), id, block.data()).code != heif_error_Ok) continue;
    if (const std::string type = heif_image_handle_get_metadata_type(handle.get(), id); type == "Exif") {
      const size_t offset = 4 + big_number(block, 0, 4);  // to the TIFF header
      if (offset < block.size()) exif = block.substr(offset);
    } else if (block.find("xmpmeta") != std::string::npos || block.find("rdf:RDF") != std::string::npos) {
      xmp = block;
    }
  }
}

#else

DecodedPhoto decode_heif(const std::filesystem::path& file, const std::string& bytes) {
  refuse_photo(file, "is " + heif_name(bytes) + "; export it as JPEG");
}

void heif_metadata(const std::string&, std::string&, std::string&) {}

#endif

}  // namespace mgdm
