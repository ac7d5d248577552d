// A sampler in one file, for tst_extension: the clean estimate at the highest level, whatever was observed.
#include <ATen/ATen.h>

#include "core/samplers/description.h"
#include "core/samplers/requirements.h"
#include "core/samplers/step_context.h"

namespace mgdm {

namespace {

struct ToySamplerSettings {
  double strength;
};

Fields<ToySamplerSettings> toy_sampler_fields() {
  return {field(&ToySamplerSettings::strength, "strength", "Strength", "Factor of the estimate.", 1.0, 0, 2)};
}

class ToySampler : public Sampler {
 public:
  explicit ToySampler(ToySamplerSettings settings) : s_(settings) {}
  SamplerResult run(const SamplerInput& input) const override {
    return run_stoppable(input, [&](StepContext& c) {
      c.step = 1;
      const int top = c.schedule.steps();
      const at::Tensor x0 = s_.strength * c.denoise(input.x_init, {top});
      c.show_step(1, top, x0, input.x_init);
      return x0;
    });
  }

 private:
  ToySamplerSettings s_;
};

}  // namespace

SamplerDescription describe_toy_sampler() {
  return {.name = "toy_sampler",
          .label = "Toy sampler",
          .help = "One estimate.",
          .paper = "tests/extension",
          .settings = described(toy_sampler_fields()),
          .presets = {{"quick", {{"strength", 0.5}}}},
          .make = [](const Settings& s) { return std::make_unique<ToySampler>(typed(toy_sampler_fields(), s)); }};
}

}  // namespace mgdm
