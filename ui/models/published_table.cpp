#include "ui/models/published_table.h"

#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QTableWidget>
#include <QVBoxLayout>

#include "core/priors/known_models.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

PublishedTable::PublishedTable(QWidget* parent) : QWidget(parent) {
  auto* about = new QVBoxLayout(this);
  about->setContentsMargins(12, 12, 12, 12);
  about->setSpacing(12);
  about->addWidget(hint(
      tr("Models that researchers have published and that can be used here. Fetch one under its licence, or get the "
         "file from its source and drop it on this window.")));
  table_ = new QTableWidget(static_cast<int>(known_models().size()), 5);
  table_->setObjectName(QStringLiteral("published_models"));
  table_->setAccessibleName(tr("Published models"));
  table_->setHorizontalHeaderLabels({tr("Model"), tr("File"), tr("Size"), tr("Licence"), tr("Source")});
  table_->verticalHeader()->hide();
  table_->setEditTriggers(QAbstractItemView::NoEditTriggers);
  table_->setSelectionBehavior(QAbstractItemView::SelectRows);
  table_->setSelectionMode(QAbstractItemView::SingleSelection);
  table_->setTabKeyNavigation(false);  // Tab goes on to the button
  table_->setAlternatingRowColors(true);
  table_->setShowGrid(false);
  table_->setWordWrap(true);
  fill();
  table_->horizontalHeader()->setSectionResizeMode(QHeaderView::Interactive);
  table_->horizontalHeader()->setStretchLastSection(true);
  const int widths[] = {170, 170, 58, 150};
  for (int k = 0; k < 4; ++k) table_->setColumnWidth(k, widths[k]);
  table_->verticalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
  table_->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  about->addWidget(table_, 1);
  fetch_ = new QPushButton(tr("Fetch…"));
  fetch_->setObjectName(QStringLiteral("fetch_model"));
  about->addWidget(fetch_, 0, Qt::AlignLeft);
  connect(table_, &QTableWidget::itemSelectionChanged, this, &PublishedTable::updateButton);
  connect(fetch_, &QPushButton::clicked, this, [this] {
    const auto row = static_cast<size_t>(table_->currentRow());
    if (row < known_models().size()) Q_EMIT fetchWanted(text(known_models()[row].name));
  });
  updateButton();
}

void PublishedTable::setBusy(bool busy) {
  busy_ = busy;
  updateButton();
}

void PublishedTable::updateButton() { fetch_->setEnabled(!busy_ && table_->currentRow() >= 0); }

void PublishedTable::fill() {
  for (size_t i = 0; i < known_models().size(); ++i) {
    const KnownModel& m = known_models()[i];
    const QString cells[] = {text(m.label), text(m.file), tr("%1 GB").arg(QLocale().toString(m.gigabytes, 'g', 2)),
                             text(m.license), text(m.source)};
    for (int k = 0; k < 5; ++k) {
      auto* item = new QTableWidgetItem(cells[k]);
      item->setToolTip(cells[k]);
      item->setTextAlignment(Qt::AlignLeft | Qt::AlignTop);
      table_->setItem(static_cast<int>(i), k, item);
    }
  }
}

}  // namespace mgdm::ui
