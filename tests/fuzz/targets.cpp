#include "tests/fuzz/targets.h"

#include <ATen/ATen.h>

#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "core/checkpoints/torch_file.h"

namespace mgdm::fuzz {

namespace {

/// Bytes as a file that is nowhere on disk.
class MemoryFile {
 public:
  MemoryFile(const uint8_t* data, size_t size) : fd_(::memfd_create("fuzz", MFD_CLOEXEC)) {
    for (size_t done = 0; done < size;) {
      const ssize_t n = ::write(fd_, data + done, size - done);
      if (n <= 0) break;
      done += static_cast<size_t>(n);
    }
  }
  ~MemoryFile() { ::close(fd_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  int fd_;
};

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
