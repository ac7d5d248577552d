// The form that makes a request.
#include <ATen/ATen.h>

#include <QtTest>

#include <QComboBox>
#include <QLineEdit>
#include <QMenu>
#include <QSettings>
#include <QStandardItemModel>
#include <opencv2/imgcodecs.hpp>

#include "core/runs/run_request.h"
#include "core/samplers/description.h"
#include "tests/ui/studio_fixture.h"
#include "ui/photo/own_presets.h"
#include "ui/photo/pace.h"
#include "ui/photo/task_panel.h"
#include "ui/widgets/kernel_editor.h"
#include "ui/widgets/number_box.h"
#include "ui/widgets/settings_form.h"

using namespace mgdm;
using namespace mgdm::ui;
using namespace mgdm::ui::fixture;

class TestTaskPanel : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase() { prepare(); }

  void numbersHaveADotOrAComma_data() {
    QTest::addColumn<QString>("language");
    QTest::addColumn<QString>("typed");
    QTest::addColumn<double>("value");
    for (const char* language : {"de", "en", "fr"}) {
      for (const auto& [typed, value] : {std::pair{".1", 0.1}, {"0.05", 0.05}, {"0,05", 0.05}, {",2", 0.2}, {"1", 1.0}})
        QTest::addRow("%s %s", language, typed) << QString(language) << QString(typed) << value;
    }
  }
  void numbersHaveADotOrAComma() {
    QFETCH(QString, language);
    QFETCH(QString, typed);
    QFETCH(double, value);
    const QLocale before;
    QLocale::setDefault(QLocale(language));
    NumberBox box;
    box.setRange(0.0001, 2);
    box.setDecimals(4);
    box.setValue(0.7);
    box.selectAll();
    QTest::keyClicks(&box, typed);
    QTest::keyClick(&box, Qt::Key_Return);
    QLocale::setDefault(before);
    QCOMPARE(box.value(), value);
  }

  void aNumberThatIsNotTakenIsTold() {
    for (const char* typed : {"-0.1", "1000000", "a", "0..5"}) {
      NumberBox box;
      box.setRange(0.0001, 2);
      box.setDecimals(4);
      box.setSuffix(" %");
      box.setValue(0.7);
      QSignalSpy refused(&box, &NumberBox::refused);
      box.selectAll();
      QTest::keyClicks(&box, typed);
      QTest::keyClick(&box, Qt::Key_Return);
      QCOMPARE(box.value(), 0.7);
      QCOMPARE(refused.count(), 1);
      const QString words = refused[0][0].toString();
      QVERIFY2(words.contains(typed) && words.contains("2"), qPrintable(words));
    }
  }

  void theFormIsMadeFromTheDescription() {
    SettingsForm form;
    const auto& sampler = find_sampler("mgdm");
    form.describe(sampler.settings);
    QVERIFY(form.values() == complete_settings(sampler.settings, {}, "x"));
    for (const auto& [name, values] : sampler.presets) {
      form.setValues(values);
      QVERIFY2(form.values() == complete_settings(sampler.settings, values, "x"), name.c_str());
    }
    for (const auto& s : sampler.settings) {
      auto* editor = form.findChild<QWidget*>(QString::fromStdString(s.name));
      QVERIFY2(editor != nullptr && editor->toolTip().contains(QString::fromStdString(s.help)) &&
                   !editor->accessibleName().isEmpty(),
               s.name.c_str());
    }
    auto* rules = form.findChild<QLineEdit*>("gradient_steps");
    const auto before = form.values();
    rules->setFocus();
    rules->selectAll();
    QTest::keyClicks(rules, "not a rule");
    QVERIFY(rules->property("invalid").toBool());
    QVERIFY(form.values() == before);
    rules->selectAll();
    QTest::keyClicks(rules, "7");
    QVERIFY(!rules->property("invalid").toBool());
    QCOMPARE(form.values().at("gradient_steps").get<int>(), 7);
  }

  void damageIsEstimated() {
    Studio s;
    at::manual_seed(2);
    QImage noisy(256, 256, QImage::Format_RGB888);
    const at::Tensor noise = (0.15 * 127.5 * at::randn({256, 256, 3})).add(128).clamp(0, 255).to(at::kByte);
    std::memcpy(noisy.bits(), noise.data_ptr(), 256 * 256 * 3);
    s.openImage(noisy);
    s.page->chooseWay(Way::Repair);
    QCOMPARE(s.find<QComboBox>("task")->currentData().toString(), QString("denoising"));
    QVERIFY2(std::abs(s.find<QDoubleSpinBox>("noise")->value() - 0.15) < 0.01,
             qPrintable(QString::number(s.find<QDoubleSpinBox>("noise")->value())));
    QTemporaryDir folder;
    cv::imwrite(folder.filePath("q.jpg").toStdString(), cv::Mat(128, 128, CV_8UC3, cv::Scalar(9, 99, 199)),
                {cv::IMWRITE_JPEG_QUALITY, 17});
    QSignalSpy opened(s.page->runs(), &PhotoRuns::estimated);
    s.window.open(folder.filePath("q.jpg"));
    QVERIFY(opened.wait(20000));
    s.find<QComboBox>("task")->setCurrentIndex(s.find<QComboBox>("task")->findData("jpeg"));
    QCOMPARE(s.find<QDoubleSpinBox>("quality")->value(), 17.0);
  }

  void onlySamplersThatCanAreOffered() {
    Studio s;
    s.page->chooseWay(Way::Try);
    auto *task = s.find<QComboBox>("task"), *sampler = s.find<QComboBox>("sampler"),
         *preset = s.find<QComboBox>("preset");
    const auto offered = [&](const char* name) {
      return qobject_cast<QStandardItemModel*>(sampler->model())
          ->item(sampler->findData(QString::fromLatin1(name)))
          ->isEnabled();
    };
    task->setCurrentIndex(task->findData("sr4"));
    QVERIFY(offered("ddrm") && offered("dps") && offered("diffpir"));
    sampler->setCurrentIndex(sampler->findData("ddrm"));
    QVERIFY(preset->count() == 5 && s.find<QSpinBox>("steps") != nullptr && s.find<QDoubleSpinBox>("eta_b") != nullptr);
    const RunOutcome outcome = s.run();
    QVERIFY(outcome.samples[0].psnr > 5);
    QVERIFY(outcome.record.contains("ddrm"));
    task->setCurrentIndex(task->findData("jpeg"));
    QVERIFY(offered("ddrm") && offered("diffpir") && offered("dps") &&
            offered("mgdm"));  // a JPEG's coefficients are decomposed
    task->setCurrentIndex(task->findData("blur"));
    QVERIFY(!offered("ddrm") && offered("diffpir") && offered("dps") && offered("mgdm"));
    QCOMPARE(sampler->currentData().toString(), QString("mgdm"));  // what cannot do it is not kept
    QVERIFY(qobject_cast<QStandardItemModel*>(sampler->model())
                ->item(sampler->findData("ddrm"))
                ->toolTip()
                .contains("singular value"));
    task->setCurrentIndex(task->findData("high_dynamic_range"));
    QVERIFY(!offered("diffpir") && offered("dps"));
  }

  void aBlurKernelIsDrawn() {
    Studio s;
    s.page->chooseWay(Way::Try);
    s.find<QComboBox>("task")->setCurrentIndex(s.find<QComboBox>("task")->findData("motion_blur"));
    auto* line = s.find<QLineEdit>("kernel_text");
    auto* canvas = s.find<QWidget>("kernel_canvas");
    QVERIFY(line != nullptr && canvas != nullptr && line->text().isEmpty());
    const QImage empty = canvas->grab().toImage();
    const QPoint middle = canvas->rect().center();
    QTest::mousePress(canvas, Qt::LeftButton, {}, middle + QPoint(-20, -6));
    for (int i = -18; i <= 20; i += 2) QTest::mouseMove(canvas, middle + QPoint(i, i / 3));
    QTest::mouseRelease(canvas, Qt::LeftButton, {}, middle + QPoint(20, 6));
    QVERIFY2(line->text().startsWith("-10") && line->text().contains(' '), qPrintable(line->text()));
    QVERIFY(canvas->grab().toImage() != empty);
    s.settings(5);
    const RunOutcome drawn = s.run();
    QCOMPARE(QString::fromStdString(nlohmann::json::parse(drawn.record.toStdString())
                                        .at("request")
                                        .at("task_settings")
                                        .at("kernel")
                                        .get<std::string>()),
             line->text());
    // What is no kernel is marked and not taken; a picture of one is.
    const QString good = line->text();
    line->setText("1 2; 3");
    QVERIFY(line->styleSheet().contains("border") && line->toolTip().contains("rows"));
    auto* editor = qobject_cast<KernelEditor*>(canvas->parentWidget());
    QCOMPARE(QString::fromStdString(editor->kernel()), good);
    QTemporaryDir folder;
    QImage picture(5, 5, QImage::Format_Grayscale8);
    picture.fill(0);
    picture.setPixel(2, 2, qRgb(255, 255, 255));
    picture.setPixel(3, 2, qRgb(51, 51, 51));
    QVERIFY(picture.save(folder.filePath("kernel.png")));
    editor->load(folder.filePath("kernel.png"));
    QCOMPARE(line->text(), QString("0 0 0; 0 1 0.2; 0 0 0"));
    QVERIFY(line->styleSheet().isEmpty());
    editor->load(folder.filePath("none.png"));
    QVERIFY(line->styleSheet().contains("border") && line->toolTip().contains("none.png"));
    QCOMPARE(line->text(), QString("0 0 0; 0 1 0.2; 0 0 0"));
  }

  void theKindOfNoiseIsChosen() {
    Studio s;
    auto* law = s.find<QComboBox>("noise_law");
    auto* lost = s.find<QDoubleSpinBox>("outliers");
    QVERIFY(!law->isVisible() && !lost->isVisible());  // filling has no noise to choose
    s.page->chooseWay(Way::Try);
    auto* task = s.find<QComboBox>("task");
    task->setCurrentIndex(task->findData("denoising"));
    QVERIFY(law->isVisible() && !lost->isVisible());
    law->setCurrentIndex(law->findData("salt_and_pepper"));
    QVERIFY(lost->isVisible());
    lost->setValue(20);
    auto* samplers = s.find<QComboBox>("sampler");
    const auto* items = qobject_cast<QStandardItemModel*>(samplers->model());
    QVERIFY(!items->item(samplers->findData("ddrm"))->isEnabled() &&
            items->item(samplers->findData("mgdm"))->isEnabled());
    s.settings(5);
    const RunOutcome outcome = s.run();
    const auto request = nlohmann::json::parse(outcome.record.toStdString()).at("request");
    QCOMPARE(request.at("noise_law").get<std::string>(), std::string("salt_and_pepper"));
    QCOMPARE(request.at("outliers").get<double>(), 0.2);
    // A degradation without noise of its own takes no other law.
    task->setCurrentIndex(task->findData("jpeg"));
    QCOMPARE(law->currentIndex(), 0);
    QVERIFY(!qobject_cast<QStandardItemModel*>(law->model())->item(1)->isEnabled());
    s.page->chooseWay(Way::Fill);
    QVERIFY(!law->isVisible());
  }

  void aProgramThatFailsIsSaid() {
    Studio s;
    s.page->chooseWay(Way::Try);
    s.find<QComboBox>("task")->setCurrentIndex(s.find<QComboBox>("task")->findData("program"));
    s.settings(5);
    QSignalSpy failed(s.page->runs(), &PhotoRuns::failed);
    const auto complaint = [&](const char* command) {
      failed.clear();
      s.find<QLineEdit>("command")->clear();
      QTest::keyClicks(s.find<QLineEdit>("command"), command);
      QTest::mouseClick(s.find<QPushButton>("run"), Qt::LeftButton);
      return failed.wait(60000) ? failed[0][0].toString() : QString();
    };
    QVERIFY(complaint("").contains("missing"));
    QVERIFY(complaint("echo no lens >&2; false #").contains("no lens"));
    QVERIFY(s.ready());
    s.find<QLineEdit>("command")->clear();
    QTest::keyClicks(s.find<QLineEdit>("command"), "cp");
    QVERIFY(!s.run().samples.empty());
  }

  void tasksStandInGroups() {
    Studio s;
    s.page->chooseWay(Way::Try);
    auto* task = s.find<QComboBox>("task");
    const auto* items = qobject_cast<QStandardItemModel*>(task->model());
    QStringList groups;
    for (int i = 0; i < task->count(); ++i) {
      if (!task->itemData(i).isNull()) continue;
      groups << task->itemText(i);
      QVERIFY(!items->item(i)->isEnabled() && !task->itemData(i + 1).isNull());  // none is empty
    }
    QVERIFY2(groups.size() >= 5 && groups.contains("Blur"), qPrintable(groups.join(", ")));
    QCOMPARE(QSet<QString>(groups.begin(), groups.end()).size(), groups.size());
    // The keys go past the names of the groups.
    task->setCurrentIndex(1);
    for (int i = 0; i < 40; ++i) {
      QTest::keyClick(task, Qt::Key_Down);
      QVERIFY(!task->currentData().isNull());
    }
    QCOMPARE(task->currentIndex(), task->count() - 1);
  }

  void aPresetOfOnesOwn() {
    Studio s;
    QTemporaryDir folder;
    auto* panel = s.window.findChild<TaskPanel*>();
    auto *preset = s.find<QComboBox>("preset"), *sampler = s.find<QComboBox>("sampler");
    const int shipped = preset->count();
    s.settings(33);
    QTimer::singleShot(200, [] {  // the dialog that asks for the name
      auto* dialog = QApplication::activeModalWidget();
      if (dialog == nullptr) return;
      QTest::keyClicks(dialog->findChild<QLineEdit*>(), "Mine / slow");
      QTest::keyClick(dialog, Qt::Key_Return);
    });
    s.find<QPushButton>("own_presets")->menu()->actions().first()->trigger();
    QCOMPARE(preset->currentText(), QString("Mine / slow"));
    QVERIFY(preset->count() > shipped && preset->findText("Mine / slow") >= shipped);  // after the shipped ones
    panel->exportPreset(folder.filePath("mine.json"));
    preset->setCurrentIndex(0);
    QVERIFY(s.find<QSpinBox>("steps")->value() != 33);
    preset->setCurrentIndex(preset->findText("Mine / slow"));
    QCOMPARE(s.find<QSpinBox>("steps")->value(), 33);
    {
      Studio next;  // it is there at the next start
      auto* again = next.find<QComboBox>("preset");
      QVERIFY(again->findText("Mine / slow") > 0);
      again->setCurrentIndex(again->findText("Mine / slow"));
      QCOMPARE(next.find<QSpinBox>("steps")->value(), 33);
    }
    sampler->setCurrentIndex(sampler->findData("dps"));
    QVERIFY(preset->findText("Mine / slow") < 0);  // of another sampler
    forgetPreset("Mine / slow");
    panel->importPreset(folder.filePath("mine.json"));
    QVERIFY(sampler->currentData() == "mgdm" && preset->currentText() == "Mine / slow");
    QCOMPARE(s.find<QSpinBox>("steps")->value(), 33);
    s.settings(44);
    panel->keepAs("Mine / slow");
    panel->importPreset(folder.filePath("mine.json"));  // another of the same name
    QCOMPARE(preset->currentText(), QString("Mine / slow 2"));
    QCOMPARE(s.find<QSpinBox>("steps")->value(), 33);
    preset->setCurrentIndex(preset->findText("Mine / slow"));
    QCOMPARE(s.find<QSpinBox>("steps")->value(), 44);
    forgetPreset("Mine / slow 2");
    // What is no preset is said in one line, and nothing changes.
    const std::pair<const char*, QByteArray> broken[] = {
        {"is not a preset", "no json"},
        {"is not a preset", "{\"preset\": 3}"},
        {"is not a preset", "{\"preset\": \" \", \"sampler\": \"mgdm\", \"settings\": {}}"},
        {"no_such", "{\"preset\": \"a\", \"sampler\": \"no_such\", \"settings\": {}}"},
        {"steps", "{\"preset\": \"a\", \"sampler\": \"mgdm\", \"settings\": {\"steps\": -5}}"},
        {"settings", "{\"preset\": \"a\", \"sampler\": \"mgdm\", \"settings\": 7}"}};
    for (const auto& [words, bytes] : broken) {
      QFile file(folder.filePath("bad.json"));
      QVERIFY(file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size());
      file.close();
      panel->importPreset(file.fileName());
      const QString said = s.find<QLabel>("message")->text();
      QVERIFY2(said.contains(words) && said.contains("bad.json") && !said.contains('\n'), qPrintable(said));
      QCOMPARE(preset->currentText(), QString("Mine / slow"));
    }
    panel->exportPreset("/nonexistent/mine.json");
    QVERIFY(s.find<QLabel>("message")->text().contains("/nonexistent/mine.json"));
    forgetPreset("Mine / slow");
  }

  void wordsAreAskedForWhereTheModelKnowsThem() {
    QTemporaryDir models;
    QFile card(models.filePath("words.json"));
    QVERIFY(card.open(QIODevice::WriteOnly));
    card.write(R"({"name": "words", "label": "Words", "family": "sd1", "weights": "words.safetensors"})");
    card.close();
    qputenv("MGDM_MODELS", models.path().toUtf8());
    {
      Studio s;
      auto* panel = s.window.findChild<TaskPanel*>();
      auto* form = s.find<SettingsForm>("prior_settings");
      QVERIFY(panel->useModel("photo"));
      QVERIFY(!form->isVisibleTo(panel) && panel->request().prior_settings.empty());
      QVERIFY(panel->useModel("words"));
      QVERIFY(form->isVisibleTo(panel));
      QTest::keyClicks(s.find<QLineEdit>("prompt"), "a red cat");
      const Settings said = panel->request().prior_settings;
      QCOMPARE(said, Settings({{"prompt", "a red cat"}, {"negative_prompt", ""}, {"guidance_scale", 1.0}}));
      QCOMPARE(panel->keys().at("prior.prompt"), "a red cat");
      // Kept with the session, gone with the model.
      const nlohmann::json session = panel->session();
      QVERIFY(panel->useModel("photo"));
      QVERIFY(!form->isVisibleTo(panel) && panel->request().prior_settings.empty());
      panel->restoreModel(session);
      panel->restore(session);
      QCOMPARE(panel->request().prior_settings, said);
      panel->useModel("photo");
    }
    qunsetenv("MGDM_MODELS");
  }

  void theTimeIsTold() {
    Studio s;
    s.paint();
    s.settings(12);
    const QLabel* told = s.find<QLabel>("expected_time");
    QTRY_VERIFY_WITH_TIMEOUT(told->text().contains(QRegularExpression("\\d")), 30000);
    // A run is not held up by it, and what it says is gone when nothing is painted.
    const RunOutcome outcome = s.run();
    QVERIFY(outcome.seconds > 0);
  }

  void threadsCanBeFewer() {
    Studio s;
    s.paint();
    s.settings(5);
    QSettings().setValue("threads", 1);
    const RunOutcome outcome = s.run();
    QCOMPARE(nlohmann::json::parse(outcome.record.toStdString()).at("threads").get<int>(), 1);
    QSettings().remove("threads");
  }

  void taskPicturesGoOnAfterOneThatFails() {
    MainWindow window;
    auto* task = window.findChild<QComboBox*>("task");
    window.photoPage()->chooseWay(Way::Try);
    const auto last = [&] {  // after the tasks that need a person's program or weights
      for (int i = task->count() - 1; i >= 0; --i) {
        const QImage picture = task->itemIcon(i).pixmap(40, 40).toImage();
        if (!picture.isNull() && qAlpha(picture.pixel(20, 1)) == 255) return i;  // no line drawing
      }
      return -1;
    };
    QTRY_COMPARE_WITH_TIMEOUT(last(), task->count() - 1, 60000);
  }
};

QTEST_MAIN(TestTaskPanel)
#include "tst_task_panel.moc"
