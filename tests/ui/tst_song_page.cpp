// A song is separated, heard and exported.
#include <ATen/ATen.h>

#include <QtTest>

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QLineEdit>
#include <QRadioButton>
#include <QSlider>
#include <QStandardPaths>
#include <QToolButton>

#include "core/compare/spec.h"
#include "core/media/player.h"
#include "core/media/sound_file.h"
#include "core/metrics/audio_metrics.h"
#include "core/priors/catalogue.h"
#include "tests/made_song.h"
#include "tests/ui/studio_fixture.h"
#include "ui/song/song_history.h"
#include "ui/song/song_iterates.h"
#include "ui/song/song_panel.h"
#include "ui/song/start_field.h"
#include "ui/song/stem_rows.h"

using namespace mgdm;
using namespace mgdm::ui;
using namespace mgdm::ui::fixture;

class TestSongPage : public QObject {
  Q_OBJECT
  static Lane* bass_lane(const SongPage* page) {
    const auto lanes = page->findChildren<Lane*>();
    return lanes.at(lanes.size() - 5);  // older rows go when the event loop comes to it
  }
  static QSlider* slider(const SongStudio& s, const QString& name) {
    QSlider* newest = nullptr;
    for (auto* any : s.page->findChildren<QSlider*>()) {
      if (any->accessibleName() == name) newest = any;
    }
    return newest;
  }
  static QString said(QWidget& window, const char* label) {
    return window.findChild<QLabel*>(QString::fromLatin1(label))->text();
  }

 private Q_SLOTS:
  void initTestCase() { prepare(); }

  void aSongIsSeparatedWhileYouWatch() {
    SongStudio s;
    QCOMPARE(s.page->runs()->state(), SongRuns::State::Ready);
    QVERIFY(s.page->isVisible() && !s.window.photoPage()->canvas()->isVisible());
    QVERIFY(!s.window.findChild<QAction*>("brush")->isVisible());  // the photo's keys do nothing here
    s.find<QComboBox>("song_preset")->setCurrentText("quick");
    QSignalSpy frames(s.page->runs(), &SongRuns::iterate);
    QVERIFY(s.run());
    QVERIFY(frames.count() >= 3);
    const auto lanes = s.page->findChildren<Lane*>();
    QCOMPARE(lanes.size(), 6);  // with what is no stem
    for (Lane* lane : lanes)
      QVERIFY(std::any_of(lane->peaks().begin(), lane->peaks().end(), [](const Peak& p) { return p.high > 1e-4f; }));

    // Exported stems are the song, at its rate and length; a muted one stays out.
    const QString out = s.folder.filePath("out");
    QSignalSpy exported(s.page->runs(), &SongRuns::exported);
    s.page->exportTo(exportOf(s.page, out, "wav"));
    QVERIFY(exported.wait(20000));
    const Sound song = read_sound(s.folder.filePath("song.wav").toStdString());
    at::Tensor sum = at::zeros_like(song.samples);
    for (const char* stem : {"bass", "drums", "guitar", "piano", "other"}) {
      const Sound sound = read_sound((out + '/' + stem + ".wav").toStdString());
      QCOMPARE(sound.sample_rate, 44100);
      QCOMPARE(sound.samples.sizes(), song.samples.sizes());
      sum += sound.samples;
    }
    QVERIFY2((sum - song.samples).abs().max().item<float>() < 1e-3f,
             qPrintable(QString::number((sum - song.samples).abs().max().item<float>())));
    QVERIFY(QFile::exists(out + "/run.json"));
    QTRY_VERIFY2(said(s.window, "song_sum").startsWith("Together the stems are the song, to -"),
                 qPrintable(said(s.window, "song_sum")));

    // One file without the drums: the song less its drums.
    s.page->exportTo(exportOf(s.page, s.folder.filePath("backing"), "wav", "drums"));
    QVERIFY(exported.wait(20000));
    QCOMPARE(exported.last()[0].toStringList(), QStringList(s.folder.filePath("backing.wav")));
    const at::Tensor backing = read_sound(s.folder.filePath("backing.wav").toStdString()).samples,
                     drums = read_sound((out + "/drums.wav").toStdString()).samples;
    QVERIFY((backing + drums - song.samples).abs().max().item<float>() < 1e-3f);
  }

  // What is written is what is heard: mute, loudness and place.
  void whatIsHeardIsWritten() {
    SongStudio s(1);
    s.find<QComboBox>("song_preset")->setCurrentText("quick");
    QVERIFY(s.run());
    QTest::mouseClick(s.button("M", "drums"), Qt::LeftButton);
    QTest::mouseClick(s.button("M", "piano"), Qt::LeftButton);
    slider(s, "Loudness of Bass")->setValue(50);
    slider(s, "Place of Guitar")->setValue(-100);
    ExportDialog dialog(s.page->exportSource(), ExportDialog::Heard, {});
    QCOMPARE(dialog.findChild<QLineEdit*>("export_name")->text(), QString("song without drums, piano"));
    dialog.findChild<QComboBox*>("export_format")->setCurrentIndex(0);
    dialog.findChild<QComboBox*>("export_bits")->setCurrentIndex(2);
    dialog.findChild<QLineEdit*>("export_folder")->setText(s.folder.path());
    QSignalSpy exported(s.page->runs(), &SongRuns::exported);
    s.page->exportTo(dialog.wish());
    QVERIFY(exported.wait(20000));
    s.page->exportTo(exportOf(s.page, s.folder.filePath("out"), "wav"));
    QVERIFY(exported.wait(20000));
    const auto stem = [&](const char* name) {
      return read_sound(s.folder.filePath(QString("out/%1.wav").arg(name)).toStdString()).samples;
    };
    const at::Tensor heard = read_sound(s.folder.filePath("song without drums, piano.wav").toStdString()).samples;
    const at::Tensor turned = stem("guitar") * at::tensor({1.0f, 0.0f}).unsqueeze(1);
    QVERIFY((heard - 0.5 * stem("bass") - turned - stem("other")).abs().max().item<float>() < 1e-5f);
  }

  // A song far beyond full scale: one of four stems that add up to it is so, too. All are turned down alike.
  void whatAFormatCannotHoldIsTurnedDown() {
    SongStudio s(2);
    const at::Tensor t = at::arange(88200, at::kDouble);
    write_sound(s.folder.filePath("hot.wav").toStdString(),
                {(8 * (t * 0.02).sin()).to(at::kFloat).unsqueeze(0), 44100});
    QVERIFY(s.open("hot.wav"));
    s.find<QComboBox>("song_preset")->setCurrentText("quick");
    QVERIFY(s.run());
    QSignalSpy exported(s.page->runs(), &SongRuns::exported), notices(s.page->runs(), &SongRuns::notice);
    s.page->exportTo(exportOf(s.page, s.folder.filePath("out"), "flac"));
    QVERIFY(exported.wait(20000));
    at::Tensor sum;
    for (const char* name : {"bass", "drums", "guitar", "piano", "other"}) {
      const at::Tensor stem =
          read_sound(s.folder.filePath(QString("out/%1.flac").arg(name)).toStdString()).samples.to(at::kDouble);
      sum = sum.defined() ? sum + stem : stem;
    }
    const at::Tensor song = read_sound(s.folder.filePath("hot.wav").toStdString()).samples.to(at::kDouble);
    const double gain = ((sum * song).sum() / song.square().sum()).item<double>();
    QVERIFY(gain < 0.9 && gain > 0.01);
    QVERIFY((sum - gain * song).abs().max().item<double>() < 1e-3);
    QTRY_VERIFY(!notices.isEmpty());
    const QString softer = QString("%1 dB softer").arg(-20 * std::log10(gain), 0, 'f', 1);
    QVERIFY2(notices.last()[0].toString().contains(softer), qPrintable(notices.last()[0].toString()));
  }

  // With the shipped model the exported stems are nearer to the truth than the song, not only its sum.
  void theShippedModelTellsTheStemsApart() {
    SongStudio s(1);
    s.page->runs()->setBand(
        std::make_shared<const BandPrior>(load_band_prior(find_prior("band"), at::kCPU, "float32")));
    const at::Tensor truth = test::made_stems(2), mix = truth.sum(0, true);
    write_sound(s.folder.filePath("made.wav").toStdString(), {mix, test::kSongRate});
    QVERIFY(s.open("made.wav"));
    s.find<QDoubleSpinBox>("song_other")->setValue(0);  // broken chords as fast as these are not steady
    s.find<QComboBox>("song_preset")->setCurrentText("quick");
    QVERIFY(s.run());
    const QString out = s.folder.filePath("out");
    QSignalSpy exported(s.page->runs(), &SongRuns::exported);
    s.page->exportTo(exportOf(s.page, out, "wav"));
    QVERIFY(exported.wait(20000));
    for (int k = 0; k < 4; ++k) {
      const at::Tensor found = read_sound(QString("%1/%2.wav").arg(out, test::kSongStems[k]).toStdString()).samples,
                       true_stem = truth.narrow(0, k, 1);
      const double gain = (si_sdr(found, true_stem) - si_sdr(mix, true_stem)).item<double>();
      QVERIFY2(gain > test::kSongFloor[k], qPrintable(QString("%1: %2 dB").arg(test::kSongStems[k]).arg(gain)));
    }
  }

  // Stems of another program: the form says what of a folder is used, the run begins from it, a comparison takes it
  // along.
  void aSongStartsFromStems() {
    SongStudio s(1);
    auto* start = s.window.findChild<StartField*>();
    auto* found = s.find<QLabel>("song_start_found");
    QVERIFY(!found->isVisible() && !s.find<QWidget>("song_start_level")->isVisible());
    const Sound song = read_sound(s.folder.filePath("song.wav").toStdString());
    QVERIFY(QDir(s.folder.path()).mkpath("other"));
    for (const char* name : {"bass", "other", "vocals"})
      write_sound(s.folder.filePath(QString("other/%1.wav").arg(name)).toStdString(), song);
    start->setFolder(s.folder.filePath("none"));
    QVERIFY2(found->text().contains("none"), qPrintable(found->text()));
    start->setFolder(s.folder.filePath("other"));
    QCOMPARE(found->text(), QString("other: starts from bass.wav, vocals.wav, other.wav."));
    s.find<QDoubleSpinBox>("song_other")->setValue(0);  // no track for a voice
    QCOMPARE(found->text(), QString("other: starts from bass.wav, other.wav. Not used: vocals.wav."));
    s.find<QDoubleSpinBox>("song_start_level")->setValue(0.5);
    s.find<QComboBox>("song_preset")->setCurrentText("quick");
    QSignalSpy finished(s.page->runs(), &SongRuns::finished), notices(s.page->runs(), &SongRuns::notice);
    QVERIFY(s.run());
    const auto record = nlohmann::json::parse(finished[0][0].value<SongOutcome>().record.toStdString());
    QCOMPARE(record.at("start").at("stems"), nlohmann::json({"bass", "drums", "guitar", "piano"}));
    QCOMPARE(record.at("request").at("start_sigma"), nlohmann::json(0.5));
    QVERIFY(!notices.isEmpty() && notices[0][0].toString().contains("vocals.wav"));
    auto* panel = s.window.findChild<SongPanel*>();
    const nlohmann::json keys = panel->keys();
    QCOMPARE(keys.at("start"), nlohmann::json(s.folder.filePath("other").toStdString()));
    QTest::mouseClick(s.find<QPushButton>("song_start_remove"), Qt::LeftButton);
    QVERIFY(start->folder().isEmpty() && !found->isVisible() && !panel->keys().contains("start"));
    QVERIFY(s.page->useSettings("song", keys));
    QCOMPARE(start->folder(), s.folder.filePath("other"));
    QCOMPARE(start->level(), 0.5);
    write_sound(s.folder.filePath("second.wav").toStdString(), song);
    QVERIFY(s.open("second.wav"));
    QVERIFY(start->folder().isEmpty());  // they were of the other song
  }

  void onlyTheMarkedPartIsDone() {
    SongStudio s;
    s.find<QComboBox>("song_preset")->setCurrentText("quick");
    Lane* lane = s.lane(0);
    QTest::mousePress(lane, Qt::LeftButton, {}, QPoint(lane->width() / 3, 20));
    QTest::mouseMove(lane, QPoint(lane->width() / 2, 20));
    QTest::mouseMove(lane, QPoint(lane->width() * 2 / 3, 20));
    QTest::mouseRelease(lane, Qt::LeftButton, {}, QPoint(lane->width() * 2 / 3, 20));
    QVERIFY(std::abs(s.page->axis()->markBegin() - 44100) < 1000 && std::abs(s.page->axis()->markEnd() - 88200) < 1000);
    QCOMPARE(s.find<QComboBox>("song_part")->currentIndex(), 1);
    s.find<QCheckBox>("song_keep")->setChecked(true);
    QSignalSpy finished(s.page->runs(), &SongRuns::finished);
    QVERIFY(s.run());
    const auto outcome = finished[0][0].value<SongOutcome>();
    QCOMPARE(outcome.begin, s.page->axis()->markBegin());
    QCOMPARE(outcome.end, s.page->axis()->markEnd());
    QCOMPARE(s.page->findChildren<Lane*>().size(), 7);  // with what is no stem, and the rest
    // A click outside ends the mark and seeks.
    lane = s.lane(0);
    QTest::mouseClick(lane, Qt::LeftButton, {}, QPoint(lane->width() / 10, 20));
    QVERIFY(!s.page->axis()->hasMark());
    QVERIFY(std::abs(s.page->player()->position() - 13230) < 1000);
  }

  void muteSoloAndTheOriginalChooseWhatIsHeard() {
    SongStudio s(2);
    s.find<QComboBox>("song_preset")->setCurrentText("quick");
    QVERIFY(s.run());
    auto* original = s.find<QPushButton>("song_original_button");
    const auto heard = [&] {
      std::vector<float> left;
      for (const ChannelGains& gains : s.page->findChild<StemRows*>()->gains(original->isChecked()))
        left.push_back(gains.left);
      return left;
    };
    using Gains = std::vector<float>;  // of the song, bass, drums, guitar, piano, other
    QVERIFY(!original->isChecked());   // the stems
    QVERIFY(heard() == Gains({0, 1, 1, 1, 1, 1}));
    QTest::keyClick(&s.window, Qt::Key_A);
    QVERIFY(original->isChecked());
    QVERIFY(heard() == Gains({1, 0, 0, 0, 0, 0}));
    QTest::keyClick(&s.window, Qt::Key_A);
    QTest::mouseClick(s.button("S", "bass"), Qt::LeftButton);
    QTest::mouseClick(s.button("M", "piano"), Qt::LeftButton);
    QVERIFY(heard() == Gains({0, 1, 0, 0, 0, 0}));
    QTest::keyClick(&s.window, Qt::Key_S, Qt::ShiftModifier);
    QVERIFY(!s.button("S", "bass")->isChecked() && s.button("M", "piano")->isChecked());
    QVERIFY(heard() == Gains({0, 1, 1, 1, 0, 1}));
    QTest::keyClick(&s.window, Qt::Key_U, Qt::ShiftModifier);
    QVERIFY(!s.button("M", "piano")->isChecked());
    for (auto* any : s.page->findChildren<QSlider*>()) {
      if (any->accessibleName().startsWith("Loudness")) any->setValue(50);
    }
    QVERIFY(heard() == Gains({0, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f}));
    // And the player is given that.
    QVERIFY(!s.lane(0)->audible() && s.lane(1)->audible());
  }

  void aSongRunCanBeStoppedAndDiscarded() {
    SongStudio s(12);  // more than one window
    s.find<QComboBox>("song_preset")->setCurrentText("best");
    QSignalSpy frames(s.page->runs(), &SongRuns::iterate), finished(s.page->runs(), &SongRuns::finished),
        discarded(s.page->runs(), &SongRuns::discarded);
    QTest::mouseClick(s.find<QPushButton>("song_run"), Qt::LeftButton);
    QVERIFY(frames.wait(30000));
    QElapsedTimer timer;
    timer.start();
    QTest::keyClick(&s.window, Qt::Key_Escape);
    QVERIFY(finished.wait(20000));
    QVERIFY(finished[0][0].value<SongOutcome>().stopped);
    QVERIFY(!s.find<QPushButton>("song_export_button")->isEnabled());  // nothing was finished
    frames.clear();
    QTest::mouseClick(s.find<QPushButton>("song_run"), Qt::LeftButton);
    QVERIFY(frames.wait(30000));
    QTest::mouseClick(s.find<QPushButton>("song_discard"), Qt::LeftButton);
    QCOMPARE(discarded.count(), 1);
    QCOMPARE(s.page->findChildren<QToolButton*>("lane").size() > 0 && s.page->runs()->busy(), false);
    s.find<QComboBox>("song_preset")->setCurrentText("quick");
    QVERIFY(s.run());  // and it can be run again
  }

  void whatThePersonDoesNotSayIsLeftToTheQuality() {
    Studio s;
    const auto* samples = s.find<QSpinBox>("song_samples");
    QCOMPARE(samples->value(), 0);
    QCOMPARE(samples->text(), QStringLiteral("By quality"));
  }

  void theStemsAreThereAgain() {
    QTemporaryDir folder;
    const QString song = folder.filePath("kept.wav");
    write_sound(song.toStdString(), {at::sin(at::arange(44100 * 3, at::kFloat) * 0.03f).unsqueeze(0) * 0.4, 44100});
    std::vector<Peak> bass;
    {
      SongStudio s(1);
      QSignalSpy opened(s.page->runs(), &SongRuns::opened);
      s.window.open(song);
      QVERIFY(opened.wait(20000));
      s.find<QComboBox>("song_preset")->setCurrentText("quick");
      s.find<QSpinBox>("song_seed")->setValue(7);
      s.page->axis()->setMark(44100, 2 * 44100);
      QVERIFY(s.run());
      QTest::mouseClick(s.button("M", "drums"), Qt::LeftButton);
      slider(s, "Loudness of Bass")->setValue(60);
      bass = bass_lane(s.page)->peaks();
      QVERIFY(s.window.close());  // nothing is lost, so nothing is asked
    }
    {  // another song in between
      SongStudio s(1);
      QVERIFY(!s.find<QComboBox>("song_kept")->isVisible());
      s.find<QSpinBox>("song_seed")->setValue(1);
      QVERIFY(s.window.close());
    }
    {
      SongStudio s(1);
      QSignalSpy reopened(s.page->runs(), &SongRuns::reopened);
      s.window.open(song);
      QVERIFY2(reopened.wait(5000), qPrintable(s.find<QLabel>("song_message")->text()));  // this song's newest stems
      QVERIFY(s.find<QComboBox>("song_kept")->isVisible());
      // What was set for it has stayed with it.
      QVERIFY(s.button("M", "drums")->isChecked());
      QCOMPARE(slider(s, "Loudness of Bass")->value(), 60);
      QCOMPARE(s.find<QSpinBox>("song_seed")->value(), 7);
      QCOMPARE(s.page->axis()->markEnd(), int64_t{2 * 44100});
      slider(s, "Place of Guitar")->setValue(-25);
      QVERIFY(s.window.close());
    }
    MainWindow again;
    again.songPage()->runs()->setBand(tiny_band());
    again.show();
    QSignalSpy reopened(again.songPage()->runs(), &SongRuns::reopened);
    QVERIFY(QTest::qWaitForWindowActive(&again));
    QTest::keyClick(&again, Qt::Key_2, Qt::ControlModifier);  // the page is looked at
    QVERIFY(again.songPage()->isVisible());
    QVERIFY2(reopened.wait(20000), qPrintable(again.findChild<QLabel*>("song_message")->text()));
    QCOMPARE(again.windowTitle(), QString("kept.wav[*] - MGDM Studio"));
    QCOMPARE(again.findChild<QSpinBox*>("song_seed")->value(), 7);
    QCOMPARE(again.songPage()->axis()->markBegin(), int64_t{44100});
    const auto gains = again.songPage()->findChild<StemRows*>()->gains(false);
    std::vector<float> left;
    for (const ChannelGains& g : gains) left.push_back(g.left);
    QVERIFY(left == std::vector<float>({0, 0.6f, 0, 1, 1, 1}));
    QVERIFY(gains[3].right == 0.75f);
    const auto& peaks = bass_lane(again.songPage())->peaks();
    for (size_t k = 200; k < 320; ++k) QVERIFY(peaks[k].high == bass[k].high && peaks[k].low == bass[k].low);
    // And can be exported as on the day they were made.
    QSignalSpy exported(again.songPage()->runs(), &SongRuns::exported);
    QVERIFY(again.findChild<QPushButton*>("song_export_button")->isEnabled());
    again.songPage()->exportTo(exportOf(again.songPage(), folder.filePath("out"), "wav"));
    QVERIFY(exported.wait(20000));
    QCOMPARE(read_sound(folder.filePath("out/bass.wav").toStdString()).samples.size(1), int64_t{44100});
    QVERIFY(QFileInfo(folder.filePath("out/run.json")).size() > 10);
    // Deleted, once it was asked.
    NextQuestion question("delete");
    QTest::mouseClick(again.findChild<QPushButton*>("song_kept_delete"), Qt::LeftButton);
    QVERIFY(question.asked() && kept_stems(again.songPage()->runs()->kept(), song).empty());
    QVERIFY(!again.findChild<QPushButton*>("song_export_button")->isEnabled());
  }

  // Back through the iterates, during a run and after it: what is chosen is in the lanes and in the player.
  void iteratesAreGoneThrough() {
    SongStudio s(2);
    s.find<QComboBox>("song_preset")->setCurrentText("quick");
    auto* slider = s.find<QSlider>("song_iterates");
    QVERIFY(!slider->isVisible());
    QVERIFY(s.run());
    QTRY_VERIFY(slider->isVisible() && slider->maximum() >= 3);
    QCOMPARE(slider->value(), slider->maximum());
    s.page->player()->seek(44100);
    QTRY_COMPARE(s.page->axis()->playhead(), int64_t{44100});
    const QImage now = bass_lane(s.page)->grab().toImage();
    slider->setValue(0);
    QTRY_VERIFY(bass_lane(s.page)->grab().toImage() != now);
    QCOMPARE(s.page->player()->position(), int64_t{44100});
    const auto iterates = s.page->runs()->iterates()->at(0);
    QVERIFY(iterates.size() >= 3 && iterates[0].sound.size(0) == 4);
    QVERIFY(said(s.window, "song_iterate").startsWith(QString("step %1 of").arg(iterates[0].step)));
    slider->setValue(slider->maximum());
    QTRY_COMPARE(bass_lane(s.page)->grab().toImage(), now);
    QCOMPARE(s.page->player()->position(), int64_t{44100});
    // Another song has none of them.
    QVERIFY(s.open("song.wav"));
    QVERIFY(!slider->isVisible());
  }

  void theIteratesStayUnderTheirCap() {
    SongIterates iterates(4 * 2 * 1000 * 10);
    for (int step = 1; step <= 64; ++step)
      iterates.add({1 + step / 33, step, 64, 0, 0, 1000, 22050, at::zeros({4, 1000}, at::kHalf)});
    QVERIFY(iterates.bytes() <= 4 * 2 * 1000 * 10);
    const auto newest = iterates.at(0);
    QCOMPARE(newest.back().step, 64);
    QVERIFY(newest.size() >= 5);
    for (size_t i = 1; i < newest.size(); ++i) QVERIFY(newest[i].step > newest[i - 1].step);
  }

  // Two results at the same place, to and fro with one key.
  void twoRunsAreSwitched() {
    SongStudio s(1);
    s.find<QComboBox>("song_preset")->setCurrentText("quick");
    for (const int seed : {1, 2}) {
      s.find<QSpinBox>("song_seed")->setValue(seed);
      QVERIFY(s.run());
    }
    s.page->player()->seek(22050);
    QTRY_COMPARE(s.page->player()->position(), int64_t{22050});
    QSignalSpy reopened(s.page->runs(), &SongRuns::reopened);
    for (const int seed : {1, 2, 1}) {
      reopened.clear();
      QTest::keyClick(s.page, Qt::Key_Y);
      QVERIFY(reopened.wait(20000));
      QCOMPARE(s.find<QSpinBox>("song_seed")->value(), seed);
      QCOMPARE(s.page->player()->position(), int64_t{22050});
    }
  }

  // After a restart too, and to the same stems as a run that was not stopped.
  void aStoppedRunGoesOn() {
    QTemporaryDir folder;
    const QString song = folder.filePath("long.wav");
    const at::Tensor t = at::arange(44100 * 8, at::kDouble);
    write_sound(song.toStdString(), {((t * 0.02).sin() * 0.4).to(at::kFloat).unsqueeze(0), 44100});
    const auto stems = [&](SongPage* page, const QString& name) {
      QSignalSpy exported(page->runs(), &SongRuns::exported);
      page->exportTo(exportOf(page, folder.filePath(name), "wav"));
      return exported.wait(20000) ? read_sound(folder.filePath(name + "/bass.wav").toStdString()).samples
                                  : at::Tensor();
    };
    {
      SongStudio s(1);
      QSignalSpy opened(s.page->runs(), &SongRuns::opened), stretches(s.page->runs(), &SongRuns::stretch),
          finished(s.page->runs(), &SongRuns::finished);
      s.window.open(song);
      QVERIFY(opened.wait(20000));
      s.find<QComboBox>("song_preset")->setCurrentText("quick");
      s.find<QSpinBox>("song_seed")->setValue(5);
      QTest::mouseClick(s.find<QPushButton>("song_run"), Qt::LeftButton);
      QVERIFY(stretches.wait(300000));
      s.page->runs()->stopAndKeep();
      QVERIFY(!finished.isEmpty() || finished.wait(20000));
      QVERIFY(finished[0][0].value<SongOutcome>().stopped);
      QVERIFY(s.find<QPushButton>("song_go_on")->isVisible());
      QVERIFY(s.window.close());
    }
    SongStudio s(1);
    QSignalSpy reopened(s.page->runs(), &SongRuns::reopened), finished(s.page->runs(), &SongRuns::finished),
        stretches(s.page->runs(), &SongRuns::stretch);
    s.window.open(song);
    QVERIFY(reopened.wait(20000));
    const auto kept = kept_stems(s.page->runs()->kept(), song);
    QCOMPARE(kept.size(), size_t{1});
    QVERIFY(kept[0].goesOn() && kept[0].end < kept[0].length);
    auto* tree = s.find<QTreeWidget>("song_history");
    QCOMPARE(tree->topLevelItem(0)->toolTip(0), song);
    QVERIFY2(tree->topLevelItem(0)->child(0)->text(0).contains("stopped"),
             qPrintable(tree->topLevelItem(0)->child(0)->text(0)));
    s.find<QSpinBox>("song_seed")->setValue(6);  // what was set since is not what it was begun with
    QTest::mouseClick(s.find<QPushButton>("song_go_on"), Qt::LeftButton);
    QVERIFY(finished.wait(300000));
    QVERIFY(!finished[0][0].value<SongOutcome>().stopped);
    QCOMPARE(s.find<QSpinBox>("song_seed")->value(), 5);
    QCOMPARE(kept_stems(s.page->runs()->kept(), song).size(), size_t{1});
    QVERIFY(!s.find<QPushButton>("song_go_on")->isVisible());
    const at::Tensor went_on = stems(s.page, "went_on");
    QVERIFY(s.run());
    QVERIFY(at::equal(stems(s.page, "at_once"), went_on));
    QCOMPARE(kept_stems(s.page->runs()->kept(), song).size(), size_t{2});
  }

  // Each song has its own settings, and its stems are found in the history whatever is open.
  void songsAreFoundAgainInTheHistory() {
    QDir(QStandardPaths::writableLocation(QStandardPaths::AppDataLocation)).removeRecursively();
    QTemporaryDir folder;
    const QString one = folder.filePath("one.wav"), two = folder.filePath("two.wav");
    for (const QString& song : {one, two})
      write_sound(song.toStdString(), {at::sin(at::arange(44100, at::kFloat) * 0.03f).unsqueeze(0) * 0.4, 44100});
    SongStudio s(1);
    QSignalSpy opened(s.page->runs(), &SongRuns::opened), reopened(s.page->runs(), &SongRuns::reopened);
    for (const QString& song : {one, two}) {
      s.window.open(song);
      QVERIFY(opened.wait(20000));
      s.find<QComboBox>("song_preset")->setCurrentText("quick");
      s.find<QSpinBox>("song_samples")->setValue(song == one ? 2 : 1);
      QVERIFY(s.run());
    }
    auto* history = s.page->findChildren<SongHistory*>().front();
    QCOMPARE(history->topLevelItemCount(), 2);
    QCOMPARE(history->topLevelItem(0)->text(0), QString("two.wav"));
    QVERIFY(history->topLevelItem(1)->child(0)->text(0).contains("2 samples"));
    Q_EMIT history->itemActivated(history->topLevelItem(1)->child(0), 0);
    QVERIFY(reopened.wait(20000));
    QVERIFY(s.window.windowTitle().startsWith("one.wav"));
    QCOMPARE(s.find<QSpinBox>("song_samples")->value(), 2);
    // A song that is gone is said to be.
    QVERIFY(QFile::remove(two));
    NextQuestion question("delete");
    Q_EMIT history->deletionWanted({kept_stems(s.page->runs()->kept(), one)});
    QVERIFY(question.asked());
    QCOMPARE(history->topLevelItemCount(), 1);
    QVERIFY2(history->topLevelItem(0)->text(0).contains("is not there"), qPrintable(history->topLevelItem(0)->text(0)));
  }

  void closingInASongRunAsks() {
    SongStudio s(12);
    s.find<QComboBox>("song_preset")->setCurrentText("best");
    QSignalSpy frames(s.page->runs(), &SongRuns::iterate);
    QTest::mouseClick(s.find<QPushButton>("song_run"), Qt::LeftButton);
    QVERIFY(frames.wait(30000));
    {
      NextQuestion question("keep_running");
      QVERIFY(!s.window.close());
      QVERIFY(question.asked() && question.words().endsWith('?') && s.page->runs()->busy());
    }
    {
      NextQuestion question("keep_running");
      s.window.open(s.folder.filePath("song.wav"));
      QVERIFY(question.asked() && s.page->runs()->busy());
    }
    QTest::mouseClick(s.find<QToolButton>("song_pause"), Qt::LeftButton);
    QVERIFY(s.page->runs()->paused());
    QTest::qWait(300);
    const auto held = frames.count();
    QTest::qWait(600);
    QCOMPARE(frames.count(), held);
    NextQuestion question("stop_and_keep");
    QVERIFY(!s.window.close());
    QTRY_VERIFY_WITH_TIMEOUT(!s.window.isVisible(), 20000);
  }

  void openingCanBeCancelled() {
    SongStudio s(1);
    const QString song = s.folder.filePath("long.wav");
    write_sound(song.toStdString(), {at::zeros({2, 44100 * 240}), 44100});
    QSignalSpy opening(s.page->runs(), &SongRuns::opening), opened(s.page->runs(), &SongRuns::opened);
    s.window.open(song);
    QVERIFY(opening.wait(20000));
    QVERIFY(s.find<QPushButton>("song_cancel")->isVisible());
    QTest::keyClick(&s.window, Qt::Key_Escape);
    QCOMPARE(s.page->runs()->state(), SongRuns::State::Ready);
    QVERIFY(!s.find<QPushButton>("song_cancel")->isVisible());
    QTest::qWait(300);
    QVERIFY(opened.isEmpty());
    QCOMPARE(s.page->axis()->length(), int64_t{44100});  // the open one stays
    s.find<QComboBox>("song_preset")->setCurrentText("quick");
    QVERIFY(s.run());
  }

  void exportingWritesOverNothing() {
    SongStudio s(1);
    s.find<QComboBox>("song_preset")->setCurrentText("quick");
    QVERIFY(s.run());
    ExportDialog dialog(s.page->exportSource(), ExportDialog::Stems, {});
    auto* save = dialog.findChild<QDialogButtonBox*>()->button(QDialogButtonBox::Save);
    dialog.findChild<QComboBox*>("export_format")->setCurrentIndex(0);
    dialog.findChild<QLineEdit*>("export_folder")->setText(s.folder.path());
    const auto first = [&] { return QFileInfo(dialog.wish().files.at(0).path).dir().dirName(); };
    QCOMPARE(first(), QString("song_stems"));
    QVERIFY(QDir().mkpath(s.folder.filePath("song_stems")));
    QCOMPARE(first(), QString("song_stems"));  // empty
    QFile file(s.folder.filePath("song_stems/bass.wav"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(first(), QString("song_stems 2"));
    dialog.findChild<QCheckBox*>("export_replace")->setChecked(true);
    QCOMPARE(first(), QString("song_stems"));
    // One file: the song itself is never written over.
    dialog.findChild<QRadioButton*>("export_without")->setChecked(true);
    QCOMPARE(dialog.findChild<QLineEdit*>("export_name")->text(), QString("song without bass"));
    dialog.findChild<QLineEdit*>("export_name")->setText("song");
    QCOMPARE(dialog.wish().files.at(0).path, s.folder.filePath("song 2.wav"));
    QVERIFY(save->isEnabled());
    dialog.findChild<QCheckBox*>("export_replace")->setChecked(true);
    QVERIFY(!save->isEnabled());
    dialog.findChild<QCheckBox*>("export_replace")->setChecked(false);
    dialog.findChild<QLineEdit*>("export_name")->setText("../elsewhere");
    QVERIFY(!save->isEnabled());
    dialog.findChild<QLineEdit*>("export_name")->setText("song");
    dialog.findChild<QLineEdit*>("export_folder")->setText("/no/such/folder");
    QVERIFY(!save->isEnabled());
    QCOMPARE(said(dialog, "export_note"), QString("There is no folder of this name."));
  }

  void onlyTheMarkedPartIsWritten() {
    SongStudio s(2);
    s.find<QComboBox>("song_preset")->setCurrentText("quick");
    QVERIFY(s.run());
    s.page->axis()->setMark(44100, 66150);
    ExportDialog dialog(s.page->exportSource(), ExportDialog::Without, "bass");
    dialog.findChild<QComboBox*>("export_part")->setCurrentIndex(1);
    dialog.findChild<QLineEdit*>("export_folder")->setText(s.folder.path());
    dialog.findChild<QComboBox*>("export_format")->setCurrentIndex(1);
    QSignalSpy exported(s.page->runs(), &SongRuns::exported);
    s.page->exportTo(dialog.wish());
    QVERIFY(exported.wait(20000));
    QCOMPARE(read_sound(s.folder.filePath("song without bass.flac").toStdString()).samples.size(1), int64_t{22050});
  }

  void keptStemsStayUnderTheirCap() {
    QTemporaryDir root;
    QStringList folders;
    for (int k = 0; k < 3; ++k) {
      KeptStems stems;
      stems.folder = make_stems_folder(root.path());
      stems.song = "/song.wav";
      stems.names = QStringList{"bass"};
      stems.length = stems.end = 250000;
      PcmFile track(stems.folder.toStdString(), 1, 250000, "bass.pcm");
      track.write(0, at::ones({1, 250000}));  // a megabyte
      write_kept(stems);
      folders << stems.folder;
      QTest::qWait(3);
    }
    QCOMPARE(kept_stems(root.path(), "/song.wav").size(), size_t{3});
    QVERIFY(kept_stems(root.path(), "/other.wav").empty());
    prune_stems(root.path(), 2500000);
    QVERIFY(!QFile::exists(folders[0]) && QFile::exists(folders[1]) && QFile::exists(folders[2]));
    prune_stems(root.path(), 10);
    QVERIFY(!QFile::exists(folders[1]) && QFile::exists(folders[2]));  // the newest stays
  }

  void brokenSongsKeepTheOpenOne() {
    SongStudio s(1);
    QFile file(s.folder.filePath("broken.wav"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("RIFF no sound");
    file.close();
    QVERIFY(!s.open("broken.wav"));
    QCOMPARE(s.page->runs()->state(), SongRuns::State::Ready);
    QVERIFY(s.find<QLabel>("song_message")->isVisible() &&
            s.find<QLabel>("song_message")->text().contains("broken.wav"));
    s.page->exportTo({{{s.folder.filePath("out.wav"), {}, {}}}, {}});  // nothing was run: there is no stem yet
    QVERIFY(!s.find<QPushButton>("song_export_button")->isEnabled());
    QVERIFY(!QFile::exists(s.folder.filePath("out")));
  }

  void whatADamagedMp3LostIsSaid() {
    SongStudio s(1);
    QFile whole(MGDM_SOURCE_DIR "/tests/data/cases/twenty_lame_t.mp3"), damaged(s.folder.filePath("damaged.mp3"));
    QVERIFY(whole.open(QIODevice::ReadOnly) && damaged.open(QIODevice::WriteOnly));
    QByteArray bytes = whole.readAll();
    damaged.write(bytes.replace(bytes.size() / 3, 3000, QByteArray(3000, '\0')));
    damaged.close();
    QVERIFY(s.open("damaged.mp3"));
    const QLabel* message = s.find<QLabel>("song_message");
    QVERIFY2(message->isVisible() && message->text().contains("0:06.") && message->text().contains("is silent"),
             qPrintable(message->text()));
  }

  void withoutASoundDeviceEverythingElseWorks() {
    const QByteArray conf = qgetenv("ALSA_CONFIG_PATH");
    QTemporaryDir folder;
    QFile file(folder.filePath("none.conf"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("pcm.!default { type hw\n card 77\n}\n");
    file.close();
    qputenv("ALSA_CONFIG_PATH", folder.filePath("none.conf").toUtf8());
    SongStudio s(1);
    QTRY_VERIFY_WITH_TIMEOUT(s.page->player()->looked(), 20000);
    QTest::keyClick(&s.window, Qt::Key_Space);
    QTRY_VERIFY_WITH_TIMEOUT(s.find<QLabel>("song_device_problem")->isVisible(), 10000);
    QVERIFY(s.find<QLabel>("song_device_problem")->text().contains("No sound device"));
    s.find<QComboBox>("song_preset")->setCurrentText("quick");
    QVERIFY(s.run());
    qputenv("ALSA_CONFIG_PATH", conf);
  }

  // ---- to the page for comparing and back ----

  static std::vector<Cell> cells_with(const nlohmann::json& keys) {
    return cells_of(parse_spec({{"base", keys}, {"axes", {{{"key", "seed"}, {"values", {keys.at("seed")}}}}}}, "/"));
  }

  void whatIsSentIsWhatARunHereWouldBe() {
    SongStudio s;
    nlohmann::json keys;
    connect(s.page, &Page::wantsToCompare, s.page, [&](const nlohmann::json& k) { keys = k; });
    s.find<QComboBox>("song_preset")->setCurrentText("quick");
    s.find<QComboBox>("song_what")->setCurrentIndex(3);
    s.find<QDoubleSpinBox>("song_level")->setValue(5000);
    s.find<QSpinBox>("song_seed")->setValue(3);
    s.page->axis()->setMark(44100, 2 * 44100);
    s.window.findChild<QAction*>("song_compare")->trigger();
    QCOMPARE(keys.value("song", std::string()), s.folder.filePath("song.wav").toStdString());
    QVERIFY(keys.at("from") == 1.0 && keys.at("seconds") == 1.0 && keys.at("bandwidth") == 5000.0);
    const auto cells = cells_with(keys);
    QVERIFY2(cells.size() == 1 && cells[0].error.empty(), cells[0].error.c_str());
    // The record of the same run here says the same of it.
    QSignalSpy finished(s.page->runs(), &SongRuns::finished);
    QVERIFY(s.run());
    const auto record = nlohmann::json::parse(finished[0][0].value<SongOutcome>().record.toStdString());
    const nlohmann::json& asked = cells[0].run.at("request");
    QCOMPARE(asked.value("sampler", std::string()), record.at("request").value("sampler", std::string()));
    QCOMPARE(asked.value("preset", std::string()), record.at("request").value("preset", std::string()));
    QCOMPARE(asked.value("seed", 0), record.at("request").value("seed", 1));
    QVERIFY(asked.at("settings").empty());
  }

  void aCellsSettingsComeBack() {
    SongStudio s;
    s.page->axis()->setMark(1000, 60000);
    const nlohmann::json keys = {{"song", "/nowhere.wav"}, {"prior", "band"}, {"preset", "best"},
                                 {"samples", 2},           {"seed", 8},       {"denoise", 0.02}};
    QVERIFY(!s.page->useSettings("photo", keys));
    QVERIFY(s.page->useSettings("song", keys));
    QCOMPARE(s.find<QComboBox>("song_preset")->currentData().toString(), QString("best"));
    QCOMPARE(s.find<QComboBox>("song_what")->currentIndex(), 1);
    QCOMPARE(s.find<QDoubleSpinBox>("song_level")->value(), 0.02);
    QCOMPARE(s.find<QSpinBox>("song_samples")->value(), 2);
    QCOMPARE(s.find<QSpinBox>("song_seed")->value(), 8);
    QCOMPARE(s.page->axis()->markEnd(), int64_t{60000});  // the song that is open and its part stay
    // What the form has no fields for is one more quality, and is run, kept and sent on.
    QVERIFY(s.page->useSettings("song", {{"sampler", "ddim"}, {"steps", 7}, {"overlap", 16}, {"seed", 1}}));
    auto* preset = s.find<QComboBox>("song_preset");
    QVERIFY2(preset->currentText().contains("ddim") && preset->currentText().contains("steps 7"),
             qPrintable(preset->currentText()));
    const SongWish wish = s.window.findChild<SongPanel*>()->wish();
    QVERIFY(wish.request.sampler == "ddim" && wish.request.sampler_settings.at("steps") == 7 &&
            wish.request.overlap == 16 && wish.hiss == 0);
    const nlohmann::json again = s.window.findChild<SongPanel*>()->keys();
    QVERIFY(again.at("sampler") == "ddim" && again.at("steps") == 7 && again.at("overlap") == 16);
    const nlohmann::json session = s.window.findChild<SongPanel*>()->session();
    preset->setCurrentIndex(0);
    QCOMPARE(s.window.findChild<SongPanel*>()->wish().request.sampler, std::string("mgdm"));
    s.window.findChild<SongPanel*>()->restore(session);
    QCOMPARE(s.window.findChild<SongPanel*>()->wish().request.sampler, std::string("ddim"));
    // What is of another version changes nothing.
    QVERIFY(s.page->useSettings("song", {{"sampler", "of_tomorrow"}, {"seed", 5}}));
    QVERIFY(s.find<QLabel>("song_message")->text().contains("of_tomorrow"));
    QCOMPARE(s.find<QSpinBox>("song_seed")->value(), 1);
  }
};

QTEST_MAIN(TestSongPage)
#include "tst_song_page.moc"
