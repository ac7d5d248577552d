// Methods without a model, as cells to compare with. In builds with OpenCV.
#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "core/settings/settings.h"

namespace mgdm {

struct ClassicalMethod {
  std::string name, label;
  bool fills = false;                  ///< needs a hole; the others repair a whole picture
  std::vector<Setting> settings = {};  ///< its strength, where it has one
};

/// telea, navier_stokes, fsr (frequency selective reconstruction, Genser et al. 2017; where OpenCV's xphoto is there),
/// nlm (non-local means), wiener (of a Gaussian blur), bicubic, observation.
const std::vector<ClassicalMethod>& classical_methods();
/// Throws SettingError naming those that there are.
const ClassicalMethod& find_classical_method(const std::string& name);

/// What the method makes of an observation [1, 3, h, w] in [-1, 1]: [1, 3, H, W], `signal` being [3, H, W]. `hole` [H,
/// W] bool where there is one. Throws OperatorError where it cannot.
at::Tensor classical_result(const ClassicalMethod& method, const Settings& settings, const at::Tensor& observation,
                            const at::Tensor& hole, const std::vector<int64_t>& signal);

}  // namespace mgdm
