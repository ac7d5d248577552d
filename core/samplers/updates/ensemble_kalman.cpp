// Tempered ensemble Kalman updates (ES-MDA, Emerick & Reynolds 2013).
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cmath>

#include "core/samplers/updates/update.h"

namespace mgdm {

namespace {

// What the gain C_vh (C_hh + r I)^-1 of L ensembles makes of misfits [L, N, m]; dv [L, E, n] and dh [L, E, m] are
// the members' deviations. Solved in the smaller of the two spaces.
at::Tensor kalman_step(const at::Tensor& dv, const at::Tensor& dh, const at::Tensor& misfit, double r) {
  const int64_t members = dv.size(1), m = dh.size(2);
  const double scale = 1.0 / static_cast<double>(members - 1);
  const at::Tensor dh_t = dh.transpose(1, 2), misfit_t = misfit.transpose(1, 2);
  at::Tensor weights;  // [L, E, N]: of each deviation in each step
  if (m <= members) {
    const at::Tensor covariance = at::matmul(dh_t, dh) * scale + r * at::eye(m, dh.options());
    weights = at::matmul(dh, at::linalg_solve(covariance, misfit_t));
  } else {
    const at::Tensor gram = at::matmul(dh, dh_t) * scale + r * at::eye(members, dh.options());
    weights = at::linalg_solve(gram, at::matmul(dh, misfit_t));
  }
  return at::matmul(weights.transpose(1, 2) * scale, dv);
}

}  // namespace

at::Tensor draw_ensemble_kalman(const Conditional& q, at::Tensor& state) {
  StepContext& c = q.context;
  at::NoGradGuard no_grad;
  const Likelihood& likelihood = *c.input.likelihood;
  constexpr int64_t kMembers = 32, kBlock = 8;
  const int64_t batch = q.mean.size(0), own = batch >= kMembers && likelihood.law() == NoiseLaw::Gaussian
                                                  ? 1
                                                  : kMembers;  // members of each sample's own
  const int64_t groups = own == 1 ? 1 : batch, members = own == 1 ? batch : own;
  const at::Tensor mean = q.mean.repeat_interleave(own, 0),
                   std = q.std.size(0) == 1 ? q.std : q.std.repeat_interleave(own, 0);
  Levels tau;
  if (q.tau != nullptr) {
    for (const int level : *q.tau) tau.insert(tau.end(), q.tau->size() == 1 ? 1 : static_cast<size_t>(own), level);
  }
  const auto& shape = likelihood.degradation().signal_shape();
  // Deviations are taken from a member without noise where the batch is the ensemble, for each sample has a mean of
  // its own; else from the ensemble's mean.
  at::Tensor v = mean + std * c.input.noise.normal_like(mean), centre = own == 1 ? mean : at::Tensor();
  at::Tensor hidden;
  const double inflation = q.steps;  // of the noise's variance: together the steps use the data once
  const auto observe = [&](const at::Tensor& x) {
    if (c.input.stop.stop_requested()) throw Stopped{};
    return likelihood.degradation().apply(c.input.prior.codec->decode(q.tau != nullptr ? c.denoise(x, tau) : x));
  };
  for (int k = 0; k < q.steps; ++k) {
    const at::Tensor h = observe(v), h_centre = centre.defined() ? observe(centre) : at::Tensor();
    // Observations are taken in units of their noise, which is common to an ensemble: other laws need one for each
    // sample.
    const at::Tensor members_h = h.reshape({groups, members, -1}),
                     middle = centre.defined() ? h_centre : members_h.mean(1);
    if (likelihood.hidden() && k == 0)
      hidden = likelihood.draw_precision(middle, members_h.var(1) + 1e-12, uniform_like(c, middle));
    // P^1/2, [1 or N, 1 or m]
    const at::Tensor weight =
        (likelihood.hidden() ? hidden : likelihood.precision(k == 0 ? at::Tensor() : middle)).sqrt();
    const at::Tensor member_weight = weight.size(0) == 1 ? weight : weight.repeat_interleave(own, 0);
    const at::Tensor misfit =
        member_weight * (likelihood.observation() - h) + std::sqrt(inflation) * c.input.noise.normal_like(h);
    const bool local = v.dim() == 4 && shape.size() == 3 && h.size(1) == likelihood.degradation().signal_size() &&
                       v.size(2) == shape[1] && v.size(3) == shape[2] && shape[1] % kBlock == 0 &&
                       shape[2] % kBlock == 0;
    const int64_t rows = local ? shape[1] / kBlock : 1, columns = local ? shape[2] / kBlock : 1;
    const auto blocks = [&](const at::Tensor& x) {  // -> [groups x rows x columns, members, C block block]
      if (!local) return x.reshape({groups, members, -1});
      return x.reshape({groups, members, shape[0], rows, kBlock, columns, kBlock})
          .permute({0, 3, 5, 1, 2, 4, 6})
          .reshape({groups * rows * columns, members, -1});
    };
    const auto whole = [&](const at::Tensor& x) {
      if (!local) return x.reshape(v.sizes());
      return x.reshape({groups, rows, columns, members, shape[0], kBlock, kBlock})
          .permute({0, 3, 4, 1, 5, 2, 6})
          .reshape(v.sizes());
    };
    at::Tensor dv = blocks(centre.defined() ? v - centre : v),
               dh = blocks(member_weight * (centre.defined() ? h - h_centre : h));
    if (!centre.defined()) {
      dv = dv - dv.mean(1, true);
      dh = dh - dh.mean(1, true);
    }
    v = v + whole(kalman_step(dv, dh, blocks(misfit), inflation));
    if (centre.defined())
      centre = centre + whole(kalman_step(dv, dh, blocks(weight * (likelihood.observation() - h_centre)), inflation));
  }
  v = v.reshape({batch, own, -1}).select(1, 0).reshape(q.mean.sizes()).contiguous();
  state = (v - q.mean) / q.std;
  return v;
}

}  // namespace mgdm
