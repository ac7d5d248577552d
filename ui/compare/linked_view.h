// Which part of a picture is seen. In shares of the picture, so that one view fits pictures of several sizes: cells
// that have it show the same place.
#pragma once
#include <QColor>
#include <QImage>
#include <QPointF>
#include <QRectF>

class QPainter;

namespace mgdm::ui {

/// A value. Boxes and positions in the units of a widget, pictures in their pixels.
struct LinkedView {
  double zoom = 1;           ///< 1: the whole picture fits into its box
  QPointF centre{0.5, 0.5};  ///< of the picture: what is in the middle of the box
  bool operator==(const LinkedView&) const = default;

  /// Where the whole picture lies; the part in the box is seen. A picture that is larger than the box fills it.
  QRectF target(const QSizeF& picture, const QRectF& box) const;
  /// Units of the widget for a pixel of the picture.
  double scale(const QSizeF& picture, const QRectF& box) const;
  /// What is at `at` stays there. Between the whole picture (or its own pixels, where these are smaller) and `most`
  /// units for a pixel; `pixel_ratio`: pixels of the screen for a unit.
  void zoomAt(const QPointF& at, double factor, const QSizeF& picture, const QRectF& box, double pixel_ratio,
              double most);
  void panBy(const QPointF& by, const QSizeF& picture, const QRectF& box);
  /// One pixel of the picture for each of the screen's.
  void toActualSize(const QSizeF& picture, const QRectF& box, double pixel_ratio);
};

/// The part of the picture that lies in `box`, quickly and without smoothing: for what moves.
void draw_quickly(QPainter& painter, const QImage& picture, const QRectF& target, const QRectF& box);

/// The same as good as can be: every pixel of the picture counts where it is made smaller, smooth up to 4 units for a
/// pixel, squares beyond, and at the screen's own pixels a copy. Opaque, `box` times `pixel_ratio` pixels large, with
/// that ratio set; `around` where the picture does not reach.
QImage picture_in_box(const QImage& picture, const LinkedView& view, const QSizeF& box, double pixel_ratio,
                      const QColor& around);

}  // namespace mgdm::ui
