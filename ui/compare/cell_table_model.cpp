#include "ui/compare/cell_table_model.h"

#include <QGuiApplication>
#include <QPalette>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "ui/compare/cell_numbers.h"
#include "ui/compare/cell_table.h"
#include "ui/widgets/icons.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

bool all_numbers(const QStringList& values) {
  return std::all_of(values.begin(), values.end(), [](const QString& value) {
    bool is_number = false;
    value.toDouble(&is_number);
    return is_number;
  });
}

// "run 9" before "run 10". (QCollator's numeric mode does so only where Qt has ICU.)
bool earlier(const QString& a, const QString& b) {
  qsizetype i = 0, k = 0;
  const auto part = [](const QString& text, qsizetype& at) {
    const qsizetype from = at;
    const bool digits = text[at].isDigit();
    while (at < text.size() && text[at].isDigit() == digits) ++at;
    return std::pair{text.mid(from, at - from), digits};
  };
  while (i < a.size() && k < b.size()) {
    const auto [one, one_is_number] = part(a, i);
    const auto [other, other_is_number] = part(b, k);
    if (one_is_number && other_is_number) {
      if (const double x = one.toDouble(), y = other.toDouble(); x != y) return x < y;
    } else if (const int compared = QString::localeAwareCompare(one, other); compared != 0) {
      return compared < 0;
    }
  }
  return a.size() - i < b.size() - k;
}

}  // namespace

CellTableModel::CellTableModel(QObject* parent) : QAbstractTableModel(parent) {
  timer_.setSingleShot(true);
  timer_.setInterval(60);
  timer_.callOnTimeout(this, &CellTableModel::catchUp);
}

void CellTableModel::setCells(Cells* cells) {
  if (cells_ != nullptr) cells_->disconnect(this);
  cells_ = cells;
  if (cells_ != nullptr) {
    connect(cells_, &Cells::reset, this, &CellTableModel::start);
    connect(cells_, &Cells::changed, this, &CellTableModel::take);
  }
  start();
}

void CellTableModel::start() {
  beginResetModel();
  timer_.stop();
  stale_.clear();
  columns_ = columnsNow();
  findBest();
  setOrder(sortedOrder());
  endResetModel();
}

void CellTableModel::take(int cell) {
  stale_.insert(cell);
  if (!timer_.isActive()) timer_.start();
}

void CellTableModel::catchUp() {
  addColumns();
  const auto before = best_;
  findBest();
  for (const auto& [figure, cell] : before) stale_.insert(cell);
  for (const auto& [figure, cell] : best_) stale_.insert(cell);
  const int last = columnCount() - 1;
  for (const int cell : std::as_const(stale_)) {
    if (const int row = rowOf(cell); row >= 0) Q_EMIT dataChanged(index(row, 0), index(row, last));
  }
  stale_.clear();
  reorder();
}

// Without a reset, which would cost the person selection, scrolling and the order of the columns.
void CellTableModel::addColumns() {
  const std::vector<Column> now = columnsNow();
  for (size_t k = 0; k < now.size(); ++k) {
    if (k < columns_.size() && columns_[k].name == now[k].name) continue;
    if (columnOf(now[k].name) >= 0) continue;
    const int at = static_cast<int>(std::min(k, columns_.size()));
    beginInsertColumns({}, at, at);
    columns_.insert(columns_.begin() + at, now[k]);
    endInsertColumns();
  }
}

std::vector<CellTableModel::Column> CellTableModel::columnsNow() const {
  std::vector<Column> all;
  if (cells_ == nullptr) return all;
  const auto& axes = cells_->axes();
  for (int k = 0; k < axes.size(); ++k) {
    all.push_back({Column::Axis, k, {}, QStringLiteral("axis:") + axes[k].name, all_numbers(axes[k].values)});
  }
  all.push_back({Column::State, 0, {}, QStringLiteral("state"), false});
  for (const std::string& figure : figuresOf(*cells_)) {
    all.push_back({Column::Figure, 0, figure, QStringLiteral("figure:") + text(figure), true});
  }
  return all;
}

int CellTableModel::columnOf(const QString& name) const {
  const auto found = std::find_if(columns_.begin(), columns_.end(), [&](const Column& c) { return c.name == name; });
  return found == columns_.end() ? -1 : static_cast<int>(found - columns_.begin());
}

int CellTableModel::rowOf(int cell) const {
  return cell >= 0 && cell < rowCount() ? row_of_[static_cast<size_t>(cell)] : -1;
}

void CellTableModel::findBest() {
  best_.clear();
  for (const Column& column : columns_) {
    if (column.kind != Column::Figure) continue;
    const Figure figure = figure_of(column.figure);
    if (!figure.of_quality) continue;
    double record = kNan;
    for (int c = 0; c < cells_->count(); ++c) {
      if (cells_->cell(c).state != Cells::State::Done) continue;
      const double value = figureOf(cells_->cell(c), column.figure);
      if (!std::isfinite(value)) continue;
      if (std::isfinite(record) && !(figure.higher_is_better ? value > record : value < record)) continue;
      record = value;
      best_[column.figure] = c;
    }
  }
}

bool CellTableModel::isBest(int cell, const std::string& figure) const {
  const auto found = best_.find(figure);
  return found != best_.end() && found->second == cell;
}

int CellTableModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(order_.size());
}

int CellTableModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(columns_.size());
}

double CellTableModel::number(int cell, const Column& column) const {
  const Cells::Cell& c = cells_->cell(cell);
  switch (column.kind) {
    case Column::Axis:
      return column.numbers ? cells_->axes()[column.axis].values[c.at[column.axis]].toDouble() : kNan;
    case Column::State:
      return static_cast<int>(c.state) + (c.state == Cells::State::Running ? std::clamp(c.share, 0.0, 0.99) : 0);
    case Column::Figure:
      return figureOf(c, column.figure);
  }
  return kNan;
}

QString CellTableModel::textOf(int cell, const Column& column) const {
  const Cells::Cell& c = cells_->cell(cell);
  if (column.kind == Column::Axis) return cells_->axes()[column.axis].values[c.at[column.axis]];
  if (column.kind == Column::Figure) {
    const double value = number(cell, column);
    // What waits has nothing to say; what is finished without this figure says that it has none.
    if (!std::isfinite(value) && c.state != Cells::State::Done) return {};
    return text(figure_number(column.figure, value));
  }
  switch (c.state) {
    case Cells::State::Waiting:
      return CellTable::tr("waiting");
    case Cells::State::Running:
      return CellTable::tr("%1 %").arg(static_cast<int>(100 * c.share));
    case Cells::State::Done:
      return CellTable::tr("done");
    case Cells::State::Failed:
      return c.error.isEmpty() ? CellTable::tr("failed") : c.error;
  }
  return {};
}

QVariant CellTableModel::value(int cell, const Column& column) const {
  if (column.kind != Column::Figure) return textOf(cell, column);
  const double value = number(cell, column);
  return std::isfinite(value) ? QVariant(value) : QVariant(QString());
}

QVariant CellTableModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) return {};
  const int cell = cellAt(index.row());
  const Column& column = columns_[static_cast<size_t>(index.column())];
  const Cells::Cell& c = cells_->cell(cell);
  const bool best = column.kind == Column::Figure && isBest(cell, column.figure);
  switch (role) {
    case Qt::DisplayRole:
      return textOf(cell, column);
    case Qt::UserRole:
      return value(cell, column);
    case Qt::TextAlignmentRole:
      return static_cast<int>((column.numbers ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    case Qt::DecorationRole:
      return best ? QVariant(icon(Symbol::StarFull)) : QVariant();
    case Qt::FontRole: {
      if (!best) return {};
      QFont bold;
      bold.setBold(true);
      return bold;
    }
    case Qt::ForegroundRole:
      if (c.state == Cells::State::Done || column.kind == Column::Axis) return {};
      return QGuiApplication::palette().color(QPalette::PlaceholderText);
    case Qt::ToolTipRole:
      if (c.state == Cells::State::Failed) return textOf(cell, {Column::State, 0, {}, {}, false});
      return best ? CellTable::tr("Best of all finished cells (%1)").arg(figureDirection(column.figure)) : QVariant();
    case Qt::AccessibleTextRole:
      if (column.kind != Column::Figure || textOf(cell, column).isEmpty()) return {};
      return figureValue(column.figure, number(cell, column)) + (best ? CellTable::tr(", best") : QString());
    default:
      return {};
  }
}

QVariant CellTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || section < 0 || section >= columnCount()) return {};
  const Column& column = columns_[static_cast<size_t>(section)];
  switch (role) {
    case Qt::DisplayRole:
      if (column.kind == Column::Axis) return cells_->axes()[column.axis].name;
      return column.kind == Column::State ? CellTable::tr("State") : figureHeading(column.figure);
    case Qt::TextAlignmentRole:
      return static_cast<int>((column.numbers ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    case Qt::ToolTipRole:
      return column.kind == Column::Figure ? figureDirection(column.figure) : QString();
    default:
      return {};
  }
}

std::vector<int> CellTableModel::sortedOrder() const {
  std::vector<int> order(cells_ == nullptr ? 0 : static_cast<size_t>(cells_->count()));
  std::iota(order.begin(), order.end(), 0);
  const int at = columnOf(sorted_by_);
  if (at < 0) return order;
  const Column& column = columns_[static_cast<size_t>(at)];
  const bool up = direction_ == Qt::AscendingOrder;
  if (column.kind == Column::Axis && !column.numbers) {
    const auto value = [&](int cell) { return cells_->axes()[column.axis].values[cells_->cell(cell).at[column.axis]]; };
    std::stable_sort(order.begin(), order.end(),
                     [&](int a, int b) { return up ? earlier(value(a), value(b)) : earlier(value(b), value(a)); });
    return order;
  }
  std::vector<double> values;
  for (const int cell : order) values.push_back(number(cell, column));
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
    const double x = values[static_cast<size_t>(a)], y = values[static_cast<size_t>(b)];
    if (std::isnan(x) || std::isnan(y)) return !std::isnan(x) && std::isnan(y);
    return up ? x < y : x > y;
  });
  return order;
}

void CellTableModel::sort(int column, Qt::SortOrder order) {
  sorted_by_ = column >= 0 && column < columnCount() ? columnName(column) : QString();
  direction_ = order;
  reorder();
}

void CellTableModel::setOrder(std::vector<int> order) {
  order_ = std::move(order);
  row_of_.resize(order_.size());
  for (size_t row = 0; row < order_.size(); ++row) row_of_[static_cast<size_t>(order_[row])] = static_cast<int>(row);
}

void CellTableModel::reorder() {
  std::vector<int> order = sortedOrder();
  if (order == order_) return;
  Q_EMIT layoutAboutToBeChanged({}, QAbstractItemModel::VerticalSortHint);
  const QModelIndexList before = persistentIndexList();
  std::vector<int> cells;
  for (const QModelIndex& old : before) cells.push_back(cellAt(old.row()));
  setOrder(std::move(order));
  QModelIndexList after;
  for (qsizetype k = 0; k < before.size(); ++k) {
    after << index(rowOf(cells[static_cast<size_t>(k)]), before[k].column());
  }
  changePersistentIndexList(before, after);
  Q_EMIT layoutChanged({}, QAbstractItemModel::VerticalSortHint);
}

}  // namespace mgdm::ui
