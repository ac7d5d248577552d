#include "core/media/tiff_memory.h"

#include <algorithm>
#include <cstring>

namespace mgdm {

TiffInMemory::TiffInMemory(const std::string& bytes) : source_(&bytes) {
  // libtiff prints to the terminal by default.
  TIFFSetErrorHandler(nullptr);
  TIFFSetWarningHandler(nullptr);
  const auto unmapped = [](thandle_t, void**, toff_t*) { return 0; };
  tiff_ = TIFFClientOpen(
      "memory", "rm", this, read, write, seek, [](thandle_t) { return 0; }, size, unmapped,
      [](thandle_t, void*, toff_t) {});
}

TiffInMemory::TiffInMemory(const std::string& more, ToWrite) {
  TIFFSetErrorHandler(nullptr);
  TIFFSetWarningHandler(nullptr);
  const auto unmapped = [](thandle_t, void**, toff_t*) { return 0; };
  tiff_ = TIFFClientOpen(
      "memory", "wl", this, read, write, seek, [](thandle_t) { return 0; }, size, unmapped,
      [](thandle_t, void*, toff_t) {});
  written_ += more;  // libtiff appends
}

TiffInMemory::~TiffInMemory() { close(); }

void TiffInMemory::close() {
  if (tiff_ != nullptr) TIFFClose(tiff_);
  tiff_ = nullptr;
}

tmsize_t TiffInMemory::read(thandle_t self, void* to, tmsize_t count) {
  auto* file = static_cast<TiffInMemory*>(self);
  const size_t left = file->bytes().size() - std::min(file->at_, file->bytes().size());
  const size_t n = std::min(static_cast<size_t>(count), left);
  std::memcpy(to, file->bytes().data() + (n > 0 ? file->at_ : 0), n);
  file->at_ += n;
  return static_cast<tmsize_t>(n);
}

tmsize_t TiffInMemory::write(thandle_t self, void* from, tmsize_t count) {
  auto* file = static_cast<TiffInMemory*>(self);
  const auto n = static_cast<size_t>(count);
  if (file->source_ != nullptr) return 0;
  if (file->written_.size() < file->at_ + n) file->written_.resize(file->at_ + n);
  std::memcpy(file->written_.data() + file->at_, from, n);
  file->at_ += n;
  return count;
}

toff_t TiffInMemory::seek(thandle_t self, toff_t offset, int whence) {
  auto* file = static_cast<TiffInMemory*>(self);
  if (whence == SEEK_CUR) offset += file->at_;
  if (whence == SEEK_END) offset += file->bytes().size();
  file->at_ = offset;
  return offset;
}

toff_t TiffInMemory::size(thandle_t self) { return static_cast<TiffInMemory*>(self)->bytes().size(); }

}  // namespace mgdm
