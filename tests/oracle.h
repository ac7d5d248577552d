// Reference numbers from the paper's code, and the formula images they were computed on.
#pragma once
#include <ATen/core/Tensor.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>

namespace mgdm::test {

using Tensors = std::map<std::string, at::Tensor>;

/// False where the folder of reference numbers is absent.
bool oracle_present();
/// Full path of a file in that folder.
std::string oracle_path(const std::string& file);
/// A flat dict of tensors saved by Python.
Tensors oracle_tensors(const std::string& file);
nlohmann::json oracle_json(const std::string& file);

/// Networks of the original code, randomly initialised, and what they compute.
bool parity_present();
std::string parity_path(const std::string& file);

/// Largest absolute difference, compared as double.
double max_difference(const at::Tensor& a, const at::Tensor& b);

}  // namespace mgdm::test

#define NEEDS_ORACLE() \
  if (!mgdm::test::oracle_present()) QSKIP("the folder of reference numbers (shared/oracle) is absent")
#define NEEDS_PARITY() \
  if (!mgdm::test::parity_present()) QSKIP("the folder of the original networks (shared/parity) is absent")
