#include "ui/models/published_table.h"

#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QTableWidget>
#include <QVBoxLayout>

#include "core/priors/known_models.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

PublishedTable::PublishedTable(QWidget* parent) : QWidget(parent) {
  auto* about = new QVBoxLayout(this);
  about->setContentsMargins(12, 12, 12, 12);
  about->addWidget(
      hint(tr("Models that researchers have published and that can be used here. This program downloads nothing: get "
              "the file from its source, then drop it on this window.")));
  auto* table = new QTableWidget(static_cast<int>(known_models().size()), 5);
  table->setObjectName(QStringLiteral("published_models"));
  table->setHorizontalHeaderLabels({tr("Model"), tr("File"), tr("Size"), tr("Licence"), tr("Source")});
  table->verticalHeader()->hide();
  table->setEditTriggers(QAbstractItemView::NoEditTriggers);
  table->setSelectionBehavior(QAbstractItemView::SelectRows);
  table->setAlternatingRowColors(true);
  table->setShowGrid(false);
  table->setWordWrap(true);
  for (size_t i = 0; i < known_models().size(); ++i) {
    const KnownModel& m = known_models()[i];
    const QString cells[] = {text(m.label), text(m.file), tr("%1 GB").arg(QLocale().toString(m.gigabytes, 'g', 2)),
                             text(m.license), text(m.source)};
    for (int k = 0; k < 5; ++k) {
      auto* item = new QTableWidgetItem(cells[k]);
      item->setToolTip(cells[k]);
      item->setTextAlignment(Qt::AlignLeft | Qt::AlignTop);
      table->setItem(static_cast<int>(i), k, item);
    }
  }
  table->horizontalHeader()->setSectionResizeMode(QHeaderView::Interactive);
  table->horizontalHeader()->setStretchLastSection(true);
  const int widths[] = {170, 170, 58, 150};
  for (int k = 0; k < 4; ++k) table->setColumnWidth(k, widths[k]);
  table->verticalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
  table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  about->addWidget(table, 1);
}

}  // namespace mgdm::ui
