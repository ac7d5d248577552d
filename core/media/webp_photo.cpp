#include "core/media/webp_photo.h"

#include <webp/decode.h>
#include <webp/demux.h>
#include <webp/encode.h>
#include <webp/mux.h>

#include <memory>
#include <opencv2/imgproc.hpp>

#include "core/media/photo_format.h"

namespace mgdm {

namespace {

const uint8_t* octets(const std::string& bytes) { return reinterpret_cast<const uint8_t*>(bytes.data()); }

// The first picture of an animation.
cv::Mat first_picture(const std::filesystem::path& file, const std::string& bytes) {
  WebPAnimDecoderOptions options;
  WebPAnimDecoderOptionsInit(&options);
  options.color_mode = MODE_RGBA;
  const WebPData data{octets(bytes), bytes.size()};
  const std::unique_ptr<WebPAnimDecoder, decltype(&WebPAnimDecoderDelete)> decoder(WebPAnimDecoderNew(&data, &options),
                                                                                   WebPAnimDecoderDelete);
  WebPAnimInfo info;
  uint8_t* picture = nullptr;
  int time = 0;
  if (decoder == nullptr || WebPAnimDecoderGetInfo(decoder.get(), &info) == 0 ||
      WebPAnimDecoderGetNext(decoder.get(), &picture, &time) == 0)
    refuse_photo(file, "is a damaged WebP animation");
  return cv::Mat(static_cast<int>(info.canvas_height), static_cast<int>(info.canvas_width), CV_8UC4, picture).clone();
}

}  // namespace

DecodedPhoto decode_webp(const std::filesystem::path& file, const std::string& bytes) {
  WebPDecoderConfig config;
  if (WebPInitDecoderConfig(&config) == 0 ||
      WebPGetFeatures(octets(bytes), bytes.size(), &config.input) != VP8_STATUS_OK)
    refuse_photo(file, "is a damaged WebP");
  check_photo_size(file, static_cast<uint64_t>(config.input.width), static_cast<uint64_t>(config.input.height));
  DecodedPhoto photo;
  photo.alpha = config.input.has_alpha != 0;
  if (config.input.has_animation != 0) {
    photo.pixels = first_picture(file, bytes);
    photo.notes.emplace_back("an animation: its first picture was opened");
    if (!photo.alpha) cv::cvtColor(photo.pixels, photo.pixels, cv::COLOR_RGBA2RGB);
    return photo;
  }
  photo.pixels = cv::Mat(config.input.height, config.input.width, photo.alpha ? CV_8UC4 : CV_8UC3,
                         cv::Scalar(kMissing, kMissing, kMissing, 255));
  config.output.colorspace = photo.alpha ? MODE_RGBA : MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA.rgba = photo.pixels.data;
  config.output.u.RGBA.stride = static_cast<int>(photo.pixels.step);
  config.output.u.RGBA.size = photo.pixels.total() * photo.pixels.elemSize();
  // In pieces, since only so libwebp gives what there is of a file that was cut off.
  const std::unique_ptr<WebPIDecoder, decltype(&WebPIDelete)> decoder(WebPIDecode(nullptr, 0, &config), WebPIDelete);
  if (decoder == nullptr) refuse_photo(file, "is too large for the memory");
  if (WebPIUpdate(decoder.get(), octets(bytes), bytes.size()) == VP8_STATUS_OK) return photo;
  int good = 0;
  WebPIDecGetRGB(decoder.get(), &good, nullptr, nullptr, nullptr);
  if (good <= 0) refuse_photo(file, "is a damaged WebP: nothing of the picture is there");
  if (good < photo.pixels.rows)
    photo.pixels.rowRange(good, photo.pixels.rows).setTo(cv::Scalar(kMissing, kMissing, kMissing, 255));
  photo.damaged = true;
  photo.notes.push_back(missing_rows(good, photo.pixels.rows));
  return photo;
}

std::string encode_webp(const std::filesystem::path& file, const cv::Mat& pixels) {
  if (pixels.cols > WEBP_MAX_DIMENSION || pixels.rows > WEBP_MAX_DIMENSION)
    refuse_photo(file, "cannot be a WebP: its sides are above 16383 pixels");
  WebPConfig config;
  WebPPicture picture;
  if (WebPConfigInit(&config) == 0 || WebPPictureInit(&picture) == 0) refuse_photo(file, "cannot be encoded");
  WebPConfigLosslessPreset(&config, 3);
  config.exact = 1;  // the colours under transparency too
  picture.use_argb = 1;
  picture.width = pixels.cols;
  picture.height = pixels.rows;
  WebPMemoryWriter writer;
  WebPMemoryWriterInit(&writer);
  picture.writer = WebPMemoryWrite;
  picture.custom_ptr = &writer;
  const int stride = static_cast<int>(pixels.step);
  const bool done = (pixels.channels() == 4 ? WebPPictureImportRGBA(&picture, pixels.data, stride)
                                            : WebPPictureImportRGB(&picture, pixels.data, stride)) != 0 &&
                    WebPEncode(&config, &picture) != 0;
  std::string bytes(reinterpret_cast<const char*>(writer.mem), done ? writer.size : 0);
  WebPPictureFree(&picture);
  WebPMemoryWriterClear(&writer);
  if (!done) refuse_photo(file, "cannot be encoded as WebP");
  return bytes;
}

std::string with_webp_chunks(const std::filesystem::path& file, const std::string& bytes, const std::string& profile,
                             const std::string& exif, const std::string& xmp) {
  if (profile.empty() && exif.empty() && xmp.empty()) return bytes;
  const WebPData picture{octets(bytes), bytes.size()};
  const std::unique_ptr<WebPMux, decltype(&WebPMuxDelete)> mux(WebPMuxCreate(&picture, 0), WebPMuxDelete);
  bool done = mux != nullptr;
  const auto set = [&](const char* type, const std::string& content) {
    const WebPData data{octets(content), content.size()};
    if (done && !content.empty()) done = WebPMuxSetChunk(mux.get(), type, &data, 1) == WEBP_MUX_OK;
  };
  set("ICCP", profile);
  set("EXIF", exif);
  set("XMP ", xmp);
  WebPData whole;
  WebPDataInit(&whole);
  done = done && WebPMuxAssemble(mux.get(), &whole) == WEBP_MUX_OK;
  std::string out(reinterpret_cast<const char*>(whole.bytes), done ? whole.size : 0);
  WebPDataClear(&whole);
  if (!done) refuse_photo(file, "cannot be encoded as WebP");
  return out;
}

}  // namespace mgdm
