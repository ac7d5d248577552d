// A folder of cells: one file each, written in one piece, named by the key of its content. Any number of processes may
// fill it at once, also on several machines that share the disk: a kill loses one cell, and the same command goes on.
//
//   comparison.json         what the folder was last asked for (core/compare/sweep.h)
//   KEY.safetensors         a finished cell: tensors, and its run file in the metadata ("cell")
//   KEY.failed.json         a cell that failed: {"error": sentence, "label": ...}
//   KEY.state.safetensors   where an interrupted cell goes on (core/runs/run_state.h, separation_state.h)
//   KEY.lock                held (flock) by the process that is on it
#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "core/compare/figures.h"

namespace mgdm {

struct CellResult {
  std::string key, label;
  nlohmann::json record;  ///< as in run.json, or what the medium has instead
  Figures figures;
  nlohmann::json curve;  ///< [{"evaluations", "seconds", "residual", "psnr"...}...], one for each iterate that was kept
  std::string error;     ///< of a cell that failed
  /// Photos: "samples" uint8 [B, 3, H, W], "observation" and "reference" uint8 [3, h, w] where there are such,
  /// "iterates" uint8 [N, 3, H, W] and "noisy" the same (clean and noisy estimates of the first sample), "residual"
  /// float16 [h, w] in sigmas of the first sample. Songs: "stems" [stems, channels, L],
  /// "mix" [channels, L] and "reference" as "stems", int16 or float32 (core/compare/song_cells.h). Toy problems:
  /// "samples" float64 [n, d].
  std::map<std::string, at::Tensor> tensors;
};

/// What a process holds while it is on a cell. Let go when it is destroyed or the process ends, however it does.
class CellClaim {
 public:
  ~CellClaim();
  CellClaim(const CellClaim&) = delete;
  CellClaim& operator=(const CellClaim&) = delete;

 private:
  friend class CellStore;
  CellClaim() = default;
  int lock_ = -1;
  std::filesystem::path file_;
};

/// Any thread. Throws MediaError where the disk is full or the folder cannot be written.
class CellStore {
 public:
  /// Makes the folder where it is missing.
  explicit CellStore(std::filesystem::path folder);

  const std::filesystem::path& folder() const { return folder_; }
  bool has(const std::string& key) const;
  bool failed(const std::string& key) const;
  /// Finished or failed; nullopt: neither. `tensors`: false reads only the record. A damaged file counts as none.
  std::optional<CellResult> read(const std::string& key, bool tensors = true) const;
  void write(const CellResult& result) const;
  std::filesystem::path state_file(const std::string& key) const;

  /// nullptr: another process is on it. Where the disk knows no locks, everybody gets it: the file is written in one
  /// piece all the same.
  std::unique_ptr<CellClaim> claim(const std::string& key) const;

 private:
  std::filesystem::path file(const std::string& key, const char* ending) const;
  std::filesystem::path folder_;
};

}  // namespace mgdm
