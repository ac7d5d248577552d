// The photo on screen: any size at any zoom, the mask painted on it, the working area, and results laid
// over it and compared with it.
//
// Left button uses the tool, Space + drag or the middle button pans, the wheel zooms at the pointer. Keys
// held with the mouse: Alt erases instead of painting, Ctrl + wheel changes the brush. O (or \) held shows the photo
// without any result. `setHeld` changes these three.
#pragma once
#include <QColor>
#include <QImage>
#include <QPointF>
#include <QTimer>
#include <QWidget>

#include "ui/photo/document.h"

namespace mgdm::ui {

/// A picture for the working area: what is drawn over the photo there.
struct AreaImage {
  QImage image;   ///< of the network's size; transparent where the photo shows through
  cv::Rect rect;  ///< photo pixels that it covers
  bool isNull() const { return image.isNull(); }
};

class Canvas : public QWidget {
  Q_OBJECT
 public:
  enum class Tool { Brush, Eraser, Rectangle, Lasso, Fill, Select, Area };
  enum class Compare { None, Slider, SideBySide, Flip };
  static constexpr int kFlipMs = 600;  ///< each of two that take turns is seen so long, until `setFlipPace`
  /// Keys that are held; Qt::NoModifier: none does that.
  struct Held {
    Qt::KeyboardModifier erase = Qt::AltModifier, brush_size = Qt::ControlModifier;
    Qt::Key original = Qt::Key_O;
  };
  explicit Canvas(Document* document, QWidget* parent = nullptr);

  /// Shown over the photo until replaced; a null image shows the photo alone.
  void setOverlay(const AreaImage& overlay);
  const AreaImage& overlay() const { return overlay_; }
  /// Parts of the photo that a run with several has done already; under the overlay.
  void setFinished(const std::vector<AreaImage>& finished);
  /// While a run with this mask is on, what is painted beyond it is seen over the iterates; null: no run is on.
  void setRunMask(const QImage& mask);
  /// A colour scale beside the picture, low and high value as text; empty hides it.
  void setLegend(const QString& low, const QString& high);

  void setCompare(Compare compare);
  Compare compare() const { return compare_; }
  /// What the overlay is held against, with its name; a null picture: the photo.
  void setAgainst(const AreaImage& picture, const QString& name);
  const AreaImage& against() const { return against_; }
  void setResultName(const QString& name);  ///< of the overlay, where it is compared
  QString sideName(bool second) const;      ///< as it is said on screen
  void setFlipPace(int ms) { flip_.setInterval(ms); }
  int flipPace() const { return flip_.interval(); }
  bool flipped() const { return flipped_; }  ///< the second of the two that take turns is seen
  double split() const { return split_; }    ///< of the slider, 0 to 1 of the width

  void setMaskVisible(bool visible);
  /// How the mask is drawn; an invalid colour: one that stands out from the open photo. `opacity` 0 to 1.
  void setMaskLook(const QColor& colour, double opacity);
  QColor maskColour() const;
  void setPaintable(bool paintable);  ///< whether the mask tools work

  Tool tool() const { return tool_; }
  void setTool(Tool tool);
  int brushSize() const { return brush_; }
  void setBrushSize(int pixels);  ///< diameter in photo pixels, 1 to 2000
  const Held& held() const { return held_; }
  void setHeld(const Held& held) { held_ = held; }
  double hardness() const { return hardness_; }
  void setHardness(double hardness);  ///< 1: sharp edge, 0: falls off from the middle

  double zoom() const { return zoom_; }  ///< of the widget's units; 100 % is one of the screen's pixels
  QPointF toPhoto(const QPointF& widget) const;
  QPointF toWidget(const QPointF& photo) const;
  QPointF middle() const { return toPhoto(half(false).center()); }  ///< photo pixels, of what is seen
  double lastFrameMs() const { return frame_ms_; }                  ///< time the last paint event took

 public Q_SLOTS:
  void fit();
  void actualSize();           ///< one photo pixel for each of the screen's pixels
  void zoomBy(double factor);  ///< around the middle of the view
  void showOriginal(bool on);

 Q_SIGNALS:
  void brushSizeChanged(int pixels);
  void zoomChanged(double share);  ///< 1: one photo pixel for each of the screen's pixels
  void filesDropped(const QStringList& paths);
  /// The select tool: a rough rectangle in photo pixels, or an empty one at what was clicked.
  void objectWanted(const QRect& rough);
  /// The select tool with Shift or Alt: a stroke over what belongs to the object, or does not.
  void objectStroke(const QPolygonF& stroke, double width, bool belongs);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void keyReleaseEvent(QKeyEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  enum class Drag { None, Pan, Paint, Shape, AreaMove, AreaResize, Split };
  QRectF half(bool second) const;  ///< of the widget: what the photo, or in side by side the result, gets
  QRectF areaOnWidget() const;
  void stroke(const QPointF& from, const QPointF& to);
  void finishShape();
  void fillAt(const QPointF& photo);
  void dragArea(const QPointF& photo);
  void zoomAt(const QPointF& widget, double factor);
  void moving();  ///< cheap drawing now, smooth when the view has come to rest
  void updateCursor();
  void drawCompared(QPainter& painter);
  void drawSide(QPainter& painter, const QRectF& clip, bool second);
  void drawSplit(QPainter& painter) const;
  void drawNames(QPainter& painter) const;
  void drawPhoto(QPainter& painter, const QRectF& clip, bool original);
  void drawAreaImage(QPainter& painter, const QRectF& clip, const AreaImage& overlay);
  void drawOverlay(QPainter& painter, const QRectF& clip);
  void drawMask(QPainter& painter, const QRectF& clip);
  void drawArea(QPainter& painter);
  void drawBrush(QPainter& painter);
  void drawLegend(QPainter& painter);
  bool overlaid() const { return !overlay_.isNull() || !finished_.empty(); }
  bool masking() const { return mask_visible_ && paintable_ && !document_->isEmpty() && tool_ != Tool::Area; }

  Document* document_;
  AreaImage overlay_, against_;
  QString against_name_, result_name_;
  std::vector<AreaImage> finished_;
  QImage run_mask_;
  QPoint area_anchor_;  ///< the corner that stays where it is while the area is resized
  QString legend_low_, legend_high_;
  QColor mask_colour_, standing_out_;
  double mask_opacity_ = 0.5;
  Compare compare_ = Compare::None;
  double split_ = 0.5;
  Tool tool_ = Tool::Brush;
  Held held_;
  int brush_ = 24;
  double hardness_ = 1;
  double zoom_ = 1, frame_ms_ = 0;
  QPointF origin_;  ///< widget position of the photo's top left corner
  QPointF last_, drag_start_, pointer_{-1, -1};
  QPolygonF shape_;
  Drag drag_ = Drag::None;
  bool hint_ = false, erase_ = false, space_ = false, original_ = false, fitted_ = true, mask_visible_ = true,
       paintable_ = true, resting_ = true;
  bool flipped_ = true;
  QTimer rest_, flip_;
};

}  // namespace mgdm::ui
