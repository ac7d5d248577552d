// Tables, fronts and reports of cells that are made up here.
#include <QtTest>

#include <QXmlStreamReader>
#include <cmath>
#include <limits>
#include <set>

#include "core/compare/charts.h"
#include "core/compare/table.h"
#include "core/errors.h"

using namespace mgdm;

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

using Results = std::vector<std::optional<CellResult>>;

struct Made {
  CompareSpec spec;
  std::vector<Cell> cells;
  Results results;
};

// All combinations, the last axis fastest; every result missing yet.
Made made(const std::vector<std::pair<std::string, std::vector<std::string>>>& axes) {
  Made m;
  m.spec.medium = "photo";
  m.spec.base = {{"task", "denoising"}, {"photo", "/photos/a & b <c>.jpg"}};
  size_t count = 1;
  for (const auto& [name, labels] : axes) {
    Axis axis{name, {}};
    for (const auto& label : labels) axis.values.push_back({label, {{name, label}}});
    count *= labels.size();
    m.spec.axes.push_back(axis);
  }
  for (size_t index = 0; index < count; ++index) {
    Cell cell;
    cell.index = index;
    cell.at.resize(axes.size());
    size_t rest = index;
    for (size_t k = axes.size(); k-- > 0;) {
      cell.at[k] = rest % axes[k].second.size();
      rest /= axes[k].second.size();
    }
    for (size_t k = 0; k < axes.size(); ++k) cell.label += (k == 0 ? "" : ", ") + axes[k].second[cell.at[k]];
    cell.key = std::to_string(index);
    m.cells.push_back(cell);
  }
  m.results.resize(count);
  return m;
}

CellResult finished(const Figures& figures) {
  CellResult result;
  result.figures = figures;
  return result;
}

CellResult failed(const std::string& why) {
  CellResult result;
  result.error = why;
  return result;
}

// Two samplers, two numbers of steps, three seeds.
Made samplers_and_seeds() {
  Made m = made({{"sampler", {"mgdm", "dps"}}, {"steps", {"25", "100"}}, {"seed", {"1", "2", "3"}}});
  for (size_t c = 0; c < m.cells.size(); ++c) {
    const auto& at = m.cells[c].at;
    const double seed = static_cast<double>(at[2]);
    m.results[c] = finished({{"psnr", 30.0 - 2.0 * at[0] + 1.0 * at[1] + seed},
                             {"gmsd", 0.1 + 0.01 * at[0]},
                             {"evaluations", at[1] == 0 ? 25.0 : 100.0}});
  }
  return m;
}

std::string sentence(const std::function<void()>& call) {
  try {
    call();
  } catch (const SettingError& e) {
    return e.what();
  }
  return "";
}

// A reader of RFC 4180 of its own.
std::vector<std::vector<std::string>> read_csv(const std::string& text) {
  std::vector<std::vector<std::string>> lines(1, {""});
  bool quoted = false;
  for (size_t k = 0; k < text.size(); ++k) {
    const char c = text[k];
    if (quoted && c == '"' && k + 1 < text.size() && text[k + 1] == '"') {
      lines.back().back() += '"';
      ++k;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && c == ',') {
      lines.back().emplace_back();
    } else if (!quoted && c == '\r' && text[k + 1] == '\n') {
      lines.push_back({""});
      ++k;
    } else {
      lines.back().back() += c;
    }
  }
  lines.pop_back();  // after the last line's end
  return lines;
}

}  // namespace

class TestTable : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void aRowIsACellWhereNothingIsPutTogether() {
    Made m = made({{"sampler", {"a", "b", "c", "d"}}});
    m.results[0] = finished({{"psnr", 20}, {"evaluations", 10}});
    m.results[1] = finished({{"psnr", kNan}, {"evaluations", 20}});
    m.results[2] = failed("out of memory");
    const CompareTable table = make_table(m.spec, m.cells, m.results);
    QCOMPARE(table.axes, std::vector<std::string>{"sampler"});
    QCOMPARE(table.figures, (std::vector<std::string>{"psnr", "evaluations"}));
    QCOMPARE(table.rows.size(), size_t{4});
    QCOMPARE(table.rows[0].figures[0].mean, 20.0);
    QCOMPARE(table.rows[0].figures[0].count, int64_t{1});
    QVERIFY(std::isnan(table.rows[0].figures[0].deviation));
    QVERIFY(std::isnan(table.rows[1].figures[0].mean));
    QCOMPARE(table.rows[1].error, std::string());
    QCOMPARE(table.rows[2].error, std::string("failed: out of memory"));
    QCOMPARE(table.rows[3].error, std::string("waiting"));
    QCOMPARE(table.best[0], std::optional<size_t>(0));
    QVERIFY(!table.best[1]);  // effort has no best row
  }

  void aCellThatCannotBeRunSaysWhy() {
    Made m = made({{"sampler", {"a"}}});
    m.cells[0].error = "needs a likelihood";
    QCOMPARE(make_table(m.spec, m.cells, m.results).rows[0].error, std::string("failed: needs a likelihood"));
  }

  void seedsArePutTogether() {
    Made m = samplers_and_seeds();
    m.results[1] = failed("NaN");  // mgdm, 25, seed 2
    m.results[2]->figures["psnr"] = kNan;
    TableOptions options;
    options.over = {"seed"};
    const CompareTable table = make_table(m.spec, m.cells, m.results, options);
    QCOMPARE(table.axes, (std::vector<std::string>{"sampler", "steps"}));
    QCOMPARE(table.over, std::vector<std::string>{"seed"});
    QCOMPARE(table.rows.size(), size_t{4});
    QCOMPARE(table.rows[0].names, (std::vector<std::string>{"mgdm", "25"}));
    QCOMPARE(table.rows[0].done, size_t{2});
    QCOMPARE(table.rows[0].failed, size_t{1});
    QCOMPARE(table.rows[0].figures[0].count, int64_t{1});  // one failed, one is no number
    QCOMPARE(table.rows[1].figures[0].mean, 32.0);         // 31, 32, 33
    QCOMPARE(table.rows[1].figures[0].deviation, 1.0);
    QCOMPARE(table.rows[1].figures[0].count, int64_t{3});
    QCOMPARE(table.rows[0].error, std::string());
  }

  void everythingCanBePutTogether() {
    const Made m = samplers_and_seeds();
    TableOptions options;
    options.over = {"seed", "sampler", "steps"};
    const CompareTable table = make_table(m.spec, m.cells, m.results, options);
    QCOMPARE(table.rows.size(), size_t{1});
    QCOMPARE(table.rows[0].figures[0].count, int64_t{12});
    QVERIFY(markdown(table).find("12 of 12") != std::string::npos);
    QCOMPARE(read_csv(csv(table)).size(), size_t{2});
    QVERIFY(html_report(m.spec, m.cells, table, {}).find("12 of 12") != std::string::npos);
  }

  void differencesArePaired() {
    Made m = samplers_and_seeds();
    // Pair by pair dps is behind by 2, 3 and 4: unpaired, its deviation would hold that of the seeds, too.
    for (size_t c = 6; c < 12; ++c) m.results[c]->figures["psnr"] -= static_cast<double>(m.cells[c].at[2]);
    m.results[9] = std::nullopt;  // dps, 100, seed 1: no pair
    TableOptions options;
    options.over = {"seed"};
    options.against = "sampler=mgdm";
    const CompareTable table = make_table(m.spec, m.cells, m.results, options);
    QVERIFY(table.rows[0].differences.empty() && table.rows[1].differences.empty());
    const Spread& at_25 = table.rows[2].differences[0];
    QCOMPARE(at_25.mean, -3.0);
    QCOMPARE(at_25.deviation, 1.0);
    QCOMPARE(at_25.count, int64_t{3});
    const Spread& at_100 = table.rows[3].differences[0];
    QCOMPARE(at_100.mean, -3.5);
    QCOMPARE(at_100.count, int64_t{2});
    QVERIFY(markdown(table).find("-3.00 ± 1.00") != std::string::npos);
    QVERIFY(markdown(table).find("+0.010 ± 0.000") != std::string::npos);
  }

  void whatThereIsNotIsAnError() {
    const Made m = samplers_and_seeds();
    const auto said = [&](const TableOptions& options) {
      return sentence([&] { make_table(m.spec, m.cells, m.results, options); });
    };
    QVERIFY(said({.over = {"seeds"}}).find("'seeds', only: sampler, steps, seed") != std::string::npos);
    QVERIFY(said({.against = "model=a"}).find("no axis 'model'") != std::string::npos);
    QVERIFY(said({.against = "sampler=ddrm"}).find("'ddrm', only: mgdm, dps") != std::string::npos);
    QVERIFY(said({.against = "mgdm"}).find("AXIS=VALUE") != std::string::npos);
    QVERIFY(said({.over = {"seed"}, .against = "seed=1"}).find("put together") != std::string::npos);
    QVERIFY(said({.figures = {"lpips"}}).find("'lpips', only: psnr, gmsd, evaluations") != std::string::npos);
    QVERIFY(sentence([&] { pareto_front(make_table(m.spec, m.cells, m.results), "psnr", "watts"); }) != "");
  }

  void figuresAreChosen() {
    const Made m = samplers_and_seeds();
    const CompareTable table = make_table(m.spec, m.cells, m.results, {.figures = {"evaluations", "psnr"}});
    QCOMPARE(table.figures, (std::vector<std::string>{"evaluations", "psnr"}));
    QCOMPARE(table.rows[0].figures.size(), size_t{2});
    // Before the first cell is finished nobody knows which figures there will be.
    Results none(m.cells.size());
    QCOMPARE(make_table(m.spec, m.cells, none, {.figures = {"psnr"}}).rows[0].error, std::string("waiting"));
  }

  void theFirstOfTheBestIsBest() {
    Made m = made({{"sampler", {"a", "b", "c"}}});
    m.results = {finished({{"psnr", 20}, {"gmsd", 0.3}, {"residual", 1}}),
                 finished({{"psnr", 25}, {"gmsd", 0.2}, {"residual", 2}}),
                 finished({{"psnr", 25}, {"gmsd", 0.2}, {"residual", 3}})};
    const CompareTable table = make_table(m.spec, m.cells, m.results);
    QCOMPARE(table.best[0], std::optional<size_t>(1));  // higher is better
    QCOMPARE(table.best[1], std::optional<size_t>(1));  // lower is
    QVERIFY(!table.best[2]);
  }

  void markdownIsAlignedAndMarksTheBest() {
    Made m = made({{"sampler", {"a|b", "new\nline", "c*"}}});
    m.results[0] = finished({{"psnr", 20}});
    m.results[1] = finished({{"psnr", 25.126}});
    const std::string text = markdown(make_table(m.spec, m.cells, m.results));
    const QStringList lines = QString::fromStdString(text).split('\n', Qt::SkipEmptyParts);
    QCOMPARE(lines.size(), 5);
    for (const QString& line : lines) QCOMPARE(line.size(), lines[0].size());
    QVERIFY(lines[0].contains("PSNR (dB)"));
    QVERIFY(lines[1].endsWith("-: |"));
    QVERIFY(lines[2].contains("a\\|b") && lines[2].contains(" 20.00 |"));
    QVERIFY(lines[3].contains("new line") && lines[3].contains("**25.13**"));
    QVERIFY(lines[4].contains("c\\*") && lines[4].contains("waiting") && lines[4].endsWith(" - |"));
  }

  void markdownShowsTheSpread() {
    const Made m = samplers_and_seeds();
    const std::string text = markdown(make_table(m.spec, m.cells, m.results, {.over = {"seed"}}));
    QVERIFY(text.find("**32.00 ± 1.00**") != std::string::npos);
    QVERIFY(text.find("over seed.") != std::string::npos);
    // ± is two bytes and one place.
    const QStringList lines = QString::fromStdString(text).split('\n');
    for (int k = 0; k < 6; ++k) QCOMPARE(lines[k].size(), lines[0].size());
  }

  void csvComesBackAsItWas() {
    const std::string odd = "comma, \"quote\"\nand line";
    Made m = made({{"sampler", {odd, "plain", "other"}}});
    m.results[0] = finished({{"psnr", 1.0 / 3}, {"seconds", 1e-7}});
    m.results[1] = finished({{"psnr", kNan}, {"seconds", 123456789.123}});
    m.results[2] = failed("model \"x\", broken");
    const auto lines = read_csv(csv(make_table(m.spec, m.cells, m.results)));
    QCOMPARE(lines.size(), size_t{4});
    QCOMPARE(lines[0], (std::vector<std::string>{"sampler", "psnr", "seconds", "error"}));
    QCOMPARE(lines[1][0], odd);
    QCOMPARE(std::stod(lines[1][1]), 1.0 / 3);
    QCOMPARE(std::stod(lines[1][2]), 1e-7);
    QCOMPARE(lines[2][1], std::string());
    QCOMPARE(std::stod(lines[2][2]), 123456789.123);
    QCOMPARE(lines[3][3], std::string("failed: model \"x\", broken"));
    for (const auto& line : lines) QCOMPARE(line.size(), lines[0].size());
  }

  void csvOfMeansHasAColumnForEachNumber() {
    const Made m = samplers_and_seeds();
    const auto lines = read_csv(csv(
        make_table(m.spec, m.cells, m.results, {.over = {"seed"}, .against = "sampler=mgdm", .figures = {"psnr"}})));
    QCOMPARE(lines[0],
             (std::vector<std::string>{"sampler", "steps", "psnr", "psnr_deviation", "psnr_count", "psnr_difference",
                                       "psnr_difference_deviation", "psnr_difference_count", "error"}));
    QCOMPARE(lines[1], (std::vector<std::string>{"mgdm", "25", "31", "1", "3", "", "", "0", ""}));
    QCOMPARE(lines[3], (std::vector<std::string>{"dps", "25", "29", "1", "3", "-2", "0", "3", ""}));
  }

  void theParetoFrontIsWhatNothingBeats() {
    using Points = std::vector<std::pair<double, double>>;
    // (effort, quality): the third is beaten by the second, the fourth equals the first, the sixth is no number.
    const Points points{{10, 20}, {20, 25}, {30, 24}, {10, 20}, {5, 10}, {1, kNan}, {20, 22}, {40, 25}};
    QCOMPARE(pareto_front(points, true), (std::vector<size_t>{4, 0, 1}));
    QCOMPARE(pareto_front(Points{{1, 5}, {2, 5}, {3, 4}}, false), (std::vector<size_t>{0, 2}));
    QCOMPARE(pareto_front(Points{}, true), std::vector<size_t>{});
    const Made m = samplers_and_seeds();
    const CompareTable table = make_table(m.spec, m.cells, m.results, {.over = {"seed"}});
    QCOMPARE(pareto_front(table, "psnr", "evaluations"), (std::vector<size_t>{0, 1}));
  }

  void ticksAreRoundNumbers() {
    const auto texts = [](const Scale& scale, int wanted) {
      std::string all;
      for (const Tick& tick : ticks(scale, wanted)) all += (all.empty() ? "" : " ") + tick.text;
      return all;
    };
    QCOMPARE(texts({0, 1, false}, 5), std::string("0.0 0.2 0.4 0.6 0.8 1.0"));
    QCOMPARE(texts({-3, 7, false}, 5), std::string("-2 0 2 4 6"));
    QCOMPARE(texts({23.1, 31.9, false}, 4), std::string("25 30"));
    QCOMPARE(texts({1, 1000, true}, 4), std::string("1 10 100 1000"));
    QCOMPARE(texts({8, 120, true}, 8), std::string("10 20 50 100"));
    QCOMPARE(texts({0.5, 1e9, true}, 4), std::string("1 1000 1e+06 1e+09"));
    // Too short for powers: linear ones, which are still inside.
    for (const Tick& tick : ticks({30, 41, true}, 5)) QVERIFY(tick.value >= 30 && tick.value <= 41);
    QVERIFY(ticks({30, 41, true}, 5).size() >= 3);
  }

  void scalesHoldTheirValues() {
    for (const bool logarithmic : {false, true}) {
      const Scale scale = scale_of({3, kNan, 300}, logarithmic);
      QVERIFY(scale.low < 3 && scale.high > 300);
      QVERIFY(std::abs(scale.value(scale.place(17)) - 17) < 1e-9);
      QVERIFY(std::isnan(scale.place(kNan)));
    }
    QVERIFY(std::isnan(scale_of({3, 300}, true).place(0)));
    for (const std::vector<double>& values : {std::vector<double>{}, {5}, {0}, {-2, -2}, {kNan}}) {
      for (const bool logarithmic : {false, true}) {
        const Scale scale = scale_of(values, logarithmic);
        QVERIFY(scale.low < scale.high && std::isfinite(scale.low) && std::isfinite(scale.high));
        QVERIFY(!logarithmic || scale.low > 0);
        QVERIFY(!ticks(scale, 5).empty());
      }
    }
  }

  void noTwoSeriesLookAlike() {
    std::set<std::pair<std::string, int>> looks;
    for (size_t n = 0; n < 49; ++n) {
      looks.emplace(series_style(n).on_light, static_cast<int>(series_style(n).marker));
    }
    QCOMPARE(looks.size(), size_t{49});
  }

  void theReportIsWellFormedAndSafe() {
    const std::string evil = "<script>alert('x')</script> & \"q\"";
    Made m = made({{"sampler", {evil, "dps"}}, {"seed", {"1", "2"}}});
    m.results[0] = finished({{"psnr", 20}, {"evaluations", 10}, {"seconds", 1}});
    m.results[1] = finished({{"psnr", 22}, {"evaluations", 20}, {"seconds", 3}});
    m.results[2] = failed("broken <b>");
    const std::string png("\x89PNG\0\xff", 6);
    for (const TableOptions& options :
         {TableOptions{}, TableOptions{.over = {"seed"}, .against = "sampler=dps", .figures = {}}}) {
      const std::string html = html_report(m.spec, m.cells, make_table(m.spec, m.cells, m.results, options),
                                           [&](size_t cell) { return cell == 1 ? png : std::string(); });
      // Written so that an XML reader takes it, too: every element is closed, every text escaped.
      QXmlStreamReader xml(QString::fromStdString(html));
      int scripts = 0, images = 0, marks = 0;
      while (!xml.atEnd()) {
        if (xml.readNext() != QXmlStreamReader::StartElement) continue;
        scripts += xml.name() == u"script";
        images += xml.name() == u"img";
        marks += xml.name() == u"g";
        for (const auto& attribute : xml.attributes()) {
          QVERIFY2(attribute.name() != u"src" || attribute.value().startsWith(u"data:"), "from elsewhere");
        }
      }
      QVERIFY2(!xml.hasError(), qPrintable(xml.errorString() + QString::number(xml.lineNumber())));
      QCOMPARE(scripts, 1);
      QCOMPARE(images, 1);
      QCOMPARE(marks, options.over.empty() ? 4 : 2);  // two cells, or one mean, in two plots
      QVERIFY(html.find("data:image/png;base64,iVBORwD/\"") != std::string::npos);
      QVERIFY(html.find(evil) == std::string::npos &&
              html.find("&lt;script&gt;alert(&#39;x&#39;)") != std::string::npos);
      QVERIFY(html.find("/photos/a &amp; b &lt;c&gt;.jpg") != std::string::npos);
      QVERIFY(html.find("http://") == std::string::npos && html.find("https://") == std::string::npos);
    }
  }

  void theReportOfNothingIsOne() {
    const Made m = made({{"sampler", {"a", "b"}}});
    const std::string html = html_report(m.spec, m.cells, make_table(m.spec, m.cells, m.results), {});
    QVERIFY(html.find("2 cells (2 sampler): 0 done, 2 waiting.") != std::string::npos);
    QVERIFY(html.find("<svg") == std::string::npos && html.find("<img") == std::string::npos);
  }
};

QTEST_APPLESS_MAIN(TestTable)
#include "tst_table.moc"
