#include "core/networks/weight_layout.h"

#include <ATen/ATen.h>

#include <cmath>
#include <numeric>
#include <set>
#include <stdexcept>

namespace mgdm {

void WeightLayout::convolution(const std::string& name, int64_t in, int64_t out, int64_t kernel, int dimensions,
                               bool bias) {
  std::vector<int64_t> shape{out, in};
  shape.insert(shape.end(), static_cast<size_t>(dimensions), kernel);
  add(name + ".weight", std::move(shape));
  if (bias) add(name + ".bias", {out});
}

void WeightLayout::linear(const std::string& name, int64_t in, int64_t out, bool bias) {
  add(name + ".weight", {out, in});
  if (bias) add(name + ".bias", {out});
}

void WeightLayout::group_norm(const std::string& name, int64_t channels, int64_t groups) {
  add(name + ".weight", {channels});
  add(name + ".bias", {channels});
  if (groups < 1 || channels % groups != 0)
    problems_.push_back(name + " has " + std::to_string(channels) + " channels, no multiple of " +
                        std::to_string(groups));
}

int64_t WeightLayout::parameters() const {
  int64_t count = 0;
  for (const auto& weight : weights_)
    count += std::accumulate(weight.shape.begin(), weight.shape.end(), int64_t{1}, std::multiplies<>());
  return count;
}

void WeightLayout::check(const std::map<std::string, at::Tensor>& weights) const {
  std::vector<std::string> rows = problems_;
  size_t missing = 0, misshapen = problems_.size(), unknown = 0;
  std::set<std::string> used;
  for (const auto& [name, shape] : weights_) {
    used.insert(name);
    const auto found = weights.find(name);
    if (found == weights.end()) {
      ++missing;
      rows.push_back("missing " + name);
    } else if (found->second.sizes() != at::IntArrayRef(shape)) {
      ++misshapen;
      rows.push_back(name + " is " + c10::str(found->second.sizes()) + ", must be " + c10::str(at::IntArrayRef(shape)));
    }
  }
  for (const auto& [name, tensor] : weights) {
    if (used.count(name) != 0) continue;
    ++unknown;
    rows.push_back("not known: " + name);
  }
  if (rows.empty()) return;
  std::string counts;
  const auto count = [&](size_t n, const char* what) {
    if (n > 0) counts += (counts.empty() ? "" : ", ") + std::to_string(n) + ' ' + what;
  };
  count(missing, "missing");
  count(unknown, "not known");
  count(misshapen, "of another shape");
  std::string table = std::to_string(rows.size()) + " weights do not fit the network (" + counts + "):";
  for (size_t i = 0; i < rows.size() && i < 10; ++i) table += (i == 0 ? " " : "; ") + rows[i];
  throw std::invalid_argument(table + (rows.size() > 10 ? "; ..." : ""));
}

std::map<std::string, at::Tensor> WeightLayout::random(uint64_t seed, const std::string& prefix) const {
  if (!problems_.empty()) throw std::invalid_argument(problems_.front());
  at::Generator generator = at::detail::createCPUGenerator(seed);
  std::map<std::string, at::Tensor> weights;
  for (const auto& [name, shape] : weights_) {
    const bool bias = name.size() > 5 && name.compare(name.size() - 5, 5, ".bias") == 0;
    at::Tensor& w = weights[prefix + name];
    if (shape.size() < 2) {
      w = bias ? at::zeros(shape) : at::ones(shape);
    } else {
      const int64_t inputs = std::accumulate(shape.begin() + 1, shape.end(), int64_t{1}, std::multiplies<>());
      w = at::empty(shape).normal_(0, 1 / std::sqrt(static_cast<double>(inputs)), generator);
    }
  }
  return weights;
}

}  // namespace mgdm
