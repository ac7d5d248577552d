// A family of models in one file, for tst_extension: its network is one number, the estimate of every clean pixel.
#include <ATen/ATen.h>

#include "core/errors.h"
#include "core/priors/family.h"
#include "core/priors/known_models.h"
#include "core/priors/weight_file.h"

namespace mgdm {

namespace {

class ToyConstant : public Denoiser {
 public:
  explicit ToyConstant(float level) : level_(level) {}
  at::Tensor predict_x0(const at::Tensor& x_t, const Levels&) override { return x_t * 0 + level_; }
  at::Tensor denoise(const at::Tensor& x, double) override { return x * 0 + level_; }

 private:
  float level_;
};

class ToyFamily : public PriorFamily {
 public:
  using PriorFamily::PriorFamily;

  bool recognise(const WeightFile& file) const override { return file.has("toy.level"); }

  nlohmann::json describe(const WeightFile& file, const nlohmann::json&, bool) const override {
    const at::Tensor level = file.weights().at("toy.level");
    if (level.numel() != 1) throw ModelError(file.name() + ": toy.level must be one number");
    return {{"parameters", 1}, {"size_multiple", 8}, {"native_size", 64}};
  }

  Prior load_photo_prior(const PriorCard& card, const LoadOptions&) const override {
    Prior prior;
    prior.name = card.name;
    prior.denoiser = std::make_shared<ToyConstant>(WeightFile(card.weights).weights().at("toy.level").item<float>());
    prior.size_multiple = 8;
    return prior;
  }

  std::vector<KnownModel> known() const override {
    return {{.name = "toy-grey",
             .label = "One grey",
             .file = "toy.safetensors",
             .source = "tests/extension",
             .license = "none",
             .tensors = 1,
             .parameters = 1,
             .random = [](uint64_t) {
               return std::map<std::string, at::Tensor>{{"toy.level", at::zeros({1})}};
             }}};
  }
};

}  // namespace

std::shared_ptr<const PriorFamily> describe_toy_family() {
  return std::make_shared<ToyFamily>(FamilyDescription{.name = "toy",
                                                       .label = "Toy network",
                                                       .published = "toys",
                                                       .kind = "photos (toy)",
                                                       .uses = "All tasks for photos, badly.",
                                                       .medium = Medium::Photo});
}

}  // namespace mgdm
