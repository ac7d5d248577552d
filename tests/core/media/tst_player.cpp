#include <ATen/ATen.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <QtTest>

#include <array>
#include <atomic>
#include <mutex>
#include <thread>

#include "core/media/image_file.h"
#include "core/media/player.h"

using namespace mgdm;

// A sound device made of ALSA's `file` plugin, which writes what PortAudio plays (32-bit floats, stereo) into a pipe.
// It is read twice as fast as music is, so that the device has a pace like a real one.
class Device {
 public:
  explicit Device(const QString& pipe) {
    ::mkfifo(qPrintable(pipe), 0600);
    file_ = ::open(qPrintable(pipe), O_RDWR | O_NONBLOCK);
    thread_ = std::thread([this] {
      std::array<float, 1024> block;
      while (!quit_) {
        const ssize_t got = ::read(file_, block.data(), sizeof block);
        if (got > 0) {
          const std::lock_guard lock(mutex_);
          samples_.insert(samples_.end(), block.begin(), block.begin() + got / 4);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      }
    });
  }
  ~Device() {
    quit_ = true;
    thread_.join();
    ::close(file_);
  }
  std::vector<float> samples() const {
    const std::lock_guard lock(mutex_);
    return samples_;
  }
  void clear() {
    const std::lock_guard lock(mutex_);
    samples_.clear();
  }

 private:
  int file_ = -1;
  std::atomic<bool> quit_{false};
  mutable std::mutex mutex_;
  std::vector<float> samples_;
  std::thread thread_;
};

class TestPlayer : public QObject {
  Q_OBJECT
  QTemporaryDir folder_;
  std::unique_ptr<Device> device_;
  std::filesystem::path folder() const { return folder_.path().toStdString(); }
  std::vector<float> played() const { return device_->samples(); }

  std::shared_ptr<PcmFile> track(const at::Tensor& samples) {
    auto file = std::make_shared<PcmFile>(folder(), static_cast<int>(samples.size(0)), samples.size(1));
    file->write(0, samples);
    return file;
  }
  // Plays to the end of the song, or until `enough` frames were given.
  void play(Player& player, int64_t enough = -1) {
    player.play();
    QTest::qWait(20);
    QTRY_VERIFY_WITH_TIMEOUT(!player.playing() || (enough >= 0 && static_cast<int64_t>(played().size()) / 2 >= enough),
                             30000);
    player.pause();
    QTest::qWait(300);
  }
  // The left channel without what the player faded where it was not ahead, and without the silence around.
  static std::vector<float> without_fades(const std::vector<float>& played) {
    std::vector<float> kept;
    size_t faded = 0;  // frames in a row that are the one before, a little quieter; a tone has a few such, too
    for (size_t i = 0; i + 1 < played.size(); i += 2) {
      const float before = i > 0 ? played[i - 2] : 0;
      faded = std::abs(played[i] - before * 0.995f) <= 1e-7f ? faded + 1 : 0;
      kept.push_back(played[i]);
      if (faded == 20) kept.resize(kept.size() - 20);
      if (faded > 20) kept.pop_back();
    }
    return kept;
  }
  // How many frames of `sound` [2, n] were played one after the other. Before, after, and where the player was not
  // ahead, it fades; but for these fades nothing may stand between the frames. -1: something does.
  static int64_t followed(const std::vector<float>& played, const at::Tensor& sound) {
    const at::Tensor frames = sound.t().contiguous();
    const auto* want = frames.data_ptr<float>();
    int64_t at = 0;
    float last[2] = {};
    for (size_t i = 0; i + 1 < played.size(); i += 2) {
      const auto near = [&](const float* to) {
        return std::abs(played[i] - to[0]) <= 1e-6f && std::abs(played[i + 1] - to[1]) <= 1e-6f;
      };
      const float fade[2] = {last[0] * 0.995f, last[1] * 0.995f};
      if (at < frames.size(0) && near(want + 2 * at)) {
        ++at;
      } else if (!near(fade)) {
        return -1;
      }
      last[0] = played[i];
      last[1] = played[i + 1];
    }
    return at;
  }

 private Q_SLOTS:
  void initTestCase() {
    const QString pipe = folder_.filePath("pipe");
    device_ = std::make_unique<Device>(pipe);
    const QString conf = folder_.filePath("asound.conf");
    QFile file(conf);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(QStringLiteral("pcm.silence { type null }\n"
                              "pcm.!default { type file\n slave.pcm silence\n file \"%1\"\n format raw\n}\n")
                   .arg(pipe)
                   .toUtf8());
    file.close();
    qputenv("ALSA_CONFIG_PATH", conf.toUtf8());
  }
  void init() { device_->clear(); }

  void tracksAreMixedWithTheirGains() {
    at::manual_seed(1);
    const at::Tensor a = at::rand({2, 20000}) - 0.5, b = at::rand({2, 20000}) - 0.5, c = at::rand({1, 20000}) - 0.5;
    Player player;
    player.load({track(a), track(b), track(c)}, 44100);
    player.set_gain(0, 0.25f);
    player.set_gain(1, 0.0f);
    play(player);
    QCOMPARE(QString::fromStdString(player.problem()), QString());
    QCOMPARE(followed(played(), 0.25 * a + c.expand({2, 20000})), 20000);
    QVERIFY(followed(played(), 0.26 * a + c.expand({2, 20000})) < 20000);  // the check can fail
    QCOMPARE(player.position(), 0);                                        // at its end it is ready to play again
  }

  void seekingAndLoopsPlayThatPart() {
    at::manual_seed(2);
    const at::Tensor a = at::rand({2, 60000}) - 0.5;
    Player player;
    player.load({track(a)}, 48000);
    player.set_loop(30000, 33000);
    player.seek(30000);
    play(player, 30000);
    const std::vector<float> heard = played();
    QVERIFY(followed(heard, a.narrow(1, 30000, 3000).repeat({1, static_cast<int64_t>(heard.size()) / 6000 + 1})) >=
            9000);
    QVERIFY(player.position() >= 30000 && player.position() <= 33000);
  }

  void pausingGoesOnFromThere() {
    at::manual_seed(3);
    const at::Tensor a = at::rand({1, 4'000'000}) - 0.5;
    Player player;
    player.load({track(a)}, 44100);
    play(player, 5000);
    const int64_t there = player.position();
    QVERIFY(there > 0);
    QTest::qWait(100);
    QCOMPARE(player.position(), there);
    // What the device had taken but not played when it was stopped may be lost; nothing else is.
    const std::vector<float> before = played();
    const int64_t heard = followed(before, a.expand({2, a.size(1)}));
    QVERIFY2(heard > there - 20000 && heard <= there, qPrintable(QString("%1 of %2").arg(heard).arg(there)));
    play(player, static_cast<int64_t>(before.size()) / 2 + 5000);
    QVERIFY(player.position() > there);
    std::vector<float> after = played();
    const at::Tensor rest = a.narrow(1, there, a.size(1) - there);
    const float first = rest[0][0].item<float>();
    after.erase(after.begin(), std::find_if(after.begin() + static_cast<int64_t>(before.size()), after.end(),
                                            [first](float x) { return std::abs(x - first) <= 1e-6f; }));
    const int64_t more = followed(after, rest.expand({2, rest.size(1)}));
    QVERIFY2(more >= 1000, qPrintable(QString("%1 of %2 played").arg(more).arg(after.size() / 2)));
  }

  // What a device is given of a tone of 440 Hz: as long as the tempo says, as high as the key says.
  void tempoAndKeyReachTheDevice_data() {
    QTest::addColumn<double>("tempo");
    QTest::addColumn<int>("key");
    QTest::newRow("half") << 0.5 << 0;
    QTest::newRow("faster") << 1.5 << 0;
    QTest::newRow("an octave up") << 1.0 << 12;
  }
  void tempoAndKeyReachTheDevice() {
    QFETCH(double, tempo);
    QFETCH(int, key);
    const int64_t length = 3 * 44100;
    Player player;
    player.load({track((at::arange(length, at::kDouble) * (2 * M_PI * 440 / 44100)).sin().unsqueeze(0) * 0.5)}, 44100);
    Practice practice;
    practice.tempo = tempo;
    practice.key = key;
    player.set_practice(practice);
    play(player);
    const std::vector<float> tone = without_fades(played());
    const double off = static_cast<double>(tone.size()) * tempo / static_cast<double>(length) - 1;
    QVERIFY2(std::abs(off) < 0.005, qPrintable(QString("%1 % off").arg(100 * off)));
    std::vector<double> crossings;
    for (size_t i = tone.size() / 4; i < tone.size() * 3 / 4; ++i) {
      if (tone[i] < 0 && tone[i + 1] >= 0)
        crossings.push_back(static_cast<double>(i) - tone[i] / (tone[i + 1] - tone[i]));
    }
    const double hertz = 44100 * static_cast<double>(crossings.size() - 1) / (crossings.back() - crossings.front());
    const double cents = 1200 * std::log2(hertz / (440 * std::exp2(key / 12.0)));
    QVERIFY2(std::abs(cents) < 5, qPrintable(QString("%1 Hz, %2 cents off").arg(hertz).arg(cents)));
  }

  void withoutADeviceItSaysSo() {
    const QByteArray conf = qgetenv("ALSA_CONFIG_PATH");
    const QString none = folder_.filePath("none.conf");
    QFile file(none);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("pcm.!default { type hw\n card 77\n}\n");  // a card that is not there
    file.close();
    qputenv("ALSA_CONFIG_PATH", none.toUtf8());
    {
      Player player;
      player.load({track(at::zeros({1, 1000}))}, 44100);
      QTRY_VERIFY_WITH_TIMEOUT(player.looked(), 20000);
      player.play();
      QTRY_VERIFY(!player.playing());
      QVERIFY2(player.problem().find("no sound device") != std::string::npos, player.problem().c_str());
    }
    qputenv("ALSA_CONFIG_PATH", conf);
  }

  void tracksOnDiskKeepWhatIsWritten() {
    PcmFile file(folder(), 2, 100);
    file.write(90, at::ones({1, 20}));
    file.write(-5, at::full({2, 10}, 2.0));
    const at::Tensor x = file.read(-10, 130);
    QCOMPARE(x.slice(1, 0, 10).abs().sum().item<float>(), 0.0f);
    QCOMPARE(x.slice(1, 10, 15).sum().item<float>(), 20.0f);
    QCOMPARE(x.slice(1, 15, 100).abs().sum().item<float>(), 0.0f);
    QCOMPARE(x.slice(1, 100, 110).sum().item<float>(), 20.0f);
    QCOMPARE(x.slice(1, 110).abs().sum().item<float>(), 0.0f);
    try {
      PcmFile(folder() / "nowhere", 1, 10);
      QFAIL("made in a folder that is not there");
    } catch (const MediaError& e) {
      QVERIFY(QString::fromUtf8(e.what()).contains("nowhere"));
    }
  }
};

QTEST_GUILESS_MAIN(TestPlayer)
#include "tst_player.moc"
