// From the song page to the page for comparing, and back.
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFile>
#include <QFileInfo>
#include <QSpinBox>
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/compare/cell_keys.h"
#include "core/compare/song_cells.h"
#include "core/files/json_text.h"
#include "core/priors/catalogue.h"
#include "ui/models/model_choice.h"
#include "ui/song/lanes.h"
#include "ui/song/song_page.h"
#include "ui/song/song_panel.h"
#include "ui/widgets/message_bar.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

using nlohmann::json;

// ---- the form ----

json SongPanel::keys() const {
  const SongWish w = wish();
  const SeparationRequest& r = w.request;
  json keys = {{"prior", w.model.toStdString()}, {"sampler", r.sampler}, {"preset", r.preset}, {"seed", r.seed}};
  if (r.samples > 0) keys["samples"] = r.samples;
  if (r.keep_residual) keys["keep_residual"] = true;
  if (r.other > 0) keys["other"] = r.other;
  if (!w.start.isEmpty()) {
    keys["start"] = w.start.toStdString();
    keys["start_sigma"] = r.start_sigma;
  }
  for (const auto& [name, value] : r.sampler_settings.items()) keys[name] = value;
  for (const auto& [name, value] : method_.items()) {
    if (usesMethod() && methodKeys().count(name) > 0) keys[name] = value;
  }
  for (const auto& [name, level] :
       {std::pair{"denoise", w.hiss}, std::pair{"declip", w.clip}, std::pair{"bandwidth", w.bandwidth}}) {
    if (level > 0) keys[name] = level;
  }
  constexpr double kShortest = 0.5;  // seconds of an excerpt that can be compared
  if (w.to > 0) {
    keys["from"] = w.from;
    keys["seconds"] = std::max(kShortest, w.to - w.from);
  }
  return keys;
}

const std::set<std::string>& SongPanel::methodKeys() {
  static const std::set<std::string> list{"noise", "frames", "overlap", "random_polarities"};
  return list;
}

json SongPanel::sessionOf(const json& given) const {
  json rest = given;
  for (const char* input : {"song", "stems", "from", "seconds"}) rest.erase(input);
  if (const std::string classical = take_text(rest, "classical"); !classical.empty())
    throw SettingError(tr("it is a method without a model (%1)").arg(text(classical)).toStdString());
  json session = {{"what", 0},    {"samples", 0},
                  {"seed", 0},    {"keep_residual", false},
                  {"other", 0.0}, {"start_sigma", SeparationRequest().start_sigma}};
  if (const std::string start = take_text(rest, "start"); !start.empty()) session["start"] = start;
  int what = 0, repairs = 0;
  for (const char* name : {"denoise", "declip", "bandwidth"}) {
    ++what;
    const json value = mgdm::take(rest, name);
    if (value.is_null() || value == 0) continue;
    check_setting(find_setting(song_run_settings(), name, "song"), value, "song");
    session["what"] = what;
    session["level"] = value;
    if (++repairs > 1) throw SettingError(tr("it repairs two things at once").toStdString());
  }
  const std::string prior = take_text(rest, "prior", "band");
  check_use(find_prior(prior), Medium::Music);
  if (model_->findData(text(prior)) < 0)  // of a file that is not in the list
    throw SettingError(tr("the model %1 is not one of the page's").arg(text(prior)).toStdString());
  session["model"] = prior;
  json method = json::object();
  for (const Setting& setting : song_run_settings()) {
    const json value = mgdm::take(rest, setting.name);
    if (value.is_null()) continue;
    check_setting(setting, value, "song");
    (session.contains(setting.name) ? session : method)[setting.name] = value;
  }
  if (session["seed"] > seed_->maximum())
    throw SettingError(
        tr("the seed %1 is larger than the page knows").arg(session["seed"].get<qint64>()).toStdString());
  const std::string sampler = take_text(rest, "sampler", "mgdm"), preset = take_text(rest, "preset", "balanced");
  // All that is left is the sampler's, or unknown.
  check_song_method({{"prior", prior}, {"sampler", sampler}, {"preset", preset}, {"settings", rest}});
  session["preset"] = preset;
  if (sampler != "mgdm" || !rest.empty() || !method.empty() || preset_->findData(text(preset)) < 0) {
    method.update({{"sampler", sampler}, {"preset", preset}, {"settings", rest}});
    session["method"] = method;
  }
  return session;
}

// What the form has no fields for is one more entry of its qualities.
void SongPanel::setMethod(const json& method) {
  method_ = method.is_object() ? method : json::object();
  const int at = preset_->findData(kOwnMethod);
  if (method_.empty()) {
    if (at >= 0) preset_->removeItem(at);
    return;
  }
  QStringList parts{text(method_.value("sampler", "mgdm"))};
  const std::string preset = method_.value("preset", "");
  if (!preset.empty()) parts << preset_name(preset);
  const json settings = method_.value("settings", json::object());
  for (const auto& [name, value] : settings.items()) parts << text(name + " " + json_text(value));
  for (const auto& [name, value] : method_.items()) {
    if (methodKeys().count(name) > 0) parts << text(name + " " + json_text(value));
  }
  const QString words = tr("Compared: %1").arg(parts.join(QStringLiteral(", ")));
  if (at < 0) preset_->addItem(words, kOwnMethod);
  const int now = preset_->findData(kOwnMethod);
  preset_->setItemText(now, words);
  preset_->setItemData(now, words, Qt::ToolTipRole);
  preset_->setCurrentIndex(now);
}

bool SongPanel::usesMethod() const { return preset_->currentData() == kOwnMethod; }

void SongPanel::putMethodInto(SeparationRequest& r) const {
  r.sampler = method_.value("sampler", r.sampler);
  r.preset = method_.value("preset", r.preset);
  r.sampler_settings = method_.value("settings", json::object());
  r.noise = method_.value("noise", r.noise);
  r.frames = method_.value("frames", r.frames);
  r.overlap = method_.value("overlap", r.overlap);
  r.random_polarities = method_.value("random_polarities", r.random_polarities);
}

// ---- the page ----

void SongPage::compareSettings() {
  if (isEmpty()) return;
  json keys = panel_->keys();
  keys["song"] = QFileInfo(song_.path).absoluteFilePath().toStdString();
  Q_EMIT wantsToCompare(keys);
}

bool SongPage::useSettings(const QString& medium, const json& keys) {
  if (medium != QStringLiteral("song")) return false;
  if (runs_->busy()) {
    message_->showNotice(tr("A run is on: its settings stay. Stop it, then use those of the comparison."));
    return true;
  }
  session_read_ = true;  // what was open last does not come over it
  const QString file = keys.contains("song") && keys["song"].is_string() ? text(keys["song"]) : QString();
  if (isEmpty() && canOpen(file) && QFile::exists(file)) {
    wanted_keys_ = std::make_unique<json>(keys);
    open(file);
    return true;
  }
  takeSettings(keys);
  return true;
}

// All of it or nothing: what this version does not know is found before anything is changed.
bool SongPage::takeSettings(const json& keys) {
  try {
    panel_->restore(panel_->sessionOf(keys));
  } catch (const std::exception& e) {
    showMessage(tr("The settings of that cell cannot be used here: %1").arg(one_line(e)));
    return false;
  }
  message_->hide();
  Q_EMIT status(tr("The settings of the comparison are set."));
  return true;
}

// A song that was opened for the sake of a cell: its part, too.
void SongPage::takeCell() {
  const auto keys = std::exchange(wanted_keys_, nullptr);
  if (keys == nullptr || text(keys->value("song", std::string())) != song_.path || !takeSettings(*keys)) return;
  if (!keys->contains("seconds") || !keys->at("seconds").is_number()) return;
  const double rate = song_.sample_rate, length = static_cast<double>(song_.length) / rate;
  const double seconds = std::min(length, keys->at("seconds").get<double>());
  const bool told = keys->contains("from") && keys->at("from").is_number();
  const double from = told ? keys->at("from").get<double>() : (length - seconds) / 2;
  axis_->setMark(std::llround(from * rate), std::llround((from + seconds) * rate));
}

}  // namespace mgdm::ui
