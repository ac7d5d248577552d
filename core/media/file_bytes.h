// Whole files in and out, for the image readers and writers here and for the texts beside them.
#pragma once
#include <filesystem>
#include <functional>
#include <string>

namespace mgdm {

/// All bytes of an image file. Throws MediaError if it is a folder, missing, empty, above 1 GB or unreadable.
std::string read_file_bytes(const std::filesystem::path& file);

/// Writes beside `file`, lets `finish` change that temporary file, and renames it: a crash or a full disk
/// leaves an old file as it was. Throws MediaError.
void write_file_bytes(const std::filesystem::path& file, const std::string& bytes,
                      const std::function<void(const std::filesystem::path& temporary)>& finish = {});

}  // namespace mgdm
