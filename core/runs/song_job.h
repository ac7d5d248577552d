// The one flow from a sound file to tracks on disk: the command line and the studio both run this.
//
// A song at its own rate goes to the model's rate, is separated window after window (core/runs/separation.h), and each
// finished stretch comes back at the song's rate into a `PcmFile` for each stem, where it can be listened to at once.
// The stems add up to the song unless something of it is repaired or made up.
#pragma once
#include <atomic>
#include <filesystem>
#include <memory>

#include "core/media/pcm_file.h"
#include "core/media/sound_file.h"
#include "core/runs/sample_spread.h"
#include "core/runs/separation_state.h"

namespace mgdm {

/// What is to be done with a song, at the song's own rate.
struct SongInput {
  Sound mix;  ///< `samples` undefined: the given stems alone, to which the others are made up
  std::shared_ptr<const PcmFile> track;  ///< in the place of `mix.samples`, so that a long song is not in memory
  bool keep_tracks = false;              ///< the tracks are files NAME.pcm that stay
  std::map<std::string, Sound> given;    ///< known stems, of one rate, length and number of channels with the mix
  std::filesystem::path start = {};      ///< folder of rough stems to begin from (core/runs/start_stems.h); or empty
  double start_offset = -1;  ///< seconds of their files where `mix` begins; below 0: they last as long as it
  std::map<std::string, std::filesystem::path> hints = {};  ///< files by the stem (core/runs/hint_file.h)
  std::vector<std::pair<double, double>> gaps;              ///< seconds: from, to
  double hiss = 0, clip = 0, bandwidth = 0;  ///< see `Song`; `hiss` and `clip` for the mix at its own rate
  double from = 0, to = -1;                  ///< seconds of the song to work on; to < 0: to its end
};

struct SongProgress {
  const SeparationProgress& separation;
  int64_t begin = 0, end = 0;  ///< frames of the song that the window covers
};

class SongJob {
 public:
  /// Takes the sound to the model's rate. Tracks are made in `folder` (which must exist) and live as long as they are
  /// held. Throws MediaError, OperatorError, SettingError.
  SongJob(std::shared_ptr<const BandPrior> band, SongInput input, SeparationRequest request,
          const std::filesystem::path& folder);

  /// The stems in the model's order, then "other" (request.other), "residual" (request.keep_residual), then "mix" (the
  /// repaired or made-up song).
  const std::vector<std::string>& names() const { return names_; }
  const std::vector<std::shared_ptr<PcmFile>>& tracks() const { return tracks_; }
  const BandPrior& band() const { return *band_; }
  const std::vector<std::string>& remarks() const { return remarks_; }  ///< sentences on the stems to start from
  int64_t samples() const { return request_.samples; }                  ///< posterior samples that are combined
  int sample_rate() const { return sample_rate_; }
  int64_t length() const { return length_; }      ///< frames of a track, all of the song
  int64_t begin() const { return begin_; }        ///< frame where the part worked on begins
  int64_t finished() const { return finished_; }  ///< frame up to which it is finished; any thread

  /// Blocks. `written` is called with each finished stretch: its first frame and [tracks, channels, n]. A full disk
  /// ends it with MediaError, what was finished stays in the tracks. `keeping`: of what is separated the caller names
  /// what `input` was made of, the part and the rest are known here.
  SeparationResult run(const std::function<void(const SongProgress&)>& observer = {},
                       const std::function<void(int64_t at, const at::Tensor& stretch)>& written = {},
                       std::stop_token stop = {}, const SeparationKeeping& keeping = {});

  /// Of what was handed on so far, from `begin()`; of the run's thread. What a continuation had finished before is
  /// unknown.
  const SampleSpread& spread() const { return *spread_; }
  /// The record of the run for run.json.
  nlohmann::json record(const SeparationResult& result) const;

 private:
  double start_second() const;
  void begin_from_stems();
  void begin_from_hints();
  at::Tensor mix(int64_t at, int64_t n) const;  ///< [channels, n] from frame `at` of the song

  std::shared_ptr<const BandPrior> band_;
  SongInput input_;
  SeparationRequest request_;
  Song song_;
  std::vector<std::string> names_, remarks_;
  std::vector<std::shared_ptr<PcmFile>> tracks_;
  std::unique_ptr<SampleSpread> spread_;
  int sample_rate_ = 0;
  int64_t channels_ = 1, length_ = 0, begin_ = 0, end_ = 0;
  std::atomic<int64_t> finished_{0};
  bool repaired_ = false;
};

/// The loudest sample of [channels, L] if it is a limit that cut the sound off, with flat tops; else 0.
double clipping_level(const at::Tensor& samples);
/// The same without all of it in memory; `level`: its loudest sample.
double clipping_level(const PcmFile& track, double level);

}  // namespace mgdm
