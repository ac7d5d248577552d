#include "ui/compare/axis_placement.h"

#include <algorithm>

namespace mgdm::ui {

void AxisPlacement::move(int axis, Zone to) {
  const Zone from = zone(axis);
  if (from == to) return;
  const int displaced = to == Zone::Rows ? rows : to == Zone::Columns ? columns : -1;
  if (from == Zone::Rows) rows = displaced;
  if (from == Zone::Columns) columns = displaced;
  if (to == Zone::Rows) rows = axis;
  if (to == Zone::Columns) columns = axis;
}

AxisPlacement AxisPlacement::fitted(const QVector<Cells::AxisWords>& axes) const {
  const int count = static_cast<int>(axes.size());
  AxisPlacement fit = *this;
  if (fit.columns >= count) fit.columns = -1;
  if (fit.rows >= count || fit.rows == fit.columns) fit.rows = -1;
  fit.values.resize(count);
  for (int i = 0; i < count; ++i)
    fit.values[i] = std::clamp(fit.values[i], 0, std::max(0, static_cast<int>(axes[i].values.size()) - 1));
  return fit;
}

AxisPlacement default_placement(const QVector<Cells::AxisWords>& axes) {
  AxisPlacement placement;
  if (!axes.isEmpty()) placement.columns = 0;
  if (axes.size() > 1) placement.rows = 1;
  return placement.fitted(axes);
}

}  // namespace mgdm::ui
