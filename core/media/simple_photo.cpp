#include "core/media/simple_photo.h"

#include <iostream>
#include <mutex>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <streambuf>

#include "core/media/photo_format.h"

namespace mgdm {

namespace {

// OpenCV prints what it throws within itself to std::cerr. Between the program's one sentence that would be a second.
// What a thread prints while it `Hushes` goes nowhere, what the others print goes where it went.
class HushedStream : public std::streambuf {
 public:
  explicit HushedStream(std::streambuf* to) : to_(to) {}
  static thread_local bool hushed;

 protected:
  int_type overflow(int_type c) override {
    return hushed || traits_type::eq_int_type(c, traits_type::eof()) ? traits_type::not_eof(c)
                                                                     : to_->sputc(traits_type::to_char_type(c));
  }
  std::streamsize xsputn(const char* text, std::streamsize n) override { return hushed ? n : to_->sputn(text, n); }
  int sync() override { return hushed ? 0 : to_->pubsync(); }

 private:
  std::streambuf* to_;
};
thread_local bool HushedStream::hushed = false;

class Hushes {
 public:
  Hushes() {
    static std::once_flag once;
    std::call_once(once, [] { std::cerr.rdbuf(new HushedStream(std::cerr.rdbuf())); });  // as long as std::cerr
    HushedStream::hushed = true;
  }
  ~Hushes() { HushedStream::hushed = false; }
  Hushes(const Hushes&) = delete;
  Hushes& operator=(const Hushes&) = delete;
};

}  // namespace

DecodedPhoto decode_simple(const std::filesystem::path& file, const std::string& bytes) {
  const cv::Mat buffer(1, static_cast<int>(bytes.size()), CV_8U, const_cast<char*>(bytes.data()));
  cv::Mat image;
  try {
    const Hushes quiet;
    image = cv::imdecode(buffer, cv::IMREAD_UNCHANGED);
  } catch (const cv::Exception& e) {
    refuse_photo(file, e.code == cv::Error::StsNoMem ? "is too large for the memory" : "is damaged or cut off");
  }
  if (image.empty()) refuse_photo(file, "is damaged or cut off, or of a kind that cannot be read; save it as PNG");
  check_photo_size(file, static_cast<uint64_t>(image.cols), static_cast<uint64_t>(image.rows));
  if (image.depth() != CV_8U && image.depth() != CV_16U) image.convertTo(image, CV_32F);
  DecodedPhoto photo;
  photo.alpha = image.channels() == 4;
  photo.colors = image.channels() == 1 ? PhotoColors::Grey : PhotoColors::Rgb;
  if (image.channels() >= 3)
    cv::cvtColor(image, photo.pixels, photo.alpha ? cv::COLOR_BGRA2RGBA : cv::COLOR_BGR2RGB);
  else
    photo.pixels = image;
  return photo;
}

}  // namespace mgdm
