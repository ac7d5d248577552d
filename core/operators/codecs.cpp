// OpenCV's own JPEG and WebP codecs as black boxes: what a file does, without an imitation.
#include <ATen/ATen.h>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "core/operators/operator.h"

namespace mgdm {

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

}  // namespace mgdm
