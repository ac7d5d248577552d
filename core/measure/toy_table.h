// Every sampler on problems whose posterior is known: a comparison (core/compare) of configurations and problems.
#pragma once
#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <stop_token>
#include <string>
#include <vector>

#include "core/compare/spec.h"

namespace mgdm {

/// One line of the table: a sampler with settings that show something.
struct ToyConfiguration {
  std::string label, sampler;
  Settings settings;
  std::string reference;  ///< "sampler config" of the public code's results where there is the same
};
const std::vector<ToyConfiguration>& toy_configurations();

/// Axes configuration, problem. Throws SettingError.
CompareSpec toy_spec(const std::vector<std::filesystem::path>& problems, int64_t chains, uint64_t seed);

/// The Markdown table: distances of every configuration on every problem, with the floor and the evaluations
/// (a backward pass counted as two forward ones). `reference`: the public code's figures, or null. `say` gets
/// a line after each run. Throws ToyError, SettingError.
std::string toy_table(const std::vector<std::filesystem::path>& problems, int64_t chains, uint64_t seed,
                      const nlohmann::json& reference, const std::function<void(const std::string&)>& say,
                      std::stop_token stop);

}  // namespace mgdm
