#include "core/priors/catalogue.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "core/checkpoints/torch_file.h"
#include "core/files/folders.h"
#include "core/files/json_text.h"
#include "core/priors/denoising_unet_file.h"
#include "core/priors/photo_prior.h"
#include "core/priors/torchscript_prior.h"

namespace mgdm {

namespace fs = std::filesystem;

namespace {

PriorCard read_card(const fs::path& file) {
  if (!std::ifstream(file)) throw ModelError(file.string() + ": cannot be opened");
  PriorCard card;
  card.file = file;
  card.all = read_json(file);
  if (!card.all.is_object()) throw ModelError(file.string() + ": is not a model card (not a JSON object)");
  const auto text = [&](const char* key, bool required) -> std::string {
    const auto found = card.all.find(key);
    if (found == card.all.end() && !required) return {};
    if (found == card.all.end() || !found->is_string()) {
      throw ModelError(file.string() + ": is not a model card (no text '" + key + "')");
    }
    return found->get<std::string>();
  };
  card.name = text("name", true);
  card.family = text("family", true);
  card.weights = file.parent_path() / text("weights", true);
  card.label = text("label", false);
  card.license = text("license", false);
  card.description = text("description", false);
  return card;
}

}  // namespace

std::vector<PriorCard> list_priors(std::vector<std::string>* problems) {
  std::vector<PriorCard> cards;
  for (const auto& folder : model_folders()) {
    std::error_code error;
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
      if (entry.path().extension() == ".json") files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    for (const auto& file : files) {
      try {
        PriorCard card = read_card(file);
        const bool known =
            std::any_of(cards.begin(), cards.end(), [&](const PriorCard& c) { return c.name == card.name; });
        if (!known) cards.push_back(std::move(card));
      } catch (const ModelError& e) {
        if (problems != nullptr) problems->push_back(e.what());
      }
    }
  }
  return cards;
}

PriorCard find_prior(const std::string& name_or_path) {
  const fs::path path(name_or_path);
  std::error_code error;
  if (path.extension() == ".json" && fs::exists(path, error)) return read_card(path);
  if (path.extension() == ".safetensors" || (path.has_extension() && fs::is_regular_file(path, error))) {
    PriorCard card;
    card.name = path.stem().string();
    card.weights = path;
    try {
      // Our own files say what they are; whatever else can be read is a published network's or nothing.
      if (is_torchscript(path)) {
        card.family = "torchscript";
      } else if (!is_torch_file(path) && read_safetensors_metadata(path).count("network") != 0) {
        card.family = read_safetensors_metadata(path).count("codec") != 0 ? "band-unet" : "photo-unet";
      } else {
        card.family = published_family(read_weights(path));
      }
    } catch (const CheckpointError&) {
      card.family = "photo-unet";  // what is wrong is said when it is loaded
    }
    card.all = {{"name", card.name}, {"family", card.family}};
    return card;
  }
  std::string known;
  for (auto& card : list_priors()) {
    if (card.name == name_or_path) return card;
    known += (known.empty() ? "" : ", ") + card.name;
  }
  throw ModelError("model '" + name_or_path + "' is unknown; " +
                   (known.empty() ? "no model is installed" : "known are " + known));
}

nlohmann::json config_of(const PriorCard& card) {
  if (const auto found = card.all.find("config"); found != card.all.end()) {
    if (!found->is_object()) throw ModelError(card.file.string() + ": its 'config' is no JSON object");
    return *found;
  }
  nlohmann::json config = nlohmann::json::object();
  for (const char* name : {"scheduler_config.json", "config.json"}) {
    const fs::path beside = card.weights.parent_path() / name;
    std::error_code error;
    if (!fs::exists(beside, error)) continue;
    const auto read = read_json(beside);
    if (!read.is_object()) throw ModelError(beside.string() + ": is no JSON object");
    config.update(read);
  }
  return config;
}

Medium medium_of(const PriorCard& card) {
  for (const char* family : {"photo-unet", "adm", "ldm", "diffusers", "torchscript"}) {
    if (card.family == family) return Medium::Photo;
  }
  if (card.family == "band-unet" || card.family == "msdm") return Medium::Music;
  const std::string where = card.file.empty() ? card.weights.string() : card.file.string();
  if (card.family == "first_stage")
    throw ModelError(
        where +
        ": is an autoencoder alone; it belongs to a latent diffusion model and cannot restore anything by itself");
  if (card.family.empty())
    throw ModelError(
        where +
        ": is of no network that is known (guided-diffusion, CompVis latent diffusion, diffusers UNet2DModel, MSDM)");
  throw ModelError(where + ": model family '" + card.family + "' is unknown");
}

PriorTraits traits_of(const PriorCard& card) {
  const auto config = card.all.find("paper_config");
  return {.latent = card.family == "ldm",
          .paper_config = config != card.all.end() && config->is_string() ? config->get<std::string>() : ""};
}

PhotoSizes photo_sizes(const PriorCard& card) {
  PhotoSizes sizes;
  const auto take = [&](const char* key, int64_t& value) {
    if (const auto found = card.all.find(key);
        found != card.all.end() && found->is_number_integer() && found->get<int64_t>() > 0)
      value = found->get<int64_t>();
  };
  take("size_multiple", sizes.multiple);
  take("min_size", sizes.smallest);
  take("max_size", sizes.largest);
  take("native_size", sizes.native);
  return sizes;
}

namespace {

void check_use(const PriorCard& card, Medium wanted) {
  if (medium_of(card) != wanted) {
    throw ModelError("model '" + card.name + "' is for " +
                     (wanted == Medium::Photo ? "music, not for photos" : "photos, not for music"));
  }
  std::error_code error;
  if (!fs::exists(card.weights, error))
    throw ModelError(card.weights.string() + ": the weights of model '" + card.name + "' are missing");
  if (const auto bytes = card.all.find("bytes"); bytes != card.all.end() && bytes->is_number_unsigned() &&
                                                 fs::file_size(card.weights, error) != bytes->get<uint64_t>()) {
    throw ModelError(card.weights.string() + ": is not the file any more that was imported as '" + card.name +
                     "' (another size); import it again");
  }
}

}  // namespace

BandPrior load_band_prior(const PriorCard& card, at::Device device, const std::string& precision, bool recompute) {
  check_use(card, Medium::Music);
  if (card.family == "msdm") {
    const auto type = resolve_precision(precision, device);
    const PublishedModel model = load_published(card.weights, config_of(card));
    model.to(device, type, true);
    model.set_recompute(recompute);
    std::vector<std::string> stems = card.all.value("stems", std::vector<std::string>{});
    if (stems.empty() && model.channels == 4) stems = {"bass", "drums", "guitar", "piano"};
    while (static_cast<int64_t>(stems.size()) < model.channels)
      stems.push_back("source_" + std::to_string(stems.size() + 1));
    return make_waveform_prior(model.audio, std::move(stems), card.name, device, type, model.native_size);
  }
  try {
    std::map<std::string, std::string> metadata;
    const auto network = load_denoising_unet(card.weights, &metadata);
    const auto codec = metadata.find("codec");
    if (codec == metadata.end())
      throw CheckpointError(card.weights.string() + ": does not say which transform it was trained on");
    const auto stems = card.all.at("stems").get<std::vector<std::string>>();
    if (static_cast<int64_t>(stems.size()) != network->options().image_channels) {
      throw ModelError(card.file.string() + ": names " + std::to_string(stems.size()) + " stems, the network has " +
                       std::to_string(network->options().image_channels));
    }
    return make_band_prior(network, parse_json(codec->second).get<MdctOptions>(), stems,
                           card.all.at("level").get<double>(), card.name, device, precision);
  } catch (const CheckpointError& e) {
    throw ModelError(e.what());
  } catch (const nlohmann::json::exception&) {
    throw ModelError(card.file.string() + ": is no card of an audio model (it needs 'stems' and 'level')");
  }
}

Prior load_prior(const PriorCard& card, at::Device device, const std::string& precision, bool recompute) {
  check_use(card, Medium::Photo);
  if (card.family == "torchscript") {
    if (!card.all.value("trusted_code", false))
      throw ModelError(card.weights.string() +
                       ": is a TorchScript module, which is a program that would run here; mgdm models import takes it "
                       "with --trust-code");
    return load_torchscript_prior(card.weights, config_of(card), card.name, device);
  }
  if (card.family != "photo-unet") {
    const PublishedModel model = load_published(card.weights, config_of(card));
    model.set_recompute(recompute);
    return make_published_prior(model, card.name, device, resolve_precision(precision, device));
  }
  try {
    return make_photo_prior(load_denoising_unet(card.weights), card.name, device, precision);
  } catch (const CheckpointError& e) {
    throw ModelError(e.what());
  }
}

}  // namespace mgdm
