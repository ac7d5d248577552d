// The compared cells' numbers with real events: table, plots, export.
#include <QtTest>

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QImageReader>
#include <QMenu>
#include <QScrollBar>
#include <cmath>
#include <filesystem>
#include <limits>

#include "core/errors.h"
#include "tests/ui/made_cells.h"
#include "tests/ui/studio_fixture.h"
#include "ui/compare/cell_plot.h"
#include "ui/compare/cell_table.h"
#include "ui/compare/curve_plot.h"
#include "ui/compare/grid_export.h"

using namespace mgdm;
using namespace mgdm::ui;
using namespace mgdm::ui::fixture;

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

QVector<Cells::AxisWords> one_axis(int values) {
  QStringList names;
  for (int k = 0; k < values; ++k) names << QString("run %1").arg(k + 1);
  return {{"run", names}};
}

int column_of(const CellTable& table, const QString& heading) {
  for (int k = 0; k < table.model()->columnCount(); ++k) {
    if (table.model()->headerData(k, Qt::Horizontal).toString() == heading) return k;
  }
  return -1;
}

QStringList texts(const CellTable& table, const QString& heading) {
  const int column = column_of(table, heading);
  QStringList all;
  for (int row = 0; row < table.model()->rowCount(); ++row) all << table.model()->index(row, column).data().toString();
  return all;
}

// A click in the middle of the heading.
void click_heading(CellTable& table, const QString& heading) {
  QHeaderView* header = table.horizontalHeader();
  const int column = column_of(table, heading);
  const QPoint at(header->sectionViewportPosition(column) + header->sectionSize(column) / 2, header->height() / 2);
  QTest::mouseClick(header->viewport(), Qt::LeftButton, {}, at);
}

QPoint middle_of(const CellTable& table, int row, int column) {
  return table.visualRect(table.model()->index(row, column)).center();
}

bool same_pixels(const QImage& a, const QImage& b) {
  if (a.size() != b.size()) return false;
  for (int y = 0; y < a.height(); ++y) {
    for (int x = 0; x < a.width(); ++x) {
      if (a.pixel(x, y) != b.pixel(x, y)) return false;
    }
  }
  return true;
}

// Samplers down, steps across, the second seed.
GridChoice grid_choice() {
  GridChoice choice;
  choice.rows = 0;
  choice.columns = 1;
  choice.fixed = {0, 0, 1};
  choice.title = "Denoising";
  choice.figures = {"psnr", "ssim"};
  return choice;
}

template <typename T>
void show(T& widget, int width = 900, int height = 400) {
  widget.resize(width, height);
  widget.show();
  QVERIFY(QTest::qWaitForWindowExposed(&widget));
}

}  // namespace

class TestCompareNumbers : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase() { prepare(); }

  void aHeadingSortsNumbersAsNumbersAndWhatThereIsNotLast() {
    MadeCells cells(one_axis(12));
    const double psnr[] = {9.5, 100, kNan, 20};
    for (int c = 0; c < 4; ++c) cells.done(c, {{"psnr", psnr[c]}, {"evaluations", 10.0 * c}});
    CellTable table;
    table.setCells(&cells);
    show(table);
    QCOMPARE(texts(table, "run").first(), QString("run 1"));
    click_heading(table, "PSNR (dB)");
    QCOMPARE(texts(table, "PSNR (dB)").mid(0, 4), (QStringList{"9.50", "20.00", "100.00", "-"}));
    click_heading(table, "PSNR (dB)");
    QCOMPARE(texts(table, "PSNR (dB)").mid(0, 4), (QStringList{"100.00", "20.00", "9.50", "-"}));
    // Texts with numbers in them as people count: "run 10" after "run 9".
    click_heading(table, "run");
    QCOMPARE(texts(table, "run")[9], QString("run 10"));
    // A third click gives the cells' own order back.
    click_heading(table, "run");
    QCOMPARE(texts(table, "run")[0], QString("run 12"));
    click_heading(table, "run");
    QCOMPARE(texts(table, "run")[0], QString("run 1"));
  }

  void axesOfNumbersAreNumbers() {
    MadeCells cells({{"steps", {"100", "25", "50"}}});
    CellTable table;
    table.setCells(&cells);
    show(table);
    click_heading(table, "steps");
    QCOMPARE(texts(table, "steps"), (QStringList{"25", "50", "100"}));
  }

  void theBestIsMarkedAndNotByColourAlone() {
    MadeCells cells(one_axis(5));
    cells.done(0, {{"psnr", 20}, {"gmsd", 0.2}, {"evaluations", 10}});
    cells.done(1, {{"psnr", 25}, {"gmsd", 0.3}, {"evaluations", 20}});
    cells.done(2, {{"psnr", 25}, {"gmsd", 0.1}, {"evaluations", 30}});
    cells.running(3, 0.5, {{"psnr", 40}});  // not finished: no record yet
    CellTable table;
    table.setCells(&cells);
    const auto marked = [&](const QString& heading) {
      QVector<int> rows;
      for (int row = 0; row < 5; ++row) {
        const QModelIndex index = table.model()->index(row, column_of(table, heading));
        const bool star = !index.data(Qt::DecorationRole).isNull();
        const bool bold = index.data(Qt::FontRole).value<QFont>().bold();
        const bool said = index.data(Qt::AccessibleTextRole).toString().contains("best");
        if (star != bold || bold != said) rows << -1;
        if (star) rows << row;
      }
      return rows;
    };
    QCOMPARE(marked("PSNR (dB)"), QVector<int>{1});  // of equal ones the first
    QCOMPARE(marked("GMSD"), QVector<int>{2});
    QCOMPARE(marked("Evaluations"), QVector<int>{});
    // A better one takes the mark.
    cells.done(4, {{"psnr", 26}, {"gmsd", 0.5}});
    QTRY_COMPARE(marked("PSNR (dB)"), QVector<int>{4});
    QCOMPARE(marked("GMSD"), QVector<int>{2});
  }

  void aClickAndEnterPick() {
    MadeCells cells(three_axes());
    fill(cells);
    CellTable table;
    table.setCells(&cells);
    show(table);
    table.sortByColumn(column_of(table, "PSNR (dB)"), Qt::DescendingOrder);
    QSignalSpy picked(&table, &CellTable::picked);
    QTest::mouseClick(table.viewport(), Qt::LeftButton, {}, middle_of(table, 0, 1));
    QCOMPARE(picked.count(), 1);
    QCOMPARE(picked[0][0].toInt(), 11);  // mgdm, 128, 3
    QCOMPARE(table.current(), 11);
    QTest::keyClick(&table, Qt::Key_Down);
    QCOMPARE(picked.count(), 1);
    QTest::keyClick(&table, Qt::Key_Return);
    QCOMPARE(picked.count(), 2);
    QCOMPARE(picked[1][0].toInt(), 10);
    // Chosen elsewhere: seen here, and not sent back.
    table.setCurrent(30);
    QCOMPARE(table.current(), 30);
    QVERIFY(table.viewport()->rect().contains(table.visualRect(table.currentIndex()).center()));
    table.setCurrent(-1);
    QCOMPARE(table.current(), -1);
    QCOMPARE(picked.count(), 2);
  }

  void whatChangesKeepsSortingScrollingAndSelection() {
    MadeCells cells(three_axes());
    for (int c = 0; c < cells.count(); ++c) cells.done(c, {{"psnr", 20.0 + c}});
    cells.failed(7, "out of memory");
    CellTable table;
    table.setCells(&cells);
    show(table, 900, 200);
    click_heading(table, "PSNR (dB)");
    click_heading(table, "PSNR (dB)");  // descending
    table.setCurrent(20);
    table.verticalScrollBar()->setValue(140);
    const QString before = table.selectionAsText();
    // Another cell brings figures that nobody had, before and after the one that is sorted by.
    cells.done(0, {{"psnr", 90}, {"evaluations", 64}, {"ssim", 0.9}});
    QTRY_COMPARE(column_of(table, "SSIM"), 5);
    QCOMPARE(texts(table, "PSNR (dB)").first(), QString("90.00"));
    QCOMPARE(texts(table, "State").last(), QString("out of memory"));
    QCOMPARE(table.current(), 20);
    QCOMPARE(table.verticalScrollBar()->value(), 140);
    QCOMPARE(table.horizontalHeader()->sortIndicatorSection(), column_of(table, "PSNR (dB)"));
    QCOMPARE(table.selectionAsText().split('\n').size(), before.split('\n').size());  // the one row, not all
    cells.done(0, {{"psnr", 1}, {"evaluations", 64}, {"ssim", 0.9}});
    QTRY_COMPARE(texts(table, "PSNR (dB)")[34], QString("1.00"));
    QCOMPARE(table.current(), 20);
    click_heading(table, "PSNR (dB)");  // the third click: their own order
    QCOMPARE(texts(table, "seed").mid(0, 4), (QStringList{"1", "2", "3", "1"}));
    // Other axes: begun anew.
    cells.setAxes(one_axis(3));
    QCOMPARE(table.model()->rowCount(), 3);
    QCOMPARE(table.current(), -1);
  }

  void cellsThatAreOnOrFailedSaySo() {
    MadeCells cells(one_axis(4));
    cells.done(0, {{"psnr", 20}});
    cells.running(1, 0.456, {{"psnr", 12.345}});
    cells.failed(2, "needs a likelihood");
    CellTable table;
    table.setCells(&cells);
    QCOMPARE(texts(table, "State"), (QStringList{"done", "45 %", "needs a likelihood", "waiting"}));
    QCOMPARE(texts(table, "PSNR (dB)"), (QStringList{"20.00", "12.35", "", ""}));
    const auto colour = [&](int row) {
      return table.model()->index(row, column_of(table, "PSNR (dB)")).data(Qt::ForegroundRole).value<QColor>();
    };
    QVERIFY(!colour(0).isValid());
    QCOMPARE(colour(1), qApp->palette().color(QPalette::PlaceholderText));
    for (int column = 0; column < 3; ++column) {
      QCOMPARE(table.model()->index(2, column).data(Qt::ToolTipRole).toString(), QString("needs a likelihood"));
    }
  }

  void rowsAreCopiedAsTheyAreSeen() {
    MadeCells cells({{"name", {"a\tb", "c"}}, {"seed", {"1", "2"}}});
    cells.done(0, {{"psnr", 1.0 / 3}});
    cells.done(3, {{"psnr", 7}});
    CellTable table;
    table.setCells(&cells);
    show(table);
    table.horizontalHeader()->moveSection(1, 0);
    table.hideColumn(column_of(table, "State"));
    QApplication::clipboard()->clear();
    QTest::keyClick(&table, Qt::Key_C, Qt::ControlModifier);
    QCOMPARE(QApplication::clipboard()->text().split('\n').size(),
             6);  // nothing selected: all, and the last line's end
    table.sortByColumn(column_of(table, "PSNR (dB)"), Qt::DescendingOrder);
    QTest::mouseClick(table.viewport(), Qt::LeftButton, {}, middle_of(table, 0, 0));
    QTest::mouseClick(table.viewport(), Qt::LeftButton, Qt::ControlModifier, middle_of(table, 1, 0));
    QTest::keyClick(&table, Qt::Key_C, Qt::ControlModifier);
    QCOMPARE(QApplication::clipboard()->text(),
             QString("seed\tname\tPSNR (dB)\n2\tc\t7\n1\ta b\t0.3333333333333333\n"));
  }

  void columnsAreHiddenByTheMenu() {
    MadeCells cells(three_axes());
    fill(cells);
    CellTable table;
    table.setCells(&cells);
    show(table);
    const auto menu = [&]() {
      QPointer<QMenu> found;
      Q_EMIT table.horizontalHeader()->customContextMenuRequested({5, 5});
      for (QMenu* m : table.findChildren<QMenu*>()) {
        if (m->isVisible()) found = m;
      }
      return found;
    };
    QPointer<QMenu> open = menu();
    QVERIFY(open);
    QCOMPARE(open->actions().size(), table.model()->columnCount() + 2);
    QTest::mouseClick(open, Qt::LeftButton, {},
                      open->actionGeometry(open->findChild<QAction*>("figure:ssim")).center());
    QVERIFY(table.isColumnHidden(column_of(table, "SSIM")));
    // Still hidden in the next comparison that has it; and another one in between is shown.
    cells.setAxes(one_axis(2));
    cells.done(0, {{"ssim", 0.5}, {"psnr", 20}});
    QTRY_VERIFY(column_of(table, "SSIM") >= 0);
    QVERIFY(table.isColumnHidden(column_of(table, "SSIM")));
    QVERIFY(!table.isColumnHidden(column_of(table, "PSNR (dB)")));
    open = menu();
    open->findChild<QAction*>("show_all")->trigger();
    QVERIFY(!table.isColumnHidden(column_of(table, "SSIM")));
  }

  void aDotIsClickedAndPointedAt() {
    MadeCells cells(three_axes());
    fill(cells);
    CellPlot plot;
    plot.setCells(&cells);
    show(plot);
    QCOMPARE(plot.dotCount(), 36);
    QSignalSpy picked(&plot, &CellPlot::picked);
    QVERIFY(plot.callout().isEmpty());
    QTest::mouseMove(&plot, plot.dotOf(11).toPoint());
    QTRY_COMPARE(plot.callout().value(0), QString("mgdm, 128, 3"));
    QVERIFY(plot.callout().contains("Evaluations: 256"));
    QTest::mouseClick(&plot, Qt::LeftButton, {}, plot.dotOf(11).toPoint());
    QCOMPARE(picked.count(), 1);
    QCOMPARE(picked[0][0].toInt(), 11);
    const QPoint empty = QPoint(static_cast<int>(plot.dotOf(11).x()), plot.height() - 60);
    QTest::mouseClick(&plot, Qt::LeftButton, {}, empty);
    QCOMPARE(picked.count(), 1);
    // Higher is upwards, more effort to the right, by factors.
    QVERIFY(plot.dotOf(11).y() < plot.dotOf(10).y());
    const double first = plot.dotOf(3).x() - plot.dotOf(0).x(), second = plot.dotOf(6).x() - plot.dotOf(3).x();
    QVERIFY(first > 20 && std::abs(first - second) < 0.5);
    plot.setLogarithmic(false);
    QVERIFY(std::abs(2 * (plot.dotOf(3).x() - plot.dotOf(0).x()) - (plot.dotOf(6).x() - plot.dotOf(3).x())) < 0.5);
  }

  void theSelectedDotHasARing() {
    MadeCells cells(three_axes());
    fill(cells);
    CellPlot plot;
    plot.setCells(&cells);
    show(plot);
    const auto pixels_off = [&](const QImage& a, const QImage& b, const QPointF& about) {
      int count = 0;
      for (int y = -14; y <= 14; ++y) {
        for (int x = -14; x <= 14; ++x) {
          const QPoint at(static_cast<int>(about.x()) + x, static_cast<int>(about.y()) + y);
          count += a.pixel(at) != b.pixel(at);
        }
      }
      return count;
    };
    QTest::mouseMove(&plot, {2, 2});  // where an earlier test has left it, there may be a dot
    QTest::qWait(50);
    const QImage before = plot.grab().toImage();
    plot.setCurrent(6);
    const QImage after = plot.grab().toImage();
    QVERIFY(pixels_off(before, after, plot.dotOf(6)) > 40);
    QCOMPARE(pixels_off(before, after, plot.dotOf(33)), 0);
  }

  void theFrontFollowsWhatIsShown() {
    MadeCells cells(one_axis(5));
    cells.done(0, {{"psnr", 20}, {"gmsd", 0.3}, {"evaluations", 10}, {"seconds", 9}});
    cells.done(1, {{"psnr", 25}, {"gmsd", 0.1}, {"evaluations", 20}, {"seconds", 1}});
    cells.done(2, {{"psnr", 24}, {"gmsd", 0.2}, {"evaluations", 30}, {"seconds", 2}});
    cells.running(3, 0.5, {{"psnr", 40}, {"evaluations", 5}});
    CellPlot plot;
    plot.setCells(&cells);
    show(plot);
    QCOMPARE(plot.dotCount(), 4);  // the one that is on, too; the one that waits not
    QCOMPARE(plot.front(), (std::vector<int>{0, 1}));
    plot.setQuality("gmsd");  // lower is better
    QCOMPARE(plot.front(), (std::vector<int>{0, 1}));
    plot.setEffort("seconds");
    QCOMPARE(plot.front(), (std::vector<int>{1}));
    cells.done(3, {{"psnr", 40}, {"gmsd", 0.01}, {"evaluations", 50}, {"seconds", 10}});
    QTRY_COMPARE(plot.front(), (std::vector<int>{1, 3}));
    plot.setQuality("ssim");
    QCOMPARE(plot.dotCount(), 0);
    plot.grab();  // says so
  }

  void axesArePutTogetherIntoOneDot() {
    MadeCells cells(three_axes());
    fill(cells);
    cells.failed(1, "no");
    CellPlot plot;
    plot.setCells(&cells);
    show(plot);
    plot.setOver({"seed"});
    QCOMPARE(plot.dotCount(), 12);
    QCOMPARE(plot.dotOf(9), plot.dotOf(11));
    QSignalSpy picked(&plot, &CellPlot::picked);
    QTest::mouseClick(&plot, Qt::LeftButton, {}, plot.dotOf(11).toPoint());
    QCOMPARE(picked[0][0].toInt(), 9);  // the first of them
    QTest::mouseMove(&plot, plot.dotOf(0).toPoint());
    QTRY_COMPARE(plot.callout().value(0), QString("mgdm, 16"));
    QVERIFY2(plot.callout().value(1).contains(" ± 1.13 dB"), qPrintable(plot.callout().join('\n')));
    QVERIFY(plot.callout().contains("2 of 3 cells"));
    plot.setOver({"seed", "sampler", "steps"});
    QCOMPARE(plot.dotCount(), 1);
  }

  void arrowsGoFromDotToDot() {
    MadeCells cells(one_axis(4));
    cells.done(0, {{"psnr", 20}, {"evaluations", 30}});
    cells.done(1, {{"psnr", 26}, {"evaluations", 10}});
    cells.done(2, {{"psnr", 22}, {"evaluations", 20}});
    cells.done(3, {{"psnr", 24}, {"evaluations", 20}});
    CellPlot plot;
    plot.setCells(&cells);
    show(plot);
    QSignalSpy picked(&plot, &CellPlot::picked);
    QTest::mouseMove(&plot, {2, 2});
    plot.clearFocus();
    plot.setFocus(Qt::TabFocusReason);
    QTRY_VERIFY(plot.hasFocus());
    const auto after = [&](Qt::Key key) {
      QTest::keyClick(&plot, key);
      return plot.callout().value(0);
    };
    QCOMPARE(plot.callout().value(0), QString("run 2"));
    QCOMPARE(after(Qt::Key_Right), QString("run 3"));
    QCOMPARE(after(Qt::Key_Right), QString("run 4"));  // as much effort, better
    QCOMPARE(after(Qt::Key_Right), QString("run 1"));
    QCOMPARE(after(Qt::Key_Right), QString("run 1"));
    QCOMPARE(after(Qt::Key_Up), QString("run 3"));
    QCOMPARE(after(Qt::Key_Down), QString("run 1"));
    QCOMPARE(after(Qt::Key_Home), QString("run 2"));
    QCOMPARE(after(Qt::Key_Left), QString("run 2"));
    QCOMPARE(after(Qt::Key_End), QString("run 1"));
    QVERIFY(picked.isEmpty());
    QTest::keyClick(&plot, Qt::Key_Return);
    QCOMPARE(picked.value(0).value(0).toInt(), 0);
    QVERIFY(plot.accessibleDescription().contains("run 1"));
  }

  void curvesGrowSideBySide() {
    CurvePlot plot("residual");
    plot.setCurves({"mgdm", "dps"});
    show(plot);
    plot.append(0, 2, 50);
    plot.append(0, 4, kNan);
    plot.append(0, 6, 5);
    plot.append(1, 1, 80);
    QCOMPARE(plot.points(0), 2);
    QCOMPARE(plot.points(1), 1);
    plot.setExpected(100);
    const double x = plot.pointAt(0, 1).x();
    plot.append(1, 60, 2);  // shorter than what is expected: nothing moves
    QCOMPARE(plot.pointAt(0, 1).x(), x);
    QVERIFY(plot.pointAt(0, 1).y() > plot.pointAt(0, 0).y());  // a lower residual is lower
    const QImage drawn = plot.grab().toImage();
    const QPoint head = plot.pointAt(0, 1).toPoint();
    QCOMPARE(QColor(drawn.pixel(head)), seriesColour(0, plot.palette()));
    // What each had come to by then.
    QTest::mouseMove(&plot, plot.pointAt(0, 1).toPoint() + QPoint(3, 0));
    QTRY_COMPARE(plot.callout().size(), 3);
    QCOMPARE(plot.callout()[1], QString("mgdm: 5.00 σ"));
    QCOMPARE(plot.callout()[2], QString("dps: 80.00 σ"));
    QTest::keyClick(&plot, Qt::Key_Left);
    QTest::keyClick(&plot, Qt::Key_Left);
    QCOMPARE(plot.callout()[0], QString("Evaluations: 2"));
    plot.setCurves({"a"});
    QCOMPARE(plot.points(0), 0);
    plot.grab();
  }

  void theGridIsExportedPixelByPixel() {
    MadeCells cells(three_axes());
    fill(cells);
    cells.failed(4, "needs a likelihood");  // mgdm, 32, 2
    cells.skipped << 16;                    // daps, 32, 2
    cells.sizes[1] = QSize(60, 20);
    cells.done(1, {{"psnr", 20}});
    QTemporaryDir folder;
    const GridChoice choice = grid_choice();
    const std::filesystem::path file = folder.filePath("grid.png").toStdString();
    std::vector<double> shares;
    QVERIFY(export_png(cells, choice, file, [&](double share) {
      shares.push_back(share);
      return true;
    }));
    QVERIFY(std::is_sorted(shares.begin(), shares.end()) && shares.size() == 12 && shares.back() == 1);
    const QImage read(folder.filePath("grid.png"));
    std::vector<QSize> sizes;
    for (const int cell : grid_cells(cells, choice)) {
      sizes.push_back(cell >= 0 && cell != 4 ? cells.cell(cell).size : QSize());
    }
    const GridSheet sheet(cells, choice, sizes);
    QCOMPARE(read.size(), sheet.size());
    QCOMPARE(sheet.rowCount(), 3);
    QCOMPARE(sheet.columnCount(), 4);
    for (int row = 0; row < 3; ++row) {
      for (int column = 0; column < 4; ++column) {
        const int cell = sheet.cellAt(row, column);
        QCOMPARE(cell, row == 1 && column == 1 ? -1 : 12 * row + 3 * column + 1);
        const QImage tile = read.copy(sheet.picture(row, column));
        if (cell < 0 || cell == 4) {
          QCOMPARE(tile.pixelColor(0, 0), QColor(0xf0, 0xf0, 0xf0));
        } else {
          QVERIFY2(same_pixels(tile, cells.image(cell)), qPrintable(QString::number(cell)));
        }
      }
    }
    // White around them, and words above.
    QCOMPARE(read.pixelColor(0, 0), QColor(Qt::white));
    QCOMPARE(read.pixelColor(read.width() - 1, read.height() - 1), QColor(Qt::white));
    int dark = 0;
    for (int y = 0; y < sheet.tile(0, 0).top(); ++y) {
      for (int x = 0; x < read.width(); ++x) dark += qGray(read.pixel(x, y)) < 100;
    }
    QVERIFY(dark > 100);
    QVERIFY(!QFile::exists(folder.filePath("grid.png.part")));
  }

  void aLargeGridIsWrittenBandByBand() {
    MadeCells cells({{"a", {"1", "2", "3"}}, {"b", {"1", "2"}}});
    cells.size = {4500, 1500};  // 9000 pixels across: a band is shorter than a tile
    for (int c = 0; c < cells.count(); ++c) cells.done(c, {{"psnr", 20}});
    QTemporaryDir folder;
    GridChoice choice;
    choice.rows = 0;
    choice.columns = 1;
    choice.fixed = {0, 0};
    QVERIFY(export_png(cells, choice, folder.filePath("large.png").toStdString()));
    QVERIFY2(cells.asked > 6, "it fitted into one band: the test tests nothing");
    QImageReader::setAllocationLimit(0);
    const QImage read(folder.filePath("large.png"));
    const GridSheet sheet(cells, choice, std::vector<QSize>(6, cells.size));
    QCOMPARE(read.size(), sheet.size());
    for (const int cell : {0, 3, 4}) {
      const QImage tile = read.copy(sheet.picture(cell / 2, cell % 2));
      QVERIFY2(same_pixels(tile, cells.image(cell)), qPrintable(QString::number(cell)));
    }
  }

  void aPdfIsOnePage() {
    MadeCells cells(three_axes());
    fill(cells);
    QTemporaryDir folder;
    QVERIFY(export_pdf(cells, grid_choice(), folder.filePath("grid.pdf").toStdString()));
    QFile file(folder.filePath("grid.pdf"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray bytes = file.readAll();
    QVERIFY(bytes.startsWith("%PDF-"));
    QVERIFY(bytes.trimmed().endsWith("%%EOF"));
    QCOMPARE(bytes.count("/Type /Page\n"), 1);
    QCOMPARE(bytes.count("/Subtype /Image"), 12);
    QVERIFY(!bytes.contains("/DCTDecode"));  // without loss
  }

  void exportsEndInOrder() {
    MadeCells cells(three_axes());
    fill(cells);
    QTemporaryDir folder;
    const auto path = [&](const char* name) { return std::filesystem::path(folder.filePath(name).toStdString()); };
    for (const bool pdf : {false, true}) {
      const auto write = [&](const std::filesystem::path& file, const ExportProgress& progress) {
        return pdf ? export_pdf(cells, grid_choice(), file, progress)
                   : export_png(cells, grid_choice(), file, progress);
      };
      const auto sentence = [&](const std::filesystem::path& file, const ExportProgress& progress = {}) {
        try {
          write(file, progress);
        } catch (const MediaError& e) {
          return QString::fromUtf8(e.what());
        }
        return QString();
      };
      // Stopped: nothing is left.
      QVERIFY(!write(path("stopped"), [](double share) { return share < 0.5; }));
      QCOMPARE(QDir(folder.path()).entryList(QDir::Files | QDir::Hidden).size(), 0);
      // A full disk: the file that is written to, before it is renamed, is the device that is always full.
      QVERIFY(QFile::link("/dev/full", folder.filePath("full.part")));
      const QString full = sentence(path("full"));
      QVERIFY2(full.contains("No space left"), qPrintable(full));
      QVERIFY(!QFile::exists(folder.filePath("full")));
      QFile::remove(folder.filePath("full.part"));
      QVERIFY(sentence(path("missing/grid")).contains("No such file"));
      // Another comparison while it is written.
      const QString said = sentence(path("replaced"), [&](double share) {
        if (share > 0.5) cells.setAxes(one_axis(2));
        return true;
      });
      QVERIFY2(said.contains("replaced by another"), qPrintable(said));
      QCOMPARE(QDir(folder.path()).entryList(QDir::Files | QDir::Hidden).size(), 0);
      cells.setAxes(three_axes());
      fill(cells);
    }
  }
};

QTEST_MAIN(TestCompareNumbers)
#include "tst_compare_numbers.moc"
