#include "ui/compare/cell_grid.h"

#include <QAccessible>
#include <QApplication>
#include <QElapsedTimer>
#include <QHelpEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QScrollBar>
#include <QToolTip>
#include <algorithm>
#include <cmath>
#include <utility>

namespace mgdm::ui {

namespace {

constexpr int kCellGap = 10, kSmallestCell = 48, kLargestCell = 640;  // a gap is also around all cells
constexpr double kMostZoom = 48;                                      // units for a pixel of a picture
constexpr int kGridRestsMs = 90;                                      // without a movement
constexpr int kRefineMs = 6;  // of a frame for pictures that are not as they should be yet

bool is_grid_key(const QKeyEvent& key) {
  if ((key.modifiers() & ~(Qt::KeypadModifier | Qt::ShiftModifier)) != Qt::NoModifier) return false;
  switch (key.key()) {
    case Qt::Key_Left:
    case Qt::Key_Right:
    case Qt::Key_Up:
    case Qt::Key_Down:
    case Qt::Key_Home:
    case Qt::Key_End:
    case Qt::Key_PageUp:
    case Qt::Key_PageDown:
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_B:
      return true;
    default:
      return key.key() >= Qt::Key_1 && key.key() <= Qt::Key_9;
  }
}

}  // namespace

CellGrid::CellGrid(QWidget* parent) : QAbstractScrollArea(parent), held_(new HeldKeys(this)) {
  setFocusPolicy(Qt::StrongFocus);
  setFrameShape(QFrame::NoFrame);
  setMinimumSize(200, 160);
  viewport()->setMouseTracking(true);
  viewport()->setAttribute(Qt::WA_OpaquePaintEvent);
  setAccessibleDescription(tr("Pictures of all cells, side by side"));
  rest_.setSingleShot(true);
  rest_.setInterval(kGridRestsMs);
  connect(&rest_, &QTimer::timeout, this, [this] {
    moving_ = false;
    refineSoon();
    viewport()->update();
  });
  refine_.setSingleShot(true);
  refine_.setInterval(0);
  connect(&refine_, &QTimer::timeout, this, &CellGrid::refine);
  connect(held_, &HeldKeys::changed, this, [this] {
    refineSoon();
    viewport()->update();
  });
  connect(held_, &HeldKeys::tabbed, this, [this] { focusNextChild(); });
  arrange();
}

void CellGrid::setCells(Cells* cells) {
  if (cells_ != nullptr) cells_->disconnect(this);
  cells_ = cells;
  if (cells_ != nullptr) {
    connect(cells_, &Cells::reset, this, &CellGrid::reset);
    connect(cells_, &Cells::changed, this, [this](int cell) {
      // A cell that begins or ends has another picture, or its first.
      const Cells::State state = cells_->cell(cell).state;
      if (states_.value(cell, Cells::State::Waiting) != state) tiles_.outdate(cell);
      states_.insert(cell, state);
      findBest();
      if (cell == current_) announce();
      if (!size_known_ && !cells_->cell(cell).size.isEmpty()) arrange();
      refineSoon();  // another number of iterates is another picture
      viewport()->update();
    });
    connect(cells_, &Cells::pictureChanged, this, [this](int cell) {
      tiles_.outdate(cell);
      if (visible_.contains(cell)) refineSoon();
    });
    connect(cells_, &QObject::destroyed, this, &CellGrid::reset);
  }
  reset();
}

void CellGrid::reset() {
  tiles_.clear();
  states_.clear();
  view_ = {};
  placement_ = cells_ != nullptr ? default_placement(cells_->axes()) : AxisPlacement{};
  current_ = marked_ = -1;
  visible_.clear();
  arrange();
  if (current_ < 0 && !visible_.isEmpty()) setCurrent(visible_.first());
  Q_EMIT placementChanged(placement_);
}

void CellGrid::setPlacement(const AxisPlacement& placement) {
  const AxisPlacement fitted = cells_ != nullptr ? placement.fitted(cells_->axes()) : placement;
  if (fitted == placement_) return;
  placement_ = fitted;
  arrange();
  // What was chosen is where the tabs are now, with the same values along rows and columns.
  if (current_ >= 0 && !table_.contains(current_)) {
    QVector<int> values = cells_->cell(current_).at;
    for (int axis = 0; axis < values.size(); ++axis) {
      if (placement_.zone(axis) == AxisPlacement::Zone::Tabs) values[axis] = placement_.values[axis];
    }
    const int there = cells_->find(values);
    setCurrent(there >= 0 ? there : visible_.isEmpty() ? -1 : visible_.first());
  }
  Q_EMIT placementChanged(placement_);
}

void CellGrid::setShown(Shown shown) {
  shown_ = shown;
  refineSoon();
  viewport()->update();
}

void CellGrid::setIterate(int per_mille) {
  per_mille_ = std::clamp(per_mille, -1, 1000);
  refineSoon();
  viewport()->update();
}

void CellGrid::setFigure(const std::string& name) {
  figure_ = name;
  arrange();
  announce();
}

void CellGrid::setCellSize(int side) {
  side = std::clamp(side, kSmallestCell, kLargestCell);
  if (side == side_) return;
  side_ = side;
  arrange();
  Q_EMIT cellSizeChanged(side_);
}

void CellGrid::setView(const LinkedView& view) {
  if (view == view_) return;
  view_ = view;
  viewMoved();
}

void CellGrid::fit() { setView({}); }

void CellGrid::actualSize() {
  LinkedView view = view_;
  const int cell = current_ >= 0 ? current_ : visible_.value(0, -1);
  view.toActualSize(pictureSize(cell), QRectF(QPointF(0, 0), boxSize()), devicePixelRatioF());
  setView(view);
}

void CellGrid::zoomBy(double factor) {
  LinkedView view = view_;
  const QRectF box(QPointF(0, 0), boxSize());
  view.zoomAt(box.center(), factor, pictureSize(current_), box, devicePixelRatioF(), kMostZoom);
  setView(view);
}

void CellGrid::viewMoved() {
  moving_ = true;
  rest_.start();
  viewport()->update();
  Q_EMIT viewChanged(view_);
}

// ---- what is where ----

int CellGrid::axisCount(int axis) const {
  return cells_ == nullptr || axis < 0 ? 1 : static_cast<int>(cells_->axes().at(axis).values.size());
}

void CellGrid::arrange() {
  const bool any = cells_ != nullptr && cells_->count() > 0;
  rows_ = any ? axisCount(placement_.rows) : 0;
  columns_ = any ? axisCount(placement_.columns) : 0;
  table_.fill(-1, 0);
  QVector<int> values = placement_.values;
  for (int row = 0; row < rows_; ++row) {
    if (placement_.rows >= 0) values[placement_.rows] = row;
    for (int column = 0; column < columns_; ++column) {
      if (placement_.columns >= 0) values[placement_.columns] = column;
      table_ << cells_->find(values);
    }
  }
  aspect_ = 1;
  size_known_ = false;
  for (const int cell : std::as_const(table_)) {
    const QSize size = cell >= 0 ? cells_->cell(cell).size : QSize();
    if (size.isEmpty()) continue;
    aspect_ = std::clamp(static_cast<double>(size.height()) / size.width(), 0.4, 2.5);
    size_known_ = true;
    break;
  }
  header_height_ = placement_.columns >= 0 && placement_.rows >= 0 ? fontMetrics().height() + 14 : 6;
  header_width_ = 6;
  if (placement_.rows >= 0 && any) {
    for (const QString& value : cells_->axes().at(placement_.rows).values)
      header_width_ = std::max(header_width_, fontMetrics().horizontalAdvance(value) + 20);
    header_width_ = std::clamp(header_width_, 56, 150);
  }
  wrap();
  findBest();
  updateScrollBars();
  updateVisible();
  viewport()->update();
}

// One axis alone goes on in the next line, as words do: nobody scrolls along 200 seeds.
void CellGrid::wrap() {
  if (!wrapped() || table_.isEmpty()) return;
  const int count = axisCount(placement_.columns), room = viewport()->width() - header_width_ - kCellGap;
  columns_ = std::clamp(room / pitch().width(), 1, count);
  rows_ = (count + columns_ - 1) / columns_;
  table_.resize(count);  // without the last line's rest of another width
  while (table_.size() < rows_ * columns_) table_ << -1;
}

QSize CellGrid::boxSize() const {
  return aspect_ <= 1 ? QSize(side_, std::max(1, qRound(side_ * aspect_)))
                      : QSize(std::max(1, qRound(side_ / aspect_)), side_);
}

int CellGrid::captionHeight() const { return fontMetrics().height() + 6; }

QSize CellGrid::pitch() const { return boxSize() + QSize(kCellGap, kCellGap + captionHeight()); }

int CellGrid::at(Place place) const {
  if (place.row < 0 || place.row >= rows_ || place.column < 0 || place.column >= columns_) return -1;
  return table_.at(place.row * columns_ + place.column);
}

CellGrid::Place CellGrid::placeOf(int cell) const {
  const int index = cell < 0 ? -1 : static_cast<int>(table_.indexOf(cell));
  return index < 0 ? Place{} : Place{index / columns_, index % columns_};
}

QRect CellGrid::boxOf(Place place) const {
  const QSize step = pitch();
  return {QPoint(header_width_ + kCellGap + place.column * step.width() - horizontalScrollBar()->value(),
                 header_height_ + kCellGap + place.row * step.height() - verticalScrollBar()->value()),
          boxSize()};
}

CellGrid::Place CellGrid::placeAt(const QPoint& viewport) const {
  if (viewport.x() < header_width_ + kCellGap || viewport.y() < header_height_ + kCellGap) return {};
  const QSize step = pitch();
  const Place place{(viewport.y() - header_height_ - kCellGap + verticalScrollBar()->value()) / step.height(),
                    (viewport.x() - header_width_ - kCellGap + horizontalScrollBar()->value()) / step.width()};
  if (place.row >= rows_ || place.column >= columns_) return {};
  return boxOf(place).adjusted(0, 0, 0, captionHeight()).contains(viewport) ? place : Place{};
}

int CellGrid::cellAt(const QPoint& viewport) const { return at(placeAt(viewport)); }

QRect CellGrid::pictureRect(int cell) const {
  const Place place = placeOf(cell);
  return place.row < 0 ? QRect() : boxOf(place);
}

void CellGrid::updateScrollBars() {
  const QSize step = pitch(), room = viewport()->size() - QSize(header_width_ + kCellGap, header_height_ + kCellGap);
  const auto set = [](QScrollBar* bar, int all, int seen, int single) {
    bar->setRange(0, std::max(0, all - seen));
    bar->setPageStep(std::max(1, seen));
    bar->setSingleStep(std::max(1, single / 3));
  };
  set(horizontalScrollBar(), columns_ * step.width(), room.width(), step.width());
  set(verticalScrollBar(), rows_ * step.height(), room.height(), step.height());
}

void CellGrid::updateVisible() {
  QVector<int> now;
  const QSize step = pitch();
  const auto range = [](int scrolled, int seen, int one, int count) {
    return std::pair{std::max(0, (scrolled - kCellGap) / one),
                     std::min(count - 1, (scrolled + std::max(0, seen - 1 - kCellGap)) / one)};
  };
  const auto [top, bottom] =
      range(verticalScrollBar()->value(), viewport()->height() - header_height_, step.height(), rows_);
  const auto [left, right] =
      range(horizontalScrollBar()->value(), viewport()->width() - header_width_, step.width(), columns_);
  for (int row = top; row <= bottom; ++row) {
    for (int column = left; column <= right; ++column) {
      if (const int cell = at({row, column}); cell >= 0) now << cell;
    }
  }
  refineSoon();
  if ((now.isEmpty() && visible_.isEmpty()) || now == visible_) return;  // QList compares null with memcmp
  visible_ = now;
  Q_EMIT visibleCells(visible_);
}

void CellGrid::findBest() {
  best_ = -1;
  if (cells_ == nullptr || figure_.empty()) return;
  const Figure figure = figure_of(figure_);
  if (!figure.of_quality) return;
  double best = 0;
  for (const int index : table_) {
    if (index < 0 || cells_->cell(index).state != Cells::State::Done) continue;
    const Figures& figures = cells_->cell(index).figures;
    const auto found = figures.find(figure_);
    if (found == figures.end() || !std::isfinite(found->second)) continue;
    if (best_ >= 0 && (figure.higher_is_better ? found->second <= best : found->second >= best)) continue;
    best = found->second;
    best_ = index;
  }
}

// ---- the current cell ----

void CellGrid::setCurrent(int cell) {
  if (cells_ == nullptr || cell >= cells_->count()) cell = -1;
  const bool other = std::exchange(current_, cell) != cell;
  if (cell >= 0 && !table_.contains(cell)) {
    AxisPlacement placement = placement_;
    placement.values = cells_->cell(cell).at;
    setPlacement(placement);
  }
  if (cell >= 0) showCell(cell);
  viewport()->update();
  if (!other) return;
  announce();
  Q_EMIT currentChanged(cell);
}

void CellGrid::setMarked(int cell) {
  if (std::exchange(marked_, cell) == cell) return;
  viewport()->update();
  Q_EMIT markedChanged(cell);
}

void CellGrid::showCell(int cell) {
  const Place place = placeOf(cell);
  if (place.row < 0) return;
  const QRect box = boxOf(place).adjusted(-4, -4, 4, captionHeight() + 4);
  const QRect seen = viewport()->rect().adjusted(header_width_, header_height_, 0, 0);
  const auto along = [](QScrollBar* bar, int low, int high, int seen_low, int seen_high) {
    if (low < seen_low) {
      bar->setValue(bar->value() - (seen_low - low));
    } else if (high > seen_high) {
      bar->setValue(bar->value() + std::min(high - seen_high, low - seen_low));
    }
  };
  along(horizontalScrollBar(), box.left(), box.right(), seen.left(), seen.right());
  along(verticalScrollBar(), box.top(), box.bottom(), seen.top(), seen.bottom());
}

void CellGrid::walk(int columns, int rows, int tabs) {
  if (cells_ == nullptr) return;
  if (current_ < 0) {
    if (!visible_.isEmpty()) setCurrent(visible_.first());
    return;
  }
  if (wrapped() && rows != 0) {  // a line on
    const Place now = placeOf(current_);
    if (const int there = at({now.row + rows, now.column}); there >= 0) setCurrent(there);
    return;
  }
  QVector<int> values = cells_->cell(current_).at;
  int tab = -1;
  for (int axis = 0; axis < values.size() && tab < 0; ++axis) {
    if (placement_.zone(axis) == AxisPlacement::Zone::Tabs) tab = axis;
  }
  int found = -1;
  const std::pair<int, int> ways[] = {{placement_.columns, columns}, {placement_.rows, rows}, {tab, tabs}};
  for (const auto& [axis, steps] : ways) {
    if (axis < 0) continue;
    QVector<int> next = values;
    for (int left = std::abs(steps); left > 0;) {  // over what is skipped to the next one that exists
      next[axis] += steps > 0 ? 1 : -1;
      if (next[axis] < 0 || next[axis] >= axisCount(axis)) break;
      if (const int there = cells_->find(next); there >= 0) {
        found = there;
        values = next;
        --left;
      }
    }
  }
  if (found >= 0) setCurrent(found);
}

void CellGrid::openVisible(int n) {
  if (n < 1 || n > visible_.size()) return;
  setCurrent(visible_.at(n - 1));
  Q_EMIT opened(current_);
}

void CellGrid::announce() {
  setAccessibleName(current_ < 0 ? tr("Cells") : spokenOf(current_));
  QAccessibleEvent event(this, QAccessible::NameChanged);
  QAccessible::updateAccessibility(&event);
}

// ---- pictures ----

CellPicture CellGrid::pictureOf(int cell) const {
  return cell_picture(*cells_, cell, shown_, per_mille_, held_->held());
}

QSizeF CellGrid::pictureSize(int cell) const {
  if (cells_ == nullptr || cell < 0) return boxSize();
  const QSize drawn = tiles_.sizeOf(pictureOf(cell)), told = cells_->cell(cell).size;
  return !drawn.isEmpty() ? drawn : !told.isEmpty() ? told : boxSize();
}

void CellGrid::refineSoon() {
  if (!moving_ && !refine_.isActive()) refine_.start();
}

// What is in view, in reading order, a few milliseconds at a time: a grid that comes to rest must not stand still.
void CellGrid::refine() {
  if (cells_ == nullptr || moving_) return;
  QElapsedTimer clock;
  clock.start();
  tiles_.setView(view_, boxSize(), devicePixelRatioF(), palette().color(QPalette::Dark));
  for (const int cell : std::as_const(visible_)) {
    const CellPicture picture = pictureOf(cell);
    if (tiles_.isPrepared(picture)) continue;
    if (tiles_.prepare(*cells_, picture)) viewport()->update(pictureRect(cell).adjusted(0, 0, 0, captionHeight()));
    if (clock.elapsed() >= kRefineMs) {
      refine_.start();
      return;
    }
  }
}

// ---- events ----

bool CellGrid::event(QEvent* event) {
  if (event->type() == QEvent::ShortcutOverride && is_grid_key(*static_cast<QKeyEvent*>(event))) {
    event->accept();
    return true;
  }
  return QAbstractScrollArea::event(event);
}

void CellGrid::changeEvent(QEvent* event) {
  QAbstractScrollArea::changeEvent(event);
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange ||
      event->type() == QEvent::StyleChange)
    arrange();
}

void CellGrid::resizeEvent(QResizeEvent*) {
  wrap();
  updateScrollBars();
  updateVisible();
}

void CellGrid::scrollContentsBy(int, int) {
  updateVisible();
  viewport()->update();
}

bool CellGrid::viewportEvent(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    const auto* help = static_cast<QHelpEvent*>(event);
    const int cell = cellAt(help->pos());
    if (cell >= 0) {
      QToolTip::showText(help->globalPos(), spokenOf(cell), viewport(), pictureRect(cell));
    } else {
      QToolTip::hideText();
    }
    return true;
  }
  return QAbstractScrollArea::viewportEvent(event);
}

void CellGrid::wheelEvent(QWheelEvent* event) {
  const QPoint at = event->position().toPoint();
  const double notches = event->angleDelta().y() / 120.0;
  const Place place = placeAt(at);
  if (event->modifiers() & Qt::ControlModifier) {
    setCellSize(qRound(side_ * std::pow(1.15, notches)));
  } else if (place.row < 0 || (event->modifiers() & Qt::ShiftModifier) || notches == 0) {
    QAbstractScrollArea::wheelEvent(event);
  } else {
    LinkedView view = view_;
    view.zoomAt(event->position(), std::pow(1.25, notches), pictureSize(this->at(place)), boxOf(place),
                devicePixelRatioF(), kMostZoom);
    setView(view);
  }
  event->accept();
}

void CellGrid::mousePressEvent(QMouseEvent* event) {
  pressed_cell_ = cellAt(event->pos());
  pressed_ = last_ = event->pos();
  dragging_ = false;
  if (event->button() != Qt::LeftButton || pressed_cell_ < 0) return;
  if (event->modifiers() & Qt::ControlModifier) {
    setMarked(marked_ == pressed_cell_ ? -1 : pressed_cell_);
  } else {
    setCurrent(pressed_cell_);
  }
}

void CellGrid::mouseMoveEvent(QMouseEvent* event) {
  if (!(event->buttons() & (Qt::LeftButton | Qt::MiddleButton)) || pressed_cell_ < 0) return;
  if (!dragging_ && (event->pos() - pressed_).manhattanLength() < QApplication::startDragDistance()) return;
  dragging_ = true;
  viewport()->setCursor(Qt::ClosedHandCursor);
  const QPoint by = event->pos() - std::exchange(last_, event->pos());
  if (view_.zoom <= 1) {
    horizontalScrollBar()->setValue(horizontalScrollBar()->value() - by.x());
    verticalScrollBar()->setValue(verticalScrollBar()->value() - by.y());
    return;
  }
  LinkedView view = view_;
  view.panBy(by, pictureSize(pressed_cell_), QRectF(QPointF(0, 0), boxSize()));
  setView(view);
}

void CellGrid::mouseReleaseEvent(QMouseEvent*) {
  pressed_cell_ = -1;
  viewport()->unsetCursor();
}

void CellGrid::mouseDoubleClickEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton && cellAt(event->pos()) >= 0) fit();
}

void CellGrid::contextMenuEvent(QContextMenuEvent* event) {
  const bool by_key = event->reason() == QContextMenuEvent::Keyboard;
  const int cell = by_key ? current_ : cellAt(event->pos());
  if (cell < 0) return;
  setCurrent(cell);
  auto* menu = new QMenu(this);
  menu->setAttribute(Qt::WA_DeleteOnClose);
  menu->addAction(tr("Show large"), this, [this, cell] { Q_EMIT opened(cell); });
  menu->addAction(marked_ == cell ? tr("No longer hold others against it") : tr("Hold others against it"), this,
                  [this, cell] { setMarked(marked_ == cell ? -1 : cell); });
  menu->addSeparator();
  menu->addAction(tr("Whole pictures"), this, &CellGrid::fit);
  menu->addAction(tr("Actual size"), this, &CellGrid::actualSize);
  menu->popup(by_key ? viewport()->mapToGlobal(pictureRect(cell).center()) : event->globalPos());
}

void CellGrid::keyPressEvent(QKeyEvent* event) {
  if (!is_grid_key(*event)) {
    QAbstractScrollArea::keyPressEvent(event);
    return;
  }
  switch (event->key()) {
    case Qt::Key_Left:
      return walk(-1, 0, 0);
    case Qt::Key_Right:
      return walk(1, 0, 0);
    case Qt::Key_Up:
      return walk(0, -1, 0);
    case Qt::Key_Down:
      return walk(0, 1, 0);
    case Qt::Key_Home:
      return walk(-axisCount(placement_.columns), 0, 0);
    case Qt::Key_End:
      return walk(axisCount(placement_.columns), 0, 0);
    case Qt::Key_PageUp:
      return walk(0, 0, -1);
    case Qt::Key_PageDown:
      return walk(0, 0, 1);
    case Qt::Key_B:
      return setMarked(marked_ == current_ ? -1 : current_);
    case Qt::Key_Return:
    case Qt::Key_Enter:
      if (current_ >= 0) Q_EMIT opened(current_);
      return;
    default:
      openVisible(event->key() - Qt::Key_0);
  }
}

void CellGrid::focusInEvent(QFocusEvent*) { viewport()->update(); }
void CellGrid::focusOutEvent(QFocusEvent*) { viewport()->update(); }

}  // namespace mgdm::ui
