#include "ui/song/practise_keeping.h"

#include <QCoreApplication>
#include <QCryptographicHash>
#include <QFile>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "ui/widgets/words.h"

namespace mgdm::ui {

namespace {

constexpr const char* kBeatsFrom[] = {"none", "song", "drums", "person"};

template <typename T>
T ranged(const nlohmann::json& json, const char* key, T low, T high, T otherwise) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_number()) return otherwise;
  return std::clamp(found->get<T>(), low, high);
}

bool truth(const nlohmann::json& json, const char* key, bool otherwise) {
  const auto found = json.find(key);
  return found != json.end() && found->is_boolean() ? found->get<bool>() : otherwise;
}

SpeedTrainer trainer_from(const nlohmann::json& json) {
  SpeedTrainer trainer;  // never on at once: what is heard first is what the song's tempo says
  trainer.from = ranged(json, "from", kSlowest, kFastest, trainer.from);
  trainer.to = ranged(json, "to", kSlowest, kFastest, trainer.to);
  trainer.step = ranged(json, "step", 0.01, 0.5, trainer.step);
  trainer.passes = ranged(json, "passes", 1, 99, trainer.passes);
  return trainer;
}

std::shared_ptr<const BeatGrid> grid_from(const nlohmann::json& json) {
  auto grid = std::make_shared<BeatGrid>();
  grid->per_bar = ranged(json, "per_bar", 1, 12, 4);
  grid->one = ranged(json, "one", 0, 1 << 24, 0);
  const auto beats = json.find("beats");
  if (beats == json.end() || !beats->is_array()) return nullptr;
  for (const auto& beat : *beats) {
    if (!beat.is_number_integer()) return nullptr;
    const auto frame = beat.get<int64_t>();
    if (frame < 0 || (!grid->beats.empty() && frame <= grid->beats.back())) return nullptr;
    grid->beats.push_back(frame);
  }
  return grid;
}

}  // namespace

QString practice_id(const QString& song) {
  QFile file(song);
  if (!file.open(QIODevice::ReadOnly)) return {};
  QCryptographicHash hash(QCryptographicHash::Sha256);
  hash.addData(QByteArray::number(file.size()));
  hash.addData(file.read(1 << 20));
  return QString::fromLatin1(hash.result().toHex().left(32));
}

nlohmann::json to_json(const KeptPractice& kept) {
  const Practice& p = kept.practice;
  nlohmann::json json = {
      {"tempo", p.tempo},
      {"key", p.key},
      {"gap", p.gap},
      {"count_in", p.count_in},
      {"count_in_each_pass", p.count_in_each_pass},
      {"metronome", p.metronome},
      {"click_volume", p.click_volume},
      {"trainer",
       {{"from", p.trainer.from}, {"to", p.trainer.to}, {"step", p.trainer.step}, {"passes", p.trainer.passes}}},
      {"snap", kept.snap},
      {"beats_from", kBeatsFrom[static_cast<int>(kept.beats)]},
      {"loops", nlohmann::json::array()}};
  for (const NamedLoop& loop : kept.loops)
    json["loops"].push_back({{"name", loop.name.toStdString()}, {"begin", loop.begin}, {"end", loop.end}});
  if (p.beats) json["grid"] = {{"beats", p.beats->beats}, {"per_bar", p.beats->per_bar}, {"one", p.beats->one}};
  return json;
}

KeptPractice practice_from(const nlohmann::json& json) {
  KeptPractice kept;
  if (!json.is_object()) return kept;
  Practice& p = kept.practice;
  p.tempo = ranged(json, "tempo", kSlowest, kFastest, p.tempo);
  p.key = ranged(json, "key", -kWidestKey, kWidestKey, p.key);
  p.gap = ranged(json, "gap", 0.0, kLongestGap, p.gap);
  p.count_in = ranged(json, "count_in", 0, 2, p.count_in);
  p.count_in_each_pass = truth(json, "count_in_each_pass", p.count_in_each_pass);
  p.metronome = truth(json, "metronome", p.metronome);
  p.click_volume = ranged(json, "click_volume", 0.0, 1.0, p.click_volume);
  kept.snap = truth(json, "snap", kept.snap);
  if (const auto trainer = json.find("trainer"); trainer != json.end() && trainer->is_object())
    p.trainer = trainer_from(*trainer);
  if (const auto grid = json.find("grid"); grid != json.end() && grid->is_object()) p.beats = grid_from(*grid);
  const auto from = json.find("beats_from");
  const auto known = from == json.end() || !from->is_string()
                         ? std::end(kBeatsFrom)
                         : std::find(std::begin(kBeatsFrom), std::end(kBeatsFrom), from->get<std::string>());
  if (p.beats && known != std::end(kBeatsFrom))
    kept.beats = static_cast<KeptPractice::Beats>(known - std::begin(kBeatsFrom));
  if (const auto loops = json.find("loops"); loops != json.end() && loops->is_array()) {
    for (const auto& loop : *loops) {
      if (!loop.is_object() || !loop.contains("name") || !loop["name"].is_string()) continue;
      const auto begin = ranged<int64_t>(loop, "begin", 0, int64_t{1} << 40, 0);
      const auto end = ranged<int64_t>(loop, "end", 0, int64_t{1} << 40, 0);
      if (end > begin) kept.loops.push_back({text(loop["name"].get<std::string>()), begin, end});
    }
  }
  return kept;
}

QString next_loop_name(const std::vector<NamedLoop>& loops) {
  for (int number = 1;; ++number) {
    const QString name = QCoreApplication::translate("PractiseKeeping", "Loop %1").arg(number);
    if (std::none_of(loops.begin(), loops.end(), [&](const NamedLoop& l) { return l.name == name; })) return name;
  }
}

}  // namespace mgdm::ui
