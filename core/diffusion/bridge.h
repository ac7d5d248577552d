// The bridge kernel: the law of an intermediate noise level given the two around it.
//
// For s < t < l and the schedule's abar, x_t | x_l, x_s under the forward process with stochasticity
// eta (Song et al. 2021, DDIM, eq. 7 and 12; MGDM, "A Mixture-Based Framework for Guiding Diffusion
// Models", sec. 2: the conditionals q_{t | s, l}):
//
//   a1 = abar_t / abar_s, a2 = abar_l / abar_t, a3 = abar_l / abar_s
//   std = eta sqrt((1 - a2)(1 - a1) / (1 - a3))
//   mean = c_l x_l + c_s x_s,  c_l = sqrt((1 - a1 - std^2) / (1 - a3)),  c_s = sqrt(a1) - c_l sqrt(a3)
//
// s = 0 with x_s = the denoised estimate is a DDIM step. All coefficients in double.
#pragma once
#include "core/diffusion/noise_schedule.h"

namespace mgdm {

struct Bridge {
  double later;    ///< c_l, weight of the noisier end x_l
  double earlier;  ///< c_s, weight of the cleaner end x_s
  double std;      ///< standard deviation of each coordinate
};

/// 0 <= s <= t < l <= T and 0 <= eta <= 1, else std::invalid_argument. At t = s it is exactly x_s
/// without noise.
Bridge bridge(const NoiseSchedule& schedule, int l, int t, int s, double eta = 1.0);

}  // namespace mgdm
