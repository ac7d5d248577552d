#include "core/runs/run.h"

#include <ATen/ATen.h>

#include <sys/resource.h>
#include <torch/version.h>

#include <ATen/Parallel.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

#include "core/files/json_text.h"

namespace mgdm {

namespace {
using nlohmann::json;

// Separate streams from one seed, so that adding samples never changes the observation.
enum Stream : uint64_t { kObservation = 1, kSampler = 2 };
uint64_t stream_seed(uint64_t seed, Stream stream) {
  return seed * 0x9E3779B97F4A7C15ull + stream * 0xD1B54A32D192ED03ull;
}

}  // namespace

void to_json(json& j, const RunRequest& r) {
  j = {{"task", r.task},
       {"task_settings", r.task_settings},
       {"sampler", r.sampler},
       {"preset", r.preset},
       {"settings", r.sampler_settings},
       {"prior", r.prior},
       {"observed", r.observed},
       {"noise", r.noise},
       {"samples", r.samples},
       {"seed", r.seed}};
  if (r.noise_law != "gaussian") j["noise_law"] = r.noise_law;
  if (r.noise_law == "salt_and_pepper") j["outliers"] = r.outliers;
  if (!r.mask.is_null()) j["mask"] = r.mask;
  if (!r.branch.is_null()) j["branch"] = r.branch;
}

void from_json(const json& j, RunRequest& r) {
  if (!j.is_object()) throw SettingError("a run must be a JSON object");
  for (const auto& [key, value] : j.items()) {
    try {
      if (key == "task")
        value.get_to(r.task);
      else if (key == "task_settings")
        r.task_settings = value;
      else if (key == "sampler")
        value.get_to(r.sampler);
      else if (key == "preset")
        value.get_to(r.preset);
      else if (key == "settings")
        r.sampler_settings = value;
      else if (key == "prior")
        value.get_to(r.prior);
      else if (key == "observed")
        value.get_to(r.observed);
      else if (key == "noise")
        value.get_to(r.noise);
      else if (key == "noise_law")
        value.get_to(r.noise_law);
      else if (key == "outliers")
        value.get_to(r.outliers);
      else if (key == "samples")
        value.get_to(r.samples);
      else if (key == "seed")
        value.get_to(r.seed);
      else if (key == "mask")
        r.mask = value;
      else if (key == "branch")
        r.branch = value;
      else
        throw SettingError("run: unknown key '" + key + "'");
    } catch (const json::exception&) {
      throw SettingError("run: '" + key + "' has the wrong type: " + json_text(value));
    }
  }
}

json pack_mask(const at::Tensor& mask) {
  const at::Tensor painted = mask.to(at::kCPU).ne(0).contiguous();
  const bool* cell = painted.data_ptr<bool>();
  json runs = json::array();
  bool now = false;
  int64_t length = 0;
  for (int64_t i = 0; i < painted.numel(); ++i) {
    if (cell[i] != now) {
      runs.push_back(length);
      length = 0;
      now = !now;
    }
    ++length;
  }
  runs.push_back(length);
  return {{"size", {mask.size(1), mask.size(0)}}, {"runs", runs}};
}

at::Tensor unpack_mask(const json& packed) {
  try {
    const auto size = packed.at("size").get<std::array<int64_t, 2>>();
    const auto runs = packed.at("runs").get<std::vector<int64_t>>();
    if (size[0] < 1 || size[1] < 1 || size[0] > 8192 || size[1] > 8192)
      throw SettingError("run: the mask's size is out of range");
    at::Tensor mask = at::zeros({size[1], size[0]}, at::kByte);
    at::Tensor flat = mask.view({-1});
    int64_t from = 0;
    for (size_t i = 0; i < runs.size(); ++i) {
      if (runs[i] < 0 || runs[i] > flat.numel() - from) throw SettingError("run: the mask's runs do not fit its size");
      if (i % 2 == 1) flat.slice(0, from, from + runs[i]).fill_(255);
      from += runs[i];
    }
    if (from != flat.numel()) throw SettingError("run: the mask's runs do not fit its size");
    return mask;
  } catch (const json::exception&) {
    throw SettingError("run: 'mask' is not a packed mask");
  }
}

Run::Run(std::shared_ptr<const Prior> prior, RunRequest request, const at::Tensor& photo, const at::Tensor& given_mask)
    : prior_(std::move(prior)), request_(std::move(request)), photo_(photo) {
  at::Tensor mask = given_mask;
  task_ = &find_task(request_.task, request_.task_settings);
  request_.task_settings = complete_settings(task_->settings, request_.task_settings, "task " + task_->name);
  const SamplerDescription& sampler = find_sampler(request_.sampler);
  ::mgdm::sampler_settings(sampler, request_.preset,
                           request_.sampler_settings);  // what is wrong with them is said first
  if (request_.noise < 0) request_.noise = task_->noise;
  if (!(request_.noise > 0 && request_.noise <= 2)) {
    throw SettingError("noise is " + std::to_string(request_.noise) +
                       ", must be above 0 and at most 2 (standard deviation, image range -1 to 1)");
  }
  const auto law = std::find(noise_law_names().begin(), noise_law_names().end(), request_.noise_law);
  if (law == noise_law_names().end())
    throw SettingError("noise law '" + request_.noise_law +
                       "' is unknown; known are gaussian, poisson, salt_and_pepper");
  if (!(request_.outliers > 0 && request_.outliers < 1))
    throw SettingError("outliers is " + std::to_string(request_.outliers) +
                       ", must lie between 0 and 1 (share of the values)");
  const NoiseModel noise_model{static_cast<NoiseLaw>(law - noise_law_names().begin()), request_.noise,
                               request_.outliers};
  if (noise_model.law != NoiseLaw::Gaussian && !task_->adds_noise) {
    throw SettingError(
        "the task " + task_->name +
        " has no noise of its own, its noise level stands for the model's error; the noise law must be gaussian");
  }
  if (noise_model.law == NoiseLaw::Poisson && !task_->image_valued)
    throw SettingError("the task " + task_->name +
                       " does not observe a picture, so its noise cannot be that of photon counts (poisson)");
  if (request_.samples < 1 || request_.samples > 256) {
    throw SettingError("samples is " + std::to_string(request_.samples) + ", must be 1 to 256");
  }
  if (photo.dim() != 3) throw OperatorError("a photo must be a tensor [3, H, W]");
  if (!photo.isfinite().all().item<bool>()) throw OperatorError("the photo holds values that are not numbers");

  const Prior& p = *prior_;
  const double factor = request_.observed ? shrink_factor(*task_, request_.task_settings) : 1;
  const bool any_factor = factor > 1 && task_->shrink == 1;
  shape_ = {photo.size(0)};
  for (const int64_t side : {photo.size(1), photo.size(2)}) {
    const double whole = static_cast<double>(side) * factor;  // by any factor: to the nearest size that the model takes
    shape_.push_back(any_factor ? std::max<int64_t>(1, std::llround(whole / static_cast<double>(p.size_multiple))) *
                                      p.size_multiple
                                : std::llround(whole));
  }
  for (const int64_t side : {shape_[1], shape_[2]}) {
    if (side % p.size_multiple != 0 || side < p.min_size || side > p.max_size) {
      throw OperatorError("the image is " + std::to_string(shape_[2]) + "x" + std::to_string(shape_[1]) + "; model '" +
                          p.name + "' takes sides from " + std::to_string(p.min_size) + " to " +
                          std::to_string(p.max_size) + " that are multiples of " + std::to_string(p.size_multiple));
    }
  }
  if (task_->needs_mask) {
    if (!mask.defined() && !request_.mask.is_null()) mask = unpack_mask(request_.mask);
    if (mask.defined() && (mask.dim() != 2 || mask.size(0) != shape_[1] || mask.size(1) != shape_[2])) {
      throw OperatorError("the mask is not of the image's size, " + std::to_string(shape_[2]) + "x" +
                          std::to_string(shape_[1]));
    }
    if (mask.defined()) request_.mask = pack_mask(mask);
  } else {
    request_.mask = nullptr;
  }
  const std::shared_ptr<Operator> degradation =
      make_operator(*task_, request_.task_settings, shape_, mask,
                    any_factor ? std::array<int64_t, 2>{photo.size(1), photo.size(2)} : std::array<int64_t, 2>{0, 0});
  settings_ =
      ::mgdm::sampler_settings(sampler, request_.preset, request_.sampler_settings, degradation.get(), prior_->traits);
  sampler_ = sampler.make(settings_);
  if (settings_.value("reference_compatible", false) && prior_->reference_denoiser) {
    auto as_published = std::make_shared<Prior>(*prior_);
    as_published->denoiser = prior_->reference_denoiser;
    prior_ = std::move(as_published);
  }
  if (const std::string reason = why_not(sampler, *degradation, noise_model.law, prior_->traits); !reason.empty()) {
    throw SettingError("sampler " + sampler.name + " cannot do the task " + task_->name + ": " + reason);
  }
  at::Tensor y;
  if (!request_.observed) {
    reference_ = photo.unsqueeze(0).to(at::kFloat);
    y = degradation->observe(reference_);
    if (task_->adds_noise)
      y = draw_observation(y, noise_model, at::detail::createCPUGenerator(stream_seed(request_.seed, kObservation)));
  } else {
    y = degradation->from_photo(photo.unsqueeze(0).to(at::kFloat));
    if (const int64_t expected = degradation->apply(at::zeros({1, shape_[0], shape_[1], shape_[2]})).size(1);
        expected != y.size(1)) {
      throw OperatorError("the picture has " + std::to_string(y.size(1)) + " values, but what the task " + task_->name +
                          " gives has " + std::to_string(expected));
    }
  }
  if (request_.observed && task_->needs_mask) {
    given_ = photo.unsqueeze(0).to(at::kCPU, at::kFloat);
    hole_ = mask.to(at::kCPU, at::kBool);
  }
  likelihood_ = make_likelihood(degradation, y.to(p.device), noise_model);
}

at::Tensor Run::observation_image() const {
  at::NoGradGuard no_grad;
  return likelihood_->degradation().display(likelihood_->observation()).to(at::kCPU, at::kFloat);
}

at::Tensor Run::keep_known(const at::Tensor& signal) const {
  return hole_.defined() ? at::where(hole_, signal, given_) : signal;
}

at::Tensor Run::residual_map(const at::Tensor& signal) const {
  at::NoGradGuard no_grad;
  const Operator& h = likelihood_->degradation();
  const at::Tensor misfit = likelihood_->misfit(h.apply(signal));
  return h.display(misfit)[0].abs().mean(0).to(at::kCPU, at::kFloat);
}

// The state of the iterate that this run branches from, by running its parent that far.
SamplerStart Run::repeat_parent(const std::stop_token& stop) const {
  int step = 0, gibbs = 0;
  int64_t chain = -1;
  RunRequest parent;
  try {
    step = request_.branch.at("step");
    gibbs = request_.branch.at("gibbs");
    chain = request_.branch.at("chain");
    request_.branch.at("request").get_to(parent);
  } catch (const json::exception&) {
    throw SettingError("run: 'branch' must hold request, step, gibbs and chain");
  }
  if (chain < -1 || chain >= parent.samples || (chain == -1 && parent.samples != request_.samples)) {
    throw SettingError("run: 'branch' names a sample that its parent does not have");
  }
  SamplerStart start;
  std::stop_source reached;
  const std::stop_callback outer(stop, [&] { reached.request_stop(); });
  Run(prior_, parent, photo_)
      .execute(
          [&](const Iterate& it) {
            if (it.step != step || it.gibbs != gibbs) return;
            start = {it.t, it.x_t, it.x0};
            reached.request_stop();
          },
          reached.get_token());
  if (!start.x_t.defined()) {
    if (stop.stop_requested()) return start;
    throw SettingError("run: 'branch' names step " + std::to_string(step) + ", which its parent does not reach");
  }
  return start;
}

RunResult Run::execute(const std::function<void(const Iterate&)>& observer, std::stop_token stop,
                       const SamplerStart* given) const {
  const auto started = std::chrono::steady_clock::now();
  SeededNoise noise(stream_seed(request_.seed, kSampler));
  std::vector<int64_t> shape{request_.samples};
  const auto sizes = prior_->codec->model_sizes(shape_);
  shape.insert(shape.end(), sizes.begin(), sizes.end());
  const at::Tensor like = at::empty({1}, at::TensorOptions().dtype(at::kFloat).device(prior_->device));
  const at::Tensor x_init = noise.normal_like(at::empty(shape, like.options()));
  const bool conditional = find_sampler(request_.sampler).needs_likelihood;
  SamplerStart start;
  if (!request_.branch.is_null()) {
    start = given != nullptr ? *given : repeat_parent(stop);
    if (!start.x_t.defined()) {  // stopped before it was reached
      RunResult result;
      result.stopped = true;
      result.samples = at::zeros({request_.samples, shape_[0], shape_[1], shape_[2]});
      return result;
    }
    if (const int64_t chain = request_.branch.at("chain"); chain >= 0) {
      start.x_t = start.x_t.slice(0, chain, chain + 1).expand(shape).contiguous();
      start.x0 = start.x0.slice(0, chain, chain + 1).expand(shape).contiguous();
    }
    if (start.x_t.sizes() != at::IntArrayRef(shape))
      throw SettingError("run: the iterate to branch from has another size");
  }
  const SamplerInput input{*prior_, conditional ? likelihood_.get() : nullptr, x_init, noise, observer,
                           stop,    start.x_t.defined() ? &start : nullptr};
  const SamplerResult sampled = sampler_->run(input);
  at::NoGradGuard no_grad;
  RunResult result;
  const at::Tensor signal = prior_->codec->decode(sampled.x0);
  result.samples = keep_known(signal.to(at::kCPU, at::kFloat));
  if (conditional) result.residual = likelihood_->residual(signal).to(at::kCPU);
  result.evaluations = sampled.evaluations;
  result.stopped = sampled.stopped;
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  return result;
}

json Run::record(const RunResult& result) const {
  RunRequest complete = request_;
  complete.preset.clear();  // the complete settings stand for themselves
  complete.sampler_settings = settings_;
  json j = {{"program", "MGDM Studio"},
            {"version", MGDM_VERSION},
            {"torch", TORCH_VERSION},
            {"request", complete},
            {"preset", request_.preset},
            {"device", prior_->device.str()},
            {"precision", prior_->precision},
            {"threads", at::get_num_threads()},
            {"size", {shape_[2], shape_[1]}},
            {"seconds", result.seconds},
            {"seconds_outside_network", result.seconds - result.evaluations.seconds},
            {"evaluations", {{"forward", result.evaluations.forward}, {"backward", result.evaluations.backward}}},
            {"stopped", result.stopped},
            {"peak_memory_bytes", peak_memory_bytes()}};
  if (result.residual.defined()) {
    const at::Tensor r = result.residual.to(at::kDouble);
    j["residual"] = std::vector<double>(r.data_ptr<double>(), r.data_ptr<double>() + r.numel());
  }
  return j;
}

int64_t peak_memory_bytes() {
  rusage usage{};
  return getrusage(RUSAGE_SELF, &usage) == 0 ? int64_t{usage.ru_maxrss} * 1024 : 0;
}

}  // namespace mgdm
