#include "ui/compare/store_cells.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/compare/song_cells.h"
#include "core/files/json_text.h"
#include "core/threads/worker.h"
#include "ui/compare/axis_words.h"
#include "ui/compare/error_picture.h"
#include "ui/widgets/pictures.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

namespace {

constexpr qsizetype kCapKilobytes = 256 * 1024;
constexpr int kLookEvery = 2000;      // ms
constexpr double kSpreadScale = 0.5;  // of the standard deviation of samples, image range -1 to 1

at::Tensor signal_of_bytes(const at::Tensor& bytes) { return bytes.to(at::kFloat) / 127.5 - 1; }

/// The picture of a song's or toy problem's cell is none.
bool is_picture(const at::Tensor& t) { return t.dim() >= 3 && t.scalar_type() == at::kByte && t.size(-3) == 3; }

const at::Tensor* tensor_of(const CellResult& cell, const char* name) {
  const auto found = cell.tensors.find(name);
  return found == cell.tensors.end() ? nullptr : &found->second;
}

/// The bytes [3, H, W] that are the cell's first sample, or one of its iterates; undefined: none.
at::Tensor sample_of_cell(const CellResult& cell, const char* iterates, int iterate) {
  const at::Tensor* list = tensor_of(cell, iterate < 0 ? "samples" : iterates);
  if (list == nullptr || !is_picture(*list) || list->dim() != 4) return {};
  return (*list)[std::clamp<int64_t>(std::max(iterate, 0), 0, list->size(0) - 1)];
}

QImage picture_or_none(const at::Tensor& bytes) { return bytes.defined() ? rgb_image(bytes) : QImage(); }

// Of a song: each stem's spectrogram, one above the other, the first on top; 60 dB below full scale is black.
QImage stems_image(const at::Tensor& stems) {
  constexpr int64_t kWindow = 1024, kColumns = 320, kBins = 64;
  constexpr double kRange = 60;
  const at::Tensor sound = sound_of(stems).mean(1);  // [stems, L]
  if (sound.size(1) < kWindow) return {};
  const int64_t hop = std::max<int64_t>(kWindow / 4, sound.size(1) / kColumns);
  const at::Tensor window = at::hann_window(kWindow);
  const at::Tensor power =
      at::stft(sound, kWindow, hop, kWindow, window, true, "reflect", false, true, true).abs().square();
  // Bins that are closer together where they are low, as the ear hears them.
  const at::Tensor edges = at::logspace(0, std::log10(static_cast<double>(power.size(1) - 1)), kBins).round();
  const at::Tensor rows = power.index_select(1, edges.to(at::kLong)).flip(1);
  const at::Tensor level = ((rows + 1e-10) / (kWindow * kWindow / 16.0)).log10() * 10 + kRange;
  return heat_image(level.reshape({-1, level.size(2)}), kRange);
}

QImage spread_image(const CellResult& cell) {
  const at::Tensor* samples = tensor_of(cell, "samples");
  if (samples == nullptr || !is_picture(*samples) || samples->size(0) < 2) return {};
  return heat_image(signal_of_bytes(*samples).std(0).mean(0), kSpreadScale);
}

QImage mean_image(const CellResult& cell) {
  const at::Tensor* samples = tensor_of(cell, "samples");
  if (samples == nullptr || !is_picture(*samples)) return {};
  return rgb_image(samples->to(at::kFloat).mean(0).round().to(at::kByte));
}

QImage residual_image(const CellResult& cell) {
  const at::Tensor* map = tensor_of(cell, "residual");
  return map != nullptr && map->dim() == 2 ? heat_image(map->to(at::kFloat), kResidualScale) : QImage();
}

QImage error_image(const CellResult& cell, int iterate, const at::Tensor& against, ErrorMap map, double peak) {
  const at::Tensor sample = sample_of_cell(cell, "iterates", iterate);
  if (!sample.defined() || !against.defined() || sample.sizes() != against.sizes()) return {};
  return map_image(error_map(map, signal_of_bytes(sample), signal_of_bytes(against)), scale_of(map, peak));
}

}  // namespace

StoreCells::StoreCells(QObject* parent) : Cells(parent), pictures_(kCapKilobytes), reader_(std::make_unique<Worker>()) {
  timer_.setInterval(kLookEvery);
  connect(&timer_, &QTimer::timeout, this, &StoreCells::look);
}

StoreCells::~StoreCells() { reader_.reset(); }

void StoreCells::open(Comparison comparison, const QString& folder, bool filled_by_others) {
  reader_->stop();
  ++number_;
  comparison_ = std::move(comparison);
  folder_ = folder;
  axes_.clear();
  cells_.clear();
  places_.clear();
  live_.clear();
  pictures_.clear();
  reading_.clear();
  absent_.clear();
  has_reference_ = false;
  against_ = -1;
  std::set<std::string> samplers;
  for (const mgdm::Cell& cell : comparison_.cells) samplers.insert(cell.keys.value("sampler", "mgdm"));
  for (const Axis& axis : comparison_.spec.axes) {
    AxisWords words{axis_words(comparison_.spec.medium, comparison_.spec.base.value("task", "inpainting"),
                               {samplers.begin(), samplers.end()}, axis.name),
                    {}};
    for (const AxisValue& value : axis.values) words.values << text(value.label);
    axes_ << words;
  }
  for (const mgdm::Cell& one : comparison_.cells) {
    Cell cell;
    for (const size_t at : one.at) cell.at << static_cast<int>(at);
    cell.label = text(one.label);
    if (!one.error.empty()) {
      cell.state = State::Failed;
      cell.error = text(one.error);
    }
    places_[cell.at] = count();
    cells_.push_back(std::move(cell));
  }
  results_.assign(cells_.size(), std::nullopt);
  Q_EMIT reset();
  look();
  filled_by_others ? timer_.start() : timer_.stop();
}

void StoreCells::look() {
  std::vector<std::pair<int, std::string>> waiting;
  for (int k = 0; k < count(); ++k) {
    const Cell& cell = cells_[static_cast<size_t>(k)];
    const std::string& key = comparison_.cells[static_cast<size_t>(k)].key;
    if (cell.state == State::Waiting && !key.empty()) waiting.emplace_back(k, key);
  }
  if (waiting.empty() || folder_.isEmpty()) return;
  reader_->post([this, waiting, folder = folder_.toStdString(), number = number_](const std::stop_token& stop) {
    const CellStore store(folder);
    for (const auto& [index, key] : waiting) {
      if (stop.stop_requested()) return;
      auto result = store.read(key, false);
      if (!result) continue;
      QMetaObject::invokeMethod(
          this,
          [this, number, index = index, result = std::move(*result)] {
            if (number == number_) take(index, result);
          },
          Qt::QueuedConnection);
    }
  });
}

void StoreCells::take(int index, const CellResult& result) {
  Cell& cell = cells_[static_cast<size_t>(index)];
  live_.remove(index);
  cell.state = result.error.empty() ? State::Done : State::Failed;
  cell.error = text(result.error);
  cell.figures = result.figures;
  cell.share = 1;
  cell.iterates = result.curve.is_array() ? static_cast<int>(result.curve.size()) : 0;
  if (result.figures.count("psnr") > 0) has_reference_ = true;
  results_[static_cast<size_t>(index)] = result;
  Q_EMIT changed(index);
  Q_EMIT pictureChanged(index);
}

void StoreCells::begin(int index) {
  Cell& cell = cells_[static_cast<size_t>(index)];
  cell.state = State::Running;
  cell.share = 0;
  cell.error.clear();
  cell.figures.clear();
  Q_EMIT changed(index);
}

void StoreCells::show(int index, LiveCell live) {
  Cell& cell = cells_[static_cast<size_t>(index)];
  cell.state = State::Running;
  cell.share = live.share;
  cell.figures = live.figures;
  if (!live.clean.isNull()) cell.size = live.clean.size();
  live_[index] = std::move(live);
  Q_EMIT changed(index);
  Q_EMIT pictureChanged(index);
}

void StoreCells::end(int index) {
  Cell& cell = cells_[static_cast<size_t>(index)];
  cell.state = State::Waiting;
  look();
}

void StoreCells::stop() {
  for (int k = 0; k < count(); ++k) {
    Cell& cell = cells_[static_cast<size_t>(k)];
    if (cell.state != State::Running) continue;
    cell.state = State::Waiting;
    Q_EMIT changed(k);
  }
}

void StoreCells::setErrorMap(ErrorMap map, double peak, int against) {
  if (map == map_ && peak == peak_ && against == against_) return;
  map_ = map;
  peak_ = peak;
  against_ = against;
  for (int k = 0; k < count(); ++k) Q_EMIT pictureChanged(k);
}

nlohmann::json StoreCells::curve(int index) const {
  const auto& result = results_[static_cast<size_t>(index)];
  return result ? result->curve : nlohmann::json();
}

nlohmann::json StoreCells::record(int index) const {
  const auto& result = results_[static_cast<size_t>(index)];
  return result ? result->record : nlohmann::json();
}

std::vector<std::optional<CellResult>> StoreCells::results() const { return results_; }

int StoreCells::find(const QVector<int>& at) const { return places_.value(at, -1); }

QImage StoreCells::picture(int index, Shown shown, int iterate) {
  const Cell& of = cell(index);
  if (of.state == State::Running || (of.state == State::Waiting && live_.contains(index))) {
    const LiveCell live = live_.value(index);
    if (shown == Shown::Noisy) return live.noisy;
    return shown == Shown::Residual ? live.residual : live.clean;
  }
  if (of.state != State::Done) return {};
  static const QHash<Shown, Kind> kinds{{Shown::Result, Kind::Result},     {Shown::Noisy, Kind::Noisy},
                                        {Shown::Residual, Kind::Residual}, {Shown::Mean, Kind::Mean},
                                        {Shown::Spread, Kind::Spread},     {Shown::Error, Kind::Error}};
  return wanted({index, kinds.value(shown), iterate});
}

QImage StoreCells::observation(int index) {
  return cell(index).state == State::Done ? wanted({index, Kind::Observation}) : QImage();
}

QImage StoreCells::reference(int index) {
  if (cell(index).state == State::Done) return wanted({index, Kind::Reference});
  return {};
}

QString StoreCells::nameOf(const Wanted& w) const {
  QString name = QStringLiteral("%1/%2/%3").arg(w.index).arg(static_cast<int>(w.kind)).arg(w.iterate);
  if (w.kind == Kind::Error) name += QStringLiteral("/%1/%2/%3").arg(static_cast<int>(map_)).arg(peak_).arg(against_);
  return name;
}

QImage StoreCells::wanted(const Wanted& w) {
  const QString name = nameOf(w);
  if (const QImage* found = pictures_.object(name)) return *found;
  if (absent_.contains(name) || reading_.contains(name)) return {};
  reading_.insert(name);
  const std::string key = comparison_.cells[static_cast<size_t>(w.index)].key;
  const std::string other =
      against_ >= 0 && against_ < count() ? comparison_.cells[static_cast<size_t>(against_)].key : std::string();
  reader_->post([this, w, name, key, other, folder = folder_.toStdString(), map = map_, peak = peak_,
                 number = number_](const std::stop_token& stop) {
    QImage image;
    if (!stop.stop_requested()) {
      const CellStore store(folder);
      if (const auto cell = store.read(key)) {
        const auto bytes = [&](const char* tensor) {
          const at::Tensor* t = tensor_of(*cell, tensor);
          return t != nullptr && is_picture(*t) && t->dim() == 3 ? *t : at::Tensor();
        };
        const auto against = [&]() -> at::Tensor {
          if (other.empty()) return bytes("reference");
          const auto b = store.read(other);
          return b ? sample_of_cell(*b, "iterates", -1).clone() : at::Tensor();
        };
        switch (w.kind) {
          case Kind::Result:
            image = picture_or_none(sample_of_cell(*cell, "iterates", w.iterate));
            if (const at::Tensor* stems = tensor_of(*cell, "stems"); image.isNull() && stems != nullptr)
              image = stems_image(*stems);
            break;
          case Kind::Noisy:
            image = picture_or_none(sample_of_cell(*cell, w.iterate < 0 ? "samples" : "noisy", w.iterate));
            break;
          case Kind::Residual:
            image = residual_image(*cell);
            break;
          case Kind::Mean:
            image = mean_image(*cell);
            break;
          case Kind::Spread:
            image = spread_image(*cell);
            break;
          case Kind::Error:
            image = error_image(*cell, w.iterate, against(), map, peak);
            break;
          case Kind::Observation:
            image = picture_or_none(bytes("observation"));
            break;
          case Kind::Reference:
            image = picture_or_none(bytes("reference"));
            if (const at::Tensor* stems = tensor_of(*cell, "reference");
                image.isNull() && stems != nullptr && stems->dim() == 3 && stems->scalar_type() != at::kByte)
              image = stems_image(*stems);
            break;
        }
      }
    }
    QMetaObject::invokeMethod(
        this,
        [this, w, name, image, number] {
          if (number != number_) return;
          reading_.remove(name);
          if (image.isNull()) {
            absent_.insert(name);
            return;
          }
          if (w.kind == Kind::Result) cells_[static_cast<size_t>(w.index)].size = image.size();
          pictures_.insert(name, new QImage(image), std::max<qsizetype>(1, image.sizeInBytes() / 1024));
          Q_EMIT pictureChanged(w.index);
        },
        Qt::QueuedConnection);
  });
  return {};
}

}  // namespace mgdm::ui
