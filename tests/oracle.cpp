#include "tests/oracle.h"

#include <ATen/ATen.h>
#include <torch/serialize.h>

#include <filesystem>
#include <fstream>

namespace mgdm::test {

namespace {
const std::filesystem::path kFolder = MGDM_ORACLE_DIR;
}

std::string oracle_path(const std::string& file) { return std::string(MGDM_ORACLE_DIR "/") + file; }

std::string parity_path(const std::string& file) { return std::string(MGDM_PARITY_DIR "/") + file; }

bool parity_present() { return std::filesystem::exists(parity_path("README.md")); }

bool oracle_present() { return std::filesystem::exists(kFolder / "operators.pt"); }

Tensors oracle_tensors(const std::string& file) {
  std::ifstream in(kFolder / file, std::ios::binary);
  const std::vector<char> bytes((std::istreambuf_iterator<char>(in)), {});
  Tensors result;
  for (const auto& entry : torch::pickle_load(bytes).toGenericDict()) {
    if (entry.value().isTensor()) result[entry.key().toStringRef()] = entry.value().toTensor();
  }
  return result;
}

nlohmann::json oracle_json(const std::string& file) {
  std::ifstream in(kFolder / file);
  return nlohmann::json::parse(in);
}

double max_difference(const at::Tensor& a, const at::Tensor& b) {
  return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

}  // namespace mgdm::test
