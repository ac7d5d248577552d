#include "core/training/denoising.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/checkpoints/safetensors.h"
#include "core/files/json_text.h"
#include "core/priors/denoising_unet_file.h"

namespace mgdm {

namespace {

at::Tensor draw_sigma(const TrainingRecipe& r, int64_t batch, at::Generator generator) {
  // One stratum for each sample of the batch: less variance in the loss and its gradient.
  const at::Tensor u = (at::arange(batch, at::kFloat) + at::rand({batch}, generator)) / static_cast<double>(batch);
  const at::Tensor normal = at::erfinv(2 * u.clamp(1e-5, 1 - 1e-5) - 1) * std::sqrt(2.0);
  return (normal * r.log_sigma_std + r.log_sigma_mean).exp().clamp(r.sigma_min, r.sigma_max);
}

class Denoising : public Objective {
 public:
  Denoising(const TrainingRecipe& recipe, const TrainingData& data, const std::filesystem::path& initial_weights,
            at::Device device, at::ScalarType compute)
      : recipe_(recipe), data_(data), device_(device), network_(recipe.network), averaged_(recipe.network) {
    if (!initial_weights.empty()) {
      const auto initial = load_denoising_unet(initial_weights);
      if (!(initial->options() == recipe.network)) {
        throw CheckpointError(initial_weights.string() + ": is another network than the recipe's");
      }
      at::NoGradGuard no_grad;
      for (auto& item : network_.parameters()) item.tensor.copy_(initial->parameters()[item.name]);
    }
    for (DenoisingUnet* network : {&network_, &averaged_}) {
      network->to(device);
      network->set_compute_type(compute);
    }
  }

  Parameters& parameters() override { return network_.parameters(); }
  Parameters& averaged_parameters() override { return averaged_.parameters(); }
  std::string description() const override { return json_text(nlohmann::json(recipe_.network)); }

  std::vector<at::Tensor> draw(uint64_t seed) override {
    auto generator = at::detail::createCPUGenerator(seed);
    const TrainingBatch batch = data_.draw(recipe_.batch, seed);
    const at::Tensor sigma = draw_sigma(recipe_, batch.clean.size(0), generator).to(device_, /*non_blocking=*/true);
    at::Tensor noise;
    if (device_.is_cpu()) {
      noise = at::randn(batch.clean.sizes(), generator);
    } else {
      at::manual_seed(seed);
      noise = at::randn(batch.clean.sizes(), batch.clean.options());
    }
    return {batch.clean, batch.clean + sigma.reshape({-1, 1, 1, 1}) * noise, sigma, batch.labels};
  }

  at::Tensor loss(const std::vector<at::Tensor>& inputs) override {
    const at::Tensor &clean = inputs[0], &noisy = inputs[1], &sigma = inputs[2], &labels = inputs[3];
    const double d2 = recipe_.network.sigma_data * recipe_.network.sigma_data;
    const at::Tensor s2 = sigma.square().reshape({-1, 1, 1, 1});
    const at::Tensor denoised = network_.forward(noisy, sigma, labels);
    return ((s2 + d2) / (s2 * d2) * (denoised - clean).square()).mean();
  }

  double operations_per_pixel() override {
    at::NoGradGuard no_grad;
    const at::Tensor sample = data_.draw(1, 0).clean.narrow(0, 0, 1);
    network_.take_operations();
    network_.forward(sample, at::ones({1}, sample.options()));
    return network_.take_operations() / static_cast<double>(sample.size(2) * sample.size(3));
  }

  std::vector<double> validate() override { return data_.validate(averaged_, recipe_.validation_sigmas); }

  at::Tensor picture() override {
    const int64_t side = data_.picture_side();
    return side > 0 ? contact_sheet(data_.picture(sample_unconditional(averaged_, 16, side))) : at::Tensor();
  }

  void save(const std::filesystem::path& file, int64_t step) override {
    auto metadata = data_.metadata();
    metadata["recipe"] = json_text(nlohmann::json(recipe_));
    metadata["step"] = std::to_string(step);
    save_denoising_unet(file, averaged_, metadata, data_.tensors());
  }

 private:
  const TrainingRecipe& recipe_;
  const TrainingData& data_;
  const at::Device device_;
  DenoisingUnet network_, averaged_;
};

}  // namespace

std::unique_ptr<Objective> make_denoising(const TrainingRecipe& recipe, const TrainingData& data,
                                          const std::filesystem::path& initial_weights, at::Device device,
                                          at::ScalarType compute) {
  return std::make_unique<Denoising>(recipe, data, initial_weights, device, compute);
}

at::Tensor sample_unconditional(DenoisingUnet& network, int64_t count, int64_t size, int64_t steps, uint64_t seed) {
  at::NoGradGuard no_grad;
  const double top = std::pow(80.0, 1 / 7.0), bottom = std::pow(0.01, 1 / 7.0);
  std::vector<double> sigma;
  for (int64_t i = 0; i < steps; ++i) {
    sigma.push_back(std::pow(top + (bottom - top) * static_cast<double>(i) / static_cast<double>(steps - 1), 7.0));
  }
  sigma.push_back(0.0);
  const at::Device device = network.parameters().begin()->tensor.device();
  auto generator = at::detail::createCPUGenerator(seed);
  at::Tensor x = at::randn({count, network.options().image_channels, size, size}, generator).to(device) * sigma[0];
  const auto slope = [&](const at::Tensor& at_x, double s) {
    return (at_x - network.forward(at_x, at::full({count}, s, at_x.options()))) / s;
  };
  for (int64_t i = 0; i < steps; ++i) {
    const double h = sigma[i + 1] - sigma[i];
    const at::Tensor d = slope(x, sigma[i]);
    const at::Tensor euler = x + h * d;
    x = sigma[i + 1] == 0 ? euler : x + h * 0.5 * (d + slope(euler, sigma[i + 1]));
  }
  return x;
}

}  // namespace mgdm
