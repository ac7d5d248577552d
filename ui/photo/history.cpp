#include "ui/photo/history.h"

#include <ATen/ATen.h>

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSaveFile>
#include <algorithm>
#include <functional>
#include <memory>
#include <opencv2/imgproc.hpp>
#include <optional>
#include <utility>

#include "core/files/json_text.h"
#include "core/runs/photo_job.h"
#include "ui/jobs/saver.h"
#include "ui/photo/iterate_file.h"
#include "ui/widgets/words.h"

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

QJsonObject json_of(const RunSummary& s) {
  return {{"sampler", s.sampler},   {"preset", s.preset},   {"noise", s.noise},
          {"seconds", s.seconds},   {"psnr", s.psnr},       {"ssim", s.ssim},
          {"residual", s.residual}, {"samples", s.samples}, {"stopped", s.stopped}};
}

RunSummary summary_from(const QJsonObject& json) {
  RunSummary s;
  s.sampler = json["sampler"].toString();
  s.preset = json["preset"].toString();
  s.noise = json["noise"].toDouble();
  s.seconds = json["seconds"].toDouble();
  s.psnr = json["psnr"].toDouble();
  s.ssim = json["ssim"].toDouble();
  s.residual = json["residual"].toDouble();
  s.samples = json["samples"].toInt();
  s.stopped = json["stopped"].toBool();
  return s;
}

void write_info(const HistoryEntry& e) {
  QJsonArray favourites;
  for (const int sample : e.favourites) favourites.append(sample);
  write_file(e.folder + "/entry.json", QJsonDocument(QJsonObject{{"title", e.title},
                                                                 {"photo", e.photo},
                                                                 {"when", e.when.toString(Qt::ISODateWithMs)},
                                                                 {"favourite", e.favourite},
                                                                 {"favourites", favourites},
                                                                 {"summary", json_of(e.summary)}})
                                           .toJson());
}

void write_entry(const RunOutcome& outcome, const std::vector<Frame>& iterates, const HistoryEntry& entry) {
  if (!QDir().mkpath(entry.folder)) throw MediaError(entry.folder.toStdString() + ": the folder cannot be made");
  for (size_t i = 0; i < outcome.samples.size(); ++i) {
    Photo sample;
    sample.pixels = outcome.samples[i].deep;
    write_photo((entry.folder + QString("/sample_%1.png").arg(i)).toStdString(), sample);
  }
  if (!outcome.mean.deep.empty()) {
    Photo mean;
    mean.pixels = outcome.mean.deep;
    write_photo((entry.folder + "/mean.png").toStdString(), mean);
    // Its scale is not its own: beside it.
    write_file(entry.folder + "/spread.json", QJsonDocument(QJsonObject{{"peak", outcome.deviation_peak}}).toJson());
    if (!outcome.deviation.save(entry.folder + "/spread.png"))
      throw MediaError(entry.folder.toStdString() + "/spread.png: cannot be written");
  }
  if (!outcome.weight.empty()) {
    const QImage weight(outcome.weight.data, outcome.weight.cols, outcome.weight.rows,
                        static_cast<qsizetype>(outcome.weight.step), QImage::Format_Grayscale16);
    if (!weight.save(entry.folder + "/weight.png"))
      throw MediaError(entry.folder.toStdString() + "/weight.png: cannot be written");
  }
  if (!outcome.form.isEmpty()) write_file(entry.folder + "/form.json", outcome.form.toUtf8());
  if (!iterates.empty()) write_iterates(entry.folder + "/iterates", iterates, outcome.input);
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

qint64 bytes_of(const QString& folder) {
  qint64 sum = 0;
  for (const auto& file : QDir(folder).entryInfoList(QDir::Files)) sum += file.size();
  return sum;
}

/// Nothing where it is no entry.
std::optional<HistoryEntry> read_info(const QString& folder) {
  const QJsonObject info = QJsonDocument::fromJson(read_file(folder + "/entry.json")).object();
  if (info.isEmpty()) return std::nullopt;
  HistoryEntry entry{folder,
                     info["title"].toString(),
                     info["photo"].toString(),
                     QDateTime::fromString(info["when"].toString(), Qt::ISODateWithMs),
                     {},
                     info["favourite"].toBool()};
  for (const auto& sample : info["favourites"].toArray()) entry.favourites.insert(sample.toInt());
  entry.summary = summary_from(info["summary"].toObject());
  entry.thumbnail.load(folder + "/thumbnail.png");
  entry.bytes = bytes_of(folder);
  return entry;
}

/// Why an entry that was removed may still be put back: it has only another name.
QString bin_of(const QString& folder) { return folder + QStringLiteral("/removed"); }

}  // namespace

RunSummary summary_of(const QString& record) {
  RunSummary s;
  const auto json = parse_json(record.toStdString());
  if (!json.is_object()) return s;
  const auto first = [](const nlohmann::json& numbers) {
    return numbers.is_array() && !numbers.empty() && numbers[0].is_number() ? numbers[0].get<double>() : 0.0;
  };
  try {
    const auto& request = json.at("request");
    s.sampler = text(request.value("sampler", ""));
    s.preset = text(json.value("preset", ""));
    s.noise = request.value("noise", 0.0);
    s.samples = request.value("samples", 0);
    s.seconds = json.value("seconds", 0.0);
    s.stopped = json.value("stopped", false);
    if (json.contains("residual")) s.residual = first(json["residual"]);
    if (json.contains("metrics")) {
      s.psnr = first(json["metrics"].at("psnr"));
      s.ssim = first(json["metrics"].at("ssim"));
    }
  } catch (const nlohmann::json::exception&) {  // of another version: what is known by now
  }
  return s;
}

History::History(const QString& folder, Saver* saver, QObject* parent, int keep)
    : QObject(parent), folder_(folder), saver_(saver), keep_(keep) {
  qRegisterMetaType<HistoryEntry>();
  saver_->post([bin = bin_of(folder)] { QDir(bin).removeRecursively(); });
  const QDir dir(folder_);
  for (const QString& name : dir.entryList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name | QDir::Reversed)) {
    if (auto entry = read_info(dir.filePath(name))) entries_.push_back(std::move(*entry));
  }
}

int History::indexOf(const QString& folder) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const auto& e) { return e.folder == folder; });
  return found == entries_.end() ? -1 : static_cast<int>(found - entries_.begin());
}

QString History::add(const RunOutcome& outcome, const QString& title, const QString& photo,
                     const std::vector<Frame>& iterates) {
  HistoryEntry entry;
  entry.when = QDateTime::currentDateTime();
  entry.title = title;
  entry.photo = photo;
  entry.folder = QDir(folder_).filePath(entry.when.toString("yyyyMMdd-hhmmss-zzz"));
  entry.summary = summary_of(outcome.record);
  entry.thumbnail = over(outcome.samples.front().image, outcome.masked ? outcome.input : QImage())
                        .scaled(kThumbnail, kThumbnail, Qt::KeepAspectRatio, Qt::SmoothTransformation);
  const auto bytes = std::make_shared<qint64>(0);
  saver_->post(
      [outcome, iterates, entry, bytes] {
        try {
          write_entry(outcome, iterates, entry);
          *bytes = bytes_of(entry.folder);
        } catch (const std::exception& e) {
          QDir(entry.folder).removeRecursively();
          throw MediaError(
              tr("This result could not be kept in the history: %1").arg(QString::fromUtf8(e.what())).toStdString());
        }
      },
      [this, entry, bytes](const QString& error) {
        if (!error.isEmpty()) {
          Q_EMIT failed(error);
          return;
        }
        entries_.insert(entries_.begin(), entry);
        entries_.front().bytes = *bytes;
        if (const auto starred = starred_.find(entry.folder); starred != starred_.end()) {
          entries_.front().favourites = starred.value();
          entries_.front().favourite = !starred.value().empty();
          starred_.erase(starred);
          write(entries_.front());
        }
        prune();
        Q_EMIT changed();
      });
  return entry.folder;
}

void History::write(const HistoryEntry& entry) {
  saver_->post([entry] { write_info(entry); },
               [this](const QString& error) {
                 if (!error.isEmpty()) Q_EMIT failed(error);
               });
}

void History::erase(int index) {
  saver_->post([folder = entries_.at(static_cast<size_t>(index)).folder] { QDir(folder).removeRecursively(); });
  entries_.erase(entries_.begin() + index);
}

void History::prune() {
  auto surplus = static_cast<int>(entries_.size()) - keep_;
  qint64 bytes = 0;
  for (const HistoryEntry& entry : entries_) bytes += entry.bytes;
  for (auto i = static_cast<int>(entries_.size()) - 1; i > 0 && (surplus > 0 || bytes > kHistoryBytes); --i) {
    if (entries_[static_cast<size_t>(i)].favourite) continue;
    bytes -= entries_[static_cast<size_t>(i)].bytes;
    erase(i);
    --surplus;
  }
}

void History::setFavourite(int index, bool favourite) {
  HistoryEntry& entry = entries_.at(static_cast<size_t>(index));
  entry.favourite = favourite;
  if (!favourite) entry.favourites.clear();
  write(entry);
  Q_EMIT changed();
}

void History::setFavourites(const QString& folder, const std::set<int>& favourites) {
  const int index = indexOf(folder);
  if (index < 0) {
    starred_[folder] = favourites;
    return;
  }
  entries_[static_cast<size_t>(index)].favourites = favourites;
  entries_[static_cast<size_t>(index)].favourite = !favourites.empty();
  write(entries_[static_cast<size_t>(index)]);
  Q_EMIT changed();
}

void History::remove(int index) {
  const HistoryEntry entry = entries_.at(static_cast<size_t>(index));
  removed_ = QDir(bin_of(folder_)).filePath(QFileInfo(entry.folder).fileName());
  saver_->post([entry, bin = bin_of(folder_), to = removed_] {
    QDir(bin).removeRecursively();
    QDir().mkpath(bin);
    if (!QDir().rename(entry.folder, to)) QDir(entry.folder).removeRecursively();
  });
  entries_.erase(entries_.begin() + index);
  Q_EMIT changed();
  Q_EMIT removed(entry.title);
}

void History::putBack() {
  if (removed_.isEmpty()) return;
  const QString from = std::exchange(removed_, {}), to = QDir(folder_).filePath(QFileInfo(from).fileName());
  const auto entry = std::make_shared<std::optional<HistoryEntry>>();
  saver_->post(
      [from, to, entry] {
        if (!QDir().rename(from, to))
          throw MediaError(tr("What was deleted is not there any more: %1").arg(from).toStdString());
        *entry = read_info(to);
      },
      [this, entry](const QString& error) {
        if (!error.isEmpty() || !*entry) {
          Q_EMIT failed(error);
          return;
        }
        // By their names, which are times, newest first.
        const auto at = std::find_if(entries_.begin(), entries_.end(),
                                     [&](const HistoryEntry& e) { return e.folder < (*entry)->folder; });
        entries_.insert(at, **entry);
        Q_EMIT changed();
      });
}

void History::show(int index) {
  const HistoryEntry entry = entries_.at(static_cast<size_t>(index));
  const auto outcome = std::make_shared<RunOutcome>();
  const auto iterates = std::make_shared<std::vector<Frame>>();
  saver_->post(
      [entry, outcome, iterates] {
        *outcome = read(entry.folder);
        *iterates = read_iterates(entry.folder + "/iterates");
      },
      [this, entry, outcome, iterates](const QString& error) {
        if (error.isEmpty()) {
          Q_EMIT wasRead(entry, *outcome, *iterates);
        } else {
          Q_EMIT failed(error);
        }
      });
}

namespace {

void read_weight(const QString& folder, RunOutcome& outcome) {
  const QImage weight = QImage(folder + "/weight.png").convertToFormat(QImage::Format_Grayscale16);
  if (weight.isNull()) return;
  outcome.weight = cv::Mat(weight.height(), weight.width(), CV_16UC1, const_cast<uchar*>(weight.constBits()),
                           static_cast<size_t>(weight.bytesPerLine()))
                       .clone();
  if (outcome.weight.size() != outcome.area.rect.size())
    throw MediaError(folder.toStdString() + ": the weight is not of the result's size");
}

void read_mean(const QString& folder, const nlohmann::json& record,
               const std::function<QImage(const cv::Mat&)>& picture_of, RunOutcome& outcome) {
  if (!QFile::exists(folder + "/mean.png")) return;
  outcome.mean.deep = read_photo((folder + "/mean.png").toStdString()).pixels;
  outcome.mean.image = picture_of(outcome.mean.deep);
  if (record.contains("metrics_of_mean")) {
    outcome.mean.psnr = record["metrics_of_mean"].at("psnr").at(0);
    outcome.mean.ssim = record["metrics_of_mean"].at("ssim").at(0);
  }
  outcome.deviation = QImage(folder + "/spread.png").convertToFormat(QImage::Format_RGB32);
  outcome.deviation_peak = QJsonDocument::fromJson(read_file(folder + "/spread.json")).object()["peak"].toDouble(0.01);
}

}  // namespace

RunOutcome History::read(const QString& folder) {
  RunOutcome outcome;
  outcome.record = QString::fromUtf8(read_file(folder + "/run.json"));
  const auto record = parse_json(outcome.record.toStdString());
  if (!record.is_object() || !record.contains("request"))
    throw MediaError(folder.toStdString() + "/run.json: is not a run file");
  try {
    outcome.form = QString::fromUtf8(read_file(folder + "/form.json"));
    const auto& files = record.at("files");
    outcome.area = area_from_json(files.contains("result") ? files["result"] : files.at("area"), {1 << 16, 1 << 16});
    read_weight(folder, outcome);
    outcome.seconds = record.value("seconds", 0.0);
    outcome.stopped = record.value("stopped", false);
    outcome.task = record["request"].value("task", std::string());
    outcome.seed = record["request"].value("seed", quint64{0});
    QImage hole;
    if (record["request"].contains("mask")) {
      outcome.masked = true;
      outcome.mask = QImage(folder + "/mask.png").convertToFormat(QImage::Format_Grayscale8);
    }
    // A result at the photo's own pixels is seen through its weights, one of another size through its hole.
    const bool by_weight = outcome.weight.size() == cv::Size(outcome.area.width, outcome.area.height);
    if (outcome.masked && !by_weight) {
      at::Tensor mask = unpack_mask(record["request"]["mask"]);
      if (mask.size(0) != outcome.area.height || mask.size(1) != outcome.area.width)
        mask = cut_mask(mask_view(outcome.mask), outcome.area).to(at::kByte).mul(255).contiguous();
      hole = QImage(static_cast<const uchar*>(mask.data_ptr()), static_cast<int>(mask.size(1)),
                    static_cast<int>(mask.size(0)), static_cast<int>(mask.size(1)), QImage::Format_Grayscale8)
                 .copy();
    }
    const auto picture_of = [&](const cv::Mat& deep) {
      if (!outcome.masked || !by_weight) return screen_image(deep, hole);
      if (deep.size() != outcome.weight.size())
        throw MediaError(folder.toStdString() + ": a sample is not of the result's size");
      return weighted_image(deep, outcome.weight);
    };
    for (int i = 0; QFile::exists(folder + QString("/sample_%1.png").arg(i)); ++i) {
      Sample sample;
      const Photo photo = read_photo((folder + QString("/sample_%1.png").arg(i)).toStdString());
      sample.deep = photo.pixels;
      if (!photo.sixteen_bit()) photo.pixels.convertTo(sample.deep, CV_16U, 257);
      if (!hole.isNull() && (hole.width() != sample.deep.cols || hole.height() != sample.deep.rows))
        throw MediaError(folder.toStdString() + ": the mask is not of the samples' size");
      sample.image = picture_of(sample.deep);
      const auto number = [&](const nlohmann::json& numbers) {
        return numbers.at(static_cast<size_t>(i)).get<double>();
      };
      if (record.contains("metrics")) {
        sample.psnr = number(record["metrics"].at("psnr"));
        sample.ssim = number(record["metrics"].at("ssim"));
      }
      if (record.contains("residual")) sample.residual = number(record["residual"]);
      outcome.samples.push_back(std::move(sample));
    }
    read_mean(folder, record, picture_of, outcome);
    // What the network gave is larger than what it saw: super-resolution of the photo itself.
    outcome.enlarged =
        !outcome.samples.empty() && (files.contains("result") ? outcome.weight.empty() && !outcome.masked
                                                              : outcome.samples.front().deep.cols > outcome.area.width);
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
