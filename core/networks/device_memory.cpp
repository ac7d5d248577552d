#include "core/networks/device_memory.h"

namespace mgdm {

DeviceMemory device_memory(c10::Device) { return {}; }
void forget_device_peak(c10::Device) {}

}  // namespace mgdm
