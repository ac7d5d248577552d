// Reference numbers from the paper's code, and the formula images they were computed on.
#pragma once
#include <ATen/core/Tensor.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>

namespace mgdm::test {

using Tensors = std::map<std::string, at::Tensor>;

/// Full path of a file: in the full collection (MGDM_ORACLE_DIR, of the build or of the environment), else in
/// tests/data/oracle.
std::string oracle_path(const std::string& file);
/// Whether all these files are in one of the two.
bool oracle_has(std::initializer_list<const char*> files);
/// A flat dict of tensors saved by Python.
Tensors oracle_tensors(const std::string& file);
nlohmann::json oracle_json(const std::string& file);

/// Networks of the original code, randomly initialised, and what they compute.
bool parity_present();
std::string parity_path(const std::string& file);

/// Largest absolute difference, compared as double.
double max_difference(const at::Tensor& a, const at::Tensor& b);

}  // namespace mgdm::test

// Skips the test function, or fails it where the environment says MGDM_NEED_ORACLE.
#define MGDM_NEEDS(present, what)                                                  \
  do {                                                                             \
    if (!(present)) {                                                              \
      if (qEnvironmentVariableIsSet("MGDM_NEED_ORACLE")) QFAIL(what " is absent"); \
      QSKIP(what " is absent");                                                    \
    }                                                                              \
  } while (false)
#define NEEDS_ORACLE(...) \
  MGDM_NEEDS(mgdm::test::oracle_has({__VA_ARGS__}), "a file of reference numbers (" #__VA_ARGS__ ")")
#define NEEDS_PARITY() MGDM_NEEDS(mgdm::test::parity_present(), "the folder of the original networks (shared/parity)")
