// Songs as cells: separated by a model, or by a method without one, and measured where the true stems are known.
#include <ATen/ATen.h>

#include <algorithm>

#include "core/compare/cell_keys.h"
#include "core/compare/medium.h"
#include "core/compare/song_baselines.h"
#include "core/compare/song_cells.h"
#include "core/files/json_text.h"
#include "core/priors/catalogue.h"
#include "core/samplers/description.h"

namespace mgdm {

namespace {

using nlohmann::json;

std::vector<Setting> song_cell_settings() {
  std::vector<Setting> all = song_run_settings();
  all.push_back(
      {"from", "From", "Seconds; by default the excerpt lies in the middle.", SettingKind::Real, nullptr, 0, 1e6, {}});
  all.push_back(
      {"seconds", "Seconds", "Of an excerpt; by default all of the song.", SettingKind::Real, nullptr, 0.5, 1e6, {}});
  return all;
}

json input_of_song(json& keys) {
  json input = json::object();
  for (const char* key : {"song", "stems", "start"}) {
    const std::string file = take_text(keys, key);
    if (file.empty()) continue;
    check_file(file);
    input[key] = file;
  }
  if (!input.contains("song")) throw SettingError("a cell needs a \"song\"");
  const bool tensors = std::filesystem::path(input["song"].get<std::string>()).extension() == ".safetensors";
  if (!tensors && !sound_files_can_be_read())
    throw SettingError("this build reads songs in stems (.safetensors) alone");
  if (tensors && input.contains("stems")) throw SettingError("\"stems\" are in the song's file already");
  if (input.contains("start") &&
      tensors != (std::filesystem::path(input["start"].get<std::string>()).extension() == ".safetensors"))
    throw SettingError("\"start\" must be a folder of sound files, or a .safetensors where the song is one");
  for (const char* key : {"from", "seconds", "denoise", "declip", "bandwidth"}) {
    const json value = take(keys, key);
    if (value.is_null()) continue;
    check_setting(find_setting(song_cell_settings(), key, "song"), value, "song");
    input[key] = value;
  }
  return input;
}

json complete_song(const json& given) {
  json keys = given;
  json run = {{"input", input_of_song(keys)}}, request = json::object();
  const std::string prior = take_text(keys, "prior", "band");
  const PriorCard card = find_prior(prior);
  check_use(card, Medium::Music);
  request["prior"] = prior;
  for (const Setting& setting : song_run_settings()) {
    const json value = take(keys, setting.name);
    if (value.is_null()) continue;
    check_setting(setting, value, "song");
    request[setting.name] = value;
  }
  const std::string classical = take_text(keys, "classical");
  if (!classical.empty()) {
    if (std::find(song_baselines().begin(), song_baselines().end(), classical) == song_baselines().end())
      throw SettingError("there is no classical method '" + classical +
                         "' for songs; there are harmonic_percussive, ratio_mask, mix, start");
    run["classical"] = {{"name", classical}};
    run["request"] = {{"prior", prior}};  // whose stems they are
    return run;
  }
  // Presets for songs are not those for photos: what they hold is asked of a song.
  const std::string sampler = take_text(keys, "sampler", "mgdm"), preset = take_text(keys, "preset", "balanced");
  for (const auto& [key, value] : keys.items())
    check_setting(find_setting(find_sampler(sampler).settings, key, "sampler " + sampler), value, "sampler " + sampler);
  request.update({{"sampler", sampler}, {"preset", preset}, {"settings", keys}});
  check_song_method(request);
  run["request"] = request;
  run["weights"] = {{"card", card.file.string()}, {"file", card.weights.string()}};
  return run;
}

std::vector<std::filesystem::path> files_of_song(const json& run) {
  std::vector<std::filesystem::path> list{run.at("input").at("song").get<std::string>()};
  for (const auto& [group, key] : {std::pair{"weights", "card"}, std::pair{"weights", "file"}}) {
    const std::string file = run.contains(group) ? run.at(group).value(key, "") : "";
    if (!file.empty() && std::filesystem::exists(file)) list.emplace_back(file);
  }
  for (const char* key : {"stems", "start"}) {
    const std::filesystem::path named = run.at("input").value(key, "");
    if (named.empty()) continue;
    if (!is_directory(named)) {
      list.push_back(named);
      continue;
    }
    std::vector<std::filesystem::path> stems;
    for (const auto& entry : std::filesystem::directory_iterator(named)) {
      if (entry.is_regular_file()) stems.push_back(entry.path());
    }
    std::sort(stems.begin(), stems.end());
    list.insert(list.end(), stems.begin(), stems.end());
  }
  return list;
}

}  // namespace

ComparedMedium describe_song() {
  return {.name = "song",
          .rank = 20,
          .inputs = {"song"},
          .paths = {"song", "stems", "start"},
          .settings = song_cell_settings(),
          .complete = complete_song,
          .files = files_of_song,
          .model = [](const json& run) { return run.at("request").value("prior", ""); },
          .runner = [](const ModelPlace& place) { return make_song_cells(place); }};
}

}  // namespace mgdm
