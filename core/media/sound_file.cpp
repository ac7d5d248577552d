#include "core/media/sound_file.h"

#include <ATen/ATen.h>

#include <sndfile.h>
#include <soxr.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <random>
#include <utility>

#include "core/files/atomic_file.h"
#include "core/media/image_file.h"

namespace mgdm {

namespace fs = std::filesystem;

namespace {

struct Close {
  void operator()(SNDFILE* f) const { sf_close(f); }
};
using File = std::unique_ptr<SNDFILE, Close>;
constexpr int64_t kBlock = 1 << 18;  // frames written at once

}  // namespace

namespace {

// `block(n)`: the next n frames, interleaved.
void write_frames(const fs::path& file, SF_INFO info, int64_t length, const std::function<const float*(int64_t)>& block,
                  const std::function<void(const fs::path&)>& finish = {}) {
  AtomicFile making(file);
  const auto fail = [&](const std::string& why) {
    throw MediaError(file.string() + ": cannot be written (" + why + ")");
  };
  {
    File opened(sf_open(making.temporary().c_str(), SFM_WRITE, &info));
    if (!opened) fail(sf_strerror(nullptr));
    if ((info.format & SF_FORMAT_TYPEMASK) == SF_FORMAT_RF64)
      sf_command(opened.get(), SFC_RF64_AUTO_DOWNGRADE, nullptr, SF_TRUE);
    const bool vorbis = (info.format & SF_FORMAT_SUBMASK) == SF_FORMAT_VORBIS;
    double quality = 0.6;
    if (vorbis) sf_command(opened.get(), SFC_SET_VBR_ENCODING_QUALITY, &quality, sizeof quality);
    const int64_t at_once = vorbis ? 4096 : kBlock;  // libsndfile's encoder takes what it is given onto the stack
    for (int64_t done = 0; done < length;) {
      const int64_t n = std::min(length - done, at_once);
      if (sf_writef_float(opened.get(), block(n), n) != n) fail(sf_strerror(opened.get()));
      done += n;
    }
    sf_write_sync(opened.get());
    SNDFILE* raw = opened.release();
    if (sf_close(raw) != 0) fail("the disk may be full");
  }
  if (finish) finish(making.temporary());
  std::error_code error;
  if (!making.commit(error)) fail(error.message());
}

}  // namespace

void write_sound(const fs::path& file, const Sound& sound) {
  SF_INFO info{};
  info.channels = static_cast<int>(sound.samples.size(0));
  info.samplerate = sound.sample_rate;
  const bool beyond = sound.samples.numel() > 0 && sound.samples.abs().max().item<float>() > 1.0f;
  info.format = SF_FORMAT_WAV | (beyond ? SF_FORMAT_FLOAT : SF_FORMAT_PCM_24);
  const at::Tensor interleaved = sound.samples.to(at::kCPU, at::kFloat).t().contiguous();
  const float* next = interleaved.data_ptr<float>();
  write_frames(file, info, interleaved.size(0),
               [&](int64_t n) { return std::exchange(next, next + n * info.channels); });
}

void write_sound(const fs::path& file, const PcmFile& track, int sample_rate, int64_t begin, int64_t end) {
  std::vector<float> samples(static_cast<size_t>(kBlock * track.channels()));
  float peak = 0;
  for (int64_t at = begin; at < end; at += kBlock) {
    const int64_t n = std::min(end - at, kBlock);
    track.read(at, n, samples.data());
    for (int64_t i = 0; i < n * track.channels(); ++i) peak = std::max(peak, std::abs(samples[static_cast<size_t>(i)]));
  }
  SF_INFO info{};
  info.channels = track.channels();
  info.samplerate = sample_rate;
  const bool flac = file.extension() == ".flac";
  if (flac && peak > 1)
    throw MediaError(file.string() + ": goes beyond full scale, which FLAC cannot hold; choose WAV");
  info.format =
      flac ? SF_FORMAT_FLAC | SF_FORMAT_PCM_24 : SF_FORMAT_WAV | (peak > 1 ? SF_FORMAT_FLOAT : SF_FORMAT_PCM_24);
  if (!flac && (end - begin) * track.channels() * 4 > 4'000'000'000)
    info.format = SF_FORMAT_RF64 | (info.format & SF_FORMAT_SUBMASK);
  int64_t at = begin;
  write_frames(file, info, end - begin, [&](int64_t n) {
    track.read(std::exchange(at, at + n), n, samples.data());
    return samples.data();
  });
}

namespace {

int sndfile_format(const fs::path& file, const SoundFormat& format, int64_t bytes) {
  if (format.ending == "ogg") return SF_FORMAT_OGG | SF_FORMAT_VORBIS;
  const int depth = format.bits == 16 ? SF_FORMAT_PCM_16 : format.bits == 24 ? SF_FORMAT_PCM_24 : SF_FORMAT_FLOAT;
  if (format.ending == "flac" && format.bits < 32) return SF_FORMAT_FLAC | depth;
  if (format.ending != "wav" || (format.bits != 16 && format.bits != 24 && format.bits != 32))
    throw MediaError(file.string() + ": no sound of " + std::to_string(format.bits) + " bits can be written as " +
                     format.ending);
  return (bytes > 4'000'000'000 ? SF_FORMAT_RF64 : SF_FORMAT_WAV) | depth;
}

}  // namespace

void write_sound(const fs::path& file, const SoundFormat& format, int channels, int sample_rate, int64_t frames,
                 const std::function<const float*(int64_t)>& block,
                 const std::function<void(const fs::path&)>& finish) {
  SF_INFO info{};
  info.channels = channels;
  info.samplerate = sample_rate;
  info.format = sndfile_format(file, format, frames * channels * 4);
  if (format.beyond_full_scale()) {
    write_frames(file, info, frames, block, finish);
    return;
  }
  // libsndfile's own way to cut off rounds down. At 16 bits what is cut off of a sample becomes noise instead of
  // distortion: triangular dither of two steps.
  const bool dither = format.bits == 16 && format.ending != "ogg";
  std::minstd_rand random(1);
  std::uniform_real_distribution<float> half_step(-0.5f / 32768, 0.5f / 32768);
  std::vector<float> changed;
  const auto next = [&](int64_t n) {
    const float* samples = block(n);
    changed.assign(samples, samples + n * channels);
    for (float& sample : changed) {
      if (dither && sample != 0) sample += half_step(random) + half_step(random);  // silence stays silence
      sample = std::clamp(sample, -1.0f, 1.0f);
    }
    return changed.data();
  };
  write_frames(file, info, frames, next, finish);
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
    const soxr_error_t error = soxr_oneshot(from, to, static_cast<unsigned>(channels), in.data_ptr<float>(),
                                            static_cast<size_t>(in.size(0)), &used, result.data_ptr<float>(),
                                            static_cast<size_t>(result.size(0)), &made, nullptr, &quality, nullptr);
    if (error != nullptr) throw MediaError(std::string("the sample rate cannot be changed: ") + error);
    out = result.t().contiguous();
  }
  if (length < 0 || out.size(1) == length) return out;
  return out.size(1) > length ? out.narrow(1, 0, length).contiguous()
                              : at::constant_pad_nd(out, {0, length - out.size(1)});
}

at::Tensor resample(const PcmFile& track, int64_t begin, int64_t end, double from, double to) {
  const int64_t channels = track.channels();
  const auto expected = std::max<int64_t>(
      1, from == to ? end - begin : static_cast<int64_t>(static_cast<double>(end - begin) * to / from + 0.5));
  at::Tensor result = at::zeros({channels, expected}, at::kFloat);
  int64_t made = 0;
  const auto put = [&](const float* frames, int64_t n) {
    n = std::min(n, expected - made);
    for (int64_t c = 0; c < channels; ++c) {
      float* to_channel = result.data_ptr<float>() + c * expected + made;
      for (int64_t i = 0; i < n; ++i) to_channel[i] = frames[i * channels + c];
    }
    made += n;
  };
  std::vector<float> in(static_cast<size_t>(kBlock * channels));
  std::unique_ptr<soxr, decltype(&soxr_delete)> changer(nullptr, &soxr_delete);
  if (from != to) {
    const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_VHQ, 0);
    soxr_error_t error = nullptr;
    changer.reset(soxr_create(from, to, static_cast<unsigned>(channels), &error, nullptr, &quality, nullptr));
    if (error != nullptr) throw MediaError(std::string("the sample rate cannot be changed: ") + error);
  }
  std::vector<float> out(static_cast<size_t>(static_cast<double>(kBlock) * std::max(1.0, to / from) + 64) *
                         static_cast<size_t>(channels));
  for (int64_t at = begin; at < end; at += kBlock) {
    const int64_t n = std::min(kBlock, end - at);
    track.read(at, n, in.data());
    if (!changer) {
      put(in.data(), n);
      continue;
    }
    for (int64_t used_all = 0; used_all < n;) {
      size_t used = 0, got = 0;
      soxr_process(changer.get(), in.data() + used_all * channels, static_cast<size_t>(n - used_all), &used, out.data(),
                   out.size() / static_cast<size_t>(channels), &got);
      used_all += static_cast<int64_t>(used);
      put(out.data(), static_cast<int64_t>(got));
      if (used == 0 && got == 0) break;
    }
  }
  while (changer && made < expected) {
    size_t got = 0;
    soxr_process(changer.get(), nullptr, 0, nullptr, out.data(), out.size() / static_cast<size_t>(channels), &got);
    if (got == 0) break;
    put(out.data(), static_cast<int64_t>(got));
  }
  return result;
}

bool beyond_full_scale(const PcmFile& track, int64_t begin, int64_t end) {
  constexpr int64_t kBlock = 1 << 20;
  for (int64_t at = begin; at < end; at += kBlock) {
    if (track.read(at, std::min(kBlock, end - at)).abs().max().item<double>() > 1) return true;
  }
  return false;
}

}  // namespace mgdm
