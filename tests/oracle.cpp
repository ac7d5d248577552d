#include "tests/oracle.h"

#include <ATen/ATen.h>
#include <torch/serialize.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace mgdm::test {

std::string oracle_path(const std::string& file) {
  const char* other = std::getenv("MGDM_ORACLE_DIR");
  const std::filesystem::path whole = std::filesystem::path(other != nullptr ? other : MGDM_ORACLE_DIR) / file;
  return std::filesystem::exists(whole) ? whole.string() : std::string(MGDM_SMALL_ORACLE_DIR "/") + file;
}

bool oracle_has(std::initializer_list<const char*> files) {
  for (const char* file : files) {
    if (!std::filesystem::exists(oracle_path(file))) return false;
  }
  return true;
}

std::string parity_path(const std::string& file) { return std::string(MGDM_PARITY_DIR "/") + file; }

bool parity_present() { return std::filesystem::exists(parity_path("README.md")); }

Tensors oracle_tensors(const std::string& file) {
  std::ifstream in(oracle_path(file), std::ios::binary);
  const std::vector<char> bytes((std::istreambuf_iterator<char>(in)), {});
  Tensors result;
  for (const auto& entry : torch::pickle_load(bytes).toGenericDict()) {
    if (entry.value().isTensor()) result[entry.key().toStringRef()] = entry.value().toTensor();
  }
  return result;
}

nlohmann::json oracle_json(const std::string& file) {
  std::ifstream in(oracle_path(file));
  return nlohmann::json::parse(in);
}

double max_difference(const at::Tensor& a, const at::Tensor& b) {
  return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

}  // namespace mgdm::test
