#include "core/priors/untold.h"

#include <deque>
#include <optional>
#include <set>

#include "core/checkpoints/pickle.h"
#include "core/errors.h"
#include "core/priors/known_models.h"

namespace mgdm {

using nlohmann::json;

namespace {

/// The first object under any name in the configuration that has one of the keys; they lie at different depths.
const json* object_with(const json& config, std::initializer_list<const char*> keys, int depth = 0) {
  if (!config.is_object() || depth > 8) return nullptr;
  for (const char* key : keys) {
    if (config.contains(key)) return &config;
  }
  for (const auto& [name, value] : config.items()) {
    if (const json* found = object_with(value, keys, depth + 1)) return found;
  }
  return nullptr;
}

/// A number that the pickle holds under one of the names, wherever it is first met; hyper-parameters of a checkpoint,
/// or attributes of a module.
std::optional<double> number_in(const PickleValue& root, std::initializer_list<const char*> keys) {
  std::deque<const PickleValue*> open{&root};
  std::set<const PickleValue*> seen;
  while (!open.empty()) {
    const PickleValue& value = *open.front();
    open.pop_front();
    if (!seen.insert(&value).second) continue;
    for (const char* key : keys) {
      if (const PickleValue* found = value.find(key)) {
        if (found->is(PickleValue::Kind::Int) || found->is(PickleValue::Kind::Bool))
          return static_cast<double>(found->integer);
        if (found->is(PickleValue::Kind::Float)) return found->real;
      }
    }
    open.insert(open.end(), value.items.begin(), value.items.end());
    for (const auto& [key, entry] : value.entries) open.push_back(entry);
    for (const PickleValue* next : {value.arguments, value.state}) {
      if (next != nullptr) open.push_back(next);
    }
  }
  return std::nullopt;
}

}  // namespace

const json* Untold::find(const char* key) const {
  if (const json* holder = object_with(config_, {key})) return &holder->at(key);
  if (known_ != nullptr && known_->config.contains(key)) return &known_->config.at(key);
  return nullptr;
}

double Untold::number(const char* key, std::initializer_list<const char*> also, double otherwise) {
  const auto held =
      pickled_ != nullptr && object_with(config_, {key}) == nullptr ? number_in(*pickled_->root, also) : std::nullopt;
  if (!held) return get(key, otherwise);
  used[key] = *held;
  return *held;
}

bool Untold::held(std::initializer_list<const char*> keys) const {
  return pickled_ != nullptr && number_in(*pickled_->root, keys).has_value();
}

bool Untold::configured(std::initializer_list<const char*> keys) const { return object_with(config_, keys) != nullptr; }

void Untold::ask(const std::string& key, const std::string& question) const {
  throw MissingSetting(
      name_ + ": its weights do not tell " + question + "; say so with --set " + key + "=... or --config", key,
      question);
}

}  // namespace mgdm
