// The metronome, what a person corrects of the beats that were found, and the count-in.
#pragma once
#include <QWidget>

#include "ui/song/practise_keeping.h"

class QCheckBox;
class QComboBox;
class QHBoxLayout;
class QLabel;
class QSlider;
class QSpinBox;
class QToolButton;

namespace mgdm::ui {

class NumberBox;
class TimeAxis;

class BeatRow : public QWidget {
  Q_OBJECT
 public:
  /// Beats are corrected at `axis`'s playhead.
  explicit BeatRow(TimeAxis* axis, QWidget* parent = nullptr);
  void show(const KeptPractice& kept);
  void putInto(KeptPractice& kept) const;
  void showFinding(double share);  ///< of the song that was looked through
  void toggleMetronome();

 Q_SIGNALS:
  void changed();

 private:
  void buildMetronome(QHBoxLayout* row);
  void buildCorrections(QHBoxLayout* row);
  void buildCountIn(QHBoxLayout* row);
  void correct(const BeatGrid& grid);
  void showBeats();

  TimeAxis* axis_;
  std::shared_ptr<const BeatGrid> grid_;
  KeptPractice::Beats from_ = KeptPractice::Beats::None;
  QToolButton *metronome_, *half_, *twice_, *earlier_, *later_, *one_;
  QSlider* volume_;
  NumberBox* bpm_;
  QSpinBox* per_bar_;
  QComboBox* count_in_;
  QCheckBox* each_pass_;
  bool showing_ = false;
};

}  // namespace mgdm::ui
