#include "core/measure/toy_table.h"

#include <cmath>
#include <iomanip>
#include <sstream>

#include "core/compare/sweep.h"
#include "core/files/json_text.h"
#include "core/files/scratch_folder.h"
#include "core/samplers/description.h"

namespace mgdm {

const std::vector<ToyConfiguration>& toy_configurations() {
  static const Settings paper = {{"guidance", "denoised"},
                                 {"update", "gauss_vi"},
                                 {"reference_compatible", true},
                                 {"tau_per_chain", false},
                                 {"gradient_steps", parse_json(R"([{"last": 30, "value": 20}, {"value": 5}])")}};
  const auto with = [](Settings base, const Settings& more) {
    base.update(more);
    return base;
  };
  static const std::vector<ToyConfiguration> list{
      {"MGDM", "mgdm", Settings::object(), ""},
      {"MGDM, 25 levels", "mgdm", {{"steps", 25}}, ""},
      {"MGDM, 4 repetitions", "mgdm", {{"gibbs", 4}}, ""},
      {"MGDM, without resampling", "mgdm", {{"resample", false}}, ""},
      {"MGDM, elliptical slice", "mgdm", {{"update", "elliptical_slice"}, {"gradient_steps", 10}}, ""},
      {"MGDM, ensemble Kalman", "mgdm", {{"update", "ensemble_kalman"}, {"gradient_steps", 1}}, ""},
      {"MGDM, Gauss-Newton at x0hat",
       "mgdm",
       {{"guidance", "denoised"}, {"gradient_steps", 2}, {"conjugate_steps", 3}, {"conjugate_tolerance", 0}},
       ""},
      {"MGDM, elliptical slice at x0hat",
       "mgdm",
       {{"guidance", "denoised"}, {"update", "elliptical_slice"}, {"gradient_steps", 5}},
       ""},
      {"MGDM, ensemble Kalman at x0hat",
       "mgdm",
       {{"guidance", "denoised"}, {"update", "ensemble_kalman"}, {"gradient_steps", 2}},
       ""},
      {"MGDM, Jacobian-free at x0hat",
       "mgdm",
       {{"guidance", "denoised"}, {"update", "jacobian_free"}, {"gradient_steps", 5}, {"conjugate_steps", 10}},
       ""},
      {"MGDM, the paper's", "mgdm", with(paper, {{"reference_compatible", false}, {"tau_per_chain", true}}), ""},
      {"MGDM, the public code's", "mgdm", paper, "mgdm R1_ffhq_mix_M20"},
      {"the same, R = 4", "mgdm", with(paper, {{"gibbs", 4}}), "mgdm R4"},
      {"DPS, gamma 1", "dps", {{"gamma", 1.0}}, "dps gamma1"},
      {"DPS, gamma 0.1", "dps", {{"gamma", 0.1}}, "dps gamma0.1"},
      {"DPS, gamma 0.03", "dps", {{"gamma", 0.03}}, "dps gamma0.03"},
      {"PGDM", "pgdm", Settings::object(), "pgdm default"},
      {"DDNM+", "ddnm", Settings::object(), ""},
      {"DDNM+, the public code's", "ddnm", {{"reference_compatible", true}}, "ddnm eta0.85"},
      {"DInG, 100 steps", "ding", Settings::object(), ""},
      {"DInG, 300 steps", "ding", {{"steps", 300}}, ""},
      {"DDRM, 20 steps", "ddrm", Settings::object(), "ddrm T20_eta0.85_etaB1_y_expanded"},
      {"DDRM, 100 steps", "ddrm", {{"steps", 100}}, "ddrm T100_eta0.85_etaB1_y_expanded"},
      {"DiffPIR", "diffpir", Settings::object(), ""},
      {"DiffPIR, the public code's", "diffpir", {{"reference_compatible", true}}, "diffpir lmbd1_zeta1"},
      {"RED-diff", "reddiff", Settings::object(), ""},
      {"RED-diff, the public code's", "reddiff", {{"reference_compatible", true}}, "reddiff default"},
      {"DAPS", "daps", Settings::object(), ""},
      {"DAPS, the public code's", "daps", {{"reference_compatible", true}}, "daps config_tau0.01_lr5e-5"},
      {"PnP-DM", "pnp_dm", Settings::object(), ""},
      {"PnP-DM, the public code's",
       "pnp_dm",
       {{"reference_compatible", true}, {"rho_min", 0.3}},
       "pnp_dm config_rho_min0.3"},
      {"DDIM (the prior)", "ddim", Settings::object(), ""},
  };
  return list;
}

namespace {

std::string figure(double value) {
  std::ostringstream out;
  if (!std::isfinite(value)) return "diverges";
  out << std::fixed << std::setprecision(value < 0.0995 ? 3 : 2) << value;
  return out.str();
}

/// The public code's distance for a configuration, mean over its seeds; NaN where there is none.
double reference_distance(const nlohmann::json& reference, const std::string& problem, const std::string& configuration,
                          bool& known) {
  known = false;
  if (configuration.empty() || !reference.is_object() || !reference.contains("problems") ||
      !reference["problems"].contains(problem))
    return 0;
  double sum = 0;
  int count = 0;
  for (const auto& run : reference["problems"][problem]["runs"]) {
    if (run.value("sampler", "") + " " + run.value("config", "") != configuration) continue;
    sum += run["sw1"].is_number() ? run["sw1"].get<double>() : std::nan("");
    ++count;
  }
  known = count > 0;
  return known ? sum / count : 0;
}

}  // namespace

CompareSpec toy_spec(const std::vector<std::filesystem::path>& problems, int64_t chains, uint64_t seed) {
  nlohmann::json configurations = nlohmann::json::array(), files = nlohmann::json::array();
  for (const ToyConfiguration& configuration : toy_configurations()) {
    nlohmann::json value = {{"label", configuration.label}, {"sampler", configuration.sampler}};
    value.update(configuration.settings);
    configurations.push_back(std::move(value));
  }
  for (const auto& problem : problems) files.push_back(std::filesystem::absolute(problem).string());
  return parse_spec(
      {{"medium", "toy"},
       {"base", {{"samples", chains}, {"seed", seed}}},
       {"axes", {{{"name", "sampler"}, {"values", configurations}}, {{"key", "problem"}, {"values", files}}}}},
      "/");
}

namespace {

std::string line_of(const Cell& cell, const CellResult& result) {
  std::ostringstream line;
  const std::string problem = result.record.is_object() ? result.record.value("problem", "") : "";
  line << toy_configurations()[cell.at[0]].label << ", " << (problem.empty() ? cell.label : problem) << ": ";
  if (!result.error.empty()) {
    line << result.error;
    return line.str();
  }
  const Figures& f = result.figures;
  const auto& evaluations = result.record.at("evaluations");
  line << figure(f.at("distance")) << " (floor " << figure(f.at("floor")) << "), residual " << std::setprecision(3)
       << f.at("residual") << " (exact " << result.record.at("exact_residual").get<double>() << "), "
       << evaluations.at("forward") << " forward, " << evaluations.at("backward") << " backward, "
       << std::setprecision(2) << f.at("seconds") << " s";
  return line.str();
}

std::string row_of(const std::string& label, const std::vector<std::string>& values) {
  std::string row = "| " + label + " |";
  for (const std::string& value : values) row += " " + value + (value.empty() ? "|" : " |");
  return row + "\n";
}

}  // namespace

std::string toy_table(const std::vector<std::filesystem::path>& problems, int64_t chains, uint64_t seed,
                      const nlohmann::json& reference, const std::function<void(const std::string&)>& say,
                      std::stop_token stop) {
  const CompareSpec spec = toy_spec(problems, chains, seed);
  const std::vector<Cell> cells = cells_of(spec);
  const ScratchFolder scratch;
  const CellStore store(scratch.path());
  SweepObserver observer;
  observer.finished = [&](const Cell& cell, const CellResult& result) {
    if (say) say(line_of(cell, result));
  };
  sweep(cells, spec, store, {}, observer, stop);

  const size_t count = problems.size();
  std::vector<std::string> names(count), floors(count), priors(count);
  std::vector<std::vector<std::string>> rows;
  for (const Cell& cell : cells) {
    const ToyConfiguration& configuration = toy_configurations()[cell.at[0]];
    const size_t column = cell.at[1];
    if (column == 0) rows.push_back({""});
    rows.back().emplace_back(cell.error.empty() ? "" : "cannot");
    if (!cell.error.empty()) continue;
    const auto result = store.read(cell.key);
    if (!result) continue;  // it was stopped
    if (!result->error.empty()) {
      rows.back().back() = "diverges";
      continue;
    }
    const Figures& f = result->figures;
    names[column] = result->record.at("problem");
    floors[column] = figure(f.at("floor"));
    priors[column] = figure(f.at("prior_distance"));
    bool known = false;
    const double theirs = reference_distance(reference, names[column], configuration.reference, known);
    rows.back().front() = figure_text("evaluations", f.at("evaluations"));
    rows.back().back() = figure(f.at("distance")) + (known ? " (" + figure(theirs) + ")" : "");
  }
  for (size_t k = 0; k < count; ++k) {
    if (names[k].empty()) names[k] = spec.axes[1].values[k].label;
  }
  std::string table = "| sampler | evaluations |";
  for (const std::string& name : names) table += " " + name + " |";
  table += "\n|---|---|";
  for (size_t k = 0; k < count; ++k) table += "---|";
  table += "\n";
  for (size_t k = 0; k < rows.size(); ++k) table += row_of(toy_configurations()[k].label, rows[k]);
  floors.insert(floors.begin(), "");
  priors.insert(priors.begin(), "");
  return table + row_of("samples of the prior", priors) + row_of("floor: exact samples", floors);
}

}  // namespace mgdm
