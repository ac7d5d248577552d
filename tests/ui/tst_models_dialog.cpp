// The window of the models.

#include <QtTest>

#include <QComboBox>
#include <QDropEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMessageBox>
#include <QMimeData>
#include <QPushButton>
#include <QSettings>
#include <QTabWidget>
#include <QTableWidget>
#include <QTimer>
#include <QUrl>

#include "core/checkpoints/torch_file.h"
#include "tests/core/download/http_server.h"
#include "tests/oracle.h"
#include "tests/ui/studio_fixture.h"
#include "ui/models/models_dialog.h"

using namespace mgdm;
using namespace mgdm::ui;
using namespace mgdm::ui::fixture;

class TestModelsDialog : public QObject {
  Q_OBJECT
  QTemporaryDir lists_;
  test::HttpServer server_{{}};

 private Q_SLOTS:
  void initTestCase() {
    prepare();
    // The list is read once: before anything asks for it.
    QFile list(lists_.filePath("sources.json"));
    QVERIFY(list.open(QIODevice::WriteOnly));
    const auto source = [&](const char* name, const nlohmann::json& more) {
      nlohmann::json all = {{"name", name}, {"publisher", "we"}, {"page", "https://example.org"}, {"license", "MIT"}};
      all.update(more);
      return all;
    };
    const std::string weights = "diffusion_pytorch_model.safetensors", config = "config.json";
    const auto file = [&](const std::string& name) {
      return nlohmann::json{{"name", name}, {"addresses", {server_.address("/slow/" + name)}}};
    };
    const nlohmann::json models = {
        source("adm-ffhq", {{"by_hand", "climb the mountain"}}),
        source("adm-imagenet", {{"model", weights}, {"files", {file(weights), file(config)}}})};
    list.write(QByteArray::fromStdString(nlohmann::json{{"models", models}}.dump()));
    qputenv("MGDM_SOURCES", list.fileName().toUtf8());
  }

  // From the table, over the network (here a server of the test's own), into the models; the licence first.
  void aPublishedModelIsFetched() {
    NEEDS_PARITY();
    for (const char* name : {"diffusion_pytorch_model.safetensors", "config.json"}) {
      QFile file(QString::fromStdString(test::parity_path(std::string("diffusers_cifar10/") + name)));
      QVERIFY(file.open(QIODevice::ReadOnly));
      server_.replace(name, file.readAll().toStdString(), "\"one\"");
    }
    QTemporaryDir data;
    const QByteArray before = qgetenv("XDG_DATA_HOME");
    qputenv("XDG_DATA_HOME", data.path().toUtf8());
    {
      Studio s;
      ModelsDialog* dialog = s.window.models();
      dialog->show();
      dialog->findChild<QTabWidget*>()->setCurrentIndex(1);
      auto* table = dialog->findChild<QTableWidget*>("published_models");
      auto* fetch = dialog->findChild<QPushButton*>("fetch_model");
      QVERIFY(!fetch->isEnabled());
      table->selectRow(0);
      QTest::mouseClick(fetch, Qt::LeftButton);
      QTRY_VERIFY(dialog->findChild<QLabel*>("message")->text().contains("climb the mountain"));
      table->selectRow(1);
      const auto answers = [&](const char* name) {
        QTimer::singleShot(200, dialog, [name] {
          auto* box = qobject_cast<QMessageBox*>(QApplication::activeModalWidget());
          QVERIFY(box != nullptr);
          QVERIFY(box->informativeText().contains("MIT"));
          QTest::mouseClick(box->findChild<QPushButton*>(QString::fromLatin1(name)), Qt::LeftButton);
        });
        QTest::mouseClick(fetch, Qt::LeftButton);
      };
      answers("fetch_cancel");
      QVERIFY(!dialog->busy() && server_.requests().empty());
      QSignalSpy ended(dialog, &ModelsDialog::importEnded);
      answers("fetch_accept");
      QTRY_VERIFY(dialog->busy() && !fetch->isEnabled());
      QTRY_VERIFY_WITH_TIMEOUT(!server_.requests().empty(), 10000);
      QTest::mouseClick(dialog->findChild<QPushButton*>("cancel_import"), Qt::LeftButton);
      QVERIFY(ended.wait(10000));
      QVERIFY(!ended[0][0].toBool());
      answers("fetch_accept");  // goes on
      QVERIFY(ended.wait(200000));
      QVERIFY2(ended[1][0].toBool(), qPrintable(dialog->findChild<QLabel*>("message")->text()));
      auto* list = dialog->findChild<QListWidget*>("models");
      bool there = false;
      for (int i = 0; i < list->count(); ++i) there = there || list->item(i)->text().contains("adm-imagenet");
      QVERIFY(there);
    }
    qputenv("XDG_DATA_HOME", before);
  }

  // With real events: a checkpoint dropped on the photo is imported, used, checked and removed.
  void aDroppedCheckpointIsImportedUsedAndRemoved() {
    NEEDS_PARITY();
    QTemporaryDir data;
    const QByteArray before = qgetenv("XDG_DATA_HOME");
    qputenv("XDG_DATA_HOME", data.path().toUtf8());
    {
      Studio s;
      auto* model = s.find<QComboBox>("model");
      QCOMPARE(model->currentIndex(), 0);
      const int had = model->count();
      QMimeData mime;
      mime.setUrls({QUrl::fromLocalFile(QString::fromStdString(test::parity_path("adm_ffhq/ffhq_10m.pt")))});
      QDragEnterEvent enter(QPoint(50, 50), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
      QCoreApplication::sendEvent(s.page->canvas(), &enter);
      QDropEvent drop(QPointF(50, 50), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
      QCoreApplication::sendEvent(s.page->canvas(), &drop);
      ModelsDialog* dialog = s.window.models();
      QVERIFY(dialog->isVisible());
      QSignalSpy ended(dialog, &ModelsDialog::importEnded);
      QVERIFY(!ended.isEmpty() || ended.wait(30000));
      QVERIFY(ended[0][0].toBool());
      QCOMPARE(model->count(), had + 1);
      QTest::mouseClick(dialog->findChild<QPushButton*>("use_model"), Qt::LeftButton);
      QVERIFY(!dialog->isVisible());
      QCOMPARE(model->currentText(), QString("ffhq_10m"));
      // It was trained on 64 pixels: it sees the photo in tiles of that, or scaled to it.
      QCOMPARE(s.find<QComboBox>("detail")->itemText(0), QString("the photo's own pixels"));
      QCOMPARE(s.find<QComboBox>("detail")->itemText(1), QString("64 px, the model's own"));
      s.find<QComboBox>("detail")->setCurrentIndex(1);
      QCOMPARE(std::min(s.page->document()->area().width, s.page->document()->area().height), 64);
      s.page->chooseWay(Way::Try);
      s.find<QComboBox>("task")->setCurrentIndex(s.find<QComboBox>("task")->findData("denoising"));
      s.settings(5);
      const RunOutcome outcome = s.run();
      QCOMPARE(outcome.samples.size(), size_t{1});
      QCOMPARE(QString::fromStdString(nlohmann::json::parse(outcome.record.toStdString()).at("request").at("prior")),
               QString("ffhq_10m"));
      QCOMPARE(outcome.samples[0].image.height(), 64);

      // Checked, then removed; the window goes back to the model that is left.
      dialog->show();
      auto* list = dialog->findChild<QListWidget*>("models");
      for (int i = 0; i < list->count(); ++i) {
        if (list->item(i)->text().startsWith("ffhq_10m")) list->setCurrentRow(i);
      }
      QTest::mouseClick(dialog->findChild<QPushButton*>("verify_model"), Qt::LeftButton);
      QTRY_VERIFY_WITH_TIMEOUT(!dialog->busy(), 30000);
      QVERIFY2(dialog->findChild<QLabel*>("message")->text().contains("as its card says"),
               qPrintable(dialog->findChild<QLabel*>("message")->text()));
      QTimer::singleShot(200, [] {
        auto* box = qobject_cast<QMessageBox*>(QApplication::activeModalWidget());
        if (box != nullptr) box->buttons().constFirst()->click();
      });
      QTest::mouseClick(dialog->findChild<QPushButton*>("remove_model"), Qt::LeftButton);
      QCOMPARE(model->count(), had);
      QCOMPARE(model->currentIndex(), 0);
      QVERIFY(QDir(data.filePath("mgdm-studio/models")).isEmpty());
      QVERIFY(!dialog->findChild<QPushButton*>("remove_model")->isEnabled());  // the shipped ones stay

      // What the weights do not tell is asked for.
      const QString bare = data.filePath("bare.pt");
      write_torch_file(bare.toStdString(), read_weights(test::parity_path("adm_ffhq/ffhq_10m.pt")));
      ended.clear();
      dialog->importFiles({bare});
      QVERIFY(ended.wait(30000) && !ended[0][0].toBool());
      QVERIFY(dialog->findChild<QLineEdit*>("model_answer")->isVisible());
      QTest::keyClicks(dialog->findChild<QLineEdit*>("model_answer"), "32");
      ended.clear();
      QTest::mouseClick(dialog->findChild<QPushButton*>("model_answer_given"), Qt::LeftButton);
      QVERIFY(ended.wait(30000) && ended[0][0].toBool());
      QVERIFY(QFile::exists(data.filePath("mgdm-studio/models/bare.json")));
      // And what is no model says so.
      QFile(data.filePath("text.ckpt")).open(QIODevice::WriteOnly);
      ended.clear();
      dialog->importFiles({data.filePath("text.ckpt")});
      QVERIFY(ended.wait(30000) && !ended[0][0].toBool());
      QVERIFY(dialog->findChild<QLabel*>("message")->text().contains("is empty"));
    }
    before.isEmpty() ? qunsetenv("XDG_DATA_HOME") : qputenv("XDG_DATA_HOME", before);
    QSettings().remove("model");
  }
};

QTEST_MAIN(TestModelsDialog)
#include "tst_models_dialog.moc"
