#include "core/training/trainer.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <chrono>
#include <cmath>
#include <map>
#include <optional>
#include <stdexcept>

#include "core/checkpoints/safetensors.h"
#include "core/networks/group_norm_silu.h"
#include "core/networks/work_graph.h"
#include "core/training/flat_parameters.h"
#include "core/training/objective.h"
#include "core/training/optimizer.h"

namespace mgdm {

namespace {

using Clock = std::chrono::steady_clock;

class Training {
 public:
  Training(const TrainingRecipe& recipe, const TrainingData& data, const std::filesystem::path& folder,
           const std::filesystem::path& initial_weights, at::Device device, const TrainingHooks& hooks,
           const TrainingLevers& levers);
  void run();

 private:
  /// The tensors that a forward and backward pass over batches of one shape reads and writes, and its recording.
  struct Pass {
    std::vector<at::Tensor> inputs;
    at::Tensor loss;
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
  const std::unique_ptr<Objective> objective_;
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
      objective_(make_objective(recipe, data, initial_weights, device, compute_)),
      graphs_(levers.graph && WorkGraph::possible(device)) {
  if (!folder.empty()) std::filesystem::create_directories(folder);
  if (device.is_cuda()) choose_fastest_kernels();
  flat_.emplace(objective_->parameters(), device, levers.cast_once ? compute_ : at::kFloat);
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
  if (said("network") != objective_->description() || said("layout") != FlatParameters::kLayout) {
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
  flat_->clear_gradients();
  std::optional<WithoutCudaKernel> plain;
  if (!levers_.kernel) plain.emplace();
  const at::Tensor loss = objective_->loss(pass.inputs);
  loss.backward();
  pass.loss = loss.detach();
}

void Training::step(double done) {
  ++step_;
  const uint64_t seed = recipe_.seed * 1000003u + static_cast<uint64_t>(step_);
  const std::vector<at::Tensor> inputs = objective_->draw(seed);
  const at::Tensor& clean = inputs.front();
  Pass& pass = passes_[clean.sizes().vec()];
  if (pass.graph.recorded()) {
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (inputs[i].defined()) pass.inputs[i].copy_(inputs[i]);
    }
    pass.graph.replay();
  } else {
    pass.inputs = inputs;
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
  const double size = static_cast<double>(clean.size(2) * clean.size(3));
  samples_ += static_cast<double>(clean.size(0)) * size;
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
  state.metadata = {{"network", objective_->description()},
                    {"layout", FlatParameters::kLayout},
                    {"step", std::to_string(step_)},
                    {"seconds", std::to_string(seconds())}};
  write_safetensors(state_file_, state);
  flat_->copy_average(objective_->averaged_parameters());
  objective_->save(folder_ / "model.safetensors", step_);
  next_save_ = seconds() + recipe_.checkpoint_minutes * 60;
}

void Training::validate(TrainingRow& row) {
  flat_->copy_average(objective_->averaged_parameters());
  row.psnr = objective_->validate();
  if (!hooks_.write_image) return;
  const at::Tensor picture = objective_->picture();
  if (picture.defined()) hooks_.write_image(folder_ / "samples", picture);
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
    const double size = data_.sample_area();
    hooks_.progress(
        {&rows_.back(), f, seconds() / f * (1 - f), samples_ / size / spent, 3 * operations_ * samples_ / spent});
  }
  samples_ = 0;
  last_report_ = Clock::now();
}

void Training::run() {
  operations_ = objective_->operations_per_pixel();
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

void train(const TrainingRecipe& recipe, const TrainingData& data, const std::filesystem::path& folder,
           const std::filesystem::path& initial_weights, at::Device device, const TrainingHooks& hooks,
           const TrainingLevers& levers) {
  recipe.check();
  at::manual_seed(recipe.seed);
  const OwnStream stream(device);
  Training(recipe, data, folder, initial_weights, device, hooks, levers).run();
}

}  // namespace mgdm
