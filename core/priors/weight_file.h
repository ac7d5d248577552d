// A file of weights, opened to see whose it is: its tensors by name, what it says of itself, the object that was saved.
// Each part is read when it is first asked for, and once. Nothing in a file is executed. For any one thread.
#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace mgdm {

class Pickle;

/// The file of weights in a folder as diffusers lays it out: its own, or that of `unet` in it, or the index of its
/// shards. A shard becomes its index where that lies beside it, any other file stays as it is. Empty: there is none.
std::filesystem::path weights_at(const std::filesystem::path& path);

/// The same of weights that are read already.
std::map<std::string, at::Tensor> without_wrappers(std::map<std::string, at::Tensor> weights);

class WeightFile {
 public:
  /// Any file that core/checkpoints reads. Throws CheckpointError.
  explicit WeightFile(std::filesystem::path file);
  /// Weights that are in memory, `name` for messages.
  WeightFile(std::map<std::string, at::Tensor> weights, std::string name);

  const std::filesystem::path& path() const { return path_; }  ///< empty: in memory
  const std::string& name() const { return name_; }            ///< for messages
  /// A TorchScript archive, which is a program: it has no weights that could be read.
  bool is_program() const { return program_; }
  /// Parameters and buffers by the names that their network gives them, without what wrappers put before them
  /// (`module.` of DataParallel, `_orig_mod.` of torch.compile, `model.` of a trainer); none of a program. Throws
  /// CheckpointError.
  const std::map<std::string, at::Tensor>& weights() const;
  bool has(const std::string& weight) const { return weights().count(weight) != 0; }
  /// What a .safetensors file says of itself.
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  /// What torch.save wrote; nullptr: another one wrote the file.
  const Pickle* pickled() const { return pickled_.get(); }

 private:
  std::filesystem::path path_;
  std::string name_;
  bool program_ = false;
  std::shared_ptr<const Pickle> pickled_;
  std::map<std::string, std::string> metadata_;
  mutable std::optional<std::map<std::string, at::Tensor>> weights_;
};

/// Whether a weight belongs to a transformer inside a U-Net, which text or other pictures condition.
bool has_transformers(const WeightFile& file);

}  // namespace mgdm
