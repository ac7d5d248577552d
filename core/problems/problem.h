// What is to be sampled: an observation and how it came about. Immutable once made; shared between chains and threads.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "core/operators/likelihood.h"

namespace mgdm {

struct Problem {
  std::shared_ptr<const Likelihood> likelihood;  ///< null: the prior alone
  std::vector<int64_t> signal;                   ///< shape of one clean signal, [3, H, W] or [C, frames, bins]
  at::Tensor reference;                          ///< the clean signal [1, ...]; undefined where only y is known
  at::Tensor known;                              ///< [1, 3, H, W] float32 on the CPU: what was given outside the hole
  at::Tensor hole;  ///< bool [H, W] on the CPU: what is to be filled; undefined: everything

  /// The observation as a picture [1, 3, h, w] on the CPU.
  at::Tensor observation_image() const;
  /// Where the observation is not met: |y - H(x)| in units of its noise, for a signal [1, 3, H, W], mean over the
  /// colours, [h, w] of the observation as people see it, on the CPU.
  at::Tensor residual_map(const at::Tensor& signal) const;
  /// The signal [B, 3, H, W] with what was given put back outside the hole, bit for bit; without a hole as it is.
  at::Tensor keep_known(const at::Tensor& signal) const;
};

}  // namespace mgdm
