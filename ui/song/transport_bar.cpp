#include "ui/song/transport_bar.h"

#include <QAction>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QTimer>
#include <QToolButton>

#include "core/media/player.h"
#include "ui/song/lanes.h"
#include "ui/widgets/icons.h"
#include "ui/widgets/panel.h"

namespace mgdm::ui {

TransportBar::TransportBar(Player* player, TimeAxis* axis, QAction* to_start, QWidget* parent)
    : QWidget(parent), player_(player), axis_(axis) {
  setObjectName(QStringLiteral("timeline"));
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(12, 6, 12, 6);
  row->setSpacing(8);
  auto* start = new QToolButton;
  start->setDefaultAction(to_start);
  start->setIconSize(QSize(22, 22));
  row->addWidget(start);
  buildPlaying(row);
  row->addStretch(1);
  buildDevice(row);
  auto* clock = new QTimer(this);
  clock->setInterval(33);
  connect(clock, &QTimer::timeout, this, &TransportBar::update);
  clock->start();
  connect(axis_, &TimeAxis::seek, this, [this](int64_t frame) {
    player_->seek(frame);
    axis_->setPlayhead(frame, false);
  });
  connect(axis_, &TimeAxis::markChanged, this, &TransportBar::keepLoop);
}

void TransportBar::buildPlaying(QHBoxLayout* row) {
  play_ = new QToolButton;
  play_->setObjectName(QStringLiteral("song_play_button"));
  play_->setIcon(icon(Symbol::Play));
  play_->setIconSize(QSize(22, 22));
  play_->setAccessibleName(tr("Play"));
  play_->setToolTip(tr("Play or pause (Space)"));
  connect(play_, &QToolButton::clicked, this, [this] {
    if (player_->playing()) {
      player_->pause();
    } else {
      player_->play();
    }
    update();
  });
  row->addWidget(play_);
  loop_ = new QToolButton;
  loop_->setObjectName(QStringLiteral("song_loop_button"));
  loop_->setIcon(icon(Symbol::Loop));
  loop_->setIconSize(QSize(22, 22));
  loop_->setCheckable(true);
  loop_->setAccessibleName(tr("Repeat"));
  loop_->setToolTip(tr("Repeat the marked part (L)"));
  connect(loop_, &QToolButton::toggled, this, [this](bool on) {
    if (on && !axis_->hasMark()) axis_->setMark(0, axis_->length());
    player_->set_loop(on ? axis_->markBegin() : 0, on ? axis_->markEnd() : 0);
    if (on && (player_->position() < axis_->markBegin() || player_->position() >= axis_->markEnd()))
      player_->seek(axis_->markBegin());
  });
  row->addWidget(loop_);
  time_ = new QLabel;
  time_->setObjectName(QStringLiteral("song_time"));
  time_->setMinimumWidth(120);
  row->addWidget(time_);
  original_ = new QPushButton(tr("Original"));
  original_->setObjectName(QStringLiteral("song_original_button"));
  original_->setCheckable(true);
  original_->setChecked(true);
  original_->setEnabled(false);
  original_->setToolTip(tr("Hear the song as it was instead of its stems, at the same place (A)"));
  connect(original_, &QPushButton::toggled, this, &TransportBar::originalToggled);
  row->addWidget(original_);
}

void TransportBar::buildDevice(QHBoxLayout* row) {
  device_problem_ = hint();
  device_problem_->setObjectName(QStringLiteral("song_device_problem"));
  device_problem_->setWordWrap(false);
  device_problem_->setMinimumWidth(60);  // between both panels of a small window; the tooltip says all of it
  device_problem_->hide();
  row->addWidget(device_problem_);
  device_ = new QComboBox;
  device_->setObjectName(QStringLiteral("song_device"));
  device_->setAccessibleName(tr("Sound device"));
  device_->setToolTip(tr("Where it is played"));
  device_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  device_->setMinimumContentsLength(16);
  device_->addItem(tr("System's choice"));
  connect(device_, &QComboBox::activated, this, [this](int index) {
    player_->set_device(index == 0 ? std::string() : device_->itemText(index).toStdString());
  });
  row->addWidget(device_);
}

void TransportBar::keepLoop() {
  const bool on = loop_->isChecked();
  player_->set_loop(on ? axis_->markBegin() : 0, on ? axis_->markEnd() : 0);
}

void TransportBar::loaded(bool stems) {
  loaded_ = true;
  const QSignalBlocker block(original_);
  original_->setChecked(!stems);
  original_->setEnabled(stems);
  keepLoop();
}

bool TransportBar::original() const { return original_->isChecked(); }

void TransportBar::clickPlay() { play_->click(); }

void TransportBar::clickOriginal() { original_->click(); }

void TransportBar::toggleLoop() { loop_->toggle(); }

void TransportBar::loop() {
  if (!loop_->isChecked()) return loop_->setChecked(true);
  if (player_->position() < axis_->markBegin() || player_->position() >= axis_->markEnd())
    player_->seek(axis_->markBegin());
}

void TransportBar::add(QWidget* button) {
  auto* row = static_cast<QHBoxLayout*>(layout());
  row->insertWidget(row->indexOf(original_) + 1, button);
}

void TransportBar::update() {
  if (!isVisible()) return;
  const bool playing = player_->playing();
  if (play_->property("playing").toBool() != playing) {
    play_->setProperty("playing", playing);
    play_->setIcon(icon(playing ? Symbol::Pause : Symbol::Play));
  }
  if (!loaded_) return;
  axis_->setPlayhead(player_->position(), playing);
  time_->setText(timeText(static_cast<double>(axis_->playhead()) / axis_->sampleRate()) + QStringLiteral(" / ") +
                 timeText(static_cast<double>(axis_->length()) / axis_->sampleRate()));
  updateDevice();
}

void TransportBar::updateDevice() {
  if (device_->count() == 1 && player_->looked()) {
    for (const auto& name : player_->devices()) device_->addItem(QString::fromStdString(name));
    device_->setVisible(device_->count() > 1);
  }
  const QString problem = player_->waiting()  ? tr("Waiting until the file is read that far…")
                          : player_->looked() ? QString::fromStdString(player_->problem())
                                              : QString();
  if (problem != device_problem_->property("words").toString()) {
    device_problem_->setProperty("words", problem);
    device_problem_->setText(problem.contains(QStringLiteral("no sound device"))
                                 ? tr("No sound device: everything but listening works.")
                                 : problem);
    device_problem_->setToolTip(device_problem_->text());
    device_problem_->setVisible(!problem.isEmpty());
  }
}

}  // namespace mgdm::ui
