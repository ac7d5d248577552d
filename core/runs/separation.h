// Separating a song into stems, and what else the joint law of the stems answers: an accompaniment to given stems, a
// damaged second.
//
// The song is cut into overlapping windows of MDCT frames. Each window is sampled given its mix, the stems that are
// given, and the frames that the window before has finished ("inpainting" the overlap); the overlap is cross-faded. A
// mix that hisses, is clipped or has lost its treble is repaired in passing: the stems then add up to the repaired one.
// A stereo song is sampled through its mid channel; the side channel is shared among the stems in proportion to their
// power around each coefficient, so nothing of it is lost. Finished stretches go to a sink, so memory does not grow
// with the samples. Needs LibTorch only.
#pragma once
#include <ATen/core/Tensor.h>

#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "core/priors/band_prior.h"
#include "core/samplers/sampler.h"
#include "core/settings/settings.h"

namespace mgdm {

struct Song {
  at::Tensor mix;  ///< [channels, L] float32 at the prior's rate, 1 or 2 channels; or undefined
  std::map<std::string, at::Tensor> given;      ///< known stems by name, [channels, L] each
  std::vector<std::pair<double, double>> gaps;  ///< seconds of the mix that are damaged: from, to
  // What else is wrong with the mix; 0: nothing. At most one of the three.
  double hiss = 0;       ///< standard deviation of white noise in it, full scale 1, at the prior's rate
  double clip = 0;       ///< level at which it was cut off, full scale 1
  double bandwidth = 0;  ///< Hz; above it nothing is left
  /// Rough stems by name, [channels, L] each, from which the chain begins at `SeparationRequest::start_sigma`: another
  /// separator's, or a hint. A stem that is not among them begins from its share of what they leave of the mix. One
  /// named "other" tells what is no stem: see `SeparationRequest::other`.
  std::map<std::string, at::Tensor> start = {};
  bool repaired() const { return hiss > 0 || clip > 0 || bandwidth > 0; }
};

struct SeparationRequest {
  std::string sampler = "mgdm";
  std::string preset = "balanced";  ///< "quick", "balanced", "best", "paper" for mgdm; else the sampler's own
  Settings sampler_settings = nlohmann::json::object();
  int64_t samples = 0;  ///< posterior samples at once; 0: the preset's own
  uint64_t seed = 0;
  double noise = -1;                 ///< sigma_y, in units of the prior's coefficients; below 0: the prior's own
  int64_t frames = 0, overlap = -1;  ///< of a window, in MDCT frames; 0 and -1: the prior's own
  bool random_polarities =
      true;                    ///< see with_random_polarities; not where the prior knows polarities, nor under `paper`
  bool keep_residual = false;  ///< leave mix - sum of stems out of the stems
  /// With `Song::start`: noise level, in units of the prior's coefficients, at which the chain begins. From the
  /// sampler's first level on nothing of the start is left, and the chain begins from noise as without one.
  double start_sigma = 1;
  /// A further track "other" for what is no stem, a voice above all: what glides in the mix (core/runs/other_sounds.h),
  /// or is like the stem "other" among `Song::start`, is taken out of the stems after the draw. At most this share of
  /// each coefficient; 0: no such track. Not where something is repaired or made up, nor under `paper`.
  double other = 0.9;
};
constexpr const char* kOther = "other";
/// What of a song's request is a number, a name or a switch: the members of `SeparationRequest` by their names, and
/// what may be wrong with the song (denoise, declip, bandwidth: see `Song`).
const std::vector<Setting>& song_run_settings();
void to_json(nlohmann::json& json, const SeparationRequest& request);

struct SeparationProgress {
  int64_t window = 0, windows = 0;  ///< counted from 1
  double begin = 0, end = 0;        ///< seconds of the song that the window covers
  const Iterate* iterate = nullptr;
  /// The iterate's clean estimate as sound, [stems, samples of the window] mono, made on demand.
  std::function<at::Tensor()> preview;
};

struct SeparationResult {
  NetworkEvaluations evaluations;
  double seconds = 0;
  int64_t windows = 0;
  bool stopped = false;
};

/// The next n samples of the result, of all `separated_names`, float32 on the CPU.
struct SeparatedStretch {
  /// [stems, channels, n]: what the samples' sum holds at each MDCT coefficient, shared among the stems in proportion
  /// to their mean amplitudes there over the samples (a ratio mask from the posterior instead of from estimates; one
  /// sample counts too). The samples disagree about phases where they agree about loudness, so their mean loses what
  /// this keeps. Where there is no mix, the first sample: the mean of things made up is mush.
  at::Tensor estimate;
  at::Tensor samples;  ///< [samples, stems, channels, n]
};

/// Where a separation stands between two windows: what it takes, beside the song and the request, to go on to the same
/// stems, bit for bit. Tensors are float32 on the CPU and shared, not copied: treat them as read-only.
struct SeparationState {
  int64_t windows = 0;  ///< that are finished, at least 1
  int64_t handed = 0;   ///< samples of the song that the sink was given
  at::Tensor finished;  ///< [samples, stems, n, bins] coefficients of the mid channel that the next window overlaps
  at::Tensor pending;   ///< [1 + samples, stems, channels, m, bins] frames that the sound to come hangs on, m 1 or 2
  NetworkEvaluations evaluations;
  double seconds = 0;  ///< without pauses
};
/// How a separation is gone on with, now and later.
struct SeparationContinuation {
  const SeparationState* from = nullptr;  ///< nullptr: from the beginning. The sink is given what comes after it
  std::function<void(const SeparationState&)> kept = {};  ///< called after each window but the last, on this thread
};
/// Whether a state can be of that separation, by its shapes. Throws as `separate`.
bool continues(const SeparationState& state, const BandPrior& band, const Song& song, const SeparationRequest& request);

/// The request with the preset's and the prior's own values where it says nothing.
SeparationRequest complete_request(SeparationRequest request, const BandPrior& band, const Song& song);
/// The model's stems and, where the request (complete) asks for it, "other": what is separated, in this order.
std::vector<std::string> separated_names(const BandPrior& band, const SeparationRequest& request);
/// The settings a request amounts to: presets of mgdm for audio (they differ from those for photos, and for songs that
/// are repaired) and the person's own on top. Throws SettingError.
Settings separation_settings(const SeparationRequest& request, const BandPrior& band, const Song& song);

/// Whether the two channels of a song [2, L] are each other's negative, or nearly: their mean, which the model works
/// on, would be next to nothing. `separate` turns the right one round, there and back.
bool out_of_phase(const at::Tensor& mix);

/// Blocks; the sink gets stretch after stretch from the beginning, in all L samples. Throws SettingError, OperatorError
/// (a song that does not fit), NumericalError. What was done before a continuation counts in the result.
SeparationResult separate(const BandPrior& band, const Song& song, const SeparationRequest& request,
                          const std::function<void(const SeparatedStretch&)>& sink,
                          const std::function<void(const SeparationProgress&)>& observer = {},
                          std::stop_token stop = {}, const SeparationContinuation& continuation = {});

/// Shares `rest` [channels, L] among `stems` [stems, channels, L] in proportion to their energy in the treble, in
/// place: what a model of a lower rate cannot hear of a song still adds up to the song.
void share_treble(at::Tensor& stems, const at::Tensor& rest, double sample_rate);

}  // namespace mgdm
