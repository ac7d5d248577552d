#include "core/files/json_text.h"

#include <fstream>
#include <nlohmann/json.hpp>

namespace mgdm {

nlohmann::json parse_json(std::string_view text, bool comments) {
  return nlohmann::json::parse(text.begin(), text.end(), nullptr, false, comments);
}

nlohmann::json read_json(const std::filesystem::path& file, bool comments) {
  std::ifstream in(file, std::ios::binary);
  std::string text;
  if (in) text.assign(std::istreambuf_iterator<char>(in), {});
  if (!in) return nlohmann::json(nlohmann::json::value_t::discarded);
  return parse_json(text, comments);
}

// A file's name may hold bytes that are no UTF-8: they are replaced, the record is written all the same.
std::string json_text(const nlohmann::json& json, int indent) {
  return json.dump(indent, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace mgdm
