#include "core/runs/separation_state.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <fstream>
#include <numeric>
#include <optional>
#include <string_view>

#include "core/checkpoints/safetensors.h"
#include "core/files/json_text.h"
#include "core/runs/run_state.h"

namespace mgdm {

namespace {

using nlohmann::json;

constexpr const char* kSeparation = "separation";  // the header's entry

// What has been finished of a separation.
struct KeptSeparation {
  SeparationState state;
  std::vector<int64_t> lengths;  // of the stretches that lie in the other file
};

// The stretches that are finished, one behind the other: each its estimate, then its samples where they are kept.
class FinishedSound {
 public:
  FinishedSound(std::filesystem::path file, bool samples) : file_(std::move(file)), samples_(samples) {}

  void append(const SeparatedStretch& stretch) {
    std::ofstream out(file_, std::ios::binary | std::ios::app);
    write(out, stretch.estimate);
    if (samples_) write(out, stretch.samples);
    whole_ = whole_ && out.flush().good();
  }
  // Whether all that was appended is there.
  bool whole() const { return whole_; }

  // What is behind these stretches is dropped. False: they are not there.
  bool cut_to(const std::vector<int64_t>& lengths, int64_t values_of_a_frame) const {
    const auto frames = std::accumulate(lengths.begin(), lengths.end(), int64_t{0});
    const auto bytes = static_cast<uintmax_t>(frames * values_of_a_frame) * sizeof(float);
    std::error_code error;
    if (frames == 0) return true;
    if (std::filesystem::file_size(file_, error) < bytes || error) return false;
    std::filesystem::resize_file(file_, bytes, error);
    return !error;
  }
  // False: it cannot be read, and `sink` got less.
  bool hand_to(const std::function<void(const SeparatedStretch&)>& sink, const std::vector<int64_t>& lengths,
               const std::vector<int64_t>& estimate, const std::vector<int64_t>& samples) const {
    std::ifstream in(file_, std::ios::binary);
    for (const int64_t n : lengths) {
      SeparatedStretch stretch{read(in, estimate, n), samples_ ? read(in, samples, n) : at::Tensor()};
      if (!in.good()) return false;
      sink(stretch);
    }
    return true;
  }
  void remove() const {
    std::error_code ignored;
    std::filesystem::remove(file_, ignored);
  }

 private:
  static void write(std::ofstream& out, const at::Tensor& sound) {
    const at::Tensor values = sound.contiguous();
    out.write(static_cast<const char*>(values.data_ptr()), static_cast<std::streamsize>(values.nbytes()));
  }
  static at::Tensor read(std::ifstream& in, std::vector<int64_t> sizes, int64_t n) {
    sizes.push_back(n);
    at::Tensor values = at::empty(sizes);
    in.read(static_cast<char*>(values.data_ptr()), static_cast<std::streamsize>(values.nbytes()));
    return values;
  }

  std::filesystem::path file_;
  bool samples_, whole_ = true;
};

size_t hash_of(const at::Tensor& sound) {
  const at::Tensor x = sound.to(at::kFloat).contiguous();
  return std::hash<std::string_view>()({static_cast<const char*>(x.data_ptr()), x.nbytes()});
}

// What must be the same for two separations to be one.
json identity_of(const BandPrior& band, const Song& song, const SeparationRequest& request,
                 const SeparationKeeping& keeping) {
  json given = json::array();
  at::Tensor any = song.mix;
  for (const auto& [name, signal] : song.given) {
    given.push_back(name);
    any = signal;
  }
  json start = json::object();
  for (const auto& [name, signal] : song.start) start[name] = hash_of(signal);
  const SeparationRequest complete = complete_request(request, band, song);
  return {{"origin", keeping.origin},
          {"request", complete},
          {"settings", separation_settings(complete, band, song)},
          {"prior", band.prior->name},
          {"precision", band.prior->precision},
          {"sizes", any.defined() ? any.sizes().vec() : std::vector<int64_t>()},
          {"given", given},
          {"start", start},
          {"gaps", song.gaps},
          {"denoise", song.hiss},
          {"declip", song.clip},
          {"bandwidth", song.bandwidth},
          {"samples", keeping.samples}};
}

void write_separation(const std::filesystem::path& file, const json& identity, const KeptSeparation& kept) {
  const SeparationState& state = kept.state;
  const json about = {{"identity", identity},
                      {"windows", state.windows},
                      {"handed", state.handed},
                      {"stretches", kept.lengths},
                      {"seconds", state.seconds},
                      {"forward", state.evaluations.forward},
                      {"backward", state.evaluations.backward},
                      {"seconds_in_network", state.evaluations.seconds}};
  std::map<std::string, at::Tensor> tensors{{"finished", state.finished}, {"pending", state.pending}};
  try {
    write_safetensors(file, {std::move(tensors), {{kSeparation, json_text(about)}}});
  } catch (const std::exception&) {
  }
}

// Throws what is wrong with the file; nullopt: it is of another separation.
std::optional<KeptSeparation> read_separation(const std::filesystem::path& file, const json& identity) {
  Checkpoint checkpoint = read_safetensors(file);
  const json about = parse_json(checkpoint.metadata[kSeparation]);
  if (about.at("identity") != identity) return std::nullopt;
  const auto tensor = [&](const char* name) {
    const auto found = checkpoint.tensors.find(name);
    return found == checkpoint.tensors.end() ? at::Tensor() : found->second.clone();  // the file goes on being written
  };
  KeptSeparation kept;
  about.at("windows").get_to(kept.state.windows);
  about.at("handed").get_to(kept.state.handed);
  about.at("seconds").get_to(kept.state.seconds);
  about.at("forward").get_to(kept.state.evaluations.forward);
  about.at("backward").get_to(kept.state.evaluations.backward);
  about.at("seconds_in_network").get_to(kept.state.evaluations.seconds);
  kept.state.finished = tensor("finished");
  kept.state.pending = tensor("pending");
  about.at("stretches").get_to(kept.lengths);
  if (std::any_of(kept.lengths.begin(), kept.lengths.end(), [](int64_t n) { return n <= 0; }) ||
      std::accumulate(kept.lengths.begin(), kept.lengths.end(), int64_t{0}) != kept.state.handed)
    return std::nullopt;
  return kept;
}

// What can be gone on from; what cannot is no reason not to begin anew.
std::optional<KeptSeparation> interrupted_separation(const std::filesystem::path& file, const json& identity,
                                                     const BandPrior& band, const Song& song,
                                                     const SeparationRequest& request) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return std::nullopt;
  std::optional<KeptSeparation> kept;
  try {
    kept = read_separation(file, identity);
  } catch (const Error&) {
  } catch (const json::exception&) {
  } catch (const c10::Error&) {
  }
  if (!kept || !continues(kept->state, band, song, request)) return std::nullopt;
  return kept;
}

}  // namespace

std::filesystem::path sound_beside(const std::filesystem::path& state) { return state.string() + ".sound"; }

SeparationResult separate_keeping(const BandPrior& band, const Song& song, const SeparationRequest& request,
                                  const SeparationKeeping& keeping,
                                  const std::function<void(const SeparatedStretch&)>& sink,
                                  const std::function<void(const SeparationProgress&)>& observer,
                                  std::stop_token stop) {
  if (keeping.file.empty()) return separate(band, song, request, sink, observer, std::move(stop));
  const json identity = identity_of(band, song, request, keeping);
  FinishedSound finished(sound_beside(keeping.file), keeping.samples);
  std::optional<KeptSeparation> before = interrupted_separation(keeping.file, identity, band, song, request);
  if (before) {
    const at::Tensor& pending = before->state.pending;  // [1 + samples, stems, channels, ...]
    const std::vector<int64_t> estimate{pending.size(1), pending.size(2)},
        samples{pending.size(0) - 1, pending.size(1), pending.size(2)};
    const int64_t values = pending.size(1) * pending.size(2) * (keeping.samples ? pending.size(0) : 1);
    if (!finished.cut_to(before->lengths, values)) before.reset();
    // Once the sink has got something of it there is no way back to the beginning.
    if (before && !finished.hand_to(sink, before->lengths, estimate, samples)) {
      finished.remove();  // at the next run it begins anew
      throw CheckpointError(sound_beside(keeping.file).string() + ": what was finished cannot be read");
    }
  }
  if (!before) finished.remove();
  KeptSeparation kept = before.value_or(KeptSeparation());
  StateClock clock;
  int64_t written = kept.state.windows;
  const auto write = [&] {
    if (written == kept.state.windows || !finished.whole()) return;
    write_separation(keeping.file, identity, kept);
    written = kept.state.windows;
  };
  const auto keep = [&](const SeparationState& state) {
    kept.state = state;
    clock.tick(state.seconds - (before ? before->state.seconds : 0), write);
  };
  const auto both = [&](const SeparatedStretch& stretch) {
    finished.append(stretch);
    kept.lengths.push_back(stretch.estimate.size(-1));
    sink(stretch);
  };
  const SeparationResult result = separate(band, song, request, both, observer, std::move(stop),
                                           {.from = before ? &before->state : nullptr, .kept = keep});
  std::error_code ignored;
  if (result.stopped)
    write();
  else
    std::filesystem::remove(keeping.file, ignored);
  // A sound without its state is of no use.
  if (!result.stopped || !std::filesystem::exists(keeping.file, ignored)) finished.remove();
  return result;
}

}  // namespace mgdm
