#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAFunctions.h>

#include "core/networks/device_memory.h"

namespace mgdm {

namespace {

c10::DeviceIndex index_of(c10::Device device) {
  return device.has_index() ? device.index() : static_cast<c10::DeviceIndex>(c10::cuda::current_device());
}

}  // namespace

DeviceMemory device_memory(c10::Device device) {
  if (!device.is_cuda()) return {};
  const auto stats = c10::cuda::CUDACachingAllocator::getDeviceStats(index_of(device));
  const auto& bytes = stats.allocated_bytes[0];  // of all its pools
  return {bytes.current, bytes.peak};
}

void forget_device_peak(c10::Device device) {
  if (device.is_cuda()) c10::cuda::CUDACachingAllocator::resetPeakStats(index_of(device));
}

}  // namespace mgdm
