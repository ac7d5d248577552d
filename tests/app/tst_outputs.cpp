// What the programs write: never over an input, never over another's file, proven before they compute, nothing lost.
#include <ATen/ATen.h>
#include <sys/stat.h>

#include <QtTest>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/files/json_text.h"
#include "core/files/output_folder.h"
#include "core/media/image_file.h"
#include "core/media/sound_file.h"
#include "tests/app/programs.h"

using namespace mgdm;
using test::Answer;
using test::one_line;
namespace fs = std::filesystem;

class TestOutputs : public QObject {
  Q_OBJECT
  QTemporaryDir dir_;

  QString file(const QString& name) const { return dir_.filePath(name); }
  fs::path path(const QString& name) const { return file(name).toStdString(); }
  QByteArray bytes(const QString& name) const {
    QFile in(file(name));
    return in.open(QIODevice::ReadOnly) ? in.readAll() : QByteArray();
  }
  QStringList restore(const QString& out, const QStringList& more = {}) const {
    return QStringList{"restore", file("photo.png"), "--task",  "denoising", "--sampler", "ddrm",   "--preset",
                       "",        "--set",           "steps=4", "--size",    "64",        "--quiet"} +
           (out.isEmpty() ? QStringList() : QStringList{"--out", out}) + more;
  }

 private Q_SLOTS:
  void initTestCase() {
    const at::Tensor ramp = at::arange(64).reshape({1, 64}).expand({64, 64}) * 3;
    write_image(path("photo.png"), at::stack({ramp, ramp.t(), ramp}).to(at::kByte).contiguous());
    write_sound(path("bass.wav"), {at::sin(at::arange(22050) * 0.05).unsqueeze(0) * 0.3, 22050});
  }

  void withoutAPlaceNothingIsComputed() {
    const Answer r = test::mgdm(restore({}));
    QCOMPARE(r.code, 2);
    QVERIFY2(one_line(r.error, "--out"), r.error.constData());
    QCOMPARE(test::mgdm(restore({}, {"--json"})).code, 0);  // the record is what is wanted
  }

  void aPictureIsWrittenAsOne() {
    Answer r = test::mgdm(restore(file("result.png")));
    QVERIFY2(r.code == 0, r.error.constData());
    QVERIFY(QFileInfo(file("result.png")).isFile());
    QCOMPARE(read_image(path("result.png")).sizes(), at::IntArrayRef({3, 64, 64}));
    r = test::mgdm(restore(file("result.png")));
    QVERIFY2(r.code == 3 && one_line(r.error, "--force"), r.error.constData());
    QCOMPARE(test::mgdm(restore(file("result.png"), {"--force"})).code, 0);
    r = test::mgdm(restore(file("many.png"), {"--samples", "2"}));
    QVERIFY2(r.code == 2 && one_line(r.error, "folder"), r.error.constData());
  }

  void anInputIsNeverWrittenOver() {
    const QByteArray before = bytes("photo.png"), song = bytes("bass.wav");
    Answer r = test::mgdm(restore(file("photo.png"), {"--force"}));
    QVERIFY2(r.code == 3 && one_line(r.error, "what is read"), r.error.constData());
    QFile::copy(file("photo.png"), file("sample_0.png"));
    r = test::mgdm({"restore", file("sample_0.png"), "--task", "denoising", "--out", dir_.path(), "--force"});
    QVERIFY2(r.code == 3 && one_line(r.error, "sample_0.png"), r.error.constData());
    r = test::mgdm({"degrade", file("photo.png"), "--task", "colorization", "--out", file("photo.png"), "--force"});
    QVERIFY2(r.code == 3 && one_line(r.error, "what is read"), r.error.constData());
    r = test::mgdm({"separate", file("bass.wav"), "--out", dir_.path(), "--preset", "quick", "--quiet", "--force"});
    QVERIFY2(r.code == 3 && one_line(r.error, "bass.wav"), r.error.constData());
    QCOMPARE(bytes("photo.png"), before);
    QCOMPARE(bytes("bass.wav"), song);
    QVERIFY(!QFile::exists(file("drums.wav")));
  }

  void aForeignFileIsKeptAndAnOwnOneIsNot() {
    QVERIFY(QDir().mkpath(file("results")));
    QFile mine(file("results/sample_0.png"));
    QVERIFY(mine.open(QIODevice::WriteOnly));
    mine.write("mine");
    mine.close();
    Answer r = test::mgdm(restore(file("results")));
    QVERIFY2(r.code == 3 && one_line(r.error, "sample_0.png"), r.error.constData());
    QCOMPARE(bytes("results/sample_0.png"), QByteArray("mine"));
    QCOMPARE(test::mgdm(restore(file("results"), {"--force", "--samples", "3"})).code, 0);
    QVERIFY(QFile::exists(file("results/sample_2.png")) && QFile::exists(file("results/mean.png")));
    // Now they are the program's own, and of an earlier run nothing stays beside a new record.
    QCOMPARE(test::mgdm(restore(file("results"))).code, 0);
    QVERIFY(!QFile::exists(file("results/sample_2.png")) && !QFile::exists(file("results/mean.png")));
    QVERIFY(QFile::exists(file("results/sample_0.png")));
    const nlohmann::json record = read_json(path("results/run.json"));
    QCOMPARE(record.at("outputs").size(), size_t{3});  // with the observation and the record
  }

  void whatCannotBeWrittenIsSaidBefore() {
    const Answer r = test::mgdm(restore(file("photo.png") + "/below"));
    QVERIFY2(r.code == 3 && one_line(r.error, "photo.png"), r.error.constData());
    const Answer none = test::mgdm(restore("/proc/results"));
    QVERIFY2(none.code == 3 && one_line(none.error, "/proc/results"), none.error.constData());
    QVERIFY(refusedBefore("/proc"));
  }

  // A disk that is full when all is computed.
  void resultsGoToASecondPlace() {
    const OutputFolder folder(path("full"), {"a.txt"}, {}, false);
    fs::path second;
    std::string said;
    const fs::path where = folder.write(
        [&](const fs::path& to) {
          if (to == path("full")) throw MediaError("the disk is full");
          second = to;
        },
        [&](const std::string& sentence) { said = sentence; });
    QCOMPARE(where, second);
    QVERIFY(fs::is_directory(second));
    QVERIFY2(said.find("the disk is full") != std::string::npos && said.find(second.string()) != std::string::npos,
             said.c_str());
    fs::remove_all(second);
    QVERIFY_EXCEPTION_THROWN(
        folder.write([](const fs::path&) { throw MediaError("nowhere"); }, [](const std::string&) {}), MediaError);
  }

  // A folder of an older version of the program, which did not list what it wrote.
  void anOlderRecordIsTheProgramsOwn() {
    QVERIFY(QDir().mkpath(file("older")));
    const auto put = [&](const char* name, const QByteArray& text) {
      QFile out(file(QStringLiteral("older/") + name));
      if (out.open(QIODevice::WriteOnly)) out.write(text);
    };
    put("sample_0.png", "x");
    put("run.json", R"({"program": "Another", "request": {}})");
    QVERIFY_EXCEPTION_THROWN(OutputFolder(path("older"), {"sample_0.png"}, {}, false), MediaError);
    put("run.json", R"({"program": "MGDM Studio", "request": {}})");
    OutputFolder(path("older"), {"sample_0.png"}, {}, false);
  }

  void namesInARecordLeadNowhereElse() {
    QVERIFY(QDir().mkpath(file("trap")));
    QFile kept(file("kept.txt"));
    QVERIFY(kept.open(QIODevice::WriteOnly));
    kept.close();
    QFile record(file("trap/run.json"));
    QVERIFY(record.open(QIODevice::WriteOnly));
    record.write(R"({"outputs": ["../kept.txt", "run.json", "old.png"]})");
    record.close();
    QFile old(file("trap/old.png"));
    QVERIFY(old.open(QIODevice::WriteOnly));
    old.close();
    OutputFolder(path("trap"), {"new.png"}, {}, false).write([](const fs::path&) {}, [](const std::string&) {});
    QVERIFY(QFile::exists(file("kept.txt")));
    QVERIFY(!QFile::exists(file("trap/old.png")));
  }

 private:
  bool refusedBefore(const QString& out) const {
    const Answer r = test::mgdm(restore(out));
    return r.code == 3 && r.out.isEmpty();
  }
};

QTEST_GUILESS_MAIN(TestOutputs)
#include "tst_outputs.moc"
