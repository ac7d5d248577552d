// From the photo page to the page for comparing, and back.
#include <ATen/ATen.h>

#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QStandardPaths>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/files/prune.h"
#include "core/operators/tasks.h"
#include "core/problems/photo_problem.h"
#include "core/runs/photo_input.h"
#include "ui/jobs/saver.h"
#include "ui/photo/canvas.h"
#include "ui/photo/document.h"
#include "ui/photo/photo_files.h"
#include "ui/photo/photo_page.h"
#include "ui/photo/photo_runs.h"
#include "ui/photo/task_panel.h"
#include "ui/widgets/message_bar.h"
#include "ui/widgets/question.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

using nlohmann::json;

namespace {

constexpr int kPackedSide = 8192;    // a mask of more pixels across is no part of a request: `unpack_mask`
constexpr int kSeenPart = 256;       // photo pixels across, where all of a large photo would take too long
constexpr double kLargePhoto = 1e6;  // pixels

QString inputsFolder() {
  return QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) + QStringLiteral("/compare/inputs");
}

/// The same pixels have the same name, so that what was computed of them is found again.
QString hash_of(const cv::Mat& pixels, const std::string& more) {
  QCryptographicHash hash(QCryptographicHash::Sha1);
  const auto row = static_cast<qsizetype>(static_cast<size_t>(pixels.cols) * pixels.elemSize());
  for (int y = 0; y < pixels.rows; ++y) hash.addData({reinterpret_cast<const char*>(pixels.ptr(y)), row});
  hash.addData(QByteArray::fromStdString(more + std::to_string(pixels.cols) + "x" + std::to_string(pixels.type())));
  return QString::fromLatin1(hash.result().toHex().left(12));
}

constexpr int64_t kKeptInputs = int64_t{2} << 30;  // bytes

// Where there is room for one more: inputs of the comparisons that are longest ago make place.
void make_folder() {
  if (!QDir().mkpath(inputsFolder())) throw MediaError(inputsFolder().toStdString() + ": the folder cannot be made");
  prune_folder(inputsFolder().toStdString(), kKeptInputs, [](const std::filesystem::path& file) {
    std::error_code unknown;
    const auto age = std::filesystem::file_time_type::clock::now() - std::filesystem::last_write_time(file, unknown);
    return unknown || age < std::chrono::hours(24);  // of a comparison that is still being looked at
  });
}

std::string written_photo(const Photo& photo, const QString& name) {
  make_folder();
  const QString file =
      inputsFolder() + QStringLiteral("/%1-%2.png").arg(name, hash_of(photo.pixels, photo.color_profile));
  if (!QFile::exists(file)) write_photo(file.toStdString(), photo);
  return file.toStdString();
}

json compared_mask(const QImage& mask) {
  const cv::Mat pixels = mask_view(mask);
  if (mask.width() <= kPackedSide && mask.height() <= kPackedSide) {
    const cv::Mat packed = pixels.isContinuous() ? pixels : pixels.clone();
    return pack_mask(at::from_blob(packed.data, {packed.rows, packed.cols}, at::TensorOptions().dtype(at::kByte)));
  }
  make_folder();
  const QString file = inputsFolder() + QStringLiteral("/mask-%1.png").arg(hash_of(pixels, {}));
  if (!QFile::exists(file) && !mask.save(file + QStringLiteral(".part"), "PNG", 80))
    throw MediaError(file.toStdString() + ": cannot be written");
  QFile::rename(file + QStringLiteral(".part"), file);
  return file.toStdString();
}

std::string area_text(const cv::Rect& r) {
  return std::to_string(r.x) + "," + std::to_string(r.y) + "," + std::to_string(r.width) + "," +
         std::to_string(r.height);
}

}  // namespace

// What a run would work on, as keys; nothing: it was cancelled.
std::optional<json> PhotoPage::comparedArea() {
  const WorkingArea& area = document_->area();
  const bool whole = document_->areaIsWholePhoto();
  json keys = json::object();
  if (!whole) keys["area"] = area_text(area.rect);
  if (document_->detail() > 0) keys["size"] = std::min(area.width, area.height);
  const QSize size = document_->size();
  const bool large = static_cast<double>(size.width()) * size.height() > kLargePhoto;
  if (!whole || document_->detail() > 0 || !large || panel_->needsMask() || panel_->task().simulated_only) return keys;
  const QList<Answer> answers{{"compare_part", tr("The middle of what is seen, %1 × %1 pixels").arg(kSeenPart)},
                              {"compare_whole", tr("The whole photo")},
                              {"cancel", tr("Cancel")}};
  const int chosen = ask(this, tr("Compare on all of this photo?"),
                         tr("It is large: each of the compared runs goes over all of it. A part shows the same in a "
                            "fraction of the time."),
                         answers);
  if (chosen == 2) return std::nullopt;
  if (chosen == 0) {
    const QPointF middle = canvas_->middle();
    const auto begin = [](double at, int length) {
      return std::clamp(static_cast<int>(std::lround(at - kSeenPart / 2.0)), 0, std::max(0, length - kSeenPart));
    };
    const cv::Rect part(begin(middle.x(), size.width()), begin(middle.y(), size.height()), kSeenPart, kSeenPart);
    keys["area"] = area_text(part & cv::Rect(0, 0, size.width(), size.height()));
  }
  return keys;
}

void PhotoPage::compareSettings() {
  if (document_->isEmpty()) return;
  message_->hide();
  if (panel_->needsMask() && document_->maskEmpty())
    return showMessage(tr("Paint the part to fill first: it is a part of what is compared."));
  const auto area = comparedArea();
  if (!area) return;
  const auto keys = std::make_shared<json>(panel_->keys());
  keys->update(*area);
  // The file itself where it holds what is open; else what is open is written for the comparison.
  const QString path = document_->path();
  const bool in_file = !path.isEmpty() && QFile::exists(path) && document_->layers().empty() && !file_replaced_;
  if (in_file) (*keys)["photo"] = QFileInfo(path).absoluteFilePath().toStdString();
  const QString base = QFileInfo(path).completeBaseName(), made = base.isEmpty() ? document_->name() : base;
  const auto photo = in_file ? nullptr : document_->photo();
  const QImage mask = panel_->needsMask() ? document_->mask() : QImage();
  Q_EMIT status(tr("The comparison is being prepared…"));
  saver_->post(
      [keys, photo, mask, name = made.isEmpty() ? QStringLiteral("photo") : made] {
        if (photo != nullptr) (*keys)["photo"] = written_photo(*photo, name);
        if (!mask.isNull()) (*keys)["mask"] = compared_mask(mask);
      },
      [this, keys](const QString& error) {
        if (!error.isEmpty()) return showMessage(error);
        Q_EMIT status({});
        Q_EMIT wantsToCompare(*keys);
      });
}

bool PhotoPage::useSettings(const QString& medium, const json& keys) {
  if (medium != QStringLiteral("photo")) return false;
  if (runs_->busy()) {
    message_->showNotice(tr("A run is on: its settings stay. Stop it, then use those of the comparison."));
    return true;
  }
  const QString file = keys.contains("photo") && keys["photo"].is_string() ? text(keys["photo"]) : QString();
  if (document_->isEmpty() && QFile::exists(file)) {
    wanted_keys_ = std::make_shared<const json>(keys);
    open(file);
    return true;
  }
  takeSettings(keys);
  return true;
}

// All of it or nothing: what this version does not know is found before anything is changed.
bool PhotoPage::takeSettings(const json& keys) {
  try {
    panel_->take(panel_->sessionOf(keys));
  } catch (const std::exception& e) {
    message_->showMessage(tr("The settings of that cell cannot be used here: %1").arg(one_line(e)));
    return false;
  }
  message_->hide();
  Q_EMIT status(tr("The settings of the comparison are set."));
  return true;
}

// A photo that was opened for the sake of a cell: its area and mask, too.
void PhotoPage::takeCell() {
  const auto keys = std::exchange(wanted_keys_, nullptr);
  if (keys == nullptr || text(keys->value("photo", std::string())) != document_->path() || !takeSettings(*keys)) return;
  try {
    cv::Rect part;
    if (keys->contains("size") && keys->at("size").is_number_integer()) document_->setDetail(keys->at("size"));
    const std::string area = keys->value("area", std::string());
    if (std::sscanf(area.c_str(), "%d,%d,%d,%d", &part.x, &part.y, &part.width, &part.height) == 4)
      document_->setArea(document_->areaOf(part));
    if (!keys->contains("mask") || !panel_->needsMask()) return;
    const json& painted = keys->at("mask");
    if (painted.is_string()) return files_->importMask(text(painted));
    const at::Tensor mask = unpack_mask(painted);
    const QImage image(static_cast<const uchar*>(mask.data_ptr()), static_cast<int>(mask.size(1)),
                       static_cast<int>(mask.size(0)), static_cast<int>(mask.size(1)), QImage::Format_Grayscale8);
    if (image.size() == document_->size()) document_->replaceMask(image.copy(), tr("the comparison's mask"));
  } catch (const std::exception&) {
    message_->showNotice(tr("The cell's mask and area could not be put back."));
  }
}

}  // namespace mgdm::ui
