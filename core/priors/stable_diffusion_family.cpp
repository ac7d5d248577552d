#include "core/priors/stable_diffusion_family.h"

#include <ATen/ATen.h>

#include <stdexcept>

#include "core/checkpoints/torch_file.h"
#include "core/errors.h"
#include "core/networks/first_stage.h"
#include "core/networks/text_encoder.h"
#include "core/priors/autoencoder_codec.h"
#include "core/priors/known_models.h"
#include "core/priors/noise_estimator.h"
#include "core/priors/stable_diffusion_parts.h"
#include "core/priors/text/text_conditioner.h"
#include "core/priors/weight_file.h"
#include "core/priors/windows.h"

namespace mgdm {

namespace {

using nlohmann::json;

struct PromptSettings {
  std::string prompt, negative_prompt;
  double guidance_scale = 1;
};

std::vector<Setting> prompt_settings() {
  return {{"prompt",
           "Prompt",
           "What the picture shows, in a few words; empty: the model's own law.",
           SettingKind::Text,
           "",
           0,
           0,
           {}},
          {"negative_prompt",
           "Negative prompt",
           "What it does not show; only with a guidance scale other than 1.",
           SettingKind::Text,
           "",
           0,
           0,
           {}},
          {"guidance_scale",
           "Guidance scale",
           "Of classifier-free guidance: 1 samples the posterior under the model's law given the prompt, more follows "
           "the prompt more closely at twice the cost.",
           SettingKind::Real,
           1.0,
           0,
           30,
           {}}};
}

PromptSettings prompt_of(const Settings& settings) {
  return {settings.at("prompt").get<std::string>(), settings.at("negative_prompt").get<std::string>(),
          settings.at("guidance_scale").get<double>()};
}

// Calls `make` so that what does not fit is said of that part of the model.
template <typename Make>
auto part_of_model(const char* name, const Make& make) {
  try {
    return make();
  } catch (const std::invalid_argument& e) {
    throw std::invalid_argument(std::string("in its ") + name + ": " + e.what());
  }
}

bool begins_below(const PublishedFamily::Weights& weights, const std::string& prefix) {
  const auto found = weights.lower_bound(prefix);
  return found != weights.end() && found->first.rfind(prefix, 0) == 0;
}

PublishedFamily::Weights below(const PublishedFamily::Weights& weights, const std::string& prefix) {
  PublishedFamily::Weights part;
  for (auto i = weights.lower_bound(prefix); i != weights.end() && i->first.rfind(prefix, 0) == 0; ++i)
    part[i->first.substr(prefix.size())] = i->second;
  return part;
}

// U-Nets that are conditioned on more than text have more channels.
void refuse_other_inputs(int64_t channels) {
  const char* what = channels == 9   ? "an inpainting variant (latent, mask and masked picture)"
                     : channels == 8 ? "an instruct-pix2pix variant (latent and the picture to edit)"
                     : channels == 5 ? "a depth variant (latent and depth)"
                     : channels == 7 ? "an upscaling variant (latent and the small picture)"
                                     : "another variant";
  throw std::invalid_argument("its U-Net takes " + std::to_string(channels) + " channels: it is " + what +
                              ", which is no prior of pictures by itself; choose the base model, whose U-Net takes 4");
}

}  // namespace

StableDiffusionFamily::StableDiffusionFamily(FamilyDescription description, StableDiffusionKind kind,
                                             std::vector<KnownModel> known)
    : PublishedFamily(std::move(description)), kind_(std::move(kind)), known_(std::move(known)) {}

StableDiffusionFamily::~StableDiffusionFamily() = default;

std::vector<KnownModel> StableDiffusionFamily::known() const { return known_; }

bool StableDiffusionFamily::recognise(const WeightFile& file) const {
  const bool folder = in_sd_folder(file);
  if (!folder && !file.has(std::string(kSdUnet) + "time_embed.0.weight")) return false;
  const bool label = file.has(folder ? "add_embedding.linear_1.weight" : std::string(kSdUnet) + "label_emb.0.0.weight");
  if (label != kind_.label) return false;
  for (const auto& [name, tensor] : file.weights()) {
    const size_t at = name.find(".transformer_blocks.");
    if (at == std::string::npos || (!folder && name.rfind(kSdUnet, 0) != 0)) continue;
    const auto projection = file.weights().find(name.substr(0, at) + ".proj_in.weight");
    const bool linear = projection == file.weights().end() || projection->second.dim() == 2;
    return kind_.label || linear == kind_.linear_projections;
  }
  return false;
}

bool StableDiffusionFamily::keeps(const std::string& weight) const {
  if (weight.rfind("first_stage_model.loss.", 0) == 0) return false;
  for (const char* used : {kSdUnet, kSdStage, "text.", "alphas_cumprod"}) {
    if (weight.rfind(used, 0) == 0) return true;
  }
  return false;
}

std::map<std::string, at::Tensor> StableDiffusionFamily::kept_weights(const WeightFile& file) const {
  std::map<std::string, at::Tensor> kept;
  for (const auto& [name, tensor] : sd_weights(file)) {
    if (keeps(name)) kept[name] = tensor;
  }
  return kept;
}

std::string StableDiffusionFamily::prefix(const Weights&) const { return kSdUnet; }

std::vector<std::string> StableDiffusionFamily::used_prefixes() const { return {kSdUnet, kSdStage, "text."}; }

PublishedFamily::Parts StableDiffusionFamily::parts(const WeightFile& file, const json& config) const {
  return {sd_weights(file), sd_config(file, config)};
}

int64_t StableDiffusionFamily::factor(const PublishedModel& model) const {
  return model.first_stage ? model.first_stage->factor() : 8;
}

void StableDiffusionFamily::build(const Weights& weights, Untold& untold, PublishedModel& model) const {
  if (const auto first = weights.find(std::string(kSdUnet) + "input_blocks.0.0.weight");
      first != weights.end() && first->second.dim() == 4 && first->second.size(1) != 4)
    refuse_other_inputs(first->second.size(1));
  build_text(weights, untold, model);
  build_stage(weights, untold, model);
  build_unet(weights, untold, model);
  model.channels = model.conditional->in_channels();
  const auto table = weights.find("alphas_cumprod");
  if (table == weights.end() && !untold.configured({"linear_end", "beta_schedule", "trained_betas"})) {
    model.alphas_cumprod = scaled_linear_schedule(0.00085, 0.012);
    untold.used.update({{"linear_start", 0.00085}, {"linear_end", 0.012}});
  } else {
    model.alphas_cumprod = trained_schedule(untold, table == weights.end() ? at::Tensor() : table->second);
  }
  model.prediction = prediction_of(untold);
  const int64_t usual = model.prediction == Prediction::Velocity ? kind_.native_velocity : kind_.native;
  model.native_size = untold.find("native_size") != nullptr   ? untold.get("native_size", usual)
                      : untold.find("sample_size") != nullptr ? factor(model) * untold.get("sample_size", int64_t{64})
                                                              : usual;
  untold.used["native_size"] = model.native_size;
}

void StableDiffusionFamily::build_unet(const Weights& weights, Untold& untold, PublishedModel& model) const {
  ConditionalUnetOptions options;
  options.heads = kind_.heads;
  const json* heads = untold.find("attention_head_dim");  // diffusers' name for a number of heads
  if (const json* renamed = untold.find("num_attention_heads"); renamed != nullptr && !renamed->is_null())
    heads = renamed;
  if (heads != nullptr && heads->is_array()) {
    options.heads_of_level = heads->get<std::vector<int64_t>>();
    untold.used["attention_head_dim"] = *heads;
  } else if (heads != nullptr && !heads->is_null()) {
    options.heads = heads->get<int64_t>();
    untold.used["attention_head_dim"] = *heads;
  } else {
    const auto channels = untold.get<int64_t>("num_head_channels", -1);
    options.heads = channels > 0 ? -1 : untold.get<int64_t>("num_heads", kind_.heads);
    options.head_channels = channels > 0 ? channels : 64;
    const at::Tensor first = weights.count(std::string(kSdUnet) + "input_blocks.0.0.weight") != 0
                                 ? weights.at(std::string(kSdUnet) + "input_blocks.0.0.weight")
                                 : at::Tensor();
    if (channels <= 0 && options.heads <= 0 && first.defined() && first.size(0) % 64 != 0)
      untold.ask("num_head_channels", "how many channels an attention head has (64 in the published networks)");
  }
  model.conditional = std::make_shared<ConditionalUnet>(weights, kSdUnet, options);
  int64_t context = 0;
  for (const auto& part : model.text->parts()) context += part.encoder->config().width;
  if (model.conditional->config().context != context)
    throw std::invalid_argument("its U-Net is told states " + std::to_string(model.conditional->config().context) +
                                " wide, its text encoder gives " + std::to_string(context));
  if (kind_.label)
    size_label(at::zeros({1, model.text->pooled_width()}), std::vector<double>(6), model.conditional->config().label);
}

void StableDiffusionFamily::build_stage(const Weights& weights, Untold& untold, PublishedModel& model) const {
  const double scale = untold.get("scale_factor", untold.get("scaling_factor", kind_.scale_factor));
  untold.used["scale_factor"] = scale;
  Weights stage = below(weights, kSdStage);
  if (const json* other = untold.find("first_stage"); other != nullptr && other->is_string()) {
    const Weights all = read_weights(other->get<std::string>());
    stage = begins_below(all, kSdStage) ? below(all, kSdStage) : first_stage_names(all, "");
    untold.used["first_stage"] = *other;
  }
  if (stage.empty())
    throw std::invalid_argument(
        "it has no autoencoder, which turns latents into pictures; choose the whole model, or name one with --set "
        "first_stage=FILE");
  model.first_stage = part_of_model("autoencoder", [&] { return std::make_shared<FirstStage>(stage, "", scale); });
  model.wide_first_stage = kind_.label;
  if (model.first_stage->latent_channels() != 4)
    throw std::invalid_argument("its autoencoder's latents have " +
                                std::to_string(model.first_stage->latent_channels()) + " channels, the U-Net's 4");
}

void StableDiffusionFamily::build_text(const Weights& weights, Untold& untold, PublishedModel& model) const {
  const size_t wanted = kind_.quick_gelu.size();
  const bool has_first = begins_below(weights, sd_text_prefix(0)),
             has_second = begins_below(weights, sd_text_prefix(1));
  if (kind_.label && !(has_first && has_second) && (has_first || has_second || begins_below(weights, "conditioner.")))
    throw std::invalid_argument(
        "it is an SDXL refiner or lacks one of SDXL's two text encoders; a refiner only improves pictures of the base "
        "model: choose the base model");
  if (!has_first)
    throw std::invalid_argument(
        "it has no text encoder, without which its U-Net cannot be told anything; choose the whole model, not its "
        "U-Net "
        "alone");
  const json said = untold.find("text_encoders") != nullptr ? *untold.find("text_encoders") : json::array();
  const json pads = untold.find("pad_tokens") != nullptr ? *untold.find("pad_tokens") : json::array();
  json used = json::array(), used_pads = json::array();
  std::vector<TextConditioner::Part> parts;
  for (size_t i = 0; i < wanted; ++i) {
    const json one = said.is_array() && said.size() > i && said[i].is_object() ? said[i] : json::object();
    const Weights own = below(weights, sd_text_prefix(i));
    TextEncoderOptions options;
    options.quick_gelu = one.contains("activation") ? one["activation"] == "quick_gelu" : kind_.quick_gelu[i];
    options.left_out = one.value("left_out", kind_.left_out);
    options.normalised = kind_.normalised;
    const auto table = own.find("text_model.embeddings.token_embedding.weight");
    const int64_t width = table != own.end() && table->second.dim() == 2 ? table->second.size(1) : 64;
    if (!one.contains("heads") && width % 64 != 0)
      untold.ask("text_encoders",
                 "how many heads its text encoders have, as [{\"heads\": 12}] (a head has 64 channels in "
                 "the published ones)");
    options.heads = one.value("heads", width / 64);
    TextConditioner::Part part;
    part.encoder = part_of_model(i == 0 ? "text encoder" : "second text encoder",
                                 [&] { return std::make_shared<TextEncoder>(own, options); });
    part.padded_with_end =
        pads.is_array() && pads.size() > i && pads[i].is_boolean() ? pads[i].get<bool>() : kind_.padded_with_end[i];
    const json* place = untold.find(i == 0 ? "tokenizer" : "tokenizer_2");
    if (place == nullptr) place = untold.find("tokenizer");
    if (place != nullptr && place->is_string()) {
      part.tokenizer = std::make_shared<ClipTokenizer>(place->get<std::string>());
      untold.used[i == 0 ? "tokenizer" : "tokenizer_2"] = *place;
    }
    used.push_back({{"heads", options.heads},
                    {"activation", options.quick_gelu ? "quick_gelu" : "gelu"},
                    {"left_out", options.left_out}});
    used_pads.push_back(part.padded_with_end);
    parts.push_back(std::move(part));
  }
  untold.used["text_encoders"] = used;
  untold.used["pad_tokens"] = used_pads;
  model.text = std::make_shared<TextConditioner>(std::move(parts), kind_.label);
}

Prediction StableDiffusionFamily::prediction_of(Untold& untold) const {
  if (kind_.prediction_is_asked && untold.find("prediction_type") == nullptr)
    untold.ask("prediction_type",
               "whether its U-Net gives v_prediction (the models for 768 pixels) or epsilon (those for 512, \"base\"), "
               "which have the same weights' names and sizes");
  return trained_prediction(untold);
}

void StableDiffusionFamily::check_photo_prior(const PublishedModel& model, const std::string& name) const {
  if (!model.conditional || !model.first_stage || !model.text)
    throw ModelError("model '" + name + "' lacks its U-Net, autoencoder or text encoder");
}

std::vector<Setting> StableDiffusionFamily::prior_settings() const { return prompt_settings(); }

std::shared_ptr<const TextGuidance> StableDiffusionFamily::guidance(const PublishedModel& model,
                                                                    const Settings& settings) const {
  const PromptSettings asked = prompt_of(settings);
  auto guidance = std::make_shared<TextGuidance>();
  guidance->scale = asked.guidance_scale;
  guidance->wanted = model.text->encode(asked.prompt, &guidance->cut);
  if (guidance->scale == 1) return guidance;
  // SDXL was trained to know the absence of text as zeros.
  std::string cut;
  guidance->unwanted = kind_.label && asked.negative_prompt.empty() ? model.text->nothing()
                                                                    : model.text->encode(asked.negative_prompt, &cut);
  guidance->cut += (guidance->cut.empty() || cut.empty() ? "" : "; ") + cut;
  return guidance;
}

Prior StableDiffusionFamily::photo_prior(const PublishedModel& model, const std::string& name, at::Device device,
                                         at::ScalarType type) const {
  check_photo_prior(model, name);
  PublishedModel told = model;
  told.guidance = guidance(model, complete_settings(prompt_settings(), Settings::object(), name));
  Prior prior = PublishedFamily::photo_prior(told, name, device, type);
  prior.codec = make_autoencoder_codec(model.first_stage, prior.native_size / factor(model));
  prior.settings = prompt_settings();
  const Prior base = prior;
  // Runs of one photo are told the same again and again: the last answer is kept.
  struct Last {
    Settings settings;
    Prior prior;
  };
  const auto last = std::make_shared<Last>();
  prior.told = [this, model, base, last](const Settings& settings) {
    if (last->settings == settings) return last->prior;
    PublishedModel other = model;
    other.guidance = guidance(model, settings);
    Prior changed = base;
    changed.unheard = other.guidance->cut;
    changed.denoiser = windowed(make_noise_estimator(other, base.schedule, 1), base.windows);
    changed.reference_denoiser = windowed(make_noise_estimator(other, base.schedule, 0), base.windows);
    *last = {settings, changed};
    return changed;
  };
  return prior;
}

FamilyDescription described_stable_diffusion(std::string name, int rank, std::string label) {
  const bool first = name == "sd1";  // all of them are counted up once
  return {.name = std::move(name),
          .rank = rank,
          .label = std::move(label),
          .published = first ? "Stable Diffusion 1, 2 and XL" : std::string(),
          .kind = "photos (words)",
          .uses = "All tasks for photos, with a few words as a hint or none, with the samplers for latent models.",
          .medium = Medium::Photo,
          .latent = true,
          .paper_config = "ffhq_ldm"};
}

std::map<std::string, at::Tensor> random_stable_diffusion(uint64_t seed, const ConditionalUnetConfig& unet,
                                                          const std::vector<TextEncoderConfig>& encoders) {
  auto weights = unet.layout().random(seed, kSdUnet);
  weights.merge(FirstStageConfig::kl_f8().layout().random(seed + 1, kSdStage));
  for (size_t i = 0; i < encoders.size(); ++i)
    weights.merge(encoders[i].layout().random(seed + 2 + i, sd_text_prefix(i)));
  return weights;
}

}  // namespace mgdm
