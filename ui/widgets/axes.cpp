#include "ui/widgets/axes.h"

#include <QCoreApplication>
#include <QFontMetricsF>
#include <QPainter>
#include <QPalette>
#include <QPolygonF>
#include <algorithm>
#include <cmath>

#include "ui/widgets/words.h"

namespace mgdm::ui {

namespace {

constexpr double kGap = 6;           ///< between an axis and its numbers
constexpr double kMarkerRadius = 4;  ///< in a legend
constexpr double kMarkerRoom = 16, kBetween = 16;

double widest(const std::vector<Tick>& all, const QFontMetricsF& metrics) {
  double width = 0;
  for (const Tick& tick : all) width = std::max(width, metrics.horizontalAdvance(text(tick.text)));
  return width;
}

}  // namespace

Axes::Axes(const QRectF& outer, PlotAxis x, PlotAxis y, const QFont& font) : x_(std::move(x)), y_(std::move(y)) {
  const QFontMetricsF metrics(font);
  line_ = metrics.height();
  digit_ = metrics.horizontalAdvance(QLatin1Char('0'));
  const double below = kGap + line_ + (x_.title.isEmpty() ? 0 : line_ + 2);
  const double half = line_ / 2;
  area_ = outer.adjusted(0, half, 0, -below);  // for the number of ticks that there is room for
  const double left = widest(verticalTicks(), metrics) + kGap + (y_.title.isEmpty() ? 0 : line_ + 4);
  area_ = outer.adjusted(left, half, -3 * digit_, -below);
  if (area_.width() < 1) area_.setWidth(1);
  if (area_.height() < 1) area_.setHeight(1);
}

std::vector<Tick> Axes::horizontalTicks() const {
  return ticks(x_.scale, std::min(10, static_cast<int>(area_.width() / (digit_ * 10))));
}

std::vector<Tick> Axes::verticalTicks() const {
  return ticks(y_.scale, std::min(8, static_cast<int>(area_.height() / (line_ * 2.4))));
}

QPointF Axes::at(double x, double y) const {
  return {xAt(x_.scale.place(x)), area_.bottom() - area_.height() * y_.scale.place(y)};
}

void Axes::draw(QPainter& painter, const QPalette& palette) const {
  const QColor words = palette.color(QPalette::PlaceholderText);
  QColor grid = palette.color(QPalette::Mid);
  grid.setAlphaF(0.6F);
  const auto line = [&](const QPointF& from, const QPointF& to) {
    painter.setPen(QPen(grid, 1));
    painter.drawLine(from, to);
    painter.setPen(words);
  };
  for (const Tick& tick : horizontalTicks()) {
    const double x = std::round(xAt(x_.scale.place(tick.value))) + 0.5;
    line({x, area_.top()}, {x, area_.bottom()});
    painter.drawText(QRectF(x - 60, area_.bottom() + kGap, 120, line_), Qt::AlignHCenter | Qt::AlignTop,
                     text(tick.text));
  }
  for (const Tick& tick : verticalTicks()) {
    const double y = std::round(area_.bottom() - area_.height() * y_.scale.place(tick.value)) + 0.5;
    line({area_.left(), y}, {area_.right(), y});
    painter.drawText(QRectF(area_.left() - kGap - 120, y - line_, 120, 2 * line_), Qt::AlignRight | Qt::AlignVCenter,
                     text(tick.text));
  }
  painter.setPen(words);
  if (!x_.title.isEmpty()) {
    painter.drawText(QRectF(area_.left(), area_.bottom() + kGap + line_ + 2, area_.width(), line_), Qt::AlignCenter,
                     x_.title);
  }
  if (y_.title.isEmpty()) return;
  const double left = area_.left() - kGap - widest(verticalTicks(), QFontMetricsF(painter.font())) - line_ - 4;
  painter.save();
  painter.translate(left, area_.center().y());
  painter.rotate(-90);
  painter.drawText(QRectF(-area_.height() / 2, 0, area_.height(), line_), Qt::AlignCenter, y_.title);
  painter.restore();
}

QFont plotFont(QFont font) {
  font.setPointSizeF(font.pointSizeF() * 0.88);
  return font;
}

QColor seriesColour(size_t n, const QPalette& palette) {
  const SeriesStyle style = series_style(n);
  const bool dark = palette.color(QPalette::Base).lightness() < 128;
  return {QLatin1String(dark ? style.on_dark : style.on_light)};
}

void drawMarker(QPainter& painter, Marker marker, const QPointF& at, double radius) {
  QPolygonF corners;
  for (const auto& [x, y] : outline(marker)) corners << at + QPointF(x, y) * radius;
  if (corners.isEmpty()) {
    painter.drawEllipse(at, radius, radius);
  } else {
    painter.drawPolygon(corners);
  }
}

void drawCallout(QPainter& painter, const QPalette& palette, const QPointF& at, const QRectF& inside,
                 const QStringList& lines) {
  const QFont plain = painter.font();
  QFont bold = plain;
  bold.setBold(true);
  double width = 0;
  for (qsizetype k = 0; k < lines.size(); ++k) {
    width = std::max(width, QFontMetricsF(k == 0 ? bold : plain).horizontalAdvance(lines[k]));
  }
  constexpr double kPad = 8;
  const double line = QFontMetricsF(plain).height();
  QRectF box(0, 0, std::min(width + 2 * kPad, inside.width()), line * static_cast<double>(lines.size()) + 2 * kPad - 4);
  box.moveTopLeft(at + QPointF(12, -box.height() / 2));
  if (box.right() > inside.right()) box.moveRight(at.x() - 12);
  if (box.left() < inside.left()) box.moveLeft(inside.left());
  if (box.bottom() > inside.bottom()) box.moveBottom(inside.bottom());
  if (box.top() < inside.top()) box.moveTop(inside.top());
  painter.setPen(QPen(palette.color(QPalette::Mid), 1));
  painter.setBrush(palette.color(QPalette::ToolTipBase));
  painter.drawRoundedRect(QRectF(box.toAlignedRect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
  painter.setPen(palette.color(QPalette::ToolTipText));
  for (qsizetype k = 0; k < lines.size(); ++k) {
    painter.setFont(k == 0 ? bold : plain);
    const QRectF row(box.left() + kPad, box.top() + kPad - 2 + line * static_cast<double>(k), box.width() - 2 * kPad,
                     line);
    painter.drawText(row, Qt::AlignLeft | Qt::AlignVCenter,
                     painter.fontMetrics().elidedText(lines[k], Qt::ElideRight, static_cast<int>(row.width()) + 1));
  }
  painter.setFont(plain);
}

Legend::Legend(const QStringList& names, double width, int lines, const QFont& font) {
  const QFontMetricsF metrics(font);
  line_ = metrics.height() + 4;
  QPointF at(0, 0);
  for (qsizetype k = 0; k < names.size(); ++k) {
    const QString more = QCoreApplication::translate("Legend", "and %1 more").arg(names.size() - k);
    const QString name = metrics.elidedText(names[k], Qt::ElideRight, std::max(40.0, width - kMarkerRoom));
    const double needed = kMarkerRoom + metrics.horizontalAdvance(name);
    const bool last_line = at.y() + line_ * 1.5 > line_ * lines;
    const double kept = last_line && k + 1 < names.size() ? kBetween + metrics.horizontalAdvance(more) : 0;
    if (at.x() > 0 && at.x() + needed + kept > width) {
      if (last_line) {
        entries_.push_back({more, at, false});
        break;
      }
      at = {0, at.y() + line_};
    }
    entries_.push_back({name, at, true});
    at.rx() += needed + kBetween;
  }
  height_ = names.isEmpty() ? 0 : at.y() + line_;
}

void Legend::draw(QPainter& painter, const QPalette& palette, const QPointF& at) const {
  for (size_t k = 0; k < entries_.size(); ++k) {
    const Entry& entry = entries_[k];
    const QPointF from = at + entry.at;
    if (entry.marker) {
      painter.setPen(Qt::NoPen);
      painter.setBrush(seriesColour(k, palette));
      drawMarker(painter, series_style(k).marker, from + QPointF(6, line_ / 2), kMarkerRadius);
    }
    painter.setPen(palette.color(entry.marker ? QPalette::Text : QPalette::PlaceholderText));
    painter.drawText(QRectF(from.x() + (entry.marker ? kMarkerRoom : 0), from.y(), 4000, line_),
                     Qt::AlignLeft | Qt::AlignVCenter, entry.name);
  }
}

}  // namespace mgdm::ui
