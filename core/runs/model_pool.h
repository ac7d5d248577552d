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
template <typename Model>
class PoolOf {
 public:
  using Loader = std::function<Model(const std::string& name, const ModelPlace& place)>;
  explicit PoolOf(Loader loader) : loader_(std::move(loader)) {}

  /// The model of that name there; the one in memory goes first if it is another. `loading` is told before a model is
  /// read. Throws what the loader throws (ModelError).
  std::shared_ptr<const Model> get(const std::string& name, const ModelPlace& place,
                                   const std::function<void(const std::string& name)>& loading = {}) {
    if (holds(name, place)) return model_;
    model_.reset();  // never two at once
    if (loading) loading(name);
    model_ = std::make_shared<const Model>(loader_(name, place));
    name_ = name;
    place_ = place;
    return model_;
  }
  /// Whether `get` would not have to load.
  bool holds(const std::string& name, const ModelPlace& place) const {
    return model_ != nullptr && name == name_ && place == place_;
  }
  void drop() { model_.reset(); }

 private:
  Loader loader_;
  std::string name_;
  ModelPlace place_;
  std::shared_ptr<const Model> model_;
};

/// Models of photos; the default loader is `load_model`.
class ModelPool : public PoolOf<Prior> {
 public:
  explicit ModelPool(Loader loader = {}) : PoolOf(loader ? std::move(loader) : load_model) {}
};

/// The device that `name` ("cpu", "cuda", "auto") means here. Throws SettingError.
at::Device model_device(const std::string& name);

}  // namespace mgdm
