#include "ui/song/export_dialog.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QRadioButton>
#include <QSettings>
#include <algorithm>

#include "ui/song/stem_rows.h"
#include "ui/widgets/panel.h"

namespace mgdm::ui {

namespace {

QLabel* labelOf(const QString& words, QWidget* field) {
  auto* label = new QLabel(words);
  label->setBuddy(field);
  return label;
}

/// A path beside `path` that is free: "name 2.wav".
QString freeBeside(const QString& path) {
  const QFileInfo file(path);
  const bool folder = file.isDir();
  for (int k = 2;; ++k) {
    const QString other =
        folder || file.suffix().isEmpty()
            ? QStringLiteral("%1 %2").arg(path).arg(k)
            : QStringLiteral("%1/%2 %3.%4").arg(file.path(), file.completeBaseName()).arg(k).arg(file.suffix());
    if (!QFileInfo::exists(other)) return other;
  }
}

bool taken(const QString& path) {
  return QFileInfo::exists(path) && !(QFileInfo(path).isDir() && QDir(path).isEmpty());
}

}  // namespace

QString ExportDialog::wordsOf(const QStringList& heard, const QStringList& stems) {
  QStringList missing, there;
  for (const QString& stem : stems) (heard.contains(stem) ? there : missing) << StemRows::spokenName(stem);
  if (missing.isEmpty()) return {};
  return missing.size() <= there.size() ? tr("without %1").arg(missing.join(QStringLiteral(", ")))
                                        : there.join(QStringLiteral(", "));
}

ExportDialog::ExportDialog(ExportSource source, What what, const QString& stem, QWidget* parent)
    : QDialog(parent), source_(std::move(source)) {
  setWindowTitle(tr("Export"));
  setMinimumWidth(560);
  auto* grid = new QGridLayout(this);
  grid->setContentsMargins(20, 18, 20, 18);
  grid->setHorizontalSpacing(14);
  grid->setVerticalSpacing(10);
  grid->setColumnStretch(1, 1);
  buildWhat(grid, what, stem);
  buildFormat(grid);
  buildPlace(grid);
  for (QRadioButton* choice : {heard_, without_, stems_})
    connect(choice, &QRadioButton::toggled, this, &ExportDialog::propose);
  for (QCheckBox* box : boxes_) connect(box, &QCheckBox::toggled, this, &ExportDialog::check);
  for (QComboBox* box : {stem_, ending_}) connect(box, &QComboBox::currentIndexChanged, this, &ExportDialog::propose);
  for (QLineEdit* line : {name_, folder_}) connect(line, &QLineEdit::textChanged, this, &ExportDialog::check);
  connect(replace_, &QCheckBox::toggled, this, &ExportDialog::check);
  propose();
}

void ExportDialog::buildWhat(QGridLayout* grid, What what, const QString& stem) {
  QStringList heard;
  for (const auto& [name, gains] : source_.heard) heard << StemRows::spokenName(name);
  heard_ = new QRadioButton(tr("One file of what is heard"));
  heard_->setObjectName(QStringLiteral("export_heard"));
  heard_->setEnabled(!heard.isEmpty());
  grid->addWidget(heard_, 0, 0, 1, 2);
  QLabel* which =
      hint(heard.isEmpty() ? tr("All stems are muted.")
                           : tr("%1, as loud and where they are set").arg(heard.join(QStringLiteral(", "))));
  grid->addWidget(which, 0, 2, 1, 2);
  without_ = new QRadioButton(tr("One file of everything but"));
  without_->setObjectName(QStringLiteral("export_without"));
  grid->addWidget(without_, 1, 0, 1, 2);
  stem_ = new QComboBox;
  stem_->setObjectName(QStringLiteral("export_stem"));
  stem_->setAccessibleName(tr("Stem that is left out"));
  for (const QString& name : source_.stems) stem_->addItem(StemRows::shownName(name), name);
  stem_->setCurrentIndex(std::max(0, stem_->findData(stem)));
  connect(stem_, &QComboBox::activated, this, [this] { without_->setChecked(true); });
  grid->addWidget(stem_, 1, 2);
  stems_ = new QRadioButton(tr("A file for each stem"));
  stems_->setObjectName(QStringLiteral("export_stems"));
  grid->addWidget(stems_, 2, 0, 1, 2);
  auto* row = new QHBoxLayout;
  row->setSpacing(10);
  for (const QString& name : source_.stems) {
    auto* box = new QCheckBox(StemRows::shownName(name));
    box->setObjectName(QStringLiteral("export_") + name);
    box->setChecked(true);
    connect(box, &QCheckBox::clicked, this, [this] { stems_->setChecked(true); });
    boxes_.push_back(box);
    row->addWidget(box);
  }
  row->addStretch(1);
  grid->addLayout(row, 2, 2, 1, 2);
  (what == Stems || (what == Heard && heard.isEmpty()) ? stems_
   : what == Without                                   ? without_
                                                       : heard_)
      ->setChecked(true);
}

void ExportDialog::buildFormat(QGridLayout* grid) {
  const QSettings settings;
  part_ = new QComboBox;
  grid->addWidget(labelOf(tr("Part"), part_), 3, 0);
  part_->setObjectName(QStringLiteral("export_part"));
  part_->setAccessibleName(tr("Part"));
  part_->addItem(source_.whole);
  if (!source_.marked.isEmpty()) part_->addItem(source_.marked);
  grid->addWidget(part_, 3, 1, 1, 3);
  ending_ = new QComboBox;
  grid->addWidget(labelOf(tr("Format"), ending_), 4, 0);
  ending_->setObjectName(QStringLiteral("export_format"));
  ending_->setAccessibleName(tr("Format"));
  ending_->addItem(QStringLiteral("WAV"), QStringLiteral("wav"));
  ending_->addItem(QStringLiteral("FLAC"), QStringLiteral("flac"));
  ending_->addItem(tr("OGG Vorbis"), QStringLiteral("ogg"));
  ending_->setCurrentIndex(std::max(0, ending_->findData(settings.value(QStringLiteral("stem_format")))));
  bits_ = new QComboBox;
  bits_->setObjectName(QStringLiteral("export_bits"));
  bits_->setAccessibleName(tr("Bit depth"));
  auto* row = new QHBoxLayout;
  row->setSpacing(8);
  row->addWidget(ending_, 1);
  row->addWidget(bits_, 1);
  grid->addLayout(row, 4, 1, 1, 3);
  const auto fill = [this] {
    const int before = bits_->currentData().toInt();
    bits_->clear();
    bits_->addItem(tr("16 bit"), 16);
    bits_->addItem(tr("24 bit"), 24);
    if (ending() == "wav") bits_->addItem(tr("32 bit, float"), 32);
    bits_->setCurrentIndex(std::max(bits_->findData(24), bits_->findData(before)));
    if (before == 16) bits_->setCurrentIndex(0);
    bits_->setVisible(ending() != "ogg");
  };
  fill();
  bits_->setCurrentIndex(std::max(0, bits_->findData(settings.value(QStringLiteral("stem_bits"), 24))));
  connect(ending_, &QComboBox::currentIndexChanged, this, fill);
}

void ExportDialog::buildPlace(QGridLayout* grid) {
  name_ = new QLineEdit;
  grid->addWidget(labelOf(tr("Name"), name_), 5, 0);
  name_->setObjectName(QStringLiteral("export_name"));
  name_->setAccessibleName(tr("Name"));
  grid->addWidget(name_, 5, 1, 1, 3);
  folder_ = new QLineEdit(QDir::toNativeSeparators(
      QSettings().value(QStringLiteral("stems_folder"), QFileInfo(source_.song).absolutePath()).toString()));
  folder_->setObjectName(QStringLiteral("export_folder"));
  folder_->setAccessibleName(tr("Folder"));
  grid->addWidget(labelOf(tr("Folder"), folder_), 6, 0);
  auto* choose = new QPushButton(tr("Choose…"));
  connect(choose, &QPushButton::clicked, this, &ExportDialog::chooseFolder);
  auto* row = new QHBoxLayout;
  row->setSpacing(8);
  row->addWidget(folder_, 1);
  row->addWidget(choose);
  grid->addLayout(row, 6, 1, 1, 3);
  note_ = hint();
  note_->setObjectName(QStringLiteral("export_note"));
  note_->setMinimumHeight(2 * fontMetrics().lineSpacing());
  grid->addWidget(note_, 7, 1, 1, 3);
  replace_ = new QCheckBox(tr("Replace what is there"));
  replace_->setObjectName(QStringLiteral("export_replace"));
  grid->addWidget(replace_, 8, 1, 1, 3);
  buttons_ = new QDialogButtonBox(QDialogButtonBox::Save | QDialogButtonBox::Cancel);
  for (QAbstractButton* button : buttons_->buttons()) button->setIcon({});
  buttons_->button(QDialogButtonBox::Save)->setObjectName(QStringLiteral("save"));
  connect(buttons_, &QDialogButtonBox::accepted, this, [this] {
    QSettings settings;
    settings.setValue(QStringLiteral("stems_folder"), QDir::fromNativeSeparators(folder_->text()));
    settings.setValue(QStringLiteral("stem_format"), ending());
    settings.setValue(QStringLiteral("stem_bits"), bits_->currentData());
    accept();
  });
  connect(buttons_, &QDialogButtonBox::rejected, this, &QDialog::reject);
  grid->addWidget(buttons_, 9, 0, 1, 4);
}

ExportDialog::What ExportDialog::what() const {
  return heard_->isChecked() ? Heard : without_->isChecked() ? Without : Stems;
}

QString ExportDialog::ending() const { return ending_->currentData().toString(); }

QStringList ExportDialog::chosenStems() const {
  QStringList names;
  if (what() == Heard) {
    for (const auto& [name, gains] : source_.heard) names << name;
  } else {
    for (qsizetype k = 0; k < source_.stems.size(); ++k) {
      const bool chosen = what() == Without ? k != stem_->currentIndex() : boxes_[static_cast<size_t>(k)]->isChecked();
      if (chosen) names << source_.stems[k];
    }
  }
  return names;
}

// A name for what is chosen; a person's own one stays as long as the choice does.
void ExportDialog::propose() {
  const QString base = QFileInfo(source_.song).completeBaseName();
  if (what() == Stems) {
    name_->setText(base + tr("_stems"));
  } else {
    const QString words = wordsOf(chosenStems(), source_.stems);
    name_->setText(words.isEmpty() ? tr("%1 mix").arg(base) : base + ' ' + words);
  }
  replace_->setChecked(false);
  check();
}

QString ExportDialog::target() const {
  const QString folder = QDir::fromNativeSeparators(folder_->text().trimmed());
  QString name = name_->text().trimmed();
  if (what() != Stems) {
    if (name.endsWith('.' + ending(), Qt::CaseInsensitive)) name.chop(ending().size() + 1);
    name += '.' + ending();
  }
  const QString path = folder + '/' + name;
  return taken(path) && !replace_->isChecked() ? freeBeside(path) : path;
}

void ExportDialog::check() {
  QString wrong;
  const QString name = name_->text().trimmed(), folder = QDir::fromNativeSeparators(folder_->text().trimmed());
  if (name.isEmpty()) {
    wrong = tr("It needs a name.");
  } else if (name.contains('/') || name.startsWith('.')) {
    wrong = tr("A name cannot begin with a dot or hold a slash.");
  } else if (!QFileInfo(folder).isDir()) {
    wrong = tr("There is no folder of this name.");
  } else if (!QFileInfo(folder).isWritable()) {
    wrong = tr("Nothing can be written into this folder.");
  } else if (chosenStems().isEmpty()) {
    wrong = tr("No stem is chosen.");
  }
  buttons_->button(QDialogButtonBox::Save)->setEnabled(wrong.isEmpty());
  const QString plain = folder + '/' + name + (what() == Stems ? QString() : '.' + ending());
  const bool there = wrong.isEmpty() && taken(plain);
  replace_->setVisible(there);
  if (!wrong.isEmpty()) {
    note_->setText(wrong);
  } else if (QFileInfo(plain) == QFileInfo(source_.song) && replace_->isChecked()) {
    note_->setText(tr("That is the song itself."));
    buttons_->button(QDialogButtonBox::Save)->setEnabled(false);
  } else {
    QString words = QFileInfo(target()).fileName();
    if (what() == Stems) {
      QStringList files;
      for (const QString& stem : chosenStems()) files << stem + '.' + ending();
      words += QStringLiteral("/ ") + files.join(QStringLiteral(", ")) + QStringLiteral(", run.json");
    }
    note_->setText(there && !replace_->isChecked() ? tr("There is one of this name. Writes %1").arg(words)
                                                   : tr("Writes %1").arg(words));
  }
}

void ExportDialog::chooseFolder() {
  const QString chosen = QFileDialog::getExistingDirectory(this, tr("Folder for the files"), folder_->text());
  if (!chosen.isEmpty()) folder_->setText(QDir::toNativeSeparators(chosen));
}

SoundExport ExportDialog::wish() const {
  SoundExport wish;
  wish.format = {ending().toStdString(), ending() == "ogg" ? 24 : bits_->currentData().toInt()};
  if (part_->currentIndex() == 1) {
    wish.begin = source_.mark_begin;
    wish.end = source_.mark_end;
  }
  const QString to = target();
  const QStringList names = chosenStems();
  if (what() == Stems) {
    for (const QString& name : names)
      wish.files.push_back({to + '/' + name + '.' + ending(), {{name, {}}}, StemRows::spokenName(name)});
    wish.record = to + QStringLiteral("/run.json");
    return wish;
  }
  SoundExport::File file{to, {}, wordsOf(names, source_.stems)};
  if (what() == Heard) {
    file.tracks = source_.heard;
  } else {
    for (const QString& name : names) file.tracks.emplace_back(name, ChannelGains{});
  }
  wish.files.push_back(file);
  return wish;
}

}  // namespace mgdm::ui
