// JSON from text and back. In one place, because a parser and a writer instantiated in every file that needs one cost
// each of them three seconds of compiling.
#pragma once
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace mgdm {

/// The value that `text` is, or one that `is_discarded()` where it is no JSON. `comments`: // and /* */ are passed
/// over.
nlohmann::json parse_json(std::string_view text, bool comments = false);
/// The same of a whole file; also discarded where the file cannot be read.
nlohmann::json read_json(const std::filesystem::path& file, bool comments = false);
/// indent -1: on one line.
std::string json_text(const nlohmann::json& json, int indent = -1);

}  // namespace mgdm
