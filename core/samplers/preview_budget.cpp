#include "core/samplers/preview_budget.h"

namespace mgdm {

bool PreviewBudget::affords(const Iterate& it) {
  constexpr double kShare = 0.02;
  if (it.decoded()) return true;
  const double cost = it.codec->decode_seconds(it.x0);
  if (spent_ + cost > kShare * it.seconds) return false;
  spent_ += cost;
  return true;
}

}  // namespace mgdm
