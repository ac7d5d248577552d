#include "core/training/stem_dataset.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <random>
#include <stdexcept>

#include "core/networks/denoising_unet.h"

namespace mgdm {

StemDataset::StemDataset(std::vector<NamedSong> songs, const std::vector<NamedSong>& held_out, const MdctOptions& codec,
                         int64_t frames, const StemAugmentation& augmentation, at::Device device)
    : codec_(codec), frames_(frames), augmentation_(augmentation) {
  const int64_t needed = (frames + 2) * codec.bins;
  for (auto& song : songs) {
    if (song.stems.size(1) < needed) continue;
    if (!songs_.empty() && song.stems.size(0) != songs_[0].size(0)) {
      throw std::invalid_argument("training data: song '" + song.name + "' has " + std::to_string(song.stems.size(0)) +
                                  " stems, the others " + std::to_string(songs_[0].size(0)));
    }
    songs_.push_back(song.stems.to(device));
    song.stems.reset();
  }
  if (songs_.empty()) throw std::invalid_argument("training data: no song is longer than " + std::to_string(needed) + " samples");
  // Two excerpts of every held-out song, at fixed places.
  std::vector<at::Tensor> excerpts;
  for (const auto& song : held_out) {
    for (const double place : {0.3, 0.7}) {
      const int64_t room = song.stems.size(1) - needed;
      if (room < 0) continue;
      const at::Tensor x = codec_.encode(excerpt(song.stems, static_cast<int64_t>(place * static_cast<double>(room))).to(at::kFloat).unsqueeze(0) / 32768.0);
      if (x.abs().max().item<float>() > 1e-3) excerpts.push_back(x.narrow(2, 1, frames_));
    }
  }
  if (!excerpts.empty()) held_out_ = at::cat(excerpts).to(device);
}

double StemDataset::hours() const {
  double samples = 0;
  for (const auto& song : songs_) samples += static_cast<double>(song.size(1));
  return samples / codec_.options().sample_rate / 3600;
}

at::Tensor StemDataset::excerpt(const at::Tensor& stems, int64_t begin) const {
  return stems.narrow(1, begin, (frames_ + 2) * codec_.options().bins);
}

at::Tensor StemDataset::draw(int64_t batch, uint64_t seed, at::Device device) const {
  std::mt19937_64 random(seed * 0x9E3779B97F4A7C15ull + 1);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  const auto below = [&](int64_t n) { return static_cast<int64_t>(random() % static_cast<uint64_t>(n)); };
  const int64_t needed = (frames_ + 2) * codec_.options().bins, channels = songs_[0].size(0);
  const auto somewhere = [&]() {
    // Longer songs are drawn as often as shorter ones; every style counts alike.
    const at::Tensor& song = songs_[below(static_cast<int64_t>(songs_.size()))];
    return excerpt(song, below(song.size(1) - needed + 1));
  };
  std::vector<at::Tensor> excerpts;
  std::vector<float> gains;
  for (int64_t i = 0; i < batch; ++i) {
    if (uniform(random) < augmentation_.shuffled) {
      std::vector<at::Tensor> stems;
      for (int64_t c = 0; c < channels; ++c) stems.push_back(somewhere()[c]);
      excerpts.push_back(at::stack(stems));
    } else {
      excerpts.push_back(somewhere());
    }
    const double song = normal(random) * augmentation_.song_gain_db;
    for (int64_t c = 0; c < channels; ++c) {
      const double db = song + normal(random) * augmentation_.stem_gain_db;
      const bool silent = uniform(random) < augmentation_.muted;
      gains.push_back(silent ? 0.0f : static_cast<float>(std::pow(10.0, db / 20) * ((random() & 1) != 0 ? 1 : -1) / 32768.0));
    }
  }
  const at::Tensor gain = at::tensor(gains).reshape({batch, channels, 1}).to(device);
  const at::Tensor x = codec_.encode(at::stack(excerpts).to(device).to(at::kFloat) * gain);
  return x.narrow(2, 1, frames_).contiguous();  // the unfolded ends are left out
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
  return {{"codec", nlohmann::json(codec_.options()).dump()}};
}

}  // namespace mgdm
