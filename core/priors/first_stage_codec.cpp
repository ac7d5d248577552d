#include "core/priors/first_stage_codec.h"

#include <ATen/ATen.h>

#include <chrono>

#include "core/priors/linear_preview.h"
#include "core/priors/windows.h"

namespace mgdm {

namespace {

class FirstStageCodec : public Codec {
 public:
  FirstStageCodec(std::shared_ptr<const FirstStage> stage, int64_t window)
      : stage_(std::move(stage)), window_(window) {}
  at::Tensor decode(const at::Tensor& z) const override {
    const auto clock = std::chrono::steady_clock::now();
    const at::Tensor signal = through_windows(z, {.side = window_, .overlap = window_ / 4}, stage_->factor(),
                                              [&](const at::Tensor& part) { return stage_->decode(part); });
    const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - clock).count();
    preview_.learn(z, signal);
    seconds_per_value_ = took / static_cast<double>(z.numel());
    return signal;
  }
  at::Tensor preview(const at::Tensor& z) const override { return preview_.ready() ? preview_(z) : decode(z); }
  double decode_seconds(const at::Tensor& z) const override {
    return seconds_per_value_ * static_cast<double>(z.numel());
  }
  at::Tensor encode(const at::Tensor& x) const override { return stage_->encode(x); }
  std::vector<int64_t> model_sizes(const std::vector<int64_t>& signal) const override {
    return {stage_->latent_channels(), signal[1] / stage_->factor(), signal[2] / stage_->factor()};
  }

 private:
  std::shared_ptr<const FirstStage> stage_;
  int64_t window_;
  mutable LinearPreview preview_;
  mutable double seconds_per_value_ = 0;
};

}  // namespace

std::shared_ptr<Codec> make_first_stage_codec(std::shared_ptr<const FirstStage> stage, int64_t window) {
  return std::make_shared<FirstStageCodec>(std::move(stage), window);
}

}  // namespace mgdm
