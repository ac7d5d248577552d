// What a run applies to. It is made when the model is known: how a photo is brought to the network depends on it.
#pragma once
#include <ATen/core/Tensor.h>

#include <nlohmann/json.hpp>
#include <string>

#include "core/runs/run_request.h"

namespace mgdm {

struct RunInput {
  at::Tensor signal;      ///< [3, H, W] float32 in [-1, 1]: the clean photo or the observation
  at::Tensor hole;        ///< [H, W], nonzero = fill; undefined: none given
  nlohmann::json origin;  ///< the record's "files": photo, mask, area...
};

class InputSource {
 public:
  virtual ~InputSource() = default;
  /// Called on the thread that runs, once for each model that is tried. Throws SettingError, OperatorError, MediaError.
  virtual RunInput prepare(const Prior& prior, const Task& task, const RunRequest& request) = 0;
  /// Two inputs with the same are the same photo and area, so that a run on one can be gone on with on the other.
  /// Within this process only.
  virtual std::string identity() const = 0;
  /// Throws SettingError if a run that was interrupted (its record's "files") was on something else.
  virtual void check_is(const nlohmann::json& origin) const = 0;
};

/// An input that is there already: for tests and measurements.
class GivenInput : public InputSource {
 public:
  explicit GivenInput(at::Tensor signal, at::Tensor hole = {}, nlohmann::json origin = {})
      : input_{std::move(signal), std::move(hole), std::move(origin)} {}
  RunInput prepare(const Prior&, const Task&, const RunRequest&) override { return input_; }
  std::string identity() const override { return "given"; }
  void check_is(const nlohmann::json&) const override {}

 private:
  RunInput input_;
};

}  // namespace mgdm
