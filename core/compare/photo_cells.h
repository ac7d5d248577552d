// Runs cells of photos. Tensors that were packed on another machine in every build, photos where OpenCV is.
#pragma once
#include <map>
#include <memory>
#include <string>

#include "core/compare/medium.h"
#include "core/problems/problem.h"

namespace mgdm {

bool photo_files_can_be_read();
/// {"name", "settings"}. Throws SettingError for what there is not, and where it cannot do what the task asks.
nlohmann::json complete_classical(const std::string& name, const nlohmann::json& settings, bool fills);
std::unique_ptr<CellRunner> make_photo_cells(const ModelPlace& place);

/// What a packed input holds: "signal" [3, H, W], "hole" bool [H, W] and "reference" [3, H, W] where there are such.
/// Throws SettingError where the cell is worked on in several passes. In builds with OpenCV only.
std::map<std::string, at::Tensor> packed_input(const Cell& cell, const Prior& prior);

/// What came of a cell, ready to be measured; all on the CPU.
struct PhotoOutcome {
  at::Tensor samples;      ///< [B, 3, H, W] float32
  at::Tensor observation;  ///< [3, h, w]; undefined: none
  at::Tensor reference;    ///< [3, H, W]; undefined: not known
  at::Tensor hole;         ///< bool [H, W]; undefined: none
  at::Tensor residual;     ///< [h, w], of the first sample in sigmas (Problem::residual_map); undefined: not known
  nlohmann::json record;
  double seconds = 0;
};

/// Figures and tensors of a cell's result.
CellResult measured(const PhotoOutcome& outcome);

/// The iterates of a run that are kept: `wanted` of them, evenly over the run.
class KeptIterates {
 public:
  KeptIterates(int64_t wanted, at::Tensor reference) : wanted_(wanted), reference_(std::move(reference)) {}
  void add(const CellIterate& it);
  /// "iterates" and "noisy" into the result's tensors, and its curve.
  void put_into(CellResult& result) const;

 private:
  int64_t wanted_;
  at::Tensor reference_;  ///< [3, H, W] or undefined
  double next_ = 0;
  std::vector<at::Tensor> clean_, noisy_;
  nlohmann::json curve_ = nlohmann::json::array();
};

}  // namespace mgdm
