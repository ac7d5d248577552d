#include <ATen/ATen.h>
#include <sndfile.h>
#include <QtTest>
#include <fstream>

#include "core/media/image_file.h"
#include "core/media/sound_file.h"

using namespace mgdm;

class TestSoundFile : public QObject {
  Q_OBJECT
  QTemporaryDir folder_;
  std::filesystem::path path(const char* name) const { return folder_.filePath(name).toStdString(); }

  static at::Tensor tone(int64_t length, double rate, double hertz = 440) {
    return ((at::arange(length, at::kDouble) * (2 * M_PI * hertz / rate)).sin() * 0.5).to(at::kFloat).unsqueeze(0);
  }
  // Writes with libsndfile in any format.
  void write(const char* name, const at::Tensor& x, int rate, int format) {
    SF_INFO info{};
    info.channels = static_cast<int>(x.size(0));
    info.samplerate = rate;
    info.format = format;
    SNDFILE* f = sf_open(path(name).c_str(), SFM_WRITE, &info);
    QVERIFY2(f != nullptr, name);
    const at::Tensor interleaved = x.t().contiguous();
    sf_writef_float(f, interleaved.data_ptr<float>(), interleaved.size(0));
    sf_close(f);
  }
  QString sentence(const char* name) {
    try {
      read_sound(path(name));
    } catch (const MediaError& e) {
      return QString::fromUtf8(e.what());
    }
    return {};
  }

 private Q_SLOTS:
  void formatsAreRead_data() {
    QTest::addColumn<int>("format");
    QTest::addColumn<int>("rate");
    QTest::addColumn<double>("tolerance");
    QTest::addRow("wav 8 bit") << (SF_FORMAT_WAV | SF_FORMAT_PCM_U8) << 22050 << 0.01;
    QTest::addRow("wav 16 bit") << (SF_FORMAT_WAV | SF_FORMAT_PCM_16) << 44100 << 1e-4;
    QTest::addRow("wav float 96 kHz") << (SF_FORMAT_WAV | SF_FORMAT_FLOAT) << 96000 << 1e-7;
    QTest::addRow("flac 24 bit") << (SF_FORMAT_FLAC | SF_FORMAT_PCM_24) << 48000 << 1e-6;
    QTest::addRow("ogg vorbis") << (SF_FORMAT_OGG | SF_FORMAT_VORBIS) << 44100 << 0.1;
  }
  void formatsAreRead() {
    QFETCH(int, format);
    QFETCH(int, rate);
    QFETCH(double, tolerance);
    const at::Tensor x = at::cat({tone(20000, rate), tone(20000, rate, 880)});
    write("song", x, rate, format);
    const Sound sound = read_sound(path("song"));
    QCOMPARE(sound.sample_rate, rate);
    QCOMPARE(sound.samples.sizes(), x.sizes());
    QVERIFY((sound.samples - x).abs().max().item<float>() < tolerance);
  }

  void whatIsWrittenIsReadBack() {
    write_sound(path("out.wav"), {tone(5000, 22050), 22050});
    QVERIFY((read_sound(path("out.wav")).samples - tone(5000, 22050)).abs().max().item<float>() < 1e-6);
    write_sound(path("loud.wav"), {tone(5000, 22050) * 4, 22050});  // beyond full scale: nothing is clipped
    QVERIFY((read_sound(path("loud.wav")).samples - tone(5000, 22050) * 4).abs().max().item<float>() < 1e-6);
    QVERIFY(!std::filesystem::exists(path("out.wav.partial")));
  }

  void badFilesGetASentence() {
    QVERIFY(sentence("absent.wav").contains("there is no such file"));
    std::ofstream(path("text.wav")) << "not a sound";
    QVERIFY(sentence("text.wav").contains("is no sound file"));
    write("empty.wav", at::zeros({1, 0}), 44100, SF_FORMAT_WAV | SF_FORMAT_PCM_16);
    QVERIFY(sentence("empty.wav").contains("0 samples"));
    at::Tensor x = tone(1000, 44100).clone();
    x[0][500] = std::nanf("");
    write("nan.wav", x, 44100, SF_FORMAT_WAV | SF_FORMAT_FLOAT);
    QVERIFY(sentence("nan.wav").contains("not numbers"));
    write("five.wav", at::zeros({5, 100}), 44100, SF_FORMAT_WAV | SF_FORMAT_PCM_16);
    QVERIFY(sentence("five.wav").contains("5 channels"));
    // Cut in the middle: what is there is read.
    write("cut.wav", tone(10000, 44100), 44100, SF_FORMAT_WAV | SF_FORMAT_PCM_16);
    std::filesystem::resize_file(path("cut.wav"), 44 + 2 * 4000);
    QCOMPARE(read_sound(path("cut.wav")).samples.size(1), 4000);
    try {
      write_sound(path("no/such/folder.wav"), {tone(10, 22050), 22050});
      QFAIL("written into nowhere");
    } catch (const MediaError& e) {
      QVERIFY(QString::fromUtf8(e.what()).contains("folder.wav: cannot be written"));
    }
  }

  void aTrackOnDiskIsWhatATensorIs() {
    const at::Tensor x = at::cat({tone(700001, 48000), tone(700001, 48000, 880)});  // more than two blocks
    write("long.wav", x, 48000, SF_FORMAT_WAV | SF_FORMAT_FLOAT);
    SoundReader reader(path("long.wav"));
    QCOMPARE(reader.frames(), int64_t{700001});
    PcmFile track(folder_.path().toStdString(), 2, 10);  // grows
    std::vector<float> block(2 * 4096);
    int64_t read = 0;
    for (int64_t n = 0; (n = reader.read(block.data(), 4096)) > 0; read += n) {
      if (read + n > track.length()) track.set_length(read + n);
      track.write(read, block.data(), n);
    }
    QCOMPARE(read, int64_t{700001});
    QVERIFY(at::equal(track.read(0, read), x));
    for (const double rate : {48000.0, 44100.0, 22050.0, 96000.0}) {
      const at::Tensor whole = resample(x.slice(1, 1000, 699000), 48000, rate),
                       blocks = resample(track, 1000, 699000, 48000, rate);
      QCOMPARE(blocks.sizes(), whole.sizes());
      QVERIFY2((blocks - whole).abs().max().item<float>() < 1e-6f, qPrintable(QString::number(rate)));
    }
  }

  void aTrackWithANameStays() {
    const std::filesystem::path folder = folder_.path().toStdString();
    const at::Tensor x = tone(1000, 44100);
    {
      PcmFile track(folder, 1, 1000, "bass.pcm");
      track.write(0, x);
    }
    QVERIFY(at::equal(PcmFile::open(folder / "bass.pcm", 1)->read(0, 1000), x));
    QCOMPARE(PcmFile::open(folder / "bass.pcm", 1)->length(), int64_t{1000});
    const auto old = PcmFile::open(folder / "bass.pcm", 1);
    PcmFile fresh(folder, 1, 1000, "bass.pcm");  // in its place; who has the old one keeps it
    QVERIFY(at::equal(old->read(0, 1000), x));
    QCOMPARE(fresh.read(0, 1000).abs().max().item<float>(), 0.0f);
    QVERIFY_EXCEPTION_THROWN(PcmFile::open(folder / "none.pcm", 1), MediaError);
  }

  // A VBR file without a header that says how long it is: 20 s (libsndfile guesses 11.9).
  void anMp3IsAsLongAsItsSound() {
    const Sound sound = read_sound(MGDM_SOURCE_DIR "/tests/data/cases/twenty_lame_t.mp3");
    const double seconds = static_cast<double>(sound.samples.size(1)) / sound.sample_rate;
    QVERIFY2(std::abs(seconds - 20) < 0.06, qPrintable(QString::number(seconds)));
    // There is sound to the end.
    const int64_t n = sound.samples.size(1);
    QVERIFY(sound.samples.slice(1, n - sound.sample_rate, n).abs().max().item<float>() > 0.01f);
    QVERIFY(sound.damage.empty());
  }

  // 2 kB in the middle of six seconds are not FLAC.
  void whatIsDamagedIsSilentAndSaid() {
    const Sound sound = read_sound(MGDM_SOURCE_DIR "/tests/data/cases/six_damaged.flac");
    const int rate = sound.sample_rate;
    QCOMPARE(sound.samples.size(1), int64_t{6} * rate);
    QVERIFY(!sound.damage.empty());
    int64_t lost = 0;
    for (const auto& [from, to] : sound.damage) {
      QVERIFY(from >= 0 && from < to && to <= sound.samples.size(1));
      QCOMPARE(sound.samples.slice(1, from, to).abs().max().item<float>(), 0.0f);
      lost += to - from;
    }
    QVERIFY2(lost < rate, "more than a second of six is lost");
    QVERIFY(sound.samples.slice(1, 3 * rate, 6 * rate).abs().max().item<float>() > 0.01f);
    const std::string words = damage_words(sound.damage, rate);
    QVERIFY2(words.find("0:01.") != std::string::npos && words.find(" to ") != std::string::npos, words.c_str());
  }

  void onlySomeOfManyDamagedPlacesAreListed() {
    std::vector<std::pair<int64_t, int64_t>> places{{100, 200}, {6100, 6200}};
    QCOMPARE(damage_words(places, 100), std::string("0:01.0 to 0:02.0, 1:01.0 to 1:02.0"));
    while (places.size() < 13) places.emplace_back(places.back().first + 300, places.back().first + 400);
    const QString words = QString::fromStdString(damage_words(places, 100));
    QVERIFY2(words.count(" to ") == 10 && words.endsWith(" and 3 more"), qPrintable(words));
  }

  void aFormatThatIsNotReadIsNamed() {
    const auto said = [](const std::string& file) {
      try {
        read_sound(file);
      } catch (const MediaError& e) {
        return std::string(e.what());
      }
      return std::string();
    };
    const std::string m4a = said(MGDM_SOURCE_DIR "/tests/data/cases/song.m4a");
    QVERIFY2(m4a.find("M4A") != std::string::npos && m4a.find("FLAC or WAV") != std::string::npos, m4a.c_str());
    const auto file = [&](const char* name, const QByteArray& bytes) {
      const QString path = folder_.filePath(name);
      QFile out(path);
      if (out.open(QIODevice::WriteOnly)) out.write(bytes);
      return path.toStdString();
    };
    QVERIFY(said(file("a.wma", QByteArray("\x30\x26\xB2\x75\x8E\x66\xCF\x11", 8))).find("WMA") != std::string::npos);
    QVERIFY(said(file("a.wv", "wvpk....")).find("WavPack") != std::string::npos);
    QVERIFY(said(file("a.mid", "MThd....")).find("MIDI") != std::string::npos);
    QVERIFY(said(file("a.txt", "hello")).find("no sound file") != std::string::npos);
    QVERIFY(said(folder_.path().toStdString()).find("folder") != std::string::npos);
  }

  // ITU-R BS.775: the centre and the surrounds 3 dB down, without the low frequency channel.
  void moreChannelsBecomeTwoOnRequest() {
    const std::string file = folder_.filePath("six.wav").toStdString();
    SF_INFO info{};
    info.channels = 6;
    info.samplerate = 44100;
    info.format = SF_FORMAT_WAV | SF_FORMAT_FLOAT;
    std::vector<float> frame{0.1f, 0.2f, 0.04f, 0.5f, 0.02f, 0.03f}, all;
    for (int k = 0; k < 100; ++k) all.insert(all.end(), frame.begin(), frame.end());
    SNDFILE* out = sf_open(file.c_str(), SFM_WRITE, &info);
    QVERIFY(out != nullptr);
    sf_writef_float(out, all.data(), 100);
    sf_close(out);
    QVERIFY_EXCEPTION_THROWN(read_sound(file), MediaError);
    const Sound two = read_sound(file, {.downmix = true});
    QCOMPARE(two.samples.sizes(), at::IntArrayRef({2, 100}));
    const double h = std::sqrt(0.5);
    QVERIFY(std::abs(two.samples[0][50].item<double>() - (0.1 + h * 0.04 + h * 0.02)) < 1e-6);
    QVERIFY(std::abs(two.samples[1][50].item<double>() - (0.2 + h * 0.04 + h * 0.03)) < 1e-6);
  }

  void ratesAreChangedThereAndBack() {
    const at::Tensor x = tone(44100, 44100, 1000);
    const at::Tensor low = resample(x, 44100, 22050), back = resample(low, 22050, 44100, 44100);
    QCOMPARE(low.size(1), 22050);
    QCOMPARE(back.size(1), 44100);
    QVERIFY((back - x).slice(1, 2000, 42000).abs().max().item<float>() < 1e-3);
    QVERIFY((low - tone(22050, 22050, 1000)).slice(1, 1000, 21000).abs().max().item<float>() < 1e-3);
  }
};

QTEST_GUILESS_MAIN(TestSoundFile)
#include "tst_sound_file.moc"
