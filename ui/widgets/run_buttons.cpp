#include "ui/widgets/run_buttons.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QToolButton>
#include <QVBoxLayout>

#include "ui/widgets/icons.h"
#include "ui/widgets/panel.h"

namespace mgdm::ui {

RunButtons::RunButtons(const QString& prefix, const QString& stop_help, QWidget* parent)
    : QWidget(parent),
      run_(new QPushButton(tr("Run"))),
      stop_(new QPushButton(tr("Stop and keep"))),
      discard_(new QPushButton(tr("Discard"))),
      pause_(new QToolButton),
      why_(hint()) {
  why_->setObjectName(prefix + QStringLiteral("why_not"));
  run_->setObjectName(prefix + QStringLiteral("run"));
  stop_->setObjectName(prefix + QStringLiteral("stop"));
  stop_->setToolTip(stop_help);
  discard_->setObjectName(prefix + QStringLiteral("discard"));
  discard_->setToolTip(tr("Ends the run now and forgets it."));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 2, 0, 0);
  column->setSpacing(8);
  pause_->setObjectName(prefix + QStringLiteral("pause"));
  pause_->setCheckable(true);
  pause_->setIconSize(QSize(20, 20));
  setPause(false, false);
  auto* first = new QHBoxLayout;
  first->addWidget(run_, 1);
  first->addWidget(pause_);
  column->addLayout(first);
  column->addWidget(why_);
  auto* ends = new QHBoxLayout;
  ends->addWidget(stop_);
  ends->addWidget(discard_);
  column->addLayout(ends);
  connect(run_, &QPushButton::clicked, this, &RunButtons::run);
  connect(stop_, &QPushButton::clicked, this, &RunButtons::stop);
  connect(discard_, &QPushButton::clicked, this, &RunButtons::discard);
  connect(pause_, &QToolButton::toggled, this, &RunButtons::pause);
}

void RunButtons::setPause(bool enabled, bool paused) {
  const QSignalBlocker block(pause_);
  pause_->setEnabled(enabled);
  pause_->setChecked(paused);
  pause_->setIcon(icon(paused ? Symbol::Play : Symbol::Pause));
  pause_->setAccessibleName(paused ? tr("Go on") : tr("Pause"));
  pause_->setToolTip(paused ? tr("Goes on with the run (P).")
                            : tr("The run waits and leaves the computer to others until it goes on (P)."));
}

void RunButtons::setRun(bool enabled, const QString& words, const QString& help) {
  run_->setText(words);
  run_->setEnabled(enabled);
  run_->setToolTip(help);
  sayWhy();
}

void RunButtons::setEnds(bool stop, bool discard) {
  stop_->setEnabled(stop);
  discard_->setEnabled(discard);
  sayWhy();
}

void RunButtons::sayWhy() {
  why_->setText(run_->toolTip());
  why_->setVisible(!run_->isEnabled() && !discard_->isEnabled());
}

bool RunButtons::canRun() const { return run_->isEnabled(); }

}  // namespace mgdm::ui
