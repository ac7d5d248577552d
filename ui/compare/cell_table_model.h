// What the table of cells shows, in the order in which it shows it.
#pragma once
#include <QAbstractTableModel>
#include <QSet>
#include <QTimer>
#include <map>
#include <string>
#include <vector>

#include "ui/compare/cells.h"

namespace mgdm::ui {

/// Columns: the axes, the state, the figures. Sorted by itself and not by a proxy: what has no number is last in both
/// directions, and figures that only a later cell has come as new columns without the sorting going astray.
/// Qt::UserRole is the bare value, for copies: a double where it is a number.
class CellTableModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  explicit CellTableModel(QObject* parent = nullptr);
  void setCells(Cells* cells);
  Cells* cells() const { return cells_; }

  int cellAt(int row) const { return order_.at(static_cast<size_t>(row)); }
  int rowOf(int cell) const;  ///< -1: there is no such cell
  /// "axis:sampler", "state", "figure:psnr": the same whatever other columns there are.
  QString columnName(int column) const { return columns_.at(static_cast<size_t>(column)).name; }
  int columnOf(const QString& name) const;  ///< -1: there is none
  QString sortedBy() const { return sorted_by_; }
  bool isBest(int cell, const std::string& figure) const;

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
  void sort(int column, Qt::SortOrder order) override;

 private:
  struct Column {
    enum Kind { Axis, State, Figure } kind = Axis;
    int axis = 0;
    std::string figure;
    QString name;
    bool numbers = false;  ///< an axis all of whose values are numbers
  };
  std::vector<Column> columnsNow() const;
  void start();
  void take(int cell);
  void catchUp();
  void addColumns();
  void findBest();
  std::vector<int> sortedOrder() const;
  void reorder();
  void setOrder(std::vector<int> order);
  QString textOf(int cell, const Column& column) const;
  QVariant value(int cell, const Column& column) const;
  double number(int cell, const Column& column) const;

  Cells* cells_ = nullptr;
  std::vector<Column> columns_;
  std::vector<int> order_, row_of_;  ///< row -> cell, cell -> row
  std::map<std::string, int> best_;  ///< figure -> cell
  QString sorted_by_;                ///< name of a column; empty: the cells' own order
  Qt::SortOrder direction_ = Qt::AscendingOrder;
  QSet<int> stale_;  ///< cells that have changed since they were last shown
  QTimer timer_;     ///< many cells change many times a second; the table is drawn anew a few times
};

}  // namespace mgdm::ui
