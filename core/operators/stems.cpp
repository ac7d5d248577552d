#include "core/operators/stems.h"

#include <ATen/ATen.h>

#include <cmath>

namespace mgdm {

namespace {

// For each frame an orthogonal matrix R [C, C] whose row i is a spectral direction of the stems, and its singular
// value (0: not seen). A known stem is its own direction; the sum of the u other stems is sqrt(u) times the
// direction (1, ..., 1) / sqrt(u), completed to a basis of their space.
class StemsOperator : public Operator {
 public:
  StemsOperator(std::vector<int64_t> shape, const at::Tensor& known, const at::Tensor& mix, const at::Tensor& weights)
      : Operator(shape) {
    if (shape.size() != 3) throw OperatorError("stems: the signal must be [stems, frames, bins]");
    const int64_t stems = shape[0], frames = shape[1], bins = shape[2];
    if (known.sizes() != at::IntArrayRef({stems, frames}) || mix.sizes() != at::IntArrayRef({frames})) {
      throw OperatorError("stems: the masks must be [stems, frames] and [frames]");
    }
    if (weights.defined() && (weights.sizes() != at::IntArrayRef({bins}) || !weights.isfinite().all().item<bool>() ||
                              weights.min().item<double>() < 0)) {
      throw OperatorError("stems: the weights must be one number >= 0 for each bin");
    }
    const at::Tensor k = known.to(at::kCPU, at::kBool).contiguous(), m = mix.to(at::kCPU, at::kBool).contiguous();
    basis_ = at::zeros({frames, stems, stems}, at::kDouble);
    at::Tensor values = at::zeros({frames, stems}, at::kDouble);
    auto r = basis_.accessor<double, 3>();
    auto s = values.accessor<double, 2>();
    std::vector<int64_t> seen;
    std::vector<char> sums;  // which of `seen` are sums
    for (int64_t f = 0; f < frames; ++f) {
      std::vector<int64_t> rest;
      for (int64_t c = 0; c < stems; ++c) {
        if (k[c][f].item<bool>()) {
          r[f][c][c] = 1;
          s[f][c] = 1;
          seen.push_back(f * stems + c);
          sums.push_back(0);
        } else {
          rest.push_back(c);
        }
      }
      const auto u = static_cast<int64_t>(rest.size());
      for (int64_t i = 0; i < u; ++i) {  // rows: the mean direction, then Helmert's contrasts
        const double norm = i == 0 ? std::sqrt(static_cast<double>(u)) : std::sqrt(static_cast<double>(i * (i + 1)));
        for (int64_t j = 0; j < u; ++j) {
          const double entry = i == 0 || j < i ? 1 : j == i ? -static_cast<double>(i) : 0;
          r[f][rest[i]][rest[j]] = entry / norm;
        }
      }
      if (u > 0 && m[f].item<bool>()) {
        s[f][rest[0]] = std::sqrt(static_cast<double>(u));
        seen.push_back(f * stems + rest[0]);
        sums.push_back(1);
      }
    }
    if (seen.empty()) throw OperatorError("stems: nothing is observed");
    seen_ = at::tensor(seen, at::kLong);
    std::vector<int64_t> unseen;
    std::vector<char> is_seen(static_cast<size_t>(frames * stems), 0);
    for (const int64_t i : seen) is_seen[static_cast<size_t>(i)] = 1;
    for (int64_t i = 0; i < frames * stems; ++i) {
      if (!is_seen[static_cast<size_t>(i)]) unseen.push_back(i);
    }
    unseen_ = at::tensor(unseen, at::kLong);
    values_ = values.flatten().index_select(0, seen_).unsqueeze(1).repeat({1, bins});
    for (size_t i = 0; i < sums.size() && weights.defined(); ++i) {
      if (sums[i] != 0) values_[static_cast<int64_t>(i)].mul_(weights.to(at::kCPU, at::kDouble));
    }
    inverse_order_ = at::cat({seen_, unseen_}).argsort();
    bins_ = bins;
  }

  at::Tensor apply(const at::Tensor& x) const override { return (seen_part(x) * scale(x)).flatten(1); }
  at::Tensor adjoint(const at::Tensor& y) const override { return from_seen(rows(y) * scale(y)); }
  bool has_pseudo_inverse() const override { return true; }
  at::Tensor pseudo_inverse(const at::Tensor& y) const override {
    return from_seen(at::where(scale(y) > 0, rows(y) / scale(y), at::zeros({}, y.options())));
  }
  bool has_svd() const override { return true; }
  at::Tensor singular_values() const override { return values_.flatten(); }
  at::Tensor to_spectral(const at::Tensor& x) const override {
    const at::Tensor all = rotate(x);
    return at::cat({all.index_select(1, seen_.to(x.device())), all.index_select(1, unseen_.to(x.device()))}, 1)
        .flatten(1);
  }
  at::Tensor from_spectral(const at::Tensor& z) const override {
    return rotate_back(rows(z).index_select(1, inverse_order_.to(z.device())));
  }
  at::Tensor observation_to_spectral(const at::Tensor& y) const override { return y; }
  at::Tensor display(const at::Tensor& y) const override { return pseudo_inverse(y); }

 private:
  at::Tensor rows(const at::Tensor& flat) const { return flat.reshape({flat.size(0), -1, bins_}); }
  at::Tensor scale(const at::Tensor& like) const { return values_.to(like.options()); }
  at::Tensor rotate(const at::Tensor& x) const {  // [B, C, F, M] -> [B, F * C, M]
    return at::matmul(basis_.to(x.options()), x.permute({0, 2, 1, 3})).flatten(1, 2);
  }
  at::Tensor rotate_back(const at::Tensor& z) const {
    const at::Tensor frames = z.reshape({z.size(0), basis_.size(0), basis_.size(1), bins_});
    return at::matmul(basis_.to(z.options()).transpose(1, 2), frames).permute({0, 2, 1, 3}).contiguous();
  }
  at::Tensor seen_part(const at::Tensor& x) const { return rotate(x).index_select(1, seen_.to(x.device())); }
  at::Tensor from_seen(const at::Tensor& values) const {
    const at::Tensor all = at::zeros({values.size(0), basis_.size(0) * basis_.size(1), bins_}, values.options());
    return rotate_back(all.index_copy(1, seen_.to(values.device()), values));
  }

  at::Tensor basis_, seen_, unseen_, inverse_order_;
  at::Tensor values_;  // [seen, bins]
  int64_t bins_ = 0;
};

class ClippedMix : public Operator {
 public:
  ClippedMix(std::vector<int64_t> shape, std::function<at::Tensor(const at::Tensor&)> decode, double level, double gain,
             const at::Tensor& known, const at::Tensor& seen)
      : Operator(std::move(shape)),
        decode_(std::move(decode)),
        level_(level),
        gain_(gain),
        known_(known.flatten().nonzero().squeeze(1)),
        seen_(seen.nonzero().squeeze(1)) {
    const auto& s = signal_shape();
    if (s.size() != 3 || known.sizes() != at::IntArrayRef({s[0], s[1]}))
      throw OperatorError("clipped mix: the signal must be [stems, frames, bins] and what is known [stems, frames]");
    if (seen.sizes() != at::IntArrayRef({s[1] * s[2]}))
      throw OperatorError("clipped mix: which samples are seen must be one value for each");
    if (!(level > 0 && gain > 0)) throw OperatorError("the clipping level must be above 0");
  }
  bool linear() const override { return false; }
  at::Tensor apply(const at::Tensor& x) const override {
    const at::Tensor sound = decode_(x.sum(1, true)).flatten(1).index_select(1, seen_.to(x.device()));
    return at::cat(
        {gain_ * sound.clamp(-level_, level_), x.flatten(1, 2).index_select(1, known_.to(x.device())).flatten(1)}, 1);
  }

 private:
  std::function<at::Tensor(const at::Tensor&)> decode_;
  double level_, gain_;
  at::Tensor known_, seen_;
};

}  // namespace

std::unique_ptr<Operator> make_stems(std::vector<int64_t> shape, const at::Tensor& known, const at::Tensor& mix,
                                     const at::Tensor& weights) {
  return std::make_unique<StemsOperator>(std::move(shape), known, mix, weights);
}

std::unique_ptr<Operator> make_clipped_mix(std::vector<int64_t> shape,
                                           std::function<at::Tensor(const at::Tensor&)> decode, double level,
                                           double gain, const at::Tensor& known, const at::Tensor& seen) {
  return std::make_unique<ClippedMix>(std::move(shape), std::move(decode), level, gain, known, seen);
}

std::unique_ptr<Operator> make_mixture(std::vector<int64_t> shape) {
  if (shape.size() == 2) shape.insert(shape.begin() + 1, 1);
  const int64_t stems = shape.at(0), frames = shape.at(1);
  return make_stems(std::move(shape), at::zeros({stems, frames}, at::kBool), at::ones({frames}, at::kBool));
}

}  // namespace mgdm
