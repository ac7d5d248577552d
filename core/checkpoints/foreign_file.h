// What a file is that people take for a model, by its first bytes.
#pragma once
#include <filesystem>
#include <string>
#include <string_view>

namespace mgdm {

/// "a web page: the download gave that instead of the file"; empty: not known. `bytes`: the file's beginning, 64 are
/// enough.
std::string foreign_kind(std::string_view bytes);

/// What is wrong with a file that a browser or another program has not finished: by its own name (".part",
/// ".crdownload"...), or because it is empty and such a one lies beside it. Empty: nothing of the kind.
std::string unfinished_download(const std::filesystem::path& file);

}  // namespace mgdm
