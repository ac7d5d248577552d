#include "core/priors/stable_diffusion_parts.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <fstream>

#include "core/checkpoints/torch_file.h"
#include "core/errors.h"
#include "core/files/folders.h"
#include "core/files/json_text.h"
#include "core/networks/conditional_unet.h"
#include "core/networks/first_stage.h"
#include "core/networks/text_encoder.h"
#include "core/priors/text/clip_tokenizer.h"

namespace mgdm {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Weights = std::map<std::string, at::Tensor>;

/// Where single files have their text encoders, first and second.
const std::vector<std::string> kTextPrefixes[] = {
    {"cond_stage_model.transformer.", "cond_stage_model.model.", "conditioner.embedders.0.transformer."},
    {"conditioner.embedders.1.model."}};

std::string text_folder(size_t encoder) { return encoder == 0 ? "text_encoder" : "text_encoder_2"; }

// The folder that the parts of a model of diffusers' layout lie in.
fs::path folder_of(const WeightFile& file) { return file.path().parent_path().parent_path(); }

Weights weights_in(const fs::path& folder, std::initializer_list<const char*> stems) {
  std::error_code error;
  for (const char* stem : stems) {
    for (const char* ending :
         {".safetensors", ".fp16.safetensors", ".safetensors.index.json", ".bin", ".fp16.bin", ".bin.index.json"}) {
      const fs::path file = folder / (std::string(stem) + ending);
      if (fs::is_regular_file(file, error)) return read_weights(file);
    }
  }
  return {};
}

void add(Weights& all, const Weights& part, const std::string& prefix) {
  for (const auto& [name, tensor] : part) all[prefix + name] = tensor;
}

bool starts(const std::string& text, const std::string& with) { return text.rfind(with, 0) == 0; }

bool any_below(const Weights& weights, const std::string& prefix) {
  const auto found = weights.lower_bound(prefix);
  return found != weights.end() && starts(found->first, prefix);
}

Weights folder_weights(const WeightFile& file) {
  Weights all = conditional_unet_names(file.weights(), kSdUnet);
  if (file.path().empty()) return all;
  const fs::path folder = folder_of(file);
  all.merge(first_stage_names(weights_in(folder / "vae", {"diffusion_pytorch_model"}), kSdStage));
  for (size_t i = 0; i < 2; ++i)
    add(all, text_names(weights_in(folder / text_folder(i), {"model", "pytorch_model"}), ""), sd_text_prefix(i));
  return all;
}

Weights single_weights(const WeightFile& file) {
  const Weights& given = file.weights();
  Weights all = given;
  for (size_t i = 0; i < 2; ++i) {
    for (const std::string& prefix : kTextPrefixes[i]) {
      if (!any_below(given, prefix)) continue;
      add(all, text_names(given, prefix), sd_text_prefix(i));
      for (auto at = all.lower_bound(prefix); at != all.end() && starts(at->first, prefix);) at = all.erase(at);
      break;
    }
  }
  return all;
}

json object_in(const fs::path& file) {
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return json::object();
  const json read = read_json(file);
  if (!read.is_object()) throw ModelError(file.string() + ": is no JSON object");
  return read;
}

// A key's value by one of its names; null: there is none.
json first_of(const json& object, std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    if (object.contains(key) && !object[key].is_null()) return object[key];
  }
  return {};
}

// Heads and activation of a text encoder, by the names of diffusers' files and of our cards.
json encoder_config(const json& said) {
  json encoder = json::object();
  if (const json heads = first_of(said, {"heads", "num_attention_heads"}); heads.is_number_integer())
    encoder["heads"] = heads;
  if (const json act = first_of(said, {"activation", "hidden_act"}); act.is_string())
    encoder["activation"] = starts(act.get<std::string>(), "quick") ? "quick_gelu" : "gelu";
  if (const json out = first_of(said, {"left_out"}); out.is_number_integer()) encoder["left_out"] = out;
  return encoder;
}

// Whether the tokenizer says that prompts are padded with the end token; null: it does not say.
json pads_with_end(const fs::path& tokenizer) {
  json said = first_of(object_in(tokenizer / "special_tokens_map.json"), {"pad_token"});
  if (said.is_object()) said = first_of(said, {"content"});
  return said.is_string() ? json(said != "!") : json();
}

// Where the vocabularies lie: folders beside the model, else one for all models.
void add_tokenizers(json& config, const fs::path& folder) {
  std::vector<fs::path> places;
  for (const fs::path& models : model_folders()) places.push_back(models / "clip-tokenizer");
  json pads = json::array();
  const auto said = [&](const char* key) { return config.contains(key) && config[key].is_string(); };
  for (const char* key : {"tokenizer", "tokenizer_2"}) {
    if (!folder.empty() && ClipTokenizer::is_at(folder / key)) {
      pads.push_back(pads_with_end(folder / key));
      if (!said(key)) config[key] = (folder / key).string();
    } else {
      pads.push_back(nullptr);
    }
  }
  if (!said("tokenizer") && !folder.empty() && ClipTokenizer::is_at(folder)) config["tokenizer"] = folder.string();
  if (!said("tokenizer")) {
    config.erase("tokenizer");
    const auto found = std::find_if(places.begin(), places.end(), ClipTokenizer::is_at);
    if (found != places.end()) config["tokenizer"] = found->string();
  }
  if (!config.contains("pad_tokens")) config["pad_tokens"] = pads;
}

// CompVis' yaml beside a file says "parameterization: "v"" in a line of its own.
std::string parameterization_in(const fs::path& yaml) {
  std::ifstream in(yaml);
  for (std::string line; std::getline(in, line);) {
    const size_t key = line.find("parameterization:");
    if (key == std::string::npos || line.find('#') < key) continue;
    return line.find('v', key + 17) != std::string::npos ? "v_prediction" : "epsilon";
  }
  return {};
}

// What the network gives, as the configuration, files beside the weights or their name tell; empty: nothing does.
std::string told_prediction(const WeightFile& file, const json& config) {
  const json said = first_of(config, {"prediction_type", "prediction", "parameterization"});
  if (said.is_string()) {
    const auto text = said.get<std::string>();
    return text == "v" ? "v_prediction" : text == "eps" ? "epsilon" : text;
  }
  if (file.path().empty()) return {};
  const fs::path folder = in_sd_folder(file) ? folder_of(file) : file.path().parent_path();
  if (const json scheduler = object_in(folder / "scheduler/scheduler_config.json"); !scheduler.empty())
    return scheduler.value("prediction_type", "epsilon");
  if (in_sd_folder(file)) return config.contains("beta_schedule") ? "epsilon" : "";
  for (const char* ending : {".yaml", ".yml"}) {
    const std::string found = parameterization_in(fs::path(file.path()).replace_extension(ending));
    if (!found.empty()) return found;
  }
  const std::string name = file.path().stem().string();
  const auto has = [&](const char* part) { return name.find(part) != std::string::npos; };
  if (has("768-v") || has("768_v") || has("2-1_768") || has("2-0_768")) return "v_prediction";
  if (has("512-base") || has("512_base") || has("2-1_512") || has("2-0_512")) return "epsilon";
  return {};
}

}  // namespace

std::string sd_text_prefix(size_t encoder) { return "text." + std::to_string(encoder) + '.'; }

bool in_sd_folder(const WeightFile& file) {
  return file.has("time_embedding.linear_1.weight") && file.has("conv_in.weight");
}

Weights sd_weights(const WeightFile& file) { return in_sd_folder(file) ? folder_weights(file) : single_weights(file); }

json sd_config(const WeightFile& file, const json& given) {
  json config = given;
  const bool folder = in_sd_folder(file);
  json encoders = json::array();
  for (size_t i = 0; i < 2; ++i) {
    const bool said = config.contains("text_encoders") && config["text_encoders"].is_array() &&
                      config["text_encoders"].size() > i && config["text_encoders"][i].is_object();
    if (said)
      encoders.push_back(encoder_config(config["text_encoders"][i]));
    else if (folder && !file.path().empty())
      encoders.push_back(encoder_config(object_in(folder_of(file) / text_folder(i) / "config.json")));
    else
      encoders.push_back(json::object());
  }
  // Weights by OpenCLIP's names have the layer that Stable Diffusion 2 leaves out.
  if (!folder && any_below(file.weights(), "cond_stage_model.model.") && !encoders[0].contains("left_out"))
    encoders[0]["left_out"] = 1;
  config["text_encoders"] = encoders;
  if (const std::string prediction = told_prediction(file, given); !prediction.empty())
    config["prediction_type"] = prediction;
  if (folder && !file.path().empty() && !config.contains("scale_factor")) {
    const json scale = first_of(object_in(folder_of(file) / "vae/config.json"), {"scaling_factor"});
    if (scale.is_number()) config["scale_factor"] = scale;
  }
  add_tokenizers(config, file.path().empty() ? fs::path() : folder ? folder_of(file) : file.path().parent_path());
  return config;
}

}  // namespace mgdm
