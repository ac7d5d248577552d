#include "tests/fuzz/targets.h"

#include <ATen/ATen.h>

#include <string>

#include "core/checkpoints/torch_file.h"
#include "tests/fuzz/memory_file.h"

namespace mgdm::fuzz {

namespace {

// Reads the first and the last value that a tensor's sizes and strides reach.
void touch(const at::Tensor& tensor) {
  if (tensor.numel() == 0) return;
  at::Tensor first = tensor, last = tensor;
  while (first.dim() > 0) {
    first = first.select(0, 0);
    last = last.select(0, last.size(0) - 1);
  }
  volatile const auto* a = static_cast<const volatile unsigned char*>(first.data_ptr());
  volatile const auto* b = static_cast<const volatile unsigned char*>(last.data_ptr());
  (void)a[0];
  (void)b[last.element_size() - 1];
}

}  // namespace

void safetensors(const uint8_t* data, size_t size) {
  const MemoryFile file(data, size);
  try {
    for (const auto& [name, tensor] : read_safetensors(file.path()).tensors) touch(tensor);
  } catch (const CheckpointError&) {
  }
}

void pickle(const uint8_t* data, size_t size) {
  try {
    all_tensors_of(*read_pickle({data, size}, "fuzz", {}).root);
  } catch (const CheckpointError&) {
  }
}

void torch_file(const uint8_t* data, size_t size) {
  const MemoryFile file(data, size);
  try {
    const TorchFile read = read_torch_file(file.path());
    for (const auto& [name, tensor] : all_tensors_of(read.root())) touch(tensor);
    for (const auto& [name, tensor] : state_dict_of(read.root(), "fuzz")) touch(tensor);
  } catch (const CheckpointError&) {
  }
}

}  // namespace mgdm::fuzz
