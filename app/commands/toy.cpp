// mgdm toy: a sampler on a problem whose posterior is known.
#include <ATen/ATen.h>

#include <iomanip>
#include <iostream>

#include "app/command_line/command.h"
#include "app/command_line/exit_codes.h"
#include "app/command_line/interrupts.h"
#include "app/command_line/options.h"
#include "core/compare/toy_problem.h"
#include "core/files/json_text.h"
#include "core/measure/toy_table.h"
#include "core/samplers/description.h"

namespace mgdm::app {

namespace {

namespace fs = std::filesystem;

struct ToyOptions {
  CommonOptions common;
  std::vector<fs::path> problems;
  fs::path out, reference;
  std::string precision = "auto";
  int64_t chains = 1000;
  bool table = false;
};

int print_table(const ToyOptions& o, const std::stop_token& stop) {
  nlohmann::json reference;
  if (!o.reference.empty()) {
    reference = read_json(o.reference);
    if (!reference.is_object()) throw ToyError(o.reference.string() + ": is not a results file");
  }
  const auto say = [&](const std::string& line) {
    if (!o.common.quiet) std::cerr << line << std::endl;
  };
  std::cout << toy_table(o.problems, o.chains, o.common.seed, reference, say, stop);
  return interrupted() ? kInterrupted : kDone;
}

void print_report(const ToyOptions& o, const ToyReport& r) {
  std::cout << std::setprecision(4) << "sliced Wasserstein distance " << r.distance << ", floor (exact against exact) "
            << r.floor << " +- " << r.floor_std << ", samples of the prior " << r.prior_distance
            << "\nshares of the modes off by " << r.mode_error << ", residual " << r.residual
            << " sigma (exact samples " << r.exact_residual << ")\n"
            << o.chains << " chains, " << r.forward << " forward and " << r.backward << " backward evaluations, "
            << r.seconds << " s\n";
}

int toy(const ToyOptions& o) {
  const std::stop_token stop = stop_on_signals();
  use_threads(o.common.threads);
  std::vector<ToyProblem> problems;
  for (const auto& file : o.problems) problems.push_back(read_toy_problem(file));
  if (o.table) return print_table(o, stop);
  if (problems.size() != 1) throw SettingError("toy: one problem at a time, or --table");
  const SamplerDescription& sampler = find_sampler(o.common.sampler);
  const Settings settings = sampler_settings_of(o.common);
  if (const std::string reason = why_not(sampler, problems[0].likelihood->degradation()); !reason.empty()) {
    throw SettingError("sampler " + sampler.name + ": " + reason);
  }
  const ToyReport r = run_toy(problems[0], o.common.sampler, o.common.preset, settings, o.chains, o.common.seed,
                              o.precision == "float64" ? at::kDouble : at::kFloat, stop);
  if (!o.out.empty()) write_npy(o.out, r.samples);
  if (o.common.print_json) {
    std::cout << json_text({{"problem", problems[0].name},
                            {"sampler", o.common.sampler},
                            {"settings", sampler_settings(sampler, o.common.preset, settings)},
                            {"chains", o.chains},
                            {"seed", o.common.seed},
                            {"sliced_wasserstein", r.distance},
                            {"floor", r.floor},
                            {"floor_std", r.floor_std},
                            {"prior", r.prior_distance},
                            {"mode_tv", r.mode_error},
                            {"residual", r.residual},
                            {"exact_residual", r.exact_residual},
                            {"forward", r.forward},
                            {"backward", r.backward},
                            {"seconds", r.seconds}},
                           2)
              << '\n';
  } else {
    print_report(o, r);
  }
  return interrupted() ? kInterrupted : kDone;
}

}  // namespace

Command describe_toy() {
  return {8, "toy", "Run a sampler on a problem whose posterior is known, and measure its distance to it",
          [](CLI::App& app) {
            const auto o = std::make_shared<ToyOptions>();
            app.add_option("problem", o->problems,
                           "problem file (JSON: weights, means, covs or covs_diag, A, y, sigma_y)")
                ->required();
            app.add_option("--sampler", o->common.sampler, "sampler")->capture_default_str();
            app.add_option("--preset", o->common.preset, "sampler preset; none: the sampler's defaults");
            add_set_option(app, o->common, "a sampler setting, key=value (may be repeated)");
            app.add_option("--chains", o->chains, "chains, run as one batch")
                ->check(CLI::Range(2, 1000000))
                ->capture_default_str();
            app.add_option("--seed", o->common.seed, "seed of all randomness")->capture_default_str();
            app.add_option("--out", o->out, "samples as a NumPy file, float64 [chains, d]");
            app.add_flag("--table", o->table, "all samplers on all the given problems, as a Markdown table");
            app.add_option("--reference", o->reference, "with --table: results of the paper's code, shown in brackets");
            add_threads_option(app, o->common);
            app.add_option("--precision", o->precision, "float32 (auto) or float64")
                ->check(CLI::IsMember({"auto", "float32", "float64"}))
                ->capture_default_str();
            app.add_flag("--json", o->common.print_json, "print the result as JSON");
            app.add_flag("--quiet", o->common.quiet, "no progress");
            return [o] { return toy(*o); };
          }};
}

}  // namespace mgdm::app
