#include "core/metrics/seam.h"

#include <ATen/ATen.h>

#include <limits>

namespace mgdm {

at::Tensor gradient_across(const at::Tensor& images, const at::Tensor& hole) {
  const at::Tensor filled = hole.to(images.device()).ne(0), values = images.to(at::kDouble);
  const int64_t height = values.size(2), width = values.size(3);
  at::Tensor sum = at::zeros({values.size(0)}, values.options());
  int64_t pairs = 0;
  for (const int64_t dim : {2, 3}) {
    const int64_t length = (dim == 2 ? height : width) - 1;
    if (length < 1) continue;
    const at::Tensor border =
        filled.narrow(dim - 2, 0, length).logical_xor(filled.narrow(dim - 2, 1, length));  // one side of each pair
    const at::Tensor jump = (values.narrow(dim, 1, length) - values.narrow(dim, 0, length)).abs().mean(1);
    sum += (jump * border).sum(at::IntArrayRef({1, 2}));
    pairs += border.sum().item<int64_t>();
  }
  return pairs > 0 ? sum / static_cast<double>(pairs) : at::full_like(sum, std::numeric_limits<double>::quiet_NaN());
}

at::Tensor seam(const at::Tensor& images, const at::Tensor& reference, const at::Tensor& hole) {
  constexpr double kLeastSeen = 2.0 / 255;
  return gradient_across(images, hole) / gradient_across(reference.unsqueeze(0), hole).clamp_min(kLeastSeen);
}

}  // namespace mgdm
