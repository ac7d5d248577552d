// Stems of other programs to begin from: their names, rates, lengths and delays.
#include <ATen/ATen.h>

#include <QtTest>

#include "core/errors.h"
#include "core/media/sound_file.h"
#include "core/runs/start_stems.h"

using namespace mgdm;

namespace {

const std::vector<std::string> kModel{"bass", "drums", "guitar", "piano"};
constexpr int kRate = 22050;

at::Tensor noise(int64_t length, uint64_t seed) {
  return at::randn({1, length}, at::detail::createCPUGenerator(seed), at::kFloat) * 0.05;
}

double error_of(const at::Tensor& x, const at::Tensor& truth) {
  return ((x - truth).square().sum() / truth.square().sum()).item<double>();
}

}  // namespace

class TestStartStems : public QObject {
  Q_OBJECT
  at::Tensor bass_ = noise(kRate, 1), drums_ = noise(kRate, 2), other_ = noise(kRate, 3);

  StartSong song() const { return {.mix = bass_ + drums_ + other_, .rate = kRate, .from = 0, .seconds = 1}; }
  static void write(const QTemporaryDir& folder, const char* name, const at::Tensor& samples, int rate = kRate) {
    write_sound(folder.filePath(name).toStdString(), {samples, rate});
  }
  void writeAll(const QTemporaryDir& folder) const {
    write(folder, "bass.wav", bass_);
    write(folder, "drums.wav", drums_);
    write(folder, "other.wav", other_);
  }
  static StartStems read(const QTemporaryDir& folder, const StartSong& song) {
    return read_start_stems(folder.path().toStdString(), song, kModel);
  }
  static QString refusal(const QTemporaryDir& folder, const StartSong& song) {
    try {
      read(folder, song);
    } catch (const MediaError& e) {
      return QString::fromUtf8(e.what());
    }
    return {};
  }

 private Q_SLOTS:
  void namesOfOtherProgramsAreKnown_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("stem");
    QTest::addRow("Demucs") << "bass.wav"
                            << "bass";
    QTest::addRow("capitals") << "Drums.FLAC"
                              << "drums";
    QTest::addRow("UVR") << "1_All About That Bass_(Drums)_htdemucs.wav"
                         << "drums";
    QTest::addRow("Moises") << "Piano Man-guitar-C major-120bpm-440hz.mp3"
                            << "guitar";
    QTest::addRow("keys") << "song_keys.ogg"
                          << "piano";
    QTest::addRow("other") << "other.wav"
                           << "other";
    QTest::addRow("a voice is no stem") << "vocals.wav"
                                        << "vocals";
    QTest::addRow("everything but") << "no_drums.wav"
                                    << "";
    QTest::addRow("the song itself") << "mixture.wav"
                                     << "mix";
    QTest::addRow("no word") << "take 2.wav"
                             << "";
    QTest::addRow("not a part of a word") << "bassoon.wav"
                                          << "";
  }
  void namesOfOtherProgramsAreKnown() {
    QFETCH(QString, file);
    QFETCH(QString, stem);
    QCOMPARE(QString::fromStdString(stem_of_file(file.toStdString(), kModel)), stem);
  }

  // What has no file of its own shares "other"; a voice is told of, not swallowed.
  void otherIsShared() {
    const QTemporaryDir folder;
    writeAll(folder);
    write(folder, "vocals.wav", other_);
    const StartStems start = read(folder, song());
    QCOMPARE(start.stems.size(), size_t{4});
    QVERIFY(error_of(start.stems.at("bass"), bass_) < 1e-6);
    QVERIFY(error_of(start.stems.at("guitar"), other_ / 2) < 1e-6);
    QVERIFY(error_of(start.stems.at("piano"), other_ / 2) < 1e-6);
    QCOMPARE(start.remarks.size(), size_t{1});
    QVERIFY(QString::fromStdString(start.remarks[0]).contains("vocals.wav"));
    write(folder, "piano.wav", drums_);  // then it is the guitar's alone
    QVERIFY(error_of(read(folder, song()).stems.at("guitar"), other_) < 1e-6);
    write(folder, "guitar.wav", drums_);  // then nobody's
    QCOMPARE(read(folder, song()).remarks.size(), size_t{2});
    // With a track for what is no stem, the voice is there.
    std::vector<std::string> five = kModel;
    five.emplace_back("other");
    const StartStems with = read_start_stems(folder.path().toStdString(), song(), five);
    QVERIFY(error_of(with.stems.at("other"), other_) < 1e-6);
    QCOMPARE(with.remarks.size(), size_t{1});  // of other.wav
  }

  void ratesAndChannelsAreConverted() {
    const QTemporaryDir folder;
    const at::Tensor t = at::arange(2 * kRate, at::kFloat) / (2 * kRate), tone = (t * (2 * M_PI * 300)).sin() * 0.1;
    write(folder, "bass.wav", tone.unsqueeze(0), 2 * kRate);
    write(folder, "drums.flac", noise(kRate, 7).expand({2, kRate}).contiguous());
    StartSong stereo = song();
    stereo.mix = stereo.mix.expand({2, -1}).contiguous();
    const StartStems start = read(folder, stereo);
    QCOMPARE(start.stems.at("bass").sizes(), stereo.mix.sizes());
    const at::Tensor wanted = ((at::arange(kRate, at::kFloat) / kRate) * (2 * M_PI * 300)).sin() * 0.1;
    QVERIFY(error_of(start.stems.at("bass")[1].slice(0, 500, -500), wanted.slice(0, 500, -500)) < 1e-4);
  }

  // As codecs shift what they encode: 1,105 samples late is put right, and said.
  void aLagIsPutRightAndTold_data() {
    QTest::addColumn<int>("lag");
    for (const int lag : {1105, -529, 1, 0}) QTest::addRow("%d", lag) << lag;
  }
  void aLagIsPutRightAndTold() {
    QFETCH(int, lag);
    const QTemporaryDir folder;
    const auto late = [&](const at::Tensor& x) { return at::constant_pad_nd(x, {lag, -lag}).contiguous(); };
    write(folder, "bass.wav", late(bass_));
    write(folder, "drums.wav", late(drums_));
    const StartStems start = read(folder, song());
    QVERIFY(error_of(start.stems.at("bass").slice(1, 1200, -1200), bass_.slice(1, 1200, -1200)) < 1e-6);
    QCOMPARE(start.remarks.size(), size_t{lag == 0 ? 0u : 1u});
    if (lag != 0) QVERIFY(QString::fromStdString(start.remarks[0]).contains(lag > 0 ? "behind" : "before"));
  }

  void aPartOfTheSongStartsFromItsPart() {
    const QTemporaryDir folder;
    writeAll(folder);
    StartSong part = song();
    part.mix = part.mix.slice(1, kRate / 2);
    part.from = 0.5;
    QVERIFY(error_of(read(folder, part).stems.at("drums"), drums_.slice(1, kRate / 2)) < 1e-6);
  }

  void badFoldersGetASentence() {
    QTemporaryDir folder;
    QVERIFY2(refusal(folder, song()).contains("holds no sound file of a stem (bass, drums, guitar, piano, other)"),
             qPrintable(refusal(folder, song())));
    write(folder, "bass.wav", noise(2 * kRate, 1));
    QVERIFY2(refusal(folder, song()).contains("lasts 2.0 s, the song 1.0 s"), qPrintable(refusal(folder, song())));
    write(folder, "bass.wav", noise(kRate + 2000, 1));  // a codec's padding is none
    QCOMPARE(refusal(folder, song()), QString());
    write(folder, "song_bass.wav", bass_);
    QVERIFY2(refusal(folder, song()).contains("both bass.wav and song_bass.wav are bass"),
             qPrintable(refusal(folder, song())));
    QTemporaryDir broken;
    QFile file(broken.filePath("bass.wav"));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write("not a sound") > 0);
    file.close();
    QVERIFY2(refusal(broken, song()).contains("bass.wav"), qPrintable(refusal(broken, song())));
    const QString gone = folder.filePath("none");
    QVERIFY_EXCEPTION_THROWN(read_start_stems(gone.toStdString(), song(), kModel), MediaError);
  }
};

QTEST_APPLESS_MAIN(TestStartStems)
#include "tst_start_stems.moc"
