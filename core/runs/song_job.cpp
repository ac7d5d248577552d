#include "core/runs/song_job.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/media/image_file.h"
#include "core/runs/hint_file.h"
#include "core/runs/run.h"
#include "core/runs/run_record.h"
#include "core/runs/start_stems.h"
#include "core/runs/stem_hint.h"
#include "core/runs/stem_stream.h"

namespace mgdm {

SongJob::SongJob(std::shared_ptr<const BandPrior> model, SongInput input, SeparationRequest request,
                 const std::filesystem::path& folder)
    : band_(std::move(model)), input_(std::move(input)), request_(std::move(request)) {
  const BandPrior& band = *band_;
  const double rate = band.codec.options().sample_rate;
  const Sound* any = input_.mix.samples.defined() ? &input_.mix
                     : input_.given.empty()       ? nullptr
                                                  : &input_.given.begin()->second;
  if (any == nullptr && input_.track == nullptr) throw OperatorError("there is neither a song nor a given stem");
  sample_rate_ = input_.track != nullptr ? input_.mix.sample_rate : any->sample_rate;
  channels_ = input_.track != nullptr ? input_.track->channels() : any->samples.size(0);
  length_ = input_.track != nullptr ? input_.track->length() : any->samples.size(1);
  for (const auto& [name, sound] : input_.given) {
    if (sound.sample_rate != sample_rate_ || sound.samples.size(0) != channels_ || sound.samples.size(1) != length_) {
      throw OperatorError("the given stem '" + name + "' differs from the rest in sample rate, length or channels");
    }
  }
  begin_ = std::clamp<int64_t>(std::llround(input_.from * sample_rate_), 0, length_);
  end_ = input_.to < 0 ? length_ : std::clamp<int64_t>(std::llround(input_.to * sample_rate_), 0, length_);
  if (end_ - begin_ < sample_rate_ / 10) {
    if (end_ - begin_ < length_) throw OperatorError("the part of the song is shorter than a tenth of a second");
  }
  const auto at_model_rate = [&](const Sound& sound) {
    return resample(sound.samples.slice(1, begin_, end_), sound.sample_rate, rate);
  };
  if (input_.track != nullptr) {
    song_.mix = resample(*input_.track, begin_, end_, sample_rate_, rate);
  } else if (input_.mix.samples.defined()) {
    song_.mix = at_model_rate(input_.mix);
  }
  for (const auto& [name, sound] : input_.given) song_.given[name] = at_model_rate(sound);
  const double from = static_cast<double>(begin_) / sample_rate_;
  for (const auto& [gap_from, gap_to] : input_.gaps) song_.gaps.emplace_back(gap_from - from, gap_to - from);
  // White noise loses the part above the model's band.
  song_.hiss = input_.hiss * std::sqrt(std::min(1.0, rate / sample_rate_));
  song_.clip = input_.clip;
  song_.bandwidth = input_.bandwidth;
  request_ = complete_request(std::move(request_), band, song_);
  if (!input_.start.empty()) begin_from_stems();
  if (!input_.hints.empty()) begin_from_hints();
  repaired_ = song_.repaired() || !song_.gaps.empty() || !song_.mix.defined();
  names_ = separated_names(band, request_);
  if (request_.keep_residual && !repaired_) names_.push_back("residual");
  if (repaired_) names_.push_back("mix");
  for (size_t k = 0; k < names_.size(); ++k)
    tracks_.push_back(std::make_shared<PcmFile>(folder, static_cast<int>(channels_), length_,
                                                input_.keep_tracks ? names_[k] + ".pcm" : std::string()));
  spread_ = std::make_unique<SampleSpread>(static_cast<int64_t>(separated_names(band, request_).size()), rate);
  finished_ = begin_;
}

// Of the files to start from, where the part that is worked on begins.
double SongJob::start_second() const {
  return std::max(0.0, input_.start_offset) + static_cast<double>(begin_) / sample_rate_;
}

void SongJob::begin_from_stems() {
  if (!song_.mix.defined()) throw OperatorError("stems to start from need the song they are of");
  StartStems start =
      read_start_stems(input_.start,
                       {.mix = song_.mix,
                        .rate = band_->codec.options().sample_rate,
                        .from = start_second(),
                        .seconds = input_.start_offset < 0 ? static_cast<double>(length_) / sample_rate_ : -1},
                       separated_names(*band_, request_));
  song_.start = std::move(start.stems);
  remarks_ = std::move(start.remarks);
}

void SongJob::begin_from_hints() {
  if (!song_.mix.defined()) throw OperatorError("a hint needs the song that it is of");
  const double rate = band_->codec.options().sample_rate;
  for (const auto& [stem, file] : input_.hints) {
    const at::Tensor hint = read_hint(file, stem, rate, start_second(), song_.mix.size(1));
    song_.start[stem] = stem_from_hint(hint, song_.mix, rate);
  }
}

at::Tensor SongJob::mix(int64_t at, int64_t n) const {
  return input_.track != nullptr ? input_.track->read(at, n) : input_.mix.samples.narrow(1, at, n);
}

SeparationResult SongJob::run(const std::function<void(const SongProgress&)>& observer,
                              const std::function<void(int64_t, const at::Tensor&)>& written, std::stop_token stop,
                              const SeparationKeeping& keeping) {
  const double rate = band_->codec.options().sample_rate;
  // With a stem that is given the rest is not the others' alone.
  const Rest rest = repaired_                ? Rest::Dropped
                    : request_.keep_residual ? Rest::Track
                    : song_.given.empty()    ? Rest::Shared
                                             : Rest::Dropped;
  StemStream stream(
      static_cast<int64_t>(separated_names(*band_, request_).size()), channels_, rate, sample_rate_, end_ - begin_,
      rest, [&](int64_t at, int64_t n) { return mix(begin_ + at, n); },
      [&](int64_t at, const at::Tensor& stems) {
        at::Tensor all = stems;
        if (repaired_) {
          at::Tensor sum = stems.sum(0);
          if (song_.clip > 0) {  // what was not cut off stays as it is
            const at::Tensor was = mix(begin_ + at, stems.size(2)), limit = at::full({}, song_.clip);
            const at::Tensor beyond = at::maximum(sum * was.sign(), limit) * was.sign();
            sum = at::where(was.abs() >= song_.clip * 0.999, beyond, was);
          }
          all = at::cat({stems, sum.unsqueeze(0)});
        }
        for (size_t k = 0; k < tracks_.size(); ++k) tracks_[k]->write(begin_ + at, all[static_cast<int64_t>(k)]);
        finished_ = begin_ + at + stems.size(2);
        if (written) written(begin_ + at, all);
      });
  const auto frame = [&](double seconds) {
    return std::min<int64_t>(end_, begin_ + std::llround(seconds * sample_rate_));
  };
  SeparationKeeping kept = keeping;
  kept.origin = {{"input", keeping.origin}, {"from", begin_}, {"to", end_}, {"rate", sample_rate_}};
  const SeparationResult result = separate_keeping(
      *band_, song_, request_, kept,
      [&](const SeparatedStretch& part) {
        spread_->add(part.samples, part.estimate.size(2));
        stream.put(part.estimate);
      },
      [&](const SeparationProgress& p) {
        if (observer) observer({p, frame(p.begin), frame(p.end)});
      },
      stop);
  stream.finish();
  return result;
}

nlohmann::json SongJob::record(const SeparationResult& result) const {
  nlohmann::json gaps = nlohmann::json::array(), given = nlohmann::json::array();
  for (const auto& [from, to] : input_.gaps) gaps.push_back({from, to});
  for (const auto& [name, sound] : input_.given) given.push_back(name);
  nlohmann::json record{
      {"request", request_},
      {"settings", separation_settings(request_, *band_, song_)},
      {"prior", band_->prior->name},
      {"given", given},
      {"gaps", gaps},
      {"part", {static_cast<double>(begin_) / sample_rate_, static_cast<double>(end_) / sample_rate_}},
      {"version", MGDM_VERSION},
      {"device", band_->prior->device.str()},
      {"precision", band_->prior->precision},
      {"sample_rate", sample_rate_},
      {"seconds", result.seconds},
      {"seconds_outside_network", result.seconds - result.evaluations.seconds},
      {"seconds_of_music", static_cast<double>(finished_ - begin_) / sample_rate_},
      {"evaluations", {{"forward", result.evaluations.forward}, {"backward", result.evaluations.backward}}},
      {"peak_memory_bytes", peak_memory_bytes()},
      {"stopped", result.stopped}};
  if (!input_.start.empty()) {
    record["start"] = {{"folder", input_.start.string()}, {"stems", nlohmann::json::array()}, {"remarks", remarks_}};
    for (const auto& [name, sound] : song_.start) record["start"]["stems"].push_back(name);
  }
  for (const auto& [stem, file] : input_.hints) record["hints"][stem] = file.string();
  if (input_.hiss > 0) record["denoise"] = input_.hiss;
  if (input_.clip > 0) record["declip"] = input_.clip;
  if (input_.bandwidth > 0) record["bandwidth"] = input_.bandwidth;
  return record;
}

double clipping_level(const at::Tensor& samples) {
  if (samples.numel() == 0) return 0;
  const at::Tensor size = samples.abs();
  const double level = size.max().item<double>();
  // Flat tops: three samples in a row that are as loud, many times.
  const at::Tensor loud = size >= level * (1 - 1e-5);
  const int64_t n = loud.size(1);
  if (n < 3) return 0;
  const auto flat = loud.slice(1, 0, n - 2)
                        .logical_and(loud.slice(1, 1, n - 1))
                        .logical_and(loud.slice(1, 2, n))
                        .sum()
                        .item<int64_t>();
  return flat >= std::max<int64_t>(8, samples.numel() / 50000) ? level : 0;
}

double clipping_level(const PcmFile& track, double level) {
  const int channels = track.channels();
  const int64_t length = track.length();
  if (length < 3) return 0;
  constexpr int64_t kBlock = 1 << 16;
  std::vector<float> block(static_cast<size_t>(kBlock * channels));
  std::vector<int> in_a_row(static_cast<size_t>(channels));  // loud samples up to here
  int64_t flat = 0;
  for (int64_t at = 0; at < length; at += kBlock) {
    const int64_t n = std::min(kBlock, length - at);
    track.read(at, n, block.data());
    for (int64_t i = 0; i < n * channels; ++i) {
      int& run = in_a_row[static_cast<size_t>(i % channels)];
      run = std::abs(static_cast<double>(block[static_cast<size_t>(i)])) >= level * (1 - 1e-5) ? run + 1 : 0;
      flat += run >= 3;
    }
  }
  return flat >= std::max<int64_t>(8, length * channels / 50000) ? level : 0;
}

}  // namespace mgdm
