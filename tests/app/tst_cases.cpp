// Songs, names, numbers and places as people bring them, at the command line: what is said and what comes out.
#include <ATen/ATen.h>
#include <sndfile.h>

#include <QtTest>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/files/json_text.h"
#include "core/media/image_file.h"
#include "core/media/sound_file.h"
#include "tests/app/programs.h"
#include "tests/made_song.h"

using namespace mgdm;
using test::Answer;
using test::one_line;
namespace fs = std::filesystem;

class TestCases : public QObject {
  Q_OBJECT
  QTemporaryDir dir_;

  QString file(const QString& name) const { return dir_.filePath(name); }
  static QString given(const char* name) { return QStringLiteral(MGDM_SOURCE_DIR "/tests/data/cases/") + name; }
  Answer separate(const QString& song, const QString& out, const QStringList& more = {}) const {
    return test::mgdm(QStringList{"separate", song, "--out", file(out), "--preset", "quick", "--set", "steps=4",
                                  "--set", "denoising_steps=1", "--quiet"} +
                      more);
  }
  at::Tensor stem(const QString& name) const { return read_sound(file(name).toStdString()).samples; }
  QStringList restore(const QStringList& more) const {
    return QStringList{"restore", file("photo.png"), "--task",  "denoising", "--sampler", "ddrm",   "--preset",
                       "",        "--set",           "steps=4", "--size",    "64",        "--quiet"} +
           more;
  }

 private Q_SLOTS:
  void initTestCase() {
    const at::Tensor ramp = at::arange(64).reshape({1, 64}).expand({64, 64}) * 3;
    write_image(file("photo.png").toStdString(), at::stack({ramp, ramp.t(), ramp}).to(at::kByte).contiguous());
  }

  void whatIsDamagedInASongIsSaid() {
    const Answer r = separate(given("six_damaged.flac"), "damaged", {"--part", "1.5-2.5"});
    QVERIFY2(r.code == 0 && one_line(r.error, "0:01.") && r.error.contains("is silent"), r.error.constData());
    QCOMPARE(stem("damaged/bass.wav").size(1), int64_t{44100});
  }

  void theLastSecondOfAnMp3IsThere() {  // libsndfile's estimate ends at 11.9 s
    const Answer r = separate(given("twenty_lame_t.mp3"), "mp3", {"--part", "18.5-19.5"});
    QVERIFY2(r.code == 0 && r.error.isEmpty(), r.error.constData());
    at::Tensor sum;
    for (const char* name : test::kSongStems) {
      const at::Tensor one = stem(QString("mp3/%1.wav").arg(name));
      sum = sum.defined() ? sum + one : one;
    }
    QVERIFY(sum.abs().max().item<float>() > 0.01f);
  }

  // As for any other format; the decoder's own remarks are none of the program's.
  void whatIsDamagedInAnMp3IsSaid() {
    QFile whole(given("twenty_lame_t.mp3"));
    QVERIFY(whole.open(QIODevice::ReadOnly));
    QByteArray bytes = whole.readAll();
    for (qsizetype i = bytes.size() / 3; i < bytes.size() / 3 + 3000; ++i) bytes[i] = static_cast<char>(i * 31);
    QFile damaged(file("damaged.mp3"));
    QVERIFY(damaged.open(QIODevice::WriteOnly));
    damaged.write(bytes.left(bytes.size() * 2 / 3));
    damaged.close();
    const Answer r = separate(file("damaged.mp3"), "damaged_mp3", {"--part", "0-0.5"});
    QVERIFY2(r.code == 0 && one_line(r.error, "damaged.mp3: 0:06.") && r.error.contains("is silent"),
             r.error.constData());
  }

  void aFormatThatIsNotReadIsNamed() {
    const Answer r = separate(given("song.m4a"), "m4a");
    QVERIFY2(r.code == 3 && one_line(r.error, "is an M4A or MP4 file") && r.error.contains("FLAC or WAV"),
             r.error.constData());
    QVERIFY(!QFile::exists(file("m4a/run.json")));
  }

  void oppositeChannelsAreSeparated() {
    const at::Tensor left = test::made_stems(1.0).sum(0, true);
    write_sound(file("opposite.wav").toStdString(), {at::cat({left, -left}), test::kSongRate});
    const Answer r = separate(file("opposite.wav"), "opposite", {"--part", "0-0.5"});
    QVERIFY2(r.code == 0 && one_line(r.error, "out of phase"), r.error.constData());
    // The mid of these channels is silence, of which all stems would be alike.
    const at::Tensor bass = stem("opposite/bass.wav"), drums = stem("opposite/drums.wav");
    QVERIFY((bass - drums).abs().max().item<float>() > 0.01f);
    at::Tensor sum = at::zeros_like(bass);
    for (const char* name : test::kSongStems) sum += stem(QString("opposite/%1.wav").arg(name));
    sum += stem("opposite/other.wav");
    const int64_t n = std::min<int64_t>(sum.size(1), 20000);
    QVERIFY((sum.slice(1, 0, n) - at::cat({left, -left}).slice(1, 0, n)).abs().max().item<float>() < 2e-3f);
  }

  void moreChannelsAreMixedDownOnRequest() {
    SF_INFO info{};
    info.channels = 6;
    info.samplerate = 44100;
    info.format = SF_FORMAT_FLAC | SF_FORMAT_PCM_16;
    const at::Tensor song = test::made_stems(1.0).sum(0).mul(0.2);
    const at::Tensor frames = song.unsqueeze(1).expand({song.size(0), 6}).contiguous();
    SNDFILE* out = sf_open(qPrintable(file("six.flac")), SFM_WRITE, &info);
    QVERIFY(out != nullptr);
    QCOMPARE(sf_writef_float(out, frames.data_ptr<float>(), frames.size(0)), frames.size(0));
    sf_close(out);
    Answer r = separate(file("six.flac"), "six");
    QVERIFY2(r.code == 3 && one_line(r.error, "--downmix") && r.error.contains("6 channels"), r.error.constData());
    r = separate(file("six.flac"), "six", {"--downmix", "--part", "0-0.5"});
    QVERIFY2(r.code == 0, r.error.constData());
    QCOMPARE(stem("six/bass.wav").size(0), int64_t{2});
  }

  // Samples of four times full scale: no stem is lost, and none is cut.
  void whatFlacCannotHoldIsWav() {
    const at::Tensor song = test::made_stems(1.0).sum(0, true), hot = song / song.abs().max() * 4;
    write_sound(file("hot.wav").toStdString(), {hot, test::kSongRate});
    const Answer r = separate(file("hot.wav"), "hot", {"--part", "0-0.5", "--flac"});
    QVERIFY2(r.code == 0, r.error.constData());
    at::Tensor sum;
    std::vector<const char*> tracks(std::begin(test::kSongStems), std::end(test::kSongStems));
    tracks.push_back("other");
    for (const char* name : tracks) {
      const QString flac = QString("hot/%1.flac").arg(name), wav = QString("hot/%1.wav").arg(name);
      QVERIFY2(QFile::exists(file(flac)) != QFile::exists(file(wav)), name);
      if (QFile::exists(file(wav))) QVERIFY2(r.error.contains(name), r.error.constData());  // and why
      const at::Tensor one = stem(QFile::exists(file(flac)) ? flac : wav);
      sum = sum.defined() ? sum + one : one;
    }
    const int64_t n = std::min<int64_t>(sum.size(1), 20000);
    QVERIFY((sum - hot.slice(1, 0, sum.size(1))).slice(1, 0, n).abs().max().item<float>() < 4e-3f);
  }

  // A byte that is no UTF-8, as in an old archive from elsewhere.
  void aPhotosNameMayBeAnyBytes() {
    const fs::path odd = fs::path(dir_.path().toStdString()) / std::string("caf\xe9 \xff.png");
    fs::copy_file(file("photo.png").toStdString(), odd);
    std::ofstream(file("run.sh").toStdString()) << "exec \"$@\" \"$(printf '%s/caf\\351 \\377.png' \"$DIR\")\"\n";
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("DIR", dir_.path());
    const Answer r =
        test::answer_of("/bin/sh",
                        {file("run.sh"), MGDM_PROGRAM, "restore", "--task", "denoising", "--sampler", "ddrm",
                         "--preset", "", "--set", "steps=4", "--size", "64", "--quiet", "--out", file("odd")},
                        environment);
    QVERIFY2(r.code == 0 && r.error.isEmpty(), r.error.constData());
    QVERIFY(QFile::exists(file("odd/sample_0.png")));
    const nlohmann::json record = read_json(file("odd/run.json").toStdString());
    QVERIFY(record.is_object() && record.at("files").at("photo").is_string());
    fs::remove(odd);  // Qt could not
  }

  void numbersOutOfRangeAreRefused() {
    for (const auto& [option, value, range] : {std::tuple{"--noise", "-0.1", "from 0.0001 to 2"},
                                               {"--noise", "1e9", "from 0.0001 to 2"},
                                               {"--seed", "-1", "from 0 to"},
                                               {"--seed", "18446744073709551615", "from 0 to"},
                                               {"--samples", "0", "from 1 to 256"},
                                               {"--size", "-64", "from 32 to 4096"}}) {
      QStringList command = restore({"--out", file("never")});
      if (QString(option) == "--size") command.removeAt(command.indexOf("64")), command.removeAll("--size");
      const Answer r = test::mgdm(command + QStringList{option, value});
      QVERIFY2(r.code == 2 && r.error.contains(range), r.error.constData());
    }
    QVERIFY(!QFile::exists(file("never")));
  }

  // What a script waits for did not arrive: that is no success.
  void aPipeThatTakesNothingIsAFailure() {
    std::ofstream(file("full.sh").toStdString()) << "exec \"$@\" > /dev/full\n";
    const Answer r = test::answer_of("/bin/sh", QStringList{file("full.sh"), MGDM_PROGRAM} + restore({"--json"}));
    QVERIFY2(r.code != 0 && r.error.startsWith("mgdm: "), r.error.constData());
  }

  // A record of a machine that has bfloat16, on one that may not have it.
  void aRecordInBfloat16IsReplayedOrSaid() {
    QCOMPARE(test::mgdm(restore({"--out", file("first")})).code, 0);
    nlohmann::json record = read_json(file("first/run.json").toStdString());
    std::ofstream(file("bf.json").toStdString()) << [&] {
      for (const char* place : {"precision", "device"})
        if (record.contains(place) && std::string(place) == "precision") record[place] = "bfloat16";
      return json_text(record);
    }();
    QProcessEnvironment without = QProcessEnvironment::systemEnvironment();
    without.insert("DNNL_MAX_CPU_ISA", "AVX2");  // as a processor without AVX-512
    for (const QProcessEnvironment& environment : {QProcessEnvironment::systemEnvironment(), without}) {
      const Answer r = test::answer_of(
          MGDM_PROGRAM, {"restore", "--replay", file("bf.json"), "--out", file("bf"), "--quiet", "--force"},
          environment);
      QVERIFY2(!r.error.contains("primitive"), r.error.constData());
      QVERIFY2(r.code == 0 || r.error.count('\n') == 1, r.error.constData());
    }
  }
};

QTEST_GUILESS_MAIN(TestCases)
#include "tst_cases.moc"
