#include "core/settings/settings.h"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <sstream>

#include "core/files/json_text.h"

namespace mgdm {

namespace {

using nlohmann::json;

std::string number(double value) {
  std::ostringstream out;
  out << std::setprecision(std::abs(value) < 1e6 ? 6 : 17) << value;
  return out.str();
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

}  // namespace

const Setting& find_setting(const std::vector<Setting>& described, const std::string& name, const std::string& owner) {
  for (const auto& setting : described) {
    if (setting.name == name) return setting;
  }
  std::vector<std::string> known;
  for (const auto& setting : described) known.push_back(setting.name);
  throw SettingError(owner + ": unknown setting '" + name + "'" +
                     (known.empty() ? " (it has none)" : "; known are " + joined(known)));
}

void check_setting(const Setting& s, const json& value, const std::string& owner) {
  const auto fail = [&](const std::string& wanted) {
    throw SettingError((owner.empty() ? s.name : owner + ": setting '" + s.name + "'") + " is " + json_text(value) +
                       ", must be " + wanted);
  };
  const std::string range = number(s.minimum) + " to " + number(s.maximum);
  switch (s.kind) {
    case SettingKind::Integer:
      if (!value.is_number_integer() || value.get<double>() < s.minimum || value.get<double>() > s.maximum) {
        fail("a whole number from " + range);
      }
      break;
    case SettingKind::Real:
      if (!value.is_number() || !(value.get<double>() >= s.minimum && value.get<double>() <= s.maximum)) {
        fail("a number from " + range);
      }
      break;
    case SettingKind::Boolean:
      if (!value.is_boolean()) fail("true or false");
      break;
    case SettingKind::Choice:
      if (!value.is_string() ||
          std::find(s.choices.begin(), s.choices.end(), value.get<std::string>()) == s.choices.end()) {
        fail("one of " + joined(s.choices));
      }
      break;
    case SettingKind::Rules:
      StepRules(value, s.name, s.minimum, s.maximum);
      break;
    case SettingKind::Text:
    case SettingKind::File:
    case SettingKind::Kernel:
      if (!value.is_string()) fail("text");
      break;
  }
}

Settings complete_settings(const std::vector<Setting>& described, const Settings& given, const std::string& owner) {
  Settings result = json::object();
  for (const auto& setting : described) {
    if (!setting.fallback.is_null()) result[setting.name] = setting.fallback;
  }
  if (given.is_null()) return result;
  if (!given.is_object()) throw SettingError(owner + ": settings must be a JSON object");
  for (const auto& [name, value] : given.items()) {
    check_setting(find_setting(described, name, owner), value, owner);
    result[name] = value;
  }
  return result;
}

nlohmann::json parse_setting(const std::vector<Setting>& described, const std::string& name, const std::string& text,
                             const std::string& owner) {
  const Setting& setting = find_setting(described, name, owner);
  json value = text;
  if (!is_text(setting.kind) && setting.kind != SettingKind::Choice) {
    value = parse_json(text);
    if (value.is_discarded()) value = text;  // check_setting then names it
  }
  check_setting(setting, value, owner);
  return value;
}

std::string describe_range(const Setting& s) {
  const std::string range = number(s.minimum) + " to " + number(s.maximum);
  if (s.fallback.is_null()) return range;
  std::string text = s.kind == SettingKind::Choice ? s.fallback.get<std::string>() : json_text(s.fallback);
  if (s.kind == SettingKind::Choice) return text + " (one of " + joined(s.choices) + ")";
  if (s.kind == SettingKind::Boolean || is_text(s.kind)) return text == "\"\"" ? "none" : text;
  return text + " (" + range + ")";
}

StepRules::StepRules(const json& value, const std::string& name, double minimum, double maximum) {
  const auto fail = [&](const std::string& what) {
    throw SettingError("setting '" + name + "' is " + json_text(value) + ": " + what);
  };
  const auto checked = [&](const json& v) {
    if (!v.is_number() || !(v.get<double>() >= minimum && v.get<double>() <= maximum)) {
      fail("every value must be a number from " + number(minimum) + " to " + number(maximum));
    }
    return v.get<double>();
  };
  if (value.is_number()) {
    rules_.push_back({Condition::Always, 0, checked(value)});
    return;
  }
  if (!value.is_array() || value.empty()) fail("must be a number or a list of rules");
  for (const auto& rule : value) {
    if (!rule.is_object() || !rule.contains("value")) fail("every rule needs a \"value\"");
    Rule parsed{Condition::Always, 0, checked(rule.at("value"))};
    for (const auto& [key, count] : rule.items()) {
      if (key == "value") continue;
      if (parsed.condition != Condition::Always) fail("a rule has one condition");
      if (key == "first")
        parsed.condition = Condition::First;
      else if (key == "last")
        parsed.condition = Condition::Last;
      else if (key == "every")
        parsed.condition = Condition::Every;
      else
        fail("unknown condition \"" + key + "\"; known are first, last, every");
      if (!count.is_number_integer() || count.get<int>() < 1) fail("\"" + key + "\" needs a whole number above 0");
      parsed.count = count.get<int>();
    }
    rules_.push_back(parsed);
  }
  if (rules_.back().condition != Condition::Always) fail("the last rule must hold always (no condition)");
}

double StepRules::at(int i, int n) const {
  for (const auto& rule : rules_) {
    const bool holds = rule.condition == Condition::Always || (rule.condition == Condition::First && i < rule.count) ||
                       (rule.condition == Condition::Last && i >= n - rule.count) ||
                       (rule.condition == Condition::Every && i % rule.count == 0);
    if (holds) return rule.value;
  }
  return rules_.back().value;
}

}  // namespace mgdm
