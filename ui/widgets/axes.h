// What the studio's plots share: axes with round numbers, and series that are told apart by colour and by marker.
#pragma once
#include <QColor>
#include <QRectF>
#include <QString>

#include "core/compare/charts.h"

class QFont;
class QPainter;
class QPalette;

namespace mgdm::ui {

struct PlotAxis {
  Scale scale;
  QString title;
};

/// Two axes around an area.
class Axes {
 public:
  /// Room for numbers and titles is taken from `outer`.
  Axes(const QRectF& outer, PlotAxis x, PlotAxis y, const QFont& font);
  const QRectF& area() const { return area_; }
  const PlotAxis& horizontal() const { return x_; }
  const PlotAxis& vertical() const { return y_; }
  /// NaN in a coordinate that the scale cannot show.
  QPointF at(double x, double y) const;
  double xAt(double place) const { return area_.left() + area_.width() * place; }
  /// Lines, numbers, titles.
  void draw(QPainter& painter, const QPalette& palette) const;

 private:
  std::vector<Tick> horizontalTicks() const;
  std::vector<Tick> verticalTicks() const;
  QRectF area_;
  PlotAxis x_, y_;
  double line_ = 0, digit_ = 0;
};

/// The font of numbers and captions in plots.
QFont plotFont(QFont font);
/// Of the n-th series, on the palette's ground.
QColor seriesColour(size_t n, const QPalette& palette);
/// Filled with the painter's brush, outlined with its pen.
void drawMarker(QPainter& painter, Marker marker, const QPointF& at, double radius);
/// A text in a small box beside `at` that stays inside `inside`. The first line is in bold.
void drawCallout(QPainter& painter, const QPalette& palette, const QPointF& at, const QRectF& inside,
                 const QStringList& lines);

/// Names with the markers of their series, line after line.
class Legend {
 public:
  /// Broken to `width`; at most `lines` lines, the last ends with how many more there are.
  Legend(const QStringList& names, double width, int lines, const QFont& font);
  double height() const { return height_; }
  void draw(QPainter& painter, const QPalette& palette, const QPointF& at) const;

 private:
  struct Entry {
    QString name;
    QPointF at;
    bool marker = true;
  };
  std::vector<Entry> entries_;
  double height_ = 0, line_ = 0;
};

}  // namespace mgdm::ui
