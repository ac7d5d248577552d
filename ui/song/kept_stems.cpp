#include "ui/song/kept_stems.h"

#include <sys/stat.h>

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSaveFile>
#include <algorithm>
#include <cstring>
#include <optional>

#include "core/media/image_file.h"

namespace mgdm::ui {

namespace {

void write_file(const QString& path, const QByteArray& bytes) {
  QSaveFile file(path);
  if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit())
    throw MediaError(path.toStdString() + ": cannot be written: " + file.errorString().toStdString());
}

QByteArray read_file(const QString& path) {
  QFile file(path);
  return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

std::optional<KeptStems> read_kept(const QString& folder) {
  const QJsonObject json = QJsonDocument::fromJson(read_file(folder + "/entry.json")).object();
  if (json.isEmpty()) return std::nullopt;
  KeptStems stems;
  stems.folder = folder;
  stems.song = json["song"].toString();
  stems.when = QDateTime::fromString(json["when"].toString(), Qt::ISODateWithMs);
  for (const auto& name : json["names"].toArray()) stems.names << name.toString();
  stems.channels = json["channels"].toInt();
  stems.sample_rate = json["sample_rate"].toInt();
  stems.length = json["length"].toInteger();
  stems.begin = json["begin"].toInteger();
  stems.end = json["end"].toInteger();
  stems.preset = json["preset"].toString();
  stems.samples = json["samples"].toInt();
  stems.form = json["form"].toString();
  stems.record = QString::fromUtf8(read_file(folder + "/run.json"));
  const bool sound = stems.channels >= 1 && stems.channels <= 2 && stems.sample_rate > 0 && stems.end <= stems.length;
  return sound ? std::optional(stems) : std::nullopt;
}

QStringList folders(const QString& root) {  // newest first: their names are times
  QStringList paths;
  for (const QString& name : QDir(root).entryList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name | QDir::Reversed))
    paths << QDir(root).filePath(name);
  return paths;
}

/// What it takes on disk, which for excerpts is less than the files' lengths.
qint64 bytes_of(const QString& folder) {
  qint64 sum = 0;
  for (const auto& file : QDir(folder).entryInfoList(QDir::Files)) {
    struct stat about {};
    if (::stat(QFile::encodeName(file.filePath()).constData(), &about) == 0) sum += qint64{about.st_blocks} * 512;
  }
  return sum;
}

}  // namespace

QString make_stems_folder(const QString& root) {
  const QString name = QDateTime::currentDateTime().toString("yyyyMMdd-hhmmss-zzz");
  for (int k = 0;; ++k) {
    const QString folder = QDir(root).filePath(k == 0 ? name : QStringLiteral("%1-%2").arg(name).arg(k));
    if (QFile::exists(folder)) continue;
    if (!QDir().mkpath(folder)) throw MediaError(folder.toStdString() + ": the folder cannot be made");
    return folder;
  }
}

void write_spread(const KeptStems& stems, const std::vector<std::vector<float>>& values) {
  QByteArray bytes;
  for (const auto& stem : values)
    bytes.append(reinterpret_cast<const char*>(stem.data()), static_cast<qsizetype>(stem.size() * sizeof(float)));
  QSaveFile file(stems.folder + "/spread.f32");
  if (file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size()) file.commit();
}

std::vector<std::vector<float>> read_spread(const KeptStems& stems) {
  const QByteArray bytes = read_file(stems.folder + "/spread.f32");
  const auto count = static_cast<size_t>(std::count_if(stems.names.begin(), stems.names.end(), [](const QString& name) {
    return name != QLatin1String("residual") && name != QLatin1String("mix");
  }));
  const size_t floats = static_cast<size_t>(bytes.size()) / sizeof(float);
  if (count == 0 || floats == 0 || floats % count != 0) return {};
  std::vector<std::vector<float>> values(count, std::vector<float>(floats / count));
  for (size_t k = 0; k < count; ++k)
    std::memcpy(values[k].data(), bytes.constData() + k * values[k].size() * sizeof(float),
                values[k].size() * sizeof(float));
  return values;
}

void write_kept(const KeptStems& s) {
  if (!s.record.isEmpty()) write_file(s.folder + "/run.json", s.record.toUtf8());
  write_file(s.folder + "/entry.json", QJsonDocument(QJsonObject{{"song", s.song},
                                                                 {"when", s.when.toString(Qt::ISODateWithMs)},
                                                                 {"names", QJsonArray::fromStringList(s.names)},
                                                                 {"channels", s.channels},
                                                                 {"sample_rate", s.sample_rate},
                                                                 {"length", s.length},
                                                                 {"begin", s.begin},
                                                                 {"end", s.end},
                                                                 {"preset", s.preset},
                                                                 {"samples", s.samples},
                                                                 {"form", s.form}})
                                           .toJson());
}

bool KeptStems::goesOn() const { return !folder.isEmpty() && !form.isEmpty() && QFile::exists(state()); }

std::vector<KeptStems> all_kept_stems(const QString& root) {
  std::vector<KeptStems> all;
  for (const QString& folder : folders(root)) {
    if (auto stems = read_kept(folder); stems && stems->end > stems->begin) all.push_back(std::move(*stems));
  }
  return all;
}

std::vector<KeptStems> kept_stems(const QString& root, const QString& song) {
  std::vector<KeptStems> all = all_kept_stems(root);
  std::erase_if(all, [&](const KeptStems& stems) { return stems.song != song; });
  return all;
}

void prune_stems(const QString& root, qint64 bytes) {
  constexpr qint64 kDay = 24 * 3600;
  qint64 sum = 0;
  bool first = true;
  for (const QString& folder : folders(root)) {
    const auto stems = read_kept(folder);
    // Another window may be at it just now.
    const bool old = QFileInfo(folder).lastModified().secsTo(QDateTime::currentDateTime()) > kDay;
    if (!stems || stems->end <= stems->begin) {
      if (old) QDir(folder).removeRecursively();
      continue;
    }
    sum += bytes_of(folder);
    if (sum > bytes && !first) QDir(folder).removeRecursively();
    first = false;
  }
}

}  // namespace mgdm::ui
