#include "core/networks/kernel_wizard.h"

#include <ATen/ATen.h>

#include <sstream>
#include <stdexcept>

namespace mgdm {

namespace {

constexpr int kFrontBlocks = 10, kBackBlocks = 20, kDepth = 5;
constexpr int64_t kWidth = 64;
constexpr double kLeak = 0.1;

std::string adapter_name(int depth) {
  std::string name = "adapter.model";
  for (int i = 0; i < depth; ++i) name += ".submodule";
  return name;
}

}  // namespace

std::map<std::string, std::vector<int64_t>> KernelWizard::expected() {
  std::map<std::string, std::vector<int64_t>> shapes;
  const auto conv = [&](const std::string& name, int64_t out, int64_t in, int64_t kernel, bool bias = true) {
    shapes[name + ".weight"] = {out, in, kernel, kernel};
    if (bias) shapes[name + ".bias"] = {out};
  };
  const auto residual = [&](const std::string& name) {
    conv(name + ".conv1", kWidth, kWidth, 3);
    conv(name + ".conv2", kWidth, kWidth, 3);
  };
  conv("feature_extractor.0", kWidth, 3, 3);
  conv("feature_extractor.2", kWidth, kWidth, 3);
  conv("feature_extractor.4", kWidth, kWidth, 3);
  for (int i = 0; i < kFrontBlocks; ++i) residual("feature_extractor." + std::to_string(6 + i));
  const int64_t outer[kDepth] = {64, 64, 128, 256, 512}, inner[kDepth] = {64, 128, 256, 512, 512};
  for (int depth = 0; depth < kDepth; ++depth) {
    const std::string name = adapter_name(depth);
    conv(name + (depth == 0 ? ".down.0" : ".down.1"), inner[depth], outer[depth], 4, false);
    conv(name + ".up.1", 2 * inner[depth], outer[depth], 4, false);  // transposed
    if (depth == 0) shapes[name + ".up.1.bias"] = {outer[depth]};
  }
  for (int i = 0; i < kBackBlocks; ++i) residual("recon_trunk." + std::to_string(i));
  conv("recon_trunk.20", 4 * kWidth, kWidth, 3);
  conv("recon_trunk.23", 256, kWidth, 3);
  conv("recon_trunk.26", 64, 64, 3);
  conv("recon_trunk.28", 3, 64, 3);
  return shapes;
}

KernelWizard::KernelWizard(const std::map<std::string, at::Tensor>& state) {
  for (const auto& [name, shape] : expected()) {
    const auto found = state.find(name);
    if (found == state.end()) throw std::invalid_argument("the tensor " + name + " is missing");
    if (!found->second.sizes().equals(shape)) {
      std::ostringstream text;
      text << "the tensor " << name << " has the shape " << found->second.sizes() << ", must be "
           << at::IntArrayRef(shape);
      throw std::invalid_argument(text.str());
    }
    tensors_[name] = found->second.to(at::kFloat).contiguous();
  }
}

int64_t KernelWizard::parameters() const {
  int64_t count = 0;
  for (const auto& [name, tensor] : tensors_) count += tensor.numel();
  return count;
}

at::Tensor KernelWizard::conv(const std::string& name, const at::Tensor& x, int64_t stride, int64_t padding) const {
  const auto bias = tensors_.find(name + ".bias");
  const auto on = [&](const at::Tensor& t) { return t.to(x.device(), x.scalar_type()); };
  return at::conv2d(x, on(tensors_.at(name + ".weight")), bias == tensors_.end() ? at::Tensor() : on(bias->second),
                    stride, padding);
}

at::Tensor KernelWizard::residual(const std::string& name, const at::Tensor& x) const {
  return x + conv(name + ".conv2", at::relu(conv(name + ".conv1", x, 1, 1)), 1, 1);
}

// One level of the U-Net and all below it. The published code's activations work in place, so what is handed across a
// level is the input after its leaky ReLU.
at::Tensor KernelWizard::adapt(int depth, const at::Tensor& x, const at::Tensor& kernel) const {
  const std::string name = adapter_name(depth);
  const at::Tensor seen = depth == 0 ? x : at::leaky_relu(x, 0.2);
  const at::Tensor down = conv(name + (depth == 0 ? ".down.0" : ".down.1"), seen, 2, 1);
  at::Tensor up = depth + 1 < kDepth ? adapt(depth + 1, down, kernel)
                                     : at::cat({down, kernel.expand({down.size(0), -1, -1, -1})}, 1);
  const auto on = [&](const std::string& key) { return tensors_.at(key).to(x.device(), x.scalar_type()); };
  up = at::conv_transpose2d(at::relu(up), on(name + ".up.1.weight"),
                            depth == 0 ? on(name + ".up.1.bias") : at::Tensor(), 2, 1);
  return depth == 0 ? at::tanh(up) : at::cat({up, seen}, 1);
}

at::Tensor KernelWizard::blur(const at::Tensor& x, const at::Tensor& kernel) const {
  at::Tensor z = x;
  for (const int i : {0, 2, 4})
    z = at::leaky_relu(conv("feature_extractor." + std::to_string(i), z, i == 0 ? 1 : 2, 1), kLeak);
  for (int i = 0; i < kFrontBlocks; ++i) z = residual("feature_extractor." + std::to_string(6 + i), z);
  z = adapt(0, z, kernel.to(z.device(), z.scalar_type()));
  for (int i = 0; i < kBackBlocks; ++i) z = residual("recon_trunk." + std::to_string(i), z);
  z = at::leaky_relu(at::pixel_shuffle(conv("recon_trunk.20", z, 1, 1), 2), kLeak);
  z = at::leaky_relu(at::pixel_shuffle(conv("recon_trunk.23", z, 1, 1), 2), kLeak);
  z = at::leaky_relu(conv("recon_trunk.26", z, 1, 1), kLeak);
  return x + conv("recon_trunk.28", z, 1, 1);
}

}  // namespace mgdm
