// The cells of a comparison as a table that any column sorts.
#pragma once
#include <QSet>
#include <QTableView>

#include "ui/compare/cells.h"

class QMenu;

namespace mgdm::ui {

class CellTableModel;

/// A row a cell; its axes, its state, its figures. The best finished cell of each figure of quality is marked by a star
/// and in bold; cells that are on show what they have so far in a lighter colour. A click on a heading sorts (numbers
/// as numbers, what there is not always last), dragging moves a column, the menu of headings and rows hides some. GUI
/// thread.
class CellTable : public QTableView {
  Q_OBJECT
 public:
  explicit CellTable(QWidget* parent = nullptr);
  /// nullptr: none. They outlive the table, or are set to none before.
  void setCells(Cells* cells);
  /// The cell of the current row, -1 without.
  int current() const;
  /// Selects it and scrolls to it; -1: none. `picked` is not emitted.
  void setCurrent(int cell);
  /// What is selected, or all rows without a selection, as lines with tabs in between, with the headings. Numbers in
  /// full precision.
  QString selectionAsText() const;

 public Q_SLOTS:
  void copy() const;

 Q_SIGNALS:
  void picked(int cell);  ///< a click, or Enter

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;

 private:
  void addColumnActions(QMenu* menu);
  void showColumns(int first, int last);
  void fitColumn(int column);
  void takeColumns(int first, int last);
  void pick(const QModelIndex& index);

  CellTableModel* model_;
  QSet<QString> hidden_;  ///< columns by name, so that they stay hidden when others come
};

}  // namespace mgdm::ui
