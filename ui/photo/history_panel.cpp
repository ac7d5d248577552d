#include "ui/photo/history_panel.h"

#include <QLocale>
#include <QMenu>
#include <QSignalBlocker>

#include "ui/photo/history.h"

namespace mgdm::ui {

HistoryPanel::HistoryPanel(History* history, QWidget* parent) : QListWidget(parent), history_(history) {
  setObjectName(QStringLiteral("history"));
  setAccessibleName(tr("History"));
  setIconSize(QSize(64, 48));
  setWordWrap(true);
  setContextMenuPolicy(Qt::CustomContextMenu);
  connect(this, &QListWidget::itemActivated, this, [this](QListWidgetItem* item) { Q_EMIT chosen(row(item)); });
  connect(this, &QListWidget::customContextMenuRequested, this, [this](const QPoint& at) {
    const int row = this->row(itemAt(at));
    if (row < 0 || history_->entries().empty()) return;
    QMenu menu;
    menu.addAction(tr("Show"), this, [this, row] { Q_EMIT chosen(row); });
    const bool star = history_->entries()[static_cast<size_t>(row)].favourite;
    menu.addAction(star ? tr("No favourite") : tr("Favourite"), this,
                   [this, row, star] { history_->setFavourite(row, !star); });
    menu.addAction(tr("Delete"), this, [this, row] { history_->remove(row); });
    menu.exec(mapToGlobal(at));
  });
  connect(history_, &History::changed, this, &HistoryPanel::fill);
  fill();
}

void HistoryPanel::fill() {
  const QSignalBlocker block(this);
  clear();
  for (const HistoryEntry& e : history_->entries()) {
    QIcon picture;
    for (const auto mode : {QIcon::Normal, QIcon::Selected}) picture.addPixmap(QPixmap::fromImage(e.thumbnail), mode);
    auto* item = new QListWidgetItem(picture, (e.favourite ? QStringLiteral("★ ") : QString()) + e.title + '\n' +
                                                  QLocale().toString(e.when, QLocale::ShortFormat));
    item->setToolTip(e.photo.isEmpty() ? tr("From the clipboard") : e.photo);
    addItem(item);
  }
  if (history_->entries().empty()) {
    auto* item = new QListWidgetItem(tr("Finished runs appear here and stay after a restart."));
    item->setFlags(Qt::NoItemFlags);
    addItem(item);
  }
}

}  // namespace mgdm::ui
