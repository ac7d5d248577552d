// The parts of a Stable Diffusion model brought under one set of names, wherever they lie: in a single file
// (`.safetensors`, `.ckpt`) or in a folder as diffusers lays it out, of which the U-Net's file is given.
//
//   model.diffusion_model.*   U-Net             (core/networks/conditional_unet.h)
//   first_stage_model.*       autoencoder       (core/networks/first_stage.h)
//   text.0.*, text.1.*        text encoders     (core/networks/text_encoder.h)
//
// What else a single file holds (an averaged copy, tables of the schedule) keeps its name.
#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "core/priors/weight_file.h"

namespace mgdm {

constexpr const char* kSdUnet = "model.diffusion_model.";
constexpr const char* kSdStage = "first_stage_model.";

/// "text.0." and so on.
std::string sd_text_prefix(size_t encoder);

/// Whether the weights are those of diffusers' U-Net alone, whose other parts lie in folders beside it.
bool in_sd_folder(const WeightFile& file);

/// The weights by the names above. Throws CheckpointError for a file that cannot be read, std::invalid_argument for
/// weights that cannot be what their names say.
std::map<std::string, at::Tensor> sd_weights(const WeightFile& file);

/// `config` with what the files beside the weights say, where it does not say it: "text_encoders" (a list of heads,
/// activation, left_out), "scale_factor", "prediction_type", "tokenizer", "tokenizer_2" (folders), "pad_tokens". Throws
/// ModelError for one that is no JSON object.
nlohmann::json sd_config(const WeightFile& file, const nlohmann::json& config);

}  // namespace mgdm
