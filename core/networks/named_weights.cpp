#include "core/networks/named_weights.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/custom_class.h>

#include <algorithm>
#include <cstring>
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
  if (dim >= w.dim())
    throw std::invalid_argument("the weights' " + name + " is " + c10::str(w.sizes()) +
                                ", which has too few dimensions");
  return w.size(dim);
}

void NamedWeights::to(at::Device device, at::ScalarType type, bool fast) {
  type_ = type;
  fast_ = fast;
  for (auto& [name, tensor] : weights_) {
    tensor = tensor.to(device, tensor.dim() > 1 ? type : at::kFloat);
    if (fast && tensor.dim() == 3) tensor = tensor.unsqueeze(2);  // a sound is an image of one row
    tensor =
        tensor.contiguous(fast && tensor.dim() == 4 ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous);
  }
}

NamedWeights NamedWeights::below(const std::string& prefix, at::Device device) const {
  NamedWeights part;
  part.type_ = type_;
  part.fast_ = fast_;
  for (auto i = weights_.lower_bound(prefix); i != weights_.end() && i->first.rfind(prefix, 0) == 0; ++i)
    part.weights_[i->first.substr(prefix.size())] = i->second.to(device);
  return part;
}

at::Tensor NamedWeights::enter(const at::Tensor& x) const {
  if (!fast_) return x.to(type_).contiguous();
  return (x.dim() == 3 ? x.unsqueeze(2) : x).to(type_).contiguous(at::MemoryFormat::ChannelsLast);
}

at::Tensor NamedWeights::bias(const std::string& name, const at::Tensor& x) const {
  return has(name + ".bias") ? at(name + ".bias").to(x.scalar_type()) : at::Tensor();
}

at::Tensor NamedWeights::convolve(const std::string& name, const at::Tensor& x, int64_t stride, int64_t padding) const {
  const at::Tensor& w = at(name + ".weight");
  at::Tensor out;
  if (w.dim() == 3) {
    out = at::conv1d(x, w, bias(name, x), {stride}, {padding < 0 ? w.size(2) / 2 : padding});
  } else {
    const bool row = w.size(2) == 1 && w.size(3) > 1;
    out = at::conv2d(x, w, bias(name, x), {row ? 1 : stride, stride},
                     {padding < 0 ? w.size(2) / 2
                      : row       ? 0
                                  : padding,
                      padding < 0 ? w.size(3) / 2 : padding});
  }
  MacCounter::add(static_cast<double>(out.numel()) * static_cast<double>(w.numel() / w.size(0)));
  return out;
}

at::Tensor NamedWeights::convolve_transposed(const std::string& name, const at::Tensor& x, int64_t stride,
                                             int64_t padding, int64_t output_padding) const {
  const at::Tensor& w = at(name + ".weight");
  MacCounter::add(static_cast<double>(x.numel()) * static_cast<double>(w.numel() / w.size(0)));
  if (w.dim() == 3 && type_ == at::kFloat)
    return at::conv_transpose1d(x, w, bias(name, x), {stride}, {padding}, {output_padding});
  // LibTorch 1.13 takes bfloat16 to oneDNN's plain convolution here, which refuses the shapes: always float32.
  const at::Tensor out =
      at::conv_transpose1d(x.to(at::kFloat).flatten(2), w.to(at::kFloat).reshape({w.size(0), w.size(1), -1}),
                           at(name + ".bias"), {stride}, {padding}, {output_padding});
  return enter(out);
}

at::Tensor NamedWeights::linear(const std::string& name, const at::Tensor& x) const {
  const at::Tensor& w = at(name + ".weight");
  MacCounter::add(static_cast<double>(x.numel()) * static_cast<double>(w.size(0)));
  return at::linear(x.to(type_), w.dim() == 2 ? w : w.flatten(1), bias(name, w));
}

at::Tensor NamedWeights::group_norm(const std::string& name, const at::Tensor& x, int64_t groups,
                                    double epsilon) const {
  return at::group_norm(x.to(at::kFloat).contiguous(), groups, at(name + ".weight"), at(name + ".bias"), epsilon)
      .to(x.scalar_type());
}

at::Tensor NamedWeights::layer_norm(const std::string& name, const at::Tensor& x, double epsilon) const {
  return at::layer_norm(x.to(at::kFloat), {x.size(-1)}, at(name + ".weight"), at(name + ".bias"), epsilon)
      .to(x.scalar_type());
}

at::Tensor NamedWeights::norm_silu(const std::string& name, const at::Tensor& x, int64_t groups, double epsilon,
                                   const at::Tensor& scale, const at::Tensor& shift) const {
  const at::Tensor &weight = at(name + ".weight"), &offset = at(name + ".bias");
  if (!fast_ || x.dim() != 4) {
    const at::Tensor normed = at::group_norm(x.to(at::kFloat).contiguous(), groups, weight, offset, epsilon);
    if (!scale.defined()) return at::silu(normed).to(x.scalar_type());
    std::vector<int64_t> shape(static_cast<size_t>(x.dim()), 1);
    shape[0] = scale.size(0);
    shape[1] = scale.size(1);
    return at::silu(normed * (1 + scale.reshape(shape)) + shift.reshape(shape)).to(x.scalar_type());
  }
  if (!scale.defined())
    return group_norm_silu(x, weight.expand({x.size(0), -1}), offset.expand({x.size(0), -1}), groups, epsilon);
  const at::Tensor factor = scale.to(at::kFloat) + 1;
  return group_norm_silu(x, weight * factor, offset * factor + shift.to(at::kFloat), groups, epsilon);
}

namespace {

at::Tensor attended(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, double scale) {
  const at::Tensor scores = at::softmax(at::matmul(q * scale, k.transpose(-2, -1)).to(at::kFloat), -1);
  return at::matmul(scores.to(v.scalar_type()), v);
}

// Calls for the tiles of the rows of `q` whose scores against `k` are few enough.
template <typename Tile>
void for_tiles(const at::Tensor& q, const at::Tensor& k, const Tile& tile) {
  const int64_t rows = std::max<int64_t>(1, kScoresAtOnce / (q.size(0) * q.size(1) * k.size(2)));
  for (int64_t begin = 0; begin < q.size(2); begin += rows) tile(begin, std::min(rows, q.size(2) - begin));
}

class TiledAttention : public torch::autograd::Function<TiledAttention> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* ctx, const at::Tensor& q, const at::Tensor& k,
                            const at::Tensor& v, double scale) {
    ctx->save_for_backward({q, k, v});
    ctx->saved_data["scale"] = scale;
    const at::Tensor out = at::empty({q.size(0), q.size(1), q.size(2), v.size(3)}, v.options());
    for_tiles(q, k, [&](int64_t begin, int64_t n) {
      out.narrow(2, begin, n).copy_(attended(q.narrow(2, begin, n), k, v, scale));
    });
    return out;
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* ctx,
                                                 torch::autograd::variable_list grads) {
    if (at::GradMode::is_enabled()) throw std::logic_error("attention in tiles has no second derivative");
    const auto saved = ctx->get_saved_variables();
    const at::Tensor &q = saved[0], &k = saved[1], &v = saved[2];
    const double scale = ctx->saved_data["scale"].toDouble();
    const auto wide = at::TensorOptions().dtype(at::kFloat).device(q.device());
    const at::Tensor to_q = at::empty(q.sizes(), q.options()), to_k = at::zeros(k.sizes(), wide),
                     to_v = at::zeros(v.sizes(), wide);
    for_tiles(q, k, [&](int64_t begin, int64_t n) {
      const at::Tensor part = q.narrow(2, begin, n) * scale, given = grads[0].narrow(2, begin, n);
      const at::Tensor weights = at::softmax(at::matmul(part, k.transpose(-2, -1)).to(at::kFloat), -1);
      to_v.add_(at::matmul(weights.to(v.scalar_type()).transpose(-2, -1), given));
      const at::Tensor back = at::matmul(given, v.transpose(-2, -1)).to(at::kFloat);
      const at::Tensor scores = (weights * (back - (weights * back).sum(-1, true))).to(q.scalar_type());
      to_q.narrow(2, begin, n).copy_(at::matmul(scores, k) * scale);
      to_k.add_(at::matmul(scores.transpose(-2, -1), part));
    });
    return {to_q, to_k.to(k.scalar_type()), to_v.to(v.scalar_type()), at::Tensor()};
  }
};

}  // namespace

at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, double scale) {
  const int64_t heads = q.size(0) * q.size(1), length = q.size(2), width = q.size(3);
  MacCounter::add(2.0 * static_cast<double>(q.numel()) * static_cast<double>(k.size(2)));
  if (heads * length * k.size(2) > kScoresAtOnce && (at::GradMode::is_enabled() || q.scalar_type() == at::kFloat) &&
      !PlainDerivatives::wanted())
    return TiledAttention::apply(q, k, v, scale);
  if (at::GradMode::is_enabled() || !q.is_cpu() || q.scalar_type() == at::kFloat || PlainDerivatives::wanted())
    return attended(q, k, v, scale);
  // Without a graph: a few rows of one head at a time on each thread, so that their scores stay in its cache. Not in
  // float32, where OpenBLAS has threads of its own.
  constexpr int64_t kScores = 1 << 18;
  const int64_t rows = std::clamp<int64_t>(kScores / k.size(2), 1, length), blocks = (length + rows - 1) / rows;
  const at::Tensor a = q.reshape({heads, length, width}), b = k.reshape({heads, -1, width}),
                   c = v.reshape({heads, -1, v.size(3)});
  const at::Tensor out = at::empty({heads, length, v.size(3)}, v.options());
  at::parallel_for(0, heads * blocks, 1, [&](int64_t begin, int64_t end) {
    at::NoGradGuard no_grad;
    for (int64_t i = begin; i < end; ++i) {
      const int64_t head = i / blocks, first = i % blocks * rows, n = std::min(rows, length - first);
      out[head].narrow(0, first, n).copy_(attended(a[head].narrow(0, first, n), b[head], c[head], scale));
    }
  });
  return out.reshape({q.size(0), q.size(1), length, v.size(3)});
}

namespace {

// Calls for the index of each pixel of a batch, on several threads.
template <typename Copy>
void for_pixels(const at::Tensor& x, const Copy& copy) {
  const int64_t pixels = x.size(0) * x.size(2) * x.size(3);
  at::parallel_for(0, pixels, 4096, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) copy(i);
  });
}

class Concatenated : public torch::autograd::Function<Concatenated> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* ctx, const at::Tensor& a, const at::Tensor& b) {
    ctx->saved_data["first"] = a.size(1);
    const at::Tensor out = at::empty({a.size(0), a.size(1) + b.size(1), a.size(2), a.size(3)}, a.options(),
                                     at::MemoryFormat::ChannelsLast);
    const auto n = static_cast<size_t>(a.size(1)) * a.element_size(),
               m = static_cast<size_t>(b.size(1)) * b.element_size();
    char* to = static_cast<char*>(out.data_ptr());
    const char *from_a = static_cast<const char*>(a.data_ptr()), *from_b = static_cast<const char*>(b.data_ptr());
    for_pixels(out, [&](int64_t i) {
      char* pixel = to + static_cast<size_t>(i) * (n + m);
      std::memcpy(pixel, from_a + static_cast<size_t>(i) * n, n);
      std::memcpy(pixel + n, from_b + static_cast<size_t>(i) * m, m);
    });
    return out;
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* ctx,
                                                 torch::autograd::variable_list grads) {
    const int64_t first = ctx->saved_data["first"].toInt();
    if (at::GradMode::is_enabled()) return {grads[0].slice(1, 0, first), grads[0].slice(1, first)};
    const at::Tensor g = grads[0].contiguous(at::MemoryFormat::ChannelsLast);
    const auto part = [&](int64_t channels) {
      return at::empty({g.size(0), channels, g.size(2), g.size(3)}, g.options(), at::MemoryFormat::ChannelsLast);
    };
    const at::Tensor a = part(first), b = part(g.size(1) - first);
    const auto n = static_cast<size_t>(first) * g.element_size(), m = static_cast<size_t>(b.size(1)) * g.element_size();
    const char* from = static_cast<const char*>(g.data_ptr());
    char *to_a = static_cast<char*>(a.data_ptr()), *to_b = static_cast<char*>(b.data_ptr());
    for_pixels(g, [&](int64_t i) {
      const char* pixel = from + static_cast<size_t>(i) * (n + m);
      std::memcpy(to_a + static_cast<size_t>(i) * n, pixel, n);
      std::memcpy(to_b + static_cast<size_t>(i) * m, pixel + n, m);
    });
    return {a, b};
  }
};

}  // namespace

at::Tensor concatenated(const at::Tensor& a, const at::Tensor& b) {
  const auto plain = [&](const at::Tensor& x) {
    return x.is_cpu() && x.dim() == 4 && x.is_contiguous(at::MemoryFormat::ChannelsLast) &&
           x.scalar_type() == a.scalar_type() && x.numel() > 0;
  };
  return plain(a) && plain(b) && !PlainDerivatives::wanted() ? Concatenated::apply(a, b) : at::cat({a, b}, 1);
}

at::Tensor added(const at::Tensor& x, const at::Tensor& y) { return at::GradMode::is_enabled() ? x + y : x.add_(y); }

at::Tensor nearest_twice(const at::Tensor& x) { return at::upsample_nearest2d(x, {x.size(2) * 2, x.size(3) * 2}); }

at::Tensor pad_right_bottom(const at::Tensor& x) { return at::constant_pad_nd(x, {0, 1, 0, 1}); }

namespace {

struct HeldMap : torch::CustomClassHolder {
  explicit HeldMap(std::function<at::Tensor(const at::Tensor&)> m) : map(std::move(m)) {}
  std::function<at::Tensor(const at::Tensor&)> map;
};

class Recomputed : public torch::autograd::Function<Recomputed> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* ctx, const at::Tensor& x,
                            const c10::intrusive_ptr<HeldMap>& held) {
    ctx->save_for_backward({x});
    ctx->saved_data["map"] = c10::IValue::make_capsule(held);
    return held->map(x);  // gradients are off in here
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* ctx,
                                                 torch::autograd::variable_list grads) {
    if (at::GradMode::is_enabled()) throw std::logic_error("a recomputed network part has no second derivative");
    const auto held = c10::static_intrusive_pointer_cast<HeldMap>(ctx->saved_data["map"].toCapsule());
    at::AutoGradMode with_grad(true);
    const at::Tensor x = ctx->get_saved_variables()[0].detach().requires_grad_(true);
    return {torch::autograd::grad({held->map(x)}, {x}, {grads[0]})[0], at::Tensor()};
  }
};

}  // namespace

at::Tensor recomputed(const std::function<at::Tensor(const at::Tensor&)>& map, const at::Tensor& x) {
  if (!at::GradMode::is_enabled() || !x.requires_grad() || PlainDerivatives::wanted()) return map(x);
  return Recomputed::apply(x, c10::make_intrusive<HeldMap>(map));
}

}  // namespace mgdm
