// All cells of a comparison side by side: rows, columns, one picture each, zoomed and moved together. GUI thread.
//
// Wheel: zooms all cells about the pointer; over the headers, or with Shift, it scrolls; with Ctrl it changes the
// cells' size. Drag: moves the pictures, or scrolls where they fit. Double click: the whole picture. Click or arrow
// keys choose the current cell, Page up and down walk along the first of the tabs; Enter, or 1 to 9 of those in view,
// shows one large; Ctrl + click or B marks the one that others are held against. Held Shift shows the reference, held
// Tab or O what was given.
#pragma once
#include <QAbstractScrollArea>
#include <QPointer>
#include <QTimer>
#include <string>

#include "ui/compare/axis_placement.h"
#include "ui/compare/cell_tiles.h"

namespace mgdm::ui {

class CellGrid : public QAbstractScrollArea {
  Q_OBJECT
 public:
  explicit CellGrid(QWidget* parent = nullptr);

  /// Not owned; nullptr: none. Axes are placed anew.
  void setCells(Cells* cells);
  void setPlacement(const AxisPlacement& placement);
  const AxisPlacement& placement() const { return placement_; }
  void setShown(Shown shown);
  Shown shown() const { return shown_; }
  /// 0 to 1000 of each cell's own iterates; -1: the results.
  void setIterate(int per_mille);
  int iterate() const { return per_mille_; }
  /// The name of the figure below each cell, of which the best is marked (figures of quality, cells that are done);
  /// empty: none.
  void setFigure(const std::string& name);
  const std::string& figure() const { return figure_; }
  void setCellSize(int side);  ///< the longer side of a picture's box, 48 to 640 units
  int cellSize() const { return side_; }
  void setView(const LinkedView& view);
  const LinkedView& view() const { return view_; }

  /// -1: none. What the tabs show follows the cell.
  void setCurrent(int cell);
  int current() const { return current_; }
  /// The cell that others are held against; -1: none.
  void setMarked(int cell);
  int marked() const { return marked_; }
  /// So many existing cells on along the axes of the columns and rows, and values of the first tab.
  void walk(int columns, int rows, int tabs);
  /// The n-th of those in view, counted from 1; no cell, no effect.
  void openVisible(int n);

  const QVector<int>& visible() const { return visible_; }  ///< in reading order
  int best() const { return best_; }                        ///< of those that the tabs show; -1: none
  int cellAt(const QPoint& viewport) const;                 ///< -1: none
  QRect pictureRect(int cell) const;                        ///< of the viewport; empty where the tabs show others
  qsizetype cachedBytes() const { return tiles_.bytes(); }
  double lastFrameMs() const { return frame_ms_; }                  ///< time the last paint event took
  bool settled() const { return !moving_ && !refine_.isActive(); }  ///< all in view is as good as it gets

 public Q_SLOTS:
  void fit();
  void actualSize();  ///< one pixel of the current (or first) picture for each of the screen's
  void zoomBy(double factor);

 Q_SIGNALS:
  void visibleCells(const QVector<int>& cells);  ///< other ones than before
  void currentChanged(int cell);
  void opened(int cell);
  void markedChanged(int cell);
  void placementChanged(const mgdm::ui::AxisPlacement& placement);
  void viewChanged(const mgdm::ui::LinkedView& view);
  void cellSizeChanged(int side);

 protected:
  bool event(QEvent* event) override;
  void changeEvent(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void scrollContentsBy(int dx, int dy) override;
  bool viewportEvent(QEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;

 private:
  struct Place {
    int row = -1, column = -1;
  };
  // What is where.
  void reset();
  void arrange();  ///< axes, sizes: everything anew
  void wrap();
  bool wrapped() const { return placement_.columns >= 0 && placement_.rows < 0; }
  int axisCount(int axis) const;
  int at(Place place) const;  ///< the cell there; -1: none
  Place placeOf(int cell) const;
  Place placeAt(const QPoint& viewport) const;
  QRect boxOf(Place place) const;
  QSize boxSize() const;
  int captionHeight() const;
  QSize pitch() const;
  void updateScrollBars();
  void updateVisible();
  void findBest();
  void announce();
  void showCell(int cell);  ///< scrolls to it
  // Pictures.
  CellPicture pictureOf(int cell) const;
  QSizeF pictureSize(int cell) const;
  void viewMoved();
  void refineSoon();
  void refine();
  // Painting (cell_grid_painting.cpp).
  void paintCell(QPainter& painter, int cell, const QRect& box, int number);
  void paintState(QPainter& painter, const Cells::Cell& cell, const QRect& box, bool drawn);
  void paintCaption(QPainter& painter, int cell, const QRect& box, int number);
  void paintHeaders(QPainter& painter);
  QString captionOf(const Cells::Cell& cell) const;
  QString spokenOf(int cell) const;

  QPointer<Cells> cells_;
  AxisPlacement placement_;
  QVector<int> table_;  ///< cells, row by row; -1: skipped
  int rows_ = 0, columns_ = 0, header_width_ = 0, header_height_ = 0, side_ = 220;
  double aspect_ = 1;  ///< height of a picture's box by its width
  bool size_known_ = false;
  Shown shown_ = Shown::Result;
  int per_mille_ = -1;
  std::string figure_;
  LinkedView view_;
  CellTiles tiles_;
  QHash<int, Cells::State> states_;  ///< as last heard
  HeldKeys* held_;
  int current_ = -1, marked_ = -1, best_ = -1;
  QVector<int> visible_;
  QTimer rest_, refine_;
  bool moving_ = false;
  double frame_ms_ = 0;
  QPoint pressed_, last_;
  int pressed_cell_ = -1;
  bool dragging_ = false;
};

}  // namespace mgdm::ui
