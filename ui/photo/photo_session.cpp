#include "ui/photo/photo_session.h"

#include <QDir>
#include <QFile>
#include <QSaveFile>
#include <QTimer>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <opencv2/imgproc.hpp>

#include "core/files/json_text.h"
#include "core/media/photo_file.h"
#include "core/media/working_area.h"
#include "ui/jobs/saver.h"
#include "ui/photo/task_panel.h"
#include "ui/widgets/pictures.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

namespace {

void write_whole(const QString& path, const QByteArray& bytes) {
  if (QSaveFile file(path); file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size()) file.commit();
}

/// Each as two 16-bit pictures.
void write_layers(const QString& folder, const Layers& layers, const QString& photo) {
  QDir(folder).removeRecursively();
  if (layers.empty() || !QDir().mkpath(folder)) return;
  nlohmann::json list = nlohmann::json::array();
  for (size_t i = 0; i < layers.size(); ++i) {
    const std::string name = (folder + QStringLiteral("/%1").arg(i)).toStdString();
    Photo result;
    result.pixels = layers[i]->result;
    write_photo(name + "_result.png", result);
    cv::cvtColor(layers[i]->weight, result.pixels, cv::COLOR_GRAY2RGB);
    write_photo(name + "_weight.png", result);
    list.push_back({{"name", layers[i]->name.toStdString()},
                    {"area", area_json(layers[i]->area)},
                    {"visible", layers[i]->visible},
                    {"opacity", layers[i]->opacity},
                    {"fills", layers[i]->fills}});
  }
  const nlohmann::json all = {{"photo", photo.toStdString()}, {"layers", list}};
  write_whole(folder + QStringLiteral("/layers.json"),
              QByteArray::fromStdString(json_text(all, 2)));  // last: only complete lists are read
}

// As it was written, at any size: Qt reads no picture of more than 128 MB. Null where there is none.
QImage session_mask(const QString& file) {
  if (!QFile::exists(file)) return {};
  try {
    const Photo photo = read_photo(file.toStdString());
    QImage mask(photo.pixels.cols, photo.pixels.rows, QImage::Format_Grayscale8);
    cv::Mat view = mask_view(mask);
    cv::extractChannel(photo.pixels, view, 0);
    return mask;
  } catch (const std::exception&) {
    return {};
  }
}

}  // namespace

/// A session that waits for its photo.
struct PhotoSession::Read {
  QString photo;
  nlohmann::json session;
  QImage mask;
  std::vector<std::pair<std::shared_ptr<Layer>, nlohmann::json>> layers;  ///< with their areas
  bool incomplete = false, had_mask = false;

  void readLayers(const QString& folder) {
    QFile file(folder + QStringLiteral("/layers.json"));
    if (!file.open(QIODevice::ReadOnly)) return;
    try {
      const auto json = parse_json(file.readAll().toStdString());
      if (json.at("photo") != photo.toStdString()) return;
      for (size_t i = 0; i < json.at("layers").size(); ++i) {
        const auto& entry = json["layers"][i];
        const std::string name = (folder + QStringLiteral("/%1").arg(i)).toStdString();
        auto layer = std::make_shared<Layer>();
        layer->name = text(entry.at("name"));
        layer->visible = entry.at("visible");
        layer->opacity = entry.at("opacity");
        layer->fills = entry.value("fills", false);
        layer->result = read_photo(name + "_result.png").pixels;
        cv::extractChannel(read_photo(name + "_weight.png").pixels, layer->weight, 0);
        layers.emplace_back(std::move(layer), entry.at("area"));
      }
    } catch (const std::exception&) {
      incomplete = true;
      layers.clear();
    }
  }
};

PhotoSession::PhotoSession(Document* document, TaskPanel* panel, Saver* saver, const QString& folder, QObject* parent)
    : QObject(parent), document_(document), panel_(panel), saver_(saver), folder_(folder), timer_(new QTimer(this)) {
  timer_->setSingleShot(true);
  timer_->setInterval(1000);
  connect(timer_, &QTimer::timeout, this, &PhotoSession::save);
}

PhotoSession::~PhotoSession() = default;

void PhotoSession::remember() {
  if (!applying_) timer_->start();
}

void PhotoSession::layersAreInFile() {
  in_file_ = document_->layers();
  save();
}

// The layers that are not in the photo's own file; written once.
void PhotoSession::saveLayers() {
  Layers layers;
  for (const auto& layer : document_->layers()) {
    if (std::find(in_file_.begin(), in_file_.end(), layer) == in_file_.end()) layers.push_back(layer);
  }
  if (layers == written_) return;
  written_ = layers;
  // What is wrong is not said: the samples themselves are in the history.
  saver_->post([folder = folder_ + QStringLiteral("/session_layers"), layers, photo = document_->path()] {
    write_layers(folder, layers, photo);
  });
}

void PhotoSession::save() {
  timer_->stop();
  if (document_->isEmpty() || document_->path().isEmpty() || read_ != nullptr) return;
  saveLayers();
  nlohmann::json json = panel_->session();
  json["photo"] = document_->path().toStdString();
  json["area"] = area_json(document_->area());
  json["detail"] = document_->detail();
  // In the background and in one piece: neither a slow disk nor a crash can do harm.
  saver_->post([folder = folder_, bytes = QByteArray::fromStdString(json_text(json, 2)), mask = document_->mask(),
                empty = document_->maskEmpty()] {
    QDir().mkpath(folder);
    const QString mask_file = folder + QStringLiteral("/session_mask.png");
    if (empty) {
      QFile::remove(mask_file);
    } else if (QSaveFile file(mask_file); file.open(QIODevice::WriteOnly) && mask.save(&file, "PNG", 80)) {
      file.commit();
    }
    write_whole(folder + QStringLiteral("/session.json"), bytes);
  });
}

bool PhotoSession::read() {
  QFile file(folder_ + QStringLiteral("/session.json"));
  if (!file.open(QIODevice::ReadOnly)) return false;
  const auto session = parse_json(file.readAll().toStdString());
  if (!session.is_object() || !session.contains("photo") || !session["photo"].is_string()) return false;
  const QString photo = text(session["photo"].get<std::string>());
  if (photo.isEmpty() || !QFile::exists(photo)) return false;
  read_ = std::make_shared<Read>();
  read_->photo = photo;
  read_->session = session;
  saver_->post(
      [read = read_, folder = folder_] {
        read->mask = session_mask(folder + QStringLiteral("/session_mask.png"));
        read->had_mask = QFile::exists(folder + QStringLiteral("/session_mask.png"));
        read->readLayers(folder + QStringLiteral("/session_layers"));
      },
      [this, photo](const QString&) { Q_EMIT found(photo); });
  return true;
}

bool PhotoSession::apply() {
  const std::shared_ptr<Read> read = std::exchange(read_, nullptr);
  if (read == nullptr || read->photo != document_->path()) return false;
  applying_ = true;
  const QSize size = document_->size();
  bool complete = !read->incomplete;
  try {
    panel_->restoreModel(read->session);
    document_->setDetail(read->session.value("detail", document_->detail()));
    document_->setArea(area_from_json(read->session.at("area"), {size.width(), size.height()}));
    panel_->restore(read->session);
  } catch (const std::exception&) {
    complete = false;
  }
  if (read->mask.size() == size) {
    document_->replaceMask(read->mask, tr("the last session's mask"));
  } else if (read->had_mask) {
    complete = false;
  }
  try {
    Layers layers;
    for (auto& [layer, area] : read->layers) {
      layer->area = area_from_json(area, {size.width(), size.height()});
      layers.push_back(std::move(layer));
    }
    document_->restoreLayers(layers);
  } catch (const std::exception&) {
    complete = false;
  }
  applying_ = false;
  if (!complete) Q_EMIT incomplete();
  return true;
}

}  // namespace mgdm::ui
