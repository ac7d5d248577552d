// Figures of playing and opening, on this machine: how soon there is sound, whether it breaks off, whether tempo and
// key are what they say, and what a long file takes. A target of its own (`measure_song`), for no test should depend on
// how busy a machine is.
//
// Usage: measure_song [a long song]. The sound device is ALSA's `file` plugin, whose pipe is emptied as fast as music
// is.
#include <ATen/ATen.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <QApplication>
#include <QElapsedTimer>
#include <QFile>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <atomic>
#include <cmath>
#include <iostream>
#include <mutex>
#include <thread>
#include <vector>

#include "core/media/player.h"
#include "ui/shell/main_window.h"
#include "ui/song/lanes.h"
#include "ui/song/song_page.h"
#include "ui/widgets/look.h"

using namespace mgdm;
using namespace mgdm::ui;

namespace {

constexpr int kRate = 44100;

/// Takes stereo floats out of a pipe at kRate, and keeps the left channel.
class PacedDevice {
 public:
  explicit PacedDevice(const QString& folder) {
    const QString pipe = folder + "/pipe";
    ::mkfifo(qPrintable(pipe), 0600);
    file_ = ::open(qPrintable(pipe), O_RDWR | O_NONBLOCK);
    ::fcntl(file_, F_SETPIPE_SZ, 4096);
    QFile conf(folder + "/asound.conf");
    if (!conf.open(QIODevice::WriteOnly)) throw std::runtime_error("no room for a file");
    conf.write(QStringLiteral("pcm.silence { type null }\n"
                              "pcm.!default { type file\n slave.pcm silence\n file \"%1\"\n format raw\n}\n")
                   .arg(pipe)
                   .toUtf8());
    conf.close();
    qputenv("ALSA_CONFIG_PATH", conf.fileName().toUtf8());
    thread_ = std::thread([this] { empty(); });
  }
  ~PacedDevice() {
    quit_ = true;
    thread_.join();
    ::close(file_);
  }
  std::vector<float> heard() {
    const std::lock_guard lock(mutex_);
    return heard_;
  }
  void clear() {
    const std::lock_guard lock(mutex_);
    heard_.clear();
  }

 private:
  void empty() {
    QElapsedTimer clock;
    clock.start();
    std::vector<float> block(static_cast<size_t>(2 * kRate));
    for (int64_t taken = 0; !quit_; std::this_thread::sleep_for(std::chrono::milliseconds(2))) {
      const int64_t due = clock.nsecsElapsed() * kRate / 1000000000 - taken;
      const int64_t most = std::min<int64_t>(due, kRate);
      const ssize_t got = most > 0 ? ::read(file_, block.data(), static_cast<size_t>(8 * most)) : 0;
      taken += due;  // what was not there in time is not taken later
      const std::lock_guard lock(mutex_);
      for (ssize_t i = 0; i < got / 8; ++i) heard_.push_back(block[static_cast<size_t>(2 * i)]);
    }
  }

  int file_ = -1;
  std::atomic<bool> quit_{false};
  std::mutex mutex_;
  std::vector<float> heard_;
  std::thread thread_;
};

double peak_megabytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

/// Milliseconds until something is heard; -1: nothing in ten seconds.
double until_sound(PacedDevice& device, const QElapsedTimer& since) {
  while (since.elapsed() < 10000) {
    QTest::qWait(1);
    const std::vector<float> heard = device.heard();
    if (std::any_of(heard.begin(), heard.end(), [](float x) { return std::abs(x) > 1e-3f; }))
      return static_cast<double>(since.nsecsElapsed()) / 1e6;
  }
  return -1;
}

/// Hertz, from where a tone goes through zero.
double pitch_of(const std::vector<float>& tone) {
  std::vector<double> crossings;
  for (size_t i = tone.size() / 4; i + 1 < tone.size() * 3 / 4; ++i) {
    if (tone[i] < 0 && tone[i + 1] >= 0)
      crossings.push_back(static_cast<double>(i) - tone[i] / static_cast<double>(tone[i + 1] - tone[i]));
  }
  if (crossings.size() < 3) return 0;
  return kRate * static_cast<double>(crossings.size() - 1) / (crossings.back() - crossings.front());
}

void measure_player(PacedDevice& device, const QString& folder) {
  const double seconds = 6;
  const auto frames = static_cast<int64_t>(seconds * kRate);
  auto track = std::make_shared<PcmFile>(folder.toStdString(), 1, frames);
  track->write(0, (at::arange(frames, at::kDouble) * (2 * M_PI * 440 / kRate)).sin().to(at::kFloat).unsqueeze(0) * 0.5);
  Player player;
  player.load({track}, kRate);
  while (!player.looked()) QTest::qWait(5);
  for (const auto& [tempo, key] : {std::pair{1.0, 0}, {0.5, 0}, {1.5, 0}, {1.0, 12}, {0.75, -12}}) {
    Practice practice;
    practice.tempo = tempo;
    practice.key = key;
    player.set_practice(practice);
    player.seek(0);
    device.clear();
    const int64_t underruns = player.underruns();
    QElapsedTimer clock;
    clock.start();
    player.play();
    const double latency = until_sound(device, clock);
    while (player.playing()) QTest::qWait(5);
    QTest::qWait(500);
    std::vector<float> heard = device.heard();
    const auto loud = [](float x) { return std::abs(x) > 0.02f; };
    const auto first = std::find_if(heard.begin(), heard.end(), loud);
    const auto last = std::find_if(heard.rbegin(), heard.rend(), loud).base();
    const std::vector<float> tone(first, std::max(first, last));
    const double wanted = 440 * std::exp2(key / 12.0), length = static_cast<double>(tone.size()) / kRate * tempo;
    std::cout << "tempo " << tempo << ", key " << key << ": sound after " << latency << " ms, length "
              << 100 * (length / seconds - 1) << " % off, pitch " << 1200 * std::log2(pitch_of(tone) / wanted)
              << " cents off, " << player.underruns() - underruns << " dropouts" << std::endl;
  }
}

void measure_opening(PacedDevice& device, const QString& song) {
  MainWindow window;
  SongPage* page = window.songPage();
  window.resize(1280, 720);
  window.show();
  window.showPage(page);
  QTest::qWait(500);
  device.clear();
  const double before = peak_megabytes();
  QSignalSpy begun(page->runs(), &SongRuns::begun), opened(page->runs(), &SongRuns::opened);
  QElapsedTimer clock;
  clock.start();
  window.open(song);
  while (begun.isEmpty() && opened.isEmpty()) QTest::qWait(1);
  const double seen = static_cast<double>(clock.elapsed());
  page->player()->play();
  std::cout << "seen after " << seen << " ms, heard after " << until_sound(device, clock) << " ms";
  while (opened.isEmpty()) QTest::qWait(5);
  std::cout << ", all of it after " << static_cast<double>(clock.elapsed()) / 1000 << " s, "
            << page->player()->underruns() << " dropouts, peak " << peak_megabytes() << " MB (" << before << " before)"
            << std::endl;
  while (page->axis()->beats() == nullptr && clock.elapsed() < 300000) QTest::qWait(20);
  std::cout << "beats after " << static_cast<double>(clock.elapsed()) / 1000 << " s, " << page->player()->underruns()
            << " dropouts, peak " << peak_megabytes() << " MB" << std::endl;
}

}  // namespace

int main(int argc, char** argv) {
  QApplication application(argc, argv);
  QCoreApplication::setOrganizationName("mgdm-studio-measure");
  QStandardPaths::setTestModeEnabled(true);
  applyLook(application);
  QTemporaryDir folder;
  PacedDevice device(folder.path());
  measure_player(device, folder.path());
  if (argc > 1) measure_opening(device, QString::fromLocal8Bit(argv[1]));
  return 0;
}
