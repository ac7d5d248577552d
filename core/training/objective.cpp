#include "core/training/objective.h"

#include <ATen/ATen.h>

#include <cmath>

#include "core/training/autoencoding.h"
#include "core/training/denoising.h"

namespace mgdm {

std::unique_ptr<Objective> make_objective(const TrainingRecipe& recipe, const TrainingData& data,
                                          const std::filesystem::path& initial_weights, at::Device device,
                                          at::ScalarType compute) {
  return recipe.trains == "autoencoder" ? make_autoencoding(recipe, data, initial_weights, device, compute)
                                        : make_denoising(recipe, data, initial_weights, device, compute);
}

at::Tensor contact_sheet(const at::Tensor& images) {
  const int64_t columns = static_cast<int64_t>(std::ceil(std::sqrt(static_cast<double>(images.size(0)))));
  std::vector<at::Tensor> rows;
  for (int64_t i = 0; i + columns <= images.size(0); i += columns) {
    rows.push_back(at::cat(images.narrow(0, i, columns).unbind(0), 2));
  }
  return ((at::cat(rows, 1).clamp(-1, 1) + 1) * 127.5).round().to(at::kByte).cpu();
}

}  // namespace mgdm
