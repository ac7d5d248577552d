#include "core/runs/run_cost.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <limits>
#include <string>

#include "core/problems/photo_problem.h"
#include "core/runs/sampling.h"

namespace mgdm {

namespace {

constexpr int64_t kSmall = 64;
// Tensors of the signal's size that a sampler, its update and the iterate that is shown hold together, and those of
// the observation. Measured: peak memory of `mgdm restore` on 2 to 12 megapixels.
constexpr int64_t kTensors = 16;

// The best estimate for white noise of variance 1/4.
class FreeDenoiser : public Denoiser {
 public:
  explicit FreeDenoiser(NoiseSchedule schedule) : schedule_(std::move(schedule)) {}
  at::Tensor predict_x0(const at::Tensor& x_t, const Levels& levels) override {
    std::vector<double> gain;
    for (const int t : levels) {
      const double a = schedule_.alpha_bar(t);
      gain.push_back(std::sqrt(a) * 0.25 / (0.25 * a + 1 - a));
    }
    return x_t * per_sample(gain, x_t);
  }
  at::Tensor denoise(const at::Tensor& x, double sigma) override { return x * (0.25 / (0.25 + sigma * sigma)); }

 private:
  NoiseSchedule schedule_;
};

double weighed(const NetworkEvaluations& e) { return static_cast<double>(e.forward + 2 * e.backward); }

}  // namespace

RunCost count_evaluations(const RunRequest& wanted, const Prior& prior, double sigma) {
  Prior small;
  small.name = prior.name;
  small.schedule = prior.schedule;
  small.traits.paper_config = prior.traits.paper_config;
  small.denoiser = std::make_shared<FreeDenoiser>(prior.schedule);
  small.reference_denoiser = small.denoiser;
  RunRequest request = wanted;
  request.observed = false;
  request.mask = nullptr;
  RunCost cost;
  try {
    const auto generator = at::detail::createCPUGenerator(1);
    const at::Tensor photo = at::rand({3, kSmall, kSmall}, generator, at::kFloat) - 0.5;
    const Task& task = find_task(request.task, request.task_settings);
    at::Tensor mask;
    if (task.needs_mask) {
      mask = at::zeros({kSmall, kSmall}, at::kBool);
      mask.slice(0, 16, 48).slice(1, 16, 48).fill_(true);
    }
    const Problem problem = photo_problem(request, photo, mask, nullptr);
    const Method method = make_method(request.sampler, request.preset, request.sampler_settings,
                                      problem.likelihood.get(), small.traits, task.name);
    SamplingOptions options;
    cost.evaluations = weighed(sample(small, problem, method, options).evaluations);
    const int t = std::max(2, small.schedule.nearest_level(sigma));
    const double alpha_bar = small.schedule.alpha_bar(t);
    const at::Tensor x0 = photo.unsqueeze(0);
    const SamplerStart start{t, std::sqrt(alpha_bar) * x0 + std::sqrt(1 - alpha_bar) * at::randn_like(x0), x0};
    options.start = &start;
    cost.refining = weighed(sample(small, problem, method, options).evaluations);
    // Classifier-free guidance asks the network twice.
    const auto guidance = request.prior_settings.find("guidance_scale");
    if (guidance != request.prior_settings.end() && guidance->is_number() && guidance->get<double>() != 1) {
      cost.evaluations *= 2;
      cost.refining *= 2;
    }
  } catch (const OperatorError&) {
    return {};  // the run itself will say what is wrong
  }
  return cost;
}

double seconds_per_megapixel(const Prior& prior) {
  constexpr int64_t kSide = 256;
  at::NoGradGuard no_grad;
  const std::vector<int64_t> sizes = prior.codec->model_sizes({3, kSide, kSide});
  const at::Tensor x =
      at::zeros({1, sizes[0], sizes[1], sizes[2]}, at::TensorOptions().dtype(at::kFloat).device(prior.device));
  const int level = prior.schedule.steps() / 2;
  const auto once = [&] {
    const auto clock = std::chrono::steady_clock::now();
    prior.denoiser->predict_x0(x, {level}).sum().item<double>();  // waits for a GPU
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - clock).count();
  };
  const double first = once();  // sets the network's buffers up
  return std::min(first, once()) / (kSide * kSide * 1e-6);
}

int64_t run_bytes(int64_t values, int64_t samples) { return kTensors * values * samples * int64_t{sizeof(float)}; }

int64_t available_bytes() {
  std::ifstream file("/proc/meminfo");
  std::string key;
  int64_t kilobytes = 0;
  for (std::string unit; file >> key >> kilobytes; std::getline(file, unit)) {
    if (key == "MemAvailable:") return kilobytes * 1024;
  }
  return std::numeric_limits<int64_t>::max();
}

}  // namespace mgdm
