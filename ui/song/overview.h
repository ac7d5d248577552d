// All of the song in one strip: which part of it the lanes show, what is marked, and where it plays.
//
// A drag moves what is shown, a double click shows all.
#pragma once
#include <QWidget>
#include <vector>

#include "ui/song/peaks.h"

namespace mgdm::ui {

class TimeAxis;

class Overview : public QWidget {
  Q_OBJECT
 public:
  explicit Overview(TimeAxis* axis, QWidget* parent = nullptr);
  void setPeaks(std::vector<Peak> peaks);
  void add(const std::vector<Peak>& more);  ///< of a song that is still being read

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;

 private:
  double toX(double frame) const;
  TimeAxis* axis_;
  std::vector<Peak> peaks_;
  double grabbed_ = 0;  ///< frames from the left edge of what is shown
};

}  // namespace mgdm::ui
