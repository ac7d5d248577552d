#include "core/compare/medium.h"

#include <algorithm>

#include "core/errors.h"

namespace mgdm {

const std::vector<ComparedMedium>& compared_media() {
  static const std::vector<ComparedMedium> list = [] {
    std::vector<ComparedMedium> all = listed_compared_media();
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.rank < b.rank; });
    return all;
  }();
  return list;
}

const ComparedMedium& find_compared_medium(const std::string& name) {
  std::string names;
  for (const ComparedMedium& medium : compared_media()) {
    if (medium.name == name) return medium;
    names += (names.empty() ? "" : ", ") + medium.name;
  }
  throw SettingError("\"medium\" is '" + name + "', must be one of " + names);
}

}  // namespace mgdm
