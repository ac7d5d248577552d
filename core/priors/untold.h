// What the weights do not tell: from the person's configuration, else from the file itself, else from the published
// model of the same signature. Whoever builds a network asks here, and a person is asked where none of them says.
#pragma once
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>

namespace mgdm {

class Pickle;
struct KnownModel;

class Untold {
 public:
  /// `pickled`: of the file; nullptr: it has none. Both must outlive this. `name` of the file, for messages.
  Untold(const nlohmann::json& config, const Pickle* pickled, std::string name)
      : config_(config), pickled_(pickled), name_(std::move(name)) {}
  void set_known(const KnownModel* known) { known_ = known; }
  const KnownModel* known() const { return known_; }

  /// Null counts as said: diffusers writes null for one head.
  const nlohmann::json* find(const char* key) const;
  /// Throws nlohmann::json::exception if what is said is of another type.
  template <typename T>
  T get(const char* key, T otherwise) {
    const nlohmann::json* found = find(key);
    T value = found == nullptr || found->is_null() ? otherwise : found->get<T>();
    used[key] = value;
    return value;
  }
  /// The same, also looked for in the pickle under `also`.
  double number(const char* key, std::initializer_list<const char*> also, double otherwise);
  /// Whether the pickle holds a number under one of the names.
  bool held(std::initializer_list<const char*> keys) const;
  /// Whether the configuration has one of the keys, at any depth.
  bool configured(std::initializer_list<const char*> keys) const;
  /// Throws MissingSetting.
  [[noreturn]] void ask(const std::string& key, const std::string& question) const;

  nlohmann::json used = nlohmann::json::object();  ///< what was looked up, as it was answered

 private:
  const nlohmann::json& config_;
  const Pickle* pickled_;
  std::string name_;
  const KnownModel* known_ = nullptr;
};

}  // namespace mgdm
