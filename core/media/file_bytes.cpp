#include "core/media/file_bytes.h"

#include <fstream>

#include "core/media/image_file.h"

namespace mgdm {

namespace fs = std::filesystem;

std::string read_file_bytes(const fs::path& file) {
  const auto fail = [&](const std::string& what) { throw MediaError(file.string() + ": " + what); };
  std::error_code error;
  if (fs::is_directory(file, error)) fail("is a folder, not an image");
  const auto size = fs::file_size(file, error);
  if (error) fail("cannot be opened: " + error.message());
  if (size == 0) fail("is empty");
  if (size > (1u << 30)) fail("is larger than 1 GB");
  std::string bytes(size, '\0');
  std::ifstream in(file, std::ios::binary);
  if (!in.read(bytes.data(), static_cast<std::streamsize>(size))) fail("cannot be read");
  return bytes;
}

void write_file_bytes(const fs::path& file, const std::string& bytes,
                      const std::function<void(const fs::path&)>& finish) {
  const fs::path temporary = file.string() + ".part";
  std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (out && finish) finish(temporary);
  std::error_code error;
  if (out) fs::rename(temporary, file, error);
  if (!out || error) {
    std::error_code ignored;
    fs::remove(temporary, ignored);
    throw MediaError(file.string() + ": cannot be written (is the folder there and writable, and the disk not full?)");
  }
}

}  // namespace mgdm
