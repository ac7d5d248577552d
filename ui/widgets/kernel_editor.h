// A blur kernel: drawn with the mouse as the path of a shaken camera, loaded from a picture, or typed.
#pragma once
#include <QPolygonF>
#include <QWidget>
#include <string>

class QLineEdit;

namespace mgdm::ui {

/// The square that shows the kernel and takes the drawing; one kernel pixel is kScale of ours.
class KernelCanvas : public QWidget {
  Q_OBJECT
 public:
  static constexpr int kSize = 61, kScale = 2;
  explicit KernelCanvas(QWidget* parent = nullptr);
  /// The text of a kernel, as `parse_kernel` takes it; empty shows the hint.
  void show(const std::string& kernel);

 Q_SIGNALS:
  void drawn(const QString& path);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;

 private:
  QImage picture_;
  QPolygonF stroke_;  ///< in kernel pixels from the centre, while it is drawn
};

class KernelEditor : public QWidget {
  Q_OBJECT
 public:
  explicit KernelEditor(QWidget* parent = nullptr);
  /// Empty: none of its own. Does not emit `edited`.
  void setKernel(const std::string& text);
  /// The last text that is a kernel (or empty).
  const std::string& kernel() const { return kernel_; }
  /// From a picture file; what is wrong with it is shown on the field.
  void load(const QString& file);

 Q_SIGNALS:
  void edited();

 private:
  void take(const QString& text, bool tell);

  QLineEdit* line_;
  KernelCanvas* canvas_;
  std::string kernel_;
};

}  // namespace mgdm::ui
