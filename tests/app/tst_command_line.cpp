// The programs as a person or a script meets them: exit codes, files, one line of error.
#include <QImage>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QStandardPaths>
#include <QtEndian>
#include <QtTest>

#include <fcntl.h>
#include <unistd.h>
#include <cstdlib>

#include "tests/app/programs.h"

using Result = mgdm::test::Answer;

class TestCommandLine : public QObject {
  Q_OBJECT
  QTemporaryDir folder_;
  static Result mgdm(const QStringList& arguments) { return mgdm::test::mgdm(arguments); }
  static bool oneLine(const QByteArray& error, const char* word) { return mgdm::test::one_line(error, word); }
  QString file(const char* name) const { return folder_.filePath(name); }

 private Q_SLOTS:
  void initTestCase() {
    QVERIFY2(QFile::exists(QStringLiteral(MGDM_SOURCE_DIR "/models/photo.safetensors")),
             "the weights that the program ships are missing");
    QImage photo(160, 128, QImage::Format_RGB888);
    for (int y = 0; y < 128; ++y) {
      for (int x = 0; x < 160; ++x) photo.setPixel(x, y, qRgb(x, 2 * y, (x * y) % 256));
    }
    QVERIFY(photo.save(file("photo.png")));
    QImage mask(160, 128, QImage::Format_Grayscale8);
    mask.fill(0);
    for (int y = 40; y < 70; ++y) {
      for (int x = 50; x < 90; ++x) mask.setPixel(x, y, qRgb(255, 255, 255));
    }
    QVERIFY(mask.save(file("mask.png")));
  }

  void helpIsMadeFromTheDescriptions() {
    const Result r = mgdm({"restore", "--help"});
    QCOMPARE(r.code, 0);
    for (const char* word : {"inpainting_center", "sr16", "task.quality", "gradient_steps", "(1 to 100)", "Exit codes"})
      QVERIFY2(r.out.contains(word), word);
    QVERIFY(mgdm({"--help"}).out.contains("selftest"));
  }

  void whatRepeatsTheDescriptionsIsMadeFromThem() {
    const QJsonObject all = QJsonDocument::fromJson(mgdm({"describe"}).out).object();
    const QByteArray completion = mgdm({"describe", "--completion"}).out, man = mgdm({"describe", "--man"}).out;
    for (const char* kind : {"tasks", "samplers", "commands"}) {
      QVERIFY2(all[kind].toArray().size() > 5, kind);
      for (const auto& one : all[kind].toArray()) {
        const QByteArray name = one.toObject()["name"].toString().toUtf8();
        QVERIFY2(completion.contains(name.split(' ').last()), name.constData());
        QVERIFY2(man.contains(QByteArray(name).replace('-', "\\-")), name.constData());
      }
    }
    QProcess bash;
    bash.start("bash", {"-n"});
    bash.write(completion);
    bash.closeWriteChannel();
    QVERIFY(bash.waitForFinished());
    QCOMPARE(bash.readAllStandardError(), QByteArray());

    const QString readme = QStringLiteral(MGDM_SOURCE_DIR "/README.md");
    QCOMPARE(mgdm({"describe", "--readme", readme, "--check"}).error, QByteArray());
    const Result german = mgdm({"describe", "--translations", MGDM_SOURCE_DIR "/resources/translations/core_de.ts"});
    QCOMPARE(german.code, 0);
    QCOMPARE(german.out, QByteArray());  // each text of core that people see is there
    const auto write = [&](const QByteArray& text) {
      QFile lists(file("lists.md"));
      return lists.open(QIODevice::WriteOnly) && lists.write(text) == text.size();
    };
    QVERIFY(write("before\n<!-- mgdm describe: tasks -->\nold\n<!-- end -->\nafter\n"));
    QCOMPARE(mgdm({"describe", "--readme", file("lists.md"), "--check"}).code, 1);
    QCOMPARE(mgdm({"describe", "--readme", file("lists.md")}).code, 0);
    QCOMPARE(mgdm({"describe", "--readme", file("lists.md"), "--check"}).code, 0);
    QVERIFY(write("<!-- mgdm describe: nonsense -->\n<!-- end -->\n"));
    const Result unknown = mgdm({"describe", "--readme", file("lists.md")});
    QCOMPARE(unknown.code, 2);
    QVERIFY2(oneLine(unknown.error, "nonsense"), unknown.error.constData());
  }

  void wrongUsageIsTwo() {
    QCOMPARE(mgdm({}).code, 2);
    QCOMPARE(mgdm({"restore", "--nonsense"}).code, 2);
    const Result task = mgdm({"restore", file("photo.png"), "--task", "sr5", "--out", file("o")});
    QCOMPARE(task.code, 2);
    QVERIFY2(oneLine(task.error, "sr5"), task.error.constData());
    const Result setting =
        mgdm({"restore", file("photo.png"), "--task", "sr4", "--set", "steps=2", "--out", file("o")});
    QCOMPARE(setting.code, 2);
    QVERIFY2(oneLine(setting.error, "steps"), setting.error.constData());
    QCOMPARE(mgdm({"restore", file("photo.png"), "--task", "inpainting"}).code, 2);
  }

  void anUnreadableInputIsThree() {
    const Result r = mgdm({"restore", file("missing.png"), "--task", "sr4"});
    QCOMPARE(r.code, 3);
    QVERIFY2(oneLine(r.error, "missing.png"), r.error.constData());
    QFile text(file("text.png"));
    QVERIFY(text.open(QIODevice::WriteOnly));
    text.write("hello");
    text.close();
    QCOMPARE(mgdm({"degrade", file("text.png"), "--task", "sr4", "--out", file("x.png")}).code, 3);
  }

  void aBrokenModelIsFour() {
    const Result unknown = mgdm({"restore", file("photo.png"), "--task", "sr4", "--prior", "nobody", "--json"});
    QCOMPARE(unknown.code, 4);
    QVERIFY2(oneLine(unknown.error, "nobody"), unknown.error.constData());
    QFile broken(file("broken.safetensors"));
    QVERIFY(broken.open(QIODevice::WriteOnly));
    broken.write("12345678901234567890");
    broken.close();
    QCOMPARE(mgdm({"restore", file("photo.png"), "--task", "sr4", "--prior", broken.fileName(), "--json"}).code, 4);
  }

  void degradeWritesTheObservation() {
    QCOMPARE(mgdm({"degrade", file("photo.png"), "--task", "sr4", "--size", "128", "--out", file("small.png")}).code,
             0);
    QCOMPARE(QImage(file("small.png")).size(), QSize(40, 32));
    QCOMPARE(mgdm({"degrade", file("photo.png"), "--task", "jpeg5", "--size", "128", "--out", file("jpeg.png")}).code,
             0);
    QCOMPARE(QImage(file("jpeg.png")).size(), QSize(160, 128));
  }

  void restoreAndReplayGiveTheSameBytes() {
    const QStringList common{"--size", "64", "--set", "steps=6", "--quiet", "--threads", "2"};
    Result r = mgdm(QStringList{"restore", file("photo.png"), "--task", "inpainting", "--mask", file("mask.png"),
                                "--out", file("first"), "--samples", "2", "--seed", "7", "--json"} +
                    common);
    QVERIFY2(r.code == 0, r.error.constData());
    const QJsonObject record = QJsonDocument::fromJson(r.out).object();  // nothing else on standard output
    QCOMPARE(record["metrics"].toObject()["psnr"].toArray().size(), 2);
    QVERIFY(record["evaluations"].toObject()["forward"].toInt() > 0);
    r = mgdm({"restore", "--replay", file("first/run.json"), "--out", file("second"), "--quiet"});
    QVERIFY2(r.code == 0, r.error.constData());
    for (const char* name : {"observation.png", "sample_0.png", "sample_1.png", "mean.png"}) {
      QFile a(file("first/") + name), b(file("second/") + name);
      QVERIFY(a.open(QIODevice::ReadOnly) && b.open(QIODevice::ReadOnly));
      QVERIFY2(a.readAll() == b.readAll(), name);
    }
  }

  void programsKernelsAndKindsOfNoise() {
    const QStringList common{"--size", "64", "--set", "steps=4", "--quiet"};
    // A program of the person's; a run file that names one runs it only when told to.
    QVERIFY(mgdm(QStringList{"restore", file("photo.png"), "--task", "program", "--set", "task.command=cp", "--out",
                             file("program")} +
                 common)
                .code == 0);
    QCOMPARE(QImage(file("program/observation.png")).size(), QSize(80, 64));
    const Result unasked = mgdm({"restore", "--replay", file("program/run.json"), "--out", file("again"), "--quiet"});
    QCOMPARE(unasked.code, 2);
    QVERIFY2(oneLine(unasked.error, "--allow-program"), unasked.error.constData());
    QVERIFY(!QFile::exists(file("again")));
    QCOMPARE(
        mgdm({"restore", "--replay", file("program/run.json"), "--allow-program", "--out", file("again"), "--quiet"})
            .code,
        0);
    // Also where only the run that it was branched from names one.
    QFile record(file("program/run.json"));
    QVERIFY(record.open(QIODevice::ReadOnly));
    QJsonObject branched = QJsonDocument::fromJson(record.readAll()).object();
    const QJsonObject parent = branched["request"].toObject();
    QJsonObject child = parent;
    child["task"] = "denoising";
    child["task_settings"] = QJsonObject();
    child["branch"] = QJsonObject{{"step", 1}, {"gibbs", 1}, {"request", parent}};
    branched["request"] = child;
    QFile other(file("branched.json"));
    QVERIFY(other.open(QIODevice::WriteOnly));
    other.write(QJsonDocument(branched).toJson());
    other.close();
    const Result hidden = mgdm({"restore", "--replay", file("branched.json"), "--out", file("hidden"), "--quiet"});
    QVERIFY2(hidden.code == 2 && oneLine(hidden.error, "--allow-program"), hidden.error.constData());
    const Result broken = mgdm(QStringList{"restore", file("photo.png"), "--task", "program", "--set",
                                           "task.command=echo out of ink >&2; false #", "--out", file("broken")} +
                               common);
    QCOMPARE(broken.code, 3);
    QVERIFY2(oneLine(broken.error, "out of ink"), broken.error.constData());
    const Result slow =
        mgdm(QStringList{"restore", file("photo.png"), "--task", "program", "--set", "task.command=sleep 20 #", "--set",
                         "task.timeout=0.2", "--out", file("slow")} +
             common);
    QVERIFY2(slow.code == 3 && oneLine(slow.error, "0.2 s"), slow.error.constData());
    // A kernel from a picture is kept in the run file as numbers.
    QImage kernel(7, 7, QImage::Format_Grayscale8);
    kernel.fill(0);
    for (int i = 1; i < 6; ++i) kernel.setPixel(i, 3, qRgb(255, 255, 255));
    QVERIFY(kernel.save(file("kernel.png")));
    const Result blurred = mgdm(QStringList{"restore", file("photo.png"), "--task", "motion_blur", "--kernel",
                                            file("kernel.png"), "--out", file("blurred"), "--json"} +
                                common);
    QVERIFY2(blurred.code == 0, blurred.error.constData());
    const auto request = QJsonDocument::fromJson(blurred.out).object()["request"].toObject();
    QCOMPARE(request["task_settings"].toObject()["kernel"].toString(),
             QString("0 0 0 0 0; 0 0 0 0 0; 1 1 1 1 1; 0 0 0 0 0; 0 0 0 0 0"));
    const Result none =
        mgdm(QStringList{"restore", file("photo.png"), "--task", "sr4", "--kernel", file("kernel.png")} + common);
    QVERIFY2(none.code == 2 && oneLine(none.error, "motion_blur"), none.error.constData());
    QCOMPARE(mgdm(QStringList{"restore", file("photo.png"), "--task", "motion_blur", "--kernel", file("missing.png")} +
                  common)
                 .code,
             3);
    // Other laws of noise, and samplers that do not know them.
    const Result counts = mgdm(QStringList{"restore", file("photo.png"), "--task", "denoising", "--noise-law",
                                           "poisson", "--noise", "0.4", "--out", file("counts"), "--json"} +
                               common);
    QVERIFY2(counts.code == 0, counts.error.constData());
    QCOMPARE(QJsonDocument::fromJson(counts.out).object()["request"].toObject()["noise_law"].toString(),
             QString("poisson"));
    QCOMPARE(mgdm({"degrade", file("photo.png"), "--task", "denoising", "--noise-law", "salt_and_pepper", "--outliers",
                   "0.3", "--noise", "0.01", "--out", file("salt.png")})
                 .code,
             0);
    const Result ddrm = mgdm(QStringList{"restore", file("photo.png"), "--task", "denoising", "--noise-law", "poisson",
                                         "--sampler", "ddrm", "--preset", "quick", "--size", "64", "--out", file("o")});
    QVERIFY2(ddrm.code == 2 && oneLine(ddrm.error, "Poisson"), ddrm.error.constData());
    const Result jpeg = mgdm(
        QStringList{"restore", file("photo.png"), "--task", "jpeg5", "--noise-law", "poisson", "--out", file("o")} +
        common);
    QVERIFY2(jpeg.code == 2 && oneLine(jpeg.error, "gaussian"), jpeg.error.constData());
    const Result network =
        mgdm(QStringList{"restore", file("photo.png"), "--task", "nonlinear_blur", "--out", file("o")} + common);
    QVERIFY2(network.code == 3 && oneLine(network.error, "GOPRO_wVAE.pth"), network.error.constData());
    // A small picture that is the observation, enlarged by a factor that is no whole number.
    const Result larger =
        mgdm(QStringList{"restore", file("photo.png"), "--task", "super_resolution", "--observed", "--set",
                         "task.factor=2.5", "--out", file("larger"), "--set", "steps=4", "--size", "200", "--quiet"});
    QVERIFY2(larger.code == 0, larger.error.constData());
    QCOMPARE(QImage(file("larger/observation.png")).size(), QSize(99, 80));
    QCOMPARE(QImage(file("larger/sample_0.png")).size(), QSize(248, 200));
  }

  // Interrupted as soon as it says that it samples: progress is said to a terminal only.
  void anInterruptIs130() {
    const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY);
    QVERIFY(terminal >= 0 && ::grantpt(terminal) == 0 && ::unlockpt(terminal) == 0);
    const int its_side = ::open(::ptsname(terminal), O_RDWR | O_NOCTTY);
    QVERIFY(its_side >= 0);
    QProcess p;
    p.setChildProcessModifier([&] { ::dup2(its_side, STDERR_FILENO); });
    p.start(QStringLiteral(MGDM_PROGRAM), {"restore", file("photo.png"), "--task", "sr4", "--size", "128", "--preset",
                                           "paper", "--out", file("interrupted")});
    QVERIFY(p.waitForStarted());
    ::fcntl(terminal, F_SETFL, O_NONBLOCK);
    QByteArray said;
    QTRY_VERIFY_WITH_TIMEOUT(
        [&] {
          char buffer[4096];
          const auto n = ::read(terminal, buffer, sizeof buffer);
          if (n > 0) said.append(buffer, static_cast<qsizetype>(n));
          return said.contains("] step ");
        }(),
        60000);
    p.terminate();
    QVERIFY(p.waitForFinished(60000));
    ::close(its_side);
    ::close(terminal);
    QCOMPARE(p.exitStatus(), QProcess::NormalExit);
    QCOMPARE(p.exitCode(), 130);
    QVERIFY(QFile::exists(file("interrupted/sample_0.png")));
    QFile record(file("interrupted/run.json"));
    QVERIFY(record.open(QIODevice::ReadOnly));
    QCOMPARE(QJsonDocument::fromJson(record.readAll()).object()["stopped"].toBool(), true);
  }

  void aDamagedRunFileIsThree() {
    QFile run(file("damaged.json"));
    QVERIFY(run.open(QIODevice::WriteOnly));
    run.write(R"({"request": {"task": "sr4"}, "files": {"photo": 7}})");
    run.close();
    const Result r = mgdm({"restore", "--replay", run.fileName()});
    QCOMPARE(r.code, 3);
    QVERIFY2(oneLine(r.error, "damaged.json"), r.error.constData());
  }

  void aMeasurementCanBeEndedToo() {
    QProcess p;
    p.start(QStringLiteral(MGDM_PROGRAM), {"bench"});
    QVERIFY(p.waitForStarted());
    QVERIFY(p.waitForReadyRead(60000));
    p.terminate();
    QVERIFY(p.waitForFinished(60000));
    QCOMPARE(p.exitStatus(), QProcess::NormalExit);
    QCOMPARE(p.exitCode(), 130);
    QVERIFY(!p.readAllStandardOutput().contains("\n128 "));  // at the next of its parts, not at the end of them
  }

  // The sum of the stems is the song, at its rate, length and channels; that they are the right ones: tst_songs.
  void separateGivesStemsThatAddUp() {
    constexpr int kFrames = 44100 + 77;
    QFile song(file("song.wav"));
    QVERIFY(song.open(QIODevice::WriteOnly));
    QDataStream out(&song);
    out.setByteOrder(QDataStream::LittleEndian);
    out.writeRawData("RIFF", 4);
    out << quint32(36 + kFrames * 4);
    out.writeRawData("WAVEfmt ", 8);
    out << quint32(16) << quint16(1) << quint16(2) << quint32(44100) << quint32(44100 * 4) << quint16(4) << quint16(16);
    out.writeRawData("data", 4);
    out << quint32(kFrames * 4);
    QList<double> expected;
    for (int i = 0; i < kFrames; ++i) {
      const qint16 left = static_cast<qint16>(8000 * std::sin(i * 0.02) + 3000 * std::sin(i * 0.9)),
                   right = static_cast<qint16>(6000 * std::sin(i * 0.05));
      out << left << right;
      expected << left / 32768.0 << right / 32768.0;
    }
    song.close();
    const Result r = mgdm({"separate", file("song.wav"), "--out", file("stems"), "--set", "steps=4", "--set",
                           "denoising_steps=1", "--json"});
    QVERIFY2(r.code == 0, r.error.constData());
    QCOMPARE(QJsonDocument::fromJson(r.out).object()["request"].toObject()["sampler"].toString(), "mgdm");
    QList<double> sum(expected.size(), 0.0);
    for (const char* stem : {"bass", "drums", "guitar", "piano", "other"}) {
      QFile wav(file("stems") + "/" + stem + ".wav");
      QVERIFY2(wav.open(QIODevice::ReadOnly), stem);
      const QByteArray bytes = wav.readAll();
      const qsizetype data = bytes.indexOf("data") + 8;
      QCOMPARE(qFromLittleEndian<quint32>(bytes.constData() + data - 4), quint32(kFrames * 2 * 3));
      for (qsizetype i = 0; i < expected.size(); ++i) {
        const auto* b = reinterpret_cast<const uchar*>(bytes.constData() + data + 3 * i);
        sum[i] += static_cast<qint32>(quint32(b[0]) << 8 | quint32(b[1]) << 16 | quint32(b[2]) << 24) / 2147483648.0;
      }
    }
    double off = 0;
    for (qsizetype i = 0; i < expected.size(); ++i) off = std::max(off, std::abs(sum[i] - expected[i]));
    QVERIFY2(off < 1e-3, qPrintable(QString::number(off)));
  }

  void separateNamesWhatIsWrong() {
    QCOMPARE(mgdm({"separate", "--out", file("s")}).code, 2);
    QCOMPARE(mgdm({"separate", file("missing.wav"), "--out", file("s")}).code, 3);
    const Result photo = mgdm({"separate", file("photo.png"), "--out", file("s")});
    QCOMPARE(photo.code, 3);
    QVERIFY2(oneLine(photo.error, "photo.png"), photo.error.constData());
    const Result model = mgdm({"separate", file("song.wav"), "--prior", "photo", "--out", file("s")});
    QCOMPARE(model.code, 4);
    QVERIFY2(oneLine(model.error, "not for music"), model.error.constData());
    const Result swapped = mgdm({"restore", file("photo.png"), "--task", "sr4", "--prior", "band", "--out", file("s")});
    QCOMPARE(swapped.code, 4);
    QVERIFY2(oneLine(swapped.error, "not for photos"), swapped.error.constData());
    QCOMPARE(mgdm({"separate", file("song.wav"), "--gap", "3-2", "--out", file("s")}).code, 2);
    QCOMPARE(mgdm({"separate", file("song.wav"), "--part", "3", "--out", file("s")}).code, 2);
    const Result clip = mgdm({"separate", file("song.wav"), "--declip", "auto", "--out", file("s")});
    QVERIFY2(clip.code == 2 && oneLine(clip.error, "nothing of it looks cut off"), clip.error.constData());
  }

  void publishedNetworksAreEvaluated() {
    const QString parity = QStringLiteral(MGDM_PARITY_DIR "/diffusers_cifar10/");
    if (!QFile::exists(parity + "config.json")) QSKIP("the folder of the original networks (shared/parity) is absent");
    const QString network = parity + "diffusion_pytorch_model.safetensors";
    const Result wrong = mgdm({"evaluate", "--prior", network, "--config", parity + "config.json", "--input",
                               parity + "expected.pt", "--output", file("out.pt")});
    QVERIFY2(wrong.code == 4 && oneLine(wrong.error, "none of {x, t}"), wrong.error.constData());
    const Result missing =
        mgdm({"evaluate", "--prior", file("none.pt"), "--input", parity + "expected.pt", "--output", file("out.pt")});
    QVERIFY2(missing.code == 4 && oneLine(missing.error, "none.pt"), missing.error.constData());
    QVERIFY(!QFile::exists(file("out.pt")));
  }

  void modelsAreListed() {
    const Result r = mgdm({"models"});
    QCOMPARE(r.code, 0);
    QVERIFY(mgdm({"models", "show", "photo"}).out.contains("license"));
  }

  void selftestPasses() {
    const Result r = mgdm({"selftest"});
    QVERIFY2(r.code == 0, r.out.constData());
    QVERIFY(!r.out.contains("FAILED"));
  }

  void theRealWindowStartsUnderXvfb() {
    if (QStandardPaths::findExecutable("Xvfb").isEmpty() || QStandardPaths::findExecutable("import").isEmpty())
      QSKIP("Xvfb or ImageMagick is not installed");
    QProcess x;
    x.start("Xvfb", {"-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp"});
    QVERIFY(x.waitForReadyRead(20000));
    const QString display = ":" + QString::fromLatin1(x.readLine()).trimmed();
    QProcess studio;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("DISPLAY", display);
    environment.insert("QT_QPA_PLATFORM", "xcb");
    environment.insert("XDG_CONFIG_HOME", folder_.path());
    studio.setProcessEnvironment(environment);
    studio.start(QStringLiteral(MGDM_STUDIO_PROGRAM), {file("photo.png")});
    QVERIFY(studio.waitForStarted());
    QImage shot;
    int colours = 0;
    for (int attempt = 0; attempt < 20 && colours < 200; ++attempt) {  // until the photo is on screen
      QTest::qWait(500);
      QProcess import;
      import.setProcessEnvironment(environment);
      import.start("import", {"-window", "root", file("screen.png")});
      QVERIFY(import.waitForFinished(30000));
      QVERIFY(shot.load(file("screen.png")));
      QSet<QRgb> seen;
      for (int y = 0; y < shot.height(); y += 3) {
        for (int c = 0; c < shot.width(); c += 3) seen.insert(shot.pixel(c, y));
      }
      colours = static_cast<int>(seen.size());
    }
    QCOMPARE(studio.state(), QProcess::Running);
    QVERIFY2(colours >= 200, qPrintable(QString("only %1 colours on the screen").arg(colours)));
    studio.terminate();
    QVERIFY(studio.waitForFinished(20000));
    x.terminate();
    x.waitForFinished(5000);
  }
};

QTEST_GUILESS_MAIN(TestCommandLine)
#include "tst_command_line.moc"
