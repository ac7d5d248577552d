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
#include "core/priors/photo_prior.h"

namespace mgdm::app {

namespace {

struct EvaluateOptions {
  CommonOptions common;
  std::string prior, config, input, output, precision = "float32";
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
  const at::ScalarType type = resolve_precision(o.precision, at::kCPU);
  if (type != at::kFloat) model.to(at::kCPU, type, true);
  write_torch_file(o.output, evaluate_published(model, read_weights(o.input)));
  if (!o.common.quiet) std::cout << "written to " << o.output << '\n';
  return kDone;
}

}  // namespace

Command describe_evaluate() {
  return {7, "evaluate", "What a published network makes of given tensors, for comparing implementations",
          [](CLI::App& app) {
            const auto o = std::make_shared<EvaluateOptions>();
            app.add_option("--prior", o->prior,
                           "checkpoint (.pt, .ckpt, .bin, .safetensors) of guided-diffusion, CompVis latent diffusion, "
                           "Stable Diffusion, diffusers or MSDM, or a diffusers folder")
                ->required();
            app.add_option("--config", o->config,
                           "JSON with what the weights do not tell: heads, order of the attention, schedule");
            app.add_option(
                   "--input,--in", o->input,
                   "dict of tensors saved by torch.save: {x, t}, {x, t, context} (and y), {x, sigma}, {tokens}, {z} "
                   "or {image}, and w for the gradient of sum(w * output)")
                ->required();
            app.add_option("--output,--out", o->output,
                           "file for out, eps, x0, text, pooled, decoded, encoded, grad, as torch.load reads them")
                ->required();
            add_set_option(app, o->common,
                           "one value of the configuration, e.g. num_head_channels=64 (may be repeated)");
            app.add_option("--precision", o->precision, "of the networks; text encoders always compute in float32")
                ->check(CLI::IsMember({"auto", "bfloat16", "float32"}))
                ->capture_default_str();
            add_threads_option(app, o->common);
            app.add_flag("--quiet", o->common.quiet, "print nothing");
            return [o] { return evaluate(*o); };
          }};
}

}  // namespace mgdm::app
