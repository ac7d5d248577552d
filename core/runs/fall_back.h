// What is tried when a run fails: float32 after values that are no numbers, fewer samples when memory is short, the
// processor when a GPU fails. One set of rules for photos and songs.
#pragma once
#include <ATen/Context.h>

#include <cstdint>
#include <exception>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/runs/model_pool.h"

namespace mgdm {

/// A way out that was taken; told to the observer and listed in the record.
struct FallBack {
  enum class Kind { Float32, FewerSamples, Processor };
  Kind kind;
  std::string reason;   ///< the failure, one line
  int64_t samples = 0;  ///< FewerSamples: how many are left
};
/// As a record lists them; null where there were none.
nlohmann::json fall_backs_json(const std::vector<FallBack>& list);

struct FallBackPolicy {
  ModelPlace place;
  bool float32_on_nan = true;  ///< only where `place.precision` is auto
  bool halve_on_memory = true;
  bool gpu_present = at::hasCUDA();  ///< whether auto means a GPU
  bool processor_on_failure = true;  ///< only where `place.device` is auto
};

/// What of an attempt may be changed.
struct Attempt {
  ModelPlace place;
  int64_t samples = 1;
  bool samples_fixed = false;  ///< a branch needs as many as its parent
};

/// Another way after `failure`, to which `attempt` is then changed; nullopt: there is none, or what was asked for
/// cannot be done anywhere.
std::optional<FallBack> another_way(const std::exception& failure, const FallBackPolicy& policy, Attempt& attempt);

/// Whether a failure is for want of memory, whoever says so.
bool out_of_memory(const std::exception& e);

}  // namespace mgdm
