#include "core/files/output_folder.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/errors.h"
#include "core/files/atomic_file.h"
#include "core/files/json_text.h"

namespace mgdm {

namespace fs = std::filesystem;

namespace {

constexpr const char* kRecord = "run.json";

bool same_file(const fs::path& a, const fs::path& b) {
  std::error_code error;
  return fs::equivalent(a, b, error) && !error;
}

// A file of its own is written and removed again.
void prove_writable(const fs::path& folder) {
  const fs::path probe = folder / (".mgdm-" + this_writer());
  std::ofstream out(probe, std::ios::binary);
  out << "x" << std::flush;
  const bool written = out.good();
  out.close();
  std::error_code ignored;
  fs::remove(probe, ignored);
  if (!written)
    throw MediaError(folder.string() + ": nothing can be written there (no permission, or the disk is full)");
}

std::vector<std::string> outputs_of(const fs::path& record, const std::vector<std::string>& wanted) {
  const nlohmann::json run = read_json(record);
  std::vector<std::string> names;
  if (!run.is_object()) return names;
  // Records from before there was the list: what this run writes was written there, too.
  if (!run.contains("outputs")) return run.value("program", nlohmann::json()) == "MGDM Studio" ? wanted : names;
  if (!run["outputs"].is_array()) return names;
  for (const nlohmann::json& name : run["outputs"]) {
    // A name, not a way out of the folder.
    if (name.is_string() && fs::path(name.get<std::string>()).filename() == name.get<std::string>())
      names.push_back(name);
  }
  return names;
}

}  // namespace

OutputFolder::OutputFolder(fs::path folder, std::vector<std::string> names, const std::vector<fs::path>& inputs,
                           bool force)
    : folder_(std::move(folder)), names_(std::move(names)) {
  std::error_code error;
  if (fs::exists(folder_, error) && !fs::is_directory(folder_, error))
    throw MediaError(folder_.string() + ": is a file, and a folder is needed for the results");
  fs::create_directories(folder_, error);
  if (error) throw MediaError(folder_.string() + ": the folder cannot be made (" + error.message() + ")");
  names_.emplace_back(kRecord);
  earlier_ = outputs_of(folder_ / kRecord, names_);
  for (const std::string& name : names_) {
    const fs::path file = folder_ / name;
    for (const fs::path& input : inputs) {
      if (!input.empty() && same_file(file, input))
        throw MediaError(file.string() + ": would be written over, and is what is read; choose another folder");
    }
    const bool own = std::find(earlier_.begin(), earlier_.end(), name) != earlier_.end();
    if (!force && !own && fs::exists(file, error))
      throw MediaError(file.string() + ": is there already and not of an earlier run here; --force writes over it");
  }
  prove_writable(folder_);
}

void OutputFolder::rename(const std::string& name, const std::string& other) {
  std::replace(names_.begin(), names_.end(), name, other);
}

void OutputFolder::list_in(nlohmann::json& record) const { record["outputs"] = names_; }

fs::path OutputFolder::write(const std::function<void(const fs::path&)>& write,
                             const std::function<void(const std::string&)>& say) const {
  try {
    write(folder_);
  } catch (const MediaError& e) {
    std::string made = (fs::temp_directory_path() / "mgdm-results-XXXXXX").string();
    if (mkdtemp(made.data()) == nullptr) throw;
    try {
      write(made);
    } catch (const MediaError&) {
      std::error_code ignored;
      fs::remove_all(made, ignored);
      throw e;
    }
    say(std::string(e.what()) + "; the results are in " + made + " instead");
    return made;
  }
  std::error_code ignored;
  for (const std::string& name : earlier_) {
    if (std::find(names_.begin(), names_.end(), name) == names_.end()) fs::remove(folder_ / name, ignored);
  }
  return folder_;
}

void check_output_file(const fs::path& file, const std::vector<fs::path>& inputs, bool force) {
  std::error_code error;
  if (fs::is_directory(file, error)) throw MediaError(file.string() + ": is a folder, and a file is needed");
  for (const fs::path& input : inputs) {
    if (!input.empty() && same_file(file, input))
      throw MediaError(file.string() + ": would be written over, and is what is read; choose another name");
  }
  if (!force && fs::exists(file, error)) throw MediaError(file.string() + ": is there already; --force writes over it");
  const fs::path folder = fs::absolute(file).parent_path();
  if (!fs::is_directory(folder, error)) throw MediaError(file.string() + ": the folder is not there");
  prove_writable(folder);
}

}  // namespace mgdm
