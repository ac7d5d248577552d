#include "ui/compare/cell_tiles.h"

#include <QPainter>

namespace mgdm::ui {

namespace {

CellPicture without_iterate(CellPicture picture) {
  picture.iterate = -1;
  return picture;
}

}  // namespace

CellTiles::CellTiles() {
  tiles_.setMaxCost(kCap / 2);
  sources_.setMaxCost(kCap / 2);
}

void CellTiles::setView(const LinkedView& view, const QSizeF& box, double pixel_ratio, const QColor& around) {
  if (view == view_ && box == box_ && pixel_ratio == ratio_ && around == around_) return;
  if (box != box_ || pixel_ratio != ratio_ || around != around_) tiles_.clear();  // nothing that could be stretched
  view_ = view;
  box_ = box;
  ratio_ = pixel_ratio;
  around_ = around;
  ++view_number_;
}

void CellTiles::outdate(int cell) { ++versions_[cell]; }

void CellTiles::clear() {
  tiles_.clear();
  sources_.clear();
  asked_.clear();
  newest_.clear();
}

bool CellTiles::isPrepared(const CellPicture& picture) const {
  const quint32 now = version(picture.cell);
  if (const Tile* tile = tiles_.object(picture); tile != nullptr && tile->version == now)
    return tile->drawn == view_number_;
  const auto asked = asked_.constFind(picture);
  return asked != asked_.constEnd() && asked.value() == now;
}

bool CellTiles::prepare(Cells& cells, const CellPicture& picture) {
  const quint32 now = version(picture.cell);
  QImage image;
  if (const Source* source = sources_.object(picture); source != nullptr && source->version == now) {
    image = source->image;
  } else {
    image = ask(cells, picture);
    if (image.isNull()) {
      asked_.insert(picture, now);
      return false;
    }
    if (image.format() != QImage::Format_RGB32) image.convertTo(QImage::Format_RGB32);  // the quickest to draw
    image.setDevicePixelRatio(1);
    sources_.insert(picture, new Source{image, now}, image.sizeInBytes());
  }
  asked_.remove(picture);
  newest_.insert(without_iterate(picture), picture);
  auto* tile = new Tile{QPixmap::fromImage(picture_in_box(image, view_, box_, ratio_, around_)), image.size(), view_,
                        view_number_, now};
  tiles_.insert(picture, tile, static_cast<qsizetype>(tile->pixmap.width()) * tile->pixmap.height() * 4);
  return true;
}

const CellTiles::Tile* CellTiles::tileFor(const CellPicture& picture) const {
  if (const Tile* tile = tiles_.object(picture)) return tile;
  // While one scrubs: the iterate before this one rather than a hole.
  const auto other = newest_.constFind(without_iterate(picture));
  return other == newest_.constEnd() ? nullptr : tiles_.object(other.value());
}

QSize CellTiles::sizeOf(const CellPicture& picture) const {
  const Tile* tile = tileFor(picture);
  return tile == nullptr ? QSize() : tile->picture;
}

bool CellTiles::draw(QPainter& painter, const CellPicture& picture, const QRectF& box, bool moving) {
  const Tile* tile = tileFor(picture);
  if (tile != nullptr && tile->drawn == view_number_) {
    painter.drawPixmap(box.topLeft(), tile->pixmap);
    return true;
  }
  if (const Source* source = moving || tile == nullptr ? sources_.object(picture) : nullptr) {
    const QRectF target = view_.target(source->image.size(), box);
    if (!target.contains(box)) painter.fillRect(box, around_);
    draw_quickly(painter, source->image, target, box);
    return true;
  }
  if (tile == nullptr) return false;
  const QRectF then = tile->view.target(tile->picture, box), now = view_.target(tile->picture, box);
  const double factor = now.width() / then.width();
  painter.save();
  painter.setClipRect(box, Qt::IntersectClip);
  painter.fillRect(box, around_);
  painter.drawPixmap(QRectF(now.topLeft() + (box.topLeft() - then.topLeft()) * factor, box.size() * factor),
                     tile->pixmap, QRectF(tile->pixmap.rect()));
  painter.restore();
  return true;
}

}  // namespace mgdm::ui
