// The part of the song that is repeated: where it begins and ends (A and B), the parts that are kept, and the silence
// between two passes.
#pragma once
#include <QWidget>
#include <vector>

#include "ui/song/practise_keeping.h"

class QAction;
class QComboBox;
class QHBoxLayout;
class QToolButton;

namespace mgdm::ui {

class NumberBox;
class TimeAxis;
class TimeBox;

/// A and B are the axis's mark. What is changed here or by `beginHere` and `endHere` is changed of the kept loop that
/// is chosen, too; what is marked with the mouse is another part.
class LoopRow : public QWidget {
  Q_OBJECT
 public:
  explicit LoopRow(TimeAxis* axis, QWidget* parent = nullptr);
  void show(const KeptPractice& kept);
  void putInto(KeptPractice& kept) const;
  void beginHere();  ///< at the playhead
  void endHere();
  void keep();  ///< the marked part, under the next free name

 Q_SIGNALS:
  void changed();
  void chosen();  ///< a kept loop is to be played

 private:
  void buildLoops(QHBoxLayout* row);
  void buildEnds(QHBoxLayout* row);
  void choose(int index);
  void rename();
  void remove();
  void setEnds(int64_t begin, int64_t end);
  int64_t stepped(int64_t frame, int steps) const;
  void showLoops();
  void showMark();

  TimeAxis* axis_;
  std::vector<NamedLoop> loops_;
  int index_ = -1;  ///< of the chosen one; -1: what is marked is kept under no name
  bool editing_ = false, showing_ = false;
  QComboBox* list_;
  QToolButton *keep_, *more_, *snap_;
  QAction *rename_, *delete_;
  TimeBox *begin_, *end_;
  NumberBox* gap_;
};

}  // namespace mgdm::ui
