#include "ui/compare/cell_plot.h"

#include <QFocusEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

#include "ui/compare/cell_numbers.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

namespace {

constexpr double kRadius = 5;
constexpr double kReach = 16;  ///< of a click, in pixels

double half(const Spread& spread) { return std::isfinite(spread.deviation) ? spread.deviation : 0; }

QString spread_text(const std::string& figure, const Spread& spread) {
  if (!std::isfinite(spread.deviation)) return figureValue(figure, spread.mean);
  return QStringLiteral("%1 ± %2").arg(text(figure_number(figure, spread.mean)), figureValue(figure, spread.deviation));
}

bool shown(const QPointF& at) { return std::isfinite(at.x()) && std::isfinite(at.y()); }

}  // namespace

/// Where everything lies at this size.
struct CellPlot::Drawing {
  Legend legend;
  Axes axes;
  QPointF legend_at;
  QPointF at(const Dot& dot) const { return axes.at(dot.effort.mean, dot.quality.mean); }
};

CellPlot::CellPlot(QWidget* parent) : QWidget(parent) {
  setAccessibleName(tr("Quality against effort"));
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  timer_.setSingleShot(true);
  timer_.setInterval(60);
  timer_.callOnTimeout(this, &CellPlot::catchUp);
}

void CellPlot::setCells(Cells* cells) {
  if (cells_ != nullptr) cells_->disconnect(this);
  cells_ = cells;
  current_ = hovered_ = keyed_ = -1;
  if (cells_ != nullptr) {
    connect(cells_, &Cells::changed, this, &CellPlot::later);
    connect(cells_, &Cells::reset, this, [this] {
      current_ = hovered_ = keyed_ = -1;
      catchUp();
    });
  }
  catchUp();
}

void CellPlot::setQuality(const std::string& figure) {
  quality_ = figure;
  catchUp();
}

void CellPlot::setEffort(const std::string& figure) {
  effort_ = figure.empty() ? "evaluations" : figure;
  catchUp();
}

void CellPlot::setOver(const QStringList& axes) {
  over_ = axes;
  catchUp();
}

void CellPlot::setLogarithmic(bool on) {
  logarithmic_ = on;
  update();
}

void CellPlot::setCurrent(int cell) {
  current_ = cell;
  update();
}

void CellPlot::later() {
  if (!timer_.isActive()) timer_.start();
}

std::string CellPlot::shownQuality() const {
  if (!quality_.empty() || cells_ == nullptr) return quality_;
  for (const std::string& name : figuresOf(*cells_)) {
    if (figure_of(name).of_quality) return name;
  }
  return {};
}

void CellPlot::catchUp() {
  dots_.clear();
  front_.clear();
  series_.clear();
  update();
  if (cells_ == nullptr) return;
  const CompareTable table = tableOf(*cells_, over_, over_.isEmpty());
  const auto place = [&](const std::string& name) {
    return std::find(table.figures.begin(), table.figures.end(), name) - table.figures.begin();
  };
  const std::string quality_name = shownQuality();
  const auto quality = static_cast<size_t>(place(quality_name)), effort = static_cast<size_t>(place(effort_));
  if (std::max(quality, effort) >= table.figures.size()) return;
  for (const TableRow& row : table.rows) {
    const QString value = row.names.empty() ? QString() : text(row.names[0]);
    if (!value.isEmpty() && !series_.contains(value)) series_ << value;
    Dot dot{{}, row.cells, static_cast<size_t>(std::max<qsizetype>(0, series_.indexOf(value))), false, {}, {}};
    QStringList names;
    for (const auto& name : row.names) names << text(name);
    dot.name = names.isEmpty() ? tr("all cells") : names.join(QStringLiteral(", "));
    dot.running = cells_->cell(static_cast<int>(row.cells[0])).state == Cells::State::Running && over_.isEmpty();
    dot.effort = row.figures[effort];
    dot.quality = row.figures[quality];
    if (std::isfinite(dot.effort.mean) && std::isfinite(dot.quality.mean)) dots_.push_back(dot);
  }
  std::stable_sort(dots_.begin(), dots_.end(), [](const Dot& a, const Dot& b) {
    return std::pair{a.effort.mean, a.quality.mean} < std::pair{b.effort.mean, b.quality.mean};
  });
  std::vector<std::pair<double, double>> points;
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();  // what is not finished beats nothing
  for (const Dot& dot : dots_) points.emplace_back(dot.running ? kNone : dot.effort.mean, dot.quality.mean);
  front_ = pareto_front(points, figure_of(quality_name).higher_is_better);
}

CellPlot::Drawing CellPlot::drawing() const {
  const QFont font = plotFont(this->font());
  std::vector<double> xs, ys;
  bool positive = true;
  for (const Dot& dot : dots_) {
    positive = positive && dot.effort.mean > 0;
    for (const double side : {-1.0, 0.0, 1.0}) {
      xs.push_back(dot.effort.mean + side * half(dot.effort));
      ys.push_back(dot.quality.mean + side * half(dot.quality));
    }
  }
  const QRectF inside = QRectF(rect()).adjusted(10, 8, -6, -8);
  Legend legend(series_.size() > 1 ? series_ : QStringList(), inside.width(), inside.height() > 220 ? 2 : 1, font);
  const QRectF below = inside.adjusted(0, legend.height() + 2, 0, 0);
  Axes axes(below, {mgdm::scale_of(xs, logarithmic_ && positive), figureHeading(effort_)},
            {mgdm::scale_of(ys, false), figureHeading(shownQuality())}, font);
  return {std::move(legend), std::move(axes), inside.topLeft()};
}

int CellPlot::dotWith(int cell) const {
  for (size_t k = 0; k < dots_.size() && cell >= 0; ++k) {
    const auto& cells = dots_[k].cells;
    if (std::find(cells.begin(), cells.end(), static_cast<size_t>(cell)) != cells.end()) return static_cast<int>(k);
  }
  return -1;
}

QPointF CellPlot::dotOf(int cell) const {
  const int dot = dotWith(cell);
  return dot < 0 ? QPointF(-1e6, -1e6) : drawing().at(dots_[static_cast<size_t>(dot)]);
}

std::vector<int> CellPlot::front() const {
  std::vector<int> cells;
  for (const size_t k : front_) cells.push_back(static_cast<int>(dots_[k].cells[0]));
  return cells;
}

int CellPlot::dotAt(const QPointF& at) const {
  const Drawing now = drawing();
  int nearest = -1;
  double record = kReach;
  for (size_t k = 0; k < dots_.size(); ++k) {
    const QPointF off = now.at(dots_[k]) - at;
    if (const double distance = std::hypot(off.x(), off.y()); distance < record) {
      record = distance;
      nearest = static_cast<int>(k);
    }
  }
  return nearest;
}

QStringList CellPlot::callout() const {
  const int dot_index = dotWith(hovered_ >= 0 ? hovered_ : hasFocus() ? keyed_ : -1);
  if (dot_index < 0) return {};
  const Dot& dot = dots_[static_cast<size_t>(dot_index)];
  const std::string quality = shownQuality();
  QStringList lines{dot.name};
  if (dot.cells.size() > 1) {
    lines << QStringLiteral("%1: %2").arg(figureLabel(quality), spread_text(quality, dot.quality));
    lines << QStringLiteral("%1: %2").arg(figureLabel(effort_), spread_text(effort_, dot.effort));
    lines << tr("%1 of %n cells", "", static_cast<int>(dot.cells.size())).arg(dot.quality.count);
    return lines;
  }
  constexpr qsizetype kMost = 8;
  const Cells::Cell& cell = cells_->cell(static_cast<int>(dot.cells[0]));
  for (const std::string& name : ordered_figures({cell.figures})) {
    if (lines.size() <= kMost)
      lines << QStringLiteral("%1: %2").arg(figureLabel(name), figureValue(name, cell.figures.at(name)));
  }
  if (dot.running) lines << tr("%1 % done").arg(static_cast<int>(100 * cell.share));
  return lines;
}

void CellPlot::drawDots(QPainter& painter, const Drawing& now) const {
  const auto draw = [&](const Dot& dot) {
    const QPointF at = now.at(dot);
    if (!shown(at)) return;
    const QColor colour = seriesColour(dot.series, palette());
    painter.setPen(QPen(colour, 1.3));
    const auto bar = [&](const QPointF& from, const QPointF& to) {
      if (shown(from) && shown(to)) painter.drawLine(from, to);
    };
    if (half(dot.quality) > 0) {
      bar(now.axes.at(dot.effort.mean, dot.quality.mean - half(dot.quality)),
          now.axes.at(dot.effort.mean, dot.quality.mean + half(dot.quality)));
    }
    if (half(dot.effort) > 0) {
      const double low = std::max(dot.effort.mean - half(dot.effort), now.axes.horizontal().scale.low);
      bar(now.axes.at(low, dot.quality.mean), now.axes.at(dot.effort.mean + half(dot.effort), dot.quality.mean));
    }
    // A rim of the ground keeps dots apart that lie on each other.
    painter.setPen(dot.running ? QPen(colour, 1.6) : QPen(palette().color(QPalette::Base), 1));
    painter.setBrush(dot.running ? palette().color(QPalette::Base) : colour);
    drawMarker(painter, series_style(dot.series).marker, at, kRadius);
  };
  for (const Dot& dot : dots_) draw(dot);
  const auto ring = [&](int cell, double radius, Qt::PenStyle style, double width) {
    const int dot = dotWith(cell);
    if (dot < 0) return;
    draw(dots_[static_cast<size_t>(dot)]);  // over those that hide it
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(palette().color(QPalette::Text), width, style));
    painter.drawEllipse(now.at(dots_[static_cast<size_t>(dot)]), radius, radius);
  };
  ring(current_, kRadius + 4.5, Qt::SolidLine, 2);
  ring(hovered_, kRadius + 3, Qt::SolidLine, 1);
  if (hasFocus()) ring(keyed_, kRadius + 7.5, Qt::DotLine, 1.4);
}

void CellPlot::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(hasFocus() ? QPen(palette().color(QPalette::Highlight), 1) : QPen(Qt::NoPen));
  painter.setBrush(palette().color(QPalette::Base));
  painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
  painter.setFont(plotFont(font()));
  if (dots_.empty()) {
    painter.setPen(palette().color(QPalette::PlaceholderText));
    const std::string quality = shownQuality();
    painter.drawText(QRectF(rect()).adjusted(20, 20, -20, -20), Qt::AlignCenter | Qt::TextWordWrap,
                     quality.empty()
                         ? tr("No finished cell has a figure of quality yet.")
                         : tr("No cell has both %1 and %2 yet.").arg(figureLabel(quality), figureLabel(effort_)));
    return;
  }
  const Drawing now = drawing();
  now.legend.draw(painter, palette(), now.legend_at);
  now.axes.draw(painter, palette());
  QPolygonF line;
  for (const size_t k : front_) line << now.at(dots_[k]);
  QColor colour = palette().color(QPalette::Text);
  colour.setAlphaF(0.65F);
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(colour, 1.2, Qt::DashLine));
  painter.drawPolyline(line);
  drawDots(painter, now);
  if (const QStringList lines = callout(); !lines.isEmpty()) {
    const int dot = dotWith(hovered_ >= 0 ? hovered_ : keyed_);
    drawCallout(painter, palette(), now.at(dots_[static_cast<size_t>(dot)]), QRectF(rect()).adjusted(4, 4, -4, -4),
                lines);
  }
}

void CellPlot::mouseMoveEvent(QMouseEvent* event) {
  const int dot = dotAt(event->position());
  const int cell = dot < 0 ? -1 : static_cast<int>(dots_[static_cast<size_t>(dot)].cells[0]);
  setCursor(dot < 0 ? Qt::ArrowCursor : Qt::PointingHandCursor);
  if (cell == hovered_) return;
  hovered_ = cell;
  update();
}

void CellPlot::leaveEvent(QEvent*) {
  hovered_ = -1;
  update();
}

void CellPlot::mousePressEvent(QMouseEvent* event) {
  const int dot = event->button() == Qt::LeftButton ? dotAt(event->position()) : -1;
  if (dot < 0) return;
  pointAt(dot);
  Q_EMIT picked(keyed_);
}

void CellPlot::pointAt(int dot) {
  keyed_ = static_cast<int>(dots_[static_cast<size_t>(dot)].cells[0]);
  setAccessibleDescription(callout().join(QStringLiteral(", ")));
  update();
}

void CellPlot::focusInEvent(QFocusEvent* event) {
  // Only for who comes by keys: a window that opens has nothing to point at.
  const bool by_keys = event->reason() == Qt::TabFocusReason || event->reason() == Qt::BacktabFocusReason;
  if (keyed_ < 0 && !dots_.empty() && by_keys) {
    pointAt(std::max(0, dotWith(current_)));
  }
  QWidget::focusInEvent(event);
}

void CellPlot::focusOutEvent(QFocusEvent* event) {
  update();
  QWidget::focusOutEvent(event);
}

void CellPlot::keyPressEvent(QKeyEvent* event) {
  const int count = dotCount(), now = dotWith(keyed_);
  const int key = event->key();
  if (count == 0) return QWidget::keyPressEvent(event);
  if (key == Qt::Key_Return || key == Qt::Key_Enter || key == Qt::Key_Space) {
    if (now >= 0) Q_EMIT picked(keyed_);
    return;
  }
  // Every dot is reached: left and right go by effort, up and down by quality.
  std::vector<int> order(dots_.size());
  for (int k = 0; k < count; ++k) order[static_cast<size_t>(k)] = k;
  if (key == Qt::Key_Up || key == Qt::Key_Down) {
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
      return dots_[static_cast<size_t>(a)].quality.mean < dots_[static_cast<size_t>(b)].quality.mean;
    });
  }
  const int place = static_cast<int>(std::find(order.begin(), order.end(), now) - order.begin());
  int next = 0;
  if (key == Qt::Key_Right || key == Qt::Key_Up) {
    next = now < 0 ? 0 : std::min(place + 1, count - 1);
  } else if (key == Qt::Key_Left || key == Qt::Key_Down) {
    next = now < 0 ? 0 : std::max(place - 1, 0);
  } else if (key == Qt::Key_End) {
    next = count - 1;
  } else if (key != Qt::Key_Home) {
    return QWidget::keyPressEvent(event);
  }
  hovered_ = -1;
  pointAt(order[static_cast<size_t>(next)]);
}

}  // namespace mgdm::ui
