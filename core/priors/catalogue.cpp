#include "core/priors/catalogue.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "core/checkpoints/torch_file.h"
#include "core/priors/photo_prior.h"
#include "core/priors/denoising_unet_file.h"

namespace mgdm {

namespace fs = std::filesystem;

namespace {

PriorCard read_card(const fs::path& file) {
  std::ifstream in(file);
  if (!in) throw ModelError(file.string() + ": cannot be opened");
  PriorCard card;
  card.file = file;
  card.all = nlohmann::json::parse(in, nullptr, false);
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

std::vector<fs::path> model_folders() {
  std::vector<fs::path> folders;
  if (const char* listed = std::getenv("MGDM_MODELS")) {
    std::istringstream paths(listed);
    for (std::string path; std::getline(paths, path, ':');) {
      if (!path.empty()) folders.emplace_back(path);
    }
  }
  if (const char* data = std::getenv("XDG_DATA_HOME"); data != nullptr && *data != '\0') {
    folders.push_back(fs::path(data) / "mgdm-studio/models");
  } else if (const char* home = std::getenv("HOME"); home != nullptr) {
    folders.push_back(fs::path(home) / ".local/share/mgdm-studio/models");
  }
  // Beside an installed program, else in the source tree it was built from.
  std::error_code error;
  const fs::path beside = fs::read_symlink("/proc/self/exe", error).parent_path() / "../share/mgdm-studio/models";
  folders.push_back(!error && fs::is_directory(beside, error) ? beside.lexically_normal() : fs::path(MGDM_MODELS_DIR));
  return folders;
}

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
        const bool known = std::any_of(cards.begin(), cards.end(), [&](const PriorCard& c) { return c.name == card.name; });
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
    card.family = "photo-unet";
    try {
      // Our own files say what they are; whatever else can be read is a published network's or nothing.
      if (is_torch_file(path) || read_safetensors_metadata(path).count("network") == 0) card.family = "published";
    } catch (const CheckpointError&) {
      // Said when it is loaded.
    }
    card.weights = path;
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

Medium medium_of(const PriorCard& card) {
  if (card.family == "photo-unet" || card.family == "published") return Medium::Photo;
  if (card.family == "band-unet") return Medium::Music;
  throw ModelError(card.file.string() + ": model family '" + card.family + "' is unknown");
}

namespace {

void check_use(const PriorCard& card, Medium wanted) {
  if (medium_of(card) != wanted) {
    throw ModelError("model '" + card.name + "' is for " + (wanted == Medium::Photo ? "music, not for photos" : "photos, not for music"));
  }
  std::error_code error;
  if (!fs::exists(card.weights, error)) throw ModelError(card.weights.string() + ": the weights of model '" + card.name + "' are missing");
}

}  // namespace

BandPrior load_band_prior(const PriorCard& card, at::Device device, const std::string& precision) {
  check_use(card, Medium::Music);
  try {
    std::map<std::string, std::string> metadata;
    const auto network = load_denoising_unet(card.weights, &metadata);
    const auto codec = metadata.find("codec");
    if (codec == metadata.end()) throw CheckpointError(card.weights.string() + ": does not say which transform it was trained on");
    const auto stems = card.all.at("stems").get<std::vector<std::string>>();
    if (static_cast<int64_t>(stems.size()) != network->options().image_channels) {
      throw ModelError(card.file.string() + ": names " + std::to_string(stems.size()) + " stems, the network has " +
                       std::to_string(network->options().image_channels));
    }
    return make_band_prior(network, nlohmann::json::parse(codec->second).get<MdctOptions>(), stems, card.all.at("level").get<double>(),
                           card.name, device, precision);
  } catch (const CheckpointError& e) {
    throw ModelError(e.what());
  } catch (const nlohmann::json::exception&) {
    throw ModelError(card.file.string() + ": is no card of an audio model (it needs 'stems' and 'level')");
  }
}

Prior load_prior(const PriorCard& card, at::Device device, const std::string& precision) {
  check_use(card, Medium::Photo);
  if (card.family == "published") {
    nlohmann::json config = nlohmann::json::object();
    if (const fs::path beside = card.weights.parent_path() / "config.json"; fs::exists(beside)) {
      std::ifstream in(beside);
      config = nlohmann::json::parse(in, nullptr, false);
      if (!config.is_object()) throw ModelError(beside.string() + ": is no JSON object");
    }
    // bfloat16 was slower here: these networks keep the plain layout.
    const bool plain = precision == "auto" && device.is_cpu();
    return make_published_prior(load_published(card.weights, config), card.name, device, plain ? at::kFloat : resolve_precision(precision, device));
  }
  try {
    return make_photo_prior(load_denoising_unet(card.weights), card.name, device, precision);
  } catch (const CheckpointError& e) {
    throw ModelError(e.what());
  }
}

}  // namespace mgdm
