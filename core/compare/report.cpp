// The report of a comparison: one HTML file that shows itself everywhere and asks nothing of any other place.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "core/compare/charts.h"
#include "core/compare/table.h"
#include "core/files/json_text.h"

namespace mgdm {

namespace {

constexpr const char* kStyle = R"(
:root { color-scheme: light dark; --ground: #fff; --panel: #f3f4f6; --text: #1f2329; --muted: #5d6570; --line: #d5d9df;
  --accent: #1f6fd6; }
@media (prefers-color-scheme: dark) { :root { --ground: #1c1e21; --panel: #26282c; --text: #e6e7ea; --muted: #a4a9b2;
  --line: #3a3d43; --accent: #4c9aff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1400px; padding: 24px; background: var(--ground); color: var(--text);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 24px; margin: 0 0 4px; } h2 { font-size: 17px; margin: 36px 0 10px; }
p { margin: 4px 0; } .muted, figcaption, summary { color: var(--muted); }
.wide { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: 6px 12px; text-align: left; white-space: nowrap; border-bottom: 1px solid var(--line); }
tr:last-child td { border-bottom: 0; } tbody tr:hover { background: var(--panel); }
td.n, th.n { text-align: right; } td.best { font-weight: 700; } td.best::before { content: "\2605\00a0";
  color: var(--accent); }
td.state { white-space: normal; color: var(--muted); min-width: 24em; }
th { background: var(--panel); padding: 0; } th button { all: unset; box-sizing: border-box; cursor: pointer; padding: 8px 12px; font-weight: 600;
  width: 100%; text-align: inherit; }
th button:focus-visible { outline: 2px solid var(--accent); outline-offset: -2px; }
th[aria-sort=ascending] button::after { content: " \25b2"; } th[aria-sort=descending] button::after { content: " \25bc"; }
.plots { display: flex; flex-wrap: wrap; gap: 16px; } .plots figure { flex: 1 1 460px; max-width: 700px; }
figure { margin: 0; } svg { width: 100%; height: auto; background: var(--panel); border-radius: 6px; }
svg text { fill: var(--muted); font-size: 12px; } svg .title { fill: var(--text); }
svg .grid { stroke: var(--line); } svg .front { stroke: var(--text); stroke-dasharray: 5 4; fill: none; opacity: .7; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 0 0 10px; padding: 0; list-style: none; }
.legend svg { width: 16px; height: 16px; background: none; vertical-align: -3px; margin-right: 6px; }
.pictures { display: grid; gap: 14px; grid-template-columns: repeat(auto-fill, minmax(200px, 1fr)); }
.pictures img { width: 100%; height: auto; display: block; border-radius: 4px; cursor: zoom-in; }
.pictures figure.big { grid-column: 1 / -1; } .pictures figure.big img { cursor: zoom-out; width: auto; max-width: 100%; }
figcaption { font-size: 13px; padding-top: 4px; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 16px; } dt { color: var(--muted); }
dd { margin: 0; overflow-wrap: anywhere; }
)";

// A click on a heading sorts by it, another one the other way round; what has no number stays last either way.
constexpr const char* kScript = R"(
for (const button of document.querySelectorAll("th button")) button.addEventListener("click", () => {
  const head = button.parentElement, body = head.closest("table").tBodies[0];
  const up = head.getAttribute("aria-sort") !== "ascending";
  for (const other of head.parentElement.children) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", up ? "ascending" : "descending");
  const key = row => row.cells[head.cellIndex].dataset.v ?? row.cells[head.cellIndex].textContent;
  const number = text => text.trim() === "" ? NaN : Number(text);
  const rows = [...body.rows].map(row => ({ row, text: key(row) }));
  const numbers = head.classList.contains("n") || rows.every(r => !Number.isNaN(number(r.text)));
  rows.sort((a, b) => {
    if (!numbers) return (up ? 1 : -1) * a.text.localeCompare(b.text, undefined, { numeric: true });
    const x = number(a.text), y = number(b.text);
    if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y);
    return up ? x - y : y - x;
  });
  body.append(...rows.map(r => r.row));
});
for (const image of document.querySelectorAll(".pictures img"))
  image.addEventListener("click", () => image.closest("figure").classList.toggle("big"));
)";

std::string escaped(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      default:
        // No control character but the white ones may stand in HTML.
        if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') safe += c;
    }
  }
  return safe;
}

std::string base64(const std::string& bytes) {
  constexpr const char* kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t k = 0; k < bytes.size(); k += 3) {
    const auto byte = [&](size_t n) {
      return k + n < bytes.size() ? static_cast<unsigned>(static_cast<unsigned char>(bytes[k + n])) : 0U;
    };
    const unsigned three = byte(0) << 16 | byte(1) << 8 | byte(2);
    for (size_t n = 0; n < 4; ++n) {
      text += k + n > bytes.size() ? '=' : kDigits[three >> (18 - 6 * n) & 63];
    }
  }
  return text;
}

std::string number(double value, int digits = 1) {
  std::array<char, 48> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, digits).ptr;
  return {text.data(), end};
}

// For the script, which sorts by it.
std::string data(double value) {
  if (!std::isfinite(value)) return " data-v=\"\"";
  std::array<char, 48> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return " data-v=\"" + std::string(text.data(), end) + "\"";
}

std::string spread(const std::string& name, const Spread& value, bool is_signed = false) {
  return (is_signed && value.mean > 0 ? "+" : "") + figure_number(name, value.mean) +
         (std::isfinite(value.deviation) ? " ± " + figure_number(name, value.deviation) : "");
}

std::string heading(const std::string& text, bool of_numbers) {
  return std::string("<th scope=\"col\"") + (of_numbers ? " class=\"n\"" : "") + "><button type=\"button\">" +
         escaped(text) + "</button></th>";
}

std::string table_part(const CompareTable& table) {
  const bool means = !table.over.empty(), differences = !table.against.empty();
  const bool errors = std::any_of(table.rows.begin(), table.rows.end(), [](const auto& r) { return !r.error.empty(); });
  std::string html = "<div class=\"wide\"><table>\n<thead><tr>";
  for (const auto& axis : table.axes) html += heading(axis, false);
  if (means) html += heading("Cells", true);
  for (const auto& name : table.figures) {
    html += heading(figure_heading(name), true);
    if (differences && figure_of(name).of_quality) html += heading("Difference", true);
  }
  if (errors) html += heading("State", false);
  html += "</tr></thead>\n<tbody>\n";
  for (size_t r = 0; r < table.rows.size(); ++r) {
    const TableRow& row = table.rows[r];
    html += "<tr>";
    for (const auto& name : row.names) html += "<td>" + escaped(name) + "</td>";
    if (means) {
      html += "<td class=\"n\"" + data(static_cast<double>(row.done)) + ">" + std::to_string(row.done) + " of " +
              std::to_string(row.cells.size()) + "</td>";
    }
    for (size_t f = 0; f < table.figures.size(); ++f) {
      const bool best = table.best[f] == r;
      html += std::string("<td class=\"n") + (best ? " best\" title=\"best" : "") + "\"" + data(row.figures[f].mean) +
              ">" + spread(table.figures[f], row.figures[f]) + "</td>";
      if (!differences || !figure_of(table.figures[f]).of_quality) continue;
      const bool none = row.differences.empty();
      html += "<td class=\"n\"" + (none ? " data-v=\"\"" : data(row.differences[f].mean)) + ">" +
              (none ? "-" : spread(table.figures[f], row.differences[f], true)) + "</td>";
    }
    if (errors) html += "<td class=\"state\">" + escaped(row.error.empty() ? "done" : row.error) + "</td>";
    html += "</tr>\n";
  }
  return html + "</tbody></table></div>\n";
}

// Series by the values of the first axis that is left.
std::vector<std::string> series_of(const CompareTable& table) {
  std::vector<std::string> names;
  if (table.axes.empty()) return names;
  for (const TableRow& row : table.rows) {
    if (std::find(names.begin(), names.end(), row.names[0]) == names.end()) names.push_back(row.names[0]);
  }
  return names;
}

std::string marker(size_t series, double x, double y, double size) {
  const auto corners = outline(series_style(series).marker);
  if (corners.empty()) {
    return "<circle cx=\"" + number(x) + "\" cy=\"" + number(y) + "\" r=\"" + number(size) +
           "\" fill=\"currentColor\"/>";
  }
  std::string path;
  for (const auto& [dx, dy] : corners)
    path += (path.empty() ? "M" : "L") + number(x + dx * size) + " " + number(y + dy * size);
  return "<path d=\"" + path + "Z\" fill=\"currentColor\"/>";
}

/// Where the numbers of one plot lie on its 640 x 400 ground.
struct Plot {
  static constexpr double kLeft = 62, kTop = 16, kWidth = 562, kHeight = 324;
  Scale x_scale, y_scale;
  double x(double value) const { return kLeft + kWidth * x_scale.place(value); }
  double y(double value) const { return kTop + kHeight * (1 - y_scale.place(value)); }
};

std::string line(double x1, double y1, double x2, double y2, const char* attributes) {
  return "<line x1=\"" + number(x1) + "\" y1=\"" + number(y1) + "\" x2=\"" + number(x2) + "\" y2=\"" + number(y2) +
         "\" " + attributes + "/>";
}

std::string axes_part(const Plot& plot, const std::string& quality, const std::string& effort) {
  const double bottom = Plot::kTop + Plot::kHeight, right = Plot::kLeft + Plot::kWidth;
  std::string svg;
  for (const Tick& tick : ticks(plot.x_scale, 7)) {
    const double x = plot.x(tick.value);
    svg += line(x, Plot::kTop, x, bottom, "class=\"grid\"") + "<text text-anchor=\"middle\" x=\"" + number(x) +
           "\" y=\"" + number(bottom + 17) + "\">" + tick.text + "</text>\n";
  }
  for (const Tick& tick : ticks(plot.y_scale, 6)) {
    const double y = plot.y(tick.value);
    svg += line(Plot::kLeft, y, right, y, "class=\"grid\"") + "<text text-anchor=\"end\" x=\"" +
           number(Plot::kLeft - 7) + "\" y=\"" + number(y + 4) + "\">" + tick.text + "</text>\n";
  }
  const double middle = Plot::kTop + Plot::kHeight / 2;
  return svg + "<text class=\"title\" text-anchor=\"middle\" x=\"" + number(Plot::kLeft + Plot::kWidth / 2) +
         "\" y=\"" + number(bottom + 40) + "\">" + escaped(figure_heading(effort)) + "</text>\n<text class=\"title\" " +
         "text-anchor=\"middle\" transform=\"translate(15 " + number(middle) + ") rotate(-90)\">" +
         escaped(figure_heading(quality)) + "</text>\n";
}

std::string bars(const Plot& plot, const Spread& effort, const Spread& quality) {
  std::string svg;
  const double x = plot.x(effort.mean), y = plot.y(quality.mean);
  constexpr const char* kPen = "stroke=\"currentColor\" stroke-width=\"1.3\"";
  if (std::isfinite(quality.deviation) && quality.deviation > 0) {
    svg += line(x, plot.y(quality.mean - quality.deviation), x, plot.y(quality.mean + quality.deviation), kPen);
  }
  if (std::isfinite(effort.deviation) && effort.deviation > 0) {
    const double low = plot.x(std::max(effort.mean - effort.deviation, plot.x_scale.low));
    svg += line(low, y, plot.x(effort.mean + effort.deviation), y, kPen);
  }
  return svg;
}

Plot plot_of(const CompareTable& table, size_t quality, size_t effort) {
  std::vector<double> xs, ys;
  for (const TableRow& row : table.rows) {
    const auto add = [](std::vector<double>& to, const Spread& s) {
      const double half = std::isfinite(s.deviation) ? s.deviation : 0;
      to.insert(to.end(), {s.mean - half, s.mean + half, s.mean});
    };
    if (!std::isfinite(row.figures[quality].mean) || !std::isfinite(row.figures[effort].mean)) continue;
    add(ys, row.figures[quality]);
    add(xs, row.figures[effort]);
  }
  // Effort is compared by factors; without any there is nothing to take the logarithm of.
  const bool positive = std::all_of(table.rows.begin(), table.rows.end(), [&](const TableRow& row) {
    return !std::isfinite(row.figures[effort].mean) || row.figures[effort].mean > 0;
  });
  return {scale_of(xs, positive), scale_of(ys, false)};
}

std::string row_name(const TableRow& row) {
  std::string name;
  for (const auto& part : row.names) name += (name.empty() ? "" : ", ") + part;
  return name.empty() ? "all" : name;
}

std::string plot_part(const CompareTable& table, size_t quality, size_t effort) {
  const std::string &q = table.figures[quality], &e = table.figures[effort];
  const Plot plot = plot_of(table, quality, effort);
  const std::vector<std::string> series = series_of(table);
  std::string svg = "<figure><svg viewBox=\"0 0 640 400\" role=\"img\" aria-label=\"" + escaped(figure_of(q).label) +
                    " against " + escaped(figure_of(e).label) + "\">\n" + axes_part(plot, q, e);
  std::string front;
  for (const size_t r : pareto_front(table, q, e)) {
    front += (front.empty() ? "" : " ") + number(plot.x(table.rows[r].figures[effort].mean)) + "," +
             number(plot.y(table.rows[r].figures[quality].mean));
  }
  svg += "<polyline class=\"front\" points=\"" + front + "\"/>\n";
  for (const TableRow& row : table.rows) {
    const double x = plot.x(row.figures[effort].mean), y = plot.y(row.figures[quality].mean);
    if (!std::isfinite(x) || !std::isfinite(y)) continue;
    const size_t n = row.names.empty()
                         ? 0
                         : static_cast<size_t>(std::find(series.begin(), series.end(), row.names[0]) - series.begin());
    svg += "<g style=\"color:var(--s" + std::to_string(n) + ")\"><title>" + escaped(row_name(row)) + ": " +
           escaped(figure_of(q).label) + " " + spread(q, row.figures[quality]) + ", " + escaped(figure_of(e).label) +
           " " + spread(e, row.figures[effort]) + "</title>" + bars(plot, row.figures[effort], row.figures[quality]) +
           marker(n, x, y, 5) + "</g>\n";
  }
  return svg + "</svg></figure>\n";
}

bool both_known(const CompareTable& table, size_t a, size_t b) {
  return std::any_of(table.rows.begin(), table.rows.end(), [&](const TableRow& row) {
    return std::isfinite(row.figures[a].mean) && std::isfinite(row.figures[b].mean);
  });
}

std::string plots_part(const CompareTable& table) {
  constexpr size_t kMost = 6;
  std::string html;
  size_t plots = 0;
  for (size_t q = 0; q < table.figures.size(); ++q) {
    if (!figure_of(table.figures[q]).of_quality) continue;
    for (size_t e = 0; e < table.figures.size() && plots < kMost; ++e) {
      if (table.figures[e] != "evaluations" && table.figures[e] != "seconds") continue;
      if (!both_known(table, q, e)) continue;
      html += plot_part(table, q, e);
      ++plots;
    }
  }
  if (html.empty()) return html;
  std::string legend;
  const std::vector<std::string> series = series_of(table);
  for (size_t n = 0; n < series.size(); ++n) {
    legend += "<li style=\"color:var(--s" + std::to_string(n) +
              ")\"><svg viewBox=\"-8 -8 16 16\" aria-hidden=\"true\">" + marker(n, 0, 0, 5) +
              "</svg><span style=\"color:var(--text)\">" + escaped(series[n]) + "</span></li>";
  }
  if (!legend.empty()) legend = "<ul class=\"legend\">" + legend + "</ul>\n";
  return "<h2>Quality against effort</h2>\n" + legend + "<div class=\"plots\">\n" + html + "</div>\n" +
         "<p class=\"muted\">Dashed: what no other beats in both (Pareto front)." +
         (table.over.empty() ? "" : " Bars: one standard deviation.") + "</p>\n";
}

std::string picture_part(const Cell& cell, const std::string& png, const TableRow& row, const CompareTable& table) {
  std::string figures;
  for (size_t f = 0; f < table.figures.size() && row.cells.size() == 1; ++f) {
    if (!std::isfinite(row.figures[f].mean) || !figure_of(table.figures[f]).of_quality) continue;
    figures += (figures.empty() ? "<br/>" : ", ") +
               escaped(figure_of(table.figures[f]).label + " " + figure_text(table.figures[f], row.figures[f].mean));
  }
  return "<figure><img alt=\"" + escaped(cell.label) + "\" loading=\"lazy\" src=\"data:image/png;base64," +
         base64(png) + "\"/><figcaption>" + escaped(cell.label) + figures + "</figcaption></figure>\n";
}

std::string colours(size_t series) {
  std::string light, dark;
  for (size_t n = 0; n < std::max<size_t>(series, 1); ++n) {
    const SeriesStyle style = series_style(n);
    light += "--s" + std::to_string(n) + ":" + style.on_light + ";";
    dark += "--s" + std::to_string(n) + ":" + style.on_dark + ";";
  }
  return ":root{" + light + "}\n@media (prefers-color-scheme: dark){:root{" + dark + "}}\n";
}

std::string summary(const CompareSpec& spec, const std::vector<Cell>& cells, const CompareTable& table) {
  std::string product;
  for (const Axis& axis : spec.axes) {
    product += (product.empty() ? "" : " × ") + std::to_string(axis.values.size()) + " " + escaped(axis.name);
  }
  size_t done = 0, failed = 0;
  for (const TableRow& row : table.rows) {
    done += row.done;
    failed += row.failed;
  }
  std::string text = std::to_string(cells.size()) + (cells.size() == 1 ? " cell" : " cells");
  if (!product.empty()) text += " (" + product + ")";
  text += ": " + std::to_string(done) + " done";
  if (failed > 0) text += ", " + std::to_string(failed) + " failed";
  if (const size_t waiting = cells.size() - done - failed; waiting > 0)
    text += ", " + std::to_string(waiting) + " waiting";
  return "<p class=\"muted\">" + text + ".</p>\n";
}

std::string base_part(const CompareSpec& spec) {
  std::string list;
  for (const auto& [key, value] : spec.base.items()) {
    list += "<dt>" + escaped(key) + "</dt><dd>" +
            escaped(value.is_string() ? value.get<std::string>() : json_text(value)) + "</dd>";
  }
  if (list.empty()) return "";
  return "<details><summary>What all cells have in common</summary><dl>" + list + "</dl></details>\n";
}

std::string list_of(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

std::string html_report(const CompareSpec& spec, const std::vector<Cell>& cells, const CompareTable& table,
                        const std::function<std::string(size_t cell)>& picture) {
  std::vector<std::string> axes;
  for (const Axis& axis : spec.axes) axes.push_back(axis.name);
  const std::string title = axes.empty() ? "Comparison" : "Comparison of " + list_of(axes);
  std::string html = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n";
  html += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n";
  html +=
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
      "script-src 'unsafe-inline'; img-src data:\"/>\n";
  html += "<title>" + escaped(title) + "</title>\n<style>" + kStyle + colours(series_of(table).size()) +
          "</style>\n</head>\n<body>\n";
  html += "<h1>" + escaped(title) + "</h1>\n" + summary(spec, cells, table) + base_part(spec);
  html += plots_part(table);
  html += "<h2>Table</h2>\n" + table_part(table);
  if (!table.over.empty()) {
    html += "<p class=\"muted\">Mean ± standard deviation over " + escaped(list_of(table.over)) + ".</p>\n";
  }
  if (!table.against.empty()) {
    html += "<p class=\"muted\">Differences to " + escaped(table.against) + ", pair by pair.</p>\n";
  }
  std::string pictures;
  for (const TableRow& row : table.rows) {
    for (const size_t c : row.cells) {
      const std::string png = picture ? picture(c) : std::string();
      if (!png.empty()) pictures += picture_part(cells[c], png, row, table);
    }
  }
  if (!pictures.empty()) html += "<h2>Pictures</h2>\n<div class=\"pictures\">\n" + pictures + "</div>\n";
  return html + "<script>" + kScript + "</script>\n</body>\n</html>\n";
}

}  // namespace mgdm
