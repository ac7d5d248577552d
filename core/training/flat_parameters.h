// A network's parameters, their gradients and the optimiser's state as flat vectors, the network's own tensors being
// views into them: a step over ten million parameters is bound by memory traffic and by the number of launches, so one
// pass over everything is several times faster than a call for each tensor.
#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "core/networks/parameters.h"

namespace mgdm {

class FlatParameters {
 public:
  /// Turns a network's `parameters` into views. Its convolutions get parameters and gradients in `compute`, made from
  /// the float32 values once a step instead of at every use.
  FlatParameters(Parameters& parameters, at::Device device, at::ScalarType compute);

  /// Sets every gradient to zero.
  void clear_gradients();
  /// Brings the convolutions' gradients into `gradient`; call after the backward pass.
  void gather_gradients();
  /// Hands the values to the network; call after a change of `values`.
  void publish();
  /// Gives `into`, of another network of the same description, copies of the averaged values.
  void copy_average(Parameters& into) const;
  /// Views of `flat` (values, gradient or first) as the 3x3 convolutions away from the image ends, which Muon updates.
  std::vector<at::Tensor> matrices(const at::Tensor& flat) const;
  /// The part of `flat` that is none of those.
  at::Tensor rest(const at::Tensor& flat) const { return flat.slice(0, matrix_total_); }

  at::Tensor values, gradient, first, second, average;  ///< float32 [total]

  /// Names the order of the vectors in a saved training.
  static constexpr const char* kLayout = "matrices, convolutions, rest";

 private:
  enum class Kind { Matrix, Convolution, Rest };
  struct Piece {
    Kind kind;
    int64_t begin, size;
    std::vector<int64_t> sizes, strides;
  };
  static at::Tensor view(const at::Tensor& flat, const Piece& piece);

  std::vector<Piece> pieces_;  // in the network's order
  int64_t matrix_total_ = 0, convolution_total_ = 0;
  at::Tensor compute_values_, compute_gradient_;  // [convolution_total_]; undefined where float32 is computed in
};

}  // namespace mgdm
