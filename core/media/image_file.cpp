#include "core/media/image_file.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "core/media/photo_colors.h"
#include "core/media/photo_file.h"
#include "core/media/photo_mask.h"

namespace mgdm {

namespace {

at::Tensor planar(const cv::Mat& rgb) {  // 8-bit interleaved -> uint8 [3, H, W]
  return at::from_blob(rgb.data, {rgb.rows, rgb.cols, 3}, {static_cast<int64_t>(rgb.step), 3, 1},
                       at::TensorOptions().dtype(at::kByte))
      .permute({2, 0, 1})
      .contiguous();
}

cv::Mat interleaved(const at::Tensor& pixels) {
  const at::Tensor hwc = pixels.cpu().permute({1, 2, 0}).contiguous();
  return cv::Mat(static_cast<int>(hwc.size(0)), static_cast<int>(hwc.size(1)), CV_8UC3, hwc.data_ptr()).clone();
}

}  // namespace

at::Tensor read_image(const std::filesystem::path& file) {
  const Photo photo = read_photo(file);
  cv::Mat rgb = without_alpha(photo.pixels);
  if (rgb.depth() != CV_8U) rgb.convertTo(rgb, CV_8U, 1.0 / 257);
  if (photo.has_alpha()) {
    cv::Mat alpha, unit;
    cv::extractChannel(photo.pixels, alpha, 3);
    rgb.convertTo(unit, CV_32F, 1.0 / 255);
    fill_hidden(unit, alpha);
    unit.convertTo(rgb, CV_8U, 255);
  }
  if (const ColorTransform color(photo.color_profile); !color.identity()) rgb = color.to_screen(rgb);
  return planar(rgb);
}

at::Tensor read_mask(const std::filesystem::path& file) {
  const cv::Mat mask = read_photo_mask(file).mask;
  const at::Tensor values = at::from_blob(mask.data, {mask.rows, mask.cols}, {static_cast<int64_t>(mask.step), 1},
                                          at::TensorOptions().dtype(at::kByte));
  return values.gt(127).to(at::kByte).mul(255);
}

std::string read_kernel(const std::filesystem::path& file) {
  constexpr int kLargest = 255;
  cv::Mat grey, weights;
  cv::cvtColor(read_photo(file).pixels, grey, cv::COLOR_RGB2GRAY);
  if (grey.cols > kLargest || grey.rows > kLargest) {
    throw MediaError(file.string() + ": the blur kernel has " + std::to_string(grey.cols) + "x" +
                     std::to_string(grey.rows) + " pixels, at most " + std::to_string(kLargest) + "x" +
                     std::to_string(kLargest) + " are taken");
  }
  grey.convertTo(weights, CV_64F);
  double most = 0;
  cv::minMaxLoc(weights, nullptr, &most);
  if (!(most > 0)) throw MediaError(file.string() + ": the blur kernel is black everywhere");
  // Borders that are black on all sides are left out; the centre stays the centre.
  const auto black = [&](int border) {
    const cv::Mat inner = weights(cv::Rect(border, border, weights.cols - 2 * border, weights.rows - 2 * border));
    return cv::countNonZero(inner) == cv::countNonZero(weights);
  };
  int border = 0;
  while (2 * (border + 1) < std::min(weights.cols, weights.rows) && black(border + 1)) ++border;
  std::ostringstream text;
  text.imbue(std::locale::classic());
  text << std::setprecision(5);
  for (int y = border; y < weights.rows - border; ++y) {
    if (y > border) text << "; ";
    for (int x = border; x < weights.cols - border; ++x)
      text << (x > border ? " " : "") << weights.at<double>(y, x) / most;
  }
  return text.str();
}

void write_image(const std::filesystem::path& file, const at::Tensor& pixels) {
  Photo photo;
  if (pixels.dim() == 2) {
    const at::Tensor plane = pixels.cpu().contiguous();
    const cv::Mat grey(static_cast<int>(plane.size(0)), static_cast<int>(plane.size(1)), CV_8UC1, plane.data_ptr());
    cv::cvtColor(grey, photo.pixels, cv::COLOR_GRAY2RGB);
  } else {
    photo.pixels = interleaved(pixels);
  }
  write_photo(file, photo);
}

at::Tensor to_signal(const at::Tensor& pixels) { return pixels.to(at::kFloat) / 127.5 - 1.0; }

at::Tensor to_pixels(const at::Tensor& signal) {
  return ((signal.to(at::kFloat).clamp(-1, 1) + 1.0) * 127.5).round().to(at::kByte);
}

at::Tensor fit_image(const at::Tensor& pixels, int64_t size, bool square) {
  const int64_t h = pixels.size(1), w = pixels.size(2);
  const double scale = static_cast<double>(size) / static_cast<double>(std::min(h, w));
  const int64_t nh = std::max<int64_t>(8, std::llround(static_cast<double>(h) * scale));
  const int64_t nw = std::max<int64_t>(8, std::llround(static_cast<double>(w) * scale));
  cv::Mat image = interleaved(pixels);
  if (nh != h || nw != w) {
    cv::Mat resized;
    cv::resize(image, resized, cv::Size(static_cast<int>(nw), static_cast<int>(nh)), 0, 0,
               scale < 1 ? cv::INTER_AREA : cv::INTER_CUBIC);
    image = resized;
  }
  const int64_t ch = square ? std::min(size, nh) : nh / 8 * 8, cw = square ? std::min(size, nw) : nw / 8 * 8;
  const cv::Rect centre(static_cast<int>((nw - cw) / 2), static_cast<int>((nh - ch) / 2), static_cast<int>(cw),
                        static_cast<int>(ch));
  return planar(image(centre));
}

}  // namespace mgdm
