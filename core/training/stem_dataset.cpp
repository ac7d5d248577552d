#include "core/training/stem_dataset.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <random>
#include <stdexcept>
#include <utility>

#include "core/files/json_text.h"
#include "core/networks/denoising_unet.h"

namespace mgdm {

namespace {

void check_stems(const NamedSong& song, int64_t stems) {
  if (song.stems.size(0) == stems) return;
  throw std::invalid_argument("training data: song '" + song.name + "' has " + std::to_string(song.stems.size(0)) +
                              " stems, the others " + std::to_string(stems));
}

}  // namespace

StemDataset::StemDataset(std::vector<NamedSong> songs, const std::vector<NamedSong>& held_out, const MdctOptions& codec,
                         int64_t frames, const StemAugmentation& augmentation, at::Device device, double hours)
    : codec_(codec), frames_(frames), augmentation_(augmentation), begins_{0} {
  std::erase_if(songs, [this](const NamedSong& song) { return song.stems.size(1) < samples_needed(); });
  if (songs.empty())
    throw std::invalid_argument("training data: no song is longer than " + std::to_string(samples_needed()) +
                                " samples");
  int64_t total = 0;
  for (const NamedSong& song : songs) total += song.stems.size(1);
  const auto room = static_cast<int64_t>(hours * 3600 * codec_.options().sample_rate);
  samples_ = at::empty({songs[0].stems.size(0), std::max(total, room)}, songs[0].stems.options().device(device));
  add(std::move(songs));
  // Two excerpts of every held-out song, at fixed places.
  std::vector<at::Tensor> excerpts;
  for (const auto& song : held_out) {
    for (const double place : {0.3, 0.7}) {
      const int64_t room = song.stems.size(1) - samples_needed();
      if (room < 0) continue;
      const at::Tensor excerpt =
          song.stems.narrow(1, static_cast<int64_t>(place * static_cast<double>(room)), samples_needed());
      const at::Tensor x = codec_.encode(excerpt.to(at::kFloat).unsqueeze(0) / 32768.0);
      if (x.abs().max().item<float>() > 1e-3) excerpts.push_back(x.narrow(2, 1, frames_));
    }
  }
  if (!excerpts.empty()) held_out_ = at::cat(excerpts).to(device);
}

bool StemDataset::add(std::vector<NamedSong> songs) {
  int64_t end = 0;
  {
    const std::lock_guard lock(mutex_);
    end = begins_.back();
  }
  for (NamedSong& song : songs) {
    check_stems(song, samples_.size(0));
    const int64_t length = song.stems.size(1);
    if (length < samples_needed()) continue;
    if (end + length > samples_.size(1)) return false;
    samples_.narrow(1, end, length).copy_(std::exchange(song.stems, {}));
    end += length;
    const std::lock_guard lock(mutex_);
    begins_.push_back(end);
  }
  return true;
}

double StemDataset::hours() const {
  const std::lock_guard lock(mutex_);
  return static_cast<double>(begins_.back()) / codec_.options().sample_rate / 3600;
}

TrainingBatch StemDataset::draw(int64_t batch, uint64_t seed) const {
  std::mt19937_64 random(seed * 0x9E3779B97F4A7C15ull + 1);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  const int64_t channels = samples_.size(0);
  const auto below = [&](int64_t n) { return static_cast<int64_t>(random() % static_cast<uint64_t>(n)); };
  const auto somewhere = [&]() {
    // Longer songs are drawn as often as shorter ones; every style counts alike.
    const std::lock_guard lock(mutex_);
    const auto song = static_cast<size_t>(below(static_cast<int64_t>(begins_.size()) - 1));
    return begins_[song] + below(begins_[song + 1] - begins_[song] - samples_needed() + 1);
  };
  std::vector<at::Tensor> excerpts;  // copied by one launch; an index would have to reach beyond 32 bits
  at::Tensor gains = at::empty({batch, channels, 1});
  auto gain = gains.accessor<float, 3>();
  for (int64_t i = 0; i < batch; ++i) {
    const bool shuffled = uniform(random) < augmentation_.shuffled;
    int64_t begin = somewhere();
    for (int64_t c = 0; c < channels; ++c) {
      if (shuffled && c > 0) begin = somewhere();
      excerpts.push_back(samples_[c].narrow(0, begin, samples_needed()));
    }
    const double song = normal(random) * augmentation_.song_gain_db;
    for (int64_t c = 0; c < channels; ++c) {
      const double db = song + normal(random) * augmentation_.stem_gain_db;
      const bool silent = uniform(random) < augmentation_.muted;
      gain[i][c][0] =
          silent ? 0.0f : static_cast<float>(std::pow(10.0, db / 20) * ((random() & 1) != 0 ? 1 : -1) / 32768.0);
    }
  }
  const at::Tensor sound = at::stack(excerpts).reshape({batch, channels, samples_needed()});
  const at::Tensor x = codec_.encode(sound.to(at::kFloat) * gains.to(samples_.device(), /*non_blocking=*/true));
  return {x.narrow(2, 1, frames_).contiguous(), {}};  // the unfolded ends are left out
}

std::vector<double> StemDataset::validate(DenoisingUnet& network, const std::vector<double>& sigmas) const {
  std::vector<double> result;
  if (!held_out_.defined()) return result;
  at::NoGradGuard no_grad;
  for (const double sigma : sigmas) {
    auto generator = at::detail::createCPUGenerator(7);
    double total = 0;
    for (const at::Tensor& clean : held_out_.split(8)) {
      const at::Tensor noise = at::randn(clean.sizes(), generator).to(clean.device());
      const at::Tensor x = network.forward(clean + sigma * noise, at::full({clean.size(0)}, sigma, clean.options()));
      const at::Tensor ratio = clean.square().sum({1, 2, 3}) / (x - clean).square().sum({1, 2, 3});
      total += (10 * ratio.log10()).sum().item<double>();
    }
    result.push_back(total / static_cast<double>(held_out_.size(0)));
  }
  return result;
}

std::map<std::string, std::string> StemDataset::metadata() const {
  return {{"codec", json_text(nlohmann::json(codec_.options()))}};
}

}  // namespace mgdm
