// Archives as torch.save writes them, made byte by byte: for files that no torch.save would write.
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace mgdm::test {

/// The lowest `width` bytes, the least first.
inline std::string little(uint64_t value, int width) {
  std::string bytes;
  for (int i = 0; i < width; ++i) bytes += static_cast<char>((value >> (8 * i)) & 0xff);
  return bytes;
}

/// A zip archive of (name, bytes), nothing compressed, without checksums.
inline std::string zip(const std::vector<std::pair<std::string, std::string>>& entries) {
  std::string file, directory;
  for (const auto& [name, data] : entries) {
    const std::string sizes = little(0, 4) + little(data.size(), 4) + little(data.size(), 4);
    directory += std::string("PK\x01\x02") + little(20, 2) + little(20, 2) + little(0, 2) + little(0, 2) +
                 little(0, 4) + sizes + little(name.size(), 2) + little(0, 2) + little(0, 2) + little(0, 2) +
                 little(0, 2) + little(0, 4) + little(file.size(), 4) + name;
    file += std::string("PK\x03\x04") + little(20, 2) + little(0, 2) + little(0, 2) + little(0, 4) + sizes +
            little(name.size(), 2) + little(0, 2) + name + data;
  }
  return file + directory + "PK\x05\x06" + little(0, 4) + little(entries.size(), 2) + little(entries.size(), 2) +
         little(directory.size(), 4) + little(file.size(), 4) + little(0, 2);
}

}  // namespace mgdm::test
