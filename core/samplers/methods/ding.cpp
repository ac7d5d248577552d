// Moufad, Bagheri Shouraki, Durmus, Hirtz, Moulines, Olsson & Janati, "Efficient Zero-Shot Inpainting with Decoupled
// Diffusion Guidance", ICLR 2026: from level t to s the prior's own reverse step N(m, std^2) makes a proxy of x_s, at
// which the network tells the noise w in it; the likelihood of x_s is then
//   N(alpha_s y + sigma_s H w; H x_s, (alpha_s sigma_y)^2),
// linear in x_s, so that it and the reverse step together are drawn from exactly: two evaluations a step, no gradient.
// alpha = sqrt(abar), sigma = sqrt(1 - abar).
//
// For pixels by H's singular value decomposition (the paper has masks only, of which this is the general linear case).
// On latents where H is a mask: the mask is brought to the latents' grid (kept where nearly all of a latent's pixels
// are), y becomes the latent of the picture whose hole shows what the chain has there so far, and its noise the spread
// that the encoder makes of sigma_y.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>

#include "core/operators/masks.h"
#include "core/samplers/description.h"
#include "core/samplers/requirements.h"
#include "core/samplers/step_context.h"

namespace mgdm {

namespace {

enum class Spread { Ddpm, Square, Root };

struct DingSettings {
  int steps;
  Spread spread;
  int refresh;
};

Fields<DingSettings> ding_fields() {
  using S = DingSettings;
  return {steps_field(&S::steps, 100),
          field(&S::spread, "spread", "Spread of the reverse step",
                "ddpm: ancestral. With tau = sigma / (alpha + sigma) of the next level, square: sigma tau, and root: "
                "sigma sqrt(tau), wider than ddpm's at high levels.",
                Spread::Ddpm, {"ddpm", "square", "root"}),
          field(&S::refresh, "refresh", "Refresh the hole",
                "Models on latents: steps between encodings of the picture with what the chain has in its hole.", 4, 1,
                1000)};
}

// What is observed of x: some of its coordinates, scaled and noisy, in a basis in which they are independent.
class Seen {
 public:
  virtual ~Seen() = default;
  virtual at::Tensor to(const at::Tensor& x) const = 0;    // [B, ...] -> [B, d]
  virtual at::Tensor from(const at::Tensor& z) const = 0;  // the way back
  at::Tensor scale;                                        // [d], 0: not seen
  at::Tensor values;                                       // [1 or B, d], 0 where not seen
  double sigma = 0;                                        // of their noise
  /// x0 [B, ...], the newest estimate, before step k.
  virtual void look(int /*k*/, const at::Tensor& /*x0*/) {}
};

class SpectralSeen : public Seen {
 public:
  SpectralSeen(const SamplerInput& input) : h_(spectral_of(input, "ding")), sizes_(input.x_init.sizes().vec()) {
    const GaussianLikelihood& likelihood = gaussian_of(input, "ding");
    const at::Tensor s = h_.singular_values().to(input.x_init.options());
    const at::Tensor seen = h_.observation_to_spectral(likelihood.observation()).to(input.x_init.options());
    const int64_t unseen = input.x_init[0].numel() - s.numel();
    scale = at::cat({s, at::zeros({unseen}, s.options())});
    values = at::cat({seen, at::zeros({seen.size(0), unseen}, s.options())}, 1);
    sigma = likelihood.sigma();
  }
  at::Tensor to(const at::Tensor& x) const override { return h_.to_spectral(x); }
  at::Tensor from(const at::Tensor& z) const override { return h_.from_spectral(z).reshape(sizes_); }

 private:
  const Operator& h_;
  std::vector<int64_t> sizes_;
};

class LatentSeen : public Seen {
 public:
  LatentSeen(const SamplerInput& input, int refresh)
      : codec_(*input.prior.codec), sizes_(input.x_init.sizes().vec()), refresh_(refresh) {
    const GaussianLikelihood& likelihood = gaussian_of(input, "ding");
    const at::Tensor kept = kept_values(likelihood.degradation());
    if (!kept.defined())
      throw OperatorError("the sampler ding with a latent model fills what is missing of a picture, and nothing else");
    // A pixel is known where all its colours are.
    known_ = kept.all(0).to(input.x_init.options()).unsqueeze(0).unsqueeze(0);
    picture_ = likelihood.degradation().adjoint(likelihood.observation()).to(input.x_init.options()) * known_;
    const at::Tensor share = at::adaptive_avg_pool2d(known_, {sizes_[2], sizes_[3]});
    constexpr double kNearlyAll = 0.95;
    scale = (share > kNearlyAll).to(input.x_init.scalar_type()).expand({1, sizes_[1], sizes_[2], sizes_[3]}).flatten();
    // What the encoder makes of the observation's noise, by more of it.
    const at::Tensor noise = at::randn(picture_.sizes(), at::detail::createCPUGenerator(1)).to(picture_.options());
    const at::Tensor before = codec_.encode(picture_), after = codec_.encode(picture_ + likelihood.sigma() * noise);
    constexpr double kLeast = 0.01;  // the paper's, where there is none
    sigma = std::hypot(kLeast, (after - before).square().mean().sqrt().item<double>());
  }
  at::Tensor to(const at::Tensor& x) const override { return x.flatten(1); }
  at::Tensor from(const at::Tensor& z) const override { return z.reshape(sizes_); }
  void look(int k, const at::Tensor& x0) override {
    if (values.defined() && k % refresh_ != 0) return;
    const at::Tensor whole = picture_ + (1 - known_) * codec_.decode(x0).clamp(-1, 1);
    values = codec_.encode(whole).flatten(1) * scale;
  }

 private:
  const Codec& codec_;
  std::vector<int64_t> sizes_;
  int refresh_;
  at::Tensor known_, picture_;
};

class Ding : public Sampler {
 public:
  explicit Ding(DingSettings settings) : s_(settings) {}

  SamplerResult run(const SamplerInput& input) const override {
    return run_stoppable(input, [&](StepContext& c) {
      at::NoGradGuard no_grad;
      std::unique_ptr<Seen> seen;
      if (input.prior.traits.latent) {
        seen = std::make_unique<LatentSeen>(input, s_.refresh);
      } else {
        seen = std::make_unique<SpectralSeen>(input);
      }
      const std::vector<int> ascending = c.schedule.timesteps(s_.steps);
      std::vector<int> levels(ascending.rbegin(), ascending.rend());
      at::Tensor x = input.start != nullptr ? input.start->x_t : input.x_init;
      for (size_t k = enter_levels(levels, input.start); k + 2 < levels.size(); ++k) {
        c.step = static_cast<int>(k) + 1;
        const at::Tensor x0 = c.denoise(x, {levels[k]});
        seen->look(static_cast<int>(k), x0);
        x = step(c, *seen, x, x0, levels[k], levels[k + 1]);
        c.show_step(levels.size() - 2, levels[k + 1], x0, x);
      }
      return c.denoise(x, {levels[levels.size() - 2]});
    });
  }

 private:
  double spread(double ancestral, double alpha, double sigma) const {
    const double tau = sigma / (alpha + sigma);
    return s_.spread == Spread::Ddpm ? ancestral : s_.spread == Spread::Square ? sigma * tau : sigma * std::sqrt(tau);
  }

  at::Tensor step(StepContext& c, const Seen& seen, const at::Tensor& x, const at::Tensor& x0, int t, int s) const {
    const double alpha_t = std::sqrt(c.schedule.alpha_bar(t)), alpha_s = std::sqrt(c.schedule.alpha_bar(s));
    const double sigma_t = std::sqrt(1 - alpha_t * alpha_t), sigma_s = std::sqrt(1 - alpha_s * alpha_s);
    const double r = alpha_t / alpha_s * sigma_s / sigma_t;
    const double std = std::max(1e-6, spread(sigma_s * std::sqrt(std::max(0.0, 1 - r * r)), alpha_s, sigma_s));
    const double direct = std::sqrt(std::max(0.0, sigma_s * sigma_s - std * std)) / sigma_t;
    const at::Tensor mean = direct * x + (alpha_s - alpha_t * direct) * x0;
    const at::Tensor proxy = mean + std * c.input.noise.normal_like(x);
    const at::Tensor w = predict_noise(c.schedule, proxy, c.denoise(proxy, {s}), s);
    const double precision_s = 1 / std::pow(alpha_s * seen.sigma, 2), precision = 1 / (std * std);
    const at::Tensor target = alpha_s * seen.values + sigma_s * seen.scale * seen.to(w);
    const at::Tensor total = precision + seen.scale.square() * precision_s;
    const at::Tensor centre = (seen.to(mean) * precision + seen.scale * target * precision_s) / total;
    return seen.from(centre + total.rsqrt() * seen.to(c.input.noise.normal_like(x)));
  }

  DingSettings s_;
};

}  // namespace

SamplerDescription describe_ding() {
  return {.name = "ding",
          .label = "DInG",
          .help =
              "Reverse steps drawn together with a likelihood that the network's own noise estimate makes linear: two "
              "evaluations a step, no gradient.",
          .paper = "Moufad et al., Efficient Zero-Shot Inpainting with Decoupled Diffusion Guidance, ICLR 2026",
          .rank = 25,
          .settings = described(ding_fields()),
          .presets = {{"quick", {{"steps", 28}}},
                      {"balanced", {{"steps", 100}}},
                      {"best", {{"steps", 300}}},
                      {"paper", {{"steps", 28}, {"spread", "square"}}}},
          .make = [](const Settings& s) { return std::make_unique<Ding>(typed(ding_fields(), s)); },
          .need = OperatorNeed::DecompositionOrMask};
}

}  // namespace mgdm
