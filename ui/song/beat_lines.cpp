#include "ui/song/beat_lines.h"

#include <QLineF>
#include <QPainter>
#include <QPalette>
#include <QVector>

#include "ui/song/lanes.h"

namespace mgdm::ui {

namespace {

constexpr double kClosestLines = 9;  // pixels

}  // namespace

void paint_beats(QPainter& painter, const TimeAxis& axis, const QRect& area, const QPalette& palette) {
  const BeatGrid* grid = axis.beats();
  if (grid == nullptr || grid->beats.size() < 2) return;
  const double pixels = area.width() / axis.span();
  const double middle = axis.begin() + axis.span() / 2;
  const double beat = beat_period(*grid, middle) * pixels;
  int bars = 1;  // between two lines
  while (beat * grid->per_bar * bars < kClosestLines) bars *= 2;
  const bool every_beat = beat >= kClosestLines;
  QVector<QLineF> strong, weak;
  for (int64_t i = next_beat(*grid, axis.begin()); i < static_cast<int64_t>(grid->beats.size()); ++i) {
    const double x = axis.toX(static_cast<double>(grid->beats[static_cast<size_t>(i)]), area.width());
    if (x > area.width()) break;
    const QLineF line(x, area.top(), x, area.bottom() + 1);
    if (begins_bar(*grid, i)) {
      if ((i - grid->one) / grid->per_bar % bars == 0) strong.push_back(line);
    } else if (every_beat) {
      weak.push_back(line);
    }
  }
  QColor colour = palette.color(QPalette::Text);
  colour.setAlpha(14);
  painter.setPen(QPen(colour, 1));
  painter.drawLines(weak);
  colour.setAlpha(36);
  painter.setPen(QPen(colour, 1));
  painter.drawLines(strong);
}

}  // namespace mgdm::ui
