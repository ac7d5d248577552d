// Training songs in memory: stems as 16-bit samples, from which random MDCT excerpts are drawn.
#pragma once
#include <mutex>
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
  /// std::invalid_argument if none remains. `device`: where the songs are kept. `hours`: room for songs that are still
  /// to come; 0: none.
  StemDataset(std::vector<NamedSong> songs, const std::vector<NamedSong>& held_out, const MdctOptions& codec,
              int64_t frames, const StemAugmentation& augmentation, at::Device device, double hours = 0);

  /// Further songs, as far as there is room: false once there is none. Any thread; what is drawn from then on may be of
  /// them, so a training that is given songs on its way cannot be repeated to the bit.
  bool add(std::vector<NamedSong> songs);

  /// [batch, C, frames, bins]: random song, place, gains and polarities.
  TrainingBatch draw(int64_t batch, uint64_t seed) const override;
  /// Mean over held-out excerpts of 10 log10(|x_0|^2 / |D(x_0 + sigma n) - x_0|^2).
  std::vector<double> validate(DenoisingUnet& network, const std::vector<double>& sigmas) const override;
  std::map<std::string, std::string> metadata() const override;

  double sample_area() const override { return static_cast<double>(frames_ * codec_.options().bins); }

  double hours() const;  ///< any thread

 private:
  int64_t samples_needed() const { return (frames_ + 2) * codec_.options().bins; }

  MdctCodec codec_;
  int64_t frames_;
  StemAugmentation augmentation_;
  at::Tensor samples_;           // int16 [C, all songs one after the other, and room]
  mutable std::mutex mutex_;     // for begins_
  std::vector<int64_t> begins_;  // of the songs in samples_, and the last one's end
  at::Tensor held_out_;          // coefficients [N, C, frames, bins]
};

}  // namespace mgdm
