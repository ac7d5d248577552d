#include "core/media/image_file.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstdlib>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "core/files/atomic_file.h"

namespace mgdm {

namespace {

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& what) {
  throw MediaError(file.string() + ": " + what);
}

cv::Mat decode(const std::filesystem::path& file, int flags) {
  const std::string bytes = read_file_bytes(file);
  check_image_size(file, bytes);
  const cv::Mat buffer(1, static_cast<int>(bytes.size()), CV_8U, const_cast<char*>(bytes.data()));
  cv::Mat image;
  try {
    image = cv::imdecode(buffer, flags);
  } catch (const cv::Exception& e) {
    fail(file, e.code == cv::Error::StsNoMem ? "is too large for the memory" : kNotDecoded);
  }
  if (image.empty()) fail(file, "is not an image that can be read (damaged, or an unknown format)");
  if (static_cast<int64_t>(image.rows) * image.cols > kMaxPixels) {
    fail(file, "has " + std::to_string(image.cols) + "x" + std::to_string(image.rows) + " pixels; at most " +
                   std::to_string(kMaxPixels / 1'000'000) + " megapixels can be opened");
  }
  return image;
}

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

void check_image_size(const std::filesystem::path& file, const std::string& bytes) {
  const auto byte = [&](size_t at) { return at < bytes.size() ? int64_t{static_cast<unsigned char>(bytes[at])} : 0; };
  const auto big = [&](size_t at, int n) {
    int64_t value = 0;
    for (int i = 0; i < n; ++i) value = value << 8 | byte(at + static_cast<size_t>(i));
    return value;
  };
  const auto little = [&](size_t at) {
    return static_cast<int64_t>(
        static_cast<int32_t>(byte(at) | byte(at + 1) << 8 | byte(at + 2) << 16 | byte(at + 3) << 24));
  };
  int64_t width = 0, height = 0;
  if (bytes.compare(0, 4, "\x89PNG") == 0) {
    width = big(16, 4);
    height = big(20, 4);
  } else if (bytes.compare(0, 2, "BM") == 0) {
    width = little(18);
    height = std::abs(little(22));
  } else if (bytes.compare(0, 3, "\xff\xd8\xff") == 0) {
    for (size_t at = 2; at + 9 < bytes.size() && byte(at) == 0xff;) {
      const int64_t marker = byte(at + 1);
      if (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc) {
        height = big(at + 5, 2);
        width = big(at + 7, 2);
        break;
      }
      at += marker == 0xff ? 1 : 2 + static_cast<size_t>(big(at + 2, 2));
    }
  }
  if (width > 0 && height > kMaxPixels / width) {
    fail(file, "has " + std::to_string(width) + "x" + std::to_string(height) + " pixels; at most " +
                   std::to_string(kMaxPixels / 1'000'000) + " megapixels can be opened");
  }
}

at::Tensor read_image(const std::filesystem::path& file) {
  const cv::Mat bgr = decode(file, cv::IMREAD_COLOR);  // applies EXIF orientation, reduces to 8 bit
  cv::Mat rgb;
  cv::cvtColor(bgr, rgb, cv::COLOR_BGR2RGB);
  return planar(rgb);
}

at::Tensor read_mask(const std::filesystem::path& file) {
  cv::Mat image = decode(file, cv::IMREAD_UNCHANGED);
  // A painted mask may live in the alpha channel (IOPaint, GIMP) or in the brightness.
  cv::Mat grey;
  if (image.channels() == 4) {
    std::vector<cv::Mat> planes;
    cv::split(image, planes);
    double low = 0, high = 0;
    cv::minMaxLoc(planes[3], &low, &high);
    if (low == high) {
      cv::cvtColor(image, grey, cv::COLOR_BGRA2GRAY);
    } else {
      grey = planes[3];
    }
  } else if (image.channels() == 3) {
    cv::cvtColor(image, grey, cv::COLOR_BGR2GRAY);
  } else if (image.channels() == 1) {
    grey = image;
  } else {
    fail(file, "has " + std::to_string(image.channels()) + " channels; a mask has 1, 3 or 4");
  }
  if (grey.depth() == CV_16U) {
    grey.convertTo(grey, CV_8U, 1.0 / 257);
  } else if (grey.depth() != CV_8U) {
    grey.convertTo(grey, CV_8U, 255);
  }
  const at::Tensor values = at::from_blob(grey.data, {grey.rows, grey.cols}, {static_cast<int64_t>(grey.step), 1},
                                          at::TensorOptions().dtype(at::kByte));
  return values.gt(127).to(at::kByte).mul(255);
}

std::string read_kernel(const std::filesystem::path& file) {
  constexpr int kLargest = 255;
  const std::string bytes = read_file_bytes(file);
  cv::Mat grey, weights;
  try {
    grey = cv::imdecode(cv::Mat(1, static_cast<int>(bytes.size()), CV_8UC1, const_cast<char*>(bytes.data())),
                        cv::IMREAD_GRAYSCALE | cv::IMREAD_ANYDEPTH);
  } catch (const cv::Exception&) {
    grey.release();
  }
  if (grey.empty()) throw MediaError(file.string() + ": is no picture of a blur kernel");
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
  cv::Mat image;
  if (pixels.dim() == 2) {
    const at::Tensor plane = pixels.cpu().contiguous();
    image =
        cv::Mat(static_cast<int>(plane.size(0)), static_cast<int>(plane.size(1)), CV_8UC1, plane.data_ptr()).clone();
  } else {
    cv::cvtColor(interleaved(pixels), image, cv::COLOR_RGB2BGR);
  }
  std::vector<unsigned char> bytes;
  try {
    if (!cv::imencode(file.extension().string(), image, bytes, {cv::IMWRITE_JPEG_QUALITY, 95})) {
      fail(file, "cannot be encoded");
    }
  } catch (const cv::Exception&) {
    fail(file, "has an extension that names no image format (use .png, .jpg or .tif)");
  }
  write_file_bytes(file, std::string(bytes.begin(), bytes.end()));
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
