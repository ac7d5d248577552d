// The iterates of a run, kept for scrubbing and branching under a memory cap.
//
// Not thread-safe: belongs to the thread that runs the sampler.
#pragma once
#include <cstdint>
#include <vector>

#include "core/samplers/sampler.h"

namespace mgdm {

class Trajectory {
 public:
  explicit Trajectory(int64_t cap_bytes) : cap_bytes_(cap_bytes) {}

  /// Shares the iterate's tensors. Over the cap, every second one of the older half goes (the newest
  /// and the first always stay).
  void add(const Iterate& iterate);
  void clear() { kept_.clear(); }

  /// The kept iterate of that step and repetition, or nullptr if it was never there or was thinned.
  const Iterate* find(int step, int gibbs) const;
  const std::vector<Iterate>& kept() const { return kept_; }
  int64_t bytes() const;

 private:
  int64_t cap_bytes_;
  std::vector<Iterate> kept_;
};

/// A list under a cap: which entries to keep of `count`, oldest thinned first. Ascending indices.
std::vector<size_t> thin_older_half(size_t count);

}  // namespace mgdm
