#include "ui/compare/cell_numbers.h"

#include <QCoreApplication>
#include <cmath>
#include <limits>

#include "ui/widgets/words.h"

namespace mgdm::ui {

QString figureLabel(const std::string& name) { return spoken(figure_of(name).label); }

QString figureHeading(const std::string& name) {
  const std::string unit = figure_of(name).unit;
  if (unit.empty()) return figureLabel(name);
  return QStringLiteral("%1 (%2)").arg(figureLabel(name), unit == "sigma" ? QStringLiteral("σ") : text(unit));
}

QString figureValue(const std::string& name, double value) {
  return text(figure_text(name, value)).replace(QLatin1String("sigma"), QStringLiteral("σ"));
}

QString figureDirection(const std::string& name) {
  const Figure figure = figure_of(name);
  if (!figure.of_quality) return {};
  return figure.higher_is_better ? QCoreApplication::translate("CellTable", "higher is better")
                                 : QCoreApplication::translate("CellTable", "lower is better");
}

double figureOf(const Cells::Cell& cell, const std::string& name) {
  const auto found = cell.figures.find(name);
  return found == cell.figures.end() ? std::numeric_limits<double>::quiet_NaN() : found->second;
}

std::vector<std::string> figuresOf(const Cells& cells) {
  Figures all;
  for (int c = 0; c < cells.count(); ++c) {
    const Figures& some = cells.cell(c).figures;
    all.insert(some.begin(), some.end());
  }
  return ordered_figures({all});
}

CompareTable tableOf(const Cells& cells, const QStringList& over, bool running) {
  CompareSpec spec;
  TableOptions options;
  for (const auto& axis : cells.axes()) {
    Axis& made = spec.axes.emplace_back();
    made.name = axis.name.toStdString();
    for (const auto& value : axis.values) made.values.push_back({value.toStdString(), {}});
    if (over.contains(axis.name)) options.over.push_back(made.name);
  }
  std::vector<Cell> made(static_cast<size_t>(cells.count()));
  std::vector<std::optional<CellResult>> results(made.size());
  for (size_t c = 0; c < made.size(); ++c) {
    const Cells::Cell& cell = cells.cell(static_cast<int>(c));
    made[c].index = c;
    made[c].at.assign(cell.at.begin(), cell.at.end());
    made[c].label = cell.label.toStdString();
    const bool done = cell.state == Cells::State::Done || (running && cell.state == Cells::State::Running);
    if (!done && cell.state != Cells::State::Failed) continue;
    results[c].emplace();
    results[c]->figures = cell.figures;
    if (!done) results[c]->error = cell.error.isEmpty() ? "failed" : cell.error.toStdString();
  }
  return make_table(spec, made, results, options);
}

}  // namespace mgdm::ui
