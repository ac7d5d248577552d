#include "core/operators/degradations/phase_retrieval.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "core/operators/tasks.h"

namespace mgdm {

namespace {

class PhaseRetrieval : public Operator {
 public:
  PhaseRetrieval(std::vector<int64_t> shape, int64_t pad) : Operator(std::move(shape)), pad_(pad) {
    if (pad < 0) throw OperatorError("phase retrieval needs a padding of at least 0");
  }
  bool linear() const override { return false; }
  at::Tensor apply(const at::Tensor& x) const override {
    const at::Tensor padded = at::constant_pad_nd(0.5 * (x + 1), {pad_, pad_, pad_, pad_});
    const at::Tensor spectrum = at::fft_fft2(padded, c10::nullopt, {-2, -1}, "ortho");
    return at::fft_fftshift(spectrum.abs(), at::IntArrayRef{-2, -1}).flatten(1);
  }
  at::Tensor display(const at::Tensor& y) const override {
    const auto& s = signal_shape();
    const at::Tensor image = y.clamp_min(0).log1p().reshape({y.size(0), s[0], s[1] + 2 * pad_, s[2] + 2 * pad_});
    return 2 * image / image.max().clamp_min(1e-12) - 1;
  }

 private:
  int64_t pad_;
};

}  // namespace

std::unique_ptr<Operator> make_phase_retrieval(std::vector<int64_t> shape, int64_t pad) {
  return std::make_unique<PhaseRetrieval>(std::move(shape), pad);
}

std::vector<Task> describe_phase_retrieval() {
  return {
      {.name = "phase_retrieval",
       .label = "Phase retrieval",
       .help = "Only the amplitudes of the Fourier transform are known, not the phases.",
       .rank = 180,
       .group = "Other",
       .settings = {real_setting("oversample", "Oversampling", "Zero padding, in eighths of the side.", 2.0, 0.0, 8.0)},
       .simulated_only = true,
       .image_valued = false,
       .repairs = false,
       .make = [](const Settings& settings, const std::vector<int64_t>& shape, const Given&) {
         return make_phase_retrieval(shape, static_cast<int64_t>(settings.at("oversample").get<double>() / 8 *
                                                                 static_cast<double>(std::max(shape[1], shape[2]))));
       }}};
}

}  // namespace mgdm
