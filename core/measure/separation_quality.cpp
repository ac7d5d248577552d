#include "core/measure/separation_quality.h"

#include <ATen/ATen.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/checkpoints/song_file.h"
#include "core/files/json_text.h"
#include "core/metrics/audio_metrics.h"

namespace mgdm {

namespace {

using nlohmann::json;

at::Tensor ratio_mask(const at::Tensor& stems, const at::Tensor& mix) {
  const at::Tensor window = at::hann_window(2048);
  const auto spectrum = [&](const at::Tensor& x) {
    return at::stft(x, 2048, 512, 2048, window, true, "reflect", false, true, true);
  };
  const at::Tensor magnitude = spectrum(stems).abs();
  const at::Tensor mask = magnitude / (magnitude.sum(0, true) + 1e-9);
  return at::istft(mask * spectrum(mix.unsqueeze(0)), 2048, 512, 2048, window, true, false, true, stems.size(1));
}

// Median along the last dimension, [R, n] -> [R, n].
at::Tensor running_median(const at::Tensor& x, int64_t width) {
  return std::get<0>(at::reflection_pad1d(x.unsqueeze(0), {width / 2, width / 2})[0].unfold(1, width, 1).median(-1));
}

// Drums are what is short in time, the other stems what is narrow in frequency.
at::Tensor harmonic_percussive(const at::Tensor& mix, const std::vector<std::string>& stems) {
  const at::Tensor window = at::hann_window(2048);
  const at::Tensor spectrum =
                       at::stft(mix.unsqueeze(0), 2048, 512, 2048, window, true, "reflect", false, true, true)[0],
                   power = spectrum.abs();
  const at::Tensor harmonic = running_median(power, 17).square(),
                   percussive = running_median(power.t(), 17).t().square();
  const at::Tensor mask = harmonic / (harmonic + percussive + 1e-12);
  const at::Tensor parts =
      at::istft(at::stack({mask, 1 - mask}) * spectrum, 2048, 512, 2048, window, true, false, true, mix.size(0));
  std::vector<at::Tensor> estimates;
  for (const auto& stem : stems) estimates.push_back(parts[stem == "drums" ? 1 : 0]);
  return at::stack(estimates);
}

}  // namespace

json separation_quality(const BandPrior& band, const SeparationQualityOptions& options,
                        const std::function<void(const std::string&)>& progress, std::stop_token stop) {
  const auto songs = read_songs(options.songs);
  const double rate = band.codec.options().sample_rate;
  const auto length = static_cast<int64_t>(options.seconds * rate);
  const auto stems = static_cast<int64_t>(band.stems.size());
  const char* methods[] = {"sample", "mean_of_samples", "estimate", "harmonic_percussive", "ratio_mask"};
  const Song any{.mix = at::zeros({1, 1}), .given = {}, .gaps = {}};
  json report{{"songs", json::array()},
              {"request", complete_request(options.request, band, any)},
              {"settings", separation_settings(options.request, band, any)}};
  std::map<std::string, std::vector<std::vector<double>>> values;
  for (const char* method : methods) values[method].resize(static_cast<size_t>(stems));
  double seconds = 0, music = 0;
  NetworkEvaluations evaluations;
  const int64_t count = std::min<int64_t>(options.count, static_cast<int64_t>(songs.size()));
  for (int64_t i = 0; i < count; ++i) {
    const NamedSong& song = songs[static_cast<size_t>(i * static_cast<int64_t>(songs.size()) / count)];
    if (song.stems.size(0) != stems || song.stems.size(1) < length) continue;
    const at::Tensor truth = song.stems.narrow(1, (song.stems.size(1) - length) / 2, length).to(at::kFloat) / 32768.0;
    const at::Tensor mix = truth.sum(0);
    const at::Tensor audible = truth.square().mean(1).sqrt() > 1e-3;
    if (audible.sum().item<int64_t>() < 2) continue;
    std::vector<at::Tensor> parts, estimate;
    const SeparationResult result = separate(
        band, {.mix = mix.unsqueeze(0), .given = {}, .gaps = {}}, options.request,
        [&](const SeparatedStretch& part) { parts.push_back(part.samples), estimate.push_back(part.estimate); }, {},
        stop);
    if (result.stopped) break;
    const at::Tensor found = at::cat(parts, 3).select(2, 0);  // [samples, stems, L]
    const at::Tensor estimates[] = {found[0], found.mean(0), at::cat(estimate, 2).select(1, 0),
                                    harmonic_percussive(mix, band.stems), ratio_mask(truth, mix)};
    json entry{{"song", song.name}, {"seconds", result.seconds}};
    for (size_t m = 0; m < std::size(estimates); ++m) {
      const at::Tensor gain = si_sdr(estimates[m], truth) - si_sdr(mix.unsqueeze(0).expand_as(truth), truth);
      for (int64_t k = 0; k < stems; ++k) {
        if (!audible[k].item<bool>()) continue;
        values[methods[m]][static_cast<size_t>(k)].push_back(gain[k].item<double>());
        entry[methods[m]][band.stems[static_cast<size_t>(k)]] = gain[k].item<double>();
      }
    }
    report["songs"].push_back(entry);
    seconds += result.seconds;
    music += options.seconds;
    evaluations.forward += result.evaluations.forward;
    evaluations.backward += result.evaluations.backward;
    if (progress) progress(song.name + "  " + json_text(entry["sample"]));
  }
  for (const char* method : methods) {
    double total = 0;
    for (int64_t k = 0; k < stems; ++k) {
      const auto& v = values[method][static_cast<size_t>(k)];
      double mean = 0;
      for (const double x : v) mean += x / static_cast<double>(v.size());
      report["mean"][method][band.stems[static_cast<size_t>(k)]] = mean;
      total += mean / static_cast<double>(stems);
    }
    report["mean"][method]["all"] = total;
  }
  report["seconds_per_second"] = music > 0 ? seconds / music : 0;
  report["evaluations"] = {{"forward", evaluations.forward}, {"backward", evaluations.backward}};
  return report;
}

}  // namespace mgdm
