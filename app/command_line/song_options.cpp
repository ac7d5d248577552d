#include "app/command_line/song_options.h"

namespace mgdm::app {

void add_song_options(CLI::App& app, CommonOptions& c, SeparationRequest& request) {
  c.prior = "band";
  app.add_option("--prior", c.prior, "model name or card (default band)");
  app.add_option("--sampler", c.sampler, "sampler")->capture_default_str();
  app.add_option("--preset", c.preset, "quick, balanced (default), best, paper");
  add_described(app, song_run_settings(), "noise", request.noise);
  add_described(app, song_run_settings(), "samples", request.samples);
  add_described(app, song_run_settings(), "seed", c.seed);
  add_described(app, song_run_settings(), "start_sigma", request.start_sigma);
  add_described(app, song_run_settings(), "other", request.other);
  app.add_flag("!--fixed-polarity", request.random_polarities,
               "ask the network for the stems as they are, not each in a polarity drawn anew for every step");
  add_set_option(app, c, "sampler setting, key=value");
  add_device_options(app, c);
}

SeparationRequest separation_request(const CommonOptions& c, SeparationRequest request) {
  request.sampler = c.sampler;
  if (!c.preset.empty()) request.preset = c.preset;
  request.seed = c.seed;
  request.sampler_settings.update(sampler_settings_of(c));
  return request;
}

}  // namespace mgdm::app
