// Reader and writer of `.safetensors` files: 8 bytes little-endian header length, a JSON header that
// names type, shape and byte range of each tensor, then the bytes. Nothing in a file is executed.
//
// Every number in the header is checked against the file's size before anything is allocated; a
// broken file is a `CheckpointError` whose message names the file and what is wrong with it.
#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <string>

#include "core/errors.h"

namespace mgdm {

struct Checkpoint {
  std::map<std::string, at::Tensor>
      tensors;  ///< contiguous, on the CPU; read ones are views of the file (core/checkpoints/mapped_file.h)
  std::map<std::string, std::string> metadata;  ///< the header's "__metadata__"
};

/// Reads all tensors: floats of 64, 32, 16 and 8 bits (8 as float32), bfloat16, integers (unsigned ones that ATen lacks
/// as the next wider type), bool. Throws CheckpointError.
Checkpoint read_safetensors(const std::filesystem::path& file);

/// Only the metadata, without reading the tensors. Throws CheckpointError.
std::map<std::string, std::string> read_safetensors_metadata(const std::filesystem::path& file);

/// Writes to a temporary file beside `file`, then renames it: a crash or a full disk leaves the old
/// file as it was. Throws CheckpointError.
void write_safetensors(const std::filesystem::path& file, const Checkpoint& checkpoint);

}  // namespace mgdm
