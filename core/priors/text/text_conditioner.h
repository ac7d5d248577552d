// From a prompt to what a text-conditioned U-Net is told: tokens, text encoders' states, classifier-free guidance.
#pragma once
#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <vector>

#include "core/networks/conditional_unet.h"
#include "core/networks/text_encoder.h"
#include "core/priors/text/clip_tokenizer.h"

namespace mgdm {

struct TextCondition {
  at::Tensor context;  ///< [B, 77, width]: states of all encoders beside each other
  at::Tensor pooled;   ///< [B, width] of the last encoder; undefined unless the U-Net wants it
};

/// One or two text encoders with their tokenizers, in float32. Their weights stay on the CPU and visit the device layer
/// by layer (`TextEncoder::encode`). For one thread at a time.
class TextConditioner {
 public:
  struct Part {
    std::shared_ptr<const TextEncoder> encoder;
    bool padded_with_end = true;                               ///< behind the end token: that again, else token 0
    std::shared_ptr<const ClipTokenizer> tokenizer = nullptr;  ///< nullptr: only the empty prompt is known
  };
  /// `pools`: the U-Net is told the pooled state. Throws std::invalid_argument for a tokenizer that is not the
  /// encoder's.
  TextConditioner(std::vector<Part> parts, bool pools);
  /// Where the encoders compute and what is encoded from now on lies; at first the CPU.
  void compute_on(at::Device device) { device_ = device; }

  /// `ids` int64 [B, 77] for each encoder; or for the first alone: the others' are the same but for their padding.
  /// Throws std::invalid_argument for ids that do not fit. `pool`: the pooled state in any case.
  TextCondition encode(const std::vector<at::Tensor>& ids, bool pool = false) const;
  /// `cut`: what did not fit into 75 tokens, empty if all did. Throws ModelError where the model has no vocabulary and
  /// the prompt is not empty.
  TextCondition encode(const std::string& prompt, std::string* cut = nullptr) const;
  /// The ids of a prompt for each encoder, padded; as `encode`.
  std::vector<at::Tensor> tokenize(const std::string& prompt, std::string* cut = nullptr) const;
  /// Zeros in the place of all states.
  TextCondition nothing() const;

  bool has_vocabulary() const;
  const std::vector<Part>& parts() const { return parts_; }
  int64_t pooled_width() const;  ///< of the last encoder

 private:
  std::vector<Part> parts_;
  bool pools_;
  at::Device device_ = at::kCPU;
};

/// Classifier-free guidance (Ho & Salimans 2022): out = u + scale (c - u), u told `unwanted`, c `wanted`.
struct TextGuidance {
  TextCondition wanted, unwanted;  ///< `unwanted` only matters where scale is not 1
  double scale = 1;
  std::string cut{};  ///< what of the prompts did not fit
};

/// Told the empty prompt.
std::shared_ptr<const TextGuidance> without_words(const TextConditioner& conditioner);

/// The network's output for x [B, C, h, w] at t under a guidance. A network with a label embedding is told, too, that
/// the picture has `factor` h by `factor` w pixels and was not cropped. Throws std::invalid_argument.
at::Tensor guided_output(const ConditionalUnet& network, const at::Tensor& x, const at::Tensor& t,
                         const TextGuidance& guidance, int64_t factor);

/// SDXL's label: pooled text [B, width], then [cos, sin] of each of the six sizes (original height and width, crop from
/// top and left, target height and width, in pixels).
at::Tensor size_label(const at::Tensor& pooled, const std::vector<double>& sizes, int64_t label_width);

}  // namespace mgdm
