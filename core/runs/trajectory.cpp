#include "core/runs/trajectory.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace mgdm {

std::vector<size_t> thin_older_half(size_t count) {
  std::vector<size_t> keep;
  for (size_t i = 0; i < count; ++i) {
    if (i >= count / 2 || i % 2 == 0) keep.push_back(i);
  }
  return keep;
}

int64_t Trajectory::bytes() const {
  int64_t sum = 0;
  for (const auto& it : kept_) sum += static_cast<int64_t>(it.x0.nbytes() + it.x_t.nbytes());
  return sum;
}

void Trajectory::add(KeptIterate iterate) {
  kept_.push_back(std::move(iterate));
  while (bytes() > cap_bytes_ && kept_.size() > 2) {
    std::vector<KeptIterate> fewer;
    for (const size_t i : thin_older_half(kept_.size())) fewer.push_back(kept_[i]);
    if (fewer.size() == kept_.size()) fewer.erase(fewer.begin() + 1);
    kept_ = std::move(fewer);
  }
}

const KeptIterate* Trajectory::find(int step, int gibbs) const {
  const auto found = std::find_if(kept_.begin(), kept_.end(),
                                  [&](const KeptIterate& it) { return it.step == step && it.gibbs == gibbs; });
  return found == kept_.end() ? nullptr : &*found;
}

}  // namespace mgdm
