#include "core/runs/separation_state.h"

#include <ATen/ATen.h>

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
  std::vector<SeparatedStretch> stretches;  // `samples` undefined where they are not kept
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
  std::vector<at::Tensor> estimates, samples;
  std::vector<int64_t> lengths;
  for (const SeparatedStretch& stretch : kept.stretches) {
    estimates.push_back(stretch.estimate);
    lengths.push_back(stretch.estimate.size(-1));
    if (stretch.samples.defined()) samples.push_back(stretch.samples);
  }
  const json about = {{"identity", identity},
                      {"windows", state.windows},
                      {"handed", state.handed},
                      {"stretches", lengths},
                      {"seconds", state.seconds},
                      {"forward", state.evaluations.forward},
                      {"backward", state.evaluations.backward},
                      {"seconds_in_network", state.evaluations.seconds}};
  std::map<std::string, at::Tensor> tensors{{"finished", state.finished}, {"pending", state.pending}};
  if (!estimates.empty()) tensors["estimate"] = at::cat(estimates, -1);
  if (!samples.empty()) tensors["samples"] = at::cat(samples, -1);
  try {
    write_safetensors(file, {std::move(tensors), {{kSeparation, json_text(about)}}});
  } catch (const std::exception&) {
  }
}

// [..., n] in stretches of those lengths; nothing where they do not add up to n.
std::vector<at::Tensor> stretches_of(const at::Tensor& sound, const std::vector<int64_t>& lengths) {
  if (!sound.defined() || sound.scalar_type() != at::kFloat || sound.dim() < 3) return {};
  if (std::accumulate(lengths.begin(), lengths.end(), int64_t{0}) != sound.size(-1)) return {};
  return sound.split_with_sizes(lengths, -1);
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
  const std::vector<int64_t> lengths = about.at("stretches");
  const auto estimates = stretches_of(tensor("estimate"), lengths), samples = stretches_of(tensor("samples"), lengths);
  const bool with_samples = identity.at("samples");
  if (estimates.size() != lengths.size() || (with_samples && samples.size() != lengths.size()) ||
      std::accumulate(lengths.begin(), lengths.end(), int64_t{0}) != kept.state.handed)
    return std::nullopt;
  for (size_t k = 0; k < lengths.size(); ++k)
    kept.stretches.push_back({estimates[k].contiguous(), with_samples ? samples[k].contiguous() : at::Tensor()});
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
  const auto stems = static_cast<int64_t>(separated_names(band, complete_request(request, band, song)).size()),
             channels = kept->state.pending.size(2);
  for (const SeparatedStretch& stretch : kept->stretches) {
    const int64_t n = stretch.estimate.size(-1);
    if (stretch.estimate.sizes() != at::IntArrayRef({stems, channels, n})) return std::nullopt;
    if (stretch.samples.defined() &&
        stretch.samples.sizes() != at::IntArrayRef({kept->state.finished.size(0), stems, channels, n}))
      return std::nullopt;
  }
  return kept;
}

}  // namespace

SeparationResult separate_keeping(const BandPrior& band, const Song& song, const SeparationRequest& request,
                                  const SeparationKeeping& keeping,
                                  const std::function<void(const SeparatedStretch&)>& sink,
                                  const std::function<void(const SeparationProgress&)>& observer,
                                  std::stop_token stop) {
  if (keeping.file.empty()) return separate(band, song, request, sink, observer, std::move(stop));
  const json identity = identity_of(band, song, request, keeping);
  const std::optional<KeptSeparation> before = interrupted_separation(keeping.file, identity, band, song, request);
  KeptSeparation kept = before.value_or(KeptSeparation());
  for (const SeparatedStretch& stretch : kept.stretches) sink(stretch);
  StateClock clock;
  int64_t written = kept.state.windows;
  const auto write = [&] {
    if (written == kept.state.windows) return;
    write_separation(keeping.file, identity, kept);
    written = kept.state.windows;
  };
  const auto keep = [&](const SeparationState& state) {
    kept.state = state;
    clock.tick(state.seconds - (before ? before->state.seconds : 0), write);
  };
  const auto both = [&](const SeparatedStretch& stretch) {
    if (keeping.samples)
      kept.stretches.push_back(stretch);
    else
      kept.stretches.push_back({stretch.estimate.clone(), {}});  // it is a part of what holds the samples, too
    sink(stretch);
  };
  const SeparationResult result = separate(band, song, request, both, observer, std::move(stop),
                                           {.from = before ? &before->state : nullptr, .kept = keep});
  std::error_code ignored;
  if (result.stopped)
    write();
  else
    std::filesystem::remove(keeping.file, ignored);
  return result;
}

}  // namespace mgdm
