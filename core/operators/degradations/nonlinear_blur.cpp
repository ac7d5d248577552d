#include "core/operators/degradations/nonlinear_blur.h"

#include <ATen/ATen.h>

#include <filesystem>
#include <map>
#include <mutex>

#include "core/checkpoints/torch_file.h"
#include "core/files/folders.h"
#include "core/operators/degradations/high_dynamic_range.h"
#include "core/operators/tasks.h"

namespace mgdm {

namespace {

class NonlinearBlur : public Operator {
 public:
  NonlinearBlur(std::vector<int64_t> shape, std::shared_ptr<const KernelWizard> network, uint64_t seed)
      : Operator(std::move(shape)), network_(std::move(network)) {
    const auto& s = signal_shape();
    if (s.at(0) != 3) throw OperatorError("the nonlinear blur needs an image with three channels");
    const auto tiles = [](int64_t n) { return (n + KernelWizard::kMultiple - 1) / KernelWizard::kMultiple; };
    rows_ = tiles(s[1]) * KernelWizard::kMultiple - s[1];
    columns_ = tiles(s[2]) * KernelWizard::kMultiple - s[2];
    if ((rows_ + 1) / 2 >= s[1] || (columns_ + 1) / 2 >= s[2])
      throw OperatorError("the nonlinear blur needs sides of at least 43 pixels");
    at::Generator generator = at::detail::createCPUGenerator(seed);
    kernel_ = 1.2 * at::randn({1, KernelWizard::kKernelChannels, tiles(s[1]), tiles(s[2])}, generator,
                              at::TensorOptions().dtype(at::kFloat));
  }
  bool linear() const override { return false; }
  at::Tensor apply(const at::Tensor& x) const override {
    const auto& s = signal_shape();
    const int64_t top = rows_ / 2, left = columns_ / 2;  // other sizes are mirrored to the next that the network takes
    at::Tensor z = 0.5 * (x + 1);
    if (rows_ + columns_ > 0) z = at::reflection_pad2d(z, {left, columns_ - left, top, rows_ - top});
    const at::Tensor blurred = network_->blur(z, kernel_).slice(2, top, top + s[1]).slice(3, left, left + s[2]);
    return (2 * blurred - 1).clamp(-1, 1).flatten(1);
  }

 private:
  std::shared_ptr<const KernelWizard> network_;
  int64_t rows_ = 0, columns_ = 0;
  at::Tensor kernel_;
};

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

}  // namespace

std::unique_ptr<Operator> make_nonlinear_blur(std::vector<int64_t> shape, std::shared_ptr<const KernelWizard> network,
                                              uint64_t seed) {
  return std::make_unique<NonlinearBlur>(std::move(shape), std::move(network), seed);
}

std::vector<Task> describe_nonlinear_blur() {
  return {{.name = "nonlinear_blur",
           .label = "Remove nonlinear blur",
           .help = "Blurred by a neural network that imitates moving scenes. Needs its published weights.",
           .rank = 120,
           .group = "Blur",
           .settings =
               {{"kernel_seed", "Kernel seed", "Seed of the encoded blur kernel.", SettingKind::Integer, 0, 0, 1e9, {}},
                {"weights",
                 "Weights",
                 "File of the network's weights; empty: GOPRO_wVAE.pth or nonlinear_blur.safetensors in a "
                 "model folder.",
                 SettingKind::File,
                 "",
                 0,
                 0,
                 {}}},
           .make =
               [](const Settings& settings, const std::vector<int64_t>& shape, const Given&) {
                 return make_nonlinear_blur(shape, load_kernel_wizard(settings.at("weights")),
                                            settings.at("kernel_seed"));
               },
           .stand_in = [](const std::vector<int64_t>& shape) { return make_high_dynamic_range(shape); }}};
}

}  // namespace mgdm
