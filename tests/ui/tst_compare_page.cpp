// The page for comparing, with real events, a tiny model on the disk and a small photo.
#include <ATen/ATen.h>

#include <QAbstractItemModel>
#include <QAction>
#include <QCheckBox>
#include <QLineEdit>
#include <QSlider>
#include <QTableView>
#include <QToolButton>
#include <QtTest>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/checkpoints/safetensors.h"
#include "core/media/image_file.h"
#include "core/priors/denoising_unet_file.h"
#include "tests/fixtures.h"
#include "tests/ui/studio_fixture.h"
#include "ui/compare/axes_panel.h"
#include "ui/compare/blind_view.h"
#include "ui/compare/cell_grid.h"
#include "ui/compare/cell_table.h"
#include "ui/compare/compare_page.h"
#include "ui/compare/curve_plot.h"
#include "ui/compare/ear_bar.h"
#include "ui/compare/large_view.h"
#include "ui/compare/race_view.h"
#include "ui/compare/store_cells.h"

using namespace mgdm;
using namespace mgdm::ui;
using namespace mgdm::ui::fixture;
using nlohmann::json;

namespace {

constexpr int kWait = 60000;

struct Comparing {
  MainWindow window;
  ComparePage* page = window.comparePage();
  Comparing() {
    QDir(ComparePage::resultsFolder()).removeRecursively();
    window.resize(1200, 800);
    window.show();
    (void)QTest::qWaitForWindowExposed(&window);
    window.showPage(page);
  }
  StoreCells* cells() const { return page->cells(); }
  template <typename T>
  T* find(const char* name) {
    return window.findChild<T*>(QString::fromLatin1(name));
  }
  int done() const {
    int count = 0;
    for (int k = 0; k < cells()->count(); ++k) count += cells()->cell(k).state == Cells::State::Done ? 1 : 0;
    return count;
  }
  bool open(const json& spec, int cells_wanted) {
    page->openSpec(parse_spec(spec, "/"));
    return QTest::qWaitFor(
        [&] { return cells()->count() == cells_wanted && find<QPushButton>("compare_run")->isEnabled(); }, kWait);
  }
  bool run() {
    QTest::mouseClick(find<QPushButton>("compare_run"), Qt::LeftButton);
    return QTest::qWaitFor([&] { return done() == cells()->count() && !page->runs()->busy(); }, kWait);
  }
  QString told() { return find<QLabel>("compare_cells")->text(); }
};

}  // namespace

class TestComparePage : public QObject {
  Q_OBJECT
  QTemporaryDir dir_;
  std::string path(const char* name) const {
    return (std::filesystem::path(dir_.path().toStdString()) / name).string();
  }

  json spec(int steps = 6) const {
    return {{"base",
             {{"photo", path("photo.png")},
              {"prior", path("tiny.safetensors")},
              {"task", "denoising"},
              {"sampler", "mgdm"},
              {"preset", ""},
              {"steps", steps},
              {"denoising_steps", 2},
              {"gradient_steps", 1}}},
            {"axes", {{{"key", "gibbs"}, {"values", {1, 2}}}, {{"key", "seed"}, {"values", {1, 2, 3}}}}}};
  }

 private Q_SLOTS:
  void initTestCase() {
    prepare();
    save_denoising_unet(path("tiny.safetensors"), *test::tiny_network());
    write_image(path("photo.png"), to_pixels(test::test_photo()));
  }

  void cellsFillAndAreMeasured() {
    Comparing s;
    QVERIFY(s.open(spec(), 6));
    QVERIFY2(s.told().contains("6"), qPrintable(s.told()));
    QCOMPARE(s.cells()->axes()[1].name, QString("Seed"));
    QSignalSpy shown(s.cells(), &Cells::pictureChanged);
    QVERIFY(s.run());
    QVERIFY(shown.count() > 6);  // iterates were seen on the way
    QTRY_VERIFY(!s.cells()->picture(0, Shown::Result).isNull());
    QCOMPARE(s.cells()->picture(0, Shown::Result).size(), QSize(80, 64));
    QTRY_VERIFY(!s.cells()->picture(0, Shown::Residual).isNull());
    QTRY_VERIFY(!s.cells()->picture(0, Shown::Error).isNull());
    QTRY_VERIFY(!s.cells()->reference(5).isNull());
    QVERIFY(s.cells()->cell(0).figures.count("psnr") == 1);
    QVERIFY(s.cells()->cell(0).iterates > 2);
    // Two repetitions cost more than one.
    const auto evaluations = [&](int cell) { return s.cells()->cell(cell).figures.at("evaluations"); };
    QVERIFY(evaluations(3) > evaluations(0));
    const auto* table = s.page->table();
    QCOMPARE(table->model()->rowCount(), 6);
  }

  void whatIsTypedMakesTheCells() {
    Comparing s;
    QVERIFY(s.open(spec(), 6));
    auto* seeds = s.find<QLineEdit>("axis_values_seed");
    seeds->setFocus();
    seeds->selectAll();
    QTest::keyClicks(seeds, "1..4");
    QTRY_COMPARE_WITH_TIMEOUT(s.cells()->count(), 8, kWait);
    seeds->selectAll();
    QTest::keyClicks(seeds, "4..1");
    QTRY_VERIFY_WITH_TIMEOUT(s.told().contains("4..1"), kWait);
    QVERIFY(!s.find<QPushButton>("compare_run")->isEnabled());
    QCOMPARE(s.cells()->count(), 8);  // nothing that was there is gone
    // A sampler without Gibbs repetitions cannot be in this grid.
    seeds->selectAll();
    QTest::keyClicks(seeds, "1");
    s.page->panel()->addAxis("sampler");
    auto* samplers = s.find<QLineEdit>("axis_values_sampler");
    samplers->selectAll();
    QTest::keyClicks(samplers, "mgdm, ddim");
    QTRY_VERIFY_WITH_TIMEOUT(s.told().contains("sampler ddim"), kWait);
    QVERIFY(!s.find<QPushButton>("compare_run")->isEnabled());
    QTest::mouseClick(s.find<QCheckBox>("skip_impossible"), Qt::LeftButton, {}, QPoint(8, 8));
    QTRY_VERIFY_WITH_TIMEOUT(!s.told().contains("sampler ddim"), kWait);
    QTRY_COMPARE_WITH_TIMEOUT(s.cells()->count(), 2, kWait);
  }

  void aStoppedComparisonGoesOn() {
    Comparing s;
    QVERIFY(s.open(spec(80), 6));
    QTest::mouseClick(s.find<QPushButton>("compare_run"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(s.done() >= 1, kWait);
    QTest::mouseClick(s.find<QPushButton>("compare_stop"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(!s.page->runs()->busy(), kWait);
    const int before = s.done();
    QVERIFY(before < 6);
    QSignalSpy begun(s.page->runs(), &CompareRuns::begun);
    QVERIFY(s.run());
    QCOMPARE(begun.count(), 6 - before);
  }

  void theLastComparisonIsThereAgain() {
    {
      Comparing s;
      QVERIFY(s.open(spec(), 6));
      QVERIFY(s.run());
    }
    MainWindow again;
    again.show();
    again.showPage(again.comparePage());
    QTRY_COMPARE(again.comparePage()->cells()->count(), 6);
    QTRY_COMPARE_WITH_TIMEOUT(again.comparePage()->cells()->cell(5).state, Cells::State::Done, kWait);
  }

  void aFolderThatOthersFillGoesOnFilling() {
    const CompareSpec parsed = parse_spec(spec(), "/");
    const auto cells = cells_of(parsed);
    const std::string folder = path("cluster");
    sweep(cells, parsed, CellStore(folder), {.shard = {1, 2}});
    Comparing s;
    s.page->open(QString::fromStdString(folder));
    QTRY_COMPARE_WITH_TIMEOUT(s.done(), 3, kWait);
    std::thread other([&] { sweep(cells, parsed, CellStore(folder), {.shard = {2, 2}}); });
    QTRY_COMPARE_WITH_TIMEOUT(s.done(), 6, kWait);
    other.join();
  }

  void aCellThatFailsSaysWhy() {
    std::filesystem::copy_file(path("photo.png"), path("gone.png"));
    Comparing s;
    json with = spec();
    with["axes"] = {{{"key", "photo"}, {"values", {path("gone.png"), path("photo.png")}}}};
    QVERIFY(s.open(with, 2));
    std::filesystem::remove(path("gone.png"));
    QTest::mouseClick(s.find<QPushButton>("compare_run"), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(s.cells()->cell(1).state, Cells::State::Done, kWait);
    QTRY_COMPARE_WITH_TIMEOUT(s.cells()->cell(0).state, Cells::State::Failed, kWait);
    QVERIFY2(s.cells()->cell(0).error.contains("gone.png"), qPrintable(s.cells()->cell(0).error));
  }

  void viewsFollowEachOther() {
    Comparing s;
    QVERIFY(s.open(spec(), 6));
    QVERIFY(s.run());
    QTest::keyClick(&s.window, Qt::Key_G);
    s.page->grid()->setFocus();
    QTest::keyClick(s.page->grid()->viewport(), Qt::Key_Right);
    const int current = s.page->grid()->current();
    QVERIFY(current > 0);
    QCOMPARE(s.page->table()->current(), current);
    QCOMPARE(s.page->large()->cell(), current);
    QTest::keyClick(&s.window, Qt::Key_L);
    QCOMPARE(s.page->view(), ComparePage::Large);
    QTest::mouseClick(s.find<QToolButton>("large_side"), Qt::LeftButton);
    QCOMPARE(s.page->large()->mode(), LargeView::Mode::SideBySide);
    QTest::keyClick(&s.window, Qt::Key_Escape);
    QCOMPARE(s.page->view(), ComparePage::Grid);
    QTest::keyClick(&s.window, Qt::Key_T);
    QCOMPARE(s.page->view(), ComparePage::Table);
    QTest::mouseClick(s.find<QToolButton>("show_compare_plot"), Qt::LeftButton);
    QCOMPARE(s.page->view(), ComparePage::Plot);
  }

  void aCellsSettingsAreUsed() {
    Comparing s;
    QVERIFY(s.open(spec(), 6));
    QSignalSpy wanted(s.page, &ComparePage::settingsWanted);
    s.page->grid()->setCurrent(4);
    s.window.findChild<QAction*>("compare_use")->trigger();
    QCOMPARE(wanted.count(), 1);
    QCOMPARE(wanted[0][0].toString(), QString("photo"));
  }

  // By turns: neither is ahead by more than one iterate.
  void aRaceIsFair() {
    Comparing s;
    json with = spec(20);
    with["axes"] = {{{"key", "sampler"}, {"values", {"mgdm", "dps"}}}};
    with["base"].erase("denoising_steps");
    with["base"].erase("gradient_steps");
    QVERIFY(s.open(with, 2));
    QTest::keyClick(&s.window, Qt::Key_R);
    QCOMPARE(s.page->race()->first(), 0);
    QCOMPARE(s.page->race()->second(), 1);
    std::array<double, 2> at{0, 0};
    double ahead = 0, largest = 0;
    bool both = true;  // one that has ended waits for nobody
    connect(s.page->runs(), &CompareRuns::iterate, this, [&](int cell, const LiveCell& live) {
      const double evaluations = live.figures.at("evaluations");
      largest = std::max(largest, evaluations - at[static_cast<size_t>(cell)]);
      at[static_cast<size_t>(cell)] = evaluations;
      if (both && at[0] > 0 && at[1] > 0) ahead = std::max(ahead, std::abs(at[0] - at[1]));
      both = both && live.share < 1;
    });
    QTest::mouseClick(s.find<QPushButton>("race_start"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(s.page->race()->residuals()->points(0) > 3 && s.page->race()->residuals()->points(1) > 3,
                             kWait);
    QTRY_VERIFY_WITH_TIMEOUT(s.done() == 2 && !s.page->runs()->busy(), kWait);
    QVERIFY(s.page->race()->qualities()->points(0) > 3);
    QVERIFY2(ahead <= largest, qPrintable(QString("%1 evaluations ahead, %2 a step").arg(ahead).arg(largest)));
  }

  void foreignPicturesAreMeasured() {
    std::filesystem::create_directories(path("others"));
    for (const double factor : {1.0, 0.9, 0.5}) {
      write_image(path(("others/" + std::to_string(factor) + ".png").c_str()),
                  (read_image(path("photo.png")).to(at::kFloat) * factor).to(at::kByte));
    }
    Comparing s;
    s.page->openPictures(QString::fromStdString(path("others")), QString::fromStdString(path("photo.png")));
    QTRY_COMPARE_WITH_TIMEOUT(s.cells()->count(), 3, kWait);
    QTRY_COMPARE_WITH_TIMEOUT(s.done(), 3, kWait);
    QVERIFY(s.cells()->cell(0).figures.at("psnr") < s.cells()->cell(1).figures.at("psnr"));
  }

  void songsShareOneTransport() {
    at::Tensor stems = at::zeros({4, 22050 * 2}, at::kShort);
    for (int k = 0; k < 4; ++k)
      stems[k] = (at::sin(at::arange(22050 * 2) * (0.02 * (k + 1))) * 3000 * (k + 1)).to(at::kShort);
    write_safetensors(path("song.safetensors"), {{{"stems", stems}}, {}});
    Comparing s;
    QVERIFY(s.open({{"base", {{"song", path("song.safetensors")}}},
                    {"axes", {{{"key", "classical"}, {"values", {"harmonic_percussive", "mix", "ratio_mask"}}}}}},
                   3));
    QVERIFY(s.run());
    QVERIFY(s.cells()->cell(2).figures.at("si_sdr_improvement") > s.cells()->cell(1).figures.at("si_sdr_improvement"));
    QTRY_VERIFY(!s.cells()->picture(0, Shown::Result).isNull());  // its spectrograms
    auto* play = s.find<QToolButton>("ear_play");
    QVERIFY(play->isVisible());
    QTRY_VERIFY(play->isEnabled());
    QTest::mouseClick(play, Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(s.find<QSlider>("ear_place")->maximum() == 22050 * 2, kWait);
    EarBar* ear = s.page->ear();
    const int first = s.page->grid()->current();
    QCOMPARE(ear->gainOf(first), 1.f);
    s.page->grid()->setFocus();
    QTest::keyClick(s.page->grid()->viewport(), Qt::Key_Right);
    const int second = s.page->grid()->current();
    QVERIFY(second != first);
    QCOMPARE(ear->gainOf(first), 0.f);
    QCOMPARE(ear->gainOf(second), 1.f);
    QTest::mouseClick(s.find<QCheckBox>("ear_matched"), Qt::LeftButton, {}, QPoint(8, 8));
    QVERIFY(ear->gainOf(second) <= 1.f && ear->gainOf(second) > 0.f);
    QVERIFY2(ear->gainOf(1) < 1.f, "the mix is louder than one stem");
  }

  void preferencesAreCountedWithoutNames() {
    Comparing s;
    json with = spec();
    with["axes"] = {{{"key", "gibbs"}, {"values", {1, 2, 3}}}};
    QVERIFY(s.open(with, 3));
    QVERIFY(s.run());
    QTest::keyClick(&s.window, Qt::Key_N);
    BlindView* blind = s.page->blind();
    QCOMPARE(s.page->view(), ComparePage::Blind);
    blind->begin(1);
    // Whoever is shown, cell 2 is preferred and 0 never is.
    for (int k = 0; k < 9; ++k) {
      QVERIFY(blind->first() >= 0 && blind->second() >= 0 && blind->first() != blind->second());
      const bool first = blind->first() > blind->second();
      QTest::keyClick(blind, first ? Qt::Key_Left : Qt::Key_Right);
    }
    QCOMPARE(blind->tally().judged(), 9);
    QCOMPARE(blind->tally().score(2).wins, 6);  // three rounds of three pairs
    QCOMPARE(blind->tally().score(0).losses, 6);
    auto* scores = s.find<QLabel>("blind_scores");
    QVERIFY(!scores->isVisible());
    QTest::mouseClick(s.find<QPushButton>("blind_reveal"), Qt::LeftButton);
    QVERIFY(scores->isVisible());
    QVERIFY(scores->text().indexOf(">3<") < scores->text().indexOf(">2<"));
    QTest::keyClick(blind, Qt::Key_Left);
    QCOMPARE(blind->tally().judged(), 9);  // who knows the names judges no more
  }

  void aBrokenSpecIsOneSentence() {
    Comparing s;
    QFile file(QString::fromStdString(path("broken.json")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("{\"axes\": 3}");
    file.close();
    s.page->open(file.fileName());
    auto* message = s.find<QLabel>("compare_message");
    QVERIFY(message->isVisible());
    QVERIFY2(message->text().contains("broken.json"), qPrintable(message->text()));
    QVERIFY(!message->text().contains('\n'));
  }
};

QTEST_MAIN(TestComparePage)
#include "tst_compare_page.moc"
