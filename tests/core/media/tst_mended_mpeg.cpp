// What an MP3 file lost is named and silent, and what comes behind is at its time.
#include <ATen/ATen.h>
#include <sndfile.h>

#include <QtTest>
#include <cmath>
#include <random>

#include "core/media/mended_mpeg.h"
#include "core/media/sound_file.h"

using namespace mgdm;

namespace {

constexpr int kMpeg = 0x230000 | 0x0082;  // SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, which older headers lack
constexpr int kBitRateMode = 0x1305;      // SFC_SET_BITRATE_MODE
constexpr int kConstant = 0, kVariable = 2;

// MPEG-1 layer III at 44.1 kHz, as it is made here: where its frames begin.
std::vector<qsizetype> frame_places(const QByteArray& mp3) {
  static constexpr int kRates[] = {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320};
  std::vector<qsizetype> places;
  for (qsizetype at = 0; at + 4 < mp3.size();) {
    const auto byte = static_cast<unsigned char>(mp3[at + 2]);
    if (static_cast<unsigned char>(mp3[at]) != 0xff) break;
    places.push_back(at);
    at += 144000 * kRates[byte >> 4] / 44100 + (byte >> 1 & 1);
  }
  return places;
}

QByteArray random_bytes(qsizetype n) {
  std::mt19937 random(3);
  QByteArray bytes(n, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

}  // namespace

class TestMendedMpeg : public QObject {
  Q_OBJECT
  QTemporaryDir folder_;
  std::map<int, QByteArray> made_;  // by mode

  std::string path(const char* name) const { return folder_.filePath(name).toStdString(); }

  // Eight seconds that are nowhere alike, loud and soft in turn, so that a variable bit rate varies.
  bool make(int mode, int rate = 44100, int channels = 2) {
    SF_INFO info{};
    info.channels = channels;
    info.samplerate = rate;
    info.format = kMpeg;
    const std::string file = path("made.mp3");
    SNDFILE* out = sf_open(file.c_str(), SFM_WRITE, &info);
    if (out == nullptr) return false;
    sf_command(out, kBitRateMode, &mode, sizeof(mode));
    std::mt19937 random(1);
    std::vector<float> samples;
    double phase = 0;
    for (int k = 0; k < 8 * rate; ++k) {
      const double t = static_cast<double>(k) / rate;
      phase += 2 * M_PI * (150 + 90 * t) / rate;
      const double noise = static_cast<double>(random()) / 4294967296.0 - 0.5;
      const double v = 0.3 * std::sin(phase) + 0.2 * noise * std::max(0.0, std::sin(3 * t));
      for (int c = 0; c < channels; ++c) samples.push_back(static_cast<float>(c == 0 ? v : 0.6 * v));
    }
    sf_writef_float(out, samples.data(), 8 * rate);
    sf_close(out);
    QFile in(folder_.filePath("made.mp3"));
    if (!in.open(QIODevice::ReadOnly)) return false;
    made_[rate == 44100 ? mode : rate] = in.readAll();
    return true;
  }
  Sound read(const QByteArray& bytes) const {
    QFile out(folder_.filePath("song.mp3"));
    if (!out.open(QIODevice::WriteOnly) || out.write(bytes) != bytes.size()) throw std::runtime_error("not written");
    out.close();
    return read_sound(path("song.mp3"));
  }
  static double worst(const at::Tensor& a, const at::Tensor& b) { return (a - b).abs().max().item<double>(); }

 private Q_SLOTS:
  void initTestCase() {
    if (!make(kConstant)) QSKIP("this libsndfile writes no MP3");
    QVERIFY(make(kVariable) && make(kConstant, 22050, 1));
    const QByteArray &constant = made_[kConstant], &variable = made_[kVariable];
    QVERIFY(constant.left(200).contains("Info") && variable.left(200).contains("Xing"));
    QVERIFY(frame_places(constant).size() > 300 && frame_places(variable).size() == frame_places(constant).size());
  }

  void whatIsLostIsSilentAndNamed_data() {
    QTest::addColumn<int>("mode");
    QTest::addColumn<QString>("with");
    QTest::addColumn<bool>("aligned");
    QTest::addColumn<bool>("told");  // by the header of the whole, how many frames there are
    for (const int mode : {kConstant, kVariable})
      for (const char* with : {"zeros", "random", "nothing"})
        for (const bool aligned : {true, false})
          for (const bool told : {true, false}) {
            // Cut out between two frames, or without a count: nothing shows where or how much.
            if (QString(with) == "nothing" && (aligned || !told)) continue;
            QTest::addRow("%s, %s%s%s", mode == kConstant ? "constant" : "variable", with,
                          aligned ? "" : ", amid frames", told ? "" : ", no count")
                << mode << QString(with) << aligned << told;
          }
  }
  void whatIsLostIsSilentAndNamed() {
    QFETCH(int, mode);
    QFETCH(QString, with);
    QFETCH(bool, aligned);
    QFETCH(bool, told);
    constexpr int64_t kFrame = 1152, kFirst = 150, kLost = 20;
    QByteArray bytes = made_[mode];
    std::vector<qsizetype> places = frame_places(bytes);
    if (!told) {
      bytes.remove(0, places[1]);
      places = frame_places(bytes);
    }
    const Sound whole = read(bytes);
    QVERIFY(whole.damage.empty());
    const int64_t header = told ? 1 : 0, before = told ? 576 + 529 : 0;
    const qsizetype from = places[kFirst + header] + (aligned ? 0 : 100),
                    to = places[kFirst + kLost + header] + (aligned ? 0 : 150);
    if (with == "zeros") bytes.replace(from, to - from, QByteArray(to - from, '\0'));
    if (with == "random") bytes.replace(from, to - from, random_bytes(to - from));
    if (with == "nothing") bytes.remove(from, to - from);
    const Sound sound = read(bytes);

    QCOMPARE(sound.damage.size(), size_t{1});
    const auto [begin, end] = sound.damage[0];
    const int64_t true_begin = kFirst * kFrame - before, true_end = true_begin + kLost * kFrame;
    const int64_t late = sound.samples.size(1) - whole.samples.size(1);
    const QByteArray said =
        QString("%1 to %2 for %3 to %4, %5 late").arg(begin).arg(end).arg(true_begin).arg(true_end).arg(late).toUtf8();
    QVERIFY2(std::abs(begin - true_begin) < 4410, said);
    // Without a count, frames of many sizes can only be guessed; else it is exact.
    if (told || mode == kConstant)
      QCOMPARE(late, 0);
    else
      QVERIFY2(late % kFrame == 0 && std::abs(late) <= 4 * kFrame, said);
    QVERIFY2(std::abs(end - late - true_end) < 4410, said);
    const int64_t n = whole.samples.size(1), behind = end - late + 2 * kFrame;
    QVERIFY2(worst(sound.samples.slice(1, 0, begin - kFrame), whole.samples.slice(1, 0, begin - kFrame)) < 1e-5, said);
    QVERIFY2(worst(sound.samples.slice(1, behind + late), whole.samples.slice(1, behind, n)) < 1e-5, said);
    QVERIFY2(sound.samples.slice(1, begin + 2 * kFrame, end).abs().max().item<float>() < 1e-6f, said);
    QVERIFY2(sound.samples.slice(1, begin - kFrame, end + 2 * kFrame).abs().max().item<float>() < 1, said);
  }

  void aLowerRateHasShorterFrames() {
    QByteArray bytes = made_[22050];
    const Sound whole = read(bytes);
    const double lost = 3000.0 / static_cast<double>(bytes.size()) * static_cast<double>(whole.samples.size(1));
    bytes.replace(bytes.size() / 2, 3000, random_bytes(3000));
    const Sound sound = read(bytes);
    QCOMPARE(sound.samples.sizes(), whole.samples.sizes());
    QCOMPARE(sound.damage.size(), size_t{1});
    const auto [begin, end] = sound.damage[0];
    QVERIFY2(std::abs(begin - 4 * 22050) < 2205, damage_words(sound.damage, 22050).c_str());
    QVERIFY2(std::abs(static_cast<double>(end - begin) - lost) < 4 * 576, damage_words(sound.damage, 22050).c_str());
    QVERIFY(worst(sound.samples.slice(1, end + 1152), whole.samples.slice(1, end + 1152)) < 1e-5);
  }

  void oneHeaderIsEnough() {
    QByteArray bytes = made_[kConstant];
    const Sound whole = read(bytes);
    const std::vector<qsizetype> places = frame_places(bytes);
    for (const int k : {100, 200}) bytes.replace(places[static_cast<size_t>(k)], 4, "\x12\x34\x56\x78");
    const Sound sound = read(bytes);
    QCOMPARE(sound.samples.sizes(), whole.samples.sizes());
    QCOMPARE(sound.damage.size(), size_t{2});
    for (const auto& [from, to] : sound.damage) QVERIFY(to - from >= 2 * 1152 && to - from < 8 * 1152);
    const int64_t between = sound.damage[0].second + 2304, second = sound.damage[1].first - 1152;
    QVERIFY(worst(sound.samples.slice(1, between, second), whole.samples.slice(1, between, second)) < 1e-5);
    QVERIFY2(damage_words(sound.damage, 44100).starts_with("0:02.5 to 0:02.6, 0:05.1 to 0:05."),
             damage_words(sound.damage, 44100).c_str());
  }

  // Its header is there, and the next one's; what it says of its own sound cannot be.
  void aFrameThatCannotBeDecodedIsNamed() {
    for (const int mode : {kConstant, kVariable, 22050}) {
      QByteArray bytes = made_[mode];
      const Sound whole = read(bytes);
      const bool low = mode == 22050;
      const int64_t frame = low ? 576 : 1152;
      const qsizetype at = low ? bytes.indexOf(bytes.first(2), bytes.size() / 2) : frame_places(bytes)[200];
      bytes.replace(at + 4, low ? 9 : 32, QByteArray(low ? 9 : 32, '\xfe'));
      const Sound sound = read(bytes);
      QCOMPARE(sound.samples.sizes(), whole.samples.sizes());
      QCOMPARE(sound.damage.size(), size_t{1});
      const auto [from, to] = sound.damage[0];
      QCOMPARE(to - from, frame);
      if (!low) QCOMPARE(from, 199 * frame - 1105);
      QVERIFY(worst(sound.samples.slice(1, 0, from), whole.samples.slice(1, 0, from)) < 1e-5);
      const int64_t behind = to + 2 * frame;
      QVERIFY(worst(sound.samples.slice(1, behind), whole.samples.slice(1, behind)) < 1e-5);
      QVERIFY(sound.samples.slice(1, from, behind).abs().max().item<float>() < 1);
    }
  }

  // A file that ends before it should is silent to where it says that it ends, as a FLAC file is.
  void aFileCutOffIsAsLongAsItSays() {
    for (const int mode : {kConstant, kVariable}) {
      const Sound whole = read(made_[mode]);
      const Sound sound = read(made_[mode].left(made_[mode].size() * 2 / 3));
      QCOMPARE(sound.samples.sizes(), whole.samples.sizes());
      QCOMPARE(sound.damage.size(), size_t{1});
      const auto [begin, end] = sound.damage[0];
      QCOMPARE(end, whole.samples.size(1));
      QVERIFY(begin > end / 3 && begin < end * 5 / 6);
      QVERIFY(worst(sound.samples.slice(1, 0, begin - 1152), whole.samples.slice(1, 0, begin - 1152)) < 1e-5);
      QCOMPARE(sound.samples.slice(1, begin + 2304).abs().max().item<float>(), 0.0f);
    }
  }

  // Cut out between two frames nothing shows where; that the file is shorter than it says does.
  void framesThatAreNotThereAreSaid() {
    QByteArray bytes = made_[kConstant];
    const Sound whole = read(bytes);
    const std::vector<qsizetype> places = frame_places(bytes);
    bytes.remove(places[150], places[170] - places[150]);
    const Sound sound = read(bytes);
    QCOMPARE(sound.samples.sizes(), whole.samples.sizes());
    QCOMPARE(sound.damage.size(), size_t{1});
    QCOMPARE(sound.damage[0].second, whole.samples.size(1));
    QVERIFY(std::abs(sound.damage[0].second - sound.damage[0].first - 20 * 1152) <= 2 * 1152);
  }

  // A wrong count in a file that has all of its bytes.
  void aWrongCountIsNoDamage() {
    QByteArray bytes = made_[kConstant];
    const qsizetype at = bytes.indexOf("Info") + 8;
    bytes[at + 2] = static_cast<char>(bytes[at + 2] + 1);  // 256 more
    QVERIFY(read(bytes).damage.empty());
    bytes[at + 1] = 1;                                     // half an hour
    bytes[at + 5] = static_cast<char>(bytes[at + 5] + 1);  // in 64 kB more
    QVERIFY(read(bytes).damage.empty());
    bytes.remove(bytes.size() / 2, 1000);
    const Sound sound = read(bytes);
    QVERIFY(sound.damage.size() == 1 && sound.samples.size(1) < 9 * 44100);
  }

  void tagsAndWhatIsAroundAreNoDamage() {
    const QByteArray sync("\xff\xfb\x90\x64", 4);
    const auto id3 = [&](int n) {  // with a picture in which there are headers
      QByteArray tag("ID3\3\0\0", 6);
      for (const int shift : {21, 14, 7, 0}) tag.append(static_cast<char>(n >> shift & 0x7f));
      QByteArray picture = random_bytes(n);
      for (qsizetype k = 0; k + 4 < n; k += 400) picture.replace(k, 4, sync);
      return tag + picture;
    };
    const QByteArray id3v1 = QByteArray("TAG").append(QByteArray(125, 'x'));
    const auto ape = [](bool header) {
      QByteArray end("APETAGEX\xd0\x07\0\0", 12);
      const int size = 300 + 32;
      for (const int shift : {0, 8, 16, 24}) end.append(static_cast<char>(size >> shift & 0xff));
      end.append("\1\0\0\0", 4).append("\0\0\0", 3).append(static_cast<char>(header ? 0xa0 : 0x80)).append(8, '\0');
      return end;
    };
    const QByteArray apev2 = ape(true) + random_bytes(300) + ape(false);
    for (const int mode : {kConstant, kVariable}) {
      const QByteArray bare = made_[mode];
      const Sound whole = read(bare);
      QVERIFY(whole.damage.empty());
      for (const QByteArray& tagged : {id3(5000) + bare, id3(60000) + bare + apev2 + id3v1, bare + id3v1, bare + apev2,
                                       bare + QByteArray(5000, '\0'), bare + random_bytes(3000)}) {
        const Sound sound = read(tagged);
        QVERIFY2(sound.damage.empty(), damage_words(sound.damage, 44100).c_str());
        QVERIFY(std::abs(sound.samples.size(1) - whole.samples.size(1)) <= 1152);
        QVERIFY(worst(sound.samples.slice(1, 0, 300000), whole.samples.slice(1, 0, 300000)) == 0);
      }
      // Two songs in one file, with their tags.
      const Sound two = read(id3(3000) + bare + id3v1 + id3(2000) + bare + apev2);
      QVERIFY2(two.damage.empty(), damage_words(two.damage, 44100).c_str());
    }
  }

  // Which the decoder brings to the first one's rate.
  void aSongAtAnotherRateBehindItStays() {
    QByteArray bytes = made_[kConstant];
    const Sound whole = read(bytes + made_[22050]);
    QVERIFY(whole.samples.size(1) > 15 * 44100);
    bytes.replace(bytes.size() / 2, 2000, QByteArray(2000, '\0'));
    const Sound sound = read(bytes + made_[22050]);
    QCOMPARE(sound.damage.size(), size_t{1});
    QCOMPARE(sound.samples.sizes(), whole.samples.sizes());
    QVERIFY(worst(sound.samples.slice(1, 5 * 44100), whole.samples.slice(1, 5 * 44100)) < 1e-4);
  }

  void aFewBytesBetweenFramesAreNoDamage() {
    QByteArray bytes = made_[kConstant];
    const Sound whole = read(bytes);
    bytes.insert(frame_places(bytes)[120], random_bytes(40));
    const Sound sound = read(bytes);
    QVERIFY(sound.damage.empty());
    QCOMPARE(sound.samples.sizes(), whole.samples.sizes());
  }

  // Layer II by hand: frames of silence at 128 kbit/s and 48 kHz, 384 bytes each.
  void layerTwoIsMendedToo() {
    QByteArray bytes;
    for (int k = 0; k < 100; ++k)
      bytes += k >= 40 && k < 50 ? QByteArray(384, 'x') : QByteArray("\xff\xfd\x84\x00", 4).append(380, '\0');
    const Sound sound = read(bytes);
    QCOMPARE(sound.samples.size(1), int64_t{100 * 1152});
    QCOMPARE(sound.damage.size(), size_t{1});
    QCOMPARE(sound.damage[0], std::pair(int64_t{39 * 1152}, int64_t{50 * 1152}));
  }

  void theMendedFileIsReadFromAnywhere() {
    QByteArray bytes = made_[kVariable];
    bytes.replace(bytes.size() / 2, 5000, random_bytes(5000));
    QFile out(folder_.filePath("song.mp3"));
    QVERIFY(out.open(QIODevice::WriteOnly) && out.write(bytes) == bytes.size());
    out.close();
    MendedMpeg mended(path("song.mp3"));
    QCOMPARE(mended.silent().size(), size_t{1});
    const auto all = [&](int64_t step) {
      QByteArray whole(mended.size(), '\0');
      for (int64_t at = 0; at < mended.size();) {
        const int64_t got = mended.read(at, whole.data() + at, std::min(step, mended.size() - at));
        if (got <= 0) return QByteArray();
        at += got;
      }
      return whole;
    };
    const QByteArray whole = all(1 << 20);
    QVERIFY(!whole.isEmpty() && all(7) == whole && all(4096) == whole);
    QCOMPARE(static_cast<int64_t>(frame_places(whole).size()), mended.frames() + 1);  // one holds no sound
    char byte = 0;
    QCOMPARE(mended.read(mended.size(), &byte, 1), int64_t{0});
    QCOMPARE(mended.read(100, &byte, 1), int64_t{1});
    QCOMPARE(byte, whole[100]);
  }

  void whatIsNoMpegHasNothingToMend() {
    QFile out(folder_.filePath("other"));
    QVERIFY(out.open(QIODevice::WriteOnly) && out.write(random_bytes(100000)) == 100000);
    out.close();
    QVERIFY(MendedMpeg(path("other")).silent().empty());
    QVERIFY(MendedMpeg(path("absent")).silent().empty());
  }
};

QTEST_GUILESS_MAIN(TestMendedMpeg)
#include "tst_mended_mpeg.moc"
