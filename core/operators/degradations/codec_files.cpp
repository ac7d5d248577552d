// OpenCV's own JPEG and WebP codecs as black boxes: what a file does, without an imitation.
#include <ATen/ATen.h>

#include "core/operators/black_box.h"
#include "core/operators/tasks.h"

#ifdef MGDM_CODECS
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#endif

namespace mgdm {

namespace {

#ifdef MGDM_CODECS

// The picture written as ".jpg" or ".webp" at `quality` 1..100 and read back.
std::unique_ptr<Operator> make_codec(std::vector<int64_t> shape, const std::string& extension, int quality) {
  if (shape.at(0) != 3) throw OperatorError("a picture file needs three channels");
  return make_black_box(std::move(shape), [extension, quality](const at::Tensor& x) {
    const at::Tensor pixels = x.add(1).mul(127.5).round().clamp(0, 255).to(at::kByte).permute({1, 2, 0}).contiguous();
    const cv::Mat rgb(static_cast<int>(pixels.size(0)), static_cast<int>(pixels.size(1)), CV_8UC3, pixels.data_ptr());
    cv::Mat bgr, decoded;
    cv::cvtColor(rgb, bgr, cv::COLOR_RGB2BGR);
    std::vector<unsigned char> file;
    const int key = extension == ".webp" ? cv::IMWRITE_WEBP_QUALITY : cv::IMWRITE_JPEG_QUALITY;
    try {
      if (!cv::imencode(extension, bgr, file, {key, quality}))
        throw OperatorError("OpenCV cannot write " + extension + " files");
      cv::cvtColor(cv::imdecode(file, cv::IMREAD_COLOR), decoded, cv::COLOR_BGR2RGB);
    } catch (const cv::Exception& e) {
      throw OperatorError("OpenCV's codec for " + extension + " failed: " + e.err);
    }
    return at::from_blob(decoded.data, {decoded.rows, decoded.cols, 3}, at::TensorOptions().dtype(at::kByte))
        .permute({2, 0, 1})
        .to(at::kFloat)
        .div(127.5)
        .sub(1)
        .contiguous();
  });
}

#else

std::unique_ptr<Operator> make_codec(const std::vector<int64_t>&, const std::string&, int) {
  throw OperatorError(no_picture_files());
}

#endif

Task codec_task(const std::string& format, const std::string& name, const std::string& extension, int rank) {
  Task task{.name = name,
            .label = format + " file, as a black box",
            .help = "Compressed by a real " + format + " codec, of which no gradient is known.",
            .rank = rank,
            .group = "Compression",
            .settings = {{"quality",
                          format + " quality",
                          format + " quality, 1 (worst) to 100.",
                          SettingKind::Integer,
                          5,
                          1,
                          100,
                          {}}},
            .noise = 0.15,
            .adds_noise = false,
            .why_not = no_picture_files(),
            .make = [extension](const Settings& settings, const std::vector<int64_t>& shape, const Given&) {
              return make_codec(shape, extension, settings.at("quality"));
            }};
  if (!task.why_not.empty())
    task.stand_in = [](const std::vector<int64_t>& shape) {
      return make_black_box(shape, [](const at::Tensor& x) { return x; });
    };
  return task;
}

}  // namespace

std::vector<Task> describe_codec_files() {
  return {codec_task("JPEG", "jpeg_file", ".jpg", 190), codec_task("WebP", "webp_file", ".webp", 200)};
}

}  // namespace mgdm
