// How fast and in which key a song is played, and the trainer that makes it faster from pass to pass.
#pragma once
#include <QWidget>

#include "core/media/practice.h"

class QHBoxLayout;
class QPushButton;
class QSlider;
class QSpinBox;
class QToolButton;

namespace mgdm::ui {

class TempoRow : public QWidget {
  Q_OBJECT
 public:
  explicit TempoRow(QWidget* parent = nullptr);
  void show(const Practice& practice);
  /// Its part of `practice`.
  void putInto(Practice& practice) const;
  /// While the trainer is on: what is heard now.
  void showHeard(double tempo);
  bool training() const;
  void changeTempo(int percent);  ///< by so much

 Q_SIGNALS:
  void changed();
  void trainerStarted();

 private:
  void buildTempo(QHBoxLayout* row);
  void buildTrainer(QHBoxLayout* row);
  void setTempo(int percent);
  void updateState();

  QSlider* slider_;
  QSpinBox *tempo_, *key_, *from_, *to_, *step_, *passes_;
  QToolButton* reset_;
  QPushButton* trainer_;
  bool showing_ = false;
};

}  // namespace mgdm::ui
