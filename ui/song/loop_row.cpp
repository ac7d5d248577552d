#include "ui/song/loop_row.h"

#include <QAction>
#include <QComboBox>
#include <QHBoxLayout>
#include <QInputDialog>
#include <QLabel>
#include <QMenu>
#include <QSignalBlocker>
#include <QToolButton>
#include <algorithm>
#include <cmath>
#include <utility>

#include "ui/song/lanes.h"
#include "ui/song/practise_row.h"
#include "ui/song/time_box.h"
#include "ui/widgets/number_box.h"
#include "ui/widgets/panel.h"

namespace mgdm::ui {

namespace {

constexpr double kFineStep = 0.01;  // seconds

}  // namespace

LoopRow::LoopRow(TimeAxis* axis, QWidget* parent) : QWidget(parent), axis_(axis) {
  QHBoxLayout* row = practise_row(this, tr("Loop"));
  buildLoops(row);
  static_cast<QLabel*>(row->itemAt(0)->widget())->setBuddy(list_);
  row->addSpacing(6);
  buildEnds(row);
  row->addStretch(1);
  gap_ = new NumberBox;
  gap_->setObjectName(QStringLiteral("practise_gap"));
  gap_->setDecimals(1);
  gap_->setRange(0, kLongestGap);
  gap_->setSingleStep(0.5);
  gap_->setSuffix(tr(" s"));
  gap_->setToolTip(tr("Silence between two passes"));
  gap_->setAccessibleName(tr("Gap"));
  row->addWidget(practise_label(tr("Gap"), gap_));
  row->addWidget(gap_);
  connect(gap_, &QDoubleSpinBox::valueChanged, this, [this] {
    if (!showing_) Q_EMIT changed();
  });
  connect(axis_, &TimeAxis::markChanged, this, &LoopRow::showMark);
  show({});
}

void LoopRow::buildLoops(QHBoxLayout* row) {
  list_ = new NarrowComboBox;
  list_->setObjectName(QStringLiteral("practise_loops"));
  list_->setAccessibleName(tr("Loops that are kept with the song"));
  list_->setToolTip(list_->accessibleName());
  keep_narrow(list_, 150);
  row->addWidget(list_);
  keep_ = practise_button("practise_keep", Symbol::Add, tr("Keep the marked part with the song (K)"));
  row->addWidget(keep_);
  more_ = practise_button("practise_loop_menu", Symbol::More, tr("Rename or delete the loop"));
  more_->setPopupMode(QToolButton::InstantPopup);
  auto* menu = new QMenu(more_);
  rename_ = menu->addAction(tr("Rename…"), this, &LoopRow::rename);
  delete_ = menu->addAction(tr("Delete"), this, &LoopRow::remove);
  more_->setMenu(menu);
  row->addWidget(more_);
  connect(list_, &QComboBox::activated, this, [this](int item) { choose(item - 1); });
  connect(keep_, &QToolButton::clicked, this, &LoopRow::keep);
}

void LoopRow::buildEnds(QHBoxLayout* row) {
  const auto box = [&](const char* name, const QString& letter, const QString& words) {
    auto* b = new TimeBox;
    b->setObjectName(QString::fromLatin1(name));
    b->setToolTip(words);
    b->setAccessibleName(words);
    keep_narrow(b, 92);
    row->addWidget(practise_label(letter, b));
    row->addWidget(b);
    return b;
  };
  begin_ = box("practise_a", QStringLiteral("A"), tr("Where the loop begins ([: at the playhead)"));
  end_ = box("practise_b", QStringLiteral("B"), tr("Where the loop ends (]: at the playhead)"));
  snap_ = new QToolButton;
  snap_->setObjectName(QStringLiteral("practise_snap"));
  snap_->setText(tr("Snap"));
  snap_->setCheckable(true);
  snap_->setToolTip(tr("Begin and end go to the nearest beat"));
  row->addWidget(snap_);
  const auto frames = [this](double seconds) { return std::llround(seconds * axis_->sampleRate()); };
  connect(begin_, &QDoubleSpinBox::valueChanged, this, [this, frames](double seconds) {
    if (!showing_) setEnds(frames(seconds), axis_->hasMark() ? axis_->markEnd() : axis_->length());
  });
  connect(end_, &QDoubleSpinBox::valueChanged, this, [this, frames](double seconds) {
    if (!showing_) setEnds(axis_->markBegin(), frames(seconds));
  });
  connect(begin_, &TimeBox::stepped, this, [this](int steps) {
    setEnds(stepped(axis_->markBegin(), steps), axis_->hasMark() ? axis_->markEnd() : axis_->length());
  });
  connect(end_, &TimeBox::stepped, this, [this](int steps) {
    setEnds(axis_->markBegin(), stepped(axis_->hasMark() ? axis_->markEnd() : axis_->length(), steps));
  });
  connect(snap_, &QToolButton::toggled, this, [this](bool on) {
    axis_->setSnapping(on);
    if (!showing_) Q_EMIT changed();
  });
}

// A beat further where marks go to the beats.
int64_t LoopRow::stepped(int64_t frame, int steps) const {
  const BeatGrid* grid = axis_->beats();
  if (!snap_->isChecked() || grid == nullptr || grid->beats.size() < 2)
    return frame + static_cast<int64_t>(std::llround(steps * kFineStep * axis_->sampleRate()));
  int64_t index = next_beat(*grid, static_cast<double>(frame));
  const auto n = static_cast<int64_t>(grid->beats.size());
  const bool on_beat = index < n && grid->beats[static_cast<size_t>(index)] == frame;
  index += steps > 0 && !on_beat ? steps - 1 : steps;
  return grid->beats[static_cast<size_t>(std::clamp<int64_t>(index, 0, n - 1))];
}

void LoopRow::setEnds(int64_t begin, int64_t end) {
  begin = std::clamp<int64_t>(begin, 0, axis_->length());
  end = std::clamp<int64_t>(end, 0, axis_->length());
  if (end <= begin) return showMark();
  editing_ = true;
  axis_->setMark(begin, end);
  editing_ = false;
  if (index_ < 0) return;
  loops_[static_cast<size_t>(index_)].begin = begin;
  loops_[static_cast<size_t>(index_)].end = end;
  Q_EMIT changed();
}

void LoopRow::beginHere() {
  const int64_t here = axis_->snap(axis_->playhead());
  setEnds(here, axis_->hasMark() && axis_->markEnd() > here ? axis_->markEnd() : axis_->length());
}

void LoopRow::endHere() {
  const int64_t here = axis_->snap(axis_->playhead());
  setEnds(axis_->hasMark() && axis_->markBegin() < here ? axis_->markBegin() : 0, here);
}

void LoopRow::keep() {
  if (!axis_->hasMark() || index_ >= 0) return;
  loops_.push_back({next_loop_name(loops_), axis_->markBegin(), axis_->markEnd()});
  index_ = static_cast<int>(loops_.size()) - 1;
  showLoops();
  Q_EMIT changed();
}

void LoopRow::choose(int index) {
  if (index < 0) {  // no loop
    axis_->setMark(0, 0);
    return;
  }
  index_ = index;
  const NamedLoop& loop = loops_[static_cast<size_t>(index)];
  editing_ = true;
  axis_->setMark(loop.begin, loop.end);
  editing_ = false;
  Q_EMIT chosen();
}

void LoopRow::rename() {
  if (index_ < 0) return;
  NamedLoop& loop = loops_[static_cast<size_t>(index_)];
  const QString name =
      QInputDialog::getText(this, tr("Rename the loop"), tr("Name"), QLineEdit::Normal, loop.name).trimmed();
  if (name.isEmpty()) return;
  loop.name = name;
  showLoops();
  Q_EMIT changed();
}

void LoopRow::remove() {
  if (index_ < 0) return;
  loops_.erase(loops_.begin() + std::exchange(index_, -1));
  showLoops();
  Q_EMIT changed();
}

void LoopRow::showLoops() {
  const QSignalBlocker block(list_);
  list_->clear();
  list_->addItem(loops_.empty() ? tr("No loop kept") : tr("None chosen"));
  for (const NamedLoop& loop : loops_)
    list_->addItem(
        QStringLiteral("%1 (%2)").arg(loop.name, timeText(static_cast<double>(loop.begin) / axis_->sampleRate())));
  list_->setCurrentIndex(index_ + 1);
  list_->setEnabled(!loops_.empty());
  keep_->setEnabled(axis_->hasMark() && index_ < 0);
  more_->setEnabled(index_ >= 0);
}

void LoopRow::showMark() {
  if (!editing_) {
    const auto same = std::find_if(loops_.begin(), loops_.end(), [this](const NamedLoop& l) {
      return l.begin == axis_->markBegin() && l.end == axis_->markEnd();
    });
    index_ = same == loops_.end() ? -1 : static_cast<int>(same - loops_.begin());
  }
  showing_ = true;
  const double rate = axis_->sampleRate();
  begin_->setValue(static_cast<double>(axis_->markBegin()) / rate);
  end_->setValue(static_cast<double>(axis_->hasMark() ? axis_->markEnd() : axis_->length()) / rate);
  showing_ = false;
  showLoops();
}

void LoopRow::show(const KeptPractice& kept) {
  showing_ = true;
  loops_ = kept.loops;
  snap_->setChecked(kept.snap);
  axis_->setSnapping(kept.snap);
  gap_->setValue(kept.practice.gap);
  showing_ = false;
  showMark();
}

void LoopRow::putInto(KeptPractice& kept) const {
  kept.loops = loops_;
  kept.snap = snap_->isChecked();
  kept.practice.gap = gap_->value();
}

}  // namespace mgdm::ui
