// mgdm separation-quality: separation measured on songs whose stems are known.
#include <iomanip>
#include <iostream>

#include "app/command_line/command.h"
#include "app/command_line/exit_codes.h"
#include "app/command_line/interrupts.h"
#include "app/command_line/song_options.h"
#include "core/files/json_text.h"
#include "core/measure/separation_quality.h"

namespace mgdm::app {

namespace {

struct SeparationMeasure {
  CommonOptions common;
  SeparationQualityOptions quality;
};

void print_table(const std::string& title, const nlohmann::json& rows, const std::vector<std::string>& stems) {
  std::cout << std::left << std::setw(20) << title;
  for (const auto& stem : stems) std::cout << std::right << std::setw(8) << stem;
  std::cout << "     all\n" << std::fixed << std::setprecision(2);
  for (const auto& [key, label] : {std::pair{"sample", "one sample"},
                                   {"mean_of_samples", "mean of samples"},
                                   {"estimate", "estimate"},
                                   {"harmonic_percussive", "harmonic-percussive"},
                                   {"ratio_mask", "oracle ratio mask"},
                                   {"start", "start"}}) {
    if (!rows.contains(key)) continue;
    std::cout << std::left << std::setw(20) << label << std::right;
    for (const auto& stem : stems) {
      const nlohmann::json& value = rows[key][stem];
      std::cout << std::setw(8);
      if (value.is_number())
        std::cout << value.get<double>();
      else
        std::cout << "-";
    }
    std::cout << std::setw(8) << rows[key]["all"].get<double>() << '\n';
  }
}

void print_separation(const nlohmann::json& report, const std::vector<std::string>& stems) {
  print_table("SI-SDRi in dB", report["mean"], stems);
  print_table("SDR, median in dB", report["median_sdr"], stems);
  std::cout << report["songs"].size() << " songs, " << report["seconds_per_second"].get<double>()
            << " s of computing for a second of music, " << report["evaluations"]["forward"] << " forward and "
            << report["evaluations"]["backward"] << " backward evaluations\n";
}

int measure_separation(SeparationMeasure o) {
  const std::stop_token stop = stop_on_signals();
  use_threads(o.common.threads);
  o.quality.request = separation_request(o.common, o.quality.request);
  o.quality.prior = o.common.prior;
  o.quality.place = o.common.place;
  const auto say = [&](const std::string& line) {
    if (!o.common.quiet) std::cerr << line << std::endl;
  };
  const nlohmann::json report = separation_quality(o.quality, say, stop);
  if (o.common.print_json) {
    std::cout << json_text(report, 2) << '\n';
  } else {
    print_separation(report, report.at("stems"));
  }
  return interrupted() ? kInterrupted : kDone;
}

}  // namespace

Command describe_separation_quality() {
  return {5, "separation-quality", "Measure separation on songs whose stems are known", [](CLI::App& app) {
            const auto o = std::make_shared<SeparationMeasure>();
            app.add_option("songs", o->quality.songs, "folder of songs in stems (.safetensors)")->required();
            app.add_option("--count", o->quality.count, "songs")->check(CLI::Range(1, 100000))->capture_default_str();
            app.add_option("--seconds", o->quality.seconds, "excerpt from the middle of each song")
                ->check(CLI::Range(1.0, 600.0))
                ->capture_default_str();
            app.add_option("--start", o->quality.start,
                           "folder of rough stems to start from, files of the songs' names (.safetensors)");
            o->quality.request.other = 0;  // the songs are nothing but the model's stems
            add_song_options(app, o->common, o->quality.request);
            return [o] { return measure_separation(*o); };
          }};
}

}  // namespace mgdm::app
