// Where the axes of a comparison are: one makes the rows, one the columns, the others are tabs, of each of which one
// value is shown.
#pragma once
#include <QVector>

#include "ui/compare/cells.h"

namespace mgdm::ui {

/// A value. Axes are indices into `Cells::axes()`.
struct AxisPlacement {
  enum class Zone { Rows, Columns, Tabs };
  int rows = -1, columns = -1;  ///< -1: none, there is one row or column
  QVector<int> values;          ///< of each axis; that of a row or column axis is where it will be as a tab
  bool operator==(const AxisPlacement&) const = default;

  Zone zone(int axis) const { return axis == rows ? Zone::Rows : axis == columns ? Zone::Columns : Zone::Tabs; }
  /// Into a zone; what was in a place that has room for one goes where `axis` came from.
  void move(int axis, Zone to);
  /// With as many axes as there are, each once, and values that there are.
  AxisPlacement fitted(const QVector<Cells::AxisWords>& axes) const;
};

/// The first axis makes the columns, the second the rows.
AxisPlacement default_placement(const QVector<Cells::AxisWords>& axes);

}  // namespace mgdm::ui
