#include "core/compare/table.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>

#include "core/compare/charts.h"
#include "core/errors.h"

namespace mgdm {

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::string quoted_list(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "none" : text;
}

size_t axis_of(const CompareSpec& spec, const std::string& name, const std::string& option) {
  std::vector<std::string> names;
  for (size_t k = 0; k < spec.axes.size(); ++k) {
    if (spec.axes[k].name == name) return k;
    names.push_back(spec.axes[k].name);
  }
  throw SettingError(option + ": there is no axis '" + name + "', only: " + quoted_list(names));
}

struct Reference {
  size_t axis = 0, value = 0;
};

// "AXIS=VALUE", where either may hold a = itself.
std::optional<Reference> reference_of(const CompareSpec& spec, const TableOptions& options) {
  if (options.against.empty()) return std::nullopt;
  for (size_t k = 0; k < spec.axes.size(); ++k) {
    const Axis& axis = spec.axes[k];
    if (!options.against.starts_with(axis.name + "=")) continue;
    if (std::find(options.over.begin(), options.over.end(), axis.name) != options.over.end()) {
      throw SettingError("against: the axis '" + axis.name + "' is put together, so none of its values is left");
    }
    const std::string value = options.against.substr(axis.name.size() + 1);
    std::vector<std::string> labels;
    for (size_t v = 0; v < axis.values.size(); ++v) {
      if (axis.values[v].label == value) return Reference{k, v};
      labels.push_back(axis.values[v].label);
    }
    throw SettingError("against: '" + axis.name + "' has no value '" + value + "', only: " + quoted_list(labels));
  }
  const auto equals = options.against.find('=');
  if (equals == std::string::npos) throw SettingError("against: '" + options.against + "' is not AXIS=VALUE");
  axis_of(spec, options.against.substr(0, equals), "against");
  return std::nullopt;  // not reached: such an axis there is not
}

bool finished(const std::optional<CellResult>& result) { return result && result->error.empty(); }

double value_of(const std::optional<CellResult>& result, const std::string& figure) {
  if (!finished(result)) return kNan;
  const auto found = result->figures.find(figure);
  return found == result->figures.end() ? kNan : found->second;
}

std::vector<std::string> figures_of(const std::vector<std::optional<CellResult>>& results,
                                    const std::vector<std::string>& wanted) {
  std::vector<Figures> all;
  for (const auto& result : results) {
    if (finished(result)) all.push_back(result->figures);
  }
  const std::vector<std::string> there = ordered_figures(all);
  if (wanted.empty()) return there;
  for (const auto& name : wanted) {
    if (!all.empty() && std::find(there.begin(), there.end(), name) == there.end()) {
      throw SettingError("no cell has the figure '" + name + "', only: " + quoted_list(there));
    }
  }
  return wanted;
}

std::string why_empty(const TableRow& row, const std::vector<Cell>& cells,
                      const std::vector<std::optional<CellResult>>& results) {
  for (const size_t c : row.cells) {
    if (results[c] && !results[c]->error.empty()) return "failed: " + results[c]->error;
    if (!results[c] && !cells[c].error.empty()) return "failed: " + cells[c].error;
  }
  return "waiting";
}

// Rows in the order of their first cells, without numbers yet.
std::vector<TableRow> rows_of(const CompareSpec& spec, const std::vector<Cell>& cells,
                              const std::vector<std::optional<CellResult>>& results,
                              const std::vector<bool>& together) {
  std::vector<TableRow> rows;
  std::map<std::vector<size_t>, size_t> row_at;
  for (size_t c = 0; c < cells.size(); ++c) {
    std::vector<size_t> at;
    for (size_t k = 0; k < together.size(); ++k) {
      if (!together[k]) at.push_back(cells[c].at[k]);
    }
    const auto [found, fresh] = row_at.try_emplace(at, rows.size());
    if (fresh) {
      rows.emplace_back();
      for (size_t k = 0; k < together.size(); ++k) {
        if (!together[k]) rows.back().names.push_back(spec.axes[k].values[cells[c].at[k]].label);
      }
    }
    TableRow& row = rows[found->second];
    row.cells.push_back(c);
    row.done += finished(results[c]) ? 1 : 0;
    row.failed += (results[c] ? !results[c]->error.empty() : !cells[c].error.empty()) ? 1 : 0;
  }
  for (TableRow& row : rows) {
    if (row.done == 0) row.error = why_empty(row, cells, results);
  }
  return rows;
}

void compare_with(const Reference& reference, const std::vector<Cell>& cells,
                  const std::vector<std::optional<CellResult>>& results, CompareTable& table) {
  std::map<std::vector<size_t>, size_t> cell_at;
  for (size_t c = 0; c < cells.size(); ++c) cell_at.emplace(cells[c].at, c);
  for (TableRow& row : table.rows) {
    if (cells[row.cells.front()].at[reference.axis] == reference.value) continue;
    for (const auto& figure : table.figures) {
      std::vector<double> differences;
      for (const size_t c : row.cells) {
        std::vector<size_t> at = cells[c].at;
        at[reference.axis] = reference.value;
        const auto partner = cell_at.find(at);
        if (partner == cell_at.end()) continue;
        differences.push_back(value_of(results[c], figure) - value_of(results[partner->second], figure));
      }
      row.differences.push_back(spread_of(differences));
    }
  }
}

std::optional<size_t> best_row(const CompareTable& table, size_t figure) {
  const Figure what = figure_of(table.figures[figure]);
  if (!what.of_quality) return std::nullopt;
  std::optional<size_t> best;
  for (size_t r = 0; r < table.rows.size(); ++r) {
    const double value = table.rows[r].figures[figure].mean;
    if (!std::isfinite(value)) continue;
    const double record = best ? table.rows[*best].figures[figure].mean : kNan;
    if (!best || (what.higher_is_better ? value > record : value < record)) best = r;
  }
  return best;
}

// As many places as a terminal shows: code points, not bytes.
size_t width(const std::string& text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

// What would end the cell or begin another style.
std::string markdown_text(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    if (c == '\n' || c == '\r') {
      safe += ' ';
      continue;
    }
    if (c == '|' || c == '*' || c == '\\' || c == '`' || c == '<' || c == '[') safe += '\\';
    safe += c;
  }
  return safe;
}

std::string spread_text(const std::string& name, const Spread& spread, bool is_signed) {
  std::string text = figure_number(name, spread.mean);
  if (is_signed && spread.mean > 0) text.insert(0, "+");
  if (std::isfinite(spread.deviation)) text += " ± " + figure_number(name, spread.deviation);
  return text;
}

std::string aligned(const std::vector<std::vector<std::string>>& lines, size_t texts) {
  std::vector<size_t> widths(lines.front().size(), 3);
  for (const auto& line : lines) {
    for (size_t k = 0; k < line.size(); ++k) widths[k] = std::max(widths[k], width(line[k]));
  }
  std::string out;
  for (size_t n = 0; n < lines.size(); ++n) {
    for (size_t k = 0; k < widths.size(); ++k) {
      const std::string room(widths[k] - width(lines[n][k]), ' ');
      out += (k == 0 ? "| " : " | ") + (k < texts ? lines[n][k] + room : room + lines[n][k]);
    }
    out += " |\n";
    if (n != 0) continue;
    for (size_t k = 0; k < widths.size(); ++k) {
      out +=
          (k == 0 ? "| " : " | ") + (k < texts ? std::string(widths[k], '-') : std::string(widths[k] - 1, '-') + ":");
    }
    out += " |\n";
  }
  return out;
}

bool any_error(const CompareTable& table) {
  return std::any_of(table.rows.begin(), table.rows.end(), [](const TableRow& row) { return !row.error.empty(); });
}

std::string full_number(double value) {
  if (std::isnan(value)) return "";
  std::array<char, 64> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;  // whatever the locale
  return {text.data(), end};
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string field = "\"";
  for (const char c : text) field += c == '"' ? std::string("\"\"") : std::string(1, c);
  return field + "\"";
}

std::string csv_line(const std::vector<std::string>& fields) {
  std::string line;
  for (size_t k = 0; k < fields.size(); ++k) line += (k == 0 ? "" : ",") + csv_field(fields[k]);
  return line + "\r\n";
}

void add_spread(std::vector<std::string>& fields, const Spread& spread, bool means) {
  fields.push_back(full_number(spread.mean));
  if (!means) return;
  fields.push_back(full_number(spread.deviation));
  fields.push_back(std::to_string(spread.count));
}

}  // namespace

Spread spread_of(const std::vector<double>& values) {
  Spread spread{kNan, kNan, 0};
  double sum = 0, squares = 0;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    sum += value;
    ++spread.count;
  }
  if (spread.count == 0) return spread;
  spread.mean = sum / static_cast<double>(spread.count);
  if (spread.count == 1) return spread;
  for (const double value : values) {
    if (std::isfinite(value)) squares += (value - spread.mean) * (value - spread.mean);
  }
  spread.deviation = std::sqrt(squares / static_cast<double>(spread.count - 1));
  return spread;
}

CompareTable make_table(const CompareSpec& spec, const std::vector<Cell>& cells,
                        const std::vector<std::optional<CellResult>>& results, const TableOptions& options) {
  if (results.size() != cells.size()) throw SettingError("a table needs a result, or none, for each of its cells");
  std::vector<bool> together(spec.axes.size(), false);
  for (const auto& name : options.over) together[axis_of(spec, name, "over")] = true;
  const auto reference = reference_of(spec, options);

  CompareTable table;
  table.figures = figures_of(results, options.figures);
  table.against = options.against;
  for (size_t k = 0; k < spec.axes.size(); ++k) {
    (together[k] ? table.over : table.axes).push_back(spec.axes[k].name);
  }
  table.rows = rows_of(spec, cells, results, together);
  for (TableRow& row : table.rows) {
    for (const auto& figure : table.figures) {
      std::vector<double> values;
      for (const size_t c : row.cells) values.push_back(value_of(results[c], figure));
      row.figures.push_back(spread_of(values));
    }
  }
  if (reference) compare_with(*reference, cells, results, table);
  for (size_t f = 0; f < table.figures.size(); ++f) table.best.push_back(best_row(table, f));
  return table;
}

std::string figure_number(const std::string& name, double value) {
  const std::string text = figure_text(name, value);
  return text.substr(0, text.find(' '));
}

std::string figure_heading(const std::string& name) {
  const Figure figure = figure_of(name);
  return figure.label + (figure.unit.empty() ? "" : " (" + figure.unit + ")");
}

std::string markdown(const CompareTable& table) {
  const bool means = !table.over.empty(), differences = !table.against.empty(), errors = any_error(table);
  std::vector<std::vector<std::string>> lines(1);
  for (const auto& axis : table.axes) lines[0].push_back(markdown_text(axis));
  if (errors) lines[0].emplace_back("State");
  const size_t texts = lines[0].size();
  if (means) lines[0].emplace_back("Cells");
  for (const auto& name : table.figures) {
    lines[0].push_back(markdown_text(figure_heading(name)));
    if (differences && figure_of(name).of_quality) lines[0].emplace_back("Difference");
  }
  for (size_t r = 0; r < table.rows.size(); ++r) {
    const TableRow& row = table.rows[r];
    auto& line = lines.emplace_back();
    for (const auto& name : row.names) line.push_back(markdown_text(name));
    if (errors) line.push_back(row.error.empty() ? "done" : markdown_text(row.error));
    if (means) line.push_back(std::to_string(row.done) + " of " + std::to_string(row.cells.size()));
    for (size_t f = 0; f < table.figures.size(); ++f) {
      const std::string text = spread_text(table.figures[f], row.figures[f], false);
      line.push_back(table.best[f] == r ? "**" + text + "**" : text);
      if (!differences || !figure_of(table.figures[f]).of_quality) continue;
      line.push_back(row.differences.empty() ? "-" : spread_text(table.figures[f], row.differences[f], true));
    }
  }
  std::string out = aligned(lines, texts);
  if (means) out += "\nMean ± standard deviation over " + markdown_text(quoted_list(table.over)) + ".\n";
  if (differences) out += "\nDifferences to " + markdown_text(table.against) + ", pair by pair.\n";
  return out;
}

std::string csv(const CompareTable& table) {
  const bool means = !table.over.empty(), differences = !table.against.empty();
  std::vector<std::string> header = table.axes;
  for (const auto& name : table.figures) {
    for (const std::string& kind : {std::string(), std::string("_difference")}) {
      if (!kind.empty() && !differences) continue;
      header.push_back(name + kind);
      if (means) header.insert(header.end(), {name + kind + "_deviation", name + kind + "_count"});
    }
  }
  header.emplace_back("error");
  std::string out = csv_line(header);
  for (const TableRow& row : table.rows) {
    std::vector<std::string> fields = row.names;
    for (size_t f = 0; f < table.figures.size(); ++f) {
      add_spread(fields, row.figures[f], means);
      if (differences) add_spread(fields, row.differences.empty() ? Spread{kNan, kNan, 0} : row.differences[f], means);
    }
    fields.push_back(row.error);
    out += csv_line(fields);
  }
  return out;
}

std::vector<size_t> pareto_front(const CompareTable& table, const std::string& quality, const std::string& effort) {
  const auto place = [&](const std::string& name) {
    const auto found = std::find(table.figures.begin(), table.figures.end(), name);
    if (found == table.figures.end()) {
      throw SettingError("no cell has the figure '" + name + "', only: " + quoted_list(table.figures));
    }
    return static_cast<size_t>(found - table.figures.begin());
  };
  const size_t q = place(quality), e = place(effort);
  std::vector<std::pair<double, double>> points;
  for (const TableRow& row : table.rows) points.emplace_back(row.figures[e].mean, row.figures[q].mean);
  return pareto_front(points, figure_of(quality).higher_is_better);
}

}  // namespace mgdm
