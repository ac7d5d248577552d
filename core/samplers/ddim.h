// Unconditional sampling: DDIM (Song, Meng & Ermon 2021, eq. 12). Shows what the prior alone knows.
#pragma once
#include "core/samplers/sampler.h"

namespace mgdm {

struct DdimSettings {
  int steps = 50;    ///< network evaluations
  double eta = 1.0;  ///< 0 deterministic, 1 as stochastic as DDPM
  static DdimSettings from(const Settings& complete);
};

SamplerDescription describe_ddim();

}  // namespace mgdm
