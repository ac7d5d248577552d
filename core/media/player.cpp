#include "core/media/player.h"

#include <dlfcn.h>
#include <portaudio.h>
#include <soxr.h>
#ifdef MGDM_ALSA
#include <alsa/asoundlib.h>
#endif

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "core/media/song_mixer.h"
#include "core/media/song_voice.h"

namespace mgdm {

namespace {

constexpr int kFramesAtOnce = kVoiceFrames, kBlocks = 10;  // 0.1 s at 44.1 kHz
constexpr int kMaxRatio = 8;                               // device rate over song rate
constexpr const char* kNoDevice = "There is no sound device; everything but listening works.";

// ALSA and JACK tell of every device that is not there on standard error; the player says what matters itself.
#ifdef MGDM_ALSA
void say_nothing(const char*, int, const char*, int, const char*, ...) {}
#endif
void quiet_libraries() {
#ifdef MGDM_ALSA
  snd_lib_error_set_handler(say_nothing);
#endif
  using Handler = void (*)(const char*);
  for (const char* name :
       {"jack_set_error_function", "jack_set_info_function"}) {  // there if PortAudio brings JACK with it
    if (auto* set = reinterpret_cast<void (*)(Handler)>(::dlsym(RTLD_DEFAULT, name))) set([](const char*) {});
  }
}

}  // namespace

struct Player::State {
  /// A stretch of sound for the device, always two channels.
  struct Block {
    std::array<float, static_cast<size_t>(2 * kFramesAtOnce * kMaxRatio)> samples;
    int frames = 0;
    double begin = 0;  ///< of the song, where this stretch starts
    double step = 1;   ///< frames of the song for one of the device
    double tempo = 1;
    int pass = 0;             ///< of the loop
    uint64_t generation = 0;  ///< stretches of an older one are not played
    bool last = false;        ///< the song ends after this one
  };

  // ---- shared with PortAudio's callback: these only ----
  std::array<Block, kBlocks> blocks;
  std::atomic<uint64_t> made{0}, used{0};  // blocks put into and taken out of the queue so far
  std::atomic<uint64_t> generation{0};
  std::atomic<int64_t> position{0}, underruns{0};
  std::atomic<double> tempo{1};  // that is heard
  std::atomic<int> pass{0};
  std::atomic<bool> ended{false}, held{false}, starved_is_wrong{false};  // held: nothing is taken out of the queue
  std::atomic<bool> waits{false};                                        // for what is not read yet
  int channels = 2;    // of the device; set before the stream is started
  int consumed = 0;    // frames of the block in front; the callback's own
  float last[2] = {};  // what was given last; the callback's own
  static_assert(std::atomic<uint64_t>::is_always_lock_free && std::atomic<int64_t>::is_always_lock_free &&
                std::atomic<bool>::is_always_lock_free && std::atomic<double>::is_always_lock_free);

  // ---- shared between the owner and the player's thread ----
  mutable std::mutex mutex;
  std::condition_variable wake;
  std::vector<std::shared_ptr<const PcmFile>> tracks;
  std::vector<ChannelGains> gains;
  std::string device, problem;
  std::vector<std::string> devices;
  int sample_rate = 44100;
  int64_t loop_begin = 0, loop_end = 0, seek_to = -1;
  Practice practice;
  bool quit = false, want_play = false, looked = false, changed = false;

  // ---- the player's thread only ----
  PaStream* stream = nullptr;
  double device_rate = 0;
  soxr_t soxr = nullptr;
  std::string open_device;  ///< what the stream was opened with
  int open_rate = 0;
  SongMixer mixer;
  bool usable = false;   ///< there is PortAudio
  bool running = false;  ///< the stream
  bool whole = false;    ///< the queue holds the end of the song
  std::thread thread;

  static int callback(const void*, void* output, unsigned long frames, const PaStreamCallbackTimeInfo*,
                      PaStreamCallbackFlags, void* self);
  void loop();
  bool wait_for_song();
  void look_for_devices();
  bool take_orders(bool& play);
  bool opened_otherwise() const;
  void pause_stream();
  bool have_stream();
  bool open_stream();
  void start_stream();
  void close_stream();
  void end_song();
  void lose_device();
  void fail(const std::string& words);
  void drop_queue();
  MixOrders orders() const;
  void fill_queue();
  bool fill_one();
};

int Player::State::callback(const void*, void* output, unsigned long frames, const PaStreamCallbackTimeInfo*,
                            PaStreamCallbackFlags, void* self) {
  State& s = *static_cast<State*>(self);
  auto* out = static_cast<float*>(output);
  const uint64_t generation = s.generation.load(std::memory_order_acquire);
  while (frames > 0 && !s.held.load(std::memory_order_acquire)) {
    const uint64_t used = s.used.load(std::memory_order_relaxed);
    if (used == s.made.load(std::memory_order_acquire)) break;
    const Block& block = s.blocks[used % kBlocks];
    if (block.generation != generation || s.consumed >= block.frames) {
      if (block.generation == generation && block.last) s.ended.store(true, std::memory_order_release);
      s.consumed = 0;
      s.used.store(used + 1, std::memory_order_release);
      continue;
    }
    const auto n =
        static_cast<int>(std::min<unsigned long>(frames, static_cast<unsigned long>(block.frames - s.consumed)));
    const float* from = block.samples.data() + static_cast<size_t>(2 * s.consumed);
    for (int i = 0; i < n; ++i, from += 2) {
      if (s.channels == 1) {
        *out++ = 0.5f * (from[0] + from[1]);
      } else {
        *out++ = from[0];
        *out++ = from[1];
      }
    }
    s.last[0] = from[-2];
    s.last[1] = from[-1];
    s.consumed += n;
    frames -= static_cast<unsigned long>(n);
    s.position.store(static_cast<int64_t>(block.begin + s.consumed * block.step), std::memory_order_relaxed);
    s.tempo.store(block.tempo, std::memory_order_relaxed);
    s.pass.store(block.pass, std::memory_order_relaxed);
  }
  if (frames > 0 && s.starved_is_wrong.load(std::memory_order_relaxed) && !s.ended.load(std::memory_order_relaxed) &&
      !s.waits.load(std::memory_order_relaxed))
    s.underruns.fetch_add(1, std::memory_order_relaxed);
  for (; frames > 0; --frames) {  // fades to silence instead of breaking off
    s.last[0] *= 0.995f;
    s.last[1] *= 0.995f;
    if (s.channels == 1) {
      *out++ = 0.5f * (s.last[0] + s.last[1]);
    } else {
      *out++ = s.last[0];
      *out++ = s.last[1];
    }
  }
  return paContinue;
}

void Player::State::fail(const std::string& words) {
  close_stream();
  const std::lock_guard lock(mutex);
  problem = words;
  want_play = false;
}

void Player::State::close_stream() {
  if (stream != nullptr) Pa_CloseStream(stream);
  stream = nullptr;
  soxr_delete(soxr);
  soxr = nullptr;
}

// While the stream runs, its callback leaves the old stretches out by itself.
void Player::State::drop_queue() {
  generation.fetch_add(1, std::memory_order_release);
  if (soxr != nullptr) soxr_clear(soxr);
  if (running) return;
  used.store(made.load());
  consumed = 0;
}

bool Player::State::open_stream() {
  std::string wanted;
  int rate = 0;
  {
    const std::lock_guard lock(mutex);
    wanted = device;
    rate = sample_rate;
  }
  PaDeviceIndex index = Pa_GetDefaultOutputDevice();
  for (PaDeviceIndex i = 0; i < Pa_GetDeviceCount() && !wanted.empty(); ++i) {
    if (Pa_GetDeviceInfo(i)->maxOutputChannels > 0 && wanted == Pa_GetDeviceInfo(i)->name) index = i;
  }
  if (index == paNoDevice) {
    fail(kNoDevice);
    return false;
  }
  const PaDeviceInfo& info = *Pa_GetDeviceInfo(index);
  PaStreamParameters parameters{};
  parameters.device = index;
  parameters.channelCount = channels = std::min(2, info.maxOutputChannels);
  parameters.sampleFormat = paFloat32;
  parameters.suggestedLatency = info.defaultHighOutputLatency;
  PaError error = paInvalidSampleRate;
  for (const double candidate : {static_cast<double>(rate), info.defaultSampleRate}) {
    if (candidate > kMaxRatio * static_cast<double>(rate)) continue;
    device_rate = candidate;
    error = Pa_OpenStream(&stream, nullptr, &parameters, candidate, paFramesPerBufferUnspecified, paClipOff, callback,
                          this);
    if (error == paNoError) break;
    stream = nullptr;
  }
  if (error != paNoError) {
    fail(std::string("The sound device ") + info.name + " cannot be used: " + Pa_GetErrorText(error) + ".");
    return false;
  }
  if (device_rate != rate) {
    const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_HQ, 0);
    soxr = soxr_create(rate, device_rate, 2, nullptr, nullptr, &quality, nullptr);
  }
  return true;
}

MixOrders Player::State::orders() const {
  const std::lock_guard lock(mutex);
  MixOrders now;
  now.tracks = tracks;
  now.gains = gains;
  now.sample_rate = sample_rate;
  now.loop_begin = loop_begin;
  now.loop_end = loop_end;
  now.practice = practice;
  return now;
}

// Mixes the next stretch of the song into the queue. False where there is no more: at the end, or for now.
bool Player::State::fill_one() {
  Block& block = blocks[made.load(std::memory_order_relaxed) % kBlocks];
  std::array<float, static_cast<size_t>(2 * kFramesAtOnce)> mixed;
  const MixOrders now = orders();
  const MixedStretch stretch = mixer.next(now, mixed.data(), kFramesAtOnce);
  waits.store(stretch.waits, std::memory_order_release);
  if (stretch.waits && stretch.frames == 0) return false;
  block.begin = stretch.begin;
  block.step = stretch.step;
  block.tempo = stretch.tempo;
  block.pass = stretch.pass;
  block.last = stretch.last;
  block.generation = generation.load(std::memory_order_relaxed);
  const auto n = static_cast<size_t>(stretch.frames);
  if (soxr == nullptr) {
    std::copy_n(mixed.begin(), 2 * n, block.samples.begin());
    block.frames = stretch.frames;
  } else {
    size_t used = 0, got = 0;
    soxr_process(soxr, mixed.data(), n, &used, block.samples.data(), block.samples.size() / 2, &got);
    if (block.last) {
      size_t more = 0;
      soxr_process(soxr, nullptr, 0, nullptr, block.samples.data() + 2 * got, block.samples.size() / 2 - got, &more);
      got += more;
      soxr_clear(soxr);
    }
    block.frames = static_cast<int>(got);
    block.step *= static_cast<double>(now.sample_rate) / device_rate;
  }
  made.fetch_add(1, std::memory_order_release);
  whole = block.last;
  return !block.last;
}

void Player::State::fill_queue() {
  while (!whole && made.load() - used.load(std::memory_order_acquire) < kBlocks) {
    if (!fill_one()) break;
    if (!running && made.load() - used.load() >= kBlocks) break;
    const std::lock_guard lock(mutex);
    if (quit || changed) break;
  }
}

// Devices are left alone as long as there is nothing to play. False: there never was.
bool Player::State::wait_for_song() {
  std::unique_lock lock(mutex);
  wake.wait(lock, [this] { return quit || changed; });
  return !quit;
}

void Player::State::look_for_devices() {
  quiet_libraries();
  usable = Pa_Initialize() == paNoError;
  const std::lock_guard lock(mutex);
  looked = true;
  for (PaDeviceIndex i = 0; usable && i < Pa_GetDeviceCount(); ++i) {
    if (Pa_GetDeviceInfo(i)->maxOutputChannels > 0) devices.emplace_back(Pa_GetDeviceInfo(i)->name);
  }
  if (devices.empty()) problem = kNoDevice;
}

// Whether the owner has chosen another device or song since the stream was opened; `mutex` is held.
bool Player::State::opened_otherwise() const {
  return stream != nullptr && (open_device != device || open_rate != sample_rate);
}

// Waits until the owner wants something or the queue wants filling. False: the player ends.
bool Player::State::take_orders(bool& play) {
  std::unique_lock lock(mutex);
  wake.wait_for(lock, std::chrono::milliseconds(running ? 5 : 200), [this] { return quit || changed; });
  if (quit) return false;
  changed = false;
  if (seek_to >= 0) {
    mixer.seek(seek_to, !running);  // a jump while it plays is not counted in
    seek_to = -1;
    whole = false;
    drop_queue();
    ended = false;
  }
  play = want_play && !opened_otherwise();  // such a stream is opened anew
  return true;
}

void Player::State::pause_stream() {
  starved_is_wrong = false;
  held = true;
  Pa_StopStream(stream);
  // What is queued was not given to the device: go on from there.
  mixer.seek(position.load(), true);
  running = whole = false;
  drop_queue();
}

bool Player::State::have_stream() {
  if (!usable) {
    fail(kNoDevice);
    return false;
  }
  if (stream != nullptr) return true;
  if (!open_stream()) return false;
  const std::lock_guard lock(mutex);
  open_device = device;
  open_rate = sample_rate;
  problem.clear();
  return true;
}

void Player::State::start_stream() {
  ended = held = false;
  const PaError error = Pa_StartStream(stream);
  if (error != paNoError) {
    fail(std::string("The sound device cannot be started: ") + Pa_GetErrorText(error) + ".");
    return;
  }
  running = true;
  starved_is_wrong = true;
}

void Player::State::end_song() {
  starved_is_wrong = false;
  Pa_StopStream(stream);  // lets the device finish
  running = whole = false;
  mixer.seek(0, true);
  position = 0;
  drop_queue();
  const std::lock_guard lock(mutex);
  want_play = false;
}

void Player::State::lose_device() {
  running = whole = false;
  mixer.seek(position.load(), true);
  close_stream();
  drop_queue();
  fail("The sound device is gone; play tries again.");
}

void Player::State::loop() {
  if (!wait_for_song()) return;
  look_for_devices();
  for (bool play = false; take_orders(play);) {
    if (running && !play) pause_stream();
    {
      const std::lock_guard lock(mutex);
      play = want_play;
      if (opened_otherwise()) close_stream();
    }
    if (!play || !have_stream()) continue;
    fill_queue();
    if (!running)
      start_stream();
    else if (ended.load(std::memory_order_acquire))
      end_song();
    else if (Pa_IsStreamActive(stream) != 1)
      lose_device();
  }
  close_stream();
  if (usable) Pa_Terminate();
}

Player::Player() : state_(std::make_shared<State>()) {
  state_->thread = std::thread([state = state_.get()] { state->loop(); });
}

Player::~Player() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->quit = true;
  }
  state_->wake.notify_all();
  state_->thread.join();
}

namespace {

template <typename State, typename Change>
void tell(State& state, Change change) {
  {
    const std::lock_guard lock(state.mutex);
    change();
    state.changed = true;
  }
  state.wake.notify_all();
}

}  // namespace

void Player::load(std::vector<std::shared_ptr<const PcmFile>> tracks, int sample_rate) {
  tell(*state_, [&] {
    state_->gains.assign(tracks.size(), {});
    state_->tracks = std::move(tracks);
    state_->sample_rate = sample_rate;
    state_->want_play = false;
    state_->loop_begin = state_->loop_end = 0;
    state_->seek_to = 0;
    state_->position = 0;
  });
}

void Player::set_gain(size_t track, ChannelGains gains) {
  const std::lock_guard lock(state_->mutex);
  if (track < state_->gains.size()) state_->gains[track] = gains;
}

void Player::set_device(const std::string& name) {
  tell(*state_, [&] { state_->device = name; });
}
void Player::set_loop(int64_t begin, int64_t end) {
  const std::lock_guard lock(state_->mutex);
  state_->loop_begin = begin;
  state_->loop_end = end;
}
void Player::set_practice(const Practice& practice) {
  const std::lock_guard lock(state_->mutex);
  state_->practice = practice;
}
void Player::play() {
  tell(*state_, [&] { state_->want_play = true; });
}
void Player::pause() {
  tell(*state_, [&] { state_->want_play = false; });
}
void Player::seek(int64_t frame) {
  tell(*state_, [&] {
    const int64_t length = state_->tracks.empty() ? 0 : state_->tracks.front()->length();
    state_->seek_to = std::clamp<int64_t>(frame, 0, length);
    state_->position = state_->seek_to;
  });
}

bool Player::playing() const {
  const std::lock_guard lock(state_->mutex);
  return state_->want_play;
}
double Player::tempo() const { return state_->tempo.load(std::memory_order_relaxed); }
int Player::pass() const { return state_->pass.load(std::memory_order_relaxed); }
bool Player::waiting() const { return playing() && state_->waits.load(std::memory_order_relaxed); }
int64_t Player::position() const { return state_->position.load(std::memory_order_relaxed); }
std::string Player::problem() const {
  const std::lock_guard lock(state_->mutex);
  return state_->problem;
}
std::vector<std::string> Player::devices() const {
  const std::lock_guard lock(state_->mutex);
  return state_->devices;
}
bool Player::looked() const {
  const std::lock_guard lock(state_->mutex);
  return state_->looked;
}
int64_t Player::underruns() const { return state_->underruns.load(); }

}  // namespace mgdm
