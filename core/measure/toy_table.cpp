#include <ATen/ATen.h>
#include <cmath>
#include <iomanip>
#include <sstream>

#include "core/files/json_text.h"
#include "core/compare/toy_problem.h"
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

std::string toy_table(const std::vector<ToyProblem>& problems, int64_t chains, uint64_t seed,
                      const nlohmann::json& reference, const std::function<void(const std::string&)>& say,
                      std::stop_token stop) {
  std::ostringstream out;
  out << "| sampler | evaluations |";
  for (const auto& problem : problems) out << ' ' << problem.name << " |";
  out << "\n|---|---|";
  for (size_t i = 0; i < problems.size(); ++i) out << "---|";
  out << '\n';
  std::vector<std::string> floors;
  std::vector<std::string> priors;
  for (const auto& configuration : toy_configurations()) {
    std::ostringstream row;
    std::string evaluations;
    for (const auto& problem : problems) {
      if (stop.stop_requested()) return out.str();
      std::string cell;
      try {
        const ToyReport report =
            run_toy(problem, configuration.sampler, "", configuration.settings, chains, seed, at::kFloat, stop);
        if (stop.stop_requested()) return out.str();
        cell = figure(report.distance);
        evaluations = std::to_string(report.forward + 2 * report.backward);
        if (floors.size() < problems.size()) {
          floors.push_back(figure(report.floor));
          priors.push_back(figure(report.prior_distance));
        }
        if (say) {
          std::ostringstream line;
          line << configuration.label << ", " << problem.name << ": " << cell << " (floor " << figure(report.floor)
               << "), residual " << std::setprecision(3) << report.residual << " (exact " << report.exact_residual
               << "), " << report.forward << " forward, " << report.backward << " backward, " << std::setprecision(2)
               << report.seconds << " s";
          say(line.str());
        }
      } catch (const NumericalError&) {
        cell = "diverges";
      } catch (const OperatorError&) {
        cell = "cannot";
      }
      bool known = false;
      const double theirs = reference_distance(reference, problem.name, configuration.reference, known);
      row << ' ' << cell << (known ? " (" + figure(theirs) + ")" : "") << " |";
    }
    out << "| " << configuration.label << " | " << evaluations << " |" << row.str() << '\n';
  }
  out << "| samples of the prior | |";
  for (const auto& p : priors) out << ' ' << p << " |";
  out << "\n| floor: exact samples | |";
  for (const auto& f : floors) out << ' ' << f << " |";
  out << '\n';
  return out.str();
}

}  // namespace mgdm
