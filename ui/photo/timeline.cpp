#include "ui/photo/timeline.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSlider>

#include "core/runs/trajectory.h"
#include "ui/widgets/icons.h"
#include "ui/widgets/panel.h"

namespace mgdm::ui {

Timeline::Timeline(qint64 cap_bytes, QWidget* parent) : QWidget(parent), cap_(cap_bytes) {
  setObjectName(QStringLiteral("timeline"));
  auto* line = new QHBoxLayout(this);
  line->setContentsMargins(12, 5, 12, 5);
  line->setSpacing(10);
  slider_ = new QSlider(Qt::Horizontal);
  slider_->setObjectName(QStringLiteral("iterates"));
  slider_->setAccessibleName(tr("Iterates"));
  slider_->setToolTip(tr("The run's iterates, also while it goes on; at the right end the newest is followed."));
  label_ = hint();
  label_->setWordWrap(false);
  label_->setMinimumWidth(110);
  branch_ = new QPushButton(icon(Symbol::Branch), tr("Branch"));
  branch_->setObjectName(QStringLiteral("branch"));
  branch_->setToolTip(tr("Goes on from the shown iterate with the seed, mask and settings as they are now (Ctrl+B)."));
  line->addWidget(hint(tr("Steps")));
  line->addWidget(slider_, 1);
  line->addWidget(label_);
  line->addWidget(branch_);
  clear();
  connect(slider_, &QSlider::valueChanged, this, [this](int index) {
    following_ = index == slider_->maximum() && running_;
    show(index);
  });
  connect(branch_, &QPushButton::clicked, this, &Timeline::branchWanted);
}

void Timeline::clear() {
  frames_.clear();
  bytes_ = 0;
  kept_ = false;
  const QSignalBlocker block(slider_);
  slider_->setRange(0, 0);
  label_->clear();
  enable();
}

void Timeline::showKept(std::vector<Frame> frames) {
  clear();
  frames_ = std::move(frames);
  count();
  kept_ = true;
  enable();
  const QSignalBlocker block(slider_);
  slider_->setRange(0, std::max(0, static_cast<int>(frames_.size()) - 1));
  slider_->setValue(slider_->maximum());
  label_->setText(frames_.empty() ? tr("none were kept") : stepOf(frames_.back()));
}

QString Timeline::stepOf(const Frame& frame) const {
  return tr("step %1 of %2").arg(frame.step).arg(frame.steps) +
         (frame.gibbs > 1 ? tr(", rep. %1").arg(frame.gibbs) : QString()) +
         (frame.linear ? tr(", preview") : QString());
}

bool Timeline::replaces(const Frame& frame) const {
  if (frames_.empty()) return false;
  const Frame& last = frames_.back();
  return last.linear && !frame.linear && last.pass == frame.pass && last.step == frame.step &&
         last.gibbs == frame.gibbs;
}

void Timeline::add(const Frame& frame) {
  if (replaces(frame)) {
    frames_.back() = frame;
    count();
    if (slider_->value() == static_cast<int>(frames_.size()) - 1) show(slider_->value());
    return;
  }
  frames_.push_back(frame);
  bytes_ += frame.bytes();
  while (bytes_ > cap_ && frames_.size() > 4) {
    const std::vector<size_t> keep = thin_older_half(frames_.size());
    std::vector<Frame> fewer;
    for (const size_t i : keep) fewer.push_back(std::move(frames_[i]));
    frames_ = std::move(fewer);
    count();
    Q_EMIT thinned(keep);
  }
  const auto newest = static_cast<int>(frames_.size()) - 1;
  {
    const QSignalBlocker block(slider_);
    slider_->setRange(0, newest);
    if (following_) slider_->setValue(newest);
  }
  enable();
  if (following_) show(newest);
}

void Timeline::endHere() {
  const auto index = static_cast<size_t>(std::clamp(slider_->value(), 0, static_cast<int>(frames_.size()) - 1));
  frames_.resize(index + 1);
  count();
  const QSignalBlocker block(slider_);
  slider_->setMaximum(static_cast<int>(index));
}

void Timeline::enable() {
  slider_->setEnabled(!frames_.empty());
  branch_->setEnabled(canBranch());
}

void Timeline::count() {
  bytes_ = 0;
  for (const Frame& frame : frames_) bytes_ += frame.bytes();
}

void Timeline::goTo(int index) { slider_->setValue(index); }

void Timeline::step(int by) { slider_->setValue(slider_->value() + by); }

void Timeline::showAgain() { show(slider_->value()); }

const Frame* Timeline::current() const {
  const int index = slider_->value();
  return index >= 0 && index < static_cast<int>(frames_.size()) ? &frames_[static_cast<size_t>(index)] : nullptr;
}

void Timeline::show(int index) {
  if (index < 0 || index >= static_cast<int>(frames_.size())) return;
  const Frame& frame = frames_[static_cast<size_t>(index)];
  label_->setText(stepOf(frame));
  Q_EMIT shown(frame, index);
}

}  // namespace mgdm::ui
