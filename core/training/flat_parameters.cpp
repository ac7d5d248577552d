#include "core/training/flat_parameters.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

namespace mgdm {

FlatParameters::FlatParameters(Parameters& parameters, at::Device device, at::ScalarType compute) {
  const auto is_convolution = [&](std::string name) {
    const std::string bias = "_bias";
    if (name.size() > bias.size() && name.compare(name.size() - bias.size(), bias.size(), bias) == 0) {
      name.replace(name.size() - bias.size(), bias.size(), "_weight");
    }
    return parameters[name].dim() == 4;
  };
  for (const auto& item : std::as_const(parameters)) {
    const at::Tensor& p = item.tensor;
    const bool ends = item.name.rfind("in_", 0) == 0 || item.name.rfind("out_", 0) == 0;
    const Kind kind = p.dim() == 4 && p.size(2) == 3 && !ends ? Kind::Matrix
                      : is_convolution(item.name)             ? Kind::Convolution
                                                              : Kind::Rest;
    // channels_last strides for convolutions, plain ones for the rest
    const at::Tensor layout = p.dim() == 4 ? p.contiguous(at::MemoryFormat::ChannelsLast) : p.contiguous();
    pieces_.push_back({kind, 0, p.numel(), p.sizes().vec(), layout.strides().vec()});
  }
  int64_t total = 0;
  for (const Kind kind : {Kind::Matrix, Kind::Convolution, Kind::Rest}) {
    for (auto& piece : pieces_) {
      if (piece.kind != kind) continue;
      piece.begin = total;
      // Tensor cores and 16-byte loads want aligned weights.
      total += (piece.size + 7) / 8 * 8;
    }
    if (kind == Kind::Matrix) matrix_total_ = total;
    if (kind == Kind::Convolution) convolution_total_ = total;
  }
  const auto options = at::TensorOptions().dtype(at::kFloat).device(device);
  values = at::zeros({total}, options);
  gradient = at::zeros({total}, options);
  if (compute != at::kFloat) {
    compute_values_ = at::zeros({convolution_total_}, options.dtype(compute));
    compute_gradient_ = at::zeros({convolution_total_}, options.dtype(compute));
  }
  at::NoGradGuard no_grad;
  size_t i = 0;
  for (auto& item : parameters) {
    at::Tensor& p = item.tensor;
    const Piece& piece = pieces_[i++];
    view(values, piece).copy_(p);
    const bool computed = compute_values_.defined() && piece.kind != Kind::Rest;
    p.set_data(view(computed ? compute_values_ : values, piece));
    p.mutable_grad() = view(computed ? compute_gradient_ : gradient, piece);
  }
  first = at::zeros_like(values);
  second = at::zeros_like(values);
  average = values.clone();
  publish();
}

at::Tensor FlatParameters::view(const at::Tensor& flat, const Piece& piece) {
  return flat.narrow(0, piece.begin, piece.size).as_strided(piece.sizes, piece.strides);
}

void FlatParameters::clear_gradients() {
  gradient.zero_();
  if (compute_gradient_.defined()) compute_gradient_.zero_();
}

void FlatParameters::gather_gradients() {
  if (compute_gradient_.defined()) gradient.slice(0, 0, convolution_total_).copy_(compute_gradient_);
}

void FlatParameters::publish() {
  if (compute_values_.defined()) compute_values_.copy_(values.slice(0, 0, convolution_total_));
}

void FlatParameters::copy_average(Parameters& into) const {
  at::NoGradGuard no_grad;
  size_t i = 0;
  for (auto& item : into) {
    item.tensor.set_data(view(average, pieces_[i++]).clone(at::MemoryFormat::Preserve));
  }
}

std::vector<at::Tensor> FlatParameters::matrices(const at::Tensor& flat) const {
  std::vector<at::Tensor> result;
  for (const Piece& piece : pieces_) {
    if (piece.kind == Kind::Matrix) result.push_back(view(flat, piece));
  }
  return result;
}

}  // namespace mgdm
