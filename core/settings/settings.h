// One description for each thing that has settings (a sampler, a degradation): the command line's
// --set and --help, the studio's forms, run files and the documentation are all made from it.
//
// Values travel as a JSON object; `complete_settings` checks one against the descriptions and fills
// in the defaults, so that the typed structs behind them never see a bad value.
//
// A thing with a struct for its settings lists them once, each with the member that holds it:
//
//   Fields<DpsSettings> dps_fields() {
//     return {field(&DpsSettings::steps, "steps", "Steps", "Noise levels.", 1000, 4, 1000),
//             field(&DpsSettings::gamma, "gamma", "Guidance", "Step size.", 0.3, 0, 10)};
//   }
//
// `described(dps_fields())` is what people see, `typed(dps_fields(), complete)` the struct.
#pragma once
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/errors.h"

namespace mgdm {

enum class SettingKind {
  Integer,
  Real,
  Boolean,
  Choice,
  Rules,
  Text,
  File,   ///< text: a file's name
  Kernel  ///< text: a blur kernel, as `parse_kernel` in core/operators takes it
};

inline bool is_text(SettingKind kind) {
  return kind == SettingKind::Text || kind == SettingKind::File || kind == SettingKind::Kernel;
}

struct Setting {
  std::string name;   ///< key in JSON and of --set
  std::string label;  ///< for people
  std::string help;   ///< one sentence, with the paper's term and the unit
  SettingKind kind = SettingKind::Real;
  nlohmann::json fallback;           ///< the default; null: left to another's choice, as `help` says
  double minimum = 0, maximum = 0;   ///< inclusive; Integer and Real (and the values of Rules)
  std::vector<std::string> choices;  ///< Choice
};

using Settings = nlohmann::json;  ///< an object: setting name -> value

/// Checks every key of `given` and adds the missing defaults. `owner` ("sampler mgdm") starts the
/// error message. Throws SettingError.
Settings complete_settings(const std::vector<Setting>& described, const Settings& given, const std::string& owner);

/// Throws SettingError naming the known ones.
const Setting& find_setting(const std::vector<Setting>& described, const std::string& name, const std::string& owner);
/// Throws SettingError where `value` is not of the setting's kind or range. `owner` may be empty.
void check_setting(const Setting& setting, const nlohmann::json& value, const std::string& owner);

/// Parses the text after "key=" by the setting's kind. Throws SettingError.
nlohmann::json parse_setting(const std::vector<Setting>& described, const std::string& name, const std::string& text,
                             const std::string& owner);

/// "0.05 (0 to 10)", "mix (one of uniform, mix, ...)": default and range, for help texts.
std::string describe_range(const Setting& setting);

/// A value that depends on the outer step i of n, as data: an ordered list of rules, the first that
/// holds wins. JSON: a number (always), or a list of
///   {"last": K, "value": v}     i >= n - K
///   {"first": K, "value": v}    i < K
///   {"every": K, "value": v}    i % K == 0
///   {"value": v}                always; must be the last rule
class StepRules {
 public:
  /// Throws SettingError. Values must lie in [minimum, maximum].
  StepRules(const nlohmann::json& json, const std::string& name, double minimum, double maximum);
  StepRules() : rules_{{Condition::Always, 0, 0}} {}  ///< 0 always
  double at(int i, int n) const;

 private:
  enum class Condition { Always, First, Last, Every };
  struct Rule {
    Condition condition;
    int count;
    double value;
  };
  std::vector<Rule> rules_;
};

/// A described setting and how its checked value gets into a struct S.
template <typename S>
struct Field : Setting {
  std::function<void(S&, const nlohmann::json&)> read;
};

template <typename S>
using Fields = std::vector<Field<S>>;

/// A whole number, `minimum` to `maximum`.
template <typename S>
Field<S> field(int S::*member, std::string name, std::string label, std::string help, int fallback, double minimum,
               double maximum) {
  return {{std::move(name), std::move(label), std::move(help), SettingKind::Integer, fallback, minimum, maximum, {}},
          [member](S& s, const nlohmann::json& value) { s.*member = value.get<int>(); }};
}

/// A number, `minimum` to `maximum`.
template <typename S>
Field<S> field(double S::*member, std::string name, std::string label, std::string help, double fallback,
               double minimum, double maximum) {
  return {{std::move(name), std::move(label), std::move(help), SettingKind::Real, fallback, minimum, maximum, {}},
          [member](S& s, const nlohmann::json& value) { s.*member = value.get<double>(); }};
}

template <typename S>
Field<S> field(bool S::*member, std::string name, std::string label, std::string help, bool fallback) {
  return {{std::move(name), std::move(label), std::move(help), SettingKind::Boolean, fallback, 0, 0, {}},
          [member](S& s, const nlohmann::json& value) { s.*member = value.get<bool>(); }};
}

/// One of `choices`, the names of E's values in their order.
template <typename S, typename E>
requires std::is_enum_v<E> Field<S> field(E S::*member, std::string name, std::string label, std::string help,
                                          E fallback, const std::vector<std::string>& choices) {
  return {{std::move(name), std::move(label), std::move(help), SettingKind::Choice,
           choices.at(static_cast<size_t>(fallback)), 0, 0, choices},
          [member, choices](S& s, const nlohmann::json& value) {
            size_t index = 0;
            while (index + 1 < choices.size() && choices[index] != value.get<std::string>()) ++index;
            s.*member = static_cast<E>(index);
          }};
}

/// A number, or rules over the outer step; values from `minimum` to `maximum`.
template <typename S>
Field<S> field(StepRules S::*member, std::string name, std::string label, std::string help, nlohmann::json fallback,
               double minimum, double maximum) {
  auto read = [member, name, minimum, maximum](S& s, const nlohmann::json& value) {
    s.*member = StepRules(value, name, minimum, maximum);
  };
  return {{std::move(name),
           std::move(label),
           std::move(help),
           SettingKind::Rules,
           std::move(fallback),
           minimum,
           maximum,
           {}},
          std::move(read)};
}

/// The field of a struct that is a member of S.
template <typename S, typename Inner>
Field<S> inside(Inner S::*member, Field<Inner> field) {
  return {std::move(static_cast<Setting&>(field)),
          [member, read = std::move(field.read)](S& s, const nlohmann::json& value) { read(s.*member, value); }};
}

template <typename S>
std::vector<Setting> described(const Fields<S>& fields) {
  return {fields.begin(), fields.end()};
}

/// `complete` as from `complete_settings`.
template <typename S>
S typed(const Fields<S>& fields, const Settings& complete) {
  S result{};
  for (const auto& field : fields) field.read(result, complete.at(field.name));
  return result;
}

}  // namespace mgdm
