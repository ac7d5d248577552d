#include "core/runs/fall_back.h"

#include <ATen/ATen.h>

#include <new>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string_view>

#include "core/errors.h"

namespace mgdm {

namespace {

using nlohmann::json;

json fall_back_json(const FallBack& f) {
  switch (f.kind) {
    case FallBack::Kind::Float32:
      return {{"to", "float32"}, {"because", f.reason}};
    case FallBack::Kind::FewerSamples:
      return {{"to", "fewer samples"}, {"samples", f.samples}, {"because", f.reason}};
    default:
      return {{"to", "processor"}, {"because", f.reason}};
  }
}

std::string first_line(const std::exception& e) {
  const std::string what = e.what();
  return what.substr(0, what.find('\n'));
}

// What the person asked for cannot be done, on whatever device.
bool is_mistake(const std::exception& e) {
  if (const auto* known = dynamic_cast<const Error*>(&e)) {
    return known->kind() == ErrorKind::Usage || known->kind() == ErrorKind::Input || known->kind() == ErrorKind::Model;
  }
  return dynamic_cast<const std::invalid_argument*>(&e) != nullptr;
}

// What oneDNN says where an instruction set lacks the type.
bool cannot_compute_type(const std::exception& e) {
  return std::string_view(e.what()).find("could not create a primitive") != std::string_view::npos;
}

}  // namespace

bool out_of_memory(const std::exception& e) {
  if (const auto* known = dynamic_cast<const Error*>(&e)) return known->kind() == ErrorKind::Memory;
  if (dynamic_cast<const std::bad_alloc*>(&e) != nullptr) return true;
  const std::string what = e.what();  // LibTorch says it in words
  return what.find("out of memory") != std::string::npos || what.find("can't allocate memory") != std::string::npos;
}

json fall_backs_json(const std::vector<FallBack>& list) {
  json all;
  for (const FallBack& f : list) all.push_back(fall_back_json(f));
  return all;
}

std::optional<FallBack> another_way(const std::exception& e, const FallBackPolicy& policy, Attempt& attempt) {
  FallBack next{FallBack::Kind::Float32, first_line(e), 0};
  if (dynamic_cast<const NumericalError*>(&e) != nullptr) {
    if (!policy.float32_on_nan || policy.place.precision != "auto" || attempt.place.precision == "float32")
      return std::nullopt;
    attempt.place.precision = "float32";
  } else if (cannot_compute_type(e) && attempt.place.precision != "float32") {
    // Asked for or not: there is no other way on this machine. A record that is replayed gives other bytes then.
    attempt.place.precision = "float32";
    next.reason = "this processor cannot compute in the model's type";
  } else if (is_mistake(e)) {
    return std::nullopt;
  } else if (out_of_memory(e) && policy.halve_on_memory && attempt.samples > 1 && !attempt.samples_fixed) {
    attempt.samples /= 2;
    next.kind = FallBack::Kind::FewerSamples;
    next.samples = attempt.samples;
  } else if (policy.processor_on_failure && policy.place.device == "auto" && attempt.place.device != "cpu" &&
             policy.gpu_present) {
    // Too little memory there, or a device that this LibTorch was not built for.
    attempt.place.device = "cpu";
    next.kind = FallBack::Kind::Processor;
  } else {
    return std::nullopt;
  }
  return next;
}

}  // namespace mgdm
