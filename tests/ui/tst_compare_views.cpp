// The grid of cells, the bar of its axes and one cell large, under mouse and keys.

#include <QSignalSpy>
#include <QtTest>

#include <QAction>
#include <QBoxLayout>
#include <QMenu>
#include <QPushButton>
#include <QScrollBar>
#include <QTabBar>

#include "tests/ui/fake_cells.h"
#include "tests/ui/studio_fixture.h"
#include "ui/compare/axis_bar.h"
#include "ui/compare/cell_grid.h"
#include "ui/compare/large_view.h"
#include "ui/widgets/look.h"

using namespace mgdm;
using namespace mgdm::ui;
using namespace mgdm::ui::fixture;

namespace {

using Zone = AxisPlacement::Zone;

void wheel(QWidget* widget, const QPointF& at, int notches, Qt::KeyboardModifiers modifiers = {}) {
  QWheelEvent event(at, widget->mapToGlobal(at), {}, {0, 120 * notches}, Qt::NoButton, modifiers, Qt::NoScrollPhase,
                    false);
  QCoreApplication::sendEvent(widget, &event);
}

void drag(QWidget* widget, const QPoint& from, const QPoint& to, bool release = true) {
  QTest::mousePress(widget, Qt::LeftButton, {}, from);
  for (const QPoint& at : {from + (to - from) / 3, from + (to - from) * 2 / 3, to}) {
    QMouseEvent move(QEvent::MouseMove, at, widget->mapToGlobal(QPointF(at)), Qt::NoButton, Qt::LeftButton, {});
    QCoreApplication::sendEvent(widget, &move);
  }
  if (release) QTest::mouseRelease(widget, Qt::LeftButton, {}, to);
}

QColor colour_at(const QImage& grabbed, const QPointF& place) {
  return grabbed.pixelColor((place * grabbed.devicePixelRatio()).toPoint());
}

QColor seen(QWidget* widget, const QPointF& place) { return colour_at(widget->grab().toImage(), place); }

bool near(const QColor& a, const QColor& b) {
  return std::abs(a.red() - b.red()) + std::abs(a.green() - b.green()) + std::abs(a.blue() - b.blue()) <= 6;
}

/// A grid of 1280 x 720 with the cells, all in view drawn.
struct Grid {
  CellGrid grid;
  explicit Grid(FakeCells& cells) {
    grid.resize(1280, 720);
    grid.setCells(&cells);
    grid.show();
    settle();
  }
  void settle() { QTRY_VERIFY_WITH_TIMEOUT(grid.settled() && !grid.visible().isEmpty(), 20000); }
  QImage grabbed() { return grid.viewport()->grab().toImage(); }
  /// A place in a cell's picture, in shares of it.
  QPointF in(int cell, double x, double y) const {
    const QRect box = grid.pictureRect(cell);
    return QPointF(box.x() + x * box.width(), box.y() + y * box.height());
  }
  QColor colour(int cell, double x, double y) { return colour_at(grabbed(), in(cell, x, y)); }
};

QVector<Cells::AxisWords> three_axes() {
  return {{"sampler", {"MGDM", "DPS", "DDRM"}}, {"steps", {"25", "50"}}, {"seed", {"1", "2", "3"}}};
}

struct Large {
  LargeView view;
  explicit Large(FakeCells& cells) {
    view.resize(800, 600);
    view.setCells(&cells);
    view.setCell(0);
    view.show();
  }
  /// In the picture that side shows, in shares of it.
  QPointF in(int side, double x, double y) const {
    const QRectF target = view.view().target(QSizeF(256, 256), view.pictureBox(side));
    return target.topLeft() + QPointF(x * target.width(), y * target.height());
  }
  QColor colour(double x, double y, int side = 0) { return seen(&view, in(side, x, y)); }
};

}  // namespace

class TestCompareViews : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase() { prepare(); }

  // ---- values ----

  void aViewKeepsWhatIsUnderThePointer() {
    const QSizeF picture(300, 200);
    const QRectF box(10, 20, 150, 150);
    LinkedView view;
    QCOMPARE(view.target(picture, box), QRectF(10, 45, 150, 100));
    const QPointF pointer(100, 90);
    const auto under = [&] {
      const QRectF t = view.target(picture, box);
      return QPointF((pointer.x() - t.x()) / t.width(), (pointer.y() - t.y()) / t.height());
    };
    view.zoomAt(pointer, 4, picture, box, 1, 32);
    const QPointF anchor = under();
    view.zoomAt(pointer, 1.5, picture, box, 1, 32);
    QVERIFY((under() - anchor).manhattanLength() < 1e-9);
    view.panBy({-10000, 10000}, picture, box);
    const QRectF target = view.target(picture, box);
    QVERIFY(target.contains(box) && qFuzzyCompare(target.right(), box.right()) && qFuzzyCompare(target.y(), box.y()));
    view.zoomAt(pointer, 1e9, picture, box, 1, 32);
    QVERIFY(std::abs(view.scale(picture, box) - 32) < 1e-9);
    view.zoomAt(pointer, 1e-9, picture, box, 1, 32);
    QCOMPARE(view.zoom, 1.0);  // the whole picture and no less: its own pixels are more than the box has
    view.toActualSize(picture, box, 2);
    QVERIFY(std::abs(view.scale(picture, box) - 0.5) < 1e-12);
  }

  void pixelsOfTheScreenAreUsedOneToOne() {
    QImage noise(64, 64, QImage::Format_RGB32);
    for (int y = 0; y < 64; ++y) {
      for (int x = 0; x < 64; ++x) noise.setPixel(x, y, qRgb((x * 91 + y * 57) % 256, (x * 13) % 256, (y * 199) % 256));
    }
    for (const double ratio : {1.0, 2.0}) {
      const QSizeF box(50, 40);
      LinkedView view;
      view.toActualSize(noise.size(), QRectF(QPointF(0, 0), box), ratio);
      const QImage drawn = picture_in_box(noise, view, box, ratio, Qt::black);
      QCOMPARE(drawn.size(), (box * ratio).toSize());
      QCOMPARE(drawn.devicePixelRatio(), ratio);
      const int x = (64 - drawn.width()) / 2, y = (64 - drawn.height()) / 2;  // its middle
      QVERIFY(drawn.pixel(30, 20) == noise.pixel(30 + x, 20 + y) && drawn.pixel(31, 37) == noise.pixel(31 + x, 37 + y));
    }
  }

  void aCellsAxesMove() {
    AxisPlacement p = default_placement(three_axes());
    QVERIFY(p.columns == 0 && p.rows == 1 && p.zone(2) == Zone::Tabs);
    p.move(2, Zone::Rows);
    QVERIFY(p.rows == 2 && p.zone(1) == Zone::Tabs && p.columns == 0);
    p.move(2, Zone::Columns);  // they change places
    QVERIFY(p.columns == 2 && p.rows == 0);
    p.move(0, Zone::Tabs);
    QVERIFY(p.rows == -1 && p.zone(0) == Zone::Tabs);
    p.values = {9, 9, 9};
    QCOMPARE(p.fitted(three_axes()).values, (QVector<int>{2, 1, 2}));
    QCOMPARE(default_placement({}).columns, -1);
  }

  void coloursAreEvenAndTellSigns() {
    const auto light = [](QRgb c) { return 0.2126 * qRed(c) + 0.7152 * qGreen(c) + 0.0722 * qBlue(c); };
    for (const ErrorMapDescription& d : error_maps()) {
      const ColorScale scale = scale_of(d.map);
      QCOMPARE(scale.kind == ColorScale::Kind::Diverging, d.map == ErrorMap::Signed);
      for (int i = 1; i <= 20; ++i) {
        QVERIFY(light(scale.colour(scale.peak * i / 20)) > light(scale.colour(scale.peak * (i - 1) / 20)));
        const QRgb below = scale.colour(-scale.peak * i / 20), above = scale.colour(scale.peak * i / 20);
        if (d.map == ErrorMap::Signed) {  // as bright, another hue
          QVERIFY(std::abs(light(below) - light(above)) < 0.12 * light(above) + 4);
          QVERIFY(qBlue(below) >= qRed(below) && qRed(above) >= qBlue(above));
        }
      }
      QCOMPARE(scale.colour(99), scale.colour(scale.peak));
      QVERIFY(scale.colour(std::nan("")) != scale.colour(0));
    }
    QVERIFY(scale_of(ErrorMap::Absolute).higher_occur && !scale_of(ErrorMap::Absolute, 1).higher_occur);
  }

  void theLegendShowsTheScale() {
    LegendBar legend;
    legend.resize(400, legend.sizeHint().height());
    for (const Theme theme : {Theme::Dark, Theme::Light}) {
      applyLook(*qApp, theme);
      for (const ErrorMap map : {ErrorMap::Signed, ErrorMap::Ssim}) {
        const ColorScale scale = scale_of(map);
        legend.setScale(scale);
        const QImage grabbed = legend.grab().toImage();
        const QRectF bar = legend.gradient();
        for (const double share : {0.1, 0.5, 0.9}) {
          const QColor colour = colour_at(grabbed, {bar.x() + share * bar.width(), bar.center().y()});
          QVERIFY(near(colour, QColor(scale.colour(scale.low() + share * (scale.peak - scale.low())))));
        }
        QVERIFY(legend.accessibleName().contains(scale.unit));
        // Ticks: the row below the gradient is not empty, and other peaks have other ones.
        const QRect row = bar.toRect().translated(0, qRound(bar.height()) + 8);
        legend.setScale(scale_of(map, scale.peak / 2));
        QVERIFY(grabbed.copy(row) != legend.grab().toImage().copy(row));
      }
    }
    applyLook(*qApp, Theme::Dark);
  }

  // ---- the grid ----

  void zoomAndPanAreLinked() {
    FakeCells cells({{"a", numbered(3)}, {"b", numbered(2)}});
    Grid g(cells);
    const QImage whole = g.grabbed();
    const QColor bright = colour_at(whole, g.in(3, 0.25, 0.25)), plain = colour_at(whole, g.in(3, 0.8, 0.8));
    QVERIFY(!near(bright, plain));
    QSignalSpy changed(&g.grid, &CellGrid::viewChanged);
    wheel(g.grid.viewport(), g.in(0, 0.1, 0.1), 5);
    QVERIFY(changed.count() == 1 && g.grid.view().zoom > 3);
    QVERIFY(near(g.colour(3, 0.8, 0.8), bright));  // while it moves
    g.settle();
    QVERIFY(near(g.colour(3, 0.8, 0.8), bright));
    drag(g.grid.viewport(), g.in(1, 0.9, 0.9).toPoint(), g.in(1, 0.1, 0.1).toPoint());
    drag(g.grid.viewport(), g.in(1, 0.9, 0.9).toPoint(), g.in(1, 0.1, 0.1).toPoint());
    QVERIFY(near(g.colour(3, 0.8, 0.8), plain));
    QTest::mouseDClick(g.grid.viewport(), Qt::LeftButton, {}, g.in(2, 0.5, 0.5).toPoint());
    g.settle();
    QCOMPARE(g.grid.view(), LinkedView());
    QVERIFY(near(g.colour(3, 0.25, 0.25), bright) && near(g.colour(3, 0.8, 0.8), plain));
  }

  void theWheelElsewhereScrollsAndWithControlResizes() {
    FakeCells cells({{"a", numbered(3)}, {"b", numbered(9)}});
    Grid g(cells);
    wheel(g.grid.viewport(), {3, 300}, -1);  // over the rows' names
    QVERIFY(g.grid.verticalScrollBar()->value() > 0);
    QCOMPARE(g.grid.view(), LinkedView());
    const int before = g.grid.cellSize();
    wheel(g.grid.viewport(), g.in(g.grid.visible().last(), 0.5, 0.1), -2, Qt::ControlModifier);
    QVERIFY(g.grid.cellSize() < before);
    QCOMPARE(g.grid.view(), LinkedView());
  }

  void onlyWhatIsInViewIsAskedFor() {
    FakeCells cells({{"a", numbered(10)}, {"b", numbered(20)}});
    QCOMPARE(cells.count(), 200);
    Grid g(cells);
    const int first = static_cast<int>(g.grid.visible().size());
    QVERIFY(first >= 12 && first < 40);
    QCOMPARE(cells.requests, first);
    g.settle();
    g.grabbed();
    QCOMPARE(cells.requests, first);  // painting asks for nothing
    // Zooming is drawn from what is there.
    wheel(g.grid.viewport(), g.in(0, 0.5, 0.5), 3);
    g.grabbed();
    g.settle();
    g.grid.fit();
    g.settle();
    QCOMPARE(cells.requests, first);
    // All of them once, bounded by the cap; back at the top they are still there.
    QSignalSpy visible(&g.grid, &CellGrid::visibleCells);
    for (int y = 0; y <= g.grid.verticalScrollBar()->maximum(); y += 200) {
      for (const int x : {0, g.grid.horizontalScrollBar()->maximum()}) {
        g.grid.verticalScrollBar()->setValue(y);
        g.grid.horizontalScrollBar()->setValue(x);
        g.settle();
      }
    }
    QVERIFY(!visible.isEmpty());
    QVERIFY2(cells.requests <= 200, qPrintable(QString::number(cells.requests)));
    QVERIFY(g.grid.cachedBytes() <= CellTiles::kCap);
  }

  // Told, not judged: machines differ. Every frame is painted from memory.
  void framesOfTwoHundredCells() {
    FakeCells cells({{"a", numbered(10)}, {"b", numbered(20)}});
    Grid g(cells);
    g.grid.setCellSize(150);
    g.settle();
    std::vector<double> times;
    const auto frame = [&] {
      g.grid.viewport()->repaint();
      times.push_back(g.grid.lastFrameMs());
    };
    const auto tell = [&](const char* what) {
      std::sort(times.begin(), times.end());
      qInfo() << what << "at ratio" << g.grid.devicePixelRatioF() << "median" << times[times.size() / 2]
              << "ms, longest" << times.back() << "ms of" << times.size();
      QVERIFY(times.size() > 5);
      times.clear();
    };
    for (int y = 0; y <= g.grid.verticalScrollBar()->maximum(); y += 40) {
      g.grid.verticalScrollBar()->setValue(y);
      frame();
    }
    tell("scrolling");
    g.settle();
    const int asked = cells.requests;
    for (int k = 0; k < 24; ++k) {
      wheel(g.grid.viewport(), g.in(g.grid.visible().first(), 0.4, 0.4), k < 12 ? 1 : -1);
      frame();
    }
    tell("zooming");
    QCOMPARE(cells.requests, asked);
  }

  void memoryIsBounded() {
    FakeCells cells({{"a", numbered(6)}, {"b", numbered(20)}});
    QImage large(2000, 1500, QImage::Format_RGB32);  // 12 MB each
    large.fill(Qt::darkCyan);
    cells.make = [&](int, Shown, int) { return large; };
    Grid g(cells);
    const int first = static_cast<int>(g.grid.visible().size());
    QVERIFY(first * large.sizeInBytes() > CellTiles::kCap);
    QCOMPARE(cells.requests, first);  // though they do not all stay
    QVERIFY(g.grid.cachedBytes() <= CellTiles::kCap && g.grid.cachedBytes() > 0);
    wheel(g.grid.viewport(), g.in(0, 0.5, 0.5), 3);
    g.settle();
    QVERIFY2(cells.requests <= 2 * first, qPrintable(QString::number(cells.requests)));  // once more each
    QVERIFY(g.grid.cachedBytes() <= CellTiles::kCap);
    const QImage grabbed = g.grabbed();
    int drawn = 0;
    for (const int cell : g.grid.visible()) {
      const QPoint place = g.in(cell, 0.1, 0.1).toPoint();
      if (!g.grid.viewport()->rect().contains(place)) continue;  // in view by less
      QVERIFY(near(colour_at(grabbed, place), Qt::darkCyan));
      ++drawn;
    }
    QVERIFY(drawn > first / 2);
  }

  void whatIsReadLaterComesLater() {
    FakeCells cells({{"a", numbered(4)}, {"b", numbered(2)}});
    cells.slow = true;
    Grid g(cells);
    const QColor last = FakeCells::plain(QColor::fromHsv(7 * 37 % 360, 200, 150)).pixelColor(200, 200);
    QTRY_VERIFY(near(g.colour(7, 0.8, 0.8), last));
    g.settle();
    QTest::qWait(50);
    QCOMPARE(cells.requests, 16);  // once too early, once when it was there
  }

  void whatIsNotThereIsAskedForAgainWhenItsCellIsDone() {
    FakeCells cells({{"a", numbered(3)}});
    cells[1].state = Cells::State::Waiting;
    cells.make = [&](int cell, Shown, int) {
      return cells.cell(cell).state == Cells::State::Done ? FakeCells::plain(Qt::darkRed) : QImage();
    };
    Grid g(cells);
    const int before = cells.requests;
    Q_EMIT cells.changed(2);  // Done, and heard of for the first time: asked for once more
    for (int i = 0; i < 5; ++i) {
      Q_EMIT cells.changed(2);
      g.settle();
    }
    QCOMPARE(cells.requests, before + 1);
    QVERIFY(!near(g.colour(1, 0.9, 0.9), Qt::darkRed));
    cells[1].state = Cells::State::Done;
    Q_EMIT cells.changed(1);
    g.settle();
    QVERIFY(near(g.colour(1, 0.9, 0.9), Qt::darkRed));
    QCOMPARE(cells.requests, before + 2);
  }

  void whatIsInViewIsToldInReadingOrder() {
    FakeCells cells({{"column", numbered(3)}, {"row", numbered(30)}}, [](const auto& at) { return at[0] == 1; });
    CellGrid grid;
    QSignalSpy visible(&grid, &CellGrid::visibleCells);
    grid.resize(1000, 600);
    grid.show();
    grid.setCells(&cells);
    QVERIFY(!visible.isEmpty());
    const auto told = visible.last().first().value<QVector<int>>();
    QCOMPARE(told.mid(0, 4),
             (QVector<int>{cells.find({0, 0}), cells.find({2, 0}), cells.find({0, 1}), cells.find({2, 1})}));
    QVERIFY(!told.contains(-1) && told.size() < 10);
    grid.verticalScrollBar()->setValue(grid.verticalScrollBar()->maximum());
    QCOMPARE(visible.last().first().value<QVector<int>>().last(), cells.find({2, 29}));
  }

  void arrowsWalkAlongTheAxes() {
    FakeCells cells(three_axes(), [](const auto& at) { return at[0] == 1 && at[1] == 0; });
    Grid g(cells);
    QSignalSpy placed(&g.grid, &CellGrid::placementChanged), opened(&g.grid, &CellGrid::opened);
    g.grid.setCurrent(cells.find({0, 0, 0}));
    QTest::keyClick(&g.grid, Qt::Key_Right);
    QCOMPARE(g.grid.current(), cells.find({2, 0, 0}));  // over the one that is skipped
    QTest::keyClick(&g.grid, Qt::Key_Down);
    QCOMPARE(g.grid.current(), cells.find({2, 1, 0}));
    QTest::keyClick(&g.grid, Qt::Key_Left);
    QCOMPARE(g.grid.current(), cells.find({1, 1, 0}));
    QTest::keyClick(&g.grid, Qt::Key_Up);  // there is none
    QCOMPARE(g.grid.current(), cells.find({1, 1, 0}));
    QTest::keyClick(&g.grid, Qt::Key_Home);
    QCOMPARE(g.grid.current(), cells.find({0, 1, 0}));
    QVERIFY(placed.isEmpty());
    QTest::keyClick(&g.grid, Qt::Key_PageDown);
    QCOMPARE(g.grid.current(), cells.find({0, 1, 1}));
    QCOMPARE(g.grid.placement().values.at(2), 1);
    QCOMPARE(placed.count(), 1);
    QTest::keyClick(&g.grid, Qt::Key_Return);
    QCOMPARE(opened.last().first().toInt(), cells.find({0, 1, 1}));
    QTest::keyClick(&g.grid, Qt::Key_2);
    QCOMPARE(opened.last().first().toInt(), cells.find({2, 0, 1}));
    QTest::keyClick(&g.grid, Qt::Key_9);  // so many are not in view
    QCOMPARE(opened.count(), 2);
    QTest::mouseClick(g.grid.viewport(), Qt::LeftButton, {}, g.in(cells.find({1, 1, 1}), 0.5, 0.5).toPoint());
    QCOMPARE(g.grid.current(), cells.find({1, 1, 1}));
    QTest::mouseClick(g.grid.viewport(), Qt::LeftButton, Qt::ControlModifier,
                      g.in(cells.find({2, 0, 1}), 0.5, 0.5).toPoint());
    QCOMPARE(g.grid.marked(), cells.find({2, 0, 1}));
    QCOMPARE(g.grid.current(), cells.find({1, 1, 1}));
  }

  void oneAxisGoesOnInTheNextLine() {
    FakeCells cells({{"seed", numbered(40)}});
    Grid g(cells);
    QCOMPARE(g.grid.horizontalScrollBar()->maximum(), 0);
    const QRect first = g.grid.pictureRect(0);
    int line = 1;
    while (g.grid.pictureRect(line).top() == first.top()) ++line;
    QVERIFY(line >= 4 && line < 8);
    QCOMPARE(g.grid.pictureRect(line).left(), first.left());
    QTest::keyClick(&g.grid, Qt::Key_Down);
    QCOMPARE(g.grid.current(), line);
    QTest::keyClick(&g.grid, Qt::Key_Right);
    QCOMPARE(g.grid.current(), line + 1);
    QTest::keyClick(&g.grid, Qt::Key_End);
    QCOMPARE(g.grid.current(), 39);
    QTest::keyClick(&g.grid, Qt::Key_Down);
    QCOMPARE(g.grid.current(), 39);
    g.grid.resize(700, 720);
    QCOMPARE(g.grid.pictureRect(2).left(), first.left());
    QVERIFY(g.grid.pictureRect(39).isValid() && !g.grid.visible().contains(-1));
  }

  void statesAreSeen() {
    FakeCells cells({{"a", numbered(4)}});
    cells[1].state = Cells::State::Failed;
    cells[1].error = "not a number at step 14: the step size 100 is too large";
    cells[2].state = Cells::State::Running;
    cells[2].share = 0.4;
    cells[3].state = Cells::State::Waiting;
    cells.make = [](int cell, Shown, int) { return cell == 3 ? QImage() : FakeCells::plain(Qt::darkYellow); };
    Grid g(cells);
    const QImage before = g.grabbed();
    QVERIFY(!near(colour_at(before, g.in(1, 0.05, 0.95)),
                  colour_at(before, g.in(0, 0.05, 0.95))));  // no picture of a failed one
    QVERIFY(colour_at(before, g.in(1, 0.05, 0.95)).red() > colour_at(before, g.in(1, 0.05, 0.95)).blue() + 10);
    const QColor highlight = g.grid.palette().color(QPalette::Highlight);
    QVERIFY(near(colour_at(before, g.in(2, 0.2, 0.99)), highlight) &&
            !near(colour_at(before, g.in(2, 0.6, 0.99)), highlight));
    g.grid.setCurrent(1);
    QVERIFY(g.grid.accessibleName().contains(cells[1].error));
    // The sentence is written in the cell.
    g.grid.setCurrent(0);
    cells[1].error = "";
    Q_EMIT cells.changed(1);
    const QImage after = g.grabbed();
    const QRect box = g.grid.pictureRect(1).adjusted(4, 4, -4, -4);
    QVERIFY(before.copy(box) != after.copy(box));
    QCOMPARE(before.copy(g.grid.pictureRect(3)), after.copy(g.grid.pictureRect(3)));
  }

  void theBestIsMarked() {
    FakeCells cells({{"a", numbered(4)}, {"seed", numbered(2)}, {"tab", numbered(2)}});
    for (int i = 0; i < cells.count(); ++i)
      cells[i].figures = {{"psnr", 20 + i}, {"gmsd", 0.1 * (i + 1)}, {"seconds", i}};
    cells[cells.find({3, 1, 0})].state = Cells::State::Running;  // may still change
    Grid g(cells);
    QCOMPARE(g.grid.best(), -1);
    g.grid.setFigure("psnr");
    QCOMPARE(g.grid.best(), cells.find({3, 0, 0}));
    const int best = g.grid.best(), other = cells.find({1, 0, 0});
    const auto caption = [&](int cell) {  // wide enough for the star
      const QRect box = g.grid.pictureRect(cell);
      return g.grabbed().copy(box.left(), box.bottom() + 4, 14, 14);
    };
    const QImage marked = caption(best);
    QVERIFY(marked != caption(other));
    g.grid.setCurrent(best);
    QVERIFY(g.grid.accessibleName().contains("PSNR 32.00 dB") && g.grid.accessibleName().contains("best"));
    QVERIFY(g.grid.accessibleName().contains("seed 1"));
    g.grid.setFigure("gmsd");
    QCOMPARE(g.grid.best(), cells.find({0, 0, 0}));
    QVERIFY(caption(best) != marked);
    g.grid.setFigure("seconds");  // little time is not much quality
    QCOMPARE(g.grid.best(), -1);
    g.grid.setFigure("psnr");
    AxisPlacement placement = g.grid.placement();
    placement.values[2] = 1;
    g.grid.setPlacement(placement);
    QCOMPARE(g.grid.best(), cells.find({3, 1, 1}));
    QCOMPARE(g.grid.current(), cells.find({3, 0, 1}));  // at the same place of the other tab
  }

  void keysThatAreHeldShowOthers() {
    FakeCells cells({{"a", numbered(3)}, {"b", numbered(2)}});
    QWidget window;
    auto* grid = new CellGrid(&window);
    auto* next = new QPushButton("next", &window);
    window.resize(900, 620);
    grid->resize(900, 560);
    next->move(0, 570);
    grid->setCells(&cells);
    window.show();
    const auto colour = [&](int cell) {
      const QRect box = grid->pictureRect(cell);
      return seen(grid->viewport(), box.bottomRight() - QPoint(20, 20));
    };
    const QColor result = FakeCells::plain(QColor::fromHsv(2 * 37, 200, 150)).pixelColor(200, 200);
    QTRY_VERIFY(near(colour(2), result));
    QTest::keyPress(grid, Qt::Key_Shift);
    QTRY_VERIFY(near(colour(2), Qt::darkGreen));
    QTest::keyRelease(grid, Qt::Key_Shift);
    QTRY_VERIFY(near(colour(2), result));
    for (const Qt::Key key : {Qt::Key_O, Qt::Key_Tab}) {
      QTest::keyPress(grid, key);
      QTRY_VERIFY(near(colour(2), Qt::blue));
      QTest::qWait(300);  // longer than a tap
      QTest::keyRelease(grid, key);
      QTRY_VERIFY(near(colour(2), result));
    }
    window.activateWindow();
    grid->setFocus();
    QTRY_VERIFY(grid->hasFocus());
    QTest::keyClick(grid, Qt::Key_Tab);  // a tap goes on, as everywhere
    QVERIFY(next->hasFocus());
    QVERIFY(near(colour(2), result));
  }

  void theIteratesAreLinked() {
    FakeCells cells({{"a", numbered(2)}});
    cells[0].iterates = 11;
    cells[1].iterates = 3;
    Grid g(cells);
    const auto of = [](int cell, int iterate) {
      return FakeCells::plain(QColor::fromHsv(cell * 37, 200, iterate < 0 ? 150 : 40 + 10 * iterate))
          .pixelColor(9, 200);
    };
    g.grid.setIterate(500);
    g.settle();
    QVERIFY(near(g.colour(0, 0.1, 0.8), of(0, 5)) && near(g.colour(1, 0.1, 0.8), of(1, 1)));
    g.grid.setIterate(1000);
    g.settle();
    QVERIFY(near(g.colour(0, 0.1, 0.8), of(0, 10)) && near(g.colour(1, 0.1, 0.8), of(1, 2)));
    g.grid.setIterate(-1);
    g.settle();
    QVERIFY(near(g.colour(0, 0.1, 0.8), of(0, -1)));
    const int before = cells.requests;  // it was shown before
    g.grid.setIterate(500);
    g.settle();
    QCOMPARE(cells.requests, before);
    Shown asked = Shown::Result;
    cells.make = [&](int, Shown shown, int iterate) {
      asked = shown;
      return iterate < 0 ? FakeCells::plain(Qt::red) : QImage();  // the spread of all samples has no iterates
    };
    g.grid.setShown(Shown::Spread);
    g.settle();
    QVERIFY(asked == Shown::Spread && near(g.colour(1, 0.1, 0.8), Qt::red));
  }

  // ---- the bar of the axes ----

  void aChipIsDragged() {
    FakeCells cells(three_axes());
    QWidget window;
    auto* line = new QVBoxLayout(&window);
    auto* bar = new AxisBar;
    auto* grid = new CellGrid;
    line->addWidget(bar);
    line->addWidget(grid, 1);
    connect(bar, &AxisBar::placementChanged, grid, &CellGrid::setPlacement);
    connect(grid, &CellGrid::placementChanged, bar, &AxisBar::setPlacement);
    window.resize(1000, 600);
    bar->setAxes(cells.axes());
    grid->setCells(&cells);
    window.show();
    QSignalSpy placed(bar, &AxisBar::placementChanged);
    const auto drop = [&](int axis, const QWidget* on, bool release = true) {
      QWidget* chip = bar->chip(axis);
      drag(chip, chip->rect().center(), chip->mapFromGlobal(on->mapToGlobal(on->rect().center())), release);
    };
    QVERIFY(bar->tabs(2) != nullptr && bar->tabs(0) == nullptr);
    drop(2, bar->zone(Zone::Rows));
    QCOMPARE(placed.count(), 1);
    QVERIFY(bar->placement().rows == 2 && bar->placement().zone(1) == Zone::Tabs);
    QCOMPARE(grid->placement(), bar->placement());
    QVERIFY(bar->zone(Zone::Rows)->isAncestorOf(bar->chip(2)));
    QVERIFY(bar->tabs(1) != nullptr && bar->tabs(2) == nullptr);
    drop(2, grid);  // nowhere
    QCOMPARE(placed.count(), 1);
    drop(2, bar->zone(Zone::Columns), false);
    QTest::keyClick(bar->chip(2), Qt::Key_Escape);  // thought better of
    QTest::mouseRelease(bar->chip(2), Qt::LeftButton);
    QCOMPARE(placed.count(), 1);
    QVERIFY(window.findChildren<QMenu*>().isEmpty());
    // A tab that is chosen is what the grid shows.
    QTest::mouseClick(bar->tabs(1), Qt::LeftButton, {}, bar->tabs(1)->tabRect(1).center());
    QCOMPARE(placed.count(), 2);
    QVERIFY(grid->visible().contains(cells.find({0, 1, 0})) && !grid->visible().contains(cells.find({0, 0, 0})));
    // And where the grid goes, the tab follows.
    grid->setCurrent(cells.find({1, 0, 2}));
    QCOMPARE(bar->tabs(1)->currentIndex(), 0);
  }

  void axesMoveWithKeysAndMenu() {
    AxisBar bar;
    bar.resize(1000, 60);
    bar.setAxes(three_axes());
    bar.show();
    QTest::keyClick(bar.chip(1), Qt::Key_Right, Qt::ControlModifier);
    QVERIFY(bar.placement().columns == 1 && bar.placement().rows == 0);
    QTest::keyClick(bar.chip(1), Qt::Key_Right, Qt::ControlModifier);
    QVERIFY(bar.placement().zone(1) == Zone::Tabs && bar.placement().columns == -1);
    QTest::keyClick(bar.chip(2), Qt::Key_Space);
    auto* menu = bar.findChild<QMenu*>();
    QVERIFY(menu != nullptr && menu->actions().size() == 3);
    menu->actions().at(1)->trigger();
    QCOMPARE(bar.placement().columns, 2);
    menu->close();
  }

  // ---- one cell large ----

  void theSliderDividesTwo() {
    FakeCells cells({{"a", numbered(3)}});
    cells.make = [](int cell, Shown, int) { return FakeCells::plain(cell == 0 ? Qt::darkRed : Qt::darkBlue); };
    Large l(cells);
    l.view.setOther(1);
    QVERIFY(near(l.colour(0.9, 0.9), Qt::darkRed));
    l.view.setMode(LargeView::Mode::Slider);
    QVERIFY(near(l.colour(0.1, 0.9), Qt::darkRed) && near(l.colour(0.9, 0.9), Qt::darkBlue));
    const QPoint middle(l.view.width() / 2, l.view.height() / 2);
    drag(&l.view, middle, l.in(0, 0.95, 0.5).toPoint());
    QVERIFY(l.view.split() > 0.7);
    QVERIFY(near(l.colour(0.9, 0.9), Qt::darkRed));
    QCOMPARE(l.view.view(), LinkedView());  // it did not pan
    QVERIFY(l.view.title(0).contains(cells[0].label) && l.view.title(1).contains(cells[1].label));
    l.view.setOther(-1);  // then the reference is the other
    drag(&l.view, QPoint(qRound(l.view.split() * l.view.width()), 300), middle);
    QVERIFY(near(l.colour(0.9, 0.9), Qt::darkGreen));
    cells.no_reference = true;
    l.view.setOther(-1);
    QVERIFY(near(l.colour(0.9, 0.9), Qt::darkRed));
  }

  void sideBySideIsLinked() {
    FakeCells cells({{"a", numbered(3)}});
    cells.make = [](int cell, Shown, int) { return FakeCells::plain(cell == 0 ? Qt::darkRed : Qt::darkBlue); };
    Large l(cells);
    l.view.setOther(1);
    l.view.setMode(LargeView::Mode::SideBySide);
    QVERIFY(near(l.colour(0.9, 0.9, 0), Qt::darkRed) && near(l.colour(0.9, 0.9, 1), Qt::darkBlue));
    const QPointF right = l.view.pictureBox(1).center() + QPointF(100, 100);
    QVERIFY(near(seen(&l.view, right), Qt::darkBlue));
    wheel(&l.view, l.in(0, 0.1, 0.1), 6);  // over the left one
    QVERIFY(near(seen(&l.view, right), QColor(Qt::darkBlue).lighter(160)));
    QTest::mouseDClick(&l.view, Qt::LeftButton, {}, QPoint(100, 300));
    QVERIFY(near(seen(&l.view, right), Qt::darkBlue));
  }

  void flippingGoesBackAndForth() {
    FakeCells cells({{"a", numbered(3)}});
    cells.make = [](int cell, Shown, int) { return FakeCells::plain(cell == 0 ? Qt::darkRed : Qt::darkBlue); };
    Large l(cells);
    l.view.setOther(1);
    l.view.setFlipInterval(100);
    l.view.setMode(LargeView::Mode::SideBySide);
    QSignalSpy mode(&l.view, &LargeView::modeChanged);
    QTest::keyClick(&l.view, Qt::Key_F);
    QVERIFY(l.view.mode() == LargeView::Mode::Flip && mode.count() == 1);
    for (int i = 0; i < 2; ++i) {
      QTRY_VERIFY(l.view.otherSeen());
      QVERIFY(near(l.colour(0.9, 0.9), Qt::darkBlue));
      QTRY_VERIFY(!l.view.otherSeen());
      QVERIFY(near(l.colour(0.9, 0.9), Qt::darkRed));
    }
    QTest::keyClick(&l.view, Qt::Key_F);
    QVERIFY(l.view.mode() == LargeView::Mode::SideBySide && !l.view.otherSeen());
    l.view.setFlipInterval(1);
    QCOMPARE(l.view.flipInterval(), 100);  // no faster: flicker does harm
  }

  void heldKeysShowReferenceAndOriginal() {
    FakeCells cells({{"a", numbered(3)}});
    cells.make = [](int, Shown, int) { return FakeCells::plain(Qt::darkRed); };
    Large l(cells);
    const QString name = l.view.title(0);
    QTest::keyPress(&l.view, Qt::Key_Shift);
    QVERIFY(near(l.colour(0.9, 0.9), Qt::darkGreen) && l.view.title(0) != name);
    QTest::keyRelease(&l.view, Qt::Key_Shift);
    QVERIFY(near(l.colour(0.9, 0.9), Qt::darkRed) && l.view.title(0) == name);
    for (const Qt::Key key : {Qt::Key_Tab, Qt::Key_O}) {
      QTest::keyPress(&l.view, key);
      QVERIFY(near(l.colour(0.9, 0.9), Qt::blue));
      QTest::keyRelease(&l.view, key);
      QVERIFY(near(l.colour(0.9, 0.9), Qt::darkRed));
    }
    QTest::keyPress(&l.view, Qt::Key_Shift);
    QFocusEvent out(QEvent::FocusOut);  // a key that is let go elsewhere is let go
    QCoreApplication::sendEvent(&l.view, &out);
    QVERIFY(near(l.colour(0.9, 0.9), Qt::darkRed));
  }

  void errorsHaveColoursAndALegend() {
    FakeCells cells({{"a", numbered(3)}});
    const auto grey = [](int level) {
      QImage image(256, 256, QImage::Format_RGB32);
      image.fill(QColor(level, level, level));
      return image;
    };
    cells.make = [&](int cell, Shown, int) { return grey(cell == 0 ? 100 : 160); };
    cells.make_reference = [&] { return grey(130); };
    Large l(cells);
    QVERIFY(l.view.legend()->isHidden());
    l.view.setErrorMap(ErrorMap::Signed);
    l.view.setShown(Shown::Error);
    QVERIFY(l.view.legend()->isVisible());
    const auto is = [&](ErrorMap map, double value, double peak = 0) {
      return near(l.colour(0.5, 0.5), QColor(scale_of(map, peak).colour(value)));
    };
    QTRY_VERIFY(is(ErrorMap::Signed, -30 / 255.0));
    QVERIFY(l.view.legend()->scale().kind == ColorScale::Kind::Diverging);
    l.view.setErrorMap(ErrorMap::Absolute);
    QTRY_VERIFY(is(ErrorMap::Absolute, 30 / 255.0));
    QVERIFY(l.view.legend()->scale().kind == ColorScale::Kind::Sequential);
    l.view.setErrorPeak(0.9);
    QTRY_VERIFY(is(ErrorMap::Absolute, 30 / 255.0, 0.9));
    QCOMPARE(l.view.legend()->scale().peak, 0.9);
    l.view.setErrorPeak(0);
    // Against the other cell.
    l.view.setOther(1);
    l.view.setMode(LargeView::Mode::Slider);
    l.view.setErrorMap(ErrorMap::Signed);
    l.view.setAgainst(LargeView::Against::Other);
    QTRY_VERIFY(is(ErrorMap::Signed, -60 / 255.0));
    QVERIFY(l.view.title(0).contains(cells[1].label) && l.view.title(1).isEmpty());
    // Two maps against the reference.
    l.view.setAgainst(LargeView::Against::Reference);
    QTRY_VERIFY(near(l.colour(0.9, 0.5), QColor(scale_of(ErrorMap::Signed).colour(30 / 255.0))));
    QTRY_VERIFY(near(l.colour(0.1, 0.5), QColor(scale_of(ErrorMap::Signed).colour(-30 / 255.0))));
    // A map that is measured anew when the picture is another.
    l.view.setMode(LargeView::Mode::Single);
    cells.make = [&](int, Shown, int) { return grey(150); };
    Q_EMIT cells.pictureChanged(0);
    QTRY_VERIFY(is(ErrorMap::Signed, 20 / 255.0));
    l.view.setShown(Shown::Residual);
    QVERIFY(l.view.legend()->isVisible() && l.view.legend()->scale().peak == residual_scale().peak);
    l.view.setShown(Shown::Result);
    QVERIFY(l.view.legend()->isHidden());
    cells.no_reference = true;
    l.view.setShown(Shown::Error);
    QVERIFY(!is(ErrorMap::Signed, 20 / 255.0));
  }

  void pixelsTellTheirValues() {
    FakeCells cells({{"a", numbered(2)}});
    cells.make = [](int, Shown, int) { return FakeCells::plain(Qt::darkRed); };
    Large l(cells);
    const auto uniform = [&](double units) {
      LinkedView view;
      view.centre = {0.75, 0.75};
      view.zoom = units / view.scale({256, 256}, l.view.pictureBox(0));
      l.view.setView(view);
      const QImage grabbed = l.view.grab().toImage().copy(300, 300, 60, 60);
      for (int y = 0; y < grabbed.height(); ++y) {
        for (int x = 0; x < grabbed.width(); ++x) {
          if (grabbed.pixel(x, y) != grabbed.pixel(0, 0)) return false;
        }
      }
      return true;
    };
    QVERIFY(uniform(23));
    QVERIFY(!uniform(25));
  }

  void theLargeViewAsksForOthers() {
    FakeCells cells({{"a", numbered(3)}});
    cells[2].state = Cells::State::Failed;
    cells[2].error = "out of memory";
    Large l(cells);
    QSignalSpy walk(&l.view, &LargeView::walkWanted), closed(&l.view, &LargeView::closed),
        number(&l.view, &LargeView::numberWanted);
    QTest::keyClick(&l.view, Qt::Key_Right);
    QCOMPARE(walk.last(), (QVariantList{1, 0, 0}));
    QTest::keyClick(&l.view, Qt::Key_Up);
    QCOMPARE(walk.last(), (QVariantList{0, -1, 0}));
    QTest::keyClick(&l.view, Qt::Key_PageDown);
    QCOMPARE(walk.last(), (QVariantList{0, 0, 1}));
    QTest::keyClick(&l.view, Qt::Key_7);
    QCOMPARE(number.last(), (QVariantList{7}));
    QTest::keyClick(&l.view, Qt::Key_Escape);
    QCOMPARE(closed.count(), 1);
    l.view.setFigure("psnr");
    cells[1].figures = {{"psnr", 27.5}};
    l.view.setCell(1);
    QVERIFY(l.view.title(0).contains("27.50 dB") && l.view.accessibleName().contains("27.50 dB"));
    const QImage before = l.view.grab().toImage();
    l.view.setCell(2);
    QVERIFY(l.view.grab().toImage() != before);
    Q_EMIT cells.reset();
    QCOMPARE(l.view.cell(), -1);
  }

  void cellsThatGoAreGone() {
    auto cells = std::make_unique<FakeCells>(three_axes());
    Grid g(*cells);
    Large l(*cells);
    cells.reset();
    QVERIFY(g.grid.visible().isEmpty() && g.grid.current() == -1);
    QTest::keyClick(&g.grid, Qt::Key_Right);
    QTest::keyPress(&l.view, Qt::Key_Shift);
    g.grabbed();
    l.view.grab();
    QCOMPARE(l.view.cell(), -1);
  }
};

QTEST_MAIN(TestCompareViews)
#include "tst_compare_views.moc"
