// Reader of what Python's `torch.save` writes: the zip format (.pt, .pth, .ckpt, .bin) and the older one before it.
//
// Nothing in a file is executed: its pickle is read as data (core/checkpoints/pickle.h). The file is mapped, so tensors
// are views of it until somebody writes to them: a checkpoint of 2 GB loads without a second copy. The file must not be
// changed while its tensors live. Storages of every type and device tag, shared ones, views with offset and stride,
// whole `torch.nn.Module` objects. Every size is checked against the file; errors are CheckpointError, one sentence
// with the file's name.
#pragma once
#include <memory>

#include "core/checkpoints/pickle.h"

namespace mgdm {

struct TorchFile {
  std::shared_ptr<const Pickle> pickle;  ///< `pickle->root` is the object that was saved
  const PickleValue& root() const { return *pickle->root; }
};

/// True if the file begins like one of the two formats.
bool is_torch_file(const std::filesystem::path& file);
/// Throws CheckpointError; ProgramError for a TorchScript archive.
TorchFile read_torch_file(const std::filesystem::path& file);

/// Parameters and buffers by name. Of a dict of tensors: itself; of a training checkpoint: what is under "state_dict";
/// of a module object: what its own `state_dict()` would give. Entries that are no tensors are left out. Tensors of
/// types that ATen 1.13 does not know (complex ones are known) do not occur. Throws CheckpointError if there is none.
std::map<std::string, at::Tensor> state_dict_of(const PickleValue& root, const std::string& name);

/// All tensors that can be reached from the root, under the path that leads to them ("state_dict.a.weight").
std::map<std::string, at::Tensor> all_tensors_of(const PickleValue& root);

/// Tensors of any weight file, .safetensors or written by torch.save, whatever its extension; or of all the files that
/// an index of shards names (core/checkpoints/shards.h).
std::map<std::string, at::Tensor> read_weights(const std::filesystem::path& file);

/// Writes a dict of tensors that Python's `torch.load` reads. Written beside the file first. Throws CheckpointError.
void write_torch_file(const std::filesystem::path& file, const std::map<std::string, at::Tensor>& tensors);

}  // namespace mgdm
