#include "core/training/autoencoding.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <nlohmann/json.hpp>

#include "core/files/json_text.h"
#include "core/priors/parameters_file.h"
#include "core/priors/photo_autoencoder_file.h"
#include "core/training/photo_dataset.h"

namespace mgdm {

namespace {

constexpr double kSmallestError = 1.3e-4;  // of values in [-1, 1]: 45 dB, where better no longer counts
constexpr int64_t kScaleBatches = 16;      // from which the latents' mean and deviation are measured

class Autoencoding : public Objective {
 public:
  Autoencoding(const TrainingRecipe& recipe, const TrainingData& data, const std::filesystem::path& initial_weights,
               at::Device device, at::ScalarType compute)
      : recipe_(recipe), data_(data), device_(device), network_(recipe.autoencoder), averaged_(recipe.autoencoder) {
    if (!initial_weights.empty()) {
      const auto initial = load_photo_autoencoder(initial_weights);
      std::map<std::string, at::Tensor> tensors;
      for (const auto& item : initial->parameters()) tensors[item.name] = item.tensor;
      fill_parameters(network_.parameters(), tensors, initial_weights);
    }
    for (PhotoAutoencoder* network : {&network_, &averaged_}) {
      network->to(device);
      network->set_compute_type(compute);
    }
  }

  Parameters& parameters() override { return network_.parameters(); }
  Parameters& averaged_parameters() override { return averaged_.parameters(); }
  std::string description() const override { return json_text(nlohmann::json(recipe_.autoencoder)); }

  std::vector<at::Tensor> draw(uint64_t seed) override {
    const at::Tensor clean = data_.draw(recipe_.batch, seed).clean;
    const int64_t factor = recipe_.autoencoder.factor();
    const std::vector<int64_t> sizes{clean.size(0), recipe_.autoencoder.latent_channels, clean.size(2) / factor,
                                     clean.size(3) / factor};
    if (device_.is_cpu()) return {clean, at::randn(sizes, at::detail::createCPUGenerator(seed))};
    at::manual_seed(seed);
    return {clean, at::randn(sizes, clean.options())};
  }

  at::Tensor loss(const std::vector<at::Tensor>& inputs) override {
    const at::Tensor &clean = inputs[0], &noise = inputs[1];
    const auto moments = network_.moments(clean).chunk(2, 1);
    const at::Tensor &mean = moments[0], log_variance = moments[1].clamp(-30, 20);
    const at::Tensor decoded = network_.decode_unscaled(mean + (0.5 * log_variance).exp() * noise);
    const at::Tensor error = (decoded - clean).square().mean({1, 2, 3});
    const at::Tensor divergence = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).mean();
    return (error + kSmallestError).log().mean() + recipe_.kl_weight * divergence;
  }

  double operations_per_pixel() override {
    at::NoGradGuard no_grad;
    const at::Tensor sample = data_.draw(1, 0).clean.narrow(0, 0, 1);
    network_.take_operations();
    network_.decode_unscaled(network_.moments(sample).narrow(1, 0, recipe_.autoencoder.latent_channels));
    return network_.take_operations() / static_cast<double>(sample.size(2) * sample.size(3));
  }

  std::vector<double> validate() override {
    if (!data_.held_out().defined()) return {};
    measure_scale();
    return reconstruction_psnr(averaged_, data_.held_out(), recipe_.validation_sigmas);
  }

  at::Tensor picture() override {
    if (!data_.held_out().defined()) return {};
    at::NoGradGuard no_grad;
    const at::Tensor images = data_.held_out().narrow(0, 0, std::min<int64_t>(8, data_.held_out().size(0))).to(device_);
    return contact_sheet(at::cat({images, averaged_.decode(averaged_.encode(images))}));
  }

  void save(const std::filesystem::path& file, int64_t step) override {
    measure_scale();
    save_photo_autoencoder(file, averaged_,
                           {{"recipe", json_text(nlohmann::json(recipe_))}, {"step", std::to_string(step)}});
  }

 private:
  void measure_scale() {
    at::NoGradGuard no_grad;
    std::vector<at::Tensor> means;  // [c, all latents]
    for (int64_t i = 0; i < kScaleBatches; ++i) {
      const at::Tensor clean = data_.draw(recipe_.batch, static_cast<uint64_t>(i)).clean;
      const at::Tensor mean = averaged_.moments(clean).narrow(1, 0, recipe_.autoencoder.latent_channels);
      means.push_back(mean.transpose(0, 1).flatten(1));
    }
    const at::Tensor all = at::cat(means, 1);
    averaged_.set_latent_scale(all.mean(1), all.std(1).clamp_min(1e-6));
  }

  const TrainingRecipe& recipe_;
  const TrainingData& data_;
  const at::Device device_;
  PhotoAutoencoder network_, averaged_;
};

}  // namespace

std::unique_ptr<Objective> make_autoencoding(const TrainingRecipe& recipe, const TrainingData& data,
                                             const std::filesystem::path& initial_weights, at::Device device,
                                             at::ScalarType compute) {
  return std::make_unique<Autoencoding>(recipe, data, initial_weights, device, compute);
}

std::vector<double> reconstruction_psnr(PhotoAutoencoder& network, const at::Tensor& images,
                                        const std::vector<double>& sigmas, uint64_t seed) {
  at::NoGradGuard no_grad;
  const at::Device device = network.parameters().begin()->tensor.device();
  std::vector<double> result;
  for (const double sigma : sigmas) {
    auto generator = at::detail::createCPUGenerator(seed);
    double total = 0;
    for (const at::Tensor& part : images.split(4)) {
      const at::Tensor clean = part.to(device), z = network.encode(clean);
      const at::Tensor noise = at::randn(z.sizes(), generator).to(device);
      total += psnr_of_each(network.decode(z + sigma * noise), clean).sum().item<double>();
    }
    result.push_back(total / static_cast<double>(images.size(0)));
  }
  return result;
}

}  // namespace mgdm
