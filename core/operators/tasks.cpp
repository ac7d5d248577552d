#include "core/operators/tasks.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <mutex>
#include <random>

#include "core/checkpoints/torch_file.h"
#include "core/files/folders.h"
#include "core/networks/kernel_wizard.h"
#include "core/priors/catalogue.h"

namespace mgdm {

namespace {

// Rows and columns [top, bottom) x [left, right) as fractions of the paper's 256x256 images.
at::Tensor box(const std::vector<int64_t>& shape, double top, double bottom, double left, double right) {
  at::Tensor inside = at::zeros({shape[1], shape[2]}, at::kBool);
  const auto at_fraction = [](double f, int64_t n) { return static_cast<int64_t>(f / 256.0 * static_cast<double>(n)); };
  inside.slice(0, at_fraction(top, shape[1]), at_fraction(bottom, shape[1]))
      .slice(1, at_fraction(left, shape[2]), at_fraction(right, shape[2]))
      .fill_(true);
  return inside;
}

at::Tensor random_keep(const std::vector<int64_t>& shape, double rate, int64_t seed) {
  const int64_t n = shape[1] * shape[2];
  std::vector<int64_t> order(n);
  for (int64_t i = 0; i < n; ++i) order[i] = i;
  std::mt19937_64 random(static_cast<uint64_t>(seed));
  for (int64_t i = n - 1; i > 0; --i)
    std::swap(order[i], order[static_cast<int64_t>(random() % static_cast<uint64_t>(i + 1))]);
  at::Tensor keep = at::ones({n}, at::kBool);
  auto flags = keep.accessor<bool, 1>();
  for (int64_t i = 0; i < static_cast<int64_t>(rate * static_cast<double>(n)); ++i) flags[order[i]] = false;
  return keep.reshape({shape[1], shape[2]});
}

Setting real(std::string name, std::string label, std::string help, double value, double low, double high) {
  return {std::move(name), std::move(label), std::move(help), SettingKind::Real, value, low, high, {}, false};
}

// The network of the nonlinear blur, read once for each file and kept while an operator uses it.
std::shared_ptr<const KernelWizard> load_kernel_wizard(const std::string& given) {
  namespace fs = std::filesystem;
  constexpr const char* kNames[] = {"nonlinear_blur.safetensors", "GOPRO_wVAE.pth"};
  fs::path file = given;
  std::string searched;
  if (given.empty()) {
    for (const fs::path& folder : model_folders()) {
      searched += (searched.empty() ? "" : ", ") + folder.string();
      for (const char* name : kNames) {
        if (std::error_code error; file.empty() && fs::is_regular_file(folder / name, error)) file = folder / name;
      }
    }
    if (file.empty()) {
      throw OperatorError(
          "the nonlinear blur needs the weights of Tran et al.'s network (GOPRO_wVAE.pth), which are in none of the "
          "model folders: " +
          searched);
    }
  }
  static std::mutex mutex;
  static std::map<std::string, std::weak_ptr<const KernelWizard>> loaded;
  const std::lock_guard lock(mutex);
  auto& kept = loaded[file.string()];
  if (auto network = kept.lock()) return network;
  try {
    auto network = std::make_shared<const KernelWizard>(read_weights(file));
    kept = network;
    return network;
  } catch (const CheckpointError& e) {
    throw OperatorError(std::string("the nonlinear blur's weights: ") + e.what());
  } catch (const std::invalid_argument& e) {
    throw OperatorError("the nonlinear blur's weights, " + file.string() + ": " + e.what());
  }
}

std::vector<Task> make_tasks() {
  std::vector<Task> list;
  const auto add = [&](std::string name, std::string label, std::string help, double noise,
                       std::vector<Setting> settings = {}) -> Task& {
    list.push_back({std::move(name), std::move(label), std::move(help), std::move(settings), noise});
    return list.back();
  };
  add("inpainting", "Fill what I painted", "Fills the painted pixels; the rest is kept.", 0.02).needs_mask = true;
  add("inpainting_center", "Missing centre", "The central 150/256 of each side is missing.", 0.05);
  add("outpainting_half", "Missing right half", "The right half is missing.", 0.05);
  add("outpainting_top", "Missing top half", "The upper half is missing.", 0.05);
  add("outpainting_bottom", "Missing bottom half", "The lower half is missing.", 0.05);
  add("outpainting_expand", "Expand the centre", "Only the central 78/256 of each side is known.", 0.05);
  add("inpainting_random", "Random pixels missing", "A share of all pixels, drawn at random, is missing.", 0.05,
      {real("rate", "Missing share", "Share of the pixels that is missing, 0 to 1.", 0.95, 0.0, 0.999),
       {"mask_seed", "Mask seed", "Seed of the random mask.", SettingKind::Integer, 0, 0, 1e9, {}, true}});
  add("denoising", "Remove noise", "The photo with white Gaussian noise; its strength is the noise level.", 0.2);
  for (const int64_t factor : {4, 8, 16}) {
    Task& task = add(
        "sr" + std::to_string(factor), "Enlarge " + std::to_string(factor) + " times",
        "Each " + std::to_string(factor) + "x" + std::to_string(factor) + " block was averaged into one pixel.", 0.05);
    task.same_size = false;
    task.shrink = factor;
  }
  add("blur", "Remove Gaussian blur", "Convolved with a Gaussian.", 0.05,
      {real("deviation", "Blur radius", "Standard deviation of the Gaussian, in pixels.", 3.0, 0.3, 7.0)});
  add("motion_blur", "Remove motion blur", "Convolved with a straight line.", 0.05,
      {real("length", "Length", "Length of the motion, in pixels.", 20.0, 1.0, 60.0),
       real("angle", "Direction", "Direction of the motion, in degrees counter-clockwise from right.", 30.0, -180.0,
            180.0),
       {"kernel",
        "Own kernel",
        "A kernel drawn or loaded, in place of the line: a path \"x,y x,y ...\" in pixels, or rows of numbers \"0 1 0; "
        "1 2 1; 0 1 0\".",
        SettingKind::Kernel,
        "",
        0,
        0,
        {},
        false}});
  add("nonlinear_blur", "Remove nonlinear blur",
      "Blurred by a neural network that imitates moving scenes. Needs its published weights.", 0.05,
      {{"kernel_seed", "Kernel seed", "Seed of the encoded blur kernel.", SettingKind::Integer, 0, 0, 1e9, {}, false},
       {"weights",
        "Weights",
        "File of the network's weights; empty: GOPRO_wVAE.pth or nonlinear_blur.safetensors in a model folder.",
        SettingKind::File,
        "",
        0,
        0,
        {},
        true}});
  add("jpeg", "Remove JPEG artefacts", "Compressed as JPEG; the noise level stands for the error of its rounding.",
      0.15,
      {real("quality", "JPEG quality", "JPEG quality, 1 (worst) to 100.", 5, 1, 100),
       {"rounding",
        "Rounding",
        "What is made of the file's rounding. coefficients: an error of each DCT coefficient by its step (noise 0.15); "
        "straight_through: an error of the pixels; soft: the paper's cubic (use noise 0.05).",
        SettingKind::Choice,
        "coefficients",
        0,
        0,
        {"coefficients", "straight_through", "soft"},
        true}})
      .adds_noise = false;
  {
    Task& task = add("super_resolution", "Enlarge by any factor",
                     "Shrunk by any factor with the filter of an image program.", 0.05,
                     {real("factor", "Factor", "How many times each side was shrunk.", 3.0, 1.0, 32.0),
                      {"filter",
                       "Filter",
                       "The filter it was shrunk with: box (area mean), bicubic or lanczos.",
                       SettingKind::Choice,
                       "bicubic",
                       0,
                       0,
                       {"box", "bicubic", "lanczos"},
                       false}});
    task.same_size = false;
  }
  add("blur_svd", "Gaussian blur, decomposed", "Separable Gaussian blur whose weak components are lost altogether.",
      0.05, {real("deviation", "Blur radius", "Standard deviation of the Gaussian, in pixels.", 3.0, 0.3, 7.0)})
      .simulated_only = true;
  add("high_dynamic_range", "Recover clipped light", "Contrast was multiplied and what left the range was cut off.",
      0.05, {real("gain", "Gain", "Factor of the contrast; 2 is the paper's.", 2.0, 1.0, 10.0)});
  add("quantisation", "Remove banding", "Rounded to a few levels; the noise level stands for the error of rounding.",
      0.1, {{"levels", "Levels", "Values that each colour can have.", SettingKind::Integer, 8, 2, 256, {}, false}})
      .adds_noise = false;
  {
    Task& task = add("phase_retrieval", "Phase retrieval",
                     "Only the amplitudes of the Fourier transform are known, not the phases.", 0.05,
                     {real("oversample", "Oversampling", "Zero padding, in eighths of the side.", 2.0, 0.0, 8.0)});
    task.same_size = false;
    task.simulated_only = true;
    task.image_valued = false;
  }
#ifdef MGDM_CODECS
  add("jpeg_file", "JPEG file, as a black box", "Compressed by a real JPEG codec, of which no gradient is known.", 0.15,
      {{"quality", "JPEG quality", "JPEG quality, 1 (worst) to 100.", SettingKind::Integer, 5, 1, 100, {}, false}})
      .adds_noise = false;
  add("webp_file", "WebP file, as a black box", "Compressed by a real WebP codec, of which no gradient is known.", 0.15,
      {{"quality", "WebP quality", "WebP quality, 1 (worst) to 100.", SettingKind::Integer, 5, 1, 100, {}, false}})
      .adds_noise = false;
  {
    Task& task = add("program", "Undo any program",
                     "What a program of yours does to a picture, as a black box: no gradient is needed. The noise "
                     "level stands for what it does at random.",
                     0.1,
                     {{"command",
                       "Command",
                       "Command line for /bin/sh: $1 is the PNG file to read, $2 the one to write; added at the end "
                       "where it names neither.",
                       SettingKind::Text,
                       "",
                       0,
                       0,
                       {},
                       false},
                      real("timeout", "Time-out", "Seconds after which the program is stopped.", 30.0, 0.1, 3600.0)});
    task.adds_noise = false;
    task.runs_program = true;
  }
#endif
  add("colorization", "Colourise", "Only the mean of the colours is known.", 0.05);
  return list;
}

}  // namespace

const std::vector<Task>& tasks() {
  static const std::vector<Task> list = make_tasks();
  return list;
}

const Task& find_task(const std::string& name, Settings& settings) {
  std::string wanted = name;
  if (name.size() > 4 && name.rfind("jpeg", 0) == 0 &&
      std::all_of(name.begin() + 4, name.end(), [](unsigned char c) { return std::isdigit(c); })) {
    wanted = "jpeg";
    if (!settings.contains("quality")) settings["quality"] = std::stoi(name.substr(4));
  }
  std::string known;
  for (const auto& task : tasks()) {
    if (task.name == wanted) return task;
    known += (known.empty() ? "" : ", ") + task.name;
  }
  throw SettingError("task '" + name + "' is unknown; known are " + known);
}

std::shared_ptr<Operator> make_operator(const Task& task, const Settings& settings, const std::vector<int64_t>& shape,
                                        const at::Tensor& mask, std::array<int64_t, 2> observed) {
  const std::string& n = task.name;
  const auto value = [&](const char* key) { return settings.at(key).get<double>(); };
  const int64_t kernel_size = std::min<int64_t>(61, (std::min(shape[1], shape[2]) - 1) / 2 * 2 + 1);
  if (task.needs_mask) {
    if (!mask.defined()) throw OperatorError("task '" + n + "' needs a mask");
    const at::Tensor hole = mask.to(at::kBool);
    if (!hole.any().item<bool>()) throw OperatorError("the mask is empty: paint the part to fill first");
    return make_inpainting(shape, hole.logical_not());
  }
  if (n == "inpainting_center") return make_inpainting(shape, box(shape, 50, 200, 50, 200).logical_not());
  if (n == "outpainting_half") return make_inpainting(shape, box(shape, 0, 256, 0, 128));
  if (n == "outpainting_top") return make_inpainting(shape, box(shape, 128, 256, 0, 256));
  if (n == "outpainting_bottom") return make_inpainting(shape, box(shape, 0, 128, 0, 256));
  if (n == "outpainting_expand") return make_inpainting(shape, box(shape, 89, 167, 89, 167));
  if (n == "inpainting_random")
    return make_inpainting(shape, random_keep(shape, value("rate"), settings.at("mask_seed")));
  if (n == "denoising") return make_identity(shape);
  if (task.shrink > 1) return make_super_resolution(shape, task.shrink);
  if (n == "blur") return make_blur(shape, gaussian_kernel(kernel_size, value("deviation")));
  if (n == "motion_blur") {
    const std::string kernel = settings.at("kernel");
    return make_blur(shape, kernel.empty() ? motion_kernel(kernel_size, value("length"), value("angle"))
                                           : parse_kernel(kernel, kernel_size));
  }
  if (n == "nonlinear_blur")
    return make_nonlinear_blur(shape, load_kernel_wizard(settings.at("weights")), settings.at("kernel_seed"));
  if (n == "jpeg") {
    if (settings.at("rounding") == "coefficients") return make_jpeg_coefficients(shape, value("quality"));
    const bool soft = settings.at("rounding") == "soft";
    return make_jpeg(shape, value("quality"), {.rounding = soft ? JpegRounding::Soft : JpegRounding::StraightThrough});
  }
  if (n == "super_resolution") {
    const std::string filter = settings.at("filter");
    const ResizeFilter kind = filter == "box"       ? ResizeFilter::Box
                              : filter == "bicubic" ? ResizeFilter::Bicubic
                                                    : ResizeFilter::Lanczos;
    return observed[0] > 0 ? make_resize_to(shape, observed, kind) : make_resize(shape, value("factor"), kind);
  }
  if (n == "blur_svd") return make_blur_svd(shape, value("deviation"));
  if (n == "high_dynamic_range") return make_high_dynamic_range(shape, value("gain"));
  if (n == "quantisation") return make_quantisation(shape, settings.at("levels"));
  if (n == "phase_retrieval")
    return make_phase_retrieval(
        shape, static_cast<int64_t>(value("oversample") / 8 * static_cast<double>(std::max(shape[1], shape[2]))));
#ifdef MGDM_CODECS
  if (n == "jpeg_file") return make_codec(shape, ".jpg", settings.at("quality"));
  if (n == "webp_file") return make_codec(shape, ".webp", settings.at("quality"));
  if (n == "program") return make_program(shape, settings.at("command"), value("timeout"));
#endif
  return make_grey(shape);
}

double shrink_factor(const Task& task, const Settings& settings) {
  return task.name == "super_resolution" ? settings.at("factor").get<double>() : static_cast<double>(task.shrink);
}

std::shared_ptr<const Operator> example_operator(const Task& task) {
  if (task.runs_program) return make_black_box({3, 64, 64}, [](const at::Tensor& x) { return x; });
  if (task.name == "nonlinear_blur") return make_high_dynamic_range({3, 64, 64});
  at::Tensor mask;
  if (task.needs_mask) {
    mask = at::zeros({64, 64}, at::kBool);
    mask.slice(0, 16, 32).fill_(true);
  }
  return make_operator(task, complete_settings(task.settings, Settings::object(), "task " + task.name), {3, 64, 64},
                       mask);
}

}  // namespace mgdm
