// Problems with a known posterior as cells.
#include <ATen/ATen.h>

#include "core/compare/cell_keys.h"
#include "core/compare/medium.h"
#include "core/compare/peak_memory.h"
#include "core/compare/toy_problem.h"
#include "core/samplers/description.h"

namespace mgdm {

namespace {

using nlohmann::json;

std::vector<Setting> toy_settings() {
  return {
      {"samples", "Chains", "Run as one batch.", SettingKind::Integer, 1000, 2, 1000000, {}},
      {"seed", "Seed", "Of all randomness.", SettingKind::Integer, 0, 0, 9007199254740991, {}},
      {"precision", "Precision", "Of the state.", SettingKind::Choice, "float32", 0, 0, {"float32", "float64"}},
  };
}

json complete_toy(const json& given) {
  json keys = given, asked = json::object();
  const std::string problem = take_text(keys, "problem");
  if (problem.empty()) throw SettingError("a cell needs a \"problem\"");
  check_file(problem);
  for (const Setting& setting : toy_settings()) {
    if (const json value = take(keys, setting.name); !value.is_null()) asked[setting.name] = value;
  }
  asked = complete_settings(toy_settings(), asked, "toy problem");
  const MethodKeys method = take_method(keys, "");
  const SamplerDescription& sampler = find_sampler(method.sampler);
  asked["sampler"] = method.sampler;
  asked["settings"] = sampler_settings(sampler, method.preset, method.settings);
  const ToyProblem toy = read_toy_problem(problem);
  if (const std::string reason = why_not(sampler, toy.likelihood->degradation()); !reason.empty())
    throw SettingError("sampler " + sampler.name + ": " + reason);
  return {{"input", {{"problem", problem}}}, {"request", asked}};
}

class ToyCells : public CellRunner {
 public:
  double cost(const Cell& cell) override {
    const json& settings = cell.run.at("request").at("settings");
    return settings.value("steps", 100.0) * cell.run.at("request").at("samples").get<double>();
  }

  std::optional<CellResult> run(const Cell& cell, int64_t, const std::filesystem::path&, const CellObserver&,
                                std::stop_token stop) override {
    forget_peak_memory();
    const json& request = cell.run.at("request");
    const ToyProblem problem = read_toy_problem(cell.run.at("input").at("problem").get<std::string>());
    const ToyReport r =
        run_toy(problem, request.at("sampler"), "", request.at("settings"), request.at("samples"), request.at("seed"),
                request.at("precision") == "float64" ? at::kDouble : at::kFloat, stop);
    if (stop.stop_requested()) return std::nullopt;
    CellResult result;
    result.record = {{"request", request},
                     {"problem", problem.name},
                     {"floor_std", r.floor_std},
                     {"exact_residual", r.exact_residual},
                     {"evaluations", {{"forward", r.forward}, {"backward", r.backward}}}};
    result.figures = {{"distance", r.distance},
                      {"floor", r.floor},
                      {"prior_distance", r.prior_distance},
                      {"mode_error", r.mode_error},
                      {"residual", r.residual},
                      {"evaluations", static_cast<double>(r.forward + 2 * r.backward)},
                      {"seconds", r.seconds},
                      {"peak_memory", static_cast<double>(peak_memory_since()) / 1e6}};
    result.tensors["samples"] = r.samples;
    return result;
  }
};

}  // namespace

ComparedMedium describe_toy() {
  return {.name = "toy",
          .rank = 30,
          .inputs = {"problem"},
          .paths = {"problem"},
          .settings = toy_settings(),
          .complete = complete_toy,
          .files =
              [](const json& run) {
                return std::vector<std::filesystem::path>{run.at("input").at("problem").get<std::string>()};
              },
          .model = [](const json&) { return std::string(); },
          .runner = [](const ModelPlace&) -> std::unique_ptr<CellRunner> { return std::make_unique<ToyCells>(); }};
}

}  // namespace mgdm
