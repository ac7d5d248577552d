#include "core/training/trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <future>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "core/checkpoints/safetensors.h"
#include "core/priors/denoising_unet_file.h"
#include "core/training/optimizer.h"

namespace mgdm {

namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

[[noreturn]] void reject(const std::string& what) { throw std::invalid_argument("training recipe: " + what); }

template <typename Recipe, typename Visitor>
void visit_settings(Recipe& r, const Visitor& visit) {
  visit("network", r.network);
  visit("data", r.data);
  visit("crop", r.crop);
  visit("pyramid_factor", r.pyramid_factor);
  visit("shares", r.shares);
  visit("frames", r.frames);
  visit("codec", r.codec);
  visit("muted", r.muted);
  visit("shuffled", r.shuffled);
  visit("log_sigma_mean", r.log_sigma_mean);
  visit("log_sigma_std", r.log_sigma_std);
  visit("sigma_min", r.sigma_min);
  visit("sigma_max", r.sigma_max);
  visit("optimizer", r.optimizer);
  visit("learning_rate", r.learning_rate);
  visit("beta1", r.beta1);
  visit("beta2", r.beta2);
  visit("weight_decay", r.weight_decay);
  visit("warmup_steps", r.warmup_steps);
  visit("gradient_clip", r.gradient_clip);
  visit("ema", r.ema);
  visit("batch", r.batch);
  visit("minutes", r.minutes);
  visit("steps", r.steps);
  visit("seed", r.seed);
  visit("precision", r.precision);
  visit("report_every", r.report_every);
  visit("validate_minutes", r.validate_minutes);
  visit("checkpoint_minutes", r.checkpoint_minutes);
  visit("validation_sigmas", r.validation_sigmas);
  visit("validation_photos", r.validation_photos);
  visit("validation_size", r.validation_size);
}

// The network's parameters, their gradients and the optimiser's state as flat vectors; the network's
// tensors are views into them.
struct FlatParameters {
  struct Piece {
    std::string name;
    int64_t begin, size;
    bool matrix;  // a 3x3 convolution away from the image ends
  };
  std::vector<Piece> pieces;
  int64_t matrix_total = 0;  // elements of the matrices, which come first
  at::Tensor values, gradient, first, second, average;

  FlatParameters(DenoisingUnet& network, at::Device device) {
    int64_t total = 0;
    for (const auto& item : network.named_parameters()) {
      const auto& p = item.value();
      const bool ends = item.key().rfind("in_", 0) == 0 || item.key().rfind("out_", 0) == 0;
      pieces.push_back({item.key(), 0, p.numel(), p.dim() == 4 && p.size(2) == 3 && !ends});
    }
    for (const bool matrices : {true, false}) {
      for (auto& piece : pieces) {
        if (piece.matrix != matrices) continue;
        piece.begin = total;
        total += piece.size;
      }
      if (matrices) matrix_total = total;
    }
    const auto options = at::TensorOptions().dtype(at::kFloat).device(device);
    values = at::empty({total}, options);
    gradient = at::zeros({total}, options);
    size_t i = 0;
    for (auto& item : network.named_parameters()) {
      at::Tensor& p = item.value();
      const auto& piece = pieces[i++];
      // channels_last strides for convolutions, plain ones for the rest
      const at::Tensor layout = p.dim() == 4 ? p.contiguous(at::MemoryFormat::ChannelsLast) : p.contiguous();
      at::Tensor view = values.narrow(0, piece.begin, piece.size).as_strided(p.sizes(), layout.strides());
      at::NoGradGuard no_grad;
      view.copy_(p);
      p.set_data(view);
      p.mutable_grad() = gradient.narrow(0, piece.begin, piece.size).as_strided(p.sizes(), layout.strides());
    }
    first = at::zeros_like(values);
    second = at::zeros_like(values);
    average = values.clone();
  }

  at::Tensor view(const at::Tensor& flat, const Piece& piece, const at::Tensor& like) const {
    return flat.narrow(0, piece.begin, piece.size).as_strided(like.sizes(), like.strides());
  }
};

void copy_average(const FlatParameters& flat, DenoisingUnet& into) {
  at::NoGradGuard no_grad;
  size_t i = 0;
  for (auto& item : into.named_parameters()) {
    at::Tensor& p = item.value();
    const at::Tensor layout = p.dim() == 4 ? p.contiguous(at::MemoryFormat::ChannelsLast) : p;
    p.set_data(flat.view(flat.average, flat.pieces[i++], layout).clone(at::MemoryFormat::Preserve));
  }
}

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

}  // namespace

void TrainingRecipe::check() const {
  network.check();
  const auto positive = [](const char* name, double value) {
    if (!(value > 0)) reject(std::string(name) + " is " + std::to_string(value) + ", must be positive");
  };
  if (data != "photos" && data != "stems") reject("data is '" + data + "', must be photos or stems");
  if (data == "stems") {
    codec.check();
    const int64_t multiple = network.size_multiple();
    if (frames < multiple || frames % multiple != 0 || codec.bins % multiple != 0) {
      reject("frames and codec.bins must be multiples of " + std::to_string(multiple));
    }
    if (!(muted >= 0 && muted < 1) || !(shuffled >= 0 && shuffled <= 1)) reject("muted and shuffled must be 0 to 1");
  } else if (crop < network.size_multiple() || crop % network.size_multiple() != 0) {
    reject("crop is " + std::to_string(crop) + ", must be a multiple of " + std::to_string(network.size_multiple()));
  }
  if (optimizer != "adamw" && optimizer != "muon") reject("optimizer is '" + optimizer + "', must be adamw or muon");
  if (precision != "bfloat16" && precision != "float32") reject("precision is '" + precision + "', must be bfloat16 or float32");
  if ((minutes > 0) == (steps > 0)) reject("exactly one of minutes and steps must be positive");
  if (!(pyramid_factor > 0.1 && pyramid_factor < 1)) reject("pyramid_factor must be 0.1 to 1");
  if (!(ema >= 0 && ema < 1)) reject("ema must be in 0 to 1");
  positive("learning_rate", learning_rate);
  positive("batch", static_cast<double>(batch));
  positive("gradient_clip", gradient_clip);
  positive("report_every", static_cast<double>(report_every));
  positive("sigma_min", sigma_min);
  if (!(sigma_max > sigma_min)) reject("sigma_max must be above sigma_min");
}

void to_json(json& j, const TrainingRecipe& recipe) {
  j = json::object();
  visit_settings(recipe, [&](const char* name, const auto& value) { j[name] = value; });
}

void from_json(const json& j, TrainingRecipe& recipe) {
  if (!j.is_object()) reject("must be a JSON object");
  size_t known = 0;
  visit_settings(recipe, [&](const char* name, auto& value) {
    const auto found = j.find(name);
    if (found == j.end()) return;
    ++known;
    try {
      found->get_to(value);
    } catch (const json::exception&) {
      reject(std::string("setting '") + name + "' has the wrong type: " + found->dump());
    }
  });
  if (known != j.size()) {
    const json all = recipe;
    for (const auto& [name, value] : j.items()) {
      if (!all.contains(name)) reject("unknown setting '" + name + "'");
    }
  }
  recipe.check();
}

at::Tensor sample_unconditional(DenoisingUnet& network, int64_t count, int64_t size, int64_t steps, uint64_t seed) {
  at::NoGradGuard no_grad;
  const double top = std::pow(80.0, 1 / 7.0), bottom = std::pow(0.01, 1 / 7.0);
  std::vector<double> sigma;
  for (int64_t i = 0; i < steps; ++i) {
    sigma.push_back(std::pow(top + (bottom - top) * static_cast<double>(i) / static_cast<double>(steps - 1), 7.0));
  }
  sigma.push_back(0.0);
  const at::Device device = network.parameters().front().device();
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

void train(const TrainingRecipe& recipe, const TrainingData& dataset, const std::filesystem::path& folder, const std::filesystem::path& initial_weights,
           at::Device device, const TrainingHooks& hooks) {
  recipe.check();
  std::filesystem::create_directories(folder);
  const auto state_file = folder / "training.safetensors";
  const auto compute = recipe.precision == "bfloat16" ? at::kBFloat16 : at::kFloat;

  at::manual_seed(recipe.seed);
  DenoisingUnet network(recipe.network);
  if (!initial_weights.empty()) {
    const auto initial = load_denoising_unet(initial_weights);
    if (!(initial->options() == recipe.network)) {
      throw CheckpointError(initial_weights.string() + ": is another network than the recipe's");
    }
    at::NoGradGuard no_grad;
    for (auto& item : network.named_parameters()) item.value().copy_(initial->named_parameters()[item.key()]);
  }
  network.to(device);
  network.set_compute_type(compute);
  FlatParameters flat(network, device);
  DenoisingUnet averaged(recipe.network);
  averaged.to(device);
  averaged.set_compute_type(compute);

  int64_t step = 0;
  double seconds_before = 0;
  std::vector<TrainingRow> rows;
  const std::string description = json(recipe.network).dump();
  if (std::filesystem::exists(state_file)) {
    const Checkpoint state = read_safetensors(state_file);
    if (state.metadata.at("network") != description) {
      throw CheckpointError(state_file.string() + ": is a training of another network; choose another output folder");
    }
    flat.values.copy_(state.tensors.at("values"));
    flat.average.copy_(state.tensors.at("average"));
    flat.first.copy_(state.tensors.at("first"));
    flat.second.copy_(state.tensors.at("second"));
    step = std::stoll(state.metadata.at("step"));
    seconds_before = std::stod(state.metadata.at("seconds"));
    for (auto& row : read_loss_csv(folder / "loss.csv")) {
      if (row.step <= step) rows.push_back(row);
    }
  }

  const auto started = Clock::now();
  const int64_t first_step = step;
  const auto seconds = [&] {
    return seconds_before + std::chrono::duration<double>(Clock::now() - started).count();
  };
  const auto fraction = [&] {
    const double f = recipe.steps > 0 ? static_cast<double>(step) / static_cast<double>(recipe.steps)
                                      : seconds() / (recipe.minutes * 60);
    return std::min(1.0, f);
  };
  const auto save = [&] {
    Checkpoint state;
    state.tensors = {{"values", flat.values}, {"average", flat.average}, {"first", flat.first}, {"second", flat.second}};
    state.metadata = {{"network", description}, {"step", std::to_string(step)}, {"seconds", std::to_string(seconds())}};
    write_safetensors(state_file, state);
    copy_average(flat, averaged);
    auto metadata = dataset.metadata();
    metadata["recipe"] = json(recipe).dump();
    metadata["step"] = std::to_string(step);
    save_denoising_unet(folder / "model.safetensors", averaged, metadata);
  };
  const auto validate = [&](TrainingRow& row) {
    copy_average(flat, averaged);
    row.psnr = dataset.validate(averaged, recipe.validation_sigmas);
    if (hooks.write_image && recipe.data == "photos") {
      hooks.write_image(folder / "samples", sheet(sample_unconditional(averaged, 16, recipe.crop)));
    }
  };

  double loss_sum = 0, next_validation = seconds() + recipe.validate_minutes * 60,
         next_save = seconds() + recipe.checkpoint_minutes * 60;
  int64_t loss_count = 0;
  const double d2 = recipe.network.sigma_data * recipe.network.sigma_data;
  // The next batch is made while the network works on this one.
  const auto seed_of = [&](int64_t s) { return recipe.seed * 1000003u + static_cast<uint64_t>(s); };
  const auto draw_ahead = [&](uint64_t seed) {
    return std::async(device.is_cpu() ? std::launch::deferred : std::launch::async,
                      [&dataset, &recipe, device, seed] { return dataset.draw(recipe.batch, seed, device); });
  };
  std::future<at::Tensor> next = draw_ahead(seed_of(step + 1));
  bool stopping = false;
  while (!stopping) {
    const double done = fraction();
    const bool finished = done >= 1.0;
    stopping = finished || (hooks.stop != nullptr && hooks.stop->load());
    if (!stopping) {
      ++step;
      const uint64_t seed = seed_of(step);
      auto generator = at::detail::createCPUGenerator(seed);
      const at::Tensor clean = next.get();
      next = draw_ahead(seed_of(step + 1));
      const at::Tensor sigma = draw_sigma(recipe, recipe.batch, generator).to(device);
      at::Tensor noise;
      if (device.is_cpu()) {
        noise = at::randn(clean.sizes(), generator);
      } else {
        at::manual_seed(seed);
        noise = at::randn(clean.sizes(), clean.options());
      }
      const at::Tensor s = sigma.reshape({-1, 1, 1, 1});
      const at::Tensor weight = (s * s + d2) / (s * s * d2);
      flat.gradient.zero_();
      const at::Tensor denoised = network.forward(clean + s * noise, sigma);
      const at::Tensor loss = (weight * (denoised - clean).square()).mean();
      loss.backward();

      const double value = loss.item<double>(), norm = flat.gradient.norm().item<double>();
      if (!std::isfinite(value) || !std::isfinite(norm)) {
        throw std::runtime_error("training stopped at step " + std::to_string(step) +
                                 ": the loss is not a number; the last checkpoint is kept (a smaller learning rate helps)");
      }
      loss_sum += value;
      ++loss_count;

      at::NoGradGuard no_grad;
      const double warmup = std::min(1.0, static_cast<double>(step) / static_cast<double>(std::max<int64_t>(1, recipe.warmup_steps)));
      const double rate = recipe.learning_rate * warmup * 0.5 * (1 + std::cos(M_PI * done));
      const double scale = std::min(1.0, recipe.gradient_clip / (norm + 1e-12));
      const AdamwSettings adamw{rate, recipe.beta1, recipe.beta2, recipe.weight_decay};
      if (recipe.optimizer == "adamw") {
        adamw_step(flat.values, flat.gradient, flat.first, flat.second, step, scale, adamw);
      } else {
        std::vector<at::Tensor> weights, gradients, momenta;
        size_t i = 0;
        for (auto& item : network.named_parameters()) {
          const auto& piece = flat.pieces[i++];
          if (!piece.matrix) continue;
          const at::Tensor p = item.value();
          weights.push_back(flat.view(flat.values, piece, p));
          gradients.push_back(flat.view(flat.gradient, piece, p));
          momenta.push_back(flat.view(flat.first, piece, p));
        }
        muon_step(weights, gradients, momenta, scale, rate, recipe.weight_decay, compute);
        const auto rest = [&](at::Tensor& all) { return all.slice(0, flat.matrix_total); };
        adamw_step(rest(flat.values), rest(flat.gradient), rest(flat.first), rest(flat.second), step, scale, adamw);
      }
      const double decay = std::min(recipe.ema, (1.0 + static_cast<double>(step)) / (10.0 + static_cast<double>(step)));
      flat.average.lerp_(flat.values, 1.0 - decay);
    }

    const bool report = loss_count > 0 && (step % recipe.report_every == 0 || stopping);
    if (report) {
      TrainingRow row{step, seconds() / 60, loss_sum / static_cast<double>(loss_count),
                      recipe.learning_rate * 0.5 * (1 + std::cos(M_PI * done)), {}};
      loss_sum = 0;
      loss_count = 0;
      if (seconds() >= next_validation || finished) {
        validate(row);
        next_validation = seconds() + recipe.validate_minutes * 60;
      }
      rows.push_back(row);
      write_loss_csv(folder / "loss.csv", rows, recipe.validation_sigmas);
      if (!row.psnr.empty() && hooks.write_image) hooks.write_image(folder / "loss", draw_loss_curve(rows));
      if (hooks.progress) {
        const double f = std::max(1e-6, fraction()), spent = seconds() - seconds_before;
        hooks.progress({&rows.back(), f, seconds() / f * (1 - f),
                        static_cast<double>((step - first_step) * recipe.batch) / std::max(1e-6, spent)});
      }
    }
    if (finished && !report && !rows.empty()) {  // the last step was a report's own, before it was known to be the last
      validate(rows.back());
      write_loss_csv(folder / "loss.csv", rows, recipe.validation_sigmas);
    }
    if (seconds() >= next_save || stopping) {
      save();
      next_save = seconds() + recipe.checkpoint_minutes * 60;
    }
  }
}

}  // namespace mgdm
