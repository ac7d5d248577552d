#include "core/files/hash.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <memory>
#include <vector>

#include "core/errors.h"

namespace mgdm {

namespace fs = std::filesystem;

namespace {

std::string hexadecimal(const unsigned char* digest, unsigned length) {
  std::string text;
  for (unsigned i = 0; i < length; ++i) {
    std::array<char, 3> hex{};
    std::snprintf(hex.data(), hex.size(), "%02x", digest[i]);
    text += hex.data();
  }
  return text;
}

}  // namespace

std::string md5_of(const std::string& bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_md5(), nullptr);
  return hexadecimal(digest.data(), length);
}

std::string sha256_of(const fs::path& file, const std::function<void(double)>& progress, std::stop_token stop) {
  std::ifstream in(file, std::ios::binary);
  std::error_code error;
  const auto size = static_cast<double>(std::max<uintmax_t>(1, fs::file_size(file, error)));
  if (!in || error) throw ModelError(file.string() + ": cannot be opened");
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  std::vector<char> block(size_t{4} << 20);
  double done = 0;
  while (in) {
    if (stop.stop_requested()) throw ModelError(file.string() + ": was stopped; nothing was kept");
    in.read(block.data(), static_cast<std::streamsize>(block.size()));
    EVP_DigestUpdate(context.get(), block.data(), static_cast<size_t>(in.gcount()));
    done += static_cast<double>(in.gcount());
    if (progress) progress(done / size);
  }
  if (in.bad()) throw ModelError(file.string() + ": cannot be read");
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  EVP_DigestFinal_ex(context.get(), digest.data(), &length);
  return hexadecimal(digest.data(), length);
}

}  // namespace mgdm
