// What is written of a comparison.
#include <QBuffer>
#include <QCoreApplication>
#include <QFileDialog>
#include <QFileInfo>
#include <QImage>
#include <QProgressDialog>

#include "core/compare/pack.h"
#include "core/compare/table.h"
#include "core/files/atomic_file.h"
#include "core/files/json_text.h"
#include "ui/compare/axes_panel.h"
#include "ui/compare/cell_grid.h"
#include "ui/compare/compare_page.h"
#include "ui/compare/grid_export.h"
#include "ui/compare/view_bar.h"
#include "ui/widgets/message_bar.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

void ComparePage::saveSpec() {
  const QString file =
      QFileDialog::getSaveFileName(this, tr("Save the comparison"), QStringLiteral("comparison.json"), fileFilter());
  if (file.isEmpty()) return;
  try {
    write_file_bytes(file.toStdString(), json_text(spec_json(panel_->spec()), 2) + "\n");
    Q_EMIT status(tr("Saved to %1.").arg(file));
  } catch (const std::exception& e) {
    message_->showMessage(one_line(e));
  }
}

QByteArray ComparePage::pngOf(int cell) const {
  const CellStore store(cells_->folder().toStdString());
  const std::string png = picture_of(store, cells_->comparison().cells[static_cast<size_t>(cell)]);
  return QByteArray::fromStdString(png);
}

void ComparePage::exportAs(const QString& ending) {
  const QString file = QFileDialog::getSaveFileName(this, tr("Export"), QStringLiteral("comparison.") + ending,
                                                    QStringLiteral("*.") + ending);
  if (file.isEmpty()) return;
  const std::filesystem::path path = file.toStdString();
  try {
    const CompareTable table = make_table(cells_->spec(), cells_->comparison().cells, cells_->results());
    if (ending == QLatin1String("csv")) {
      write_file_bytes(path, csv(table));
    } else if (ending == QLatin1String("html")) {
      write_file_bytes(path, html_report(cells_->spec(), cells_->comparison().cells, table,
                                         [this](size_t k) { return pngOf(static_cast<int>(k)).toStdString(); }));
    } else {
      QProgressDialog dialog(tr("Writing %1…").arg(QFileInfo(file).fileName()), tr("Cancel"), 0, 1000, this);
      dialog.setWindowModality(Qt::WindowModal);
      const ExportProgress progress = [&](double share) {
        dialog.setValue(static_cast<int>(999 * share));
        return !dialog.wasCanceled();
      };
      GridChoice choice;
      const AxisPlacement& placement = grid_->placement();
      choice.rows = placement.rows;
      choice.columns = placement.columns;
      choice.fixed = placement.values;
      choice.shown = bar_->shown();
      if (!bar_->figure().empty()) choice.figures = {bar_->figure()};
      const bool written = ending == QLatin1String("png") ? export_png(*cells_, choice, path, progress)
                                                          : export_pdf(*cells_, choice, path, progress);
      if (!written) return Q_EMIT status(tr("Nothing was written."));
    }
    Q_EMIT status(tr("Saved to %1.").arg(file));
  } catch (const std::exception& e) {
    message_->showMessage(one_line(e));
  }
}

}  // namespace mgdm::ui
