// The printed sheet of a grid of cells: where title, headings, tiles and captions lie, and how each is drawn.
#pragma once
#include <QFont>
#include <QImage>
#include <QPainter>
#include <QRect>
#include <QStringList>
#include <QVector>
#include <string>
#include <vector>

#include "ui/compare/cells.h"

namespace mgdm::ui {

struct GridChoice {
  int rows = -1, columns = -1;  ///< axes; -1: none, one row or one column
  QVector<int> fixed;           ///< the value of each axis; those of `rows` and `columns` are not looked at
  Shown shown = Shown::Result;
  QString title;
  std::vector<std::string> figures;  ///< below each tile
  /// What the ends of the colour scale mean where `shown` is a map: "0 σ", "4 σ". Empty: no scale.
  QString scale_low, scale_high;
};

/// Unit: a pixel of the pictures, which keep their own size. Black on white, whatever the window's theme. Holds no
/// picture.
class GridSheet {
 public:
  /// `sizes`: of each tile's picture, row by row; empty ones take the others'.
  GridSheet(const Cells& cells, const GridChoice& choice, const std::vector<QSize>& sizes);

  int rowCount() const { return rows_; }
  int columnCount() const { return columns_; }
  QSize size() const { return size_; }
  /// The cell there, -1 where it is skipped.
  int cellAt(int row, int column) const { return cells_at_[index(row, column)]; }
  /// Of the whole tile, its caption too, and of its picture alone.
  QRect tile(int row, int column) const;
  QRect picture(int row, int column) const;

  /// Title, values of the axes that do not vary, headings, colour scale; what lies outside `clip` may be left out.
  void drawFrame(QPainter& painter, const QRect& clip) const;
  /// A null picture: what there is instead of it.
  void drawTile(QPainter& painter, int row, int column, const QImage& picture) const;

 private:
  size_t index(int row, int column) const {
    return static_cast<size_t>(row) * static_cast<size_t>(columns_) + static_cast<size_t>(column);
  }
  QStringList caption(int cell) const;
  QString subtitle() const;
  void drawScale(QPainter& painter, const QRect& line) const;

  const Cells& cells_;
  GridChoice choice_;
  int rows_ = 1, columns_ = 1;
  std::vector<int> cells_at_;
  std::vector<QSize> sizes_;
  QSize tile_, size_;  ///< of the largest picture; of the sheet
  int margin_ = 0, gap_ = 0, line_ = 0, caption_ = 0;
  int left_ = 0, top_ = 0;  ///< of the first tile
  QFont font_, bold_, big_;
};

/// The cells in the grid, row by row; -1 where one is skipped.
std::vector<int> grid_cells(const Cells& cells, const GridChoice& choice);

}  // namespace mgdm::ui
