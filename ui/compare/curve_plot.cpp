#include "ui/compare/curve_plot.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "ui/compare/cell_numbers.h"

namespace mgdm::ui {

namespace {

// The point that was reached by then; -1: none yet.
int reached(const std::vector<QPointF>& points, double evaluations) {
  const auto after = std::upper_bound(points.begin(), points.end(), evaluations + 1e-9,
                                      [](double value, const QPointF& point) { return value < point.x(); });
  return static_cast<int>(after - points.begin()) - 1;
}

// A second sign beside the colour, where curves cross far from their markers.
Qt::PenStyle pen_style(size_t curve) {
  constexpr Qt::PenStyle kStyles[] = {Qt::SolidLine, Qt::DashLine, Qt::DashDotLine, Qt::DotLine};
  return kStyles[curve % 4];
}

}  // namespace

CurvePlot::CurvePlot(const std::string& figure, QWidget* parent) : QWidget(parent), figure_(figure) {
  setAccessibleName(tr("%1 over the evaluations").arg(figureLabel(figure)));
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
}

void CurvePlot::setCurves(const QStringList& names) {
  curves_.clear();
  for (const QString& name : names) curves_.push_back({name, {}});
  at_.reset();
  update();
}

void CurvePlot::append(int curve, double evaluations, double value) {
  if (!std::isfinite(evaluations) || !std::isfinite(value)) return;
  curves_.at(static_cast<size_t>(curve)).points.emplace_back(evaluations, value);
  update();
}

void CurvePlot::setExpected(double evaluations) {
  expected_ = evaluations;
  update();
}

// With what each has come to.
QStringList CurvePlot::legendNames() const {
  QStringList names;
  for (const Curve& curve : curves_) {
    names << (curve.points.empty()
                  ? curve.name
                  : QStringLiteral("%1: %2").arg(curve.name, figureValue(figure_, curve.points.back().y())));
  }
  return names;
}

Legend CurvePlot::legend() const { return {legendNames(), width() - 16.0, 2, plotFont(font())}; }

Axes CurvePlot::axes() const {
  std::vector<double> values;
  double last = expected_;
  for (const Curve& curve : curves_) {
    for (const QPointF& point : curve.points) values.push_back(point.y());
    if (!curve.points.empty()) last = std::max(last, curve.points.back().x());
  }
  const bool residual = figure_ == "residual";
  if (residual) values.push_back(1);
  const QRectF inside = QRectF(rect()).adjusted(10, 8 + legend().height() + 2, -6, -8);
  return {inside,
          {{0, std::max(last, 1.0) * 1.02, false}, figureHeading("evaluations")},
          {mgdm::scale_of(values, residual), figureHeading(figure_)},
          plotFont(font())};
}

QPointF CurvePlot::pointAt(int curve, int point) const {
  const QPointF& value = curves_.at(static_cast<size_t>(curve)).points.at(static_cast<size_t>(point));
  return axes().at(value.x(), value.y());
}

void CurvePlot::drawCurves(QPainter& painter, const Axes& axes) const {
  for (size_t k = 0; k < curves_.size(); ++k) {
    const auto& points = curves_[k].points;
    if (points.empty()) continue;
    QPolygonF line;
    for (const QPointF& point : points) {
      const QPointF at = axes.at(point.x(), point.y());
      if (std::isfinite(at.y())) line << at;
    }
    if (line.isEmpty()) continue;
    const QColor colour = seriesColour(k, palette());
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(colour, 1.8, pen_style(k), Qt::RoundCap, Qt::RoundJoin));
    painter.drawPolyline(line);
    painter.setPen(QPen(palette().color(QPalette::Base), 1));
    painter.setBrush(colour);
    drawMarker(painter, series_style(k).marker, line.last(), 4.5);
    if (!at_) continue;
    if (const int point = reached(points, *at_); point >= 0) {
      const QPointF& value = points[static_cast<size_t>(point)];
      painter.drawEllipse(axes.at(value.x(), value.y()), 3.5, 3.5);
    }
  }
}

void CurvePlot::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(hasFocus() ? QPen(palette().color(QPalette::Highlight), 1) : QPen(Qt::NoPen));
  painter.setBrush(palette().color(QPalette::Base));
  painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
  painter.setFont(plotFont(font()));
  legend().draw(painter, palette(), {10, 8});
  const Axes axes = this->axes();
  axes.draw(painter, palette());
  if (figure_ == "residual") {  // where a sample that explains the observation ends
    const double y = axes.at(0, 1).y();
    painter.setPen(QPen(QColor(88, 180, 120), 1.4));
    painter.drawLine(QPointF(axes.area().left(), y), QPointF(axes.area().right(), y));
  }
  if (at_) {
    const double x = axes.at(*at_, 1).x();
    painter.setPen(QPen(palette().color(QPalette::Text), 1));
    painter.drawLine(QPointF(x, axes.area().top()), QPointF(x, axes.area().bottom()));
  }
  drawCurves(painter, axes);
  if (const QStringList lines = callout(); !lines.isEmpty()) {
    drawCallout(painter, palette(), {axes.at(*at_, 1).x(), axes.area().center().y()},
                QRectF(rect()).adjusted(4, 4, -4, -4), lines);
  }
}

QStringList CurvePlot::callout() const {
  if (!at_) return {};
  QStringList lines{figureLabel("evaluations") + QStringLiteral(": %1").arg(std::lround(*at_))};
  for (const Curve& curve : curves_) {
    const int point = reached(curve.points, *at_);
    const double value = point < 0 ? std::nan("") : curve.points[static_cast<size_t>(point)].y();
    lines << QStringLiteral("%1: %2").arg(curve.name, figureValue(figure_, value));
  }
  return lines;
}

void CurvePlot::point(std::optional<double> evaluations) {
  at_ = evaluations;
  setAccessibleDescription(callout().join(QStringLiteral(", ")));
  update();
}

void CurvePlot::mouseMoveEvent(QMouseEvent* event) {
  const Axes now = axes();
  const double place = (event->position().x() - now.area().left()) / now.area().width();
  const bool any = std::any_of(curves_.begin(), curves_.end(), [](const Curve& c) { return !c.points.empty(); });
  if (!any || place < 0 || place > 1) return point(std::nullopt);
  point(now.horizontal().scale.value(place));
}

void CurvePlot::leaveEvent(QEvent*) { point(std::nullopt); }

void CurvePlot::focusOutEvent(QFocusEvent* event) {
  point(std::nullopt);
  QWidget::focusOutEvent(event);
}

// From point to point of all curves.
void CurvePlot::keyPressEvent(QKeyEvent* event) {
  std::vector<double> places;
  for (const Curve& curve : curves_) {
    for (const QPointF& p : curve.points) places.push_back(p.x());
  }
  std::sort(places.begin(), places.end());
  const bool left = event->key() == Qt::Key_Left, right = event->key() == Qt::Key_Right;
  if (places.empty() || !(left || right)) return QWidget::keyPressEvent(event);
  const double now = at_.value_or(left ? places.back() + 1 : places.front() - 1);
  if (right) {
    const auto next = std::upper_bound(places.begin(), places.end(), now + 1e-9);
    point(next == places.end() ? places.back() : *next);
  } else {
    const auto next = std::lower_bound(places.begin(), places.end(), now - 1e-9);
    point(next == places.begin() ? places.front() : *(next - 1));
  }
}

}  // namespace mgdm::ui
