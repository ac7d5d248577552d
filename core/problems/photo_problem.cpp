#include "core/problems/photo_problem.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/seeds.h"

namespace mgdm {

namespace {

std::string size_text(int64_t width, int64_t height) { return std::to_string(width) + "x" + std::to_string(height); }

// The shape of the clean signal. An observation that was shrunk by any factor belongs to the nearest size that the
// model takes.
std::vector<int64_t> signal_shape(const ProblemRequest& request, const Task& task, const at::Tensor& photo,
                                  bool any_factor, int64_t multiple) {
  const double factor = request.observed ? shrink_factor(task, request.task_settings) : 1;
  std::vector<int64_t> shape{photo.size(0)};
  for (const int64_t side : {photo.size(1), photo.size(2)}) {
    const double whole = static_cast<double>(side) * factor;
    const auto steps = std::max<int64_t>(1, std::llround(whole / static_cast<double>(multiple)));
    shape.push_back(any_factor ? steps * multiple : std::llround(whole));
  }
  return shape;
}

void check_size(const std::vector<int64_t>& shape, const Prior& prior) {
  for (const int64_t side : {shape[1], shape[2]}) {
    if ((prior.any_size || side % prior.size_multiple == 0) && side >= prior.min_size && side <= prior.max_size)
      continue;
    throw OperatorError("the image is " + size_text(shape[2], shape[1]) + "; model '" + prior.name +
                        "' takes sides from " + std::to_string(prior.min_size) + " to " +
                        std::to_string(prior.max_size) + " that are multiples of " +
                        std::to_string(prior.size_multiple));
  }
}

}  // namespace

const std::vector<Setting>& photo_problem_settings() {
  static const std::vector<Setting> list{
      {"noise",
       "Noise level",
       "Standard deviation of the noise, image range -1 to 1 (poisson: at white); by default the task's own.",
       SettingKind::Real,
       nullptr,
       0.0001,
       2,
       {}},
      {"noise_law", "Kind of noise", "gaussian, poisson (photon counts) or salt_and_pepper (values that are lost).",
       SettingKind::Choice, "gaussian", 0, 0, noise_law_names()},
      {"outliers",
       "Lost values",
       "salt_and_pepper: share of the values that are lost.",
       SettingKind::Real,
       0.1,
       0.0001,
       0.99,
       {}},
      {"seed",
       "Seed",
       "Seed of all randomness; the same seed gives the same bytes.",
       SettingKind::Integer,
       0,
       0,
       9007199254740991,
       {}}};
  return list;
}

NoiseModel complete_problem_request(ProblemRequest& request) {
  const Task& task = find_task(request.task, request.task_settings);
  request.task_settings = complete_settings(task.settings, request.task_settings, "task " + task.name);
  if (request.noise < 0) request.noise = task.noise;
  const auto check = [](const char* name, const nlohmann::json& value) {
    check_setting(find_setting(photo_problem_settings(), name, ""), value, "");
  };
  check("noise", request.noise);
  check("noise_law", request.noise_law);
  check("outliers", request.outliers);
  check("seed", request.seed);
  const auto law = std::find(noise_law_names().begin(), noise_law_names().end(), request.noise_law);
  const NoiseModel noise{static_cast<NoiseLaw>(law - noise_law_names().begin()), request.noise, request.outliers};
  if (noise.law != NoiseLaw::Gaussian && !task.adds_noise) {
    throw SettingError(
        "the task " + task.name +
        " has no noise of its own, its noise level stands for the model's error; the noise law must be gaussian");
  }
  if (noise.law == NoiseLaw::Poisson && !task.image_valued)
    throw SettingError("the task " + task.name +
                       " does not observe a picture, so its noise cannot be that of photon counts (poisson)");
  return noise;
}

Problem photo_problem(ProblemRequest& request, const at::Tensor& photo, at::Tensor mask, const Prior* prior) {
  const NoiseModel noise = complete_problem_request(request);
  const Task& task = find_task(request.task, request.task_settings);
  if (photo.dim() != 3) throw OperatorError("a photo must be a tensor [3, H, W]");
  if (!photo.isfinite().all().item<bool>()) throw OperatorError("the photo holds values that are not numbers");

  const bool any_factor = request.observed && task.shrink == 1 && shrink_factor(task, request.task_settings) > 1;
  Problem problem;
  problem.signal = signal_shape(request, task, photo, any_factor, prior != nullptr ? prior->size_multiple : 1);
  if (prior != nullptr) check_size(problem.signal, *prior);
  if (task.needs_mask) {
    if (!mask.defined() && !request.mask.is_null()) mask = unpack_mask(request.mask);
    if (mask.defined() && (mask.dim() != 2 || mask.size(0) != problem.signal[1] || mask.size(1) != problem.signal[2])) {
      throw OperatorError("the mask is not of the image's size, " + size_text(problem.signal[2], problem.signal[1]));
    }
    if (mask.defined()) request.mask = pack_mask(mask);
  } else {
    request.mask = nullptr;
  }
  const std::shared_ptr<Operator> degradation =
      make_operator(task, request.task_settings, problem.signal, mask,
                    any_factor ? std::array<int64_t, 2>{photo.size(1), photo.size(2)} : std::array<int64_t, 2>{0, 0});
  const at::Tensor given = photo.unsqueeze(0).to(at::kFloat);
  at::Tensor y;
  if (!request.observed) {
    problem.reference = given;
    y = degradation->observe(given);
    if (task.adds_noise) {
      const uint64_t seed =
          request.observation_seed < 0 ? request.seed : static_cast<uint64_t>(request.observation_seed);
      y = draw_observation(y, noise, at::detail::createCPUGenerator(stream_seed(seed, Stream::Observation)));
    }
  } else {
    y = degradation->from_photo(given);
    const int64_t expected =
        degradation->apply(at::zeros({1, problem.signal[0], problem.signal[1], problem.signal[2]})).size(1);
    if (expected != y.size(1)) {
      throw OperatorError("the picture has " + std::to_string(y.size(1)) + " values, but what the task " + task.name +
                          " gives has " + std::to_string(expected));
    }
    if (task.needs_mask) {
      problem.known = given.to(at::kCPU);
      problem.hole = mask.to(at::kCPU, at::kBool);
    }
  }
  problem.likelihood = make_likelihood(degradation, prior != nullptr ? y.to(prior->device) : y, noise);
  return problem;
}

nlohmann::json pack_mask(const at::Tensor& mask) {
  const at::Tensor painted = mask.to(at::kCPU).ne(0).contiguous();
  const bool* cell = painted.data_ptr<bool>();
  nlohmann::json runs = nlohmann::json::array();
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

at::Tensor unpack_mask(const nlohmann::json& packed) {
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
  } catch (const nlohmann::json::exception&) {
    throw SettingError("run: 'mask' is not a packed mask");
  }
}

}  // namespace mgdm
