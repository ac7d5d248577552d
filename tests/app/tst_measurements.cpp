// What measures and what keeps the models, through the command line: numbers that mean something, errors that name it.
#include <ATen/ATen.h>
#include <torch/script.h>

#include <QtTest>

#include <nlohmann/json.hpp>

#include "core/media/image_file.h"
#include "core/media/photo_file.h"
#include "tests/app/programs.h"

using namespace mgdm;
using test::Answer;
using test::one_line;

class TestMeasurements : public QObject {
  Q_OBJECT
  QTemporaryDir folder_;
  const QString problem_ = QStringLiteral(MGDM_SOURCE_DIR "/tests/data/oracle/gm_pub_d2.json");

  QString file(const QString& name) const { return folder_.filePath(name); }
  void write(const QString& name, const QByteArray& text) const {
    QFile out(file(name));
    QVERIFY(out.open(QIODevice::WriteOnly));
    out.write(text);
  }
  static bool refused(const QStringList& arguments, int code, const char* word) {
    const Answer r = test::mgdm(arguments);
    if (r.code == code && one_line(r.error, word)) return true;
    qWarning("%s: code %d, %s", qPrintable(arguments.join(' ')), r.code, r.error.constData());
    return false;
  }
  /// In a data folder of its own.
  Answer models(const QStringList& arguments) const {
    auto environment = QProcessEnvironment::systemEnvironment();
    environment.insert("XDG_DATA_HOME", file("data"));
    environment.remove("MGDM_MODELS");
    return test::answer_of(QStringLiteral(MGDM_PROGRAM), QStringList{"models"} + arguments, environment);
  }

 private Q_SLOTS:
  void initTestCase() {
    QVERIFY(QDir().mkpath(file("photos")) && QDir().mkpath(file("texts")));
    const at::Tensor y = at::arange(72).reshape({72, 1}), x = at::arange(96).reshape({1, 96});
    write_image(file("photos/a.png").toStdString(),
                at::stack({(x + y), (x * 2).expand({72, 96}), (y * 3).expand({72, 96})}).to(at::kByte).contiguous());
    write("texts/a.png", "no photo");
  }

  // By the shipped model (measured: 36.5 and 36.7 dB; the noisy photo is 20): its mean better than one sample, the
  // classical method beside it.
  void qualityIsMeasured() {
    const Answer r = test::mgdm({"quality", file("photos"), "--out", file("quality"), "--tasks", "denoising,sr4",
                                 "--size", "64", "--samples", "4", "--preset", "quick", "--set", "steps=10", "--json"});
    QVERIFY2(r.code == 0, r.error.constData());
    const nlohmann::json tasks = nlohmann::json::parse(r.out.toStdString()).at("tasks");
    for (const auto& [task, classical, floor] :
         {std::tuple{"denoising", "non-local means", 30.0}, std::tuple{"sr4", "bicubic", 30.0}}) {
      const auto& found = tasks.at(task);
      const double one = found.at("one_sample").at("psnr"), mean = found.at("mean_of_samples").at("psnr"),
                   theirs = found.at("baselines").at(classical).at("psnr");
      QVERIFY2(
          mean > one && one > floor && theirs > floor,
          qPrintable(QString("%1: %2, mean %3, %4 %5 dB").arg(task).arg(one).arg(mean).arg(classical).arg(theirs)));
    }
    QFile table(file("quality/table.md"));
    QVERIFY(table.open(QIODevice::ReadOnly));
    const QByteArray text = table.readAll();
    QCOMPARE(text.count('\n'), 2 + 2 * 3);
    QVERIFY(text.contains("| enlarge x4, noise 0.05 | MGDM, mean of the samples |") && text.contains("| bicubic |"));
    QVERIFY(QFile::exists(file("quality/sr4_0.png")) && QFile::exists(file("quality/quality.json")));
  }

  // One photo of two megapixels with a small hole; the same command again computes nothing.
  void qualityIsMeasuredAtFullResolution() {
    Photo photo;
    photo.pixels = cv::Mat(1200, 1700, CV_8UC3);
    for (int y = 0; y < photo.pixels.rows; ++y) {
      for (int x = 0; x < photo.pixels.cols; ++x)
        photo.pixels.at<cv::Vec3b>(y, x) =
            cv::Vec3b(static_cast<uchar>(128 + 100 * std::sin(x * 0.02)),
                      static_cast<uchar>(128 + 100 * std::sin(y * 0.015)), static_cast<uchar>(40 + (x + y) / 20));
    }
    QDir().mkpath(file("large"));
    write_photo(file("large/waves.png").toStdString(), photo);
    const QStringList words{"quality",  file("large"), "--full", "--full-tasks", "holes", "--holes",    "40",
                            "--preset", "quick",       "--set",  "steps=8",      "--out", file("full"), "--json"};
    const Answer first = test::mgdm(words);
    QVERIFY2(first.code == 0, first.error.constData());
    QVERIFY2(first.error.contains("photo 1, hole of 40 px"), first.error.constData());
    const nlohmann::json rows = nlohmann::json::parse(first.out.toStdString()).at("rows");
    std::map<std::string, nlohmann::json> by;
    for (const auto& row : rows) by[row.at("method")] = row;
    QVERIFY(by.count("MGDM") == 1 && by.count("Navier-Stokes") == 1 && by.count("Telea") == 1);
    for (const auto& [method, row] : by) QVERIFY2(row.at("psnr").get<double>() > 20, method.c_str());
    QVERIFY(by["MGDM"].at("megapixels_seen").get<double>() > 5);  // windows are larger than the hole
    QFile table(file("full/table.md"));
    QVERIFY(table.open(QIODevice::ReadOnly));
    QVERIFY(table.readAll().contains("| hole of 40 px | MGDM |"));
    const Answer again = test::mgdm(words);
    QCOMPARE(again.out, first.out);
    QVERIFY2(!again.error.contains("photo 1"), again.error.constData());
    QVERIFY(refused({"quality", file("photos"), "--full"}, 3, "2 megapixels"));
    QVERIFY(refused({"quality", file("large"), "--full", "--full-tasks", "sr4"}, 2, "sr4"));
  }

  void whatQualityCannotMeasureIsNamed() {
    const QString photos = file("photos");
    QCOMPARE(test::mgdm({"quality"}).code, 2);
    QCOMPARE(test::mgdm({"quality", photos, "--size", "10"}).code, 2);
    QVERIFY(refused({"quality", file("nowhere")}, 3, "nowhere"));
    QVERIFY(refused({"quality", file("texts")}, 3, "a.png"));
    QVERIFY(refused({"quality", photos, "--tasks", "sr3"}, 2, "sr3"));
    QVERIFY(refused({"quality", photos, "--sampler", "nobody"}, 2, "nobody"));
    QVERIFY(refused({"quality", photos, "--preset", "slow"}, 2, "slow"));
    QVERIFY(refused({"quality", photos, "--set", "steps=many"}, 2, "steps"));
    QVERIFY(refused({"quality", photos, "--prior", "nobody"}, 4, "nobody"));
    QVERIFY(refused({"quality", photos, "--prior", "band"}, 4, "not for photos"));
  }

  // Every configuration on one problem with few chains; in brackets what the paper's code reached.
  void allSamplersAreMeasuredOnAKnownPosterior() {
    const Answer r = test::mgdm({"toy", problem_, "--table", "--chains", "16", "--reference",
                                 QStringLiteral(MGDM_SOURCE_DIR "/tests/data/oracle/gm_results.json")});
    QVERIFY2(r.code == 0, r.error.constData());
    QHash<QString, QString> row;
    for (const QString& line : QString::fromUtf8(r.out).split('\n', Qt::SkipEmptyParts)) {
      const QStringList cells = line.split('|');
      QCOMPARE(cells.size(), 5);
      QVERIFY2(!row.contains(cells[1].trimmed()), qPrintable(line));
      row[cells[1].trimmed()] = cells[3].trimmed();
    }
    QCOMPARE(row.value("sampler"), QString("pub_d2"));
    for (const char* sampler :
         {"DPS, gamma 1", "PGDM", "DDNM+", "DDRM, 20 steps", "DiffPIR", "RED-diff", "DAPS", "PnP-DM"})
      QVERIFY2(row.contains(sampler), sampler);
    const double floor = row.value("floor: exact samples").toDouble(),
                 prior = row.value("samples of the prior").toDouble();
    QVERIFY2(floor > 0.05 && prior > floor, r.out.constData());
    QString mgdm;
    for (auto it = row.cbegin(); it != row.cend(); ++it) {
      if (it.key().startsWith("MGDM, the public code's")) mgdm = it.value();
    }
    QVERIFY2(QRegularExpression(R"(^[0-9.]+ \([0-9.]+\)$)").match(mgdm).hasMatch(), r.out.constData());
    QVERIFY2(mgdm.section(' ', 0, 0).toDouble() < 3 * floor, r.out.constData());
    QVERIFY(r.error.contains("DPS, gamma 1, pub_d2: "));  // a line for each run
  }

  void whatIsNoProblemIsNamed() {
    write("broken.json", "{");
    QCOMPARE(test::mgdm({"toy"}).code, 2);
    QCOMPARE(test::mgdm({"toy", problem_, "--chains", "1"}).code, 2);
    QVERIFY(refused({"toy", file("none.json")}, 3, "none.json"));
    QVERIFY(refused({"toy", file("broken.json")}, 3, "broken.json"));
    QVERIFY(refused({"toy", problem_, problem_}, 2, "one problem at a time"));
    QVERIFY(refused({"toy", problem_, "--sampler", "nobody"}, 2, "nobody"));
    QVERIFY(refused({"toy", problem_, "--set", "steps=many"}, 2, "steps"));
    QVERIFY(refused({"toy", problem_, "--table", "--reference", file("none.json")}, 3, "none.json"));
    QVERIFY(refused({"toy", problem_, "--sampler", "ddim", "--chains", "4", "--out", file("none/x.npy")}, 3, "x.npy"));
  }

  void aModelIsImportedCheckedAndRemoved() {
    torch::jit::Module module("net");
    module.define("def forward(self, x, t):\n    return x * 0.5\n");
    module.save(file("net.pt").toStdString());
    const QStringList import{"import", file("net.pt"),  "--name", "mine",
                             "--set",  "prediction=x0", "--set",  "image_size=64"};
    Answer r = models(import);
    QVERIFY2(r.code == 4 && one_line(r.error, "--trust-code"), r.error.constData());
    r = models(import + QStringList{"--trust-code"});
    QVERIFY2(r.code == 0 && r.out.contains("imported as 'mine'"), r.error.constData());
    QVERIFY(QFile::exists(file("data/mgdm-studio/models/mine.json")));
    QVERIFY(models({"list"}).out.contains("mine"));
    r = models(import + QStringList{"--trust-code"});
    QVERIFY2(r.code == 4 && one_line(r.error, "'mine' is there already"), r.error.constData());
    r = models({"verify", "mine"});
    QVERIFY2(r.code == 0 && r.out.contains("as its card says"), r.error.constData());
    module.define("def more(self, x):\n    return x\n");  // another file than was imported
    module.save(file("net.pt").toStdString());
    r = models({"verify", "mine"});
    QVERIFY2(r.code == 4 && r.error.startsWith("mgdm: ") && r.error.contains("net.pt"), r.error.constData());
    r = models({"verify", "mine", "--json"});
    QCOMPARE(r.code, 4);
    QVERIFY(!nlohmann::json::parse(r.out.toStdString()).at("problems").empty());
    r = models({"remove", "mine"});
    QVERIFY2(r.code == 0 && r.out == "removed 'mine'\n", r.error.constData());
    QVERIFY(QFile::exists(file("net.pt")));  // which was never ours
    QVERIFY(!QFile::exists(file("data/mgdm-studio/models/mine.json")));
    for (const char* command : {"remove", "verify", "show"}) {
      r = models({command, "mine"});
      QVERIFY2(r.code == 4 && one_line(r.error, "'mine' is unknown"), r.error.constData());
    }
  }

  void whatIsNoModelIsNamed() {
    Answer r = models({"import", file("none.pt")});
    QVERIFY2(r.code == 4 && one_line(r.error, "none.pt"), r.error.constData());
    r = models({"import", file("texts/a.png")});
    QVERIFY2(r.code == 4 && one_line(r.error, "is no checkpoint"), r.error.constData());
    r = models({"import", QStringLiteral(MGDM_SOURCE_DIR "/models/photo.safetensors"), "--set", "nonsense"});
    QVERIFY2(r.code == 2 && one_line(r.error, "nonsense"), r.error.constData());
    r = models({"remove", "photo"});
    QVERIFY2(r.code == 4 && one_line(r.error, "not one of yours"), r.error.constData());
    QVERIFY(QFile::exists(QStringLiteral(MGDM_SOURCE_DIR "/models/photo.safetensors")));
    QCOMPARE(models({"import"}).code, 2);
    QCOMPARE(models({"nonsense"}).code, 2);
  }

  void speedIsMeasured() {
    const Answer r = test::mgdm({"bench", "--quick", "--prior", "random", "--precision", "float32", "--json"});
    QVERIFY2(r.code == 0, r.error.constData());
    const nlohmann::json report = nlohmann::json::parse(r.out.toStdString());
    QCOMPARE(report.at("network").size(), size_t{3});
    for (const auto& path : report.at("network")) {
      QCOMPARE(path.at("size").get<int>(), 64);
      QVERIFY(path.at("forward_s").get<double>() > 0 && path.at("forward_gradient_s").get<double>() > 0);
    }
    QCOMPARE(report.at("ratios").size(), size_t{1});
    const auto& run = report.at("run");
    QCOMPARE(run.at("precision").get<std::string>(), "float32");
    QCOMPARE(report.at("model").at("precision").get<std::string>(), "float32");
    QVERIFY(run.at("forward").get<int>() >= 10 && run.at("backward").get<int>() >= 10);
    QVERIFY(run.at("seconds_to_first_iterate").get<double>() > 0);
    QVERIFY(run.at("seconds").get<double>() > run.at("seconds_to_first_iterate").get<double>());
    const double outside = run.at("share_outside_network");
    QVERIFY(outside > 0 && outside < 1);
    QVERIFY(report.at("peak_memory_bytes").get<int64_t>() > 50'000'000);
    QVERIFY(r.error.contains("peak memory"));  // what it says while it measures is not the result
  }

  void whatHasNoSpeedIsNamed() {
    QVERIFY(refused({"bench", "--quick", "--prior", "nobody"}, 4, "nobody"));
    QVERIFY(refused({"bench", "--network", "nobody"}, 2, "nobody"));
    QCOMPARE(test::mgdm({"bench", "--device", "abacus"}).code, 2);
    QCOMPARE(test::mgdm({"bench", "photo"}).code, 2);
  }
};

QTEST_GUILESS_MAIN(TestMeasurements)
#include "tst_measurements.moc"
