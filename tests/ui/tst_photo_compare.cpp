// Between the photo page and the page for comparing: what a page sends runs there as it runs here, and back. And
// results held against results on the photo page itself.
#include <ATen/ATen.h>

#include <QtTest>

#include <QAction>
#include <QComboBox>
#include <QDir>
#include <QLabel>
#include <QListWidget>
#include <QStandardPaths>
#include <QTabWidget>
#include <QToolButton>
#include <nlohmann/json.hpp>

#include "core/compare/medium.h"
#include "core/compare/spec.h"
#include "core/files/json_text.h"
#include "core/media/photo_file.h"
#include "core/media/working_area.h"
#include "core/problems/photo_problem.h"
#include "core/runs/run_record.h"
#include "core/runs/run_request.h"
#include "tests/ui/studio_fixture.h"
#include "ui/compare/compare_page.h"
#include "ui/compare/store_cells.h"
#include "ui/jobs/saver.h"
#include "ui/photo/history.h"
#include "ui/photo/photo_files.h"
#include "ui/widgets/settings_form.h"

using namespace mgdm;
using namespace mgdm::ui;
using namespace mgdm::ui::fixture;
using nlohmann::json;

namespace {

void choose(Studio& s, const char* box, const char* value) {
  auto* combo = s.find<QComboBox>(box);
  const int at = combo->findData(QString::fromLatin1(value));
  QVERIFY2(at >= 0, value);
  combo->setCurrentIndex(at);
}

/// What the page sends when the action is triggered.
json sent(Studio& s) {
  json keys;
  const auto connection = QObject::connect(s.page, &Page::wantsToCompare, s.page, [&](const json& k) { keys = k; });
  s.act("photo_compare")->trigger();
  s.page->saver()->wait();
  QObject::disconnect(connection);
  return keys;
}

std::vector<Cell> cells_with(const json& keys) {
  return cells_of(parse_spec({{"base", keys}, {"axes", {{{"key", "seed"}, {"values", {keys.at("seed")}}}}}}, "/"));
}

QString smooth_file(const QTemporaryDir& folder, const char* name, int width, int height) {
  const QString file = folder.filePath(QString::fromLatin1(name));
  test_photo(width, height).save(file);
  return file;
}

}  // namespace

class TestPhotoCompare : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { prepare(); }

  void whatIsSentRunsAsItDoesHere_data() {
    QTest::addColumn<QString>("how");
    for (const char* how : {"repair", "part", "scaled", "scaled part", "fill", "try", "poisson"})
      QTest::newRow(how) << QString::fromLatin1(how);
  }
  // Through the shipped model: the cell's record says the same, and its samples are the same bytes.
  void whatIsSentRunsAsItDoesHere() {
    QFETCH(QString, how);
    QTemporaryDir folder;
    Studio s;
    s.openFile(smooth_file(folder, "small.png", 96, 80));
    s.page->runs()->setPrior(std::make_shared<const Prior>(load_model("photo", {})));
    s.page->chooseWay(how == "fill" ? Way::Fill : how == "try" ? Way::Try : Way::Repair);
    if (how == "fill") s.drag({40, 30}, {56, 40});
    if (how == "try") choose(s, "task", "sr4");
    if (how.contains("scaled")) s.page->document()->setDetail(64);
    if (how == "part") s.page->document()->setArea(s.page->document()->areaOf({16, 8, 72, 64}));
    if (how == "scaled part") s.page->document()->setArea(s.page->document()->areaOf({10, 6, 70, 70}));
    if (how == "poisson") choose(s, "noise_law", "poisson");
    choose(s, "preset", "quick");
    s.settings(5);
    s.find<QSpinBox>("seed")->setValue(4);
    s.find<QSpinBox>("samples_count")->setValue(2);
    const json keys = sent(s);
    QCOMPARE(keys.value("photo", std::string()), folder.filePath("small.png").toStdString());
    QCOMPARE(keys.value("preset", std::string()), std::string("quick"));
    QVERIFY2(keys.value("steps", 0) == 5 && !keys.contains("gibbs"),
             json_text(keys).c_str());  // what was changed of the preset alone
    QCOMPARE(keys.contains("mask"), how == "fill");
    const std::vector<Cell> cells = cells_with(keys);
    QCOMPARE(cells.size(), size_t{1});
    QVERIFY2(cells[0].error.empty(), cells[0].error.c_str());
    const auto result =
        find_compared_medium("photo").runner({})->run(cells[0], 0, folder.filePath("state").toStdString(), {}, {});
    QVERIFY(result.has_value());
    s.window.showNormal();
    const RunOutcome here = s.run();
    json expected = parse_json(here.record.toStdString()).at("request"), found = result->record.at("request");
    if (how == "try") QVERIFY(found.at("observation_seed") == expected.at("seed"));
    for (json* request : {&expected, &found}) request->erase("observation_seed");
    QVERIFY2(found == expected, json_text(json::diff(expected, found)).c_str());
    const at::Tensor samples = result->tensors.at("samples");
    QCOMPARE(samples.size(0), int64_t{2});
    const cv::Size size(static_cast<int>(samples.size(3)), static_cast<int>(samples.size(2)));
    int compared = 0;
    for (int k = 0; k < 2; ++k) {
      const Sample& sample = here.samples[static_cast<size_t>(k)];
      if (how != "fill") QCOMPARE(sample.image.size(), QSize(size.width, size.height));
      for (int y = 0; y < std::min(size.height, sample.image.height()) && how != "fill"; ++y) {
        for (int x = 0; x < std::min(size.width, sample.image.width()); ++x) {
          QCOMPARE(qGreen(sample.image.pixel(x, y)), static_cast<int>(samples[k][1][y][x].item<uint8_t>()));
          ++compared;
        }
      }
    }
    QVERIFY(how == "fill" || compared > 4000);
  }

  void whatIsInNoFileIsWrittenForTheComparison() {
    QTemporaryDir folder;
    Photo deep;
    deep.pixels = cv::Mat(80, 96, CV_16UC3);
    for (int y = 0; y < 80; ++y) {
      for (int x = 0; x < 96; ++x)
        deep.pixels.at<cv::Vec3w>(y, x) = cv::Vec3w(static_cast<ushort>(x * 601), static_cast<ushort>(y * 703), 30001);
    }
    const QString file = folder.filePath("deep.png");
    write_photo(file.toStdString(), deep);
    Studio s;
    s.openFile(file);
    s.page->chooseWay(Way::Repair);
    QCOMPARE(sent(s).value("photo", std::string()), file.toStdString());
    // With a layer over it, it is another photo: all of its 16 bit.
    s.page->document()->accept(cv::Mat(80, 96, CV_16UC3, cv::Scalar(1234, 40000, 65001)), {{10, 10, 30, 30}, 30, 30},
                               {}, false, "layer");
    const json keys = sent(s);
    const auto written = QString::fromStdString(keys.value("photo", std::string()));
    const QString inputs = QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) + "/compare/inputs/";
    QVERIFY2(written.startsWith(inputs + "deep-"), qPrintable(written));
    const Photo copy = read_photo(written.toStdString()), now = *s.page->document()->photo();
    QVERIFY(copy.sixteen_bit() && cv::norm(copy.pixels, now.pixels, cv::NORM_INF) == 0);
    QVERIFY(cv::norm(copy.pixels, deep.pixels, cv::NORM_INF) > 0);
    QVERIFY2(cells_with(keys)[0].error.empty(), cells_with(keys)[0].error.c_str());
    // Unchanged it keeps its name, so that finished cells are found again.
    QCOMPARE(sent(s).value("photo", std::string()), written.toStdString());
    QCOMPARE(QDir(inputs).entryList(QDir::Files).size(), 1);
    // The file that is written over is not what was opened any more.
    s.act("undo")->trigger();
    QCOMPARE(sent(s).value("photo", std::string()), file.toStdString());
    s.act("redo")->trigger();
    QSignalSpy saved(s.page->files(), &PhotoFiles::saved);
    s.page->saveTo(file);
    s.page->saver()->wait();
    QCOMPARE(saved.count(), 1);
    s.act("undo")->trigger();
    QVERIFY(sent(s).value("photo", std::string()) != file.toStdString());
  }

  void ofALargePhotoAPartIsOffered() {
    QTemporaryDir folder;
    Studio s;
    s.openFile(smooth_file(folder, "large.jpg", 1600, 1200));
    s.page->chooseWay(Way::Repair);
    {
      NextQuestion cancel("cancel");
      QVERIFY(sent(s).is_null());
      QVERIFY(cancel.asked());
    }
    {
      NextQuestion whole("compare_whole");
      const json keys = sent(s);
      QVERIFY(whole.asked() && keys.contains("photo") && !keys.contains("area"));
    }
    s.page->canvas()->zoomBy(8);
    const QPointF middle = s.page->canvas()->middle();
    NextQuestion part("compare_part");
    const json keys = sent(s);
    QVERIFY(part.asked());
    int x = 0, y = 0, w = 0, h = 0;
    QCOMPARE(std::sscanf(keys.value("area", std::string()).c_str(), "%d,%d,%d,%d", &x, &y, &w, &h), 4);
    QVERIFY(w == 256 && h == 256 && std::abs(x + 128 - middle.x()) < 2 && std::abs(y + 128 - middle.y()) < 2);
    QVERIFY2(cells_with(keys)[0].error.empty(), cells_with(keys)[0].error.c_str());
    // Nobody is asked about a part that was marked.
    NextQuestion none("cancel");
    s.page->document()->setArea(s.page->document()->areaOf({100, 50, 300, 200}));
    QCOMPARE(sent(s).value("area", std::string()), std::string("100,50,300,200"));
    QVERIFY(!none.asked());
  }

  void nothingPaintedIsSaid() {
    Studio s;
    QVERIFY(sent(s).is_null());
    QVERIFY(s.find<QLabel>("message")->text().contains("Paint the part"));
  }

  void theActionOpensTheComparison() {
    QTemporaryDir folder;
    Studio s;
    s.openFile(smooth_file(folder, "small.png", 96, 80));
    s.page->chooseWay(Way::Repair);
    s.act("photo_compare")->trigger();
    s.page->saver()->wait();
    auto* compare = s.window.findChild<ComparePage*>();
    QTRY_VERIFY(compare->isVisible() && compare->cells()->count() > 0);
    for (const Cell& cell : compare->cells()->comparison().cells) QVERIFY2(cell.error.empty(), cell.error.c_str());
  }

  void aCellsSettingsComeBack() {
    Studio s;
    const json keys = {
        {"photo", "/nowhere.png"}, {"task", "blur"}, {"task.deviation", 2.25}, {"observed", true}, {"noise", 0.02},
        {"sampler", "dps"},        {"preset", ""},   {"gamma", 0.00035},       {"samples", 3},     {"seed", 77},
        {"prior", "photo"},        {"size", 64}};
    QVERIFY(!s.page->useSettings("song", keys));
    QVERIFY(s.page->useSettings("photo", keys));
    QVERIFY2(!s.find<QLabel>("message")->isVisible(), qPrintable(s.find<QLabel>("message")->text()));
    const RunRequest r = s.window.findChild<TaskPanel*>()->request();
    QCOMPARE(r.task, std::string("blur"));
    QVERIFY(r.observed && r.noise == 0.02 && r.samples == 3 && r.seed == 77);
    QCOMPARE(r.sampler, std::string("dps"));
    QCOMPARE(r.sampler_settings.at("gamma").get<double>(), 0.00035);  // as it was compared, not as it looks rounded
    QVERIFY(s.page->document()->path().isEmpty());                    // the open photo stays
    // Back and forth it says the same.
    json again = s.window.findChild<TaskPanel*>()->keys();
    for (const char* key :
         {"task", "task.deviation", "observed", "noise", "sampler", "gamma", "samples", "seed", "prior"})
      QVERIFY2(again.value(key, json()) == keys.at(key), key);
  }

  void whatIsNotKnownChangesNothing_data() {
    QTest::addColumn<QString>("keys");
    QTest::addColumn<QString>("said");
    QTest::newRow("sampler") << R"({"task": "denoising", "observed": true, "sampler": "of_tomorrow"})"
                             << "of_tomorrow";
    QTest::newRow("setting") << R"({"task": "denoising", "observed": true, "sampler": "dps", "new_knob": 3})"
                             << "new_knob";
    QTest::newRow("value") << R"({"task": "denoising", "observed": true, "samples": 100000})"
                           << "samples";
    QTest::newRow("model") << R"({"task": "denoising", "observed": true, "prior": "gone"})"
                           << "gone";
    QTest::newRow("task") << R"({"task": "of_tomorrow", "seed": 5})"
                          << "of_tomorrow";
    QTest::newRow("type") << R"({"task": "denoising", "observed": "yes"})"
                          << "observed";
    QTest::newRow("classical") << R"({"task": "denoising", "observed": true, "classical": "nlm"})"
                               << "nlm";
    QTest::newRow("seed") << R"({"task": "denoising", "observed": true, "seed": 5000000000})"
                          << "5000000000";
  }
  void whatIsNotKnownChangesNothing() {
    QFETCH(QString, keys);
    QFETCH(QString, said);
    Studio s;
    const json before = s.window.findChild<TaskPanel*>()->session();
    QVERIFY(s.page->useSettings("photo", parse_json(keys.toStdString())));
    const auto* message = s.find<QLabel>("message");
    QVERIFY2(message->isVisible() && message->text().contains(said), qPrintable(message->text()));
    QVERIFY(s.window.findChild<TaskPanel*>()->session() == before);
  }

  void aCellBringsItsPhotoWhereNoneIsOpen() {
    QTemporaryDir folder;
    const QString file = smooth_file(folder, "small.png", 96, 80);
    json keys;
    {
      Studio s;
      s.openFile(file);
      s.drag({40, 30}, {56, 40});
      s.find<QSpinBox>("seed")->setValue(9);
      keys = sent(s);
    }
    MainWindow window;
    window.show();
    PhotoPage* page = window.photoPage();
    QVERIFY(page->document()->isEmpty());
    QSignalSpy opened(page->runs(), &PhotoRuns::photoOpened);
    QVERIFY(page->useSettings("photo", keys));
    QVERIFY(!opened.isEmpty() || opened.wait(60000));
    QCOMPARE(page->document()->path(), file);
    QCOMPARE(window.findChild<QSpinBox*>("seed")->value(), 9);
    QVERIFY(qGray(page->document()->mask().pixel(48, 35)) != 0);  // what is filled is the cell's, too
  }

  // ---- result against result ----

  /// What is on screen at a photo's pixel, in the right half where there are two.
  static QRgb seenAt(Studio& s, const QPoint& photo, bool right = false) {
    const Canvas* canvas = s.page->canvas();
    const QPointF at = canvas->toWidget(QPointF(photo) + QPointF(0.5, 0.5)) +
                       QPointF(right ? std::floor(canvas->width() / 2.0) : 0, 0);
    return s.page->canvas()->grab().toImage().pixel(at.toPoint());
  }
  static bool near(QRgb a, QRgb b) {
    return std::abs(qRed(a) - qRed(b)) <= 3 && std::abs(qGreen(a) - qGreen(b)) <= 3 &&
           std::abs(qBlue(a) - qBlue(b)) <= 3;
  }
  /// Where the result is opaque: the middle of the stroke.
  static QRgb valueOf(const RunOutcome& outcome, int sample, const QPoint& photo) {
    return outcome.samples[static_cast<size_t>(sample)].image.pixel(photo.x() - outcome.area.rect.x,
                                                                    photo.y() - outcome.area.rect.y);
  }

  void resultsAreHeldAgainstEachOther() {
    Studio s;
    s.paint();
    s.settings(5);
    s.find<QSpinBox>("samples_count")->setValue(2);
    const RunOutcome outcome = s.run();
    Canvas* canvas = s.page->canvas();
    auto* strip = s.find<QListWidget>("samples");
    const auto ask_strip = [&](int row) {
      return chooseFromMenu({"compare_with_this"},
                            [&] { askForMenu(strip->viewport(), strip->visualItemRect(strip->item(row)).center()); });
    };
    QCOMPARE(ask_strip(1), QString());
    QCOMPARE(canvas->compare(), Canvas::Compare::Slider);  // it is seen at once
    QCOMPARE(canvas->sideName(false), QString("Result 2"));
    QCOMPARE(canvas->sideName(true), QString("Result 1"));
    s.act("side_by_side")->trigger();
    canvas->zoomBy(8);  // single pixels, around the middle
    const QPoint p(157, 127);
    QVERIFY(!near(valueOf(outcome, 0, p), valueOf(outcome, 1, p)));
    QVERIFY(near(seenAt(s, p), valueOf(outcome, 1, p)) && near(seenAt(s, p, true), valueOf(outcome, 0, p)));
    // One of the two after the other.
    QTest::keyClick(&s.window, Qt::Key_X);
    QVERIFY(s.act("flip")->isChecked() && !s.act("side_by_side")->isChecked());
    QVERIFY(canvas->flipped() && near(seenAt(s, p), valueOf(outcome, 0, p)));
    QTRY_VERIFY(!canvas->flipped());
    QVERIFY(near(seenAt(s, p), valueOf(outcome, 1, p)));
    QTRY_VERIFY(canvas->flipped());
    // A map in colours cannot be held against, and says why; the list beside the buttons has all of them.
    QVERIFY(ask_strip(3).contains("numbers"));
    auto* button = s.find<QToolButton>("compare_against");
    const auto ask_button = [&](const QStringList& path) {
      return chooseFromMenu(path, [&] { QTest::mouseClick(button, Qt::LeftButton); });
    };
    QCOMPARE(ask_button({"Mean"}), QString());
    QCOMPARE(canvas->sideName(false), QString("Mean"));
    QCOMPARE(ask_button({"Pace of taking turns", "0.3 s"}), QString());
    QCOMPARE(canvas->flipPace(), 300);
    QCOMPARE(Studio().page->canvas()->flipPace(), 300);  // kept
    // The next run against the one before.
    s.find<QSpinBox>("seed")->setValue(6);
    s.run();
    QCOMPARE(canvas->sideName(false), QString("Mean of the run before"));
    QCOMPARE(ask_button({"The photo"}), QString());
    QVERIFY(canvas->against().isNull());
    QCOMPARE(canvas->sideName(false), QString("Photo"));
    // What is held against is of this photo.
    QCOMPARE(ask_strip(0), QString());
    s.openImage(test_photo(200, 200));
    QVERIFY(canvas->against().isNull());
  }

  void anEntryOfTheHistoryIsHeldAgainst() {
    QTemporaryDir folder;
    Studio s;
    s.openFile(smooth_file(folder, "one.png", 320, 256));
    s.paint();
    s.settings(5);
    const size_t before = s.page->history()->entries().size();
    const RunOutcome first = s.run();
    QTRY_VERIFY(s.page->history()->entries().size() == before + 1);
    const QString title = s.page->history()->entries().front().title;
    s.find<QSpinBox>("seed")->setValue(6);
    const RunOutcome second = s.run();
    QTRY_VERIFY(s.page->history()->entries().size() == before + 2);
    s.window.findChild<QTabWidget*>()->setCurrentIndex(2);
    auto* list = s.find<QListWidget>("history");
    const auto ask_entry = [&](int row) {
      return chooseFromMenu({"compare_with_this"},
                            [&] { askForMenu(list->viewport(), list->visualItemRect(list->item(row)).center()); });
    };
    QCOMPARE(ask_entry(1), QString());
    Canvas* canvas = s.page->canvas();
    QTRY_VERIFY(!canvas->against().isNull());
    QVERIFY2(canvas->sideName(false).contains(title), qPrintable(canvas->sideName(false)));
    QVERIFY(canvas->compare() == Canvas::Compare::Slider);
    s.act("side_by_side")->trigger();
    canvas->zoomBy(8);
    const QPoint p(157, 127);
    QVERIFY(!near(valueOf(first, 0, p), valueOf(second, 0, p)));
    QVERIFY(near(seenAt(s, p), valueOf(first, 0, p)) && near(seenAt(s, p, true), valueOf(second, 0, p)));
    // Of another photo it is greyed, and says so.
    s.openFile(smooth_file(folder, "two.png", 200, 200));
    QVERIFY(ask_entry(0).contains("another photo"));
  }
};

QTEST_MAIN(TestPhotoCompare)
#include "tst_photo_compare.moc"
