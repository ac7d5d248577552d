// Names and shapes of all weights of a network, as its configuration demands them. The one list behind three things:
// the table of what does not fit in a file, networks with random weights for measuring, and how large a network is.
#pragma once
#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <vector>

namespace mgdm {

class WeightLayout {
 public:
  struct Weight {
    std::string name;
    std::vector<int64_t> shape;
  };

  /// NAME.weight [out, in, kernel...] with `dimensions` kernel sides, and NAME.bias [out].
  void convolution(const std::string& name, int64_t in, int64_t out, int64_t kernel, int dimensions = 2,
                   bool bias = true);
  /// NAME.weight [out, in], and NAME.bias [out].
  void linear(const std::string& name, int64_t in, int64_t out, bool bias = true);
  /// NAME.weight [channels], NAME.bias [channels], normalised in groups: `groups` must divide `channels`, else `check`
  /// and `random` throw.
  void group_norm(const std::string& name, int64_t channels, int64_t groups);
  void add(const std::string& name, std::vector<int64_t> shape) { weights_.push_back({name, std::move(shape)}); }

  const std::vector<Weight>& weights() const { return weights_; }
  int64_t parameters() const;  ///< numbers in all weights together

  /// Throws std::invalid_argument with a table: how many weights are missing, not known, of another shape, and the
  /// first ten.
  void check(const std::map<std::string, at::Tensor>& weights) const;
  /// Weights drawn so that activations keep their size: N(0, 1 / inputs) for matrices and kernels, ones and zeros for
  /// norms.
  std::map<std::string, at::Tensor> random(uint64_t seed, const std::string& prefix = {}) const;

 private:
  std::vector<Weight> weights_;
  std::vector<std::string> problems_;  ///< of the configuration itself
};

}  // namespace mgdm
