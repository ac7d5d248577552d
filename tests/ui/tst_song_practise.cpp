// Practising with a song, and a long song that is heard while it is read: with real clicks and keys.
#include <ATen/ATen.h>

#include <QtTest>

#include <QCheckBox>
#include <QComboBox>
#include <QDir>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSettings>
#include <QSlider>
#include <QStandardPaths>
#include <QToolButton>
#include <nlohmann/json.hpp>

#include "core/media/player.h"
#include "core/media/sound_file.h"
#include "tests/ui/studio_fixture.h"
#include "ui/song/practise_bar.h"
#include "ui/song/practise_keeping.h"
#include "ui/song/stem_rows.h"
#include "ui/song/time_box.h"
#include "ui/widgets/number_box.h"

using namespace mgdm;
using namespace mgdm::ui;
using namespace mgdm::ui::fixture;

constexpr int kRate = 44100;

/// Clicks at 100 beats a minute from 0.3 s on, the first of four lower and louder.
static at::Tensor clicked(double seconds) {
  at::Tensor song = at::zeros({1, static_cast<int64_t>(seconds * kRate)});
  const at::Tensor t = at::arange(2000, at::kFloat) / kRate;
  for (int beat = 0; 0.3 + 0.6 * beat < seconds - 0.1; ++beat) {
    const at::Tensor click = at::sin(2 * M_PI * (beat % 4 == 0 ? 80 : 1500) * t) * at::exp(-t / 0.01);
    song.narrow(1, static_cast<int64_t>((0.3 + 0.6 * beat) * kRate), 2000) += click * (beat % 4 == 0 ? 0.9 : 0.4);
  }
  return song;
}

class TestSongPractise : public QObject {
  Q_OBJECT

  /// A window with such a song open, its beats found, and the bar for practising shown.
  struct Practising : SongStudio {
    explicit Practising(const QString& name = QStringLiteral("clicks.wav"), double seconds = 20) : SongStudio(1) {
      QSettings().setValue(QStringLiteral("song_practise"), true);
      write_sound(folder.filePath(name).toStdString(), {clicked(seconds), kRate});
      open(qPrintable(name));
      auto* button = find<QPushButton>("song_practise_button");
      if (!button->isChecked()) QTest::mouseClick(button, Qt::LeftButton);
    }
    bool hasBeats() {
      return QTest::qWaitFor([this] { return page->axis()->beats() != nullptr; }, 20000);
    }
    double value(const char* box) { return find<QDoubleSpinBox>(box)->value(); }
    void click(const char* button) { QTest::mouseClick(find<QToolButton>(button), Qt::LeftButton); }
    void key(Qt::Key key) { QTest::keyClick(&window, key); }
  };

  static void type(QAbstractSpinBox* box, const char* text) {
    box->setFocus();
    box->selectAll();
    QTest::keyClicks(box, text);
    QTest::keyClick(box, Qt::Key_Return);
  }

 private Q_SLOTS:
  void initTestCase() { prepare(); }
  void init() {
    QDir(QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) + "/practice").removeRecursively();
  }

  void beatsAreFoundAndCorrected() {
    Practising s;
    QVERIFY(s.hasBeats());
    QVERIFY2(std::abs(s.value("practise_bpm") - 100) < 0.6, qPrintable(QString::number(s.value("practise_bpm"))));
    QVERIFY(std::abs(s.page->axis()->beats()->beats.front() - 0.3 * kRate) < 0.03 * kRate);
    s.click("practise_half");
    QVERIFY(std::abs(s.value("practise_bpm") - 50) < 0.6);
    s.click("practise_twice");
    QVERIFY(std::abs(s.value("practise_bpm") - 100) < 0.6);
    const int64_t first = s.page->axis()->beats()->beats.front();
    s.click("practise_later");
    QCOMPARE(s.page->axis()->beats()->beats.front(), first + 441);
    s.page->axis()->setPlayhead(s.page->axis()->beats()->beats[3] + 100, false);
    s.click("practise_one");
    const int64_t fourth = s.page->axis()->beats()->beats[3];
    QVERIFY(begins_bar(*s.page->axis()->beats(), 3) && !begins_bar(*s.page->axis()->beats(), 4));
    type(s.find<NumberBox>("practise_bpm"), "120");
    const auto& even = s.page->axis()->beats()->beats;
    for (size_t i = 1; i < even.size(); ++i) QVERIFY(std::abs(even[i] - even[i - 1] - kRate / 2) <= 1);
    QVERIFY(std::any_of(even.begin(), even.end(), [&](int64_t beat) { return beat == fourth; }));  // that one stays
  }

  void theDrumsKnowBetterThanTheSongButNotThanThePerson() {
    Practising s;
    QVERIFY(s.hasBeats());
    auto* bar = s.page->findChild<PractiseBar*>();
    const int64_t length = s.page->axis()->length();
    const auto track = [&](int per_minute) {
      auto file = std::make_shared<PcmFile>(s.folder.path().toStdString(), 1, length);
      for (int64_t at = 1000; at < length && per_minute > 0; at += 60 * kRate / per_minute)
        file->write(at, at::randn({1, 2000}) * at::exp(-at::arange(2000, at::kFloat) / 500));
      return file;
    };
    const auto bpm = [&] { return s.value("practise_bpm"); };
    bar->setStems({{"bass", "drums"}, {track(90), track(125)}});
    bar->stemsFinished(0, length / 2);  // not all of the song
    QTest::qWait(300);
    QVERIFY(std::abs(bpm() - 100) < 0.6);
    bar->setStems({{"drums"}, {track(0)}});  // silent ones take nothing away
    bar->stemsFinished(0, length);
    QTest::qWait(500);
    QVERIFY(std::abs(bpm() - 100) < 0.6);
    bar->setStems({{"bass", "drums"}, {track(90), track(125)}});
    bar->stemsFinished(0, length);
    QTRY_VERIFY_WITH_TIMEOUT(std::abs(bpm() - 125) < 0.8, 20000);
    s.click("practise_half");
    bar->setStems({{"drums"}, {track(90)}});
    bar->stemsFinished(0, length);
    QTest::qWait(1000);
    QVERIFY(std::abs(bpm() - 62.5) < 0.6);
  }

  void aSongWithoutBeatsSaysSo() {
    Practising s;
    write_sound(s.folder.filePath("quiet.wav").toStdString(), {at::zeros({1, 10 * kRate}), kRate});
    QVERIFY(s.open("quiet.wav"));
    QTRY_COMPARE_WITH_TIMEOUT(s.find<NumberBox>("practise_bpm")->text(), QStringLiteral("no beats"), 20000);
    QVERIFY(!s.find<QToolButton>("practise_metronome")->isEnabled());
    type(s.find<NumberBox>("practise_bpm"), "90");  // a person can say
    QVERIFY(s.page->axis()->beats() != nullptr && s.find<QToolButton>("practise_metronome")->isEnabled());
  }

  void tempoAndKeyByHandAndKey() {
    Practising s;
    auto* tempo = s.find<QSpinBox>("practise_tempo");
    auto* slider = s.find<QSlider>("practise_tempo_slider");
    auto* button = s.find<QPushButton>("song_practise_button");
    QVERIFY(!s.find<QToolButton>("practise_reset")->isEnabled());
    s.page->setFocus();
    s.key(Qt::Key_Comma);
    s.key(Qt::Key_Comma);
    QCOMPARE(tempo->value(), 90);
    QCOMPARE(slider->value(), 90);
    s.key(Qt::Key_Period);
    QCOMPARE(tempo->value(), 95);
    QVERIFY(button->text().contains("95 %"));
    type(tempo, "70");
    QCOMPARE(slider->value(), 70);
    type(s.find<QSpinBox>("practise_key"), "-3");
    QVERIFY2(button->text().contains("-3 st"), qPrintable(button->text()));
    s.click("practise_reset");
    QCOMPARE(tempo->value(), 100);
    QCOMPARE(s.find<QSpinBox>("practise_key")->value(), 0);
    QCOMPARE(button->text(), QStringLiteral("Practise"));
  }

  void loopsAreSetKeptRenamedAndDeleted() {
    Practising s;
    QVERIFY(s.hasBeats());
    const BeatGrid& grid = *s.page->axis()->beats();
    s.page->setFocus();
    // By keys while it plays; the ends go to the beats.
    s.page->axis()->setPlayhead(grid.beats[4] + 900, false);
    s.key(Qt::Key_BracketLeft);
    s.page->axis()->setPlayhead(grid.beats[8] - 900, false);
    s.key(Qt::Key_BracketRight);
    QCOMPARE(s.page->axis()->markBegin(), grid.beats[4]);
    QCOMPARE(s.page->axis()->markEnd(), grid.beats[8]);
    auto* list = s.find<QComboBox>("practise_loops");
    QVERIFY(!list->isEnabled());
    s.key(Qt::Key_K);
    QCOMPARE(list->count(), 2);
    QVERIFY2(list->currentText().startsWith("Loop 1"), qPrintable(list->currentText()));
    // Another, by the mouse; the first stays as it is.
    Lane* lane = s.lane(0);
    QTest::mousePress(lane, Qt::LeftButton, {}, QPoint(lane->width() / 2, 20));
    QTest::mouseMove(lane, QPoint(lane->width() * 5 / 8, 20));
    QTest::mouseMove(lane, QPoint(lane->width() * 3 / 4, 20));
    QTest::mouseRelease(lane, Qt::LeftButton, {}, QPoint(lane->width() * 3 / 4, 20));
    QCOMPARE(list->currentIndex(), 0);
    QCOMPARE(s.page->axis()->snap(s.page->axis()->markBegin()), s.page->axis()->markBegin());
    s.click("practise_keep");
    QVERIFY(list->currentText().startsWith("Loop 2"));
    // A beat later by the arrow, and that is kept with the loop.
    const int64_t end = s.page->axis()->markEnd();
    s.find<TimeBox>("practise_b")->stepBy(1);
    QVERIFY(std::abs(s.page->axis()->markEnd() - end - 0.6 * kRate) < 0.03 * kRate);
    const int64_t later = s.page->axis()->markEnd();
    s.click("practise_snap");
    s.find<TimeBox>("practise_b")->stepBy(1);
    QCOMPARE(s.page->axis()->markEnd(), later + 441);
    type(s.find<TimeBox>("practise_a"), "0:05.5");
    QCOMPARE(s.page->axis()->markBegin(), int64_t{55 * kRate / 10});
    list->setCurrentIndex(1);
    Q_EMIT list->activated(1);
    QCOMPARE(s.page->axis()->markBegin(), grid.beats[4]);
    QVERIFY(s.find<QToolButton>("song_loop_button")->isChecked());
    // In another window it is all there.
    QVERIFY(s.window.close());
    Practising again(QStringLiteral("renamed.wav"));  // known by what it holds
    auto* kept = again.find<QComboBox>("practise_loops");
    QCOMPARE(kept->count(), 3);
    QVERIFY(!again.find<QToolButton>("practise_snap")->isChecked());
    kept->setCurrentIndex(2);
    Q_EMIT kept->activated(2);
    QCOMPARE(again.page->axis()->markBegin(), int64_t{55 * kRate / 10});
    QCOMPARE(again.page->axis()->markEnd(), later + 441);
    QTimer::singleShot(100, [] {
      auto* dialog = QApplication::activeModalWidget();
      auto* line = dialog->findChild<QLineEdit*>();
      line->setText("Solo");
      QTest::keyClick(line, Qt::Key_Return);
    });
    QCOMPARE(chooseFromMenu({"Rename…"}, [&] { again.click("practise_loop_menu"); }), QString());
    QTRY_VERIFY(kept->currentText().startsWith("Solo"));
    QCOMPARE(chooseFromMenu({"Delete"}, [&] { again.click("practise_loop_menu"); }), QString());
    QCOMPARE(kept->count(), 2);
  }

  void everythingIsKeptWithTheSong() {
    {
      Practising s;
      QVERIFY(s.hasBeats());
      type(s.find<QSpinBox>("practise_tempo"), "80");
      type(s.find<QSpinBox>("practise_key"), "2");
      type(s.find<NumberBox>("practise_gap"), "1.5");
      s.click("practise_metronome");
      s.find<QSlider>("practise_click_volume")->setValue(30);
      s.find<QComboBox>("practise_count_in")->setCurrentIndex(2);
      QTest::mouseClick(s.find<QCheckBox>("practise_each_pass"), Qt::LeftButton, {}, QPoint(8, 8));
      s.click("practise_half");
      type(s.find<QSpinBox>("practise_from"), "55");
      type(s.find<QSpinBox>("practise_passes"), "4");
      // Another song in between is as it was never practised.
      QVERIFY(s.open("song.wav"));
      QCOMPARE(s.find<QSpinBox>("practise_tempo")->value(), 100);
      QVERIFY(s.window.close());
    }
    Practising s;
    QCOMPARE(s.find<QSpinBox>("practise_tempo")->value(), 80);
    QCOMPARE(s.find<QSpinBox>("practise_key")->value(), 2);
    QCOMPARE(s.value("practise_gap"), 1.5);
    QVERIFY(s.find<QToolButton>("practise_metronome")->isChecked());
    QCOMPARE(s.find<QSlider>("practise_click_volume")->value(), 30);
    QCOMPARE(s.find<QComboBox>("practise_count_in")->currentIndex(), 2);
    QVERIFY(s.find<QCheckBox>("practise_each_pass")->isChecked());
    QVERIFY(std::abs(s.value("practise_bpm") - 50) < 0.6);  // a correction is not found away
    QCOMPARE(s.find<QSpinBox>("practise_from")->value(), 55);
    QCOMPARE(s.find<QSpinBox>("practise_passes")->value(), 4);
  }

  void whatIsKeptOfAnotherVersionIsLeftOut() {
    const auto kept = practice_from(nlohmann::json::parse(
        R"({"tempo": 9, "key": "x", "gap": -3, "count_in": 7, "grid": {"beats": [3, 2], "per_bar": 0}, "loops": [{"name": "a", "begin": 5, "end": 2}, 7]})"));
    QCOMPARE(kept.practice.tempo, kFastest);
    QCOMPARE(kept.practice.key, 0);
    QCOMPARE(kept.practice.gap, 0.0);
    QCOMPARE(kept.practice.count_in, 2);
    QVERIFY(kept.practice.beats == nullptr && kept.loops.empty());
    QVERIFY(practice_from(nlohmann::json::array()).loops.empty());
  }

  void theTrainerRepeatsAndEndsByHand() {
    Practising s;
    s.page->axis()->setMark(kRate, 2 * kRate);
    auto* trainer = s.find<QPushButton>("practise_trainer");
    QTest::mouseClick(trainer, Qt::LeftButton);
    QVERIFY(trainer->isChecked() && s.find<QToolButton>("song_loop_button")->isChecked());
    s.find<QSlider>("practise_tempo_slider")->setValue(75);  // a hand on the tempo
    QVERIFY(!trainer->isChecked());
    QCOMPARE(s.find<QSpinBox>("practise_tempo")->value(), 75);
  }

  // ---- a song that takes a while to be read ----

  void whatIsReadIsSeenWhileTheRestIsRead() {
    SongStudio s(1);
    s.page->runs()->setShownAfter(0);
    const double seconds = 300;
    write_sound(
        s.folder.filePath("long.wav").toStdString(),
        {at::sin(at::arange(static_cast<int64_t>(seconds) * kRate, at::kFloat) * 0.05f).unsqueeze(0) * 0.5, kRate});
    QSignalSpy begun(s.page->runs(), &SongRuns::begun), opened(s.page->runs(), &SongRuns::opened);
    s.window.open(s.folder.filePath("long.wav"));
    QVERIFY(begun.wait(20000));
    QVERIFY(opened.isEmpty());
    QCOMPARE(s.window.windowTitle(), QString("long.wav[*] - MGDM Studio"));
    QCOMPARE(s.page->axis()->length(), static_cast<int64_t>(seconds) * kRate);
    const size_t some = s.lane(s.page->findChildren<Lane*>().size() - 1)->peaks().size();
    QVERIFY(some > 0);
    QVERIFY(!s.find<QPushButton>("song_run")->isEnabled());
    QVERIFY(s.find<QPushButton>("song_run")->toolTip().contains("all of the song"));
    auto* rows = s.page->findChild<StemRows*>();
    for (auto* slider : rows->findChildren<QSlider*>()) {
      if (slider->accessibleName() == "Loudness of Song") slider->setValue(60);
    }
    QVERIFY(opened.wait(60000));
    QVERIFY(rows->gains(true).front().left == 0.6f);  // what was set meanwhile stays
    const auto& peaks = s.lane(s.page->findChildren<Lane*>().size() - 1)->peaks();
    QVERIFY(peaks.size() > some);
    QCOMPARE(static_cast<int64_t>(peaks.size()), (s.page->axis()->length() + kPeakFrames - 1) / kPeakFrames);
    QVERIFY(s.find<QPushButton>("song_run")->isEnabled());
  }

  void cancelledTheOneBeforeIsBack() {
    SongStudio s(3);
    s.page->runs()->setShownAfter(0);
    s.find<QSpinBox>("song_seed")->setValue(9);
    s.page->axis()->setMark(kRate, 2 * kRate);
    write_sound(s.folder.filePath("long.wav").toStdString(), {at::zeros({2, 300 * kRate}), kRate});
    QSignalSpy begun(s.page->runs(), &SongRuns::begun);
    s.window.open(s.folder.filePath("long.wav"));
    QVERIFY(begun.wait(20000));
    QVERIFY(s.page->axis()->length() > 4 * kRate);
    QTest::mouseClick(s.find<QPushButton>("song_cancel"), Qt::LeftButton);
    QCOMPARE(s.page->axis()->length(), int64_t{3 * kRate});
    QCOMPARE(s.page->axis()->markBegin(), int64_t{kRate});
    QCOMPARE(s.find<QSpinBox>("song_seed")->value(), 9);
    QCOMPARE(s.window.windowTitle(), QString("song.wav[*] - MGDM Studio"));
    s.find<QComboBox>("song_preset")->setCurrentText("quick");
    QVERIFY(s.run());
    // The same where the file turns out to be broken behind its beginning.
    write_sound(s.folder.filePath("loud.wav").toStdString(), {at::full({1, 300 * kRate}, 2.0), kRate});  // 32-bit float
    QFile loud(s.folder.filePath("loud.wav"));
    QVERIFY(loud.open(QIODevice::ReadWrite));
    loud.seek(loud.size() - 4000);
    const float nan = std::nanf("");
    loud.write(reinterpret_cast<const char*>(&nan), 4);
    loud.close();
    QSignalSpy failed(s.page->runs(), &SongRuns::failed);
    s.window.open(s.folder.filePath("loud.wav"));
    QVERIFY(failed.wait(60000));
    QCOMPARE(s.page->axis()->length(), int64_t{3 * kRate});
    QVERIFY(s.find<QLabel>("song_message")->text().contains("loud.wav"));
  }

  void withNothingOpenCancellingLeavesNothing() {
    MainWindow window;
    SongPage* page = window.songPage();
    page->runs()->setShownAfter(0);
    QTemporaryDir folder;
    window.resize(1280, 800);
    window.show();
    write_sound(folder.filePath("long.wav").toStdString(), {at::zeros({2, 300 * kRate}), kRate});
    QSignalSpy begun(page->runs(), &SongRuns::begun);
    window.open(folder.filePath("long.wav"));
    QVERIFY(begun.wait(20000));
    QVERIFY(!page->isEmpty());
    QTest::mouseClick(page->findChild<QPushButton*>("song_cancel"), Qt::LeftButton);
    QVERIFY(page->isEmpty());
    QVERIFY(page->findChild<QPushButton*>("sample_song") == nullptr ||
            page->findChild<QPushButton*>("sample_song")->isVisible());
  }
};

QTEST_MAIN(TestSongPractise)
#include "tst_song_practise.moc"
