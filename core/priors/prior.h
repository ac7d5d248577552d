// What a sampler knows of a pretrained diffusion model.
//
// `Denoiser` = network + parameterisation, `Codec` = the map from the model's space to the signal
// (identity for pixel and waveform models, an autoencoder for latent ones), `Prior` = both, with the
// noise schedule and the shape. Samplers work in the model's space and see the signal only through
// the codec. All calls are for one thread at a time; different objects are independent.
#pragma once
#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/diffusion/noise_schedule.h"
#include "core/settings/settings.h"

namespace mgdm {

/// One level for the whole batch (size 1) or one for each sample (size B).
using Levels = std::vector<int>;

class Denoiser {
 public:
  virtual ~Denoiser() = default;
  /// x_t [B, ...] at `levels` of the prior's schedule -> estimate of E[x_0 | x_t], same shape.
  /// Differentiable in x_t. Level 0 returns x_t.
  virtual at::Tensor predict_x0(const at::Tensor& x_t, const Levels& levels) = 0;
  /// The same for x = x_0 + sigma n, n ~ N(0, I), at any sigma >= 0, not only those of the schedule (the form
  /// of Karras et al. 2022). The default throws std::invalid_argument: not every model can.
  virtual at::Tensor denoise(const at::Tensor& x, double sigma);
};

class LinearDecoder;

class Codec {
 public:
  virtual ~Codec() = default;
  /// Model space -> signal, differentiable.
  virtual at::Tensor decode(const at::Tensor& z) const = 0;
  virtual at::Tensor encode(const at::Tensor& x) const = 0;
  /// What z looks like, for the eye and cheap; the default decodes. Where the decoder is a network: `linear`; as long
  /// as nothing was decoded it decodes, too.
  virtual at::Tensor preview(const at::Tensor& z) const { return decode(z); }
  /// An affine map that stands for the decoder (core/priors/linear_decoder.h), fitted to what it decoded last; nullptr:
  /// there is none, or not yet.
  virtual const LinearDecoder* linear() const { return nullptr; }
  /// Seconds that decoding z would take, by what it took last; 0 where it costs next to nothing.
  virtual double decode_seconds(const at::Tensor& /*z*/) const { return 0; }
  /// Sizes [C, ...] in the model's space of a signal of these sizes.
  virtual std::vector<int64_t> model_sizes(const std::vector<int64_t>& signal) const { return signal; }
};

class IdentityCodec : public Codec {
 public:
  at::Tensor decode(const at::Tensor& z) const override { return z; }
  at::Tensor encode(const at::Tensor& x) const override { return x; }
};

/// What of a prior matters before it is loaded: which samplers can use it, which settings suit it.
struct PriorTraits {
  bool latent = false;  ///< works in an autoencoder's space
  /// Whose settings in the paper's code are for it: "ffhq", "imagenet", "ffhq_ldm", "sound"; empty: the base ones.
  std::string paper_config{};
};

/// Sides of the images that a prior takes, in pixels: multiples of `multiple`, from `smallest` to `largest`.
struct PhotoSizes {
  int64_t multiple = 8, smallest = 64, largest = 32768;
  int64_t native = 0;    ///< that the network was trained on; larger images go through windows of it. 0: any size is
                         ///< native
  int64_t window = 512;  ///< where any size is native: the largest seen at once; larger images go through windows
};

/// How a picture that is larger than the network takes at once is cut (core/priors/windows.h). All in pixels, or cells
/// of the space that the network works in.
struct Windows {
  int64_t side = 256;    ///< of a window; a picture that fits one goes to the network as it is
  int64_t overlap = 64;  ///< that neighbours have in common at least
  int64_t multiple = 1;  ///< that windows begin at
  /// True: no larger than covering the picture evenly takes, as a network without a size of its own allows; the work
  /// is then (n - 1) overlap more than the picture in each direction. False: exactly `side`, as it was trained.
  bool fitted = false;
};

struct Prior {
  std::string name;
  std::shared_ptr<Denoiser> denoiser;
  NoiseSchedule schedule = NoiseSchedule::vp_linear();
  std::shared_ptr<Codec> codec = std::make_shared<IdentityCodec>();
  at::Device device = at::kCPU;
  std::string precision = "float32";
  /// Sides of an image must be multiples of this, from `min_size` to `max_size` pixels.
  int64_t size_multiple = 1, min_size = 1, max_size = 1 << 20;
  bool any_size = false;  ///< other sizes than multiples go, too, at some cost: in two windows where one would do
  /// Side of the images that the network was trained on; larger ones go through windows of it. 0: any size is native.
  int64_t native_size = 0;
  Windows windows = {.side = 1 << 20};  ///< that the denoiser sees pictures through
  PriorTraits traits;
  /// The network as the paper's code calls it, with the integer of a level one higher than it was trained for; nullptr:
  /// the same as `denoiser`. Samplers take it under `reference_compatible`.
  std::shared_ptr<Denoiser> reference_denoiser;
  /// What a person can tell the model itself (a prompt); it is told the defaults. Empty: nothing.
  std::vector<Setting> settings{};
  /// The same model told something else, complete and checked, sharing the networks; nullptr without `settings`. Throws
  /// ModelError for what it does not understand.
  std::function<Prior(const Settings&)> told{};
  std::string unheard{};  ///< what of that did not fit into the model: the end of a long prompt
};

/// `prior` told `given`, with the defaults of what that leaves out, which `complete` becomes. Throws SettingError for a
/// key that the model has not or a value out of range, ModelError for what it does not understand.
std::shared_ptr<const Prior> told_prior(std::shared_ptr<const Prior> prior, const Settings& given, Settings& complete);

/// sqrt((1 - abar) / abar) and friends for each sample, shaped to broadcast over x: [B or 1, 1, ...].
at::Tensor per_sample(const std::vector<double>& values, const at::Tensor& x);

/// eps = (x_t - sqrt(abar) x_0) / sqrt(1 - abar); levels above 0.
at::Tensor predict_noise(const NoiseSchedule& schedule, const at::Tensor& x_t, const at::Tensor& x_0, int level);

}  // namespace mgdm
