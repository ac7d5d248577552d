// mgdm bench: speed and memory on this machine.
#include <ATen/ATen.h>

#include <filesystem>
#include <iostream>

#include "app/command_line/command.h"
#include "app/command_line/exit_codes.h"
#include "app/command_line/interrupts.h"
#include "app/command_line/options.h"
#include "core/files/json_text.h"
#include "core/measure/bench.h"
#include "core/priors/catalogue.h"
#include "core/priors/known_models.h"

namespace mgdm::app {

namespace {

struct BenchCommandOptions {
  CommonOptions common;
  bool quick = false;
  std::vector<std::string> networks;
};

int finish(const CommonOptions& c, const nlohmann::json& report) {
  if (c.print_json) std::cout << json_text(report, 2) << '\n';
  return interrupted() ? kInterrupted : kDone;
}

nlohmann::json bench_networks(std::vector<std::string> names, at::Device device,
                              const std::function<void(const std::string&)>& say, const std::stop_token& stop) {
  if (names == std::vector<std::string>{"all"}) {
    names.clear();
    for (const auto& known : known_models()) names.push_back(known.name);
  }
  nlohmann::json reports = nlohmann::json::array();
  for (const auto& name : names) {
    if (!stop.stop_requested()) {
      reports.push_back(bench_network(name, std::filesystem::temp_directory_path(), device, say, stop));
    }
  }
  return reports;
}

int run_bench(const BenchCommandOptions& o) {
  const CommonOptions& c = o.common;
  const std::stop_token stop = stop_on_signals();
  use_threads(c.threads);
  const auto say = [&](const std::string& line) { (c.print_json ? std::cerr : std::cout) << line << std::endl; };
  const at::Device device = device_of(c.place.device);
  if (!o.networks.empty()) return finish(c, bench_networks(o.networks, device, say, stop));
  if (c.prior != "random") {
    const PriorCard card = find_prior(c.prior);
    if (medium_of(card) == Medium::Music) {
      return finish(c, bench_separation(load_band_prior(card, device, c.place.precision), o.quick ? 3 : 12, say, stop));
    }
  }
  BenchOptions options;
  options.device = device;
  options.quick = o.quick;
  options.precision = c.place.precision;
  if (c.prior != "random") {
    options.load = [&] { return load_prior(find_prior(c.prior), device, c.place.precision); };
  }
  return finish(c, bench(options, say, stop));
}

}  // namespace

Command describe_bench() {
  return {9, "bench", "Measure speed and memory on this machine", [](CLI::App& app) {
            const auto o = std::make_shared<BenchCommandOptions>();
            app.add_flag("--quick", o->quick, "64 pixels, or 3 s of music, only");
            app.add_option("--network", o->networks,
                           "published networks of full size with random weights instead, or all; see mgdm models "
                           "published")
                ->delimiter(',');
            app.add_option("--prior", o->common.prior,
                           "model to run, of photos or of music; 'random' for random weights")
                ->capture_default_str();
            add_device_options(app, o->common);
            return [o] { return run_bench(*o); };
          }};
}

}  // namespace mgdm::app
