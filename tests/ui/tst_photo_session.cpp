// What outlives the window: the session, the history, an interrupted run.
#include <ATen/ATen.h>

#include <QtTest>

#include <QApplication>
#include <QClipboard>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <QListWidget>
#include <QSlider>
#include <QThread>

#include "core/checkpoints/safetensors.h"
#include "core/media/working_area.h"
#include "core/threads/mailbox.h"
#include "tests/ui/studio_fixture.h"
#include "ui/jobs/saver.h"
#include "ui/photo/history.h"
#include "ui/photo/iterate_file.h"
#include "ui/photo/timeline.h"

using namespace mgdm;
using namespace mgdm::ui;
using namespace mgdm::ui::fixture;

class TestPhotoSession : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase() { prepare(); }

  void finishedRunsSurviveARestart() {
    RunOutcome outcome;
    {
      Studio s;
      s.paint();
      s.settings(5);
      s.find<QSpinBox>("samples_count")->setValue(2);
      QSignalSpy kept(s.page->history(), &History::changed);
      outcome = s.run();
      if (kept.isEmpty()) QVERIFY(kept.wait(20000));
      s.page->history()->setFavourite(0, true);
    }
    MainWindow again;
    QVERIFY(!again.photoPage()->history()->entries().empty());
    const HistoryEntry entry = again.photoPage()->history()->entries().front();
    QVERIFY(entry.favourite && !entry.thumbnail.isNull());
    const RunOutcome back = History::read(entry.folder);
    QCOMPARE(back.samples.size(), size_t{2});
    QCOMPARE(cv::norm(back.samples[1].deep, outcome.samples[1].deep, cv::NORM_INF), 0.0);
    QVERIFY(back.samples[1].image.convertToFormat(QImage::Format_ARGB32) ==
            outcome.samples[1].image.convertToFormat(QImage::Format_ARGB32));
    QVERIFY(back.masked && back.mask == outcome.mask && back.area == outcome.area);
    again.photoPage()->history()->remove(0);
    QTRY_VERIFY(!QFile::exists(entry.folder + "/run.json"));
  }

  void theSessionIsReopened() {
    QTemporaryDir folder;
    const QString file = folder.filePath("photo.png");
    test_photo(400, 300).save(file);
    QImage mask;
    cv::Mat pixels;
    {
      Studio s;
      QSignalSpy opened(s.page->runs(), &PhotoRuns::photoOpened);
      s.window.open(file);
      QVERIFY(opened.wait(20000));
      s.paint();
      s.find<QSpinBox>("seed")->setValue(42);
      s.page->document()->setArea(square_area({400, 300}, {150, 150}, 200, 128));
      cv::Mat red(128, 128, CV_16UC3, cv::Scalar(60000, 1000, 1000));
      s.page->document()->accept(red, s.page->document()->area(), s.page->document()->mask(), false, "red");
      s.page->document()->setLayerOpacity(0, 0.5);
      pixels = s.page->document()->photo()->pixels.clone();
      mask = s.page->document()->mask();
      QTest::qWait(1500);  // no closing: as if it had been killed
      s.page->saver()->wait();
    }
    MainWindow again;
    again.photoPage()->runs()->setPrior(tiny_prior());
    QSignalSpy opened(again.photoPage()->runs(), &PhotoRuns::photoOpened);
    QVERIFY(again.photoPage()->restoreSession());
    QVERIFY(opened.wait(20000));
    QCOMPARE(again.photoPage()->document()->size(), QSize(400, 300));
    QVERIFY(again.photoPage()->document()->mask() == mask);
    QCOMPARE(again.photoPage()->document()->area().rect, cv::Rect(50, 50, 200, 200));
    QCOMPARE(again.photoPage()->document()->layers().size(), size_t(1));
    QVERIFY(cv::norm(again.photoPage()->document()->photo()->pixels, pixels, cv::NORM_INF) == 0);
    QVERIFY(again.photoPage()->document()->unsaved());
    QCOMPARE(again.findChild<QSpinBox*>("seed")->value(), 42);
  }

  void aRunThatWasKilledIsGoneOnWith() {
    QTemporaryDir folder;
    const QString file = folder.filePath("photo.png"),
                  data = QStandardPaths::writableLocation(QStandardPaths::AppDataLocation),
                  state = data + "/session_run.safetensors";
    test_photo().save(file);
    int step = 0;
    {
      Studio s;
      QSignalSpy opened(s.page->runs(), &PhotoRuns::photoOpened);
      s.window.open(file);
      QVERIFY(opened.wait(20000));
      s.paint();
      s.settings(1000);
      QTest::mouseClick(s.find<QPushButton>("run"), Qt::LeftButton);
      QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(state), 60000);
      // What a kill leaves: the files as they are now.
      QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(data + "/session.json"), 5000);
      QTest::qWait(1200);
      QVERIFY(QFile::copy(state, folder.filePath("state")));
      QTest::mouseClick(s.find<QPushButton>("discard"), Qt::LeftButton);
      QTRY_VERIFY_WITH_TIMEOUT(!QFile::exists(state), 20000);  // ended by the person: nothing to go on with
    }
    QVERIFY(QFile::copy(folder.filePath("state"), state));
    MainWindow again;
    again.photoPage()->runs()->setPrior(tiny_prior());
    again.show();
    QSignalSpy opened(again.photoPage()->runs(), &PhotoRuns::photoOpened);
    QVERIFY(again.photoPage()->restoreSession());
    QVERIFY(opened.wait(20000));
    const auto run = again.photoPage()->runs()->interrupted();
    QVERIFY(run && run->steps > 100 && run->step >= 1);
    step = run->step;
    auto* message = again.findChild<QLabel*>("message");
    QVERIFY(message->isVisible() && message->text().contains("resume"));
    QSignalSpy iterates(again.photoPage()->runs(), &PhotoRuns::iterate),
        finished(again.photoPage()->runs(), &PhotoRuns::finished),
        failed(again.photoPage()->runs(), &PhotoRuns::failed);
    Q_EMIT message->linkActivated("resume");
    QTRY_VERIFY_WITH_TIMEOUT(!iterates.isEmpty() || !failed.isEmpty(), 60000);
    QVERIFY2(failed.isEmpty(), failed.isEmpty() ? "" : qPrintable(failed[0][0].toString()));
    QTest::mouseClick(again.findChild<QPushButton*>("stop"), Qt::LeftButton);
    QVERIFY(finished.wait(20000));
    const auto record = QJsonDocument::fromJson(finished[0][0].value<RunOutcome>().record.toUtf8()).object();
    QCOMPARE(record["request"].toObject()["branch"].toObject()["step"].toInt(), step);
    QTRY_VERIFY(!QFile::exists(state));
  }

  void closingInARunKeepsIt() {
    QTemporaryDir folder;
    const QString file = folder.filePath("photo.png");
    test_photo().save(file);
    int step = 0;
    qint64 evaluations = 0;
    {
      Studio s;
      s.openFile(file);
      QSignalSpy frames(s.page->runs(), &PhotoRuns::iterate);
      QVERIFY(s.beInARun());
      QTRY_VERIFY(frames.count() > 8);
      {
        NextQuestion question("keep_running");
        QVERIFY(!s.window.close());
        QVERIFY(question.asked() && question.words().endsWith('?'));
        QVERIFY(s.window.isVisible() && s.page->runs()->busy());
      }
      step = frames.last()[0].value<Frame>().step;
      evaluations = frames.last()[0].value<Frame>().evaluations;
      NextQuestion question("go_on_later");
      QVERIFY(s.window.close());
      QVERIFY(question.asked());
    }
    MainWindow again;
    again.photoPage()->runs()->setPrior(tiny_prior());
    again.show();
    QSignalSpy opened(again.photoPage()->runs(), &PhotoRuns::photoOpened),
        iterates(again.photoPage()->runs(), &PhotoRuns::iterate),
        finished(again.photoPage()->runs(), &PhotoRuns::finished);
    QVERIFY(again.photoPage()->restoreSession());
    QVERIFY(opened.wait(20000));
    const auto run = again.photoPage()->runs()->interrupted();
    QVERIFY2(run && run->step >= step, qPrintable(QString::number(run ? run->step : -1)));  // not the state of 2 s ago
    auto* message = again.findChild<QLabel*>("message");
    QVERIFY(message->isVisible());
    Q_EMIT message->linkActivated("resume");
    QTRY_VERIFY_WITH_TIMEOUT(iterates.count() > 3, 60000);
    const auto first = iterates.first()[0].value<Frame>();
    QVERIFY2(
        first.step > step && first.evaluations > evaluations && first.seconds > 0,
        qPrintable(QString("step %1, evaluations %2 of %3").arg(first.step).arg(first.evaluations).arg(evaluations)));
    QTest::mouseClick(again.findChild<QPushButton*>("stop"), Qt::LeftButton);
    QVERIFY(finished.wait(20000));
    QTRY_VERIFY(!again.photoPage()->runs()->interrupted());
  }

  void closingCanKeepWhatThereIs() {
    Studio s;
    QVERIFY(s.beInARun());
    const size_t before = s.page->history()->entries().size();
    NextQuestion question("stop_and_keep");
    QVERIFY(!s.window.close());  // not yet
    QTRY_VERIFY(!s.window.isVisible());
    s.page->saver()->wait();
    QCOMPARE(s.page->history()->entries().size(), before + 1);
  }

  void openingInARunAsks() {
    QTemporaryDir folder;
    const QString file = folder.filePath("other.png");
    test_photo(200, 208).save(file);
    Studio s;
    QVERIFY(s.beInARun());
    {  // what cannot be read is not worth a question
      QSignalSpy failed(s.page->runs(), &PhotoRuns::failed);
      s.window.open(folder.filePath("missing.png"));
      QVERIFY(failed.wait(20000));
      QVERIFY(s.page->runs()->busy() && s.page->document()->size().width() == 320);
    }
    {
      NextQuestion question("keep_running");
      s.window.openAll({file, file});
      QTRY_VERIFY(question.asked());
      QTest::qWait(50);
      QVERIFY(s.page->runs()->busy() && s.page->document()->size().width() == 320);
      QVERIFY(!s.find<QPushButton>("next_photo")->isVisible());  // the queue never began
    }
    {
      NextQuestion question("keep_running");
      QApplication::clipboard()->setImage(test_photo(208, 200));
      s.act("paste")->trigger();
      QTRY_VERIFY(question.asked());
      QVERIFY(s.page->runs()->busy());
    }
    const size_t before = s.page->history()->entries().size();
    NextQuestion question("stop_and_keep");
    s.window.open(file);
    QTRY_COMPARE(s.page->document()->size().width(), 200);
    QVERIFY(question.asked() && s.ready());
    s.page->saver()->wait();
    QCOMPARE(s.page->history()->entries().size(), before + 1);
  }

  void aSecondWindowHasASessionOfItsOwn() {
    QTemporaryDir folder;
    const QString file = folder.filePath("photo.png");
    test_photo().save(file);
    Studio s;
    s.openFile(file);
    QVERIFY(s.beInARun());
    QTRY_VERIFY_WITH_TIMEOUT(s.page->runs()->interrupted(), 20000);  // its state is on disk
    QTest::qWait(1300);
    s.page->saver()->wait();
    MainWindow second;
    second.photoPage()->runs()->setPrior(tiny_prior());
    QVERIFY(!second.photoPage()->runs()->interrupted());
    QVERIFY(!second.photoPage()->restoreSession());
    s.page->runs()->discard();
  }

  void aFinishedRunComesBackWhole() {
    QTemporaryDir folder;
    const QString file = folder.filePath("photo.png"), other = folder.filePath("other.png");
    test_photo().save(file);
    test_photo(256, 200).save(other);
    RunOutcome outcome;
    QImage mask;
    size_t iterates = 0;
    QString title;
    {
      Studio s;
      s.openFile(file);
      s.page->document()->setArea(square_area({320, 256}, {140, 120}, 160, 128));
      s.paint();
      mask = s.page->document()->mask();
      s.settings(9);
      s.find<QSpinBox>("samples_count")->setValue(2);
      s.find<QSpinBox>("seed")->setValue(5);
      QSignalSpy kept(s.page->history(), &History::changed);
      outcome = s.run();
      QTRY_VERIFY(!kept.isEmpty());
      iterates = s.page->window()->findChild<Timeline*>()->frames().size();
      QVERIFY(iterates > 3);
      s.find<QListWidget>("samples")->setCurrentRow(1);
      s.act("favourite")->trigger();
      s.page->saver()->wait();
    }
    Studio s;
    const auto& entries = s.page->history()->entries();
    QCOMPARE(entries.front().summary.sampler, QString("mgdm"));
    QVERIFY(entries.front().summary.residual > 0 && entries.front().summary.seconds > 0);
    QCOMPARE(entries.front().summary.samples, 2);
    s.openFile(other);
    auto* list = s.find<QListWidget>("history");
    QVERIFY2(list->item(0)->text().contains("noise") && list->item(0)->text().contains("residual"),
             qPrintable(list->item(0)->text()));
    Q_EMIT list->itemActivated(list->item(0));  // once, though it is of another photo
    auto* strip = s.find<QListWidget>("samples");
    QTRY_COMPARE_WITH_TIMEOUT(s.page->document()->path(), file, 20000);
    QTRY_COMPARE_WITH_TIMEOUT(strip->count(), 5, 20000);  // two samples, mean, spread, observation
    QVERIFY(s.page->document()->mask() == mask);
    QCOMPARE(s.page->document()->area(), outcome.area);
    QCOMPARE(s.find<QSpinBox>("seed")->value(), 5);
    QCOMPARE(s.find<QSpinBox>("steps")->value(), 9);
    QCOMPARE(s.find<QSpinBox>("samples_count")->value(), 2);
    QVERIFY(s.find<QPushButton>("run")->isEnabled());
    auto* timeline = s.window.findChild<Timeline*>();
    QCOMPARE(timeline->frames().size(), iterates);
    QVERIFY(timeline->isVisible() && !timeline->canBranch());  // those iterates' states are gone
    QVERIFY2(strip->item(0)->toolTip().contains(QString::number(outcome.samples[0].residual, 'f', 2)),
             qPrintable(strip->item(0)->toolTip()));
    strip->setCurrentRow(2);
    QVERIFY(s.page->canvas()->overlay().image.convertToFormat(QImage::Format_ARGB32) ==
            outcome.mean.image.convertToFormat(QImage::Format_ARGB32));
    strip->setCurrentRow(3);
    QVERIFY(s.page->canvas()->overlay().image == outcome.deviation);
    strip->setCurrentRow(1);
    QVERIFY(s.find<QPushButton>("favourite")->isChecked());
    // An iterate is seen where the sample is, and nowhere else.
    s.find<QSlider>("iterates")->setValue(1);
    const QImage seen = s.page->canvas()->overlay().image;
    for (const QPoint& at : {QPoint(2, 2), QPoint(60, 60), QPoint(64, 58)})
      QCOMPARE(qAlpha(seen.pixel(at)), qAlpha(outcome.samples[0].image.pixel(at)));
  }

  void theStarIsTheShownRuns() {
    QTemporaryDir folder;
    const QString file = folder.filePath("photo.png");
    test_photo().save(file);
    Studio s;
    s.openFile(file);
    s.paint();
    s.settings(4);
    QSignalSpy kept(s.page->history(), &History::changed);
    s.run();
    QTRY_COMPARE(kept.count(), 1);
    s.run();
    QTRY_COMPARE(kept.count(), 2);
    auto* list = s.find<QListWidget>("history");
    QSignalSpy read(s.page->history(), &History::wasRead);
    Q_EMIT list->itemActivated(list->item(1));
    QVERIFY(read.wait(20000));
    s.act("favourite")->trigger();
    QVERIFY(!s.page->history()->entries()[0].favourite && s.page->history()->entries()[1].favourite);
  }

  void whatIsDeletedCanBePutBack() {
    Studio s;
    s.paint();
    s.settings(4);
    QSignalSpy kept(s.page->history(), &History::changed);
    s.run();
    QTRY_COMPARE(kept.count(), 1);
    const HistoryEntry entry = s.page->history()->entries().front();
    const size_t before = s.page->history()->entries().size();
    auto* list = s.find<QListWidget>("history");
    list->setCurrentRow(0);
    QTest::keyClick(list, Qt::Key_Delete);
    QCOMPARE(s.page->history()->entries().size(), before - 1);
    auto* message = s.find<QLabel>("message");
    QVERIFY(message->isVisible() && message->text().contains("resume"));
    QTRY_VERIFY(!QFile::exists(entry.folder + "/run.json"));
    Q_EMIT message->linkActivated("resume");
    QTRY_COMPARE(s.page->history()->entries().size(), before);
    QCOMPARE(s.page->history()->entries().front().folder, entry.folder);
    QVERIFY(!History::read(entry.folder).samples.empty() && !message->isVisible());
  }

  void iteratesStayUnderTheirCap() {
    QTemporaryDir folder;
    std::vector<Frame> frames;
    cv::RNG random(3);
    for (int k = 0; k < 60; ++k) {
      Frame frame;
      QImage noise(512, 512, QImage::Format_RGB32);
      cv::Mat pixels(512, 512, CV_8UC4, noise.bits(), static_cast<size_t>(noise.bytesPerLine()));
      random.fill(pixels, cv::RNG::UNIFORM, 0, 256);
      frame.samples = {noise};
      frame.noisy = noise;
      frame.step = k + 1;
      frame.steps = 60;
      frames.push_back(frame);
    }
    const QString file = folder.filePath("iterates");
    write_iterates(file, frames, {});
    QVERIFY2(QFileInfo(file).size() <= kIterateFileBytes + 64, qPrintable(QString::number(QFileInfo(file).size())));
    const std::vector<Frame> back = read_iterates(file);
    QVERIFY(back.size() > 4 && back.size() < 60);
    QCOMPARE(back.back().step, 60);  // the newest stays
    // A damaged file holds nothing, and does no harm.
    QFile cut(file);
    QVERIFY(cut.resize(cut.size() / 2));
    QVERIFY(read_iterates(file).empty());
  }

  void historyEntriesAreShownAgain() {
    Studio s;
    QTemporaryDir folder;
    const QString file = folder.filePath("photo.png");
    test_photo().save(file);
    QSignalSpy opened(s.page->runs(), &PhotoRuns::photoOpened);
    s.window.open(file);
    QVERIFY(opened.wait(20000));
    s.paint();
    s.settings(5);
    QSignalSpy kept(s.page->history(), &History::changed);
    const RunOutcome outcome = s.run();
    if (kept.isEmpty()) QVERIFY(kept.wait(20000));
    s.run();  // another one is on screen now
    auto* list = s.find<QListWidget>("history");
    QTRY_COMPARE_WITH_TIMEOUT(s.page->history()->entries().size(), static_cast<size_t>(list->count()), 20000);
    for (int row = 0; row < list->count(); ++row) {
      if (s.page->history()->entries()[static_cast<size_t>(row)].photo == file)
        Q_EMIT list->itemActivated(list->item(row));
    }
    QTRY_VERIFY(!s.find<QListWidget>("samples")->selectedItems().isEmpty());
    QTRY_VERIFY(s.page->canvas()->overlay().image.convertToFormat(QImage::Format_ARGB32) ==
                outcome.samples[0].image.convertToFormat(QImage::Format_ARGB32));
    s.page->acceptSample();  // and can still be put in
    QVERIFY(s.page->document()->unsaved());
  }

  void everySettingIsInTheSession() {
    QTemporaryDir folder;
    const QString file = folder.filePath("photo.png"),
                  session = QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) + "/session.json";
    test_photo().save(file);
    Studio s;
    QSignalSpy opened(s.page->runs(), &PhotoRuns::photoOpened);
    s.window.open(file);
    QVERIFY(opened.wait(20000));
    QTest::qWait(1300);  // what opening has to write
    s.page->saver()->wait();
    const auto written = [&](const char* key) {
      s.page->saver()->wait();
      QFile in(session);
      const auto json = in.open(QIODevice::ReadOnly) ? nlohmann::json::parse(in.readAll().toStdString(), nullptr, false)
                                                     : nlohmann::json();
      return json.is_object() && json.contains(key) ? json[key] : nlohmann::json();
    };
    s.find<QSpinBox>("seed")->setValue(77);
    QTRY_VERIFY_WITH_TIMEOUT(written("seed") == 77, 5000);
    s.find<QSpinBox>("steps")->setValue(33);  // of the sampler's own form
    QTRY_VERIFY_WITH_TIMEOUT(written("settings").value("steps", 0) == 33, 5000);
    s.find<QSpinBox>("samples_count")->setValue(3);
    QVERIFY(s.window.close());  // at once
    QCOMPARE(written("samples"), nlohmann::json(3));
  }

  void filesAreWrittenInTheOrderInWhichTheyWereAskedFor() {
    QTemporaryDir folder;
    QStringList answers;
    const QString file = folder.filePath("file");
    {
      Saver saver;
      for (int i = 0; i < 20; ++i) {
        saver.post(
            [file, i] {
              QFile out(file);
              if (!out.open(QIODevice::WriteOnly)) throw std::runtime_error("cannot be written");
              if (i % 3 == 0) QThread::msleep(5);
              out.write(QByteArray::number(i));
              if (i == 7) throw std::runtime_error("seven\nis told");
            },
            [&answers, i](const QString& error) { answers << QString::number(i) + error; });
      }
      saver.wait();
      QCOMPARE(answers.size(), 20);
      QCOMPARE(answers[7], QString("7seven"));
      for (int i = 0; i < 20; ++i) QVERIFY(answers[i].startsWith(QString::number(i)));
      saver.post([file] {
        QThread::msleep(50);
        QFile::remove(file);
      });
    }  // waits
    QVERIFY(!QFile::exists(file));
  }

  void aBrokenStateIsNotOfferedForEver() {
    Studio s;
    QTemporaryDir folder;
    const std::string state = folder.filePath("state.safetensors").toStdString();
    // Its summary can be read, its tensors are not there.
    const nlohmann::json run = {{"request", nlohmann::json::object()},
                                {"origin", {{"photo", ""}}},
                                {"precision", "float32"},
                                {"step", 3},
                                {"steps", 10},
                                {"gibbs", 1},
                                {"t", 500},
                                {"alpha_bar", 0.5}};
    write_safetensors(state, {{{"other", at::zeros({1})}}, {{"run", run.dump()}}});
    s.page->runs()->setStateFile(QString::fromStdString(state));
    QVERIFY(s.page->runs()->interrupted());
    s.paint();
    QSignalSpy failed(s.page->runs(), &PhotoRuns::failed);
    s.page->resumeInterrupted();
    QVERIFY(failed.wait(20000));
    QVERIFY(!s.page->runs()->interrupted() && s.ready());
  }

  void mailboxKeepsOnlyTheLatest() {
    Mailbox<int> box;
    QVERIFY(box.put(1));
    QVERIFY(!box.put(2));
    QCOMPARE(box.take().value(), 2);
    QVERIFY(!box.take().has_value());
  }
};

QTEST_MAIN(TestPhotoSession)
#include "tst_photo_session.moc"
