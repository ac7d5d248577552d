#include "ui/song/spectrogram.h"

#include <ATen/ATen.h>

#include <QCoreApplication>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "core/media/mel_spectrogram.h"
#include "core/media/pcm_file.h"
#include "core/threads/worker.h"

namespace mgdm::ui {

namespace {

QVector<QRgb> ramp(const QColor& background, const QColor& colour) {
  const int extreme = background.lightness() < 128 ? 255 : 0;
  QVector<QRgb> colours;
  for (int i = 0; i < 256; ++i) {
    const double level = i / 255.0;  // to the colour in the first two thirds, beyond it in the last
    const double rise = std::pow(std::min(1.0, level / 0.67), 1.6), beyond = 0.85 * std::max(0.0, level - 0.67) / 0.33;
    const auto part = [&](int from, int to) {
      return static_cast<int>(std::lround((from + (to - from) * rise) * (1 - beyond) + extreme * beyond));
    };
    colours << qRgb(part(background.red(), colour.red()), part(background.green(), colour.green()),
                    part(background.blue(), colour.blue()));
  }
  return colours;
}

/// Columns of a tile, low pitches at the bottom.
QImage image_of(const at::Tensor& levels) {
  const auto n = static_cast<int>(levels.size(0)), bands = static_cast<int>(levels.size(1));
  QImage image(n, bands, QImage::Format_Indexed8);
  const auto level = levels.accessor<uint8_t, 2>();
  for (int y = 0; y < bands; ++y) {
    uchar* line = image.scanLine(y);
    for (int x = 0; x < n; ++x) line[x] = level[x][bands - 1 - y];
  }
  return image;
}

}  // namespace

Spectrogram::Spectrogram(std::shared_ptr<Worker> worker, QObject* parent)
    : QObject(parent), worker_(std::move(worker)) {}

Spectrogram::~Spectrogram() { *alive_ = false; }

void Spectrogram::setColours(const QColor& background, const QColor& colour) {
  if (background == background_ && colour == colour_) return;
  background_ = background;
  colour_ = colour;
  colours_ = ramp(background, colour);
  for (auto& [key, tile] : tiles_) {
    if (!tile.image.isNull()) tile.image.setColorTable(colours_);
  }
}

void Spectrogram::setTrack(std::shared_ptr<const PcmFile> track, int sample_rate) {
  track_ = std::move(track);
  sample_rate_ = sample_rate;
  tiles_.clear();
  newest_.clear();
  ++generation_;
  Q_EMIT ready();
}

void Spectrogram::changed(int64_t begin, int64_t end) {
  for (auto& [key, tile] : tiles_) {
    const int64_t hop = kClosest << key.first, first = key.second * kColumns;
    // A column hears half a window beyond its own frames.
    const auto column = [&](int64_t frame) {
      return static_cast<double>(frame) / static_cast<double>(hop) - static_cast<double>(first);
    };
    const int from = static_cast<int>(
                  std::clamp(std::floor(column(begin - MelSpectrogram::kWindow)), 0.0, 1.0 * kColumns)),
              to = static_cast<int>(std::clamp(std::ceil(column(end + MelSpectrogram::kWindow)), 0.0, 1.0 * kColumns));
    if (from >= to) continue;
    if (tile.dirty_from >= tile.dirty_to) {
      tile.dirty_from = from;
      tile.dirty_to = to;
    } else {
      tile.dirty_from = std::min(tile.dirty_from, from);
      tile.dirty_to = std::max(tile.dirty_to, to);
    }
  }
  Q_EMIT ready();
}

Spectrogram::Tile& Spectrogram::tile(const Key& key) {
  const auto found = tiles_.find(key);
  if (found != tiles_.end()) {
    newest_.splice(newest_.begin(), newest_, found->second.used);
    return found->second;
  }
  while (tiles_.size() >= kTiles) {
    tiles_.erase(newest_.back());
    newest_.pop_back();
  }
  newest_.push_front(key);
  Tile& made = tiles_[key];
  made.used = newest_.begin();
  return made;
}

void Spectrogram::compute(const Key& key, Tile& tile) {
  if (tile.computing || tile.dirty_from >= tile.dirty_to) return;
  tile.computing = true;
  const int from = tile.dirty_from, n = tile.dirty_to - tile.dirty_from;
  tile.dirty_from = tile.dirty_to = 0;
  const double hop = static_cast<double>(kClosest << key.first);
  const double begin = (static_cast<double>(key.second) * kColumns + from) * hop;
  // A generation behind the newest is not worth computing; the flag of life is looked at on this thread again.
  worker_->post([this, key, from, n, begin, hop, track = track_, rate = sample_rate_, generation = generation_,
                 alive = std::weak_ptr<bool>(alive_)](const std::stop_token& stop) {
    if (stop.stop_requested() || alive.expired()) return;
    QImage columns;
    try {
      columns = image_of(MelSpectrogram(rate).columns(*track, begin, hop, n));
    } catch (const std::exception&) {  // no memory: it stays dark
    }
    QMetaObject::invokeMethod(
        QCoreApplication::instance(),
        [this, key, from, columns, generation, alive] {
          if (const auto living = alive.lock(); living && *living) take(key, generation, from, columns);
        },
        Qt::QueuedConnection);
  });
}

void Spectrogram::take(const Key& key, quint64 generation, int from, const QImage& columns) {
  const auto found = tiles_.find(key);
  if (generation != generation_ || found == tiles_.end()) return;
  Tile& tile = found->second;
  tile.computing = false;
  if (columns.isNull()) return;
  computed_ += columns.width();
  if (tile.image.isNull()) {
    tile.image = QImage(kColumns, columns.height(), QImage::Format_Indexed8);
    tile.image.setColorTable(colours_);
    tile.image.fill(0);
  }
  for (int y = 0; y < columns.height(); ++y)
    std::copy_n(columns.constScanLine(y), columns.width(), tile.image.scanLine(y) + from);
  Q_EMIT ready();
}

void Spectrogram::paint(QPainter& painter, const QRectF& to, double begin, double span) {
  if (!hasTrack() || to.width() <= 0) return;
  const double frames_of_pixel = span / to.width();
  const int level = std::max(0, static_cast<int>(std::floor(std::log2(frames_of_pixel / kClosest))));
  const double width = static_cast<double>((kClosest << level) * kColumns);  // of a tile, frames
  const auto first = static_cast<int64_t>(std::floor(begin / width)),
             last = static_cast<int64_t>(std::floor((begin + span) / width));
  painter.setRenderHint(QPainter::SmoothPixmapTransform);
  for (int64_t number = std::max<int64_t>(0, first); number <= last; ++number) {
    if (static_cast<double>(number) * width >= static_cast<double>(trackLength())) break;
    const Key key{level, number};
    Tile& seen = tile(key);
    compute(key, seen);
    if (seen.image.isNull()) continue;
    const double left = to.left() + (static_cast<double>(number) * width - begin) / frames_of_pixel;
    painter.drawImage(QRectF(left, to.top(), width / frames_of_pixel, to.height()), seen.image);
  }
}

int64_t Spectrogram::trackLength() const { return track_ == nullptr ? 0 : track_->length(); }

}  // namespace mgdm::ui
