// The protocols of use as walks with real events: what a person does, step by step, and what they get.
#include <QAction>
#include <QComboBox>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QPainter>
#include <QPushButton>
#include <QSettings>
#include <QTemporaryDir>
#include <QTimer>
#include <QToolButton>
#include <QtTest>
#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "core/media/photo_file.h"
#include "tests/ui/studio_fixture.h"
#include "ui/compare/axes_panel.h"
#include "ui/compare/compare_page.h"
#include "ui/compare/store_cells.h"
#include "ui/photo/canvas.h"
#include "ui/photo/document.h"
#include "ui/photo/photo_files.h"
#include "ui/photo/photo_page.h"
#include "ui/photo/photo_runs.h"
#include "ui/shell/main_window.h"
#include "ui/song/song_page.h"
#include "ui/song/song_runs.h"

using namespace mgdm;
using namespace mgdm::ui;
using namespace mgdm::ui::fixture;

namespace {

/// Each thing that a person does counts one.
class Walk {
 public:
  explicit Walk(MainWindow& window) : window_(window) {}
  int actions() const { return actions_; }
  void did(int actions) { actions_ += actions; }  ///< what a test does for the person

  void key(int key, Qt::KeyboardModifiers modifiers = {}) {
    ++actions_;
    QTest::keyClick(window_.focusWidget() != nullptr ? window_.focusWidget() : &window_, static_cast<Qt::Key>(key),
                    modifiers);
  }
  void click(const char* button) {
    ++actions_;
    QTest::mouseClick(window_.findChild<QPushButton*>(QString::fromLatin1(button)), Qt::LeftButton);
  }
  void drag(const QPointF& from, const QPointF& to) {  // photo pixels
    ++actions_;
    Canvas* canvas = window_.photoPage()->canvas();
    const QPoint a = canvas->toWidget(from).toPoint(), b = canvas->toWidget(to).toPoint();
    QTest::mousePress(canvas, Qt::LeftButton, {}, a);
    QTest::mouseMove(canvas, (a + b) / 2);
    QTest::mouseMove(canvas, b);
    QTest::mouseRelease(canvas, Qt::LeftButton, {}, b);
  }
  /// Ctrl+O, a name, Enter: two, as the audit counted.
  bool open(const QString& file) {
    actions_ += 2;
    QSignalSpy opened(window_.photoPage()->runs(), &PhotoRuns::photoOpened);
    window_.open(file);
    return !opened.isEmpty() || opened.wait(60000);
  }

 private:
  MainWindow& window_;
  int actions_ = 0;
};

/// Twelve megapixels with detail in every pixel: the sample photo again and again, mirrored.
cv::Mat phone_photo() {
  const Photo sample = read_photo(std::string(MGDM_SOURCE_DIR) + "/resources/photos/sample.jpg");
  cv::Mat photo(3000, 4000, CV_8UC3);
  for (int y = 0; y < photo.rows; y += sample.pixels.rows) {
    for (int x = 0; x < photo.cols; x += sample.pixels.cols) {
      cv::Mat tile = sample.pixels;
      if ((x / sample.pixels.cols + y / sample.pixels.rows) % 2 != 0) cv::flip(sample.pixels, tile, -1);
      const cv::Rect place = cv::Rect({x, y}, tile.size()) & cv::Rect({0, 0}, photo.size());
      tile(cv::Rect({0, 0}, place.size())).copyTo(photo(place));
    }
  }
  return photo;
}

/// Median square of the gradient of the grey picture where `where` is nonzero: of grain and texture, not of the few
/// strong edges.
double gradient_energy(const cv::Mat& rgb, const cv::Mat& where) {
  cv::Mat grey, dx, dy, energy;
  cv::cvtColor(rgb, grey, cv::COLOR_RGB2GRAY);
  grey.convertTo(grey, CV_32F);
  cv::Sobel(grey, dx, CV_32F, 1, 0);
  cv::Sobel(grey, dy, CV_32F, 0, 1);
  energy = dx.mul(dx) + dy.mul(dy);
  std::vector<float> values;
  for (int y = 0; y < energy.rows; ++y) {
    for (int x = 0; x < energy.cols; ++x) {
      if (where.at<uchar>(y, x) != 0) values.push_back(energy.at<float>(y, x));
    }
  }
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

cv::Mat disc_in(const cv::Rect& bird) {
  cv::Mat disc = cv::Mat::zeros(3000, 4000, CV_8UC1);
  cv::ellipse(disc, (bird.tl() + bird.br()) / 2, bird.size() / 2, 0, 0, 360, 255, cv::FILLED);
  return disc;
}

}  // namespace

class TestWalks : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { prepare(); }

  void theBirdIsGoneFromThePhoto() {
    QTemporaryDir folder;
    Photo photo;
    photo.pixels = phone_photo();
    const cv::Rect bird(2130, 1010, 90, 70);
    photo.pixels.setTo(cv::Scalar(250, 20, 230), disc_in(bird));
    const QString file = folder.filePath("holiday.jpg"), out = folder.filePath("without.png");
    write_photo(file.toStdString(), photo);
    MainWindow window;
    window.resize(1280, 720);
    window.show();
    PhotoPage* page = window.photoPage();
    Walk walk(window);
    QVERIFY(walk.open(file));
    const cv::Mat opened = page->document()->photo()->pixels.clone();
    walk.key(Qt::Key_S);  // the tool that selects
    walk.drag({bird.x - 60.0, bird.y - 60.0}, {bird.br().x + 60.0, bird.br().y + 60.0});
    QTRY_VERIFY_WITH_TIMEOUT(!page->document()->maskEmpty(), 30000);
    const QImage mask = page->document()->mask();
    QSignalSpy finished(page->runs(), &PhotoRuns::finished), failed(page->runs(), &PhotoRuns::failed);
    QVERIFY(window.findChild<QPushButton*>("run")->isEnabled());
    walk.click("run");
    QTRY_VERIFY2_WITH_TIMEOUT(!finished.isEmpty(), failed.isEmpty() ? "" : qPrintable(failed[0][0].toString()), 600000);
    const auto outcome = finished[0][0].value<RunOutcome>();
    const AreaImage preview = page->canvas()->overlay();
    walk.click("accept");
    QTRY_VERIFY_WITH_TIMEOUT(!page->document()->settling(), 20000);
    QVERIFY2(walk.actions() <= 6, qPrintable(QString::number(walk.actions())));

    const cv::Mat filled = page->document()->photo()->pixels;
    const cv::Mat hole = cv::Mat(mask.height(), mask.width(), CV_8UC1, const_cast<uchar*>(mask.constBits()),
                                 static_cast<size_t>(mask.bytesPerLine())) > 0;
    // Nothing else has changed, and of the bird nothing is left.
    cv::Mat difference;
    cv::absdiff(filled, opened, difference);
    difference.setTo(cv::Scalar::all(0), hole);
    QCOMPARE(cv::norm(difference, cv::NORM_INF), 0.0);
    cv::Mat pink;
    cv::inRange(filled, cv::Scalar(215, 0, 195), cv::Scalar(255, 55, 255), pink);
    const cv::Rect around(bird.x - 60, bird.y - 60, bird.width + 120, bird.height + 120);
    QVERIFY2(cv::countNonZero(pink(around)) < 20, qPrintable(QString::number(cv::countNonZero(pink(around)))));
    if (const QByteArray pictures = qgetenv("MGDM_PICTURES"); !pictures.isEmpty()) {
      Photo part;
      part.pixels = filled(cv::Rect(bird.x - 150, bird.y - 150, bird.width + 300, bird.height + 300)).clone();
      write_photo((pictures + "/bird.png").toStdString(), part);
    }
    // As sharp at 100 % as what is around it.
    cv::Mat wide, ring, inner;
    cv::dilate(hole(around), wide, cv::Mat::ones(41, 41, CV_8UC1));
    cv::dilate(hole(around), ring, cv::Mat::ones(5, 5, CV_8UC1));
    cv::erode(hole(around), inner, cv::Mat::ones(5, 5, CV_8UC1));
    const double inside = gradient_energy(filled(around), inner),
                 outside = gradient_energy(filled(around), wide & ~ring);
    qInfo() << "gradient energy inside / around:" << inside / outside << "actions:" << walk.actions()
            << "seconds:" << outcome.seconds;
    QVERIFY2(inside > 0.25 * outside, qPrintable(QString("%1 of %2").arg(inside).arg(outside)));
    // What was seen is what was put in.
    int farthest = 0;
    for (int y = 0; y < preview.image.height(); ++y) {
      for (int x = 0; x < preview.image.width(); ++x) {
        const QRgb p = preview.image.pixel(x, y);
        if (qAlpha(p) != 255) continue;
        const cv::Vec3b& now = filled.at<cv::Vec3b>(y + preview.rect.y, x + preview.rect.x);
        farthest =
            std::max({farthest, std::abs(qRed(p) - now[0]), std::abs(qGreen(p) - now[1]), std::abs(qBlue(p) - now[2])});
      }
    }
    QVERIFY2(farthest <= 1, qPrintable(QString::number(farthest)));
    // The original can be held up against it, and it can be saved.
    QCOMPARE(page->document()->originalPyramid().front().pixelColor(bird.x + 45, bird.y + 35).red() > 200, true);
    QSignalSpy saved(page->files(), &PhotoFiles::saved);
    page->saveTo(out);
    QVERIFY(saved.wait(60000));
    QCOMPARE(read_photo(out.toStdString()).pixels.size(), cv::Size(4000, 3000));
  }

  // The song without its bass, as files: the audit needed ten actions and had no backing track in the end.
  void theBassIsOutOfTheSong() {
    SongStudio s(2);
    Walk walk(s.window);
    walk.did(3);  // the page, Ctrl+O, a name and Enter
    walk.click("song_run");
    QTRY_VERIFY_WITH_TIMEOUT(!s.page->runs()->busy() && s.page->runs()->state() == SongRuns::State::Ready, 60000);
    // Everything but the bass: the menu, its entry, and Enter for the name and the folder that are proposed.
    QSettings().setValue("stems_folder", s.folder.path());
    QSignalSpy exported(s.page->runs(), &SongRuns::exported);
    auto* menu = s.find<QPushButton>("song_export_button")->menu();
    const auto entries = menu->actions();
    const auto bass =
        std::find_if(entries.begin(), entries.end(), [](const QAction* a) { return a->text().contains("Bass"); });
    QVERIFY(bass != entries.end());
    QTimer::singleShot(200, qApp, [] {
      auto* dialog = qobject_cast<ExportDialog*>(QApplication::activeModalWidget());
      if (dialog != nullptr) QTest::keyClick(dialog, Qt::Key_Return);
    });
    (*bass)->trigger();
    walk.did(3);
    QVERIFY(!exported.isEmpty() || exported.wait(60000));
    QVERIFY2(walk.actions() <= 7, qPrintable(QString::number(walk.actions())));
    QCOMPARE(QFileInfo(exported[0][0].toStringList().value(0)).completeBaseName(), QString("song without bass"));
    QVERIFY(QFile::exists(exported[0][0].toStringList().value(0)));
  }

  // Two samplers on one photo, side by side with their figures: the audit needed twelve clicks for two results that
  // could not be laid beside each other.
  void twoSamplersAreCompared() {
    QTemporaryDir folder;
    const QString file = folder.filePath("photo.png");
    test_photo(96, 80).save(file);
    MainWindow window;
    window.resize(1280, 800);
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    Walk walk(window);
    QVERIFY(walk.open(file));
    window.photoPage()->chooseWay(Way::Try);
    walk.did(1);
    window.findChild<QComboBox*>("task")->setCurrentIndex(window.findChild<QComboBox*>("task")->findData("sr4"));
    walk.did(2);
    ComparePage* page = window.comparePage();
    window.findChild<QAction*>("photo_compare")->trigger();
    walk.did(1);
    QTRY_VERIFY_WITH_TIMEOUT(page->cells()->count() > 1, 60000);
    page->panel()->addAxis("sampler");  // the menu and its first line
    walk.did(2);
    auto* samplers = window.findChild<QLineEdit*>("axis_values_sampler");
    samplers->selectAll();
    QTest::keyClicks(samplers, "mgdm, ddrm");
    walk.did(1);
    for (const char* axis : {"remove_axis_preset", "remove_axis_seed"}) {
      QTest::mouseClick(window.findChild<QToolButton*>(axis), Qt::LeftButton);
      walk.did(1);
    }
    QTRY_VERIFY_WITH_TIMEOUT(page->cells()->count() == 2 && window.findChild<QPushButton*>("compare_run")->isEnabled(),
                             60000);
    walk.click("compare_run");
    const auto done = [&](int cell) { return page->cells()->cell(cell).state == Cells::State::Done; };
    QTRY_VERIFY_WITH_TIMEOUT(done(0) && done(1), 120000);
    QVERIFY2(walk.actions() <= 12, qPrintable(QString::number(walk.actions())));
    for (const int cell : {0, 1}) QVERIFY(page->cells()->cell(cell).figures.at("psnr") > 10);
    QVERIFY(page->cells()->cell(0).figures.at("evaluations") > page->cells()->cell(1).figures.at("evaluations"));
    QTRY_VERIFY(!page->cells()->picture(0, Shown::Error).isNull());
  }
};

QTEST_MAIN(TestWalks)
#include "tst_walks.moc"
