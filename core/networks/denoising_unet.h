// `DenoisingUnet`: the denoiser behind our own priors, `photo` (pixels) and `band` (MDCT coefficients of four
// stems, rows = time, columns = frequency).
//
// A U-Net of residual blocks with adaptive group normalisation (Dhariwal & Nichol 2021) on
// pixel-unshuffled images, additive skips, self-attention at the lowest level if asked for, wrapped in the
// preconditioning of EDM (Karras et al. 2022, "Elucidating the design space of diffusion-based generative models",
// table 1):
//
//   D(x; s) = c_skip x + c_out F(c_in x, ln(s) / 4)
//   c_skip = d^2 / (s^2 + d^2),  c_out = s d / sqrt(s^2 + d^2),  c_in = 1 / sqrt(s^2 + d^2)
//
// with d = sigma_data. D approximates E[x_0 | x_0 + s n = x].
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "core/networks/parameters.h"

namespace mgdm {

struct DenoisingUnetOptions {
  int64_t image_channels = 3;
  int64_t patch = 2;                                    ///< pixel-unshuffle factor, 1, 2 or 4
  std::vector<int64_t> channels = {64, 128, 192, 256};  ///< width of each level
  std::vector<int64_t> blocks = {2, 2, 2, 2};           ///< residual blocks, each way
  int64_t group_channels = 16;                          ///< channels in one normalisation group
  int64_t embedding = 256;                              ///< width of the noise-level embedding
  double sigma_data = 0.5;                              ///< EDM's data standard deviation
  /// Input channels cos(pi k u), k = 1..n, that tell the network the column (u from 0 to 1 along W): for
  /// spectra, where the columns are frequencies and not alike. 0: translation equivariant.
  int64_t position_channels = 0;
  int64_t attention_blocks = 0;  ///< self-attention blocks at the lowest level
  /// 1 for each level whose residual blocks are each followed by self-attention (ADM's attention resolutions); empty:
  /// none.
  std::vector<int64_t> attention;
  /// Biases of the convolutions between the ends. Group normalisation takes most of a bias away again, and on a GPU
  /// each is one more pass over the data forward and two backward.
  bool convolution_bias = true;
  /// Width of the vector that tells a training network how its sample was augmented (Karras et al. 2020, 2022, appendix
  /// F.2), so that nothing of it leaks into what is sampled; nothing is told when sampling. 0: no such vector.
  int64_t augmentation_labels = 0;
  /// For MDCT coefficients (W = bins): the network also sees their quadrature q and magnitude (core/networks/mdct.h),
  /// and answers with a sum and a complex gate at each coefficient, F = a + g x + h q for its scaled input x. A plain
  /// network has to learn to multiply, and to follow phases from frame to frame.
  bool complex_gates = false;

  /// H and W must be multiples of `patch`; inside they are padded to multiples of this.
  int64_t size_multiple() const { return patch << (channels.size() - 1); }
  /// Throws std::invalid_argument naming the key, the value and what is allowed.
  void check() const;
  bool operator==(const DenoisingUnetOptions&) const = default;
};

void to_json(nlohmann::json& json, const DenoisingUnetOptions& options);
/// Unknown keys and wrong types throw std::invalid_argument that names the key.
void from_json(const nlohmann::json& json, DenoisingUnetOptions& options);

class DenoisingUnet {
 public:
  explicit DenoisingUnet(DenoisingUnetOptions options);

  /// x [B, C, H, W] = x_0 + sigma n, sigma [B] > 0 -> denoised image of x's shape, float32.
  /// Differentiable in x and in the parameters. H, W multiples of `options().patch`, at least
  /// `options().size_multiple()`.
  /// `labels` [B, options().augmentation_labels]; undefined: zeros, a sample as it is.
  at::Tensor forward(const at::Tensor& x, const at::Tensor& sigma, const at::Tensor& labels = {});
  /// Floating-point operations (two for a multiplication and addition) of the convolutions and attention products in
  /// all forward passes since the last call of this.
  double take_operations();

  const DenoisingUnetOptions& options() const { return options_; }
  Parameters& parameters() { return parameters_; }
  const Parameters& parameters() const { return parameters_; }
  void to(at::Device device) { parameters_.to(device); }

  /// The type the convolutions run in (float32 or bfloat16); sums, norms, the embedding and the
  /// output stay float32.
  void set_compute_type(at::ScalarType type) { compute_type_ = type; }
  /// channels_last (the fast layout, default) or contiguous.
  void set_memory_format(at::MemoryFormat format) { memory_format_ = format; }
  /// For sampling: no parameter gradients, convolution weights stored in the compute type and layout.
  void freeze(at::ScalarType compute_type);

 private:
  at::Tensor convolve(const std::string& layer, const at::Tensor& x, int64_t stride = 1);
  at::Tensor residual_block(const std::string& name, const at::Tensor& x, const at::Tensor& embedding);
  at::Tensor attention_block(const std::string& name, const at::Tensor& x);
  at::Tensor network(const at::Tensor& features, const at::Tensor& noise_level, const at::Tensor& labels);
  void add_convolution(const std::string& name, int64_t in, int64_t out, int64_t kernel, double gain, bool bias);
  void add_linear(const std::string& name, int64_t in, int64_t out, double gain);
  void add_norm(const std::string& name, int64_t channels);
  void add_block(const std::string& name, int64_t channels, bool attention);
  void add_attention(const std::string& name, int64_t channels);
  at::Tensor level_block(const std::string& level, int64_t block, const at::Tensor& x, const at::Tensor& embedding);
  const at::Tensor& parameter(const std::string& name) const;

  DenoisingUnetOptions options_;
  Parameters parameters_;
  at::ScalarType compute_type_ = at::kFloat;
  at::MemoryFormat memory_format_ = at::MemoryFormat::ChannelsLast;
  double operations_ = 0;
};

}  // namespace mgdm
