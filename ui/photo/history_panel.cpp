#include "ui/photo/history_panel.h"

#include <QKeyEvent>
#include <QLocale>
#include <QMenu>
#include <QSignalBlocker>

#include "core/samplers/description.h"
#include "ui/photo/history.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

namespace {

QString spoken_sampler(const QString& name) {
  for (const auto& sampler : samplers()) {
    if (text(sampler.name) == name) return text(sampler.label);
  }
  return name;  // of another version
}

}  // namespace

QString HistoryPanel::words(const RunSummary& run) {
  if (run.sampler.isEmpty()) return {};
  const QLocale locale;
  QStringList parts{run.preset.isEmpty() ? tr("%1, own settings").arg(spoken_sampler(run.sampler))
                                         : spoken_sampler(run.sampler) + ' ' + preset_name(run.preset.toStdString())};
  parts << tr("noise %1").arg(locale.toString(run.noise, 'g', 3));
  if (run.samples > 1) parts << tr("%n result(s)", nullptr, run.samples);
  parts << (run.stopped ? tr("stopped after %1 s") : tr("%1 s")).arg(locale.toString(run.seconds, 'f', 1));
  if (run.psnr > 0)
    parts << tr("PSNR %1 dB, SSIM %2").arg(locale.toString(run.psnr, 'f', 1), locale.toString(run.ssim, 'f', 3));
  if (run.residual > 0) parts << tr("residual %1 σ").arg(locale.toString(run.residual, 'f', 2));
  return parts.join(QStringLiteral(", "));
}

HistoryPanel::HistoryPanel(History* history, QWidget* parent) : QListWidget(parent), history_(history) {
  setObjectName(QStringLiteral("history"));
  setAccessibleName(tr("History"));
  setIconSize(QSize(64, 48));
  setWordWrap(true);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setContextMenuPolicy(Qt::CustomContextMenu);
  connect(this, &QListWidget::itemActivated, this, [this](QListWidgetItem* item) { Q_EMIT chosen(row(item)); });
  connect(this, &QListWidget::customContextMenuRequested, this, [this](const QPoint& at) {
    const int row = this->row(itemAt(at));
    if (row < 0 || history_->entries().empty()) return;
    QMenu menu;
    menu.addAction(tr("Show"), this, [this, row] { Q_EMIT chosen(row); });
    menu.setToolTipsVisible(true);
    QAction* compare = menu.addAction(tr("Compare with this"), this, [this, row] { Q_EMIT compareWanted(row); });
    compare->setObjectName(QStringLiteral("compare_with_this"));
    const QString reason = why_not_ ? why_not_(history_->entries()[static_cast<size_t>(row)]) : QString();
    compare->setEnabled(reason.isEmpty());
    compare->setToolTip(reason.isEmpty() ? tr("The result on screen is held against it.") : reason);
    const bool star = history_->entries()[static_cast<size_t>(row)].favourite;
    menu.addAction(star ? tr("No favourite") : tr("Favourite"), this,
                   [this, row, star] { history_->setFavourite(row, !star); });
    menu.addAction(tr("Delete"), this, [this, row] { history_->remove(row); });
    menu.exec(mapToGlobal(at));
  });
  connect(history_, &History::changed, this, &HistoryPanel::fill);
  fill();
}

void HistoryPanel::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Delete && currentRow() >= 0 && !history_->entries().empty()) {
    history_->remove(currentRow());
  } else {
    QListWidget::keyPressEvent(event);
  }
}

void HistoryPanel::fill() {
  const QSignalBlocker block(this);
  const int row = currentRow();
  clear();
  for (const HistoryEntry& e : history_->entries()) {
    QIcon picture;
    for (const auto mode : {QIcon::Normal, QIcon::Selected}) picture.addPixmap(QPixmap::fromImage(e.thumbnail), mode);
    const QString details = words(e.summary);
    auto* item = new QListWidgetItem(picture, (e.favourite ? QStringLiteral("★ ") : QString()) + e.title + '\n' +
                                                  (details.isEmpty() ? QString() : details + '\n') +
                                                  QLocale().toString(e.when, QLocale::ShortFormat));
    item->setToolTip(e.photo.isEmpty() ? tr("From the clipboard") : e.photo);
    addItem(item);
  }
  if (history_->entries().empty()) {
    auto* item = new QListWidgetItem(tr("Finished runs appear here and stay after a restart."));
    item->setFlags(Qt::NoItemFlags);
    addItem(item);
  } else if (row >= 0) {
    setCurrentRow(std::min(row, count() - 1));
  }
}

}  // namespace mgdm::ui
