// One description for each thing that has settings (a sampler, a degradation): the command line's
// --set and --help, the studio's forms, run files and the documentation are all made from it.
//
// Values travel as a JSON object; `complete_settings` checks one against the descriptions and fills
// in the defaults, so that the typed structs behind them never see a bad value.
#pragma once
#include <nlohmann/json.hpp>
#include <string>
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
  bool advanced = false;             ///< hidden until asked for
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

}  // namespace mgdm
