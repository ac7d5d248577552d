#include "core/compare/spec.h"

#include <c10/util/hash.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <mutex>
#include <set>

#include "core/compare/medium.h"
#include "core/errors.h"
#include "core/files/json_text.h"

namespace mgdm {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr size_t kMostCells = 100000;

std::string trimmed(std::string text) {
  while (!text.empty() && text.front() == ' ') text.erase(text.begin());
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

// "3" -> 3, "1e-3" -> 0.001, "true" -> true, else the text.
json value_of(const std::string& text) {
  json value = parse_json(text);
  return value.is_number() || value.is_boolean() ? value : json(text);
}

double number_of(const std::string& text, const std::string& whole) {
  const json value = parse_json(text);
  if (!value.is_number()) throw SettingError("the range '" + whole + "' is not A..B, A..B+STEP or A..B*FACTOR");
  return value.get<double>();
}

json as_number(double value, bool whole) {
  return whole ? json(static_cast<int64_t>(std::llround(value))) : json(value);
}

std::vector<json> range_of(const std::string& text) {
  const auto dots = text.find("..");
  const std::string from = trimmed(text.substr(0, dots));
  std::string to = text.substr(dots + 2);
  const auto sign = to.find_first_of("*+", 1);
  const std::string by = sign == std::string::npos ? "1" : trimmed(to.substr(sign + 1));
  const bool times = sign != std::string::npos && to[sign] == '*';
  to = trimmed(to.substr(0, sign));
  const double a = number_of(from, text), b = number_of(to, text), step = number_of(by, text);
  if ((times && (step <= 1 || a <= 0)) || (!times && step <= 0) || b < a)
    throw SettingError("the range '" + text + "' does not lead from its first number to its last");
  const bool whole = (from + to + by).find_first_of(".eE") == std::string::npos;
  std::vector<json> values;
  for (int64_t k = 0;; ++k) {  // from the beginning each time, so that small errors do not add up
    const double value = times ? a * std::pow(step, static_cast<double>(k)) : a + static_cast<double>(k) * step;
    if (value > b * (1 + 1e-9) + 1e-12) return values;
    if (values.size() > kMostCells) throw SettingError("the range '" + text + "' has too many values");
    values.push_back(as_number(times || !whole ? std::stod(json_text(json(value))) : value, whole));
  }
}

std::string label_of(const json& value) {
  if (value.is_string()) {
    const std::string text = value;
    const bool file = text.find('/') != std::string::npos && fs::path(text).has_extension();
    return file ? fs::path(text).stem().string() : text;
  }
  if (!value.is_object()) return json_text(value);
  std::string label;
  for (const auto& [key, v] : value.items()) {
    if (key != "label") label += (label.empty() ? "" : ", ") + label_of(v);
  }
  return label;
}

Axis axis_of(const json& given) {
  if (!given.is_object() || !given.contains("values")) throw SettingError("an axis is an object with \"values\"");
  for (const auto& [key, value] : given.items()) {
    if (key != "key" && key != "name" && key != "values") throw SettingError("an axis has no '" + key + "'");
  }
  const bool keyed = given.contains("key") && given["key"].is_string();
  Axis axis{keyed ? given["key"].get<std::string>() : given.value("name", ""), {}};
  if (axis.name.empty()) throw SettingError("an axis needs a \"key\", or a \"name\" where its values are objects");
  for (const json& value : axis_values(given["values"])) {
    AxisValue one{value.is_object() ? value.value("label", label_of(value)) : label_of(value), json::object()};
    if (value.is_object()) {
      one.keys = value;
      one.keys.erase("label");
    } else if (keyed) {
      one.keys[axis.name] = value;
    } else {
      throw SettingError("axis '" + axis.name + "': its values must be objects, or it needs a \"key\"");
    }
    for (const AxisValue& before : axis.values) {
      if (before.label == one.label) throw SettingError("axis '" + axis.name + "' has '" + one.label + "' twice");
    }
    axis.values.push_back(std::move(one));
  }
  if (axis.values.empty()) throw SettingError("axis '" + axis.name + "' has no values");
  return axis;
}

// Of what a run file says, as keys.
json keys_of_record(const json& record) {
  if (!record.is_object() || !record.contains("request")) return record;
  json keys = record.at("request");
  keys.erase("branch");
  for (const char* name : {"photo", "mask"}) {
    if (record.contains("files") && record["files"].contains(name)) keys[name] = record["files"][name];
  }
  if (keys.contains("photo") && keys.contains("mask") && keys["mask"].is_object()) keys.erase("mask");
  return keys;
}

// What people may write as one object, as run.json has it, as single keys.
void spread_out(json& keys) {
  for (const auto& [group, before] :
       {std::pair{"task_settings", "task."}, {"prior_settings", "prior."}, {"settings", ""}}) {
    if (!keys.contains(group)) continue;
    const json members = keys.at(group);
    keys.erase(group);
    if (!members.is_object()) throw SettingError(std::string("'") + group + "' must be an object");
    for (const auto& [name, value] : members.items()) keys[before + name] = value;
  }
}

bool is_path(const ComparedMedium& medium, const std::string& key) {
  return std::find(medium.paths.begin(), medium.paths.end(), key) != medium.paths.end();
}

void make_absolute(json& keys, const ComparedMedium& medium, const fs::path& folder) {
  for (auto& [key, value] : keys.items()) {
    if (!is_path(medium, key) || !value.is_string()) continue;
    const std::string text = value;
    if (text.empty() || (key == "reference" && text == medium.itself)) continue;
    value = (folder / text).lexically_normal().string();
  }
}

std::string medium_told_by(const json& keys, const std::vector<Axis>& axes) {
  const auto says = [&](const std::string& key) {
    return keys.contains(key) || std::any_of(axes.begin(), axes.end(), [&](const Axis& axis) {
             return std::any_of(axis.values.begin(), axis.values.end(),
                                [&](const AxisValue& v) { return v.keys.contains(key); });
           });
  };
  for (const ComparedMedium& medium : compared_media()) {
    if (std::any_of(medium.inputs.begin(), medium.inputs.end(), says)) return medium.name;
  }
  std::string names;
  for (const ComparedMedium& medium : compared_media()) names += (names.empty() ? "" : ", ") + medium.inputs.front();
  throw SettingError("nothing is said to compare on: one of " + names + " is needed");
}

bool same(const json& a, const json& b) {
  return a.is_number() && b.is_number() ? a.get<double>() == b.get<double>() : a == b;
}

bool skipped(const CompareSpec& spec, const json& keys, const std::vector<size_t>& at) {
  return std::any_of(spec.skip.begin(), spec.skip.end(), [&](const json& rule) {
    for (const auto& [key, value] : rule.items()) {
      bool agrees = keys.contains(key) && same(keys.at(key), value);
      for (size_t k = 0; k < spec.axes.size() && !agrees; ++k)  // an axis by its value's label
        agrees = spec.axes[k].name == key && value == spec.axes[k].values[at[k]].label;
      if (!agrees) return false;
    }
    return true;
  });
}

// Whole small files; of large ones (weights) their size and pieces of them.
std::string content_of(const fs::path& file) {
  static std::map<std::string, std::string> known;  // of a file with its size and time
  static std::mutex mutex;
  std::error_code error;
  const auto size = fs::file_size(file, error);
  const auto time = fs::last_write_time(file, error).time_since_epoch().count();
  const std::string name = file.string() + "#" + std::to_string(size) + "#" + std::to_string(time);
  const std::lock_guard lock(mutex);
  if (const auto found = known.find(name); found != known.end()) return found->second;
  std::ifstream in(file, std::ios::binary);
  if (!in || error) throw MediaError(file.string() + ": cannot be opened");
  constexpr uintmax_t kWhole = uintmax_t{64} << 20;
  constexpr uintmax_t kPieces = 64, kPiece = 65536;
  std::string bytes;
  if (size <= kWhole) {
    bytes.resize(size);
    in.read(bytes.data(), static_cast<std::streamsize>(size));
  } else {
    bytes.resize(kPieces * kPiece);
    for (uintmax_t k = 0; k < kPieces; ++k) {
      in.seekg(static_cast<std::streamoff>((size - kPiece) / (kPieces - 1) * k));
      in.read(bytes.data() + k * kPiece, kPiece);
    }
    bytes += std::to_string(size);
  }
  return known[name] = c10::sha1(bytes).str();
}

}  // namespace

std::string content_key(const std::string& medium_name, const json& run) {
  const ComparedMedium& medium = find_compared_medium(medium_name);
  json content = run;
  content["program"] = MGDM_VERSION;
  std::set<std::string> names;
  for (const fs::path& file : medium.files(run)) {
    content["files"].push_back(content_of(file));
    names.insert(file.string());
  }
  for (auto& [group, members] : content.items()) {  // a folder that was moved holds the same cells
    if (!members.is_object()) continue;
    for (auto& [key, value] : members.items()) {
      if (value.is_string() && names.count(value.get<std::string>()) > 0) value = fs::path(value).filename().string();
    }
  }
  return c10::sha1(json_text(content)).str().substr(0, 20);
}

std::vector<json> axis_values(const json& given) {
  if (given.is_array()) {
    std::vector<json> values;
    for (const json& value : given) {
      if (value.is_null()) throw SettingError("an axis's value is missing");
      values.push_back(value);
    }
    return values;
  }
  if (!given.is_string()) return {given};
  std::vector<json> values;
  const std::string text = given;
  for (size_t from = 0; from <= text.size();) {
    const size_t comma = std::min(text.find(',', from), text.size());
    const std::string part = trimmed(text.substr(from, comma - from));
    from = comma + 1;
    if (part.empty()) throw SettingError("a value is missing in '" + text + "'");
    const bool number_first = part.find_first_of("0123456789") < part.find("..");
    if (part.find("..") != std::string::npos && number_first && part.find('/') == std::string::npos) {
      for (json& value : range_of(part)) values.push_back(std::move(value));
    } else {
      values.push_back(value_of(part));
    }
  }
  return values;
}

CompareSpec parse_spec(const json& given, const fs::path& folder) {
  if (!given.is_object()) throw SettingError("a comparison must be a JSON object");
  CompareSpec spec;
  spec.folder = folder;
  json keep = json::object();
  for (const auto& [key, value] : given.items()) {
    if (key == "medium" && value.is_string()) {
      spec.medium = value;
    } else if (key == "base" && value.is_string()) {
      const fs::path file = folder / value.get<std::string>();
      spec.base = keys_of_record(read_json(file, true));
      if (!spec.base.is_object()) throw MediaError(file.string() + ": is not a run file");
    } else if (key == "base" && value.is_object()) {
      spec.base = keys_of_record(value);
    } else if (key == "axes" && value.is_array()) {
      for (const json& axis : value) spec.axes.push_back(axis_of(axis));
    } else if (key == "skip" && value.is_array()) {
      for (const json& rule : value) {
        if (!rule.is_object() || rule.empty()) throw SettingError("a rule of \"skip\" is an object of keys");
        if (rule.contains("impossible"))
          spec.skip_impossible = rule["impossible"] == true;
        else
          spec.skip.push_back(rule);
      }
    } else if (key == "skip" && value == "impossible") {
      spec.skip_impossible = true;
    } else if (key == "keep" && value.is_object()) {
      keep = value;
    } else {
      throw SettingError(
          "a comparison has no '" + key + "'" +
          (std::string("medium base axes skip keep").find(key) != std::string::npos ? " of that type" : ""));
    }
  }
  for (const auto& [key, value] : keep.items()) {
    if (key != "iterates" || !value.is_number_integer() || value < 0 || value > 1000)
      throw SettingError("\"keep\" takes {\"iterates\": 0 to 1000}");
    spec.iterates = value;
  }
  spread_out(spec.base);
  std::set<std::string> names;
  for (Axis& axis : spec.axes) {
    if (!names.insert(axis.name).second) throw SettingError("axis '" + axis.name + "' is there twice");
    for (AxisValue& value : axis.values) spread_out(value.keys);
  }
  if (spec.medium.empty()) spec.medium = medium_told_by(spec.base, spec.axes);
  const ComparedMedium& medium = find_compared_medium(spec.medium);
  make_absolute(spec.base, medium, folder);
  for (Axis& axis : spec.axes) {
    for (AxisValue& value : axis.values) make_absolute(value.keys, medium, folder);
  }
  return spec;
}

CompareSpec read_spec(const fs::path& file) {
  if (!std::ifstream(file)) throw MediaError(file.string() + ": cannot be opened");
  const json given = read_json(file, true);
  if (given.is_discarded()) throw MediaError(file.string() + ": is not valid JSON");
  try {
    return parse_spec(given, fs::absolute(file).parent_path());
  } catch (const SettingError& e) {
    throw SettingError(file.string() + ": " + e.what());
  }
}

json spec_json(const CompareSpec& spec) {
  json axes = json::array(), skip = json::array();
  for (const Axis& axis : spec.axes) {
    json values = json::array();
    for (const AxisValue& value : axis.values) {
      json one = value.keys;
      one["label"] = value.label;
      values.push_back(std::move(one));
    }
    axes.push_back({{"name", axis.name}, {"values", values}});
  }
  for (const json& rule : spec.skip) skip.push_back(rule);
  if (spec.skip_impossible) skip.push_back({{"impossible", true}});
  json all = {{"medium", spec.medium}, {"base", spec.base}, {"axes", axes}};
  if (!skip.empty()) all["skip"] = skip;
  if (spec.iterates > 0) all["keep"] = {{"iterates", spec.iterates}};
  return all;
}

void throw_first_error(const std::vector<Cell>& cells) {
  for (const Cell& cell : cells) {
    if (!cell.error.empty()) throw Error(cell.error_kind, cell.error);
  }
}

std::vector<Cell> cells_of(const CompareSpec& spec) {
  const ComparedMedium& medium = find_compared_medium(spec.medium);
  double count = 1;
  for (const Axis& axis : spec.axes) count *= static_cast<double>(axis.values.size());
  if (count > static_cast<double>(kMostCells))
    throw SettingError("that is " + std::to_string(static_cast<int64_t>(count)) + " cells; at most " +
                       std::to_string(kMostCells) + " can be compared");
  std::vector<Cell> cells;
  std::vector<size_t> at(spec.axes.size(), 0);
  for (size_t k = 0; k < static_cast<size_t>(count); ++k) {
    Cell cell;
    cell.at = at;
    cell.keys = spec.base;
    for (size_t a = 0; a < at.size(); ++a) {
      const AxisValue& value = spec.axes[a].values[at[a]];
      cell.keys.update(value.keys);
      cell.label += (a > 0 ? ", " : "") + value.label;
    }
    if (!skipped(spec, cell.keys, at)) {
      try {
        cell.run = medium.complete(cell.keys);
        cell.key = content_key(spec.medium, cell.run);
      } catch (const Error& e) {
        cell.error = e.what();
        cell.error_kind = e.kind();
      }
      if (cell.error.empty() || !spec.skip_impossible) {
        cell.index = cells.size();
        cells.push_back(std::move(cell));
      }
    }
    for (size_t a = at.size(); a-- > 0;) {
      if (++at[a] < spec.axes[a].values.size()) break;
      at[a] = 0;
    }
  }
  if (cells.empty()) throw SettingError("every cell is skipped");
  return cells;
}

}  // namespace mgdm
