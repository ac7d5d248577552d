#include "core/checkpoints/foreign_file.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace mgdm {

std::string foreign_kind(std::string_view bytes) {
  std::string begin(bytes.substr(0, 64));
  const auto starts = [&](std::string_view what) { return std::string_view(begin).substr(0, what.size()) == what; };
  if (starts("version https://git-lfs"))
    return "a Git LFS pointer: the file itself was not downloaded (git lfs pull, or the web site's own download)";
  if (starts("GGUF")) return "a GGUF file of a language model or a quantised one, which is not read";
  if (starts("\x1f\x8b")) return "a gzip archive: unpack it first";
  if (starts("7z\xbc\xaf")) return "a 7z archive: unpack it first";
  if (starts("Rar!")) return "a RAR archive: unpack it first";
  if (starts("\x89HDF")) return "an HDF5 file (Keras), which is not read";
  if (starts("\x93NUMPY")) return "a NumPy array, no model";
  if (starts("\x89PNG") || starts("\xff\xd8\xff")) return "a picture, no model";
  if (starts("%PDF")) return "a PDF document";
  std::transform(begin.begin(), begin.end(), begin.begin(), [](unsigned char c) { return std::tolower(c); });
  begin.erase(0, std::min(begin.find_first_not_of(" \t\r\n"), begin.size()));
  if (starts("<!doctype") || starts("<html") || starts("<?xml"))
    return "a web page: the download gave that instead of the file (a licence to accept, a wrong link)";
  if (starts("{") || starts("[")) return "a text in JSON, no weights";
  return {};
}

std::string unfinished_download(const std::filesystem::path& file) {
  static constexpr std::array kEndings{".part",    ".crdownload", ".download", ".opdownload",
                                       ".partial", ".incomplete", ".!ut",      ".aria2"};
  const std::string name = file.filename().string();
  for (const std::string ending : kEndings) {
    if (name.size() > ending.size() && name.compare(name.size() - ending.size(), ending.size(), ending) == 0)
      return "is a download that is not complete (" + ending + "): wait for it, or download it again";
  }
  std::error_code error;
  if (std::filesystem::file_size(file, error) != 0 || error) return {};
  for (const std::string ending : kEndings) {
    if (std::filesystem::exists(file.string() + ending, error))
      return "is empty, and its download is not complete (" + name + ending + " lies beside it)";
  }
  return {};
}

}  // namespace mgdm
