#include "core/training/latent_dataset.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "core/priors/photo_autoencoder_file.h"

namespace mgdm {

LatentDataset::LatentDataset(std::unique_ptr<PhotoDataset> photos, std::shared_ptr<PhotoAutoencoder> autoencoder,
                             at::ScalarType compute)
    : photos_(std::move(photos)), autoencoder_(std::move(autoencoder)), tensors_(autoencoder_tensors(*autoencoder_)) {
  autoencoder_->to(photos_->device());
  autoencoder_->freeze(compute);
}

TrainingBatch LatentDataset::draw(int64_t batch, uint64_t seed) const {
  at::NoGradGuard no_grad;
  TrainingBatch drawn = photos_->draw(batch, seed);
  drawn.clean = autoencoder_->encode(drawn.clean);
  return drawn;
}

std::vector<double> LatentDataset::validate(DenoisingUnet& network, const std::vector<double>& sigmas) const {
  if (!held_out().defined()) return {};
  at::NoGradGuard no_grad;
  std::vector<double> result;
  for (const double sigma : sigmas) {
    auto generator = at::detail::createCPUGenerator(7);
    double total = 0;
    for (const at::Tensor& part : held_out().split(8)) {
      const at::Tensor clean = part.to(photos_->device()), z = autoencoder_->encode(clean);
      const at::Tensor noisy = z + sigma * at::randn(z.sizes(), generator).to(z.device());
      const at::Tensor denoised = network.forward(noisy, at::full({z.size(0)}, sigma, z.options()));
      total += psnr_of_each(autoencoder_->decode(denoised), clean).sum().item<double>();
    }
    result.push_back(total / static_cast<double>(held_out().size(0)));
  }
  return result;
}

double LatentDataset::sample_area() const {
  const auto factor = static_cast<double>(autoencoder_->options().factor());
  return photos_->sample_area() / (factor * factor);
}

int64_t LatentDataset::picture_side() const { return photos_->picture_side() / autoencoder_->options().factor(); }

at::Tensor LatentDataset::picture(const at::Tensor& samples) const {
  at::NoGradGuard no_grad;
  return autoencoder_->decode(samples);
}

std::map<std::string, std::string> LatentDataset::metadata() const { return autoencoder_metadata(*autoencoder_); }

}  // namespace mgdm
