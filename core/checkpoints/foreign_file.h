// What a file is that people take for a model, by its first bytes.
#pragma once
#include <string>
#include <string_view>

namespace mgdm {

/// "a web page: the download gave that instead of the file"; empty: not known. `bytes`: the file's beginning, 64 are
/// enough.
std::string foreign_kind(std::string_view bytes);

}  // namespace mgdm
