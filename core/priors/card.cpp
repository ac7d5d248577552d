#include "core/priors/card.h"

#include <fstream>

#include "core/errors.h"
#include "core/files/json_text.h"

namespace mgdm {

namespace fs = std::filesystem;

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

nlohmann::json config_of(const PriorCard& card) {
  if (const auto found = card.all.find("config"); found != card.all.end()) {
    if (!found->is_object()) throw ModelError(card.file.string() + ": its 'config' is no JSON object");
    return *found;
  }
  nlohmann::json config = nlohmann::json::object();
  for (const char* name : {"../scheduler/scheduler_config.json", "scheduler_config.json", "config.json"}) {
    const fs::path beside = card.weights.parent_path() / name;
    std::error_code error;
    if (!fs::exists(beside, error)) continue;
    const auto read = read_json(beside);
    if (!read.is_object()) throw ModelError(beside.string() + ": is no JSON object");
    config.update(read);
  }
  return config;
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
  take("window", sizes.window);
  return sizes;
}

std::string place_of(const PriorCard& card) { return card.file.empty() ? card.weights.string() : card.file.string(); }

}  // namespace mgdm
