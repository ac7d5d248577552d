// The record of a training: one row for each report, as CSV and as a small picture.
#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <string>
#include <vector>

namespace mgdm {

struct TrainingRow {
  int64_t step = 0;
  double minutes = 0;  ///< time spent training, over all resumptions
  double loss = 0;     ///< mean weighted EDM loss since the row before
  double learning_rate = 0;
  std::vector<double> psnr;  ///< validation PSNR in dB at the recipe's noise levels; empty: not measured
};

/// Rewrites `file` with all rows. `sigmas` names the PSNR columns. Throws std::runtime_error.
void write_loss_csv(const std::filesystem::path& file, const std::vector<TrainingRow>& rows,
                    const std::vector<double>& sigmas);
/// Reads what `write_loss_csv` wrote, so that a resumed training goes on with its curve. A missing
/// file is an empty record.
std::vector<TrainingRow> read_loss_csv(const std::filesystem::path& file);
/// uint8 [3, 360, 640]: loss (left axis, logarithmic) over steps, validation PSNR above it.
at::Tensor draw_loss_curve(const std::vector<TrainingRow>& rows);

}  // namespace mgdm
