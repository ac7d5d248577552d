#include "core/priors/windows.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

namespace mgdm {

namespace {

// 1 in the middle, falling to a little above 0 over `overlap` towards an edge that is not the picture's.
at::Tensor ramp(int64_t window, int64_t overlap, bool falls_at_begin, bool falls_at_end) {
  at::Tensor weight = at::ones({window}, at::kFloat);
  const at::Tensor rise = (at::arange(overlap, at::kFloat) + 0.5) / static_cast<double>(overlap);
  if (falls_at_begin) weight.slice(0, 0, overlap).mul_(rise);
  if (falls_at_end) weight.slice(0, window - overlap, window).mul_(rise.flip(0));
  return weight;
}

class WindowedDenoiser : public Denoiser {
 public:
  WindowedDenoiser(std::shared_ptr<Denoiser> denoiser, int64_t window, int64_t overlap, int64_t multiple)
      : denoiser_(std::move(denoiser)), window_(window), overlap_(overlap), multiple_(multiple) {}
  at::Tensor predict_x0(const at::Tensor& x_t, const Levels& levels) override {
    return through_windows(x_t, window_, overlap_, multiple_, 1,
                           [&](const at::Tensor& part) { return denoiser_->predict_x0(part, levels); });
  }
  at::Tensor denoise(const at::Tensor& x, double sigma) override {
    return through_windows(x, window_, overlap_, multiple_, 1,
                           [&](const at::Tensor& part) { return denoiser_->denoise(part, sigma); });
  }

 private:
  std::shared_ptr<Denoiser> denoiser_;
  int64_t window_, overlap_, multiple_;
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

at::Tensor through_windows(const at::Tensor& x, int64_t window, int64_t overlap, int64_t multiple, int64_t enlargement,
                           const std::function<at::Tensor(const at::Tensor&)>& map) {
  const int64_t height = x.size(2), width = x.size(3);
  if (height <= window && width <= window) return map(x);
  const int64_t h = std::min(window, height), w = std::min(window, width);
  const auto rows = window_begins(height, h, overlap, multiple), columns = window_begins(width, w, overlap, multiple);
  const int64_t e = enlargement;
  at::Tensor sum, weights = at::zeros({1, 1, height * e, width * e}, at::kFloat);
  for (const int64_t top : rows) {
    for (const int64_t left : columns) {
      const at::Tensor weight = (ramp(h * e, overlap * e, top > 0, top + h < height).unsqueeze(1) *
                                 ramp(w * e, overlap * e, left > 0, left + w < width))
                                    .reshape({1, 1, h * e, w * e});
      weights.slice(2, top * e, (top + h) * e).slice(3, left * e, (left + w) * e).add_(weight);
      const at::Tensor part =
          map(x.slice(2, top, top + h).slice(3, left, left + w).contiguous()) * weight.to(x.device());
      const at::Tensor placed =
          at::constant_pad_nd(part, {left * e, (width - left - w) * e, top * e, (height - top - h) * e});
      sum = sum.defined() ? sum + placed : placed;
    }
  }
  return sum / weights.to(x.device());
}

std::shared_ptr<Denoiser> windowed(std::shared_ptr<Denoiser> denoiser, int64_t window, int64_t overlap,
                                   int64_t multiple) {
  return std::make_shared<WindowedDenoiser>(std::move(denoiser), window, overlap, multiple);
}

}  // namespace mgdm
