#include "ui/widgets/plot.h"

#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

namespace mgdm::ui {

ResidualPlot::ResidualPlot(QWidget* parent) : QWidget(parent) {
  setMinimumHeight(110);
  setAccessibleName(tr("Distance from the photo"));
  setToolTip(
      tr("How far the estimate is from the observation, in units of its noise (sigma). A sample that explains it ends "
         "at the line.\nClick to go to a step."));
  setCursor(Qt::PointingHandCursor);
}

void ResidualPlot::clear() {
  values_.clear();
  current_ = -1;
  update();
}

void ResidualPlot::append(double residual, int steps) {
  values_.push_back(residual);
  steps_ = std::max({1, steps, static_cast<int>(values_.size())});
  update();
}

void ResidualPlot::replaceLast(double residual) {
  if (values_.empty()) return;
  values_.back() = residual;
  update();
}

void ResidualPlot::thin(const std::vector<size_t>& keep) {
  std::vector<double> fewer;
  for (const size_t i : keep) fewer.push_back(values_[i]);
  values_ = std::move(fewer);
  update();
}

void ResidualPlot::setCurrent(int index) {
  current_ = index;
  update();
}

QRectF ResidualPlot::plot() const { return QRectF(rect()).adjusted(34, 8, -8, -18); }
double ResidualPlot::x(double index) const {
  return plot().left() + plot().width() * (steps_ > 1 ? index / (steps_ - 1) : 0.5);
}
double ResidualPlot::y(double residual) const {
  constexpr double kLow = -0.52, kHigh = 2.05;  // 0.3 to 112 sigma
  const double v = std::clamp(std::log10(std::max(residual, 1e-9)), kLow, kHigh);
  return plot().bottom() - plot().height() * (v - kLow) / (kHigh - kLow);
}

void ResidualPlot::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const QRectF area = plot();
  painter.setPen(Qt::NoPen);
  painter.setBrush(palette().color(QPalette::Base));
  painter.drawRoundedRect(rect(), 4, 4);
  QFont font = painter.font();
  font.setPointSizeF(font.pointSizeF() * 0.85);
  painter.setFont(font);
  const QColor words = palette().color(QPalette::PlaceholderText);
  for (const auto& [value, label] :
       {std::pair{1.0, tr("1 σ")}, std::pair{10.0, tr("10 σ")}, std::pair{100.0, tr("100 σ")}}) {
    painter.setPen(QPen(value == 1.0 ? QColor(88, 180, 120) : palette().color(QPalette::Mid), 1,
                        value == 1.0 ? Qt::SolidLine : Qt::DotLine));
    painter.drawLine(QPointF(area.left(), y(value)), QPointF(area.right(), y(value)));
    painter.setPen(words);
    painter.drawText(QRectF(0, y(value) - 8, 30, 16), Qt::AlignRight | Qt::AlignVCenter, label);
  }
  painter.setPen(words);
  painter.drawText(
      QRectF(area.left(), area.bottom() + 2, area.width(), 14), Qt::AlignCenter,
      values_.empty() ? tr("distance from the photo, while it runs") : tr("distance from the photo over the steps"));
  if (values_.empty()) return;
  QPolygonF line;
  for (size_t i = 0; i < values_.size(); ++i) {
    if (std::isfinite(values_[i])) line << QPointF(x(static_cast<double>(i)), y(values_[i]));
  }
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(palette().color(QPalette::Link), 1.8));
  painter.drawPolyline(line);
  if (current_ < 0 || current_ >= static_cast<int>(values_.size())) return;
  const double at = x(current_), residual = values_[static_cast<size_t>(current_)];
  painter.setPen(QPen(palette().color(QPalette::Text), 1));
  painter.drawLine(QPointF(at, area.top()), QPointF(at, area.bottom()));
  if (!std::isfinite(residual)) return;
  painter.setBrush(palette().color(QPalette::Link));
  painter.drawEllipse(QPointF(at, y(residual)), 3.5, 3.5);
}

void ResidualPlot::mousePressEvent(QMouseEvent* event) {
  if (values_.empty()) return;
  const double share = (event->position().x() - plot().left()) / std::max(1.0, plot().width());
  Q_EMIT picked(
      std::clamp(static_cast<int>(std::lround(share * (steps_ - 1))), 0, static_cast<int>(values_.size()) - 1));
}

void ResidualPlot::mouseMoveEvent(QMouseEvent* event) {
  if (event->buttons() & Qt::LeftButton) mousePressEvent(event);
}

}  // namespace mgdm::ui
