#include "ui/song/start_field.h"

#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "core/runs/separation.h"
#include "core/runs/start_stems.h"
#include "ui/widgets/number_box.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/settings_form.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

namespace {

QString names_of(const std::vector<std::filesystem::path>& files) {
  QStringList names;
  for (const auto& file : files) names << text(file.filename().string());
  return names.join(QStringLiteral(", "));
}

}  // namespace

StartField::StartField(QWidget* parent) : QWidget(parent) {
  auto* lines = new QVBoxLayout(this);
  lines->setContentsMargins(0, 0, 0, 0);
  lines->setSpacing(4);
  auto* row = new QHBoxLayout;
  choose_ = new QPushButton(tr("Start from stems…"));
  choose_->setObjectName(QStringLiteral("song_start"));
  choose_->setToolTip(
      tr("A folder with stems that another program has made of this song (bass.wav, drums.wav, other.wav…): the "
         "separation begins from them instead of from noise, and takes less time."));
  row->addWidget(choose_, 1);
  remove_ = new QPushButton(tr("Remove"));
  remove_->setObjectName(QStringLiteral("song_start_remove"));
  remove_->setAccessibleName(tr("Do not start from these stems"));
  row->addWidget(remove_);
  lines->addLayout(row);
  found_ = hint();
  found_->setObjectName(QStringLiteral("song_start_found"));
  lines->addWidget(found_);
  auto* level_row = new QHBoxLayout;
  level_label_ = new QLabel(tr("Start level"));
  level_ = new NumberBox;
  level_->setObjectName(QStringLiteral("song_start_level"));
  level_->setAccessibleName(tr("Start level"));
  level_->setToolTip(tr("Noise level at which the separation begins: the less, the more of these stems stays."));
  level_->setDecimals(2);
  level_->setSingleStep(0.1);
  set_range(level_, song_run_settings(), "start_sigma");
  level_->setValue(SeparationRequest().start_sigma);
  level_label_->setBuddy(level_);
  level_row->addWidget(level_label_);
  level_row->addWidget(level_, 1);
  lines->addLayout(level_row);
  connect(choose_, &QPushButton::clicked, this, &StartField::choose);
  connect(remove_, &QPushButton::clicked, this, [this] {
    setFolder({});
    choose_->setFocus();
  });
  connect(level_, &QDoubleSpinBox::valueChanged, this, &StartField::edited);
  describe();
}

void StartField::setStems(const std::vector<std::string>& stems) {
  if (stems == stems_) return;
  stems_ = stems;
  describe();
}

void StartField::setFolder(const QString& folder) {
  if (folder == folder_) return;
  folder_ = folder;
  describe();
  Q_EMIT edited();
}

double StartField::level() const { return level_->value(); }

void StartField::setLevel(double level) { level_->setValue(level); }

void StartField::choose() {
  const QString folder = QFileDialog::getExistingDirectory(this, tr("Folder with stems of this song"), folder_);
  if (!folder.isEmpty()) setFolder(folder);
}

void StartField::describe() {
  const bool chosen = !folder_.isEmpty();
  remove_->setVisible(chosen);
  found_->setVisible(chosen);
  level_label_->setVisible(chosen);
  level_->setVisible(chosen);
  if (!chosen) return;
  try {
    const StartFiles files = find_start_stems(folder_.toStdString(), stems_);
    std::vector<std::filesystem::path> used;
    for (const auto& [stem, file] : files.of_stem) used.push_back(file);
    if (!files.shared.empty()) used.push_back(files.shared);
    QString words = tr("%1: starts from %2.").arg(QFileInfo(folder_).fileName(), names_of(used));
    if (!files.ignored.empty()) words += ' ' + tr("Not used: %1.").arg(names_of(files.ignored));
    found_->setText(words);
  } catch (const std::exception& e) {
    found_->setText(one_line(e));
  }
}

}  // namespace mgdm::ui
