// Photos as latents of an autoencoder: what a latent prior is trained on. The crops are encoded as they are drawn, on
// the device, which costs a fraction of the step that they are for and keeps every crop, mirror image and light.
#pragma once
#include <memory>

#include "core/networks/photo_autoencoder.h"
#include "core/training/photo_dataset.h"

namespace mgdm {

class LatentDataset : public TrainingData {
 public:
  /// `autoencoder`: frozen and on the photos' device here. Crops' sides must be multiples of its factor. Its weights go
  /// into the file of the network that is trained.
  LatentDataset(std::unique_ptr<PhotoDataset> photos, std::shared_ptr<PhotoAutoencoder> autoencoder,
                at::ScalarType compute);

  /// [batch, c, size / factor, size / factor], about mean 0 and deviation 1.
  TrainingBatch draw(int64_t batch, uint64_t seed) const override;
  /// Mean PSNR in dB of the decoded D(z + sigma n; sigma) against the held-out photos themselves: what the decoder
  /// loses counts, too.
  std::vector<double> validate(DenoisingUnet& network, const std::vector<double>& sigmas) const override;
  at::Tensor held_out() const override { return photos_->held_out(); }
  double sample_area() const override;
  int64_t picture_side() const override;
  at::Tensor picture(const at::Tensor& samples) const override;
  std::map<std::string, std::string> metadata() const override;
  std::map<std::string, at::Tensor> tensors() const override { return tensors_; }

 private:
  std::unique_ptr<PhotoDataset> photos_;
  std::shared_ptr<PhotoAutoencoder> autoencoder_;
  std::map<std::string, at::Tensor> tensors_;
};

}  // namespace mgdm
