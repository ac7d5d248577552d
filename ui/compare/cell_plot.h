// Quality against effort, a dot a cell.
#pragma once
#include <QPointer>
#include <QTimer>
#include <QWidget>
#include <string>
#include <vector>

#include "core/compare/table.h"
#include "ui/compare/cells.h"
#include "ui/widgets/axes.h"

namespace mgdm::ui {

/// Each cell is a dot; colour and marker tell the value of the first axis. What no other beats in both is joined by a
/// line (the Pareto front). Axes that are put together make one dot of several cells, with bars of one standard
/// deviation. Cells that are on are hollow. A click picks, arrows go from dot to dot and Enter picks. GUI thread.
class CellPlot : public QWidget {
  Q_OBJECT
 public:
  explicit CellPlot(QWidget* parent = nullptr);
  /// nullptr: none. They outlive the plot, or are set to none before.
  void setCells(Cells* cells);
  /// Names of figures (core/compare/figures.h). Quality, upwards; empty: the first of quality that there is.
  void setQuality(const std::string& figure);
  /// To the right; empty: "evaluations".
  void setEffort(const std::string& figure);
  const std::string& quality() const { return quality_; }
  const std::string& effort() const { return effort_; }
  /// Names of axes whose cells are put together.
  void setOver(const QStringList& axes);
  /// Effort by factors; linear all the same where it is not above 0 everywhere.
  void setLogarithmic(bool on);
  bool logarithmic() const { return logarithmic_; }
  /// The cell with a ring; -1: none. `picked` is not emitted.
  void setCurrent(int cell);

  /// Where the dot that holds the cell lies, in this widget; far outside where there is none.
  QPointF dotOf(int cell) const;
  int dotCount() const { return static_cast<int>(dots_.size()); }
  /// The cells that no other beats, in the order of their effort; the first one of each dot.
  std::vector<int> front() const;
  /// What the box beside the pointed at dot says, line by line; empty without one.
  QStringList callout() const;

  QSize sizeHint() const override { return {560, 360}; }
  QSize minimumSizeHint() const override { return {220, 160}; }

 Q_SIGNALS:
  void picked(int cell);  ///< of several cells the first

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;

 private:
  struct Dot {
    QString name;
    std::vector<size_t> cells;
    size_t series = 0;
    bool running = false;
    Spread effort, quality;
  };
  struct Drawing;
  void later();
  void catchUp();
  std::string shownQuality() const;
  Drawing drawing() const;
  /// -1: none.
  int dotWith(int cell) const;
  int dotAt(const QPointF& at) const;
  void pointAt(int dot);
  void drawDots(QPainter& painter, const Drawing& now) const;

  QPointer<Cells> cells_;
  std::string quality_, effort_ = "evaluations";
  QStringList over_, series_;
  bool logarithmic_ = true;
  int current_ = -1;               ///< a cell
  int hovered_ = -1, keyed_ = -1;  ///< the first cell of the dot under the mouse, and of the one the arrows are at
  std::vector<Dot> dots_;          ///< ascending in effort, then in quality
  std::vector<size_t> front_;
  QTimer timer_;  ///< many cells change many times a second
};

}  // namespace mgdm::ui
