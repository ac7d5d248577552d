#include "core/media/pcm_file.h"

#include <ATen/ATen.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "core/media/image_file.h"

namespace mgdm {

PcmFile::PcmFile(const std::filesystem::path& folder, int channels, int64_t length, const std::string& named)
    : channels_(channels), length_(length) {
  std::string name = (folder / (named.empty() ? "track-XXXXXX" : named)).string();
  if (named.empty()) {
    file_ = ::mkostemp(name.data(), O_CLOEXEC);
  } else {
    ::unlink(name.c_str());  // whoever still reads the old one keeps it
    file_ = ::open(name.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  }
  if (file_ < 0) throw MediaError(folder.string() + ": no file can be made there (" + std::strerror(errno) + ")");
  if (named.empty()) ::unlink(name.c_str());
  try {
    set_length(length);
  } catch (...) {
    ::close(file_);
    throw;
  }
}

std::shared_ptr<const PcmFile> PcmFile::open(const std::filesystem::path& file, int channels) {
  const int opened = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat about {};
  if (opened < 0 || ::fstat(opened, &about) != 0) {
    const std::string why = std::strerror(errno);
    if (opened >= 0) ::close(opened);
    throw MediaError(file.string() + ": cannot be opened (" + why + ")");
  }
  return std::shared_ptr<const PcmFile>(
      new PcmFile(opened, channels, about.st_size / (channels * static_cast<int64_t>(sizeof(float)))));
}

void PcmFile::set_length(int64_t length) {
  if (::ftruncate(file_, static_cast<off_t>(length * channels_ * static_cast<int64_t>(sizeof(float)))) != 0)
    throw MediaError(std::string("there is no room for a track (") + std::strerror(errno) + ")");
  length_ = length;
}

PcmFile::~PcmFile() { ::close(file_); }

void PcmFile::write(int64_t at, const at::Tensor& samples) {
  const int64_t skip = std::max<int64_t>(0, -at), n = std::min(samples.size(1), length() - at) - skip;
  if (n <= 0) return;
  const at::Tensor frames = samples.narrow(1, skip, n).expand({channels_, n}).t().to(at::kCPU, at::kFloat).contiguous();
  write(at + skip, frames.data_ptr<float>(), n);
}

void PcmFile::write(int64_t at, const float* frames, int64_t count) {
  const int64_t skip = std::max<int64_t>(0, -at), n = std::min(count, length() - at) - skip;
  if (n <= 0) return;
  const auto* bytes = reinterpret_cast<const char*>(frames + skip * channels_);
  size_t left = static_cast<size_t>(n * channels_) * sizeof(float);
  auto place = static_cast<off_t>((at + skip) * channels_ * static_cast<int64_t>(sizeof(float)));
  while (left > 0) {
    const ssize_t put = ::pwrite(file_, bytes, left, place);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0)
      throw MediaError(std::string("a track cannot be kept on disk (") + std::strerror(put < 0 ? errno : ENOSPC) + ")");
    bytes += put;
    place += put;
    left -= static_cast<size_t>(put);
  }
}

void PcmFile::read(int64_t at, int64_t n, float* out) const {
  const int64_t before = std::clamp<int64_t>(-at, 0, n),
                inside = std::clamp<int64_t>(length() - at - before, 0, n - before);
  std::fill(out, out + n * channels_, 0.0f);
  auto* bytes = reinterpret_cast<char*>(out + before * channels_);
  auto place = static_cast<off_t>((at + before) * channels_ * static_cast<int64_t>(sizeof(float)));
  for (size_t left = static_cast<size_t>(inside * channels_) * sizeof(float); left > 0;) {
    const ssize_t got = ::pread(file_, bytes, left, place);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return;
    bytes += got;
    place += got;
    left -= static_cast<size_t>(got);
  }
}

at::Tensor PcmFile::read(int64_t at, int64_t n) const {
  at::Tensor frames = at::empty({n, channels_}, at::kFloat);
  read(at, n, frames.data_ptr<float>());
  return frames.t().contiguous();
}

}  // namespace mgdm
