// The iterates of a run, kept under a cap and gone through with a slider.
#pragma once
#include <QWidget>
#include <vector>

#include "ui/widgets/pictures.h"

class QLabel;
class QPushButton;
class QSlider;

namespace mgdm::ui {

/// The only owner of the frames. Over the cap every second one of the older half goes.
class Timeline : public QWidget {
  Q_OBJECT
 public:
  explicit Timeline(qint64 cap_bytes = 256ll << 20, QWidget* parent = nullptr);

  void clear();  ///< its place stays, so that the photo above does not jump
  /// The iterates of a finished run that was kept: to be looked at, but not to be gone on from.
  void showKept(std::vector<Frame> frames);
  void add(const Frame& frame);
  /// Whether that takes the place of the newest one: the same step, which was shown without the model's decoder.
  bool replaces(const Frame& frame) const;
  /// Whether the newest frame is shown as it comes; a person who goes back ends it, and at the right end begins it.
  void follow(bool follow) { following_ = follow; }
  void setRunning(bool running) { running_ = running; }
  bool canBranch() const { return !frames_.empty() && !kept_; }
  void goTo(int index);
  void step(int by);
  void endHere();    ///< what comes after the shown frame goes
  void showAgain();  ///< the same frame, seen in another way

  const std::vector<Frame>& frames() const { return frames_; }
  qint64 bytes() const { return bytes_; }
  const Frame* current() const;  ///< the one that is shown; nullptr: none

 Q_SIGNALS:
  void shown(const mgdm::ui::Frame& frame, int index);
  void thinned(const std::vector<size_t>& kept);
  void branchWanted();

 private:
  void show(int index);
  void count();
  QString stepOf(const Frame& frame) const;
  void enable();

  qint64 cap_, bytes_ = 0;
  std::vector<Frame> frames_;
  bool following_ = true, running_ = false, kept_ = false;
  QSlider* slider_;
  QLabel* label_;
  QPushButton* branch_;
};

}  // namespace mgdm::ui
