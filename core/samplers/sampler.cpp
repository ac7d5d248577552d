#include "core/samplers/sampler.h"

namespace mgdm {

size_t enter_levels(std::vector<int>& levels, const SamplerStart* start) {
  if (start == nullptr) return 0;
  size_t below = 0;
  while (below + 1 < levels.size() && levels[below] >= start->t) ++below;
  const size_t first = below == 0 ? 0 : below - 1;
  levels[first] = start->t;
  return first;
}

}  // namespace mgdm
