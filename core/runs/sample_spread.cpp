#include "core/runs/sample_spread.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace mgdm {

SampleSpread::SampleSpread(int64_t stems, double rate) : length_(rate * kSeconds), sums_(static_cast<size_t>(stems)) {}

void SampleSpread::add(const at::Tensor& samples, int64_t n) {
  const int64_t end = put_ + n;
  const auto stretches = static_cast<size_t>(std::ceil(static_cast<double>(end) / length_));
  for (auto& stem : sums_) stem.resize(std::max(stem.size(), stretches));
  if (samples.defined() && samples.size(0) > 1) {
    const int64_t count = samples.size(0);
    // [stems, n]: sums over the samples and channels.
    const at::Tensor apart = (samples - samples.mean(0, true)).square_().sum(at::IntArrayRef({0, 2})) *
                             (static_cast<double>(count) / static_cast<double>(count - 1));
    const at::Tensor power = samples.square().sum(at::IntArrayRef({0, 2}));
    for (int64_t at = put_; at < end;) {
      const auto stretch = static_cast<size_t>(static_cast<double>(at) / length_);
      const auto next = std::min(end, static_cast<int64_t>(std::ceil(static_cast<double>(stretch + 1) * length_)));
      for (size_t k = 0; k < sums_.size(); ++k) {
        const auto of_stem = [&](const at::Tensor& values) {
          return values[static_cast<int64_t>(k)].slice(0, at - put_, next - put_).sum(at::kDouble).item<double>();
        };
        Sums& sums = sums_[k][stretch];
        sums.apart += of_stem(apart);
        sums.power += of_stem(power);
        sums.known += next - at;
      }
      at = next;
    }
  }
  put_ = end;
}

std::vector<float> SampleSpread::of(int64_t stem) const {
  const std::vector<Sums>& sums = sums_.at(static_cast<size_t>(stem));
  const auto whole = static_cast<size_t>(static_cast<double>(put_) / length_);
  std::vector<float> values;
  for (size_t i = 0; i < std::min(whole, sums.size()); ++i) {
    double all = 0;
    for (const auto& other : sums_) all += other[i].power;
    const bool heard = sums[i].known > 0 && sums[i].power > kFaintest * all && all > 0;
    values.push_back(heard ? static_cast<float>(std::sqrt(sums[i].apart / sums[i].power))
                           : std::numeric_limits<float>::quiet_NaN());
  }
  return values;
}

}  // namespace mgdm
