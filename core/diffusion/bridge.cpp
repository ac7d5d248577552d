#include "core/diffusion/bridge.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace mgdm {

Bridge bridge(const NoiseSchedule& schedule, int l, int t, int s, double eta) {
  if (!(0 <= s && s <= t && t < l && l <= schedule.steps())) {
    throw std::invalid_argument("bridge: levels must satisfy 0 <= s <= t < l <= " + std::to_string(schedule.steps()) +
                                ", got s=" + std::to_string(s) + " t=" + std::to_string(t) + " l=" + std::to_string(l));
  }
  if (!(eta >= 0.0 && eta <= 1.0)) {
    throw std::invalid_argument("bridge: eta is " + std::to_string(eta) + ", must be 0 to 1");
  }
  const double a1 = schedule.alpha_bar(t) / schedule.alpha_bar(s);
  const double a2 = schedule.alpha_bar(l) / schedule.alpha_bar(t);
  const double a3 = schedule.alpha_bar(l) / schedule.alpha_bar(s);
  if (a3 >= 1.0) return {0.0, std::sqrt(a1), 0.0};  // levels that a float32 table does not tell apart
  const double std = eta * std::sqrt((1.0 - a2) * (1.0 - a1) / (1.0 - a3));
  const double later = std::sqrt(std::max(0.0, 1.0 - a1 - std * std) / (1.0 - a3));
  return {later, std::sqrt(a1) - later * std::sqrt(a3), std};
}

}  // namespace mgdm
