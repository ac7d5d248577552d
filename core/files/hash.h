// SHA-256 of files. In builds with the studio only (OpenSSL).
#pragma once
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

namespace mgdm {

/// 64 hexadecimal digits. `progress`: share done, 0 to 1. Throws ModelError where the file cannot be read or `stop` is
/// requested.
std::string sha256_of(const std::filesystem::path& file, const std::function<void(double)>& progress = {},
                      std::stop_token stop = {});

/// MD5 of bytes, 32 hexadecimal digits: for formats that name things by it, not for safety.
std::string md5_of(const std::string& bytes);

}  // namespace mgdm
