#include "core/priors/windows.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>

#include "core/networks/group_norm_silu.h"

namespace mgdm {

namespace {

using Map = std::function<at::Tensor(const at::Tensor&)>;

// 1 in the middle, falling to a little above 0 over `overlap` towards an edge that is not the picture's.
at::Tensor ramp(int64_t window, int64_t overlap, bool falls_at_begin, bool falls_at_end) {
  at::Tensor weight = at::ones({window}, at::kFloat);
  const at::Tensor rise = (at::arange(overlap, at::kFloat) + 0.5) / static_cast<double>(overlap);
  if (falls_at_begin) weight.slice(0, 0, overlap).mul_(rise);
  if (falls_at_end) weight.slice(0, window - overlap, window).mul_(rise.flip(0));
  return weight;
}

int64_t rounded_up(int64_t value, int64_t multiple) { return (value + multiple - 1) / multiple * multiple; }

struct Place {
  int64_t top, left, height, width;
  at::Tensor of(const at::Tensor& x, int64_t scale = 1) const {
    return x.slice(2, top * scale, (top + height) * scale).slice(3, left * scale, (left + width) * scale);
  }
};

// Where the windows lie and what each adds: the weights of all sum to 1.
class Cut {
 public:
  Cut(int64_t height, int64_t width, const Windows& windows, int64_t enlargement)
      : height_(height), width_(width), scale_(enlargement) {
    const int64_t h = window_length(height, windows), w = window_length(width, windows), e = enlargement;
    const int64_t overlap = std::min({windows.overlap, h, w});
    at::Tensor sum = at::zeros({1, 1, height * e, width * e}, at::kFloat);
    for (const int64_t top : window_begins(height, h, overlap, windows.multiple)) {
      for (const int64_t left : window_begins(width, w, overlap, windows.multiple)) {
        places_.push_back({top, left, h, w});
        weights_.push_back((ramp(h * e, overlap * e, top > 0, top + h < height).unsqueeze(1) *
                            ramp(w * e, overlap * e, left > 0, left + w < width))
                               .reshape({1, 1, h * e, w * e}));
        places_.back().of(sum, e).add_(weights_.back());
      }
    }
    for (size_t i = 0; i < places_.size(); ++i) weights_[i] = weights_[i] / places_[i].of(sum, e);
  }

  at::Tensor apply(const at::Tensor& x, const Map& map) const {
    at::Tensor sum;
    for (size_t i = 0; i < places_.size(); ++i) {
      const at::Tensor part = map(places_[i].of(x).contiguous());
      const at::Tensor weighted = part * weights_[i].to(part.device());
      if (!sum.defined())
        sum = at::zeros({part.size(0), part.size(1), height_ * scale_, width_ * scale_}, weighted.options());
      places_[i].of(sum, scale_).add_(weighted);
    }
    return sum;
  }

  // (d apply / d x)^T cotangent.
  at::Tensor transposed(const at::Tensor& x, const Map& map, const at::Tensor& cotangent) const {
    at::Tensor gradient = at::zeros_like(x);
    for (size_t i = 0; i < places_.size(); ++i) {
      const at::Tensor part = places_[i].of(x).detach().contiguous().requires_grad_(true);
      at::AutoGradMode with_grad(true);
      const at::Tensor seen = places_[i].of(cotangent, scale_);
      const at::Tensor back = torch::autograd::grad({map(part)}, {part}, {seen * weights_[i].to(seen.device())})[0];
      at::NoGradGuard no_grad;
      places_[i].of(gradient).add_(back);
    }
    return gradient;
  }

  // The same as `apply` for a caller who differentiates twice: every window stays in the graph.
  at::Tensor apply_plainly(const at::Tensor& x, const Map& map) const {
    at::Tensor sum;
    const int64_t e = scale_;
    for (size_t i = 0; i < places_.size(); ++i) {
      const Place& p = places_[i];
      const at::Tensor part = map(p.of(x).contiguous()) * weights_[i].to(x.device());
      const at::Tensor placed = at::constant_pad_nd(
          part, {p.left * e, (width_ - p.left - p.width) * e, p.top * e, (height_ - p.top - p.height) * e});
      sum = sum.defined() ? sum + placed : placed;
    }
    return sum;
  }

 private:
  int64_t height_, width_, scale_;
  std::vector<Place> places_;
  std::vector<at::Tensor> weights_;
};

struct HeldCut : torch::CustomClassHolder {
  HeldCut(Cut c, Map m) : cut(std::move(c)), map(std::move(m)) {}
  Cut cut;
  Map map;
};

class ThroughWindows : public torch::autograd::Function<ThroughWindows> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* ctx, const at::Tensor& x,
                            const c10::intrusive_ptr<HeldCut>& held) {
    ctx->save_for_backward({x});
    ctx->saved_data["cut"] = c10::IValue::make_capsule(held);
    return held->cut.apply(x, held->map);  // gradients are off in here
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* ctx,
                                                 torch::autograd::variable_list grads) {
    const auto held = c10::static_intrusive_pointer_cast<HeldCut>(ctx->saved_data["cut"].toCapsule());
    return {held->cut.transposed(ctx->get_saved_variables()[0], held->map, grads[0]), at::Tensor()};
  }
};

class WindowedDenoiser : public Denoiser {
 public:
  WindowedDenoiser(std::shared_ptr<Denoiser> denoiser, const Windows& windows)
      : denoiser_(std::move(denoiser)), windows_(windows) {}
  at::Tensor predict_x0(const at::Tensor& x_t, const Levels& levels) override {
    return through_windows(x_t, windows_, 1, [denoiser = denoiser_, levels](const at::Tensor& part) {
      return denoiser->predict_x0(part, levels);
    });
  }
  at::Tensor denoise(const at::Tensor& x, double sigma) override {
    return through_windows(x, windows_, 1, [denoiser = denoiser_, sigma](const at::Tensor& part) {
      return denoiser->denoise(part, sigma);
    });
  }

 private:
  std::shared_ptr<Denoiser> denoiser_;
  Windows windows_;
};

}  // namespace

std::vector<int64_t> window_begins(int64_t length, int64_t window, int64_t overlap, int64_t multiple) {
  std::vector<int64_t> begins{0};
  if (length <= window) return begins;
  const int64_t room = length - window, step = std::max(multiple, (window - overlap) / multiple * multiple);
  const int64_t more = (room + step - 1) / step;
  for (int64_t i = 1; i < more; ++i) begins.push_back(room * i / more / multiple * multiple);
  begins.push_back(room);
  return begins;
}

int64_t window_length(int64_t length, const Windows& w) {
  if (length <= w.side) return w.fitted ? std::max(w.multiple, length / w.multiple * w.multiple) : length;
  if (!w.fitted) return w.side;
  const int64_t count = (length - w.overlap + w.side - w.overlap - 1) / (w.side - w.overlap);
  // Begins are rounded down to the multiple, so a window reaches up to one multiple further.
  const int64_t even = (length + (count - 1) * w.overlap + count - 1) / count;
  return std::min(w.side / w.multiple * w.multiple, rounded_up(even, w.multiple) + (count > 2 ? w.multiple : 0));
}

int64_t pixels_through_windows(int64_t height, int64_t width, const Windows& windows) {
  const auto seen = [&](int64_t length) {
    const int64_t window = window_length(length, windows);
    return static_cast<int64_t>(
               window_begins(length, window, std::min(windows.overlap, window), windows.multiple).size()) *
           window;
  };
  return seen(height) * seen(width);
}

at::Tensor through_windows(const at::Tensor& x, const Windows& windows, int64_t enlargement, const Map& map) {
  if (window_length(x.size(2), windows) == x.size(2) && window_length(x.size(3), windows) == x.size(3)) return map(x);
  Cut cut(x.size(2), x.size(3), windows, enlargement);
  if (!at::GradMode::is_enabled() || !x.requires_grad()) return cut.apply(x, map);
  if (PlainDerivatives::wanted()) return cut.apply_plainly(x, map);
  return ThroughWindows::apply(x, c10::make_intrusive<HeldCut>(std::move(cut), map));
}

std::shared_ptr<Denoiser> windowed(std::shared_ptr<Denoiser> denoiser, const Windows& windows) {
  return std::make_shared<WindowedDenoiser>(std::move(denoiser), windows);
}

}  // namespace mgdm
