#include "core/samplers/mgdm/denoised_guidance.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "core/samplers/updates/draw.h"

namespace mgdm {

namespace {

int draw_tau(const MgdmSettings& s, StepContext& c, int i, int t, int t_prev) {
  const auto inside = [&](int level) { return std::clamp(level, 1, t - 1); };
  const auto uniform = [&](int low, int high) {
    high = inside(high);
    low = std::min(low, high);
    return static_cast<int>(c.input.noise.integer(low, high));
  };
  switch (s.tau) {
    case TauLaw::Uniform:
      return uniform(s.min_tau, t_prev - 1);
    case TauLaw::Mix:
      return i < s.threshold ? uniform(s.min_tau, t_prev - 1) : inside(t_prev);
    case TauLaw::Deterministic:
      return inside(t_prev);
    case TauLaw::MixDeterministic:
      return inside(i < s.threshold ? static_cast<int>(0.75 * t_prev) : t_prev);
    case TauLaw::Zero:
      return uniform(1, t_prev / 5 - 1);
  }
  return inside(t_prev);
}

// A draw of x_0 given x_tau by DDIM, for each chain from its own tau.
at::Tensor denoise_chain(const MgdmSettings& s, StepContext& c, const at::Tensor& x_tau, const Levels& tau) {
  const int smallest = *std::min_element(tau.begin(), tau.end());
  const int points = std::min(s.denoising_steps, smallest + 1);  // the same number for every chain
  if (points < 2) return c.denoise(x_tau, tau);
  std::vector<std::vector<int>> grids;
  for (const int level : tau) grids.push_back(denoising_grid(level, points));
  at::Tensor x = x_tau;
  for (int j = 0; j + 1 < points; ++j) {
    Levels from, to;
    for (const auto& grid : grids) {
      from.push_back(grid[j]);
      to.push_back(grid[j + 1]);
    }
    x = c.sample_bridge(x, c.denoise(x, from), from, to, {0}, s.eta);
  }
  return x;
}

}  // namespace

std::vector<int> denoising_grid(int tau, int denoising_steps) {
  const int points = std::min(denoising_steps, tau + 1);
  if (points < 2) return {tau, 0};
  std::vector<int> grid(points);
  for (int j = 0; j < points; ++j) grid[j] = static_cast<int>(int64_t{points - 1 - j} * tau / (points - 1));
  return grid;
}

void denoised_guidance(const MgdmSettings& s, StepContext& c) {
  const std::vector<int> ascending = c.schedule.timesteps(s.steps);
  std::vector<int> levels(ascending.rbegin(), ascending.rend());
  const SamplerStart* start = c.input.start;
  const int first = static_cast<int>(enter_levels(levels, start));
  const int n = s.steps;
  int outer = n - 3;
  if (!s.reference_compatible) {
    outer = 0;  // as long as there is room for a tau >= 1 below t
    while (outer + 2 < n && levels[outer + 1] >= 2) ++outer;
  }
  at::Tensor x_t = start != nullptr ? start->x_t : c.input.x_init;
  at::Tensor x_0 = start != nullptr ? start->x0 : c.denoise(x_t, {levels[0]});
  c.latest = x_0;
  at::Tensor state;
  for (int i = first; i < outer; ++i) {
    c.step = i + 1;
    const int t_next = levels[i], t = levels[i + 1], t_prev = levels[i + 2];
    Levels tau = s.reference_compatible ? Levels{draw_tau(s, c, i, t, t_prev)} : Levels{};
    const at::Tensor x_next = x_t;
    x_t = c.sample_bridge(x_next, x_0, {t_next}, {t}, {0}, s.eta);
    for (int r = 0; r < s.gibbs; ++r) {
      if (!s.reference_compatible) {
        tau.assign(s.tau_per_chain ? x_t.size(0) : 1, 0);
        for (int& level : tau) level = draw_tau(s, c, i, t, t_prev);
      }
      const BridgeTensors b = bridge_tensors(c.schedule, {t}, tau, {0}, 1.0, x_t);
      const at::Tensor mean = b.later * x_t + b.earlier * x_0;
      double update = 0;
      const at::Tensor x_tau = draw_conditional(
          s.update, {c, mean, b.std, &tau, static_cast<int>(s.gradient_steps.at(i, s.steps)), s.learning_rate.at(i, n)},
          state, update);
      c.check_finite(x_tau, "x_tau");
      x_0 = denoise_chain(s, c, x_tau, tau);
      c.latest = x_0;
      x_t = c.sample_bridge(x_next, x_tau, {t_next}, {t}, tau, 1.0);
      Iterate iterate;
      iterate.step = i + 1;
      iterate.steps = outer;
      iterate.gibbs = r + 1;
      iterate.t = t;
      iterate.tau = tau;
      iterate.x0 = x_0;
      iterate.x_t = x_t;
      iterate.update = update;
      c.show(std::move(iterate));
    }
  }
}

}  // namespace mgdm
