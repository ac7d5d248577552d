#include "core/training/trainer.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <chrono>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>

#include "core/checkpoints/safetensors.h"
#include "core/files/json_text.h"
#include "core/networks/group_norm_silu.h"
#include "core/networks/work_graph.h"
#include "core/priors/denoising_unet_file.h"
#include "core/training/flat_parameters.h"
#include "core/training/optimizer.h"

namespace mgdm {

namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

at::Tensor draw_sigma(const TrainingRecipe& r, int64_t batch, at::Generator generator) {
  // One stratum for each sample of the batch: less variance in the loss and its gradient.
  const at::Tensor u = (at::arange(batch, at::kFloat) + at::rand({batch}, generator)) / static_cast<double>(batch);
  const at::Tensor normal = at::erfinv(2 * u.clamp(1e-5, 1 - 1e-5) - 1) * std::sqrt(2.0);
  return (normal * r.log_sigma_std + r.log_sigma_mean).exp().clamp(r.sigma_min, r.sigma_max);
}

at::Tensor sheet(const at::Tensor& images) {  // [N, 3, H, W] -> uint8 [3, rows*H, columns*W]
  const int64_t columns = static_cast<int64_t>(std::ceil(std::sqrt(static_cast<double>(images.size(0)))));
  std::vector<at::Tensor> rows;
  for (int64_t i = 0; i + columns <= images.size(0); i += columns) {
    rows.push_back(at::cat(images.narrow(0, i, columns).unbind(0), 2));
  }
  return ((at::cat(rows, 1).clamp(-1, 1) + 1) * 127.5).round().to(at::kByte).cpu();
}

class Training {
 public:
  Training(const TrainingRecipe& recipe, const TrainingData& data, const std::filesystem::path& folder,
           const std::filesystem::path& initial_weights, at::Device device, const TrainingHooks& hooks,
           const TrainingLevers& levers);
  void run();

 private:
  /// The tensors that a forward and backward pass over batches of one shape reads and writes, and its recording.
  struct Pass {
    at::Tensor clean, noisy, sigma, labels, loss;
    WorkGraph graph;
  };

  void resume();
  void step(double done);
  void forward_backward(Pass& pass);
  void update(double done);
  void check_finite();
  void save();
  void report(bool finished);
  void validate(TrainingRow& row);
  double seconds() const { return seconds_before_ + std::chrono::duration<double>(Clock::now() - started_).count(); }
  double fraction() const;

  const TrainingRecipe& recipe_;
  const TrainingData& data_;
  const std::filesystem::path folder_, state_file_;
  const at::Device device_;
  const TrainingHooks& hooks_;
  const TrainingLevers levers_;
  const at::ScalarType compute_;
  const std::string description_;
  DenoisingUnet network_, averaged_;
  std::optional<FlatParameters> flat_;
  std::map<std::vector<int64_t>, Pass> passes_;  // by the shape of a batch
  bool graphs_;

  int64_t step_ = 0;
  double seconds_before_ = 0;
  Clock::time_point started_ = Clock::now(), last_report_ = started_;
  std::vector<TrainingRow> rows_;
  double next_validation_ = 0, next_save_ = 0;
  at::Tensor loss_sum_;  // since the last report, on the device; NaN once anything was
  int64_t loss_count_ = 0;
  double operations_ = 0, samples_ = 0;  // since the last report
};

Training::Training(const TrainingRecipe& recipe, const TrainingData& data, const std::filesystem::path& folder,
                   const std::filesystem::path& initial_weights, at::Device device, const TrainingHooks& hooks,
                   const TrainingLevers& levers)
    : recipe_(recipe),
      data_(data),
      folder_(folder),
      state_file_(folder / "training.safetensors"),
      device_(device),
      hooks_(hooks),
      levers_(levers),
      compute_(recipe.precision == "bfloat16" ? at::kBFloat16 : at::kFloat),
      description_(json_text(json(recipe.network))),
      network_(recipe.network),
      averaged_(recipe.network),
      graphs_(levers.graph && WorkGraph::possible(device)) {
  if (!folder.empty()) std::filesystem::create_directories(folder);
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
    network->set_compute_type(compute_);
  }
  if (device.is_cuda()) choose_fastest_kernels();
  flat_.emplace(network_, device, levers.cast_once ? compute_ : at::kFloat);
  loss_sum_ = at::zeros({}, at::TensorOptions().dtype(at::kFloat).device(device));
  resume();
  next_validation_ = seconds() + recipe.validate_minutes * 60;
  next_save_ = seconds() + recipe.checkpoint_minutes * 60;
}

void Training::resume() {
  if (folder_.empty() || !std::filesystem::exists(state_file_)) return;
  const Checkpoint state = read_safetensors(state_file_);
  const auto said = [&](const char* name) {
    const auto found = state.metadata.find(name);
    return found == state.metadata.end() ? std::string() : found->second;
  };
  if (said("network") != description_ || said("layout") != FlatParameters::kLayout) {
    throw CheckpointError(state_file_.string() + ": is a training of another network; choose another output folder");
  }
  flat_->values.copy_(state.tensors.at("values"));
  flat_->average.copy_(state.tensors.at("average"));
  flat_->first.copy_(state.tensors.at("first"));
  flat_->second.copy_(state.tensors.at("second"));
  flat_->publish();
  step_ = std::stoll(said("step"));
  seconds_before_ = std::stod(said("seconds"));
  for (auto& row : read_loss_csv(folder_ / "loss.csv")) {
    if (row.step <= step_) rows_.push_back(row);
  }
}

double Training::fraction() const {
  const double f = recipe_.steps > 0 ? static_cast<double>(step_) / static_cast<double>(recipe_.steps)
                                     : seconds() / (recipe_.minutes * 60);
  return std::min(1.0, f);
}

void Training::forward_backward(Pass& pass) {
  const double d2 = recipe_.network.sigma_data * recipe_.network.sigma_data;
  const at::Tensor s2 = pass.sigma.square().reshape({-1, 1, 1, 1});
  flat_->clear_gradients();
  std::optional<WithoutCudaKernel> plain;
  if (!levers_.kernel) plain.emplace();
  const at::Tensor denoised = network_.forward(pass.noisy, pass.sigma, pass.labels);
  const at::Tensor loss = ((s2 + d2) / (s2 * d2) * (denoised - pass.clean).square()).mean();
  loss.backward();
  pass.loss = loss.detach();
}

void Training::step(double done) {
  ++step_;
  const uint64_t seed = recipe_.seed * 1000003u + static_cast<uint64_t>(step_);
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
  const at::Tensor noisy = batch.clean + sigma.reshape({-1, 1, 1, 1}) * noise;

  Pass& pass = passes_[batch.clean.sizes().vec()];
  if (pass.graph.recorded()) {
    pass.clean.copy_(batch.clean);
    pass.noisy.copy_(noisy);
    pass.sigma.copy_(sigma);
    if (pass.labels.defined()) pass.labels.copy_(batch.labels);
    pass.graph.replay();
  } else {
    pass.clean = batch.clean;
    pass.noisy = noisy;
    pass.sigma = sigma;
    pass.labels = batch.labels;
    if (graphs_) {
      try {
        pass.graph.record([&] { forward_backward(pass); });
        pass.graph.replay();
      } catch (const std::exception& e) {
        graphs_ = false;
        if (hooks_.notice)
          hooks_.notice("the passes cannot be recorded and are launched one by one: " +
                        std::string(e.what()).substr(0, 300));
      }
    }
    if (!pass.graph.recorded()) forward_backward(pass);
  }
  at::NoGradGuard no_grad;
  loss_sum_.add_(pass.loss);
  ++loss_count_;
  const double size = static_cast<double>(batch.clean.size(2) * batch.clean.size(3));
  samples_ += static_cast<double>(batch.clean.size(0)) * size;
  update(done);
}

void Training::update(double done) {
  FlatParameters& flat = *flat_;
  flat.gather_gradients();
  const double warmup =
      std::min(1.0, static_cast<double>(step_) / static_cast<double>(std::max<int64_t>(1, recipe_.warmup_steps)));
  const double rate = recipe_.learning_rate * warmup * 0.5 * (1 + std::cos(M_PI * done));
  // On a GPU the norm stays there, where it scales the gradient; a NaN in it reaches the loss of the next step.
  double scale = 1;
  const at::Tensor norm = flat.gradient.norm();
  if (device_.is_cpu() || !levers_.queue) {
    const double value = norm.item<double>();
    if (!std::isfinite(value)) loss_sum_.fill_(NAN);
    scale = std::min(1.0, recipe_.gradient_clip / (value + 1e-12));
  } else {
    flat.gradient.mul_((recipe_.gradient_clip / (norm + 1e-12)).clamp_max(1.0));
    loss_sum_.add_(norm * 0.0);
  }
  if (!levers_.queue) check_finite();
  const AdamwSettings adamw{rate, recipe_.beta1, recipe_.beta2, recipe_.weight_decay};
  if (recipe_.optimizer == "adamw") {
    adamw_step(flat.values, flat.gradient, flat.first, flat.second, step_, scale, adamw);
  } else {
    muon_step(flat.matrices(flat.values), flat.matrices(flat.gradient), flat.matrices(flat.first), scale, rate,
              recipe_.weight_decay, compute_);
    adamw_step(flat.rest(flat.values), flat.rest(flat.gradient), flat.rest(flat.first), flat.rest(flat.second), step_,
               scale, adamw);
  }
  flat.publish();
  const double decay = std::min(recipe_.ema, (1.0 + static_cast<double>(step_)) / (10.0 + static_cast<double>(step_)));
  flat.average.lerp_(flat.values, 1.0 - decay);
}

void Training::check_finite() {
  if (std::isfinite(loss_sum_.item<double>())) return;
  throw std::runtime_error("training stopped at step " + std::to_string(step_) +
                           ": the loss is not a number; the last checkpoint is kept (a smaller learning rate helps)");
}

void Training::save() {
  check_finite();
  if (folder_.empty()) return;
  Checkpoint state;
  state.tensors = {
      {"values", flat_->values}, {"average", flat_->average}, {"first", flat_->first}, {"second", flat_->second}};
  state.metadata = {{"network", description_},
                    {"layout", FlatParameters::kLayout},
                    {"step", std::to_string(step_)},
                    {"seconds", std::to_string(seconds())}};
  write_safetensors(state_file_, state);
  flat_->copy_average(averaged_);
  auto metadata = data_.metadata();
  metadata["recipe"] = json_text(json(recipe_));
  metadata["step"] = std::to_string(step_);
  save_denoising_unet(folder_ / "model.safetensors", averaged_, metadata);
  next_save_ = seconds() + recipe_.checkpoint_minutes * 60;
}

void Training::validate(TrainingRow& row) {
  flat_->copy_average(averaged_);
  row.psnr = data_.validate(averaged_, recipe_.validation_sigmas);
  if (hooks_.write_image && recipe_.data == "photos") {
    hooks_.write_image(folder_ / "samples", sheet(sample_unconditional(averaged_, 16, recipe_.crop)));
  }
}

void Training::report(bool finished) {
  check_finite();
  const auto now = Clock::now();
  const double spent = std::max(1e-6, std::chrono::duration<double>(now - last_report_).count());
  TrainingRow row{step_,
                  seconds() / 60,
                  loss_sum_.item<double>() / static_cast<double>(loss_count_),
                  recipe_.learning_rate * 0.5 * (1 + std::cos(M_PI * fraction())),
                  {}};
  loss_sum_.zero_();
  loss_count_ = 0;
  if (seconds() >= next_validation_ || finished) {
    validate(row);
    next_validation_ = seconds() + recipe_.validate_minutes * 60;
  }
  rows_.push_back(row);
  if (!folder_.empty()) write_loss_csv(folder_ / "loss.csv", rows_, recipe_.validation_sigmas);
  if (!row.psnr.empty() && hooks_.write_image) hooks_.write_image(folder_ / "loss", draw_loss_curve(rows_));
  if (hooks_.progress) {
    const double f = std::max(1e-6, fraction());
    const double size = static_cast<double>(recipe_.data == "stems" ? recipe_.frames * recipe_.codec.bins
                                                                    : recipe_.crop * recipe_.crop);
    hooks_.progress(
        {&rows_.back(), f, seconds() / f * (1 - f), samples_ / size / spent, 3 * operations_ * samples_ / spent});
  }
  samples_ = 0;
  last_report_ = Clock::now();
}

void Training::run() {
  {  // operations of a forward pass, for each pixel of a sample
    at::NoGradGuard no_grad;
    const at::Tensor sample = data_.draw(1, 0).clean.narrow(0, 0, 1);
    network_.take_operations();
    network_.forward(sample, at::ones({1}, sample.options()));
    operations_ = network_.take_operations() / static_cast<double>(sample.size(2) * sample.size(3));
  }
  last_report_ = Clock::now();
  bool stopping = false;
  while (!stopping) {
    const double done = fraction();
    const bool finished = done >= 1.0;
    stopping = finished || (hooks_.stop != nullptr && hooks_.stop->load());
    if (!stopping) step(done);
    const bool reports = loss_count_ > 0 && (step_ % recipe_.report_every == 0 || stopping);
    if (reports) report(finished);
    if (finished && !reports &&
        !rows_.empty()) {  // the last step was a report's own, before it was known to be the last
      validate(rows_.back());
      if (!folder_.empty()) write_loss_csv(folder_ / "loss.csv", rows_, recipe_.validation_sigmas);
    }
    if (seconds() >= next_save_ || stopping) save();
  }
}

}  // namespace

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

void train(const TrainingRecipe& recipe, const TrainingData& data, const std::filesystem::path& folder,
           const std::filesystem::path& initial_weights, at::Device device, const TrainingHooks& hooks,
           const TrainingLevers& levers) {
  recipe.check();
  at::manual_seed(recipe.seed);
  const OwnStream stream(device);
  Training(recipe, data, folder, initial_weights, device, hooks, levers).run();
}

}  // namespace mgdm
