#include "core/networks/named_weights.h"

#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/custom_class.h>

#include <stdexcept>

#include "core/networks/group_norm_silu.h"

namespace mgdm {

namespace {

thread_local MacCounter* innermost = nullptr;

}  // namespace

MacCounter::MacCounter() : outer_(innermost) { innermost = this; }
MacCounter::~MacCounter() { innermost = outer_; }
void MacCounter::add(double multiplications) {
  if (innermost != nullptr) innermost->count_ += multiplications;
}

NamedWeights::NamedWeights(const Map& all, const std::string& prefix) {
  for (const auto& [name, tensor] : all) {
    if (name.rfind(prefix, 0) == 0) weights_[name.substr(prefix.size())] = tensor.detach().to(at::kFloat).contiguous();
  }
}

const at::Tensor& NamedWeights::at(const std::string& name) const {
  const auto found = weights_.find(name);
  if (found == weights_.end()) throw std::invalid_argument("the weights lack " + name);
  return found->second;
}

int64_t NamedWeights::size(const std::string& name, int64_t dim) const {
  const at::Tensor& w = at(name);
  if (dim >= w.dim()) throw std::invalid_argument("the weights' " + name + " is " + c10::str(w.sizes()) + ", which has too few dimensions");
  return w.size(dim);
}

void NamedWeights::to(at::Device device, at::ScalarType type, bool fast) {
  type_ = type;
  fast_ = fast;
  for (auto& [name, tensor] : weights_) {
    tensor = tensor.to(device, tensor.dim() > 1 ? type : at::kFloat);
    if (fast && tensor.dim() == 3) tensor = tensor.unsqueeze(2);  // a sound is an image of one row
    tensor = tensor.contiguous(fast && tensor.dim() == 4 ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous);
  }
}

at::Tensor NamedWeights::enter(const at::Tensor& x) const {
  if (!fast_) return x.to(type_).contiguous();
  return (x.dim() == 3 ? x.unsqueeze(2) : x).to(type_).contiguous(at::MemoryFormat::ChannelsLast);
}

at::Tensor NamedWeights::bias(const std::string& name, const at::Tensor& x) const { return has(name + ".bias") ? at(name + ".bias").to(x.scalar_type()) : at::Tensor(); }

at::Tensor NamedWeights::convolve(const std::string& name, const at::Tensor& x, int64_t stride, int64_t padding) const {
  const at::Tensor& w = at(name + ".weight");
  at::Tensor out;
  if (w.dim() == 3) {
    out = at::conv1d(x, w, bias(name, x), {stride}, {padding < 0 ? w.size(2) / 2 : padding});
  } else {
    const bool row = w.size(2) == 1 && w.size(3) > 1;
    out = at::conv2d(x, w, bias(name, x), {row ? 1 : stride, stride}, {padding < 0 ? w.size(2) / 2 : row ? 0 : padding, padding < 0 ? w.size(3) / 2 : padding});
  }
  MacCounter::add(static_cast<double>(out.numel()) * static_cast<double>(w.numel() / w.size(0)));
  return out;
}

at::Tensor NamedWeights::convolve_transposed(const std::string& name, const at::Tensor& x, int64_t stride, int64_t padding, int64_t output_padding) const {
  const at::Tensor& w = at(name + ".weight");
  MacCounter::add(static_cast<double>(x.numel()) * static_cast<double>(w.numel() / w.size(0)));
  if (w.dim() == 3) return at::conv_transpose1d(x, w, bias(name, x), {stride}, {padding}, {output_padding});
  return at::conv_transpose2d(x, w, bias(name, x), {1, stride}, {0, padding}, {0, output_padding});
}

at::Tensor NamedWeights::linear(const std::string& name, const at::Tensor& x) const {
  const at::Tensor& w = at(name + ".weight");
  MacCounter::add(static_cast<double>(x.numel()) * static_cast<double>(w.size(0)));
  return at::linear(x.to(type_), w.dim() == 2 ? w : w.flatten(1), bias(name, w));
}

at::Tensor NamedWeights::group_norm(const std::string& name, const at::Tensor& x, int64_t groups, double epsilon) const {
  return at::group_norm(x.to(at::kFloat).contiguous(), groups, at(name + ".weight"), at(name + ".bias"), epsilon).to(x.scalar_type());
}

at::Tensor NamedWeights::norm_silu(const std::string& name, const at::Tensor& x, int64_t groups, double epsilon, const at::Tensor& scale, const at::Tensor& shift) const {
  const at::Tensor &weight = at(name + ".weight"), &offset = at(name + ".bias");
  if (!fast_ || x.dim() != 4) {
    const at::Tensor normed = at::group_norm(x.to(at::kFloat).contiguous(), groups, weight, offset, epsilon);
    if (!scale.defined()) return at::silu(normed).to(x.scalar_type());
    std::vector<int64_t> shape(static_cast<size_t>(x.dim()), 1);
    shape[0] = scale.size(0);
    shape[1] = scale.size(1);
    return at::silu(normed * (1 + scale.reshape(shape)) + shift.reshape(shape)).to(x.scalar_type());
  }
  if (!scale.defined()) return group_norm_silu(x, weight.expand({x.size(0), -1}), offset.expand({x.size(0), -1}), groups, epsilon);
  const at::Tensor factor = scale.to(at::kFloat) + 1;
  return group_norm_silu(x, weight * factor, offset * factor + shift.to(at::kFloat), groups, epsilon);
}

at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, double scale) {
  MacCounter::add(2.0 * static_cast<double>(q.numel()) * static_cast<double>(k.size(2)));
  const at::Tensor scores = at::softmax(at::matmul(q * scale, k.transpose(2, 3)).to(at::kFloat), -1);
  return at::matmul(scores.to(v.scalar_type()), v);
}

at::Tensor nearest_twice(const at::Tensor& x) { return at::upsample_nearest2d(x, {x.size(2) * 2, x.size(3) * 2}); }

at::Tensor pad_right_bottom(const at::Tensor& x) { return at::constant_pad_nd(x, {0, 1, 0, 1}); }

namespace {

struct HeldMap : torch::CustomClassHolder {
  explicit HeldMap(std::function<at::Tensor(const at::Tensor&)> m) : map(std::move(m)) {}
  std::function<at::Tensor(const at::Tensor&)> map;
};

class Recomputed : public torch::autograd::Function<Recomputed> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* ctx, const at::Tensor& x, const c10::intrusive_ptr<HeldMap>& held) {
    ctx->save_for_backward({x});
    ctx->saved_data["map"] = c10::IValue::make_capsule(held);
    return held->map(x);  // gradients are off in here
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* ctx, torch::autograd::variable_list grads) {
    if (at::GradMode::is_enabled()) throw std::logic_error("a recomputed network part has no second derivative");
    const auto held = c10::static_intrusive_pointer_cast<HeldMap>(ctx->saved_data["map"].toCapsule());
    at::AutoGradMode with_grad(true);
    const at::Tensor x = ctx->get_saved_variables()[0].detach().requires_grad_(true);
    return {torch::autograd::grad({held->map(x)}, {x}, {grads[0]})[0], at::Tensor()};
  }
};

}  // namespace

at::Tensor recomputed(const std::function<at::Tensor(const at::Tensor&)>& map, const at::Tensor& x) {
  if (!at::GradMode::is_enabled() || !x.requires_grad()) return map(x);
  return Recomputed::apply(x, c10::make_intrusive<HeldMap>(map));
}

}  // namespace mgdm
