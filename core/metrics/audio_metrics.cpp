#include "core/metrics/audio_metrics.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace mgdm {

at::Tensor si_sdr(const at::Tensor& estimate, const at::Tensor& reference) {
  constexpr double e = 1e-8;
  const at::Tensor x = estimate.to(at::kDouble), r = reference.to(at::kDouble);
  const at::Tensor a = ((x * r).sum(-1, true) + e) / (r.square().sum(-1, true) + e);
  const at::Tensor target = a * r;
  return 10 * ((target.square().sum(-1) + e) / ((target - x).square().sum(-1) + e)).log10();
}

at::Tensor sdr(const at::Tensor& estimate, const at::Tensor& reference) {
  constexpr double e = 1e-8;
  const at::Tensor x = estimate.to(at::kDouble), r = reference.to(at::kDouble);
  return 10 * ((r.square().sum(-1) + e) / ((r - x).square().sum(-1) + e)).log10();
}

at::Tensor median_sdr(const at::Tensor& estimate, const at::Tensor& reference, int64_t sample_rate) {
  constexpr double kAudible = 1e-4;  // rms
  const int64_t length = reference.size(2), chunk = std::min(sample_rate, length), chunks = length / chunk;
  const auto cut = [&](const at::Tensor& x) {  // [stems, chunks, channels * chunk]
    return x.to(at::kDouble)
        .narrow(2, 0, chunks * chunk)
        .reshape({x.size(0), x.size(1), chunks, chunk})
        .transpose(1, 2)
        .flatten(2);
  };
  const at::Tensor r = cut(reference), all = sdr(cut(estimate), r);
  const at::Tensor audible = r.square().mean(2).sqrt() > kAudible;
  return std::get<0>(at::nanmedian(at::where(audible, all, at::full_like(all, std::nan(""))), 1));
}

at::Tensor si_sdr_improvement(const at::Tensor& estimate, const at::Tensor& reference, const at::Tensor& mix,
                              int64_t sample_rate) {
  const int64_t window = 4 * sample_rate, hop = 2 * sample_rate, length = reference.size(1);
  std::vector<at::Tensor> values;
  for (int64_t begin = 0; begin == 0 || begin < length - hop; begin += hop) {
    const int64_t n = std::min(window, length - begin);
    const auto part = [&](const at::Tensor& t) { return t.narrow(-1, begin, n).to(at::kDouble); };
    const at::Tensor r = part(reference);
    const at::Tensor active = r.norm(2, at::IntArrayRef{1}) / static_cast<double>(n) >= 1.5e-5;
    if (active.sum().item<int64_t>() <= 1) continue;
    values.push_back(si_sdr(part(estimate), r) - si_sdr(part(mix).unsqueeze(0).expand_as(r), r));
  }
  if (values.empty()) return at::full({reference.size(0)}, std::numeric_limits<double>::quiet_NaN(), at::kDouble);
  return at::stack(values).mean(0);
}

}  // namespace mgdm
