// When a running sampler's iterates are decoded in full for somebody who looks on.
#pragma once
#include "core/samplers/sampler.h"

namespace mgdm {

/// Keeps what decoding takes below 2 % of a run: other iterates are shown by their codec's preview.
class PreviewBudget {
 public:
  /// Whether `it.signal()` and `it.residual()` may be asked for now; if so, that is counted. Where decoding costs next
  /// to nothing always.
  bool affords(const Iterate& it);

 private:
  double spent_ = 0;
};

}  // namespace mgdm
