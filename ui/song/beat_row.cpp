#include "ui/song/beat_row.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QSlider>
#include <QSpinBox>
#include <QToolButton>
#include <cmath>

#include "ui/song/lanes.h"
#include "ui/song/practise_row.h"
#include "ui/widgets/number_box.h"

namespace mgdm::ui {

namespace {

constexpr double kNudge = 0.01;  // seconds

}  // namespace

BeatRow::BeatRow(TimeAxis* axis, QWidget* parent) : QWidget(parent), axis_(axis) {
  QHBoxLayout* row = practise_row(this, tr("Beats"));
  buildMetronome(row);
  buildCorrections(row);
  row->addStretch(1);
  buildCountIn(row);
  show({});
}

void BeatRow::buildMetronome(QHBoxLayout* row) {
  metronome_ = practise_button("practise_metronome", Symbol::Metronome, tr("Metronome: a click on each beat (M)"));
  metronome_->setCheckable(true);
  row->addWidget(metronome_);
  volume_ = new QSlider(Qt::Horizontal);
  volume_->setObjectName(QStringLiteral("practise_click_volume"));
  volume_->setRange(0, 100);
  volume_->setMinimumWidth(50);
  volume_->setMaximumWidth(90);
  volume_->setAccessibleName(tr("Loudness of the clicks"));
  volume_->setToolTip(volume_->accessibleName());
  row->addWidget(volume_, 1);
  const auto tell = [this] {
    if (!showing_) Q_EMIT changed();
  };
  connect(metronome_, &QToolButton::toggled, this, tell);
  connect(volume_, &QSlider::valueChanged, this, tell);
}

void BeatRow::buildCorrections(QHBoxLayout* row) {
  bpm_ = new NumberBox;
  bpm_->setObjectName(QStringLiteral("practise_bpm"));
  bpm_->setDecimals(1);
  bpm_->setRange(20, 400);
  bpm_->setSuffix(tr(" bpm"));
  bpm_->setKeyboardTracking(false);
  bpm_->setAccessibleName(tr("Beats in a minute"));
  bpm_->setToolTip(tr("Beats in a minute of the song; a number that is set here makes them even from the playhead on"));
  keep_narrow(bpm_, 96);
  row->addSpacing(6);
  row->addWidget(bpm_);
  const auto button = [&](const char* name, const QString& text, const QString& words) {
    auto* b = new QToolButton;
    b->setObjectName(QString::fromLatin1(name));
    b->setText(text);
    b->setToolTip(words);
    b->setAccessibleName(words);
    row->addWidget(b);
    return b;
  };
  half_ = button("practise_half", QStringLiteral("÷2"), tr("Half as many beats"));
  twice_ = button("practise_twice", QStringLiteral("×2"), tr("Twice as many beats"));
  earlier_ = practise_button("practise_earlier", Symbol::Earlier, tr("All beats 10 ms earlier"));
  later_ = practise_button("practise_later", Symbol::Later, tr("All beats 10 ms later"));
  for (QToolButton* b : {earlier_, later_}) {
    b->setAutoRepeat(true);
    row->addWidget(b);
  }
  one_ = button("practise_one", tr("One"), tr("The beat at the playhead is the first of a bar"));
  per_bar_ = new QSpinBox;
  per_bar_->setObjectName(QStringLiteral("practise_per_bar"));
  per_bar_->setRange(2, 12);
  per_bar_->setSuffix(tr(" a bar"));
  per_bar_->setAccessibleName(tr("Beats in a bar"));
  per_bar_->setToolTip(per_bar_->accessibleName());
  row->addWidget(per_bar_);
  connect(bpm_, &QDoubleSpinBox::valueChanged, this, [this](double per_minute) {
    if (showing_) return;
    correct(evened(grid_ ? *grid_ : BeatGrid{}, per_minute, axis_->playhead(), axis_->length(), axis_->sampleRate()));
  });
  connect(half_, &QToolButton::clicked, this, [this] { correct(halved(*grid_)); });
  connect(twice_, &QToolButton::clicked, this, [this] { correct(doubled(*grid_)); });
  const auto nudge = [this](int way) {
    correct(moved(*grid_, way * static_cast<int64_t>(std::lround(kNudge * axis_->sampleRate()))));
  };
  connect(earlier_, &QToolButton::clicked, this, [nudge] { nudge(-1); });
  connect(later_, &QToolButton::clicked, this, [nudge] { nudge(1); });
  connect(one_, &QToolButton::clicked, this, [this] { correct(with_one_at(*grid_, axis_->playhead())); });
  connect(per_bar_, &QSpinBox::valueChanged, this, [this](int beats) {
    if (showing_ || !grid_) return;
    BeatGrid grid = *grid_;
    grid.per_bar = beats;
    correct(grid);
  });
}

void BeatRow::buildCountIn(QHBoxLayout* row) {
  count_in_ = new QComboBox;
  count_in_->setObjectName(QStringLiteral("practise_count_in"));
  count_in_->addItems({tr("none"), tr("1 bar"), tr("2 bars")});
  count_in_->setAccessibleName(tr("Count-in"));
  count_in_->setToolTip(tr("Clicks before the song begins to play"));
  row->addWidget(practise_label(tr("Count-in"), count_in_));
  row->addWidget(count_in_);
  each_pass_ = new QCheckBox(tr("each pass"));
  each_pass_->setObjectName(QStringLiteral("practise_each_pass"));
  each_pass_->setToolTip(tr("Counts before each pass of the marked part, too"));
  row->addWidget(each_pass_);
  connect(count_in_, &QComboBox::currentIndexChanged, this, [this](int bars) {
    each_pass_->setEnabled(bars > 0);
    if (!showing_) Q_EMIT changed();
  });
  connect(each_pass_, &QCheckBox::toggled, this, [this] {
    if (!showing_) Q_EMIT changed();
  });
}

void BeatRow::correct(const BeatGrid& grid) {
  if (grid.beats.size() < 2) return;
  grid_ = std::make_shared<BeatGrid>(grid);
  from_ = KeptPractice::Beats::Person;
  showBeats();
  Q_EMIT changed();
}

void BeatRow::showBeats() {
  const bool there = grid_ && grid_->beats.size() > 1;
  showing_ = true;
  const bool sought = from_ != KeptPractice::Beats::None;
  bpm_->setSpecialValueText(there ? QString() : sought ? tr("no beats") : QStringLiteral("…"));
  bpm_->setValue(there ? beats_per_minute(*grid_, axis_->sampleRate()) : bpm_->minimum());
  per_bar_->setValue(there ? grid_->per_bar : 4);
  showing_ = false;
  const double per_minute = bpm_->value();
  half_->setEnabled(there && per_minute >= 40);
  twice_->setEnabled(there && per_minute <= 200);
  for (QWidget* w : std::initializer_list<QWidget*>{metronome_, volume_, earlier_, later_, one_, per_bar_, count_in_})
    w->setEnabled(there);
  each_pass_->setEnabled(there && count_in_->currentIndex() > 0);
}

void BeatRow::show(const KeptPractice& kept) {
  showing_ = true;
  grid_ = kept.practice.beats;
  from_ = kept.beats;
  metronome_->setChecked(kept.practice.metronome);
  volume_->setValue(static_cast<int>(std::lround(100 * kept.practice.click_volume)));
  count_in_->setCurrentIndex(kept.practice.count_in);
  each_pass_->setChecked(kept.practice.count_in_each_pass);
  showBeats();
  showing_ = false;
}

void BeatRow::putInto(KeptPractice& kept) const {
  kept.practice.beats = grid_;
  kept.beats = from_;
  kept.practice.metronome = metronome_->isChecked();
  kept.practice.click_volume = volume_->value() / 100.0;
  kept.practice.count_in = count_in_->currentIndex();
  kept.practice.count_in_each_pass = each_pass_->isChecked();
}

void BeatRow::showFinding(double share) {
  if (grid_) return;  // there are some already
  bpm_->setSpecialValueText(tr("finding %1 %").arg(static_cast<int>(100 * share)));
}

void BeatRow::toggleMetronome() {
  if (metronome_->isEnabled()) metronome_->toggle();
}

}  // namespace mgdm::ui
