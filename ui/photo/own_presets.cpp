#include "ui/photo/own_presets.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSaveFile>
#include <QStandardPaths>
#include <QUrl>
#include <algorithm>

#include "core/files/json_text.h"
#include "core/samplers/description.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

namespace {

constexpr qint64 kLargest = 1 << 20;  // a preset has some hundred bytes

QDir folder() {
  QDir dir(QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) + QStringLiteral("/presets"));
  dir.mkpath(QStringLiteral("."));
  return dir;
}

QString file_of(const QString& name) {
  return folder().filePath(QString::fromLatin1(QUrl::toPercentEncoding(name)) + QStringLiteral(".json"));
}

}  // namespace

std::vector<OwnPreset> ownPresets() {
  std::vector<OwnPreset> presets;
  const QDir dir = folder();
  for (const QString& file : dir.entryList({QStringLiteral("*.json")}, QDir::Files)) {
    QString problem;
    if (auto preset = readPreset(dir.filePath(file), problem)) presets.push_back(std::move(*preset));
  }
  std::sort(presets.begin(), presets.end(),
            [](const OwnPreset& a, const OwnPreset& b) { return a.name.localeAwareCompare(b.name) < 0; });
  return presets;
}

QString keepPreset(const OwnPreset& preset) { return writePreset(file_of(preset.name), preset); }

void forgetPreset(const QString& name) { QFile::remove(file_of(name)); }

QString writePreset(const QString& file, const OwnPreset& preset) {
  const nlohmann::json json = {
      {"preset", preset.name.toStdString()}, {"sampler", preset.sampler}, {"settings", preset.settings}};
  const QByteArray bytes = QByteArray::fromStdString(json_text(json, 2) + "\n");
  QSaveFile out(file);
  if (out.open(QIODevice::WriteOnly) && out.write(bytes) == bytes.size() && out.commit()) return {};
  return QCoreApplication::translate("OwnPresets", "%1 cannot be written: %2").arg(file, out.errorString());
}

std::optional<OwnPreset> readPreset(const QString& path, QString& problem) {
  const QString name = QFileInfo(path).fileName();
  QFile file(path);
  if (!file.open(QIODevice::ReadOnly)) {
    problem = QCoreApplication::translate("OwnPresets", "%1 cannot be read: %2").arg(name, file.errorString());
    return std::nullopt;
  }
  const std::string bytes = file.read(kLargest).toStdString();
  const auto json = nlohmann::json::parse(bytes, nullptr, false);
  const auto is_string = [&json](const char* key) { return json.contains(key) && json.at(key).is_string(); };
  if (!json.is_object() || !is_string("preset") || !is_string("sampler") || !json.contains("settings") ||
      text(json.at("preset").get<std::string>()).trimmed().isEmpty()) {
    problem = QCoreApplication::translate("OwnPresets", "%1 is not a preset.").arg(name);
    return std::nullopt;
  }
  try {
    OwnPreset preset{text(json.at("preset").get<std::string>()).trimmed(), json.at("sampler").get<std::string>(), {}};
    const auto& sampler = find_sampler(preset.sampler);
    preset.settings = complete_settings(sampler.settings, json.at("settings"), "sampler " + sampler.name);
    return preset;
  } catch (const std::exception& e) {
    problem = QCoreApplication::translate("OwnPresets", "%1 does not fit this version: %2").arg(name, one_line(e));
    return std::nullopt;
  }
}

}  // namespace mgdm::ui
