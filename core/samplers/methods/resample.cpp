// Song, Kwon, Zhang, Hu, Qu & Shen, "Solving Inverse Problems with Latent Diffusion Models via Hard Data Consistency",
// ICLR 2024 (ReSample): DDIM steps in an autoencoder's space with a small gradient step each; in the lower two thirds
// of the noise every tenth step looks ahead, optimises the clean estimate until it agrees with the observation (first
// its pixels, later its latent), and draws the noisy state anew around it (stochastic resampling, prop. 1 there).
//
// Notation: abar_k and abar'_k are the levels that entry k goes from and to. Right here, unlike in the public code: the
// clean estimate is (z - sqrt(1 - abar) e) / sqrt(abar) (there 1 - abar, without the root), the steps that look ahead
// ask the network at the level that they are at (there one lower), chains do not influence each other (there they share
// norms and the end of an optimisation), and the optimisations have no weight decay. `reference_compatible` does as
// there. The end is an optimum, so that samples differ less than the posterior's would.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>

#include "core/samplers/description.h"
#include "core/samplers/requirements.h"
#include "core/samplers/step_context.h"

namespace mgdm {

namespace {

struct ResampleSettings {
  int steps, iterations;
  double eta, sigma_scale, pixel_rate, latent_rate;
  bool reference_compatible;
};

Fields<ResampleSettings> resample_fields() {
  using S = ResampleSettings;
  return {
      field(&S::steps, "steps", "Steps", "Noise levels from pure noise to the signal.", 500, 4, 500),
      field(&S::iterations, "iterations", "Optimisation steps",
            "At most so many gradient steps in each optimisation; it ends where the observation is met to within its "
            "noise.",
            200, 1, 2000),
      eta_field(&S::eta, 1.0),
      field(&S::sigma_scale, "sigma_scale", "Resampling width",
            "How far the state may move to what was optimised: 40; 60 to 90 for large holes and for enlarging.", 40.0,
            0.1, 1000),
      field(&S::pixel_rate, "pixel_rate", "Step size, pixels", "Adam's learning rate for a picture's pixels.", 1e-2,
            1e-6, 1),
      field(&S::latent_rate, "latent_rate", "Step size, latents", "Adam's learning rate for a latent.", 5e-3, 1e-6, 1),
      reference_field(&S::reference_compatible,
                      "The public code's estimate, levels and shared norms, and a start of its own.")};
}

class Resample : public Sampler {
 public:
  explicit Resample(ResampleSettings settings) : s_(settings) {}

  SamplerResult run(const SamplerInput& input) const override {
    return run_stoppable(input, [&](StepContext& c) {
      const GaussianLikelihood& likelihood = gaussian_of(input, "resample");
      if (!likelihood.differentiable())
        throw OperatorError("the sampler resample needs the degradation's gradient; this one has none");
      return Chain(s_, c, likelihood).run();
    });
  }

 private:
  // One run of it.
  class Chain {
   public:
    Chain(const ResampleSettings& s, StepContext& c, const GaussianLikelihood& likelihood)
        : s_(s), c_(c), likelihood_(likelihood), codec_(*c.input.prior.codec) {
      const int stride = std::max(1, c.schedule.steps() / s.steps);
      for (int k = 0; k < s.steps && k * stride + 2 <= c.schedule.steps(); ++k) levels_.push_back(k * stride + 2);
    }

    at::Tensor run() {
      const int entries = static_cast<int>(levels_.size()), third = entries / 3;
      const SamplerStart* start = c_.input.start;
      int first = entries - 1;
      while (start != nullptr && first > 0 && levels_[static_cast<size_t>(first)] > start->t) --first;
      at::Tensor z = start != nullptr          ? start->x_t
                     : s_.reference_compatible ? c_.input.noise.normal_like(c_.input.x_init)
                                               : c_.input.x_init;
      for (int k = first; k >= 0; --k) {
        c_.step = entries - k;
        auto [next, estimate] = step(z, k, level(k));
        z = next - from(k) / 2 * towards_observation(estimate) / std::sqrt(from(k));
        if (k > 0 && k <= entries - third && k % 10 == 0) {
          at::Tensor ahead = z;
          for (int j = k; j > std::max(k - 5, 0); --j)
            std::tie(ahead, estimate) = step(ahead, j, s_.reference_compatible ? level(j - 1) : level(j));
          estimate = k >= third ? codec_no_grad(optimised(decoded(estimate), true)) : optimised(estimate, false);
          z = resampled(z, estimate, k);
        }
        c_.show_step(static_cast<size_t>(entries), k > 0 ? level(k - 1) : 1, estimate, z);
      }
      return optimised(z, false);
    }

   private:
    int level(int k) const { return levels_[static_cast<size_t>(k)]; }
    double from(int k) const { return c_.schedule.alpha_bar(level(k)); }
    double to(int k) const { return c_.schedule.alpha_bar(k > 0 ? level(k - 1) : 1); }
    at::Tensor decoded(const at::Tensor& z) const {
      at::NoGradGuard no_grad;
      return codec_.decode(z);
    }
    at::Tensor codec_no_grad(const at::Tensor& x) const {
      at::NoGradGuard no_grad;
      return codec_.encode(x);
    }

    // A DDIM step with entry k's coefficients, the network asked at `at_level`: the next state and the clean estimate.
    std::pair<at::Tensor, at::Tensor> step(const at::Tensor& z, int k, int at_level) {
      const at::Tensor e = predict_noise(c_.schedule, z, c_.denoise(z, {at_level}), at_level);
      const double a = from(k), b = to(k);
      const double spread = s_.eta * std::sqrt((1 - b) / (1 - a) * (1 - a / b));
      const at::Tensor z0 = (z - std::sqrt(1 - a) * e) / std::sqrt(a);
      const at::Tensor next = std::sqrt(b) * z0 + std::sqrt(std::max(0.0, 1 - b - spread * spread)) * e +
                              spread * c_.input.noise.normal_like(z);
      return {next, s_.reference_compatible ? (z - (1 - a) * e) / std::sqrt(a) : z0};
    }

    // The gradient of ||y - A D(p)|| in p.
    at::Tensor towards_observation(const at::Tensor& p) const {
      return gradient_at(p, [&](const at::Tensor& v) {
        const at::Tensor misfit = likelihood_.observation() - likelihood_.degradation().apply(codec_.decode(v));
        constexpr double kTiny = 1e-24;  // a norm has no gradient at 0
        return s_.reference_compatible ? (misfit.square().sum() + kTiny).sqrt()
                                       : (misfit.square().sum(1) + kTiny).sqrt().sum();
      });
    }

    // The clean estimate moved until the observation is met to within its noise.
    at::Tensor optimised(at::Tensor p, bool pixels) const {
      constexpr double kFirst = 0.9, kSecond = 0.999, kEps = 1e-8, kDecay = 0.01;
      const double rate = pixels ? s_.pixel_rate : s_.latent_rate, enough = std::pow(likelihood_.sigma(), 2);
      at::Tensor m = at::zeros_like(p), v = at::zeros_like(p);
      std::vector<int64_t> shape(static_cast<size_t>(p.dim()), 1);
      shape[0] = p.size(0);
      at::Tensor active = at::ones(shape, p.options());
      std::vector<double> losses;
      for (int j = 1; j <= s_.iterations; ++j) {
        if (c_.input.stop.stop_requested()) throw Stopped{};
        at::Tensor each;  // mean squared misfit of each chain
        const at::Tensor g = gradient_at(p, [&](const at::Tensor& x) {
          const at::Tensor h = likelihood_.degradation().apply(pixels ? x : codec_.decode(x));
          const at::Tensor loss = (likelihood_.observation() - h).square().mean(1);
          each = loss.detach();
          return s_.reference_compatible ? loss.mean() : loss.sum();
        });
        m = kFirst * m + (1 - kFirst) * g;
        v = kSecond * v + (1 - kSecond) * g.square();
        const at::Tensor root = v.sqrt() / std::sqrt(1 - std::pow(kSecond, j)) + kEps;
        if (s_.reference_compatible) p = p * (1 - kDecay * rate);
        p = p - active * (rate / (1 - std::pow(kFirst, j))) * m / root;
        losses.push_back(each.mean().item<double>());
        if (s_.reference_compatible) {
          if (losses.back() < enough) break;
        } else {
          active = active * each.ge(enough).to(p.scalar_type()).view(shape);
          if (!active.any().item<bool>()) break;
        }
        constexpr size_t kLook = 200;
        if (!pixels && losses.size() > kLook && losses.back() > losses[losses.size() - 1 - kLook]) break;
      }
      return p;
    }

    // q(z' | z0, z): around the optimised estimate and where the chain was, in the measure of their variances.
    at::Tensor resampled(const at::Tensor& z, const at::Tensor& z0, int k) const {
      const double a = from(k), b = to(k), variance = s_.sigma_scale * (1 - b) / (1 - a) * (1 - a / b);
      const at::Tensor mean = (variance * std::sqrt(b) * z0 + (1 - b) * z) / (variance + 1 - b);
      return mean + std::sqrt(1 / (1 / variance + 1 / (1 - b))) * c_.input.noise.normal_like(z);
    }

    const ResampleSettings& s_;
    StepContext& c_;
    const GaussianLikelihood& likelihood_;
    const Codec& codec_;
    std::vector<int> levels_;  // ascending
  };

  ResampleSettings s_;
};

}  // namespace

SamplerDescription describe_resample() {
  return {.name = "resample",
          .label = "ReSample",
          .help =
              "DDIM steps in an autoencoder's space; every tenth estimate is optimised until it agrees with the "
              "observation, and the state is drawn anew around it.",
          .paper =
              "Song et al., Solving Inverse Problems with Latent Diffusion Models via Hard Data Consistency, ICLR "
              "2024",
          .rank = 75,
          .settings = described(resample_fields()),
          .presets = {{"quick", {{"steps", 50}, {"iterations", 50}}},
                      {"balanced", {{"steps", 100}, {"iterations", 100}}},
                      {"best", {{"steps", 500}}},
                      {"paper", nlohmann::json::object()}},
          .make = [](const Settings& s) { return std::make_unique<Resample>(typed(resample_fields(), s)); },
          .need = OperatorNeed::Gradient,
          .space = PriorSpace::Latent};
}

}  // namespace mgdm
