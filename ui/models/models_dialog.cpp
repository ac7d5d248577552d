#include "ui/models/models_dialog.h"

#include <QDragEnterEvent>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QListWidget>
#include <QMessageBox>
#include <QMimeData>
#include <QPushButton>
#include <QSignalBlocker>
#include <QTabWidget>
#include <QUrl>
#include <QVBoxLayout>

#include "core/priors/catalogue.h"
#include "core/priors/model_import.h"
#include "ui/models/import_panel.h"
#include "ui/models/model_card_view.h"
#include "ui/models/published_table.h"
#include "ui/widgets/message_bar.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

bool isCheckpoint(const QString& path) {
  static const QStringList suffixes{QStringLiteral("pt"),  QStringLiteral("pth"),         QStringLiteral("ckpt"),
                                    QStringLiteral("bin"), QStringLiteral("safetensors"), QStringLiteral("ts")};
  return suffixes.contains(QFileInfo(path).suffix().toLower());
}

ModelsDialog::ModelsDialog(QWidget* parent) : QDialog(parent) {
  setWindowTitle(tr("Models"));
  resize(860, 560);
  setAcceptDrops(true);
  tabs_ = new QTabWidget;
  tabs_->addTab(buildInstalled(), tr("Installed"));
  auto* published = new PublishedTable;
  tabs_->addTab(published, tr("Published models"));
  message_ = new MessageBar(QStringLiteral("message"));
  import_ = new ImportPanel;
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(16, 16, 16, 16);
  column->setSpacing(12);
  column->addWidget(tabs_, 1);
  column->addWidget(message_);
  column->addWidget(import_);
  connect(published, &PublishedTable::fetchWanted, this,
          [this](const QString& name) { import_->fetch(name.toStdString()); });
  connect(import_, &ImportPanel::busyChanged, this, [this, published] {
    published->setBusy(busy());
    if (busy()) message_->hide();
    describe();
  });
  connect(import_, &ImportPanel::imported, this, [this](const QString& name) {
    fill(name);
    Q_EMIT modelsChanged();
  });
  connect(import_, &ImportPanel::ended, this, &ModelsDialog::importEnded);
  connect(import_, &ImportPanel::said, this, &ModelsDialog::say);
  connect(import_, &ImportPanel::closeWanted, this, &ModelsDialog::reject);
  for (QPushButton* button : findChildren<QPushButton*>()) button->setAutoDefault(false);
  fill();
}

ModelsDialog::~ModelsDialog() = default;

QWidget* ModelsDialog::buildInstalled() {
  auto* installed = new QWidget;
  auto* row = new QHBoxLayout(installed);
  row->setContentsMargins(12, 12, 12, 12);
  row->setSpacing(16);
  list_ = new QListWidget;
  list_->setObjectName(QStringLiteral("models"));
  list_->setAccessibleName(tr("Installed models"));
  list_->setFixedWidth(290);
  list_->setTextElideMode(Qt::ElideRight);
  row->addWidget(list_);
  card_ = new ModelCardView;
  row->addWidget(card_, 1);
  connect(list_, &QListWidget::currentRowChanged, this, &ModelsDialog::describe);
  connect(card_, &ModelCardView::useWanted, this, [this] {
    if (current() != nullptr) Q_EMIT chosen(text(current()->name));
    accept();
  });
  connect(card_, &ModelCardView::verifyWanted, this, [this] {
    if (current() != nullptr && !busy()) import_->verify(current()->name);
  });
  connect(card_, &ModelCardView::removeWanted, this, &ModelsDialog::remove);
  return installed;
}

bool ModelsDialog::busy() const { return import_->busy(); }

const PriorCard* ModelsDialog::current() const {
  const int row = list_->currentRow();
  return row >= 0 && row < static_cast<int>(cards_.size()) ? &cards_[static_cast<size_t>(row)] : nullptr;
}

void ModelsDialog::fill(const QString& select) {
  std::vector<std::string> problems;
  cards_ = list_priors(&problems);
  const QSignalBlocker block(list_);
  list_->clear();
  int row = 0;
  for (size_t i = 0; i < cards_.size(); ++i) {
    const PriorCard& card = cards_[i];
    const QString label = spoken(card.label.empty() ? card.name : card.label), name = text(card.name);
    auto* item = new QListWidgetItem(
        label + '\n' + (label == name ? kindOf(card) : QStringLiteral("%1 · %2").arg(name, kindOf(card))), list_);
    item->setToolTip(text(card.file.string()));
    item->setSizeHint(QSize(0, 50));
    if (text(card.name) == select) row = static_cast<int>(i);
  }
  list_->setCurrentRow(row);
  describe();
  if (!problems.empty()) say(text(problems.front()), true);
}

void ModelsDialog::describe() { card_->show(current(), busy()); }

void ModelsDialog::importFiles(const QStringList& paths) {
  if (paths.isEmpty()) return;
  tabs_->setCurrentIndex(0);
  import_->start(paths);
}

void ModelsDialog::remove() {
  if (current() == nullptr || busy()) return;
  const PriorCard& card = *current();
  std::error_code error;
  const bool weights_too = std::filesystem::equivalent(card.weights.parent_path(), card.file.parent_path(), error);
  QMessageBox box(QMessageBox::Question, tr("Remove the model"), tr("Remove %1?").arg(text(card.name)),
                  QMessageBox::NoButton, this);
  box.setInformativeText(weights_too ? tr("Its weights in your model folder are deleted, too.")
                                     : tr("The downloaded file stays where it is."));
  auto* yes = box.addButton(tr("Remove"), QMessageBox::AcceptRole);
  box.setDefaultButton(box.addButton(QMessageBox::Cancel));
  box.exec();
  if (box.clickedButton() != yes) return;
  try {
    const QString name = text(card.name);
    remove_model(card.name);
    fill();
    say(tr("%1 is removed.").arg(name), false);
    Q_EMIT modelsChanged();
  } catch (const std::exception& e) {
    say(QString::fromUtf8(e.what()), true);
  }
}

void ModelsDialog::say(const QString& words, bool bad) {
  if (bad) {
    message_->showMessage(words);
  } else {
    message_->showNotice(words);
  }
}

void ModelsDialog::dragEnterEvent(QDragEnterEvent* event) {
  for (const QUrl& url : event->mimeData()->urls()) {
    if (url.isLocalFile() && isCheckpoint(url.toLocalFile())) {
      event->acceptProposedAction();
      return;
    }
  }
}

void ModelsDialog::dropEvent(QDropEvent* event) {
  QStringList paths;
  for (const QUrl& url : event->mimeData()->urls()) {
    if (url.isLocalFile() && isCheckpoint(url.toLocalFile())) paths << url.toLocalFile();
  }
  event->acceptProposedAction();
  importFiles(paths);
}

// Closing goes on with nothing in the background.
void ModelsDialog::reject() {
  import_->cancel();
  QDialog::reject();
}

}  // namespace mgdm::ui
