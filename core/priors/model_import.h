// Taking a downloaded checkpoint into the person's own models: recognised, described by a card, optionally converted.
//
// A card (JSON, read by core/priors/catalogue.h) holds what the file is and everything its weights do not tell, so that
// the model is afterwards used by its name alone. Nothing in a file is executed; a TorchScript module, which is a
// program, is refused unless `trust_code` says so. Blocking; for any one thread.
#pragma once
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <stop_token>
#include <string>
#include <vector>

#include "core/priors/card.h"

namespace mgdm {

struct ImportRequest {
  std::filesystem::path file;
  std::string name;  ///< of the model; empty: the published one's, else the file's
  nlohmann::json config =
      nlohmann::json::object();  ///< what the weights do not tell; a config.json beside the file is read too
  bool convert = false;  ///< copy what is used into the person's folder as float16 `.safetensors`; else the card points
                         ///< at the file
  bool trust_code = false;  ///< a TorchScript module may be loaded
};

/// `share` of the whole that is done, 0 to 1, and what is being done.
using ImportProgress = std::function<void(double share, const std::string& what)>;

/// The card of a file as `import_model` would write it, without its hash. Throws ModelError, MissingSetting (ask the
/// person), UntrustedProgram (ask whether they trust it).
PriorCard describe_model(const ImportRequest& request);

/// Writes card (and weights) into the person's folder. Stopped: nothing is left behind and ModelError says so. Throws
/// as `describe_model`.
PriorCard import_model(const ImportRequest& request, const ImportProgress& progress = {}, std::stop_token stop = {});

/// Deletes the card and, if they lie in the person's folder, the weights. Throws ModelError for a model that is not the
/// person's.
void remove_model(const std::string& name);

/// Checks a model against its card: size and hash of the file, that it loads, that its network gives numbers. One
/// sentence for each thing that is wrong; none: all is well. Throws ModelError if there is no such model.
std::vector<std::string> verify_model(const std::string& name, const ImportProgress& progress = {},
                                      std::stop_token stop = {});

}  // namespace mgdm
