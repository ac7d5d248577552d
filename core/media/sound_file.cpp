#include "core/media/sound_file.h"

#include <sndfile.h>
#include <soxr.h>

#include <memory>

#include "core/media/image_file.h"

namespace mgdm {

namespace fs = std::filesystem;

namespace {

struct Close {
  void operator()(SNDFILE* f) const { sf_close(f); }
};
using File = std::unique_ptr<SNDFILE, Close>;

}  // namespace

Sound read_sound(const fs::path& file) {
  std::error_code error;
  if (!fs::exists(file, error)) throw MediaError(file.string() + ": there is no such file");
  SF_INFO info{};
  const File opened(sf_open(file.c_str(), SFM_READ, &info));
  if (!opened) throw MediaError(file.string() + ": is no sound file that can be read (" + sf_strerror(nullptr) + ")");
  if (info.channels < 1 || info.channels > 2) throw MediaError(file.string() + ": has " + std::to_string(info.channels) + " channels; one or two can be used");
  if (info.samplerate < 1000 || info.samplerate > 768000) throw MediaError(file.string() + ": has a sample rate of " + std::to_string(info.samplerate) + " Hz");
  // The header's length may lie (truncated or streamed files): read what is there, block by block.
  std::vector<at::Tensor> blocks;
  constexpr sf_count_t kBlock = 1 << 18, kLongest = sf_count_t{1} << 31;
  for (sf_count_t total = 0;;) {
    at::Tensor block = at::empty({kBlock, info.channels}, at::kFloat);
    const sf_count_t got = sf_readf_float(opened.get(), block.data_ptr<float>(), kBlock);
    if (got <= 0) break;
    blocks.push_back(block.narrow(0, 0, got));
    total += got;
    if (total > kLongest) throw MediaError(file.string() + ": is longer than can be used");
  }
  if (blocks.empty()) throw MediaError(file.string() + ": holds no sound (0 samples)");
  Sound sound{at::cat(blocks).t().contiguous(), info.samplerate};
  if (!sound.samples.isfinite().all().item<bool>()) throw MediaError(file.string() + ": holds samples that are not numbers");
  return sound;
}

void write_sound(const fs::path& file, const Sound& sound) {
  SF_INFO info{};
  info.channels = static_cast<int>(sound.samples.size(0));
  info.samplerate = sound.sample_rate;
  const bool beyond = sound.samples.numel() > 0 && sound.samples.abs().max().item<float>() > 1.0f;
  info.format = SF_FORMAT_WAV | (beyond ? SF_FORMAT_FLOAT : SF_FORMAT_PCM_24);
  const fs::path partial = file.string() + ".partial";
  const auto fail = [&](const std::string& why) {
    std::error_code ignored;
    fs::remove(partial, ignored);
    throw MediaError(file.string() + ": cannot be written (" + why + ")");
  };
  {
    File opened(sf_open(partial.c_str(), SFM_WRITE, &info));
    if (!opened) fail(sf_strerror(nullptr));
    const at::Tensor interleaved = sound.samples.to(at::kCPU, at::kFloat).t().contiguous();
    const sf_count_t length = interleaved.size(0);
    if (sf_writef_float(opened.get(), interleaved.data_ptr<float>(), length) != length) fail(sf_strerror(opened.get()));
    sf_write_sync(opened.get());
    SNDFILE* raw = opened.release();
    if (sf_close(raw) != 0) fail("the disk may be full");
  }
  std::error_code error;
  fs::rename(partial, file, error);
  if (error) fail(error.message());
}

at::Tensor resample(const at::Tensor& samples, double from, double to, int64_t length) {
  const int64_t channels = samples.size(0);
  at::Tensor out;
  if (from == to) {
    out = samples.to(at::kFloat);
  } else {
    const at::Tensor in = samples.to(at::kFloat).t().contiguous();
    const auto expected = static_cast<int64_t>(static_cast<double>(in.size(0)) * to / from + 0.5);
    at::Tensor result = at::zeros({std::max<int64_t>(1, expected), channels}, at::kFloat);
    const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_VHQ, 0);
    size_t used = 0, made = 0;
    const soxr_error_t error = soxr_oneshot(from, to, static_cast<unsigned>(channels), in.data_ptr<float>(), static_cast<size_t>(in.size(0)), &used,
                                            result.data_ptr<float>(), static_cast<size_t>(result.size(0)), &made, nullptr, &quality, nullptr);
    if (error != nullptr) throw MediaError(std::string("the sample rate cannot be changed: ") + error);
    out = result.t().contiguous();
  }
  if (length < 0 || out.size(1) == length) return out;
  return out.size(1) > length ? out.narrow(1, 0, length).contiguous() : at::constant_pad_nd(out, {0, length - out.size(1)});
}

}  // namespace mgdm
