// One cell of a comparison large, or two held against each other. GUI thread; error maps are measured on a thread of
// its own.
//
// Wheel: zooms about the pointer; drag: moves; double click: the whole picture; zoomed in far enough, each pixel tells
// its values. Held Shift shows the reference, held Tab or O what was given. F flips between the two and back to how
// they were shown before. Arrow keys, Page up and down ask for the next cell along the axes, 1 to 9 for another, Escape
// and Enter to go back.
#pragma once
#include <QCache>
#include <QHash>
#include <QPointer>
#include <QStaticText>
#include <QTimer>
#include <QWidget>
#include <memory>
#include <string>

#include "ui/compare/cell_picture.h"
#include "ui/compare/error_picture.h"
#include "ui/compare/linked_view.h"

namespace mgdm {
class Worker;
}

namespace mgdm::ui {

class LargeView : public QWidget {
  Q_OBJECT
 public:
  enum class Mode { Single, Slider, SideBySide, Flip };
  enum class Against { Reference, Other };
  explicit LargeView(QWidget* parent = nullptr);
  ~LargeView() override;

  void setCells(Cells* cells);  ///< not owned; nullptr: none
  void setCell(int cell);       ///< A; -1: none
  void setOther(int cell);      ///< B; -1: none, two are A and its reference then
  int cell() const { return cell_; }
  int other() const { return other_; }
  void setMode(Mode mode);
  Mode mode() const { return mode_; }
  /// `Shown::Error`: the chosen error map, which is measured here.
  void setShown(Shown shown);
  Shown shown() const { return shown_; }
  void setIterate(int per_mille);  ///< 0 to 1000 of a cell's own iterates; -1: the result
  void setErrorMap(ErrorMap map);
  ErrorMap errorMap() const { return map_; }
  void setErrorPeak(double peak);  ///< of the colour scale; 0: the map's own
  /// What errors are held against. `Other` shows one map, of A against B, whatever the mode.
  void setAgainst(Against against);
  Against against() const { return against_; }
  void setFigure(const std::string& name);  ///< told beside each name; empty: none
  void setFlipInterval(int ms);             ///< 100 to 5000
  int flipInterval() const { return flip_.interval(); }
  void setView(const LinkedView& view);
  const LinkedView& view() const { return view_; }

  double split() const { return split_; }           ///< of the slider, 0 to 1 of the width
  bool otherSeen() const { return second_seen_; }   ///< while it flips: it is B's turn
  LegendBar* legend() const { return legend_; }     ///< hidden where nothing is told by colours
  QString title(int side) const;                    ///< what is named on screen: 0: A, 1: B
  QRectF pictureBox(int side) const;                ///< where it is drawn
  double lastFrameMs() const { return frame_ms_; }  ///< time the last paint event took

 public Q_SLOTS:
  void fit();
  void actualSize();
  void zoomBy(double factor);
  void toggleFlip();

 Q_SIGNALS:
  void walkWanted(int columns, int rows, int tabs);  ///< as `CellGrid::walk` takes it
  void numberWanted(int n);                          ///< as `CellGrid::openVisible` takes it
  void closed();
  void modeChanged(mgdm::ui::LargeView::Mode mode);
  void viewChanged(const mgdm::ui::LinkedView& view);

 protected:
  bool event(QEvent* event) override;
  void changeEvent(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  struct Pane {
    CellPicture picture;
    QImage image;            ///< null: not there
    QVector<float> values;   ///< of an error map
    QString title, message;  ///< `message`: why there is no picture
    QImage drawn;            ///< at rest, as it is painted
    LinkedView drawn_view;
    qint64 drawn_image = 0;
  };
  enum class Drag { None, Pan, Split };

  void load();  ///< asks for what is to be seen
  void fill(Pane& pane, int side);
  void fillError(Pane& pane, int side);
  void measure(const QString& key, const QImage& picture, const QImage& reference);
  CellPicture pictureOf(int side) const;
  QString titleOf(int side, const CellPicture& picture) const;
  bool showsError() const { return shown_ == Shown::Error && held_->held() == Held::Nothing; }
  bool twoSided() const;
  bool hasSecond() const;
  QRectF area() const;
  QRectF boxOf(int side) const;
  int sideAt(const QPointF& at) const;
  QSizeF pictureSize(int side) const;
  void placeLegend();
  void moved();
  void paintPane(QPainter& painter, int side, const QRectF& clip);
  void paintValues(QPainter& painter, const Pane& pane, const QRectF& target, const QRectF& clip);
  void paintTitle(QPainter& painter, int side, const QRectF& box, bool right);
  void paintSplit(QPainter& painter);

  QPointer<Cells> cells_;
  int cell_ = -1, other_ = -1, per_mille_ = -1;
  Mode mode_ = Mode::Single, before_flip_ = Mode::Single;
  Shown shown_ = Shown::Result;
  ErrorMap map_ = ErrorMap::Absolute;
  double peak_ = 0, split_ = 0.5, frame_ms_ = 0;
  Against against_ = Against::Reference;
  std::string figure_;
  LinkedView view_;
  Pane panes_[2];
  HeldKeys* held_;
  LegendBar* legend_;
  QTimer flip_, rest_;
  bool second_seen_ = false, moving_ = false;
  Drag drag_ = Drag::None;
  QPointF last_;
  int drag_side_ = 0;
  QHash<int, quint32> versions_;  ///< of each cell's pictures
  QCache<QString, ErrorPicture> errors_;
  QHash<QString, QStaticText> words_;  ///< values of pixels, laid out
  int words_size_ = 0;
  QString measuring_;  ///< empty: nothing is measured
  std::unique_ptr<Worker> worker_;
};

}  // namespace mgdm::ui
