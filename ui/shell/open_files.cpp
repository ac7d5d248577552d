#include "ui/shell/open_files.h"

#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QSettings>
#include <algorithm>

#include "ui/page.h"

namespace mgdm::ui {

namespace {
constexpr int kRecent = 10;
}

OpenFiles::OpenFiles(QWidget* parent) : QWidget(parent), label_(new QLabel) {
  setObjectName(QStringLiteral("timeline"));
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(12, 4, 12, 4);
  auto* previous = new QPushButton(tr("Previous photo"));
  auto* next = new QPushButton(tr("Next photo"));
  next->setObjectName(QStringLiteral("next_photo"));
  auto* batch = new QPushButton(tr("Run all into a folder…"));
  batch->setObjectName(QStringLiteral("batch"));
  batch->setToolTip(
      tr("Does to every photo of the queue what is chosen on the left, and writes a list of what happened."));
  row->addWidget(label_, 1);
  row->addWidget(batch);
  row->addWidget(previous);
  row->addWidget(next);
  connect(previous, &QPushButton::clicked, this, [this] { go(-1); });
  connect(batch, &QPushButton::clicked, this, [this] { Q_EMIT batchWanted(queue_); });
  connect(next, &QPushButton::clicked, this, [this] { go(1); });
  hide();
}

void OpenFiles::start(const QStringList& paths) {
  queue_ = paths;
  at_ = 0;
  open_ = -1;
  go(0);
}

void OpenFiles::go(int step) {
  at_ = std::clamp(at_ + step, 0, static_cast<int>(queue_.size()) - 1);
  describe();
  Q_EMIT wanted(queue_[at_]);
}

void OpenFiles::describe() {
  setVisible(queue_.size() > 1);
  if (queue_.isEmpty()) return;
  label_->setText(tr("Photo %1 of %2: %3").arg(at_ + 1).arg(queue_.size()).arg(QFileInfo(queue_[at_]).fileName()));
}

void OpenFiles::opened(const QString& path) {
  if (!path.isEmpty()) remember(path);
  open_ = static_cast<int>(queue_.indexOf(path));
  if (open_ < 0) queue_.clear();
  describe();
}

void OpenFiles::refused(const QString& path) {
  if (at_ >= queue_.size() || queue_[at_] != path) return;
  if (open_ < 0) queue_.clear();
  at_ = std::max(0, open_);
  describe();
}

QStringList OpenFiles::choose(const std::vector<Page*>& pages) {
  QSettings settings;
  QStringList filters;
  for (const Page* page : pages) filters << page->fileFilter();
  filters << tr("Models (%1)").arg(QStringLiteral("*.pt *.pth *.ckpt *.bin *.safetensors")) << tr("All files (*)");
  const QStringList files = QFileDialog::getOpenFileNames(
      this, tr("Open"), settings.value(QStringLiteral("folder"), QDir::homePath()).toString(),
      filters.join(QStringLiteral(";;")));
  if (!files.isEmpty()) settings.setValue(QStringLiteral("folder"), QFileInfo(files.first()).absolutePath());
  return files;
}

void OpenFiles::fillRecent(QMenu* menu) {
  menu->clear();
  const QStringList recent = QSettings().value(QStringLiteral("recent")).toStringList();
  for (const QString& path : recent)
    menu->addAction(QFileInfo(path).fileName(), this, [this, path] { Q_EMIT wanted(path); })->setToolTip(path);
  if (recent.isEmpty()) menu->addAction(tr("none yet"))->setEnabled(false);
}

void OpenFiles::remember(const QString& path) {
  QSettings settings;
  QStringList recent = settings.value(QStringLiteral("recent")).toStringList();
  recent.removeAll(path);
  recent.prepend(path);
  settings.setValue(QStringLiteral("recent"), QStringList(recent.mid(0, kRecent)));
}

}  // namespace mgdm::ui
