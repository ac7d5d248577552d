#include "core/priors/first_stage_codec.h"

#include "core/priors/windows.h"

namespace mgdm {

namespace {

class FirstStageCodec : public Codec {
 public:
  FirstStageCodec(std::shared_ptr<const FirstStage> stage, int64_t window)
      : stage_(std::move(stage)), window_(window) {}
  at::Tensor decode(const at::Tensor& z) const override {
    return through_windows(z, {.side = window_, .overlap = window_ / 4}, stage_->factor(),
                           [&](const at::Tensor& part) { return stage_->decode(part); });
  }
  at::Tensor encode(const at::Tensor& x) const override { return stage_->encode(x); }
  std::vector<int64_t> model_sizes(const std::vector<int64_t>& signal) const override {
    return {stage_->latent_channels(), signal[1] / stage_->factor(), signal[2] / stage_->factor()};
  }

 private:
  std::shared_ptr<const FirstStage> stage_;
  int64_t window_;
};

}  // namespace

std::shared_ptr<Codec> make_first_stage_codec(std::shared_ptr<const FirstStage> stage, int64_t window) {
  return std::make_shared<FirstStageCodec>(std::move(stage), window);
}

}  // namespace mgdm
