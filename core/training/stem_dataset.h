// Training songs in memory: stems as 16-bit samples, from which random MDCT excerpts are drawn.
#pragma once
#include <string>
#include <vector>

#include "core/checkpoints/song_file.h"
#include "core/priors/mdct_codec.h"
#include "core/training/training_data.h"

namespace mgdm {

struct StemAugmentation {
  double song_gain_db = 3, stem_gain_db = 2;  ///< standard deviations
  double muted = 0.04;                        ///< probability that a stem is silent
  double shuffled = 0.15;                     ///< probability that each stem comes from another song
};

class StemDataset : public TrainingData {
 public:
  /// Excerpts of `frames` MDCT frames. Songs shorter than frames + 2 frames are left out; throws
  /// std::invalid_argument if none remains. `device`: where the songs are kept.
  StemDataset(std::vector<NamedSong> songs, const std::vector<NamedSong>& held_out, const MdctOptions& codec,
              int64_t frames, const StemAugmentation& augmentation, at::Device device);

  /// [batch, C, frames, bins]: random song, place, gains and polarities.
  TrainingBatch draw(int64_t batch, uint64_t seed) const override;
  /// Mean over held-out excerpts of 10 log10(|x_0|^2 / |D(x_0 + sigma n) - x_0|^2).
  std::vector<double> validate(DenoisingUnet& network, const std::vector<double>& sigmas) const override;
  std::map<std::string, std::string> metadata() const override;

  double hours() const;

 private:
  int64_t samples_needed() const { return (frames_ + 2) * codec_.options().bins; }

  MdctCodec codec_;
  int64_t frames_;
  StemAugmentation augmentation_;
  at::Tensor samples_;           // int16 [C, all songs one after the other]
  std::vector<int64_t> begins_;  // of the songs in samples_, and its end
  at::Tensor held_out_;          // coefficients [N, C, frames, bins]
};

}  // namespace mgdm
