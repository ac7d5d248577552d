// The picture: shows it at any zoom, and takes a painted mask.
//
// Left button paints (brush or eraser), Space + drag or the middle button pans, the wheel zooms at the
// pointer, Ctrl + wheel and [ ] change the brush, 1 is 100 %, 0 fits, Tab held shows the original.
// Every stroke is one step of the undo stack.
#pragma once
#include <QImage>
#include <QPointF>
#include <QWidget>

class QUndoStack;

namespace mgdm::ui {

class Canvas : public QWidget {
  Q_OBJECT
 public:
  enum class Tool { Brush, Eraser };
  explicit Canvas(QUndoStack* undo, QWidget* parent = nullptr);

  /// A new photo: clears the mask, the result and the undo stack, and fits the view.
  void setPhoto(const QImage& photo);
  /// What is shown in place of the photo (an iterate, a sample); null shows the photo.
  void setResult(const QImage& result);
  const QImage& shown() const { return result_.isNull() ? photo_ : result_; }

  const QImage& mask() const { return mask_; }  ///< Grayscale8, 255 = painted
  bool maskEmpty() const;
  /// Replaces the mask; one undo step named `text`.
  void changeMask(const QImage& mask, const QString& text);
  void setMaskVisible(bool visible);
  /// Whether the left button paints; off while a run is on.
  void setPaintable(bool paintable);

  Tool tool() const { return tool_; }
  void setTool(Tool tool);
  int brushSize() const { return brush_; }
  void setBrushSize(int pixels);  ///< diameter in photo pixels, 1 to 400

  double zoom() const { return zoom_; }
  QPointF toPhoto(const QPointF& widget) const;
  QPointF toWidget(const QPointF& photo) const;

 public Q_SLOTS:
  void fit();
  void actualSize();

 Q_SIGNALS:
  void brushSizeChanged(int pixels);
  void maskChanged();
  void zoomChanged(double zoom);
  void fileDropped(const QString& path);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void keyReleaseEvent(QKeyEvent* event) override;
  bool event(QEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  friend class MaskCommand;
  void stroke(const QPointF& from, const QPointF& to);
  void zoomAt(const QPointF& widget, double factor);
  void refreshOverlay(const QRect& area);
  void updateCursor();

  QUndoStack* undo_;
  QImage photo_, result_, mask_, before_stroke_, overlay_;
  Tool tool_ = Tool::Brush;
  int brush_ = 24;
  double zoom_ = 1;
  QPointF origin_;  ///< widget position of the photo's top left corner
  QPointF last_, pan_start_, pointer_{-1, -1};
  bool painting_ = false, panning_ = false, space_ = false, original_ = false, fitted_ = true, mask_visible_ = true, paintable_ = true;
};

}  // namespace mgdm::ui
