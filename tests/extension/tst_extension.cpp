// A sampler, a degradation and a family of models added as one file each (toy_sampler.cpp, toy_degradation.cpp,
// toy_family.cpp) are everywhere: on the command line, in the window, in the record of a run.
#include <QAbstractButton>
#include <QComboBox>
#include <QDir>
#include <QFile>
#include <QImage>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>
#include <nlohmann/json.hpp>

#include "core/operators/tasks.h"
#include "core/samplers/description.h"
#include "ui/shell/main_window.h"

using namespace mgdm;

class TestExtension : public QObject {
  Q_OBJECT
  QTemporaryDir folder_;

  /// The standard output of mgdm with both files; an exit code other than 0 fails.
  static QString mgdm(const QStringList& arguments) {
    QProcess process;
    process.start(QStringLiteral(MGDM_EXTENDED_PROGRAM), arguments);
    process.waitForFinished(600000);
    if (process.exitStatus() != QProcess::NormalExit || process.exitCode() != 0) {
      qWarning("%s", process.readAllStandardError().constData());
      return {};
    }
    return QString::fromUtf8(process.readAllStandardOutput());
  }

 private Q_SLOTS:
  void initTestCase() {
    qputenv("XDG_CONFIG_HOME", folder_.path().toUtf8());
    qputenv("XDG_DATA_HOME", folder_.path().toUtf8());
    QCoreApplication::setOrganizationName(QStringLiteral("mgdm-test"));
  }

  void bothAreListed() {
    Settings ignored = Settings::object();
    QCOMPARE(find_task("toy_mirror", ignored).label, std::string("Toy mirror"));
    QCOMPARE(find_sampler("toy_sampler").label, std::string("Toy sampler"));
    QCOMPARE(samplers().back().name, std::string("ddim"));  // a new one stands before the prior's own
    QCOMPARE(samplers().size(), size_t{14});
  }

  void theCommandLineNamesThem() {
    const QString help = mgdm({"restore", "--help"});
    QVERIFY(help.contains("toy_mirror") && help.contains("Left and right are exchanged."));
    QVERIFY(help.contains("task.angle"));
    QVERIFY(help.contains("Sampler toy_sampler (tests/extension); presets: quick"));
    QVERIFY(help.contains("strength"));
  }

  void theRecordNamesThem() {
    const QString out = folder_.filePath("out");
    mgdm({"restore", MGDM_SOURCE_DIR "/resources/photos/sample.jpg", "--task", "toy_mirror", "--sampler", "toy_sampler",
          "--preset", "quick", "--set", "task.angle=0.5", "--size", "64", "--out", out, "--quiet"});
    QFile file(QDir(out).filePath("run.json"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QJsonObject request = QJsonDocument::fromJson(file.readAll()).object()["request"].toObject();
    QCOMPARE(request["task"].toString(), QString("toy_mirror"));
    QCOMPARE(request["task_settings"].toObject()["angle"].toDouble(), 0.5);
    QCOMPARE(request["sampler"].toString(), QString("toy_sampler"));
    QCOMPARE(request["settings"].toObject()["strength"].toDouble(), 0.5);
    QVERIFY(QFile::exists(QDir(out).filePath("sample_0.png")));
  }

  void aModelOfTheNewFamilyIsTakenInAndUsed() {
    QVERIFY(mgdm({"models", "published"}).contains("toy-grey"));
    const QByteArray header = R"({"toy.level":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";
    QFile file(folder_.filePath("toy.safetensors"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(QByteArray(1, static_cast<char>(header.size())) + QByteArray(7, '\0') + header + QByteArray(4, '\0'));
    file.close();
    const QString said = mgdm({"models", "import", file.fileName(), "--name", "grey"});
    QVERIFY2(said.contains("imported as 'grey'") && said.contains("All tasks for photos, badly."), qPrintable(said));
    QVERIFY(mgdm({"models"}).contains("photos (toy)"));
    QVERIFY(mgdm({"models", "verify", "grey"}).contains("is as its card says"));
    const QString out = folder_.filePath("grey");
    mgdm({"restore", MGDM_SOURCE_DIR "/resources/photos/sample.jpg", "--task", "toy_mirror", "--sampler", "toy_sampler",
          "--preset", "quick", "--prior", "grey", "--size", "64", "--out", out, "--quiet"});
    const QImage sample(QDir(out).filePath("sample_0.png"));
    QCOMPARE(std::min(sample.width(), sample.height()), 64);
    QVERIFY(std::abs(qRed(sample.pixel(5, 9)) - 128) <= 1 && sample.pixel(5, 9) == sample.pixel(40, 3));
  }

  void theWindowOffersThem() {
    ui::MainWindow window;
    const auto* samplers = window.findChild<QComboBox*>(QStringLiteral("sampler"));
    QVERIFY(samplers != nullptr && samplers->findData(QStringLiteral("toy_sampler")) >= 0);
    bool offered = false;
    for (auto* way : window.findChildren<QAbstractButton*>(QStringLiteral("way"))) {
      way->click();
      const auto* tasks = window.findChild<QComboBox*>(QStringLiteral("task"));
      offered = offered || tasks->findText(QStringLiteral("Toy mirror")) >= 0;
    }
    QVERIFY(offered);
  }
};

QTEST_MAIN(TestExtension)
#include "tst_extension.moc"
