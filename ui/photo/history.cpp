#include "ui/photo/history.h"

#include <ATen/ATen.h>

#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSaveFile>
#include <algorithm>
#include <memory>

#include "core/files/json_text.h"
#include "core/runs/photo_job.h"
#include "ui/jobs/saver.h"

namespace mgdm::ui {

namespace {

constexpr int kThumbnail = 96;

void write_file(const QString& path, const QByteArray& bytes) {
  QSaveFile file(path);
  if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit()) {
    throw MediaError(path.toStdString() + ": cannot be written: " + file.errorString().toStdString());
  }
}

QByteArray read_file(const QString& path) {
  QFile file(path);
  return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// The picture for the screen of a 16-bit one; `hole` Grayscale8 of its size or null.
QImage screen_image(const cv::Mat& deep, const QImage& hole) {
  QImage image = shallow_image(deep).convertToFormat(QImage::Format_ARGB32);
  if (hole.isNull()) return image.convertToFormat(QImage::Format_RGB32);
  for (int y = 0; y < image.height(); ++y) {
    auto* line = reinterpret_cast<QRgb*>(image.scanLine(y));
    const uchar* inside = hole.constScanLine(y);
    for (int x = 0; x < image.width(); ++x) line[x] = inside[x] != 0 ? line[x] : 0;
  }
  return image.convertToFormat(QImage::Format_ARGB32_Premultiplied);
}

QImage opaque(const QImage& image, const QImage& under) {
  QImage whole =
      under.isNull() ? QImage(image.size(), QImage::Format_RGB32) : under.convertToFormat(QImage::Format_RGB32);
  if (!under.isNull() && under.size() != image.size()) whole = under.scaled(image.size());
  for (int y = 0; y < whole.height(); ++y) {
    auto* to = reinterpret_cast<QRgb*>(whole.scanLine(y));
    for (int x = 0; x < whole.width(); ++x) {
      const QRgb p = image.pixel(x, y);
      if (qAlpha(p) == 255 || under.isNull()) to[x] = p;
    }
  }
  return whole;
}

void write_info(const HistoryEntry& e) {
  write_file(e.folder + "/entry.json", QJsonDocument(QJsonObject{{"title", e.title},
                                                                 {"photo", e.photo},
                                                                 {"when", e.when.toString(Qt::ISODateWithMs)},
                                                                 {"favourite", e.favourite}})
                                           .toJson());
}

void write_entry(const RunOutcome& outcome, const HistoryEntry& entry) {
  if (!QDir().mkpath(entry.folder)) throw MediaError(entry.folder.toStdString() + ": the folder cannot be made");
  for (size_t i = 0; i < outcome.samples.size(); ++i) {
    Photo sample;
    sample.pixels = outcome.samples[i].deep;
    write_photo((entry.folder + QString("/sample_%1.png").arg(i)).toStdString(), sample);
  }
  if (outcome.masked && !outcome.mask.save(entry.folder + "/mask.png"))
    throw MediaError(entry.folder.toStdString() + "/mask.png: cannot be written");
  if (!outcome.observation.save(entry.folder + "/observation.png") ||
      !outcome.input.save(entry.folder + "/input.png")) {
    throw MediaError(entry.folder.toStdString() + ": cannot be written (is the disk full?)");
  }
  entry.thumbnail.save(entry.folder + "/thumbnail.png");
  write_file(entry.folder + "/run.json", outcome.record.toUtf8());
  write_info(entry);  // last: only a complete entry is listed
}

}  // namespace

History::History(const QString& folder, Saver* saver, QObject* parent, int keep)
    : QObject(parent), folder_(folder), saver_(saver), keep_(keep) {
  const QDir dir(folder_);
  for (const QString& name : dir.entryList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name | QDir::Reversed)) {
    const QString path = dir.filePath(name);
    const QJsonObject info = QJsonDocument::fromJson(read_file(path + "/entry.json")).object();
    if (info.isEmpty()) continue;
    HistoryEntry entry{path,
                       info["title"].toString(),
                       info["photo"].toString(),
                       QDateTime::fromString(info["when"].toString(), Qt::ISODateWithMs),
                       {},
                       info["favourite"].toBool()};
    entry.thumbnail.load(path + "/thumbnail.png");
    entries_.push_back(std::move(entry));
  }
}

void History::add(const RunOutcome& outcome, const QString& title, const QString& photo) {
  HistoryEntry entry;
  entry.when = QDateTime::currentDateTime();
  entry.title = title;
  entry.photo = photo;
  entry.folder = QDir(folder_).filePath(entry.when.toString("yyyyMMdd-hhmmss-zzz"));
  entry.thumbnail = opaque(outcome.samples.front().image, outcome.masked ? outcome.input : QImage())
                        .scaled(kThumbnail, kThumbnail, Qt::KeepAspectRatio, Qt::SmoothTransformation);
  saver_->post(
      [outcome, entry] {
        try {
          write_entry(outcome, entry);
        } catch (const std::exception& e) {
          QDir(entry.folder).removeRecursively();
          throw MediaError(
              tr("This result could not be kept in the history: %1").arg(QString::fromUtf8(e.what())).toStdString());
        }
      },
      [this, entry](const QString& error) {
        if (!error.isEmpty()) {
          Q_EMIT failed(error);
          return;
        }
        entries_.insert(entries_.begin(), entry);
        prune();
        Q_EMIT changed();
      });
}

void History::erase(int index) {
  saver_->post([folder = entries_.at(static_cast<size_t>(index)).folder] { QDir(folder).removeRecursively(); });
  entries_.erase(entries_.begin() + index);
}

void History::prune() {
  auto surplus = static_cast<int>(entries_.size()) - keep_;
  for (auto i = static_cast<int>(entries_.size()) - 1; i >= 0 && surplus > 0; --i) {
    if (entries_[static_cast<size_t>(i)].favourite) continue;
    erase(i);
    --surplus;
  }
}

void History::setFavourite(int index, bool favourite) {
  HistoryEntry& entry = entries_.at(static_cast<size_t>(index));
  entry.favourite = favourite;
  saver_->post([entry] { write_info(entry); },
               [this](const QString& error) {
                 if (!error.isEmpty()) Q_EMIT failed(error);
               });
  Q_EMIT changed();
}

void History::remove(int index) {
  erase(index);
  Q_EMIT changed();
}

void History::show(int index) {
  const HistoryEntry entry = entries_.at(static_cast<size_t>(index));
  const auto outcome = std::make_shared<RunOutcome>();
  saver_->post([entry, outcome] { *outcome = read(entry.folder); },
               [this, entry, outcome](const QString& error) {
                 if (error.isEmpty()) {
                   Q_EMIT wasRead(entry, *outcome);
                 } else {
                   Q_EMIT failed(error);
                 }
               });
}

RunOutcome History::read(const QString& folder) {
  RunOutcome outcome;
  outcome.record = QString::fromUtf8(read_file(folder + "/run.json"));
  const auto record = parse_json(outcome.record.toStdString());
  if (!record.is_object() || !record.contains("request"))
    throw MediaError(folder.toStdString() + "/run.json: is not a run file");
  try {
    outcome.area = area_from_json(record.at("files").at("area"), {1 << 16, 1 << 16});
    outcome.seconds = record.value("seconds", 0.0);
    outcome.stopped = record.value("stopped", false);
    outcome.task = record["request"].value("task", std::string());
    outcome.seed = record["request"].value("seed", quint64{0});
    QImage hole;
    if (record["request"].contains("mask")) {
      outcome.masked = true;
      const at::Tensor mask = unpack_mask(record["request"]["mask"]);
      hole = QImage(static_cast<const uchar*>(mask.data_ptr()), static_cast<int>(mask.size(1)),
                    static_cast<int>(mask.size(0)), static_cast<int>(mask.size(1)), QImage::Format_Grayscale8)
                 .copy();
      outcome.mask = QImage(folder + "/mask.png").convertToFormat(QImage::Format_Grayscale8);
    }
    for (int i = 0; QFile::exists(folder + QString("/sample_%1.png").arg(i)); ++i) {
      Sample sample;
      const Photo photo = read_photo((folder + QString("/sample_%1.png").arg(i)).toStdString());
      sample.deep = photo.pixels;
      if (!photo.sixteen_bit()) photo.pixels.convertTo(sample.deep, CV_16U, 257);
      if (!hole.isNull() && (hole.width() != sample.deep.cols || hole.height() != sample.deep.rows))
        throw MediaError(folder.toStdString() + ": the mask is not of the samples' size");
      sample.image = screen_image(sample.deep, hole);
      if (record.contains("metrics")) sample.psnr = record["metrics"]["psnr"].at(static_cast<size_t>(i));
      outcome.samples.push_back(std::move(sample));
    }
    // What the network gave is larger than what it saw: super-resolution of the photo itself.
    outcome.enlarged = !outcome.samples.empty() && outcome.samples.front().deep.cols > outcome.area.width;
    if (outcome.enlarged) {
      outcome.area.width = outcome.samples.front().deep.cols;
      outcome.area.height = outcome.samples.front().deep.rows;
    }
  } catch (const nlohmann::json::exception&) {
    throw MediaError(folder.toStdString() + "/run.json: is damaged");
  }
  if (outcome.samples.empty()) throw MediaError(folder.toStdString() + ": holds no samples");
  outcome.observation.load(folder + "/observation.png");
  outcome.input.load(folder + "/input.png");
  return outcome;
}

}  // namespace mgdm::ui
