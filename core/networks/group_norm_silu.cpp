#include "core/networks/group_norm_silu.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>

#include "core/networks/kernels/group_norm_silu_kernels.h"
#ifdef MGDM_CUDA
#include "core/networks/cuda/group_norm_silu_cuda.h"
#endif

namespace mgdm {

namespace kernels {
const KernelSet& select_kernels() {
  static const KernelSet chosen = [] {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq")) {
      return avx512_kernels();
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return avx2_kernels();
#endif
    return portable_kernels();
  }();
  return chosen;
}
}  // namespace kernels

namespace {

constexpr int64_t kRowsPerBlock = 256;

thread_local bool plain_derivatives = false;
thread_local bool without_cuda_kernel = false;

void first_order_only() {
  if (at::GradMode::is_enabled())
    throw std::logic_error("the fused group norm has no second derivative; see PlainDerivatives");
}

template <typename T>
const kernels::GroupNormSiluKernels<T>& kernels_for() {
  if constexpr (std::is_same_v<T, float>) {
    return kernels::select_kernels().f32;
  } else {
    return kernels::select_kernels().bf16;
  }
}

template <typename T>
T* raw(const at::Tensor& t) {
  return static_cast<T*>(t.data_ptr());
}

struct Shape {
  int64_t batch, channels, pixels, groups, blocks;
  int64_t group_size() const { return channels / groups; }
};

Shape shape_of(const at::Tensor& x, int64_t groups) {
  const int64_t pixels = x.size(2) * x.size(3);
  return {x.size(0), x.size(1), pixels, groups, (pixels + kRowsPerBlock - 1) / kRowsPerBlock};
}

// Runs body(sample, first_row, rows, block index) over all row blocks of all samples.
template <typename Body>
void for_each_block(const Shape& s, const Body& body) {
  at::parallel_for(0, s.batch * s.blocks, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t first = (i % s.blocks) * kRowsPerBlock;
      body(i / s.blocks, first, std::min(kRowsPerBlock, s.pixels - first), i);
    }
  });
}

// Adds the [blocks, 2, C] partial sums of one sample into out[2 * C] (double).
void add_blocks(const std::vector<float>& partial, const Shape& s, int64_t sample, std::vector<double>& out) {
  out.assign(2 * s.channels, 0.0);
  for (int64_t k = 0; k < s.blocks; ++k) {
    const float* p = partial.data() + (sample * s.blocks + k) * 2 * s.channels;
    for (int64_t c = 0; c < 2 * s.channels; ++c) out[c] += p[c];
  }
}

template <typename T>
void fused_forward(const at::Tensor& x, const at::Tensor& scale, const at::Tensor& shift, int64_t groups, double eps,
                   at::Tensor& y, at::Tensor& mean, at::Tensor& rstd) {
  const Shape s = shape_of(x, groups);
  const auto& kernel = kernels_for<T>();
  const T* xp = raw<T>(x);
  std::vector<float> partial(s.batch * s.blocks * 2 * s.channels, 0.0f);
  for_each_block(s, [&](int64_t b, int64_t first, int64_t rows, int64_t i) {
    float* sums = partial.data() + i * 2 * s.channels;
    kernel.moments(xp + (b * s.pixels + first) * s.channels, rows, s.channels, sums, sums + s.channels);
  });
  std::vector<float> a(s.batch * s.channels), d(s.batch * s.channels);
  const double count = static_cast<double>(s.pixels * s.group_size());
  std::vector<double> sums;
  for (int64_t b = 0; b < s.batch; ++b) {
    add_blocks(partial, s, b, sums);
    for (int64_t g = 0; g < groups; ++g) {
      double total = 0, total_sq = 0;
      for (int64_t c = g * s.group_size(); c < (g + 1) * s.group_size(); ++c) {
        total += sums[c];
        total_sq += sums[s.channels + c];
      }
      const double m = total / count;
      // Written so that a NaN stays a NaN (std::max would turn it into 0).
      double var = total_sq / count - m * m;
      if (var < 0) var = 0;
      const double r = 1.0 / std::sqrt(var + eps);
      raw<float>(mean)[b * groups + g] = static_cast<float>(m);
      raw<float>(rstd)[b * groups + g] = static_cast<float>(r);
      for (int64_t c = g * s.group_size(); c < (g + 1) * s.group_size(); ++c) {
        const int64_t k = b * s.channels + c;
        a[k] = static_cast<float>(r * raw<float>(scale)[k]);
        d[k] = static_cast<float>(raw<float>(shift)[k] - m * r * raw<float>(scale)[k]);
      }
    }
  }
  T* yp = raw<T>(y);
  for_each_block(s, [&](int64_t b, int64_t first, int64_t rows, int64_t) {
    const int64_t at = (b * s.pixels + first) * s.channels;
    kernel.forward(xp + at, rows, s.channels, a.data() + b * s.channels, d.data() + b * s.channels, yp + at);
  });
}

template <typename T>
void fused_backward(const at::Tensor& x, const at::Tensor& scale, const at::Tensor& shift, const at::Tensor& mean,
                    const at::Tensor& rstd, const at::Tensor& dy, int64_t groups, at::Tensor& dx, at::Tensor& dscale,
                    at::Tensor& dshift) {
  const Shape s = shape_of(x, groups);
  const auto& kernel = kernels_for<T>();
  const T *xp = raw<T>(x), *dyp = raw<T>(dy);
  const int64_t n = s.batch * s.channels;
  std::vector<float> a(n), d(n), p(n), q(n);
  for (int64_t b = 0; b < s.batch; ++b) {
    for (int64_t c = 0; c < s.channels; ++c) {
      const int64_t k = b * s.channels + c, g = b * groups + c / s.group_size();
      a[k] = raw<float>(rstd)[g] * raw<float>(scale)[k];
      d[k] = raw<float>(shift)[k] - raw<float>(mean)[g] * a[k];
    }
  }
  std::vector<float> partial(s.batch * s.blocks * 2 * s.channels, 0.0f);
  for_each_block(s, [&](int64_t b, int64_t first, int64_t rows, int64_t i) {
    const int64_t at = (b * s.pixels + first) * s.channels;
    float* sums = partial.data() + i * 2 * s.channels;
    kernel.backward_sums(xp + at, dyp + at, rows, s.channels, a.data() + b * s.channels, d.data() + b * s.channels,
                         sums, sums + s.channels);
  });
  const double count = static_cast<double>(s.pixels * s.group_size());
  std::vector<double> sums;
  for (int64_t b = 0; b < s.batch; ++b) {
    add_blocks(partial, s, b, sums);
    for (int64_t g = 0; g < groups; ++g) {
      const double m = raw<float>(mean)[b * groups + g], r = raw<float>(rstd)[b * groups + g];
      double mean_g = 0, mean_gx = 0;  // means over the group of scale*g and scale*g*xhat
      for (int64_t c = g * s.group_size(); c < (g + 1) * s.group_size(); ++c) {
        const int64_t k = b * s.channels + c;
        const double dgx = (sums[s.channels + c] - m * sums[c]) * r;
        raw<float>(dshift)[k] = static_cast<float>(sums[c]);
        raw<float>(dscale)[k] = static_cast<float>(dgx);
        mean_g += raw<float>(scale)[k] * sums[c];
        mean_gx += raw<float>(scale)[k] * dgx;
      }
      mean_g /= count;
      mean_gx /= count;
      // dx = r (scale g - mean_g - xhat mean_gx), written as a g - p - q x
      for (int64_t c = g * s.group_size(); c < (g + 1) * s.group_size(); ++c) {
        const int64_t k = b * s.channels + c;
        q[k] = static_cast<float>(r * r * mean_gx);
        p[k] = static_cast<float>(r * mean_g - m * r * r * mean_gx);
      }
    }
  }
  T* dxp = raw<T>(dx);
  for_each_block(s, [&](int64_t b, int64_t first, int64_t rows, int64_t) {
    const int64_t at = (b * s.pixels + first) * s.channels, k = b * s.channels;
    kernel.backward(xp + at, dyp + at, rows, s.channels, a.data() + k, d.data() + k, p.data() + k, q.data() + k,
                    dxp + at);
  });
}

class FusedGroupNormSilu : public torch::autograd::Function<FusedGroupNormSilu> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* ctx, const at::Tensor& x, const at::Tensor& scale,
                            const at::Tensor& shift, int64_t groups, double eps) {
    at::Tensor y = at::empty_like(x);
    const auto stats = at::TensorOptions().dtype(at::kFloat);
    at::Tensor mean = at::empty({x.size(0), groups}, stats), rstd = at::empty_like(mean);
    if (x.scalar_type() == at::kFloat) {
      fused_forward<float>(x, scale, shift, groups, eps, y, mean, rstd);
    } else {
      fused_forward<uint16_t>(x, scale, shift, groups, eps, y, mean, rstd);
    }
    ctx->save_for_backward({x, scale, shift, mean, rstd});
    ctx->saved_data["groups"] = groups;
    return y;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* ctx,
                                                 torch::autograd::variable_list grads) {
    first_order_only();
    const auto saved = ctx->get_saved_variables();
    const at::Tensor &x = saved[0], &scale = saved[1];
    const int64_t groups = ctx->saved_data["groups"].toInt();
    const at::Tensor dy = grads[0].to(x.scalar_type()).contiguous(at::MemoryFormat::ChannelsLast);
    at::Tensor dx = at::empty_like(x), dscale = at::empty_like(scale), dshift = at::empty_like(scale);
    if (x.scalar_type() == at::kFloat) {
      fused_backward<float>(x, scale, saved[2], saved[3], saved[4], dy, groups, dx, dscale, dshift);
    } else {
      fused_backward<uint16_t>(x, scale, saved[2], saved[3], saved[4], dy, groups, dx, dscale, dshift);
    }
    return {dx, dscale, dshift, at::Tensor(), at::Tensor()};
  }
};

// The same passes in ATen's operations, for a device without our kernels (CUDA): every pass over the data is
// one elementwise or reduction kernel in x's own type, sums in float32. A third of the memory traffic of
// the reference. `x` may have any layout.
class DeviceGroupNormSilu : public torch::autograd::Function<DeviceGroupNormSilu> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* ctx, const at::Tensor& x, const at::Tensor& scale,
                            const at::Tensor& shift, int64_t groups, double eps) {
    const int64_t size = x.size(1) / groups;
    const at::Tensor grouped = x.permute({0, 2, 3, 1}).unflatten(3, {groups, size});  // [B, H, W, G, C/G]
    const double count = static_cast<double>(x.size(2) * x.size(3) * size);
    const at::Tensor mean = at::sum(grouped, {1, 2, 4}, false, at::kFloat) / count;
    const at::Tensor square =
        at::linalg_vector_norm(grouped, 2, std::vector<int64_t>{1, 2, 4}, false, at::kFloat).square() / count;
    const at::Tensor rstd = ((square - mean.square()).clamp_min(0) + eps).rsqrt();
    const auto per_channel = [&](const at::Tensor& g) { return g.repeat_interleave(size, 1); };
    const at::Tensor a = scale * per_channel(rstd), d = shift - per_channel(mean) * a;
    const at::Tensor z = at::addcmul(broadcast(d, x), x, broadcast(a, x));
    ctx->save_for_backward({x, scale, mean, rstd, a, z});
    return at::silu(z);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* ctx,
                                                 torch::autograd::variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const at::Tensor &x = saved[0], &scale = saved[1], &mean = saved[2], &rstd = saved[3], &a = saved[4], &z = saved[5];
    const int64_t groups = mean.size(1), size = x.size(1) / groups;
    const double count = static_cast<double>(x.size(2) * x.size(3) * size);
    const auto per_channel = [&](const at::Tensor& g) { return g.repeat_interleave(size, 1); };
    const auto group_mean = [&](const at::Tensor& c) { return c.reshape({-1, groups, size}).sum(2) / count; };
    const at::Tensor g = at::silu_backward(grads[0].to(x.scalar_type()), z);
    const at::Tensor dshift = at::sum(g, {2, 3}, false, at::kFloat);
    const at::Tensor dscale =
        (at::sum(g * x, {2, 3}, false, at::kFloat) - per_channel(mean) * dshift) * per_channel(rstd);
    const at::Tensor mean_g = group_mean(scale * dshift), mean_gx = group_mean(scale * dscale);
    // dx = r (scale g - mean_g - xhat mean_gx), written as a g - p - q x
    const at::Tensor q = rstd.square() * mean_gx, p = rstd * mean_g - mean * q;
    const at::Tensor dx =
        at::addcmul(at::addcmul(broadcast(-per_channel(p), x), x, broadcast(-per_channel(q), x)), g, broadcast(a, x));
    return {dx, dscale, dshift, at::Tensor(), at::Tensor()};
  }

 private:
  static at::Tensor broadcast(const at::Tensor& per_channel, const at::Tensor& x) {
    return per_channel.to(x.scalar_type()).reshape({x.size(0), x.size(1), 1, 1});
  }
};

}  // namespace

at::Tensor group_norm_silu_device(const at::Tensor& x, const at::Tensor& scale, const at::Tensor& shift, int64_t groups,
                                  double eps) {
  return DeviceGroupNormSilu::apply(x, scale.to(at::kFloat).contiguous(), shift.to(at::kFloat).contiguous(), groups,
                                    eps);
}

at::Tensor group_norm_silu_reference(const at::Tensor& x, const at::Tensor& scale, const at::Tensor& shift,
                                     int64_t groups, double eps) {
  const auto compute = x.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
  // Contiguous: the channels_last path of 1.13 is less accurate even in float32.
  const at::Tensor normed = at::group_norm(x.to(compute).contiguous(), groups, {}, {}, eps);
  const auto per_channel = [&](const at::Tensor& t) { return t.to(compute).reshape({t.size(0), t.size(1), 1, 1}); };
  const at::Tensor y = at::silu(normed * per_channel(scale) + per_channel(shift));
  return y.to(x.options(), false, false, x.suggest_memory_format());
}

at::Tensor group_norm_silu(const at::Tensor& x, const at::Tensor& scale, const at::Tensor& shift, int64_t groups,
                           double eps) {
  TORCH_CHECK(x.dim() == 4, "group_norm_silu: x must be [B, C, H, W], got ", x.dim(), " dimensions");
  TORCH_CHECK(groups > 0 && x.size(1) % groups == 0, "group_norm_silu: ", groups, " groups do not divide ", x.size(1),
              " channels");
  const bool fused = x.is_cpu() && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16) &&
                     x.is_contiguous(at::MemoryFormat::ChannelsLast) && x.numel() > 0 && !plain_derivatives;
#ifdef MGDM_CUDA
  if (fits_cuda_kernel(x, groups) && !plain_derivatives && !without_cuda_kernel)
    return group_norm_silu_cuda(x, scale, shift, groups, eps);
#endif
  if (x.is_cuda() && x.scalar_type() == at::kBFloat16) return group_norm_silu_device(x, scale, shift, groups, eps);
  if (!fused) return group_norm_silu_reference(x, scale, shift, groups, eps);
  return FusedGroupNormSilu::apply(x, scale.to(at::kFloat).contiguous(), shift.to(at::kFloat).contiguous(), groups,
                                   eps);
}

PlainDerivatives::PlainDerivatives() : before_(plain_derivatives) { plain_derivatives = true; }
PlainDerivatives::~PlainDerivatives() { plain_derivatives = before_; }
bool PlainDerivatives::wanted() { return plain_derivatives; }

WithoutCudaKernel::WithoutCudaKernel() : before_(without_cuda_kernel) { without_cuda_kernel = true; }
WithoutCudaKernel::~WithoutCudaKernel() { without_cuda_kernel = before_; }

const char* group_norm_silu_kernel_name() { return kernels::select_kernels().name; }

}  // namespace mgdm
