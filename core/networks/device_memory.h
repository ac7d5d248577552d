// Memory of a CUDA device's tensors, as LibTorch's allocator counts it. Zeros for other devices and without CUDA.
#pragma once
#include <c10/core/Device.h>

#include <cstdint>

namespace mgdm {

struct DeviceMemory {
  int64_t now = 0;   ///< bytes that tensors take
  int64_t peak = 0;  ///< bytes that they took at most since `forget_device_peak`
};

DeviceMemory device_memory(c10::Device device);
void forget_device_peak(c10::Device device);

}  // namespace mgdm
