#include "core/networks/cuda/group_norm_silu_cuda.h"

#include <ATen/ATen.h>
#include <c10/cuda/CUDAStream.h>
#include <torch/csrc/autograd/custom_function.h>

#include <stdexcept>

#include "core/networks/cuda/group_norm_silu_kernels.h"

namespace mgdm {

namespace {

kernels::GroupNormSiluShape shape_of(const at::Tensor& x, int64_t groups) {
  return {x.size(0), x.size(2) * x.size(3), x.size(1), groups};
}

at::Tensor scratch_for(const kernels::GroupNormSiluShape& shape, const at::Tensor& x) {
  return at::empty({shape.scratch()}, x.options().dtype(at::kFloat));
}

class CudaGroupNormSilu : public torch::autograd::Function<CudaGroupNormSilu> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* ctx, const at::Tensor& x, const at::Tensor& scale,
                            const at::Tensor& shift, int64_t groups, double eps) {
    const auto shape = shape_of(x, groups);
    at::Tensor y = at::empty_like(x), mean = at::empty({x.size(0), groups}, scale.options()),
               rstd = at::empty_like(mean);
    kernels::group_norm_silu_forward_cuda(shape, x.data_ptr(), scale.data_ptr<float>(), shift.data_ptr<float>(),
                                          static_cast<float>(eps), y.data_ptr(), mean.data_ptr<float>(),
                                          rstd.data_ptr<float>(), scratch_for(shape, x).data_ptr<float>(),
                                          c10::cuda::getCurrentCUDAStream(x.get_device()).stream());
    ctx->save_for_backward({x, scale, shift, mean, rstd});
    ctx->saved_data["groups"] = groups;
    return y;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* ctx,
                                                 torch::autograd::variable_list grads) {
    if (at::GradMode::is_enabled())
      throw std::logic_error("the fused group norm has no second derivative; see PlainDerivatives");
    const auto saved = ctx->get_saved_variables();
    const at::Tensor &x = saved[0], &scale = saved[1], &shift = saved[2];
    const auto shape = shape_of(x, ctx->saved_data["groups"].toInt());
    const at::Tensor dy = grads[0].to(x.scalar_type()).contiguous(at::MemoryFormat::ChannelsLast);
    at::Tensor dx = at::empty_like(x), dscale = at::empty_like(scale), dshift = at::empty_like(shift);
    kernels::group_norm_silu_backward_cuda(shape, x.data_ptr(), dy.data_ptr(), scale.data_ptr<float>(),
                                           shift.data_ptr<float>(), saved[3].data_ptr<float>(),
                                           saved[4].data_ptr<float>(), dx.data_ptr(), dscale.data_ptr<float>(),
                                           dshift.data_ptr<float>(), scratch_for(shape, x).data_ptr<float>(),
                                           c10::cuda::getCurrentCUDAStream(x.get_device()).stream());
    return {dx, dscale, dshift, at::Tensor(), at::Tensor()};
  }
};

}  // namespace

bool fits_cuda_kernel(const at::Tensor& x, int64_t groups) {
  return x.is_cuda() && x.scalar_type() == at::kBFloat16 && x.is_contiguous(at::MemoryFormat::ChannelsLast) &&
         shape_of(x, groups).fits() && reinterpret_cast<uintptr_t>(x.data_ptr()) % 16 == 0;
}

at::Tensor group_norm_silu_cuda(const at::Tensor& x, const at::Tensor& scale, const at::Tensor& shift, int64_t groups,
                                double eps) {
  return CudaGroupNormSilu::apply(x, scale.to(at::kFloat).contiguous(), shift.to(at::kFloat).contiguous(), groups, eps);
}

}  // namespace mgdm
