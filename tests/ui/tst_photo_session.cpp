// What outlives the window: the session, the history, an interrupted run.
#include <ATen/ATen.h>

#include <QtTest>

#include <QJsonDocument>
#include <QJsonObject>
#include <QListWidget>
#include <QThread>

#include "core/checkpoints/safetensors.h"
#include "core/media/working_area.h"
#include "core/threads/mailbox.h"
#include "tests/ui/studio_fixture.h"
#include "ui/jobs/saver.h"
#include "ui/photo/history.h"

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
