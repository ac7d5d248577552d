#include "core/samplers/updates/draw.h"

#include <ATen/ATen.h>

namespace mgdm {

at::Tensor draw_conditional(const UpdateSettings& settings, const Conditional& conditional, at::Tensor& state,
                            double& moved) {
  at::Tensor v;
  switch (settings.kind) {
    case Update::GaussVi:
      v = draw_gauss_vi(conditional, state);
      break;
    case Update::GaussNewton:
    case Update::JacobianFree:
      v = draw_gauss_newton(settings, conditional, state);
      break;
    case Update::EllipticalSlice:
      v = draw_elliptical_slice(conditional, state);
      break;
    case Update::EnsembleKalman:
      v = draw_ensemble_kalman(conditional, state);
      break;
  }
  moved = state.square().mean().sqrt().item<double>();
  return v;
}

}  // namespace mgdm
