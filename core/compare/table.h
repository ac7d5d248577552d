// Tables of compared cells: a row a cell, or means over some of the axes with their spread, and differences to a
// reference cell paired over them.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/compare/cell_store.h"
#include "core/compare/spec.h"

namespace mgdm {

struct TableOptions {
  std::vector<std::string> over = {};  ///< axes whose values are put together; empty: none, a row a cell
  /// "AXIS=VALUE": the row that others are compared with, by the difference at the same place of all other axes.
  std::string against = {};
  std::vector<std::string> figures = {};  ///< empty: all that there are
};

/// Of the values that are finite.
struct Spread {
  double mean = 0;       ///< NaN with none
  double deviation = 0;  ///< standard deviation, n - 1; NaN with one
  int64_t count = 0;
};
Spread spread_of(const std::vector<double>& values);

struct TableRow {
  std::vector<std::string> names;  ///< of the axes that are left
  std::vector<size_t> cells;       ///< indices into the spec's cells
  size_t done = 0, failed = 0;     ///< of these cells; the others wait
  std::vector<Spread> figures;
  /// To `against`, pair by pair: this row's value minus the reference's, so that a positive one is better where
  /// higher is. Empty without `against`, and in the reference's own rows.
  std::vector<Spread> differences;
  std::string error;  ///< where none of them was finished: "failed: ...", "waiting"
};

struct CompareTable {
  std::vector<std::string> axes, figures;
  std::vector<std::string> over;  ///< the axes that were put together
  std::string against;
  std::vector<TableRow> rows;               ///< in the order of their first cells
  std::vector<std::optional<size_t>> best;  ///< row, for each figure: the first of the best; none where not of quality
};

/// `results`: one for each cell, nullopt where it is not finished. Throws SettingError for an axis, a value or a figure
/// that there is not (figures only once a cell is finished), and where `against`'s axis is also put together.
CompareTable make_table(const CompareSpec& spec, const std::vector<Cell>& cells,
                        const std::vector<std::optional<CellResult>>& results, const TableOptions& options = {});
/// Columns aligned, the best row of each figure in bold, mean ± deviation where there are several; differences of the
/// figures of quality alone.
std::string markdown(const CompareTable& table);
/// RFC 4180, with a header; full precision; NaN is empty. Of means also NAME_deviation and NAME_count, against a
/// reference also NAME_difference, with means NAME_difference_deviation and NAME_difference_count.
std::string csv(const CompareTable& table);

/// The figure's number alone, with as many digits as people want to see of it; "-" for NaN.
std::string figure_number(const std::string& name, double value);
/// The figure's label, with its unit: "PSNR (dB)".
std::string figure_heading(const std::string& name);

/// Rows that no other beats in both: at most its effort, at least its quality. Ascending in effort. Throws SettingError
/// for a figure that the table has not.
std::vector<size_t> pareto_front(const CompareTable& table, const std::string& quality, const std::string& effort);

/// One HTML file with table, plots, pictures (PNG, base64) and no script from elsewhere. `picture` gives a cell's PNG
/// bytes; empty: none. In English, as the command line is.
std::string html_report(const CompareSpec& spec, const std::vector<Cell>& cells, const CompareTable& table,
                        const std::function<std::string(size_t cell)>& picture);

}  // namespace mgdm
