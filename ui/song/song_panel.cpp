#include "ui/song/song_panel.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFileInfo>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QMenu>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/priors/catalogue.h"
#include "ui/models/model_choice.h"
#include "ui/song/lanes.h"
#include "ui/song/song_history.h"
#include "ui/song/start_field.h"
#include "ui/song/stem_rows.h"
#include "ui/widgets/icons.h"
#include "ui/widgets/number_box.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/settings_form.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

namespace {
enum What { Separate, Denoise, Declip, Treble };
}

SongPanel::SongPanel(TimeAxis* axis, QWidget* run_buttons, QWidget* parent)
    : QScrollArea(parent), axis_(axis), method_(nlohmann::json::object()) {
  auto* content = new QWidget;
  content->setObjectName(QStringLiteral("left"));
  auto* column = new QVBoxLayout(content);
  column->setContentsMargins(16, 14, 16, 14);
  column->setSpacing(8);
  buildTask(column);
  form_ = new QFormLayout;
  form_->setHorizontalSpacing(12);
  form_->setVerticalSpacing(7);
  buildForm(form_);
  column->addLayout(form_);
  other_ = new NumberBox;
  other_->setObjectName(QStringLiteral("song_other"));
  other_->setAccessibleName(tr("Other sounds"));
  set_range(other_, song_run_settings(), "other");
  other_->setDecimals(2);
  other_->setSingleStep(0.05);
  other_->setValue(SeparationRequest().other);
  other_->setSpecialValueText(tr("none"));
  other_->setToolTip(tr(
      "What is none of the stems gets a track of its own: what has a pitch and does not hold it, speech above all, or "
      "the voice that is among the stems to start from. At most this share of what sounds at each place."));
  form_->addRow(tr("Other"), other_);
  keep_ = new QCheckBox(tr("Keep the rest apart"));
  keep_->setObjectName(QStringLiteral("song_keep"));
  keep_->setToolTip(
      tr("What no stem explains becomes a track of its own; else it is shared out, so that the stems add up to the "
         "song."));
  column->addWidget(keep_);
  start_ = new StartField;
  column->addWidget(start_);
  column->addWidget(run_buttons);
  column->addSpacing(10);
  buildKept(column);
  buildExport(column);
  column->addStretch(1);
  setWidget(content);
  setWidgetResizable(true);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  connect(what_, &QComboBox::currentIndexChanged, this, &SongPanel::describe);
  connect(part_, &QComboBox::currentIndexChanged, this, [this](int index) {
    if (index == 1 && !axis_->hasMark()) {  // a first excerpt: ten seconds from where it plays
      axis_->setMark(axis_->playhead(), axis_->playhead() + 10ll * axis_->sampleRate());
    } else if (index == 0) {
      axis_->setMark(0, 0);
    }
  });
  connect(axis_, &TimeAxis::markChanged, this, [this] {
    const QSignalBlocker block(part_);
    part_->setCurrentIndex(axis_->hasMark() ? 1 : 0);
  });
  for (QComboBox* box : std::initializer_list<QComboBox*>{what_, part_, preset_, model_})
    connect(box, &QComboBox::currentIndexChanged, this, &SongPanel::edited);
  for (QSpinBox* box : {samples_, seed_}) connect(box, &QSpinBox::valueChanged, this, &SongPanel::edited);
  for (QDoubleSpinBox* box : {level_, other_}) connect(box, &QDoubleSpinBox::valueChanged, this, &SongPanel::edited);
  connect(other_, &QDoubleSpinBox::valueChanged, this, &SongPanel::describeStart);
  connect(keep_, &QCheckBox::toggled, this, &SongPanel::edited);
  connect(start_, &StartField::edited, this, &SongPanel::edited);
  connect(model_, &QComboBox::currentIndexChanged, this, &SongPanel::describe);
  connect(axis_, &TimeAxis::markChanged, this, &SongPanel::edited);
  describe();
}

void SongPanel::buildTask(QVBoxLayout* column) {
  QLabel* title = heading(tr("Separate a song"));
  column->addWidget(title);
  file_ = hint();
  column->addWidget(file_);
  what_ = new QComboBox;
  what_->setObjectName(QStringLiteral("song_what"));
  what_->setAccessibleName(tr("What to do"));
  title->setBuddy(what_);  // on Linux a drop-down's name for a screen reader is its label's
  what_->addItem(tr("Bass, drums, guitar, piano"));
  what_->addItem(tr("… and remove hiss"));
  what_->addItem(tr("… and undo clipping"));
  what_->addItem(tr("… and add lost treble"));
  column->addWidget(what_);
  help_ = hint();
  column->addWidget(help_);
}

void SongPanel::buildForm(QFormLayout* form) {
  level_ = new NumberBox;
  level_->setObjectName(QStringLiteral("song_level"));
  level_->setAccessibleName(tr("Level"));
  form->addRow(tr("Level"), level_);
  part_ = new QComboBox;
  part_->setObjectName(QStringLiteral("song_part"));
  part_->setAccessibleName(tr("Part"));
  part_->addItems({tr("Whole song"), tr("Marked part")});
  part_->setToolTip(tr("Drag over a lane to mark a part; an excerpt first saves time."));
  form->addRow(tr("Part"), part_);
  model_ = new ModelChoice(Medium::Music, QStringLiteral("band"), false);
  model_->setObjectName(QStringLiteral("song_model"));
  model_->setAccessibleName(tr("Model"));
  form->addRow(tr("Model"), model_);
  model_->fill();
  preset_ = new QComboBox;
  preset_->setObjectName(QStringLiteral("song_preset"));
  preset_->setAccessibleName(tr("Quality"));
  for (const char* name : {"quick", "balanced", "best", "paper"})
    preset_->addItem(preset_name(name), QString::fromLatin1(name));
  preset_->setCurrentIndex(1);
  preset_->setToolTip(
      tr("quick, balanced, best: more steps and samples, more time. paper: the settings of the paper."));
  form->addRow(tr("Quality"), preset_);
  samples_ = new QSpinBox;
  samples_->setObjectName(QStringLiteral("song_samples"));
  samples_->setAccessibleName(tr("Samples"));
  set_range(samples_, song_run_settings(), "samples");
  samples_->setMinimum(0);  // by quality
  samples_->setValue(0);
  samples_->setSpecialValueText(tr("By quality"));
  samples_->setToolTip(
      tr("Posterior samples; the stems are made from what they agree on. More are cleaner and take as many times "
         "longer."));
  form->addRow(tr("Samples"), samples_);
  seed_ = new QSpinBox;
  seed_->setObjectName(QStringLiteral("song_seed"));
  form->addRow(tr("Seed"), seedRow(seed_));
}

void SongPanel::buildKept(QVBoxLayout* column) {
  kept_row_ = new QWidget;
  auto* lines = new QVBoxLayout(kept_row_);
  lines->setContentsMargins(0, 0, 0, 0);
  auto* row = new QHBoxLayout;
  kept_list_ = new NarrowComboBox;
  kept_list_->setObjectName(QStringLiteral("song_kept"));
  kept_list_->setAccessibleName(tr("Stems of this song"));
  kept_list_->setToolTip(tr("Stems that were made of this song; they stay when the program ends."));
  row->addWidget(kept_list_, 1);
  auto* remove = new QPushButton(tr("Delete"));
  remove->setObjectName(QStringLiteral("song_kept_delete"));
  remove->setStyleSheet(QStringLiteral("padding: 3px 12px; min-height: 18px"));
  row->addWidget(remove);
  QLabel* label = hint(tr("Stems of this song"));
  label->setBuddy(kept_list_);
  lines->addWidget(label);
  lines->addLayout(row);
  go_on_ = new QPushButton;
  go_on_->setAccessibleName(tr("Go on with the run that was stopped"));
  go_on_->setObjectName(QStringLiteral("song_go_on"));
  go_on_->setToolTip(tr("The run that was stopped goes on where it was, with its own settings."));
  lines->addWidget(go_on_);
  kept_row_->hide();
  column->addWidget(kept_row_);
  const auto chosen = [this]() -> const KeptStems* {
    const int index = kept_list_->currentData().toInt();
    return index < 0 || index >= static_cast<int>(kept_stems_.size()) ? nullptr
                                                                      : &kept_stems_[static_cast<size_t>(index)];
  };
  connect(kept_list_, &QComboBox::activated, this, [this, chosen] {
    if (const KeptStems* stems = chosen()) Q_EMIT keptChosen(*stems);
  });
  connect(go_on_, &QPushButton::clicked, this, [this, chosen] {
    if (const KeptStems* stems = chosen()) Q_EMIT goOnWanted(*stems);
  });
  connect(remove, &QPushButton::clicked, this, [this, chosen] {
    if (const KeptStems* stems = chosen()) Q_EMIT keptDeleted(*stems);
  });
}

void SongPanel::setKept(const std::vector<KeptStems>& kept, const QString& shown) {
  kept_stems_ = kept;
  kept_list_->clear();
  if (shown.isEmpty()) kept_list_->addItem(tr("Stems made before…"), -1);
  go_on_->hide();
  for (size_t i = 0; i < kept.size(); ++i) {
    const KeptStems& k = kept[i];
    kept_list_->addItem(SongHistory::words(k), static_cast<int>(i));
    if (k.folder != shown) continue;
    kept_list_->setCurrentIndex(kept_list_->count() - 1);
    go_on_->setText(tr("Go on from %1").arg(timeText(static_cast<double>(k.end) / k.sample_rate)));
    go_on_->setVisible(k.goesOn());
  }
  kept_row_->setVisible(!kept.empty());
}

nlohmann::json SongPanel::session() const {
  nlohmann::json session = {
      {"what", what_->currentIndex()},
      {"level", level_->value()},
      {"model", model_->name().toStdString()},
      {"preset", preset_->currentData().toString().toStdString()},
      {"samples", samples_->value()},
      {"seed", seed_->value()},
      {"keep_residual", keep_->isChecked()},
      {"other", other_->value()},
      {"mark", {axis_->hasMark() ? axis_->markBegin() : 0, axis_->hasMark() ? axis_->markEnd() : 0}}};
  if (!start_->folder().isEmpty()) {
    session["start"] = start_->folder().toStdString();
    session["start_sigma"] = start_->level();
  }
  if (usesMethod()) session["method"] = method_;
  return session;
}

void SongPanel::restore(const nlohmann::json& session) {
  try {
    what_->setCurrentIndex(std::clamp(session.value("what", 0), 0, what_->count() - 1));
    level_->setValue(session.value("level", level_->value()));
    useModel(QString::fromStdString(session.value("model", "band")));
    preset_->setCurrentIndex(
        std::max(0, preset_->findData(QString::fromStdString(session.value("preset", "balanced")))));
    setMethod(session.value("method", nlohmann::json::object()));
    samples_->setValue(session.value("samples", 0));
    seed_->setValue(session.value("seed", 0));
    keep_->setChecked(session.value("keep_residual", false));
    other_->setValue(session.value("other", SeparationRequest().other));
    start_->setFolder(text(session.value("start", std::string())));
    start_->setLevel(session.value("start_sigma", SeparationRequest().start_sigma));
    if (session.contains("mark")) axis_->setMark(session["mark"].at(0), session["mark"].at(1));
  } catch (const nlohmann::json::exception&) {  // the rest is of another version
  }
}

void SongPanel::buildExport(QVBoxLayout* column) {
  export_ = new QPushButton(icon(Symbol::Save), tr("Export"));
  export_->setObjectName(QStringLiteral("song_export_button"));
  export_->setToolTip(tr("One file of what is heard, one without a stem, or the stems (Ctrl+E)."));
  export_->setMenu(new QMenu(export_));
  column->addWidget(export_);
  sum_ = hint();
  sum_->setObjectName(QStringLiteral("song_sum"));
  sum_->hide();
  column->addWidget(sum_);
}

void SongPanel::setStems(const QStringList& names) {
  sum_->hide();
  QMenu* menu = export_->menu();
  menu->clear();
  const auto entry = [&](const QString& words, ExportDialog::What what, const QString& stem) {
    connect(menu->addAction(words), &QAction::triggered, this, [=, this] { Q_EMIT exportWanted(what, stem); });
  };
  entry(tr("What is heard…"), ExportDialog::Heard, {});
  menu->addSeparator();
  for (const QString& name : names)
    entry(tr("Everything but: %1…").arg(StemRows::shownName(name)), ExportDialog::Without, name);
  menu->addSeparator();
  entry(tr("The stems…"), ExportDialog::Stems, {});
}

void SongPanel::setSum(double decibels) {
  const QString amount = QLocale().toString(decibels, 'f', 1);
  sum_->setText(std::isinf(decibels) ? tr("Together the stems are the song.")
                : decibels < -60     ? tr("Together the stems are the song, to %1 dB.").arg(amount)
                                     : tr("Together the stems are not all of the song: %1 dB are left.").arg(amount));
  sum_->show();
}

void SongPanel::setSong(const OpenedSong& song) {
  if (song.path != song_.path) start_->setFolder({});  // they were of the other song
  song_ = song;
  describe();
}

void SongPanel::describe() {
  if (!song_.path.isEmpty()) {
    file_->setText(tr("%1\n%2 Hz, %3, %4")
                       .arg(QFileInfo(song_.path).fileName())
                       .arg(song_.sample_rate)
                       .arg(song_.channels == 1 ? tr("mono") : tr("stereo"),
                            timeText(static_cast<double>(song_.length) / song_.sample_rate)));
  } else {
    file_->setText(
        tr("The model knows bass, drums, guitar and piano; what glides, speech above all, gets a track of its own."));
  }
  const int what = what_->currentIndex();
  const QString helps[] = {
      tr("The stems are made from posterior samples given the song; together they are the song."),
      tr("White noise of this strength (1 = full scale) stays out of the stems and of the mix."),
      tr("Peaks cut off at this level (1 = full scale) are made up; the rest of the mix stays as it is."),
      tr("Nothing is left of the song above this frequency; the mix gets new treble.")};
  help_->setText(helps[what]);
  level_->setSuffix({});
  if (what == Denoise) {
    level_->setDecimals(5);
    set_range(level_, song_run_settings(), "denoise");
    level_->setSingleStep(0.001);
    level_->setValue(0.01);
  } else if (what == Declip) {
    level_->setDecimals(3);
    set_range(level_, song_run_settings(), "declip");
    level_->setSingleStep(0.01);
    level_->setValue(song_.clipping > 0 ? song_.clipping : 0.9);
  } else if (what == Treble) {
    level_->setDecimals(0);
    set_range(level_, song_run_settings(), "bandwidth");
    level_->setSingleStep(500);
    level_->setSuffix(tr(" Hz"));
    level_->setValue(4000);
  }
  form_->setRowVisible(level_, what != Separate);
  keep_->setVisible(what == Separate);
  form_->setRowVisible(other_, what == Separate);
  describeStart();
}

// Which files of a folder are used hangs on which tracks there will be.
void SongPanel::describeStart() {
  const PriorCard* card = model_->card();
  if (card == nullptr) return;
  auto stems = card->all.value("stems", std::vector<std::string>{"bass", "drums", "guitar", "piano"});
  if (other_->value() > 0) stems.emplace_back(kOther);
  start_->setStems(stems);
}

SongWish SongPanel::wish() const {
  SongWish wish;
  if (model_->card() != nullptr) wish.model = model_->name();
  wish.request.preset = preset_->currentData().toString().toStdString();
  if (usesMethod()) putMethodInto(wish.request);
  wish.request.samples = samples_->value();
  wish.request.seed = static_cast<uint64_t>(seed_->value());
  const int what = what_->currentIndex();
  wish.start = start_->folder();
  wish.request.start_sigma = start_->level();
  wish.request.keep_residual = what == Separate && keep_->isChecked();
  if (what == Separate) wish.request.other = other_->value();
  if (what == Denoise) wish.hiss = level_->value();
  if (what == Declip) wish.clip = level_->value();
  if (what == Treble) wish.bandwidth = level_->value();
  if (axis_->hasMark() && part_->currentIndex() == 1) {
    wish.from = static_cast<double>(axis_->markBegin()) / song_.sample_rate;
    wish.to = static_cast<double>(axis_->markEnd()) / song_.sample_rate;
  }
  return wish;
}

void SongPanel::setState(bool busy, bool can_export) {
  for (QWidget* widget : std::initializer_list<QWidget*>{what_, level_, part_, model_, preset_, samples_, seed_, other_,
                                                         keep_, start_, kept_row_})
    widget->setEnabled(!busy);
  export_->setEnabled(!busy && can_export);
}

bool SongPanel::canExport() const { return export_->isEnabled(); }

void SongPanel::fillModels() { model_->fill(); }

bool SongPanel::useModel(const QString& name) { return model_->use(name); }

}  // namespace mgdm::ui
