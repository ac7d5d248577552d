// The blur network of Tran, Tran, Phung & Hoai, "Explore Image Deblurring via Encoded Blur Kernel Space", CVPR 2021:
// the function F(x, k) that blurs a sharp picture by an encoded kernel, as the MGDM and DPS papers' "nonlinear blur"
// uses it. Only that half of their `KernelWizard` (about 23.7 M parameters); the kernel extractor's tensors are
// ignored.
#pragma once
#include <ATen/core/Tensor.h>

#include <map>
#include <string>

namespace mgdm {

class KernelWizard {
 public:
  /// `state`: the published state dictionary (keys `feature_extractor.*`, `adapter.*`, `recon_trunk.*`), any float
  /// type. Throws std::invalid_argument that names the first tensor missing or of another shape.
  explicit KernelWizard(const std::map<std::string, at::Tensor>& state);
  /// x [B, 3, H, W] in [0, 1], H and W multiples of 128; kernel [1 or B, 512, H / 128, W / 128] -> [B, 3, H, W], not
  /// clamped. Differentiable in both; threads may share it.
  at::Tensor blur(const at::Tensor& x, const at::Tensor& kernel) const;
  static constexpr int64_t kMultiple = 128, kKernelChannels = 512;
  int64_t parameters() const;
  /// The tensors used and their shapes.
  static std::map<std::string, std::vector<int64_t>> expected();

 private:
  at::Tensor conv(const std::string& name, const at::Tensor& x, int64_t stride, int64_t padding) const;
  at::Tensor residual(const std::string& name, const at::Tensor& x) const;
  at::Tensor adapt(int depth, const at::Tensor& x, const at::Tensor& kernel) const;
  std::map<std::string, at::Tensor> tensors_;
};

}  // namespace mgdm
