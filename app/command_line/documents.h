// What repeats the descriptions of tasks, samplers, settings and options, made from them: the bash completion, the man
// page, the README's lists, the German texts that are still to be written.
#pragma once
#include <CLI/CLI.hpp>
#include <filesystem>
#include <iosfwd>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/settings/settings.h"

namespace mgdm::app {

/// "  name   help. Default 3 (1 to 9)." for each.
void list_settings(std::ostream& out, const std::vector<Setting>& settings, const std::string& indent,
                   const std::string& prefix);
/// All tasks and samplers with their settings: what stands below `mgdm restore --help`.
std::string tasks_and_samplers();

/// Everything that is described, as one JSON object: "tasks", "samplers", "commands".
nlohmann::json described(const CLI::App& program);
std::string bash_completion(const CLI::App& program);
/// In roff, section 1.
std::string man_page(const CLI::App& program);
/// `text` with what stands between `<!-- mgdm describe: NAME -->` and `<!-- end -->` made anew; NAME is tasks,
/// samplers, settings or matrix. Throws SettingError for another name or a part that does not end.
std::string with_lists(const std::string& text);
/// The texts of core that people see and that `translations` (a .ts file) has no translation for. Throws MediaError.
std::vector<std::string> untranslated(const std::filesystem::path& translations);

}  // namespace mgdm::app
