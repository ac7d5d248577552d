// The numbers of cells as the page's tables and plots show them.
#pragma once
#include <QString>
#include <QStringList>
#include <string>
#include <vector>

#include "core/compare/table.h"
#include "ui/compare/cells.h"

namespace mgdm::ui {

/// "PSNR (dB)", in the person's language.
QString figureHeading(const std::string& name);
/// The same without its unit.
QString figureLabel(const std::string& name);
/// "27.84 dB"; "-" for NaN.
QString figureValue(const std::string& name, double value);
/// What better means: "higher is better", "lower is better"; empty for effort.
QString figureDirection(const std::string& name);

/// NaN where the cell has none.
double figureOf(const Cells::Cell& cell, const std::string& name);
/// Those that occur in any cell, in the order in which people want to see them.
std::vector<std::string> figuresOf(const Cells& cells);

/// Core's table of these cells (core/compare/table.h); row.cells are their indices. `over`: axes that are put together,
/// unknown ones are passed over. `running`: cells that are on take part with what they have so far.
CompareTable tableOf(const Cells& cells, const QStringList& over, bool running);

}  // namespace mgdm::ui
