#include "core/training/stem_dataset.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <random>
#include <stdexcept>
#include <utility>

#include "core/files/json_text.h"
#include "core/networks/denoising_unet.h"

namespace mgdm {

StemDataset::StemDataset(std::vector<NamedSong> songs, const std::vector<NamedSong>& held_out, const MdctOptions& codec,
                         int64_t frames, const StemAugmentation& augmentation, at::Device device)
    : codec_(codec), frames_(frames), augmentation_(augmentation) {
  std::vector<at::Tensor> stems;
  begins_.push_back(0);
  for (auto& song : songs) {
    if (song.stems.size(1) < samples_needed()) continue;
    if (!stems.empty() && song.stems.size(0) != stems[0].size(0)) {
      throw std::invalid_argument("training data: song '" + song.name + "' has " + std::to_string(song.stems.size(0)) +
                                  " stems, the others " + std::to_string(stems[0].size(0)));
    }
    stems.push_back(song.stems);
    begins_.push_back(begins_.back() + song.stems.size(1));
    song.stems.reset();
  }
  if (stems.empty())
    throw std::invalid_argument("training data: no song is longer than " + std::to_string(samples_needed()) +
                                " samples");
  samples_ = at::empty({stems[0].size(0), begins_.back()}, stems[0].options().device(device));
  for (size_t i = 0; i < stems.size(); ++i)
    samples_.slice(1, begins_[i], begins_[i + 1]).copy_(std::exchange(stems[i], {}));
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

double StemDataset::hours() const {
  return static_cast<double>(samples_.size(1)) / codec_.options().sample_rate / 3600;
}

TrainingBatch StemDataset::draw(int64_t batch, uint64_t seed) const {
  std::mt19937_64 random(seed * 0x9E3779B97F4A7C15ull + 1);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  const int64_t channels = samples_.size(0), total = samples_.size(1);
  const auto below = [&](int64_t n) { return static_cast<int64_t>(random() % static_cast<uint64_t>(n)); };
  const auto somewhere = [&]() {
    // Longer songs are drawn as often as shorter ones; every style counts alike.
    const auto song = static_cast<size_t>(below(static_cast<int64_t>(begins_.size()) - 1));
    return begins_[song] + below(begins_[song + 1] - begins_[song] - samples_needed() + 1);
  };
  at::Tensor places = at::empty({batch, channels, 1}, at::kLong), gains = at::empty({batch, channels, 1});
  auto place = places.accessor<int64_t, 3>();
  auto gain = gains.accessor<float, 3>();
  for (int64_t i = 0; i < batch; ++i) {
    const bool shuffled = uniform(random) < augmentation_.shuffled;
    int64_t begin = somewhere();
    for (int64_t c = 0; c < channels; ++c) {
      if (shuffled && c > 0) begin = somewhere();
      place[i][c][0] = c * total + begin;
    }
    const double song = normal(random) * augmentation_.song_gain_db;
    for (int64_t c = 0; c < channels; ++c) {
      const double db = song + normal(random) * augmentation_.stem_gain_db;
      const bool silent = uniform(random) < augmentation_.muted;
      gain[i][c][0] =
          silent ? 0.0f : static_cast<float>(std::pow(10.0, db / 20) * ((random() & 1) != 0 ? 1 : -1) / 32768.0);
    }
  }
  const at::Tensor begins = places.to(samples_.device(), /*non_blocking=*/true);
  const at::Tensor excerpts = at::take(samples_, begins + at::arange(samples_needed(), begins.options()));
  const at::Tensor x = codec_.encode(excerpts.to(at::kFloat) * gains.to(samples_.device()));
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
