// `mgdm selftest`: the numerical checks that tell a person whether an installation computes rightly.
#pragma once
#include <ATen/core/Tensor.h>

#include <functional>
#include <string>
#include <vector>

namespace mgdm {

struct Check {
  std::string name;
  bool passed;
  std::string detail;  ///< what was measured and what it had to be
};

/// Runs every check on `device`; `progress` gets each as it ends. Needs no files and about ten seconds.
std::vector<Check> selftest(at::Device device, const std::function<void(const Check&)>& progress = {});

}  // namespace mgdm
