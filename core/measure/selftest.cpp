#include "core/measure/selftest.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <sstream>

#include "core/networks/denoising_unet.h"
#include "core/networks/group_norm_silu.h"
#include "core/networks/text_encoder.h"
#include "core/priors/gaussian_mixture.h"
#include "core/priors/photo_prior.h"
#include "core/runs/run.h"
#include "core/runs/sampling.h"
#include "core/samplers/description.h"

namespace mgdm {

namespace {

double relative_error(const at::Tensor& a, const at::Tensor& b) {
  const at::Tensor x = a.to(at::kCPU, at::kDouble), y = b.to(at::kCPU, at::kDouble);
  return ((x - y).norm() / y.norm()).item<double>();
}

std::string text(double value, double limit) {
  std::ostringstream out;
  out << value << " (must be at most " << limit << ")";
  return out.str();
}

Check at_most(std::string name, double value, double limit) {
  return {std::move(name), value <= limit, text(value, limit)};  // NaN fails
}

double kernel_error(at::Device device, at::ScalarType type) {
  auto generator = at::detail::createCPUGenerator(5);
  const auto draw = [&](at::IntArrayRef shape) { return at::randn(shape, generator).to(device); };
  const at::Tensor x0 = draw({2, 64, 40, 24}) * 1.5 + 0.5, s0 = draw({2, 64}), t0 = draw({2, 64}),
                   w = draw({2, 64, 40, 24});
  const auto run = [&](bool fused) {
    const at::Tensor x = x0.to(type).contiguous(at::MemoryFormat::ChannelsLast).detach().requires_grad_(true);
    const at::Tensor s = s0.clone().requires_grad_(true), t = t0.clone().requires_grad_(true);
    const at::Tensor y = fused ? group_norm_silu(x, s, t, 4) : group_norm_silu_reference(x, s, t, 4);
    auto all = torch::autograd::grad({(y.to(at::kFloat) * w).sum()}, {x, s, t});
    all.push_back(y.detach());
    return all;
  };
  const auto a = run(true), b = run(false);
  double worst = 0;
  for (size_t i = 0; i < a.size(); ++i) worst = std::max(worst, relative_error(a[i], b[i]));
  return worst;
}

// An untrained network would hide errors behind its zero-initialised layers; all weights are drawn.
std::shared_ptr<DenoisingUnet> random_network() {
  DenoisingUnetOptions options;
  options.channels = {32, 64};
  options.blocks = {1, 1};
  at::manual_seed(11);
  auto network = std::make_shared<DenoisingUnet>(options);
  at::NoGradGuard no_grad;
  for (auto& item : network->parameters()) {
    if (item.tensor.dim() == 4) item.tensor.normal_(0, 0.05);
  }
  return network;
}

double precision_error(at::Device device, at::ScalarType type) {
  auto generator = at::detail::createCPUGenerator(6);
  const at::Tensor x = at::randn({1, 3, 64, 48}, generator);
  const auto run = [&](at::Device where, at::ScalarType compute, at::MemoryFormat format) {
    const auto network = random_network();
    network->to(where);
    network->set_memory_format(format);
    network->freeze(compute);
    const at::Tensor input = x.to(where).detach().requires_grad_(true);
    const at::Tensor y = network->forward(input, at::full({1}, 0.7, input.options().requires_grad(false)));
    return std::vector<at::Tensor>{y.detach(), torch::autograd::grad({y.square().sum()}, {input})[0]};
  };
  const auto a = run(device, type, at::MemoryFormat::ChannelsLast);
  const auto b = run(at::kCPU, at::kFloat, at::MemoryFormat::Contiguous);
  return std::max(relative_error(a[0], b[0]), relative_error(a[1], b[1]));
}

double text_error(at::Device device) {
  const TextEncoderConfig small{.vocabulary = 200, .width = 128, .layers = 3, .hidden = 256, .embedding = 64};
  const TextEncoder encoder(small.layout().random(12, ""), {.heads = 2, .left_out = 1});
  const at::Tensor ids = at::randint(0, 200, {2, small.positions}, at::detail::createCPUGenerator(13), at::kLong);
  const auto here = encoder.encode(ids, true), there = encoder.encode(ids, true, device);
  return std::max(relative_error(there.tokens, here.tokens), relative_error(there.pooled, here.pooled));
}

GaussianMixture two_modes() {
  const auto f64 = at::TensorOptions().dtype(at::kDouble);
  return {at::tensor({0.5, 0.5}, f64), at::tensor({1.0, 0.5, -1.0, -0.5}, f64).reshape({2, 2}),
          at::stack({at::eye(2, f64) * 0.05, at::eye(2, f64) * 0.05})};
}

class Projection : public Operator {
 public:
  Projection() : Operator({2}) {}
  at::Tensor apply(const at::Tensor& x) const override { return x.slice(1, 0, 1) - x.slice(1, 1, 2); }
};

// y = x_1 - x_2 fixes one direction only; the other keeps both modes.
Check mixture(const std::string& name, const Settings& given) {
  const GaussianMixture prior = two_modes();
  const auto f64 = at::TensorOptions().dtype(at::kDouble);
  const at::Tensor a = at::tensor({1.0, -1.0}, f64).reshape({1, 2}), y = at::tensor({0.3}, f64);
  const GaussianMixture posterior = prior.posterior(a, y, 0.1);
  const Prior denoiser = make_mixture_prior(prior, NoiseSchedule::vp_linear());
  Problem problem;
  problem.signal = {2};
  problem.likelihood = std::make_shared<GaussianLikelihood>(std::make_shared<Projection>(), y.reshape({1, 1}), 0.1);
  Method method{&find_sampler("mgdm"), sampler_settings(find_sampler("mgdm"), "", given), {}};
  method.sampler = method.description->make(method.settings);
  const SamplerResult result =
      sample(denoiser, problem, method, {.samples = 600, .noise_seed = 17, .type = at::kDouble});
  const at::Tensor exact = (posterior.weights.unsqueeze(1) * posterior.means).sum(0);
  const at::Tensor error = result.x0.mean(0) - exact;
  const double share = result.x0.select(1, 0).gt(0).to(at::kDouble).mean().item<double>();
  const double expected = (posterior.weights * posterior.means.select(1, 0).gt(0)).sum().item<double>();
  const double off = std::max(error.abs().max().item<double>(), std::abs(share - expected));
  return at_most("MGDM (" + name + ") on a two-mode mixture: error of mean and mode weights", off, 0.15);
}

}  // namespace

std::vector<Check> selftest(at::Device device, const std::function<void(const Check&)>& progress) {
  std::vector<Check> checks;
  const auto add = [&](const std::function<Check()>& run, const std::string& name) {
    Check check{name, false, ""};
    try {
      check = run();
    } catch (const std::exception& e) {
      check.detail = std::string(e.what()).substr(0, 200);
    }
    checks.push_back(check);
    if (progress) progress(check);
  };
  const auto bf16 = resolve_precision("auto", device);
  add(
      [&] {
        return at_most("fused kernel (" + std::string(group_norm_silu_kernel_name()) + ") against plain path, float32",
                       kernel_error(device, at::kFloat), 1e-5);
      },
      "fused kernel, float32");
  add(
      [&] {
        return at_most("fused kernel against plain path, bfloat16", kernel_error(device, at::kBFloat16),
                       device.is_cpu() ? 2e-3 : 6e-3);
      },
      "fused kernel, bfloat16");
  add(
      [&] {
        return at_most("network and gradient in float32 channels_last against the plain CPU path",
                       precision_error(device, at::kFloat), device.is_cpu() ? 1e-5 : 2e-3);
      },
      "network, float32");
  if (bf16 == at::kBFloat16) {
    add(
        [&] {
          return at_most("network and gradient in bfloat16 against the plain CPU path",
                         precision_error(device, at::kBFloat16), 0.05);
        },
        "network, bfloat16");
  } else {
    add([&] { return Check{"bfloat16 is not fast on this device; float32 is used", true, ""}; }, "bfloat16");
  }
  add([&] { return at_most("text encoder, layers on the device, against the CPU", text_error(device), 2e-3); },
      "text encoder");
  add([&] { return mixture("the paper's", sampler_settings(find_sampler("mgdm"), "paper", {})); }, "MGDM, the paper's");
  add([&] { return mixture("Gauss-Newton", {{"guidance", "denoised"}, {"gradient_steps", 2}}); }, "MGDM, Gauss-Newton");
  add([&] { return mixture("annealed", Settings::object()); }, "MGDM, annealed");
  add(
      [&] {
        const auto prior = std::make_shared<const Prior>(make_photo_prior(random_network(), "random", device, "auto"));
        RunRequest request;
        request.task = "sr4";
        request.sampler_settings = {{"steps", 6}, {"denoising_steps", 2}, {"gradient_steps", 1}};
        const at::Tensor photo = at::zeros({3, 64, 64});
        const at::Tensor first = Run(prior, request, photo).execute().samples,
                         second = Run(prior, request, photo).execute().samples;
        return Check{"the same run twice gives the same bytes", at::equal(first, second),
                     at::equal(first, second) ? "identical" : "they differ"};
      },
      "replay");
  return checks;
}

}  // namespace mgdm
