// How far the posterior samples of a separation lie apart: where they agree the prior is sure, where they do not a
// person should listen twice.
//
// Over stretches of a tenth of a second, for each stem: the root of the samples' unbiased variance over that of their
// mean square, between 0 (they are the same) and about 1 (they have nothing in common). A photo's spread map says the
// same of its pixels. For one thread.
#pragma once
#include <ATen/core/Tensor.h>

#include <vector>

namespace mgdm {

class SampleSpread {
 public:
  static constexpr double kSeconds = 0.1;    ///< of a stretch
  static constexpr double kFaintest = 1e-6;  ///< of a stretch's power over that of all stems: below it nothing is said

  /// `rate`: of the samples, Hz.
  SampleSpread(int64_t stems, double rate);
  /// The next n samples, [samples, stems, channels, n] float32; undefined: `n` of which nothing is known.
  void add(const at::Tensor& samples, int64_t n);
  int64_t stems() const { return static_cast<int64_t>(sums_.size()); }
  /// Of a stem, for each stretch so far that is whole; NaN: unknown, one sample, or nothing to be heard.
  std::vector<float> of(int64_t stem) const;

 private:
  struct Sums {
    double apart = 0, power = 0;
    int64_t known = 0;
  };
  double length_;  // samples of a stretch
  int64_t put_ = 0;
  std::vector<std::vector<Sums>> sums_;  // [stems][stretches]
};

}  // namespace mgdm
