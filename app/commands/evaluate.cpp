// mgdm evaluate: what a published network makes of given tensors, for comparing implementations.
#include <ATen/ATen.h>

#include <iostream>

#include "app/command_line/command.h"
#include "app/command_line/exit_codes.h"
#include "app/command_line/options.h"
#include "core/checkpoints/torch_file.h"
#include "core/priors/catalogue.h"
#include "core/priors/evaluation.h"
#include "core/priors/family.h"

namespace mgdm::app {

namespace {

struct EvaluateOptions {
  CommonOptions common;
  std::string prior, config, input, output;
};

int evaluate(const EvaluateOptions& o) {
  use_threads(o.common.threads);
  const PriorCard card = find_prior(o.prior);
  nlohmann::json config = config_of(card);
  config.update(model_configuration(o.config, o.common.set));
  if (const PriorFamily* family = find_family(card.family); family != nullptr && family->about().own) {
    throw ModelError("model '" + card.name + "' is one of ours; evaluate is for published networks");
  }
  const auto model = load_published(card.weights, config);
  write_torch_file(o.output, evaluate_published(model, read_weights(o.input)));
  if (!o.common.quiet) std::cout << "written to " << o.output << '\n';
  return kDone;
}

}  // namespace

Command describe_evaluate() {
  return {
      7, "evaluate", "What a published network makes of given tensors, for comparing implementations",
      [](CLI::App& app) {
        const auto o = std::make_shared<EvaluateOptions>();
        app.add_option("--prior", o->prior,
                       "checkpoint (.pt, .ckpt, .bin, .safetensors) of guided-diffusion, CompVis latent diffusion, "
                       "diffusers or MSDM")
            ->required();
        app.add_option("--config", o->config,
                       "JSON with what the weights do not tell: heads, order of the attention, schedule");
        app.add_option("--input", o->input,
                       "dict of tensors saved by torch.save: {x, t}, {x, sigma}, {z} or {image}, and w for the "
                       "gradient of sum(w * output)")
            ->required();
        app.add_option("--output", o->output, "file for out, eps, x0, decoded, encoded, grad, as torch.load reads them")
            ->required();
        add_set_option(app, o->common, "one value of the configuration, e.g. num_head_channels=64 (may be repeated)");
        add_threads_option(app, o->common);
        app.add_flag("--quiet", o->common.quiet, "print nothing");
        return [o] { return evaluate(*o); };
      }};
}

}  // namespace mgdm::app
