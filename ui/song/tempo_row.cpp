#include "ui/song/tempo_row.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSlider>
#include <QSpinBox>
#include <QToolButton>
#include <cmath>

#include "ui/song/practise_row.h"

namespace mgdm::ui {

namespace {

int percent_of(double share) { return static_cast<int>(std::lround(100 * share)); }

QSpinBox* tempo_box(const char* name, const QString& words, const QString& prefix) {
  auto* box = new QSpinBox;
  box->setObjectName(QString::fromLatin1(name));
  box->setRange(percent_of(kSlowest), percent_of(kFastest));
  box->setPrefix(prefix);
  box->setSuffix(QStringLiteral(" %"));
  box->setToolTip(words);
  box->setAccessibleName(words);
  return box;
}

}  // namespace

TempoRow::TempoRow(QWidget* parent) : QWidget(parent) {
  QHBoxLayout* row = practise_row(this, tr("Tempo and key"));
  buildTempo(row);
  row->addStretch(1);
  buildTrainer(row);
  Practice untouched;
  show(untouched);
}

void TempoRow::buildTempo(QHBoxLayout* row) {
  slider_ = new QSlider(Qt::Horizontal);
  slider_->setObjectName(QStringLiteral("practise_tempo_slider"));
  slider_->setRange(percent_of(kSlowest), percent_of(kFastest));
  slider_->setPageStep(5);
  slider_->setMinimumWidth(80);
  slider_->setMaximumWidth(180);
  slider_->setAccessibleName(tr("Tempo"));
  slider_->setToolTip(tr("Tempo, 50 to 150 % of the song's; the key stays (, and .)"));
  row->addWidget(slider_, 2);
  tempo_ = tempo_box("practise_tempo", slider_->toolTip(), {});
  keep_narrow(tempo_, 76);
  row->addWidget(tempo_);
  key_ = new QSpinBox;
  key_->setObjectName(QStringLiteral("practise_key"));
  key_->setRange(-kWidestKey, kWidestKey);
  key_->setSuffix(tr(" st"));
  key_->setToolTip(tr("Key, up to 12 semitones (st) up or down; the tempo stays"));
  key_->setAccessibleName(tr("Key"));
  keep_narrow(key_, 74);
  row->addSpacing(8);
  row->addWidget(practise_label(tr("Key"), key_));
  row->addWidget(key_);
  reset_ = practise_button("practise_reset", Symbol::Undo, tr("The song's own tempo and key"));
  row->addWidget(reset_);
  connect(slider_, &QSlider::valueChanged, this, &TempoRow::setTempo);
  connect(tempo_, &QSpinBox::valueChanged, this, &TempoRow::setTempo);
  connect(key_, &QSpinBox::valueChanged, this, [this](int semitones) {
    key_->setPrefix(semitones > 0 ? QStringLiteral("+") : QString());
    updateState();
    if (!showing_) Q_EMIT changed();
  });
  connect(reset_, &QToolButton::clicked, this, [this] {
    trainer_->setChecked(false);
    key_->setValue(0);
    setTempo(100);
  });
}

void TempoRow::buildTrainer(QHBoxLayout* row) {
  trainer_ = new QPushButton(tr("Trainer"));
  trainer_->setObjectName(QStringLiteral("practise_trainer"));
  trainer_->setCheckable(true);
  trainer_->setToolTip(tr("Speed trainer: repeats the marked part, faster every few passes"));
  row->addWidget(trainer_);
  from_ = tempo_box("practise_from", tr("Tempo of the first passes"), {});
  to_ = tempo_box("practise_to", tr("Tempo at which the trainer arrives"), tr("to "));
  step_ = tempo_box("practise_step", tr("How much faster each time"), QStringLiteral("+"));
  step_->setRange(1, 50);
  passes_ = new QSpinBox;
  passes_->setObjectName(QStringLiteral("practise_passes"));
  passes_->setRange(1, 99);
  passes_->setPrefix(tr("every "));
  passes_->setSuffix(QStringLiteral(" ×"));
  passes_->setToolTip(tr("Passes at one tempo"));
  passes_->setAccessibleName(passes_->toolTip());
  for (QSpinBox* box : {from_, to_, step_, passes_}) {
    row->addWidget(box);
    connect(box, &QSpinBox::valueChanged, this, [this] {
      step_->setPrefix(to_->value() >= from_->value() ? QStringLiteral("+") : QStringLiteral("−"));
      if (!showing_) Q_EMIT changed();
    });
  }
  connect(trainer_, &QPushButton::toggled, this, [this](bool on) {
    updateState();
    if (showing_) return;
    Q_EMIT changed();
    if (on) Q_EMIT trainerStarted();
  });
}

// A hand on the tempo ends the trainer: it has the last word.
void TempoRow::setTempo(int percent) {
  {
    const QSignalBlocker slider(slider_), box(tempo_);
    slider_->setValue(percent);
    tempo_->setValue(percent);
  }
  if (showing_) return;
  {
    const QSignalBlocker block(trainer_);
    trainer_->setChecked(false);
  }
  updateState();
  Q_EMIT changed();
}

void TempoRow::changeTempo(int percent) { setTempo(tempo_->value() + percent); }

void TempoRow::updateState() { reset_->setEnabled(tempo_->value() != 100 || key_->value() != 0); }

void TempoRow::show(const Practice& practice) {
  showing_ = true;
  setTempo(percent_of(practice.tempo));
  key_->setValue(practice.key);
  trainer_->setChecked(practice.trainer.on);
  from_->setValue(percent_of(practice.trainer.from));
  to_->setValue(percent_of(practice.trainer.to));
  step_->setValue(percent_of(practice.trainer.step));
  passes_->setValue(practice.trainer.passes);
  updateState();
  showing_ = false;
}

void TempoRow::putInto(Practice& practice) const {
  practice.tempo = tempo_->value() / 100.0;
  practice.key = key_->value();
  practice.trainer = {trainer_->isChecked(), from_->value() / 100.0, to_->value() / 100.0, step_->value() / 100.0,
                      passes_->value()};
}

void TempoRow::showHeard(double tempo) {
  showing_ = true;
  setTempo(percent_of(tempo));
  updateState();
  showing_ = false;
}

bool TempoRow::training() const { return trainer_->isChecked(); }

}  // namespace mgdm::ui
