// The model that runs use, loaded when it is asked for.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "core/priors/prior.h"

namespace mgdm {

/// Where and how a model computes.
struct ModelPlace {
  std::string device = "auto";     ///< "cpu", "cuda", or "auto": a GPU if LibTorch sees one
  std::string precision = "auto";  ///< as in resolve_precision
  bool recompute = false;          ///< published networks: less memory, a third more time
  bool operator==(const ModelPlace&) const = default;
};

/// The catalogue's model of that name (core/priors/catalogue.h). Throws ModelError, SettingError.
Prior load_model(const std::string& name, const ModelPlace& place);

/// At most one model in memory. Not thread-safe: the thread that runs owns it.
class ModelPool {
 public:
  using Loader = std::function<Prior(const std::string& name, const ModelPlace& place)>;
  /// `loader`: how a model is loaded; the default is `load_model`.
  explicit ModelPool(Loader loader = {});

  /// The model of that name there; the one in memory goes first if it is another. `loading` is told before a model is
  /// read. Throws what the loader throws (ModelError).
  std::shared_ptr<const Prior> get(const std::string& name, const ModelPlace& place,
                                   const std::function<void(const std::string& name)>& loading = {});
  /// Whether `get` would have to load.
  bool holds(const std::string& name, const ModelPlace& place) const;
  void drop();

 private:
  Loader loader_;
  std::string name_;
  ModelPlace place_;
  std::shared_ptr<const Prior> prior_;
};

}  // namespace mgdm
