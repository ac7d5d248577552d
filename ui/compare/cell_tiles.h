// The pictures of cells at the size in which they are painted, in bounded memory. GUI thread.
#pragma once
#include <QCache>
#include <QColor>
#include <QHash>
#include <QPixmap>
#include <QSizeF>
#include <QVector>

#include "ui/compare/cell_picture.h"
#include "ui/compare/linked_view.h"

class QPainter;

namespace mgdm::ui {

/// `prepare` asks the cells for a picture and keeps it as it is painted; `draw` paints what is there and never asks, so
/// that a frame costs no reading. The least recently used goes where the cap is reached: the painted ones of a whole
/// screen stay far below it.
class CellTiles {
 public:
  /// Bytes, half for what is painted, half for the pictures that it was made of (they are what zooming is drawn from).
  static constexpr qsizetype kCap = 128 << 20;
  CellTiles();

  /// What is painted from now on. Tiles of another view are drawn, stretched, until they are prepared again.
  void setView(const LinkedView& view, const QSizeF& box, double pixel_ratio, const QColor& around);
  /// The cell has other pictures: what is there is drawn until it is prepared again.
  void outdate(int cell);
  void clear();

  /// Nothing is to be done: it is there as it should be, or is being read.
  bool isPrepared(const CellPicture& picture) const;
  /// Asks for the picture if need be. False: it is being read, `outdate` will follow.
  bool prepare(Cells& cells, const CellPicture& picture);
  /// False: there is nothing that could be drawn. `moving`: from the picture itself, quickly.
  bool draw(QPainter& painter, const CellPicture& picture, const QRectF& box, bool moving);
  /// Of the picture in its own pixels, as far as it is known; empty: not yet.
  QSize sizeOf(const CellPicture& picture) const;
  qsizetype bytes() const { return tiles_.totalCost() + sources_.totalCost(); }

 private:
  struct Tile {
    QPixmap pixmap;
    QSize picture;  ///< its own size
    LinkedView view;
    quint64 drawn = 0;  ///< `view_` when it was drawn
    quint32 version = 0;
  };
  struct Source {
    QImage image;
    quint32 version = 0;
  };
  quint32 version(int cell) const { return versions_.value(cell); }
  const Tile* tileFor(const CellPicture& picture) const;

  QCache<CellPicture, Tile> tiles_;
  QCache<CellPicture, Source> sources_;
  QHash<CellPicture, quint32> asked_;       ///< was not there yet; the version then
  QHash<int, quint32> versions_;            ///< of each cell's pictures
  QHash<CellPicture, CellPicture> newest_;  ///< the iterate that was prepared last, by the picture without iterate
  LinkedView view_;
  quint64 view_number_ = 0;
  QSizeF box_;
  double ratio_ = 1;
  QColor around_;
};

}  // namespace mgdm::ui
