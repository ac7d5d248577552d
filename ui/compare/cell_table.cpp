#include "ui/compare/cell_table.h"

#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMenu>
#include <QPainter>
#include <QScrollBar>
#include <QSignalBlocker>
#include <QStyledItemDelegate>
#include <algorithm>

#include "ui/compare/cell_table_model.h"

namespace mgdm::ui {

namespace {

constexpr int kPad = 8, kRightPad = 16;  ///< beside a text, as in the headings
constexpr int kStar = 12, kStarGap = 5;
constexpr int kSentenceWidth = 170;  ///< of the state, which may be a long sentence

// The style sheet's padding of items holds for selected ones only, which makes the texts jump; and a star belongs
// beside its number, not at the other end of the cell.
class CellDelegate : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;

  void paint(QPainter* painter, const QStyleOptionViewItem& given, const QModelIndex& index) const override {
    QStyleOptionViewItem option = given;
    initStyleOption(&option, index);
    const bool selected = option.state.testFlag(QStyle::State_Selected);
    painter->save();
    if (selected) {
      painter->fillRect(option.rect, option.palette.color(QPalette::Highlight));
    } else if (option.features.testFlag(QStyleOptionViewItem::Alternate)) {
      painter->fillRect(option.rect, option.palette.color(QPalette::AlternateBase));
    }
    if (option.state.testFlag(QStyle::State_HasFocus) && !selected) {
      painter->setPen(option.palette.color(QPalette::Highlight));
      painter->drawRect(option.rect.adjusted(0, 0, -1, -1));
    }
    const QRect inside = option.rect.adjusted(kPad, 0, -kRightPad, 0);
    painter->setFont(option.font);
    painter->setPen(option.palette.color(selected ? QPalette::HighlightedText : QPalette::Text));
    const QString text = option.fontMetrics.elidedText(option.text, Qt::ElideRight, inside.width());
    painter->drawText(inside, static_cast<int>(option.displayAlignment), text);
    if (!option.icon.isNull()) {
      const int left = inside.right() + 1 - option.fontMetrics.horizontalAdvance(text) - kStarGap - kStar;
      option.icon.paint(painter, left, inside.center().y() - kStar / 2 + 1, kStar, kStar);
    }
    painter->restore();
  }

  QSize sizeHint(const QStyleOptionViewItem& given, const QModelIndex& index) const override {
    QStyleOptionViewItem option = given;
    initStyleOption(&option, index);
    const int star = option.icon.isNull() ? 0 : kStar + kStarGap;
    return {option.fontMetrics.horizontalAdvance(option.text) + kPad + kRightPad + star + 2,
            option.fontMetrics.height()};
  }
};

// Between tabs and lines there can be neither.
QString tsv(const QVariant& value) {
  if (value.typeId() == QMetaType::Double)
    return QString::number(value.toDouble(), 'g', QLocale::FloatingPointShortest);
  QString text = value.toString();
  return text.replace(QLatin1Char('\t'), QLatin1Char(' ')).replace(QLatin1Char('\n'), QLatin1Char(' '));
}

}  // namespace

CellTable::CellTable(QWidget* parent) : QTableView(parent), model_(new CellTableModel(this)) {
  setModel(model_);
  setAccessibleName(tr("Cells"));
  setSelectionBehavior(SelectRows);
  setSelectionMode(ExtendedSelection);
  setAlternatingRowColors(true);
  setShowGrid(false);
  setWordWrap(false);
  setTabKeyNavigation(false);
  setHorizontalScrollMode(ScrollPerPixel);
  setVerticalScrollMode(ScrollPerPixel);
  setItemDelegate(new CellDelegate(this));
  verticalHeader()->hide();
  // Not measured row by row: there may be thousands, and all have one line.
  verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 13);
  QHeaderView* header = horizontalHeader();
  header->setSectionsMovable(true);
  header->setHighlightSections(false);
  header->setSortIndicatorClearable(true);
  header->setResizeContentsPrecision(200);
  header->setContextMenuPolicy(Qt::CustomContextMenu);
  setSortingEnabled(true);
  sortByColumn(-1, Qt::AscendingOrder);
  connect(this, &QTableView::clicked, this, &CellTable::pick);
  connect(header, &QWidget::customContextMenuRequested, this, [this, header](const QPoint& at) {
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    addColumnActions(menu);
    menu->popup(header->mapToGlobal(at));
  });
  // The heading that is sorted by moves when a column comes before it.
  connect(model_, &QAbstractItemModel::columnsInserted, this,
          [this](const QModelIndex&, int first, int last) { takeColumns(first, last); });
  connect(model_, &QAbstractItemModel::modelReset, this, [this] { showColumns(0, model_->columnCount() - 1); });
}

void CellTable::setCells(Cells* cells) { model_->setCells(cells); }

int CellTable::current() const { return currentIndex().isValid() ? model_->cellAt(currentIndex().row()) : -1; }

void CellTable::setCurrent(int cell) {
  const int row = cell < 0 ? -1 : model_->rowOf(cell);
  if (row < 0) {
    clearSelection();
    setCurrentIndex({});
    return;
  }
  if (cell == current() && selectionModel()->isRowSelected(row)) return;
  const int column = std::max(0, horizontalHeader()->logicalIndexAt(0));
  setCurrentIndex(model_->index(row, column));
}

void CellTable::pick(const QModelIndex& index) {
  if (index.isValid()) Q_EMIT picked(model_->cellAt(index.row()));
}

void CellTable::showColumns(int first, int last) {
  QHeaderView* header = horizontalHeader();
  {
    const QSignalBlocker quiet(header);  // it is sorted already
    const int sorted = model_->columnOf(model_->sortedBy());
    header->setSortIndicator(sorted, sorted < 0 ? Qt::AscendingOrder : header->sortIndicatorOrder());
  }
  for (int k = first; k <= last; ++k) {
    setColumnHidden(k, hidden_.contains(model_->columnName(k)));
    if (!isColumnHidden(k)) fitColumn(k);
  }
}

void CellTable::fitColumn(int column) {
  resizeColumnToContents(column);
  const int most = model_->columnName(column) == QLatin1String("state") ? kSentenceWidth : 2 * kSentenceWidth;
  // Room for a star and for digits that are still to come.
  setColumnWidth(column, std::min(columnWidth(column) + kStar + kStarGap, most));
}

void CellTable::takeColumns(int first, int last) {
  showColumns(first, last);
  // A selected row has a gap now where the new columns are, and would not count as one.
  const QItemSelection selected = selectionModel()->selection();
  selectionModel()->select(selected, QItemSelectionModel::Select | QItemSelectionModel::Rows);
}

void CellTable::addColumnActions(QMenu* menu) {
  QHeaderView* header = horizontalHeader();
  const int shown = header->count() - header->hiddenSectionCount();
  for (int place = 0; place < header->count(); ++place) {
    const int column = header->logicalIndex(place);
    const QString name = model_->columnName(column);
    QAction* action = menu->addAction(model_->headerData(column, Qt::Horizontal, Qt::DisplayRole).toString());
    action->setObjectName(name);
    action->setCheckable(true);
    action->setChecked(!isColumnHidden(column));
    action->setEnabled(shown > 1 || isColumnHidden(column));  // the last one stays
    connect(action, &QAction::toggled, this, [this, name](bool visible) {
      if (visible) {
        hidden_.remove(name);
      } else {
        hidden_.insert(name);
      }
      if (const int at = model_->columnOf(name); at >= 0) {
        setColumnHidden(at, !visible);
        if (visible) fitColumn(at);
      }
    });
  }
  menu->addSeparator();
  QAction* all = menu->addAction(tr("Show all columns"), this, [this] {
    hidden_.clear();
    showColumns(0, model_->columnCount() - 1);
  });
  all->setObjectName(QStringLiteral("show_all"));
  all->setEnabled(header->hiddenSectionCount() > 0);
}

void CellTable::contextMenuEvent(QContextMenuEvent* event) {
  auto* menu = new QMenu(this);
  menu->setAttribute(Qt::WA_DeleteOnClose);
  QAction* copy_action = menu->addAction(tr("Copy"), this, &CellTable::copy);
  copy_action->setShortcut(QKeySequence::Copy);
  addColumnActions(menu->addMenu(tr("Columns")));
  menu->popup(event->globalPos());
}

void CellTable::keyPressEvent(QKeyEvent* event) {
  if (event->matches(QKeySequence::Copy)) return copy();
  if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) return pick(currentIndex());
  QTableView::keyPressEvent(event);
}

void CellTable::copy() const { QApplication::clipboard()->setText(selectionAsText()); }

QString CellTable::selectionAsText() const {
  std::vector<int> columns, rows;
  for (int place = 0; place < horizontalHeader()->count(); ++place) {
    const int column = horizontalHeader()->logicalIndex(place);
    if (!isColumnHidden(column)) columns.push_back(column);
  }
  for (const QModelIndex& index : selectionModel()->selectedRows()) rows.push_back(index.row());
  std::sort(rows.begin(), rows.end());
  if (rows.empty()) {
    for (int row = 0; row < model_->rowCount(); ++row) rows.push_back(row);
  }
  QStringList lines, fields;
  for (const int column : columns) fields << tsv(model_->headerData(column, Qt::Horizontal, Qt::DisplayRole));
  lines << fields.join(QLatin1Char('\t'));
  for (const int row : rows) {
    fields.clear();
    for (const int column : columns) fields << tsv(model_->data(model_->index(row, column), Qt::UserRole));
    lines << fields.join(QLatin1Char('\t'));
  }
  return lines.join(QLatin1Char('\n')) + QLatin1Char('\n');
}

}  // namespace mgdm::ui
