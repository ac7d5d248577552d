// The iterates of a run, kept for scrubbing and branching under a memory cap.
//
// Not thread-safe: belongs to the thread that runs the sampler.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace mgdm {

/// What of an iterate is needed to go on from it; on the CPU, so that no memory of a GPU is held by the past.
struct KeptIterate {
  int step = 0, steps = 0, gibbs = 0, t = 0;
  double alpha_bar = 0;  ///< of level t in the schedule that x_t belongs to
  at::Tensor x_t, x0;
  double seconds = 0;                 ///< that the run had taken
  int64_t forward = 0, backward = 0;  ///< network evaluations so far
};

class Trajectory {
 public:
  explicit Trajectory(int64_t cap_bytes) : cap_bytes_(cap_bytes) {}

  /// Over the cap, every second one of the older half goes (the newest and the first always stay).
  void add(KeptIterate iterate);
  void clear() { kept_.clear(); }

  /// The kept iterate of that step and repetition, or nullptr if it was never there or was thinned.
  const KeptIterate* find(int step, int gibbs) const;
  const std::vector<KeptIterate>& kept() const { return kept_; }
  int64_t bytes() const;

 private:
  int64_t cap_bytes_;
  std::vector<KeptIterate> kept_;
};

/// A list under a cap: which entries to keep of `count`, oldest thinned first. Ascending indices.
std::vector<size_t> thin_older_half(size_t count);

}  // namespace mgdm
