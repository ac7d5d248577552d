#include "core/measure/timing.h"

#include <ATen/ATen.h>
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <fstream>
#include <vector>

#include "core/networks/device_memory.h"

namespace mgdm {

namespace {

using Clock = std::chrono::steady_clock;

// Resident memory now, and its peak since `forget_peak`; Linux counts both for us.
int64_t status_bytes(const char* key) {
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);) {
    if (line.rfind(key, 0) == 0) return std::atoll(line.c_str() + std::strlen(key)) * 1024;
  }
  return 0;
}
void forget_peak() { std::ofstream("/proc/self/clear_refs") << 5; }

double timed(const std::function<at::Tensor()>& call) {
  const auto begin = Clock::now();
  wait_for(call());
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

}  // namespace

void wait_for(const at::Tensor& x) { x.flatten()[0].item<float>(); }

double seconds_of(const std::function<at::Tensor()>& call, double budget) {
  constexpr double kLong = 5;
  const double first = timed(call);
  if (first > kLong) return first;
  std::vector<double> times;
  const auto started = Clock::now();
  do {
    times.push_back(timed(call));
  } while (times.size() < 3 ||
           (std::chrono::duration<double>(Clock::now() - started).count() < budget && times.size() < 50));
  std::nth_element(times.begin(), times.begin() + static_cast<long>(times.size() / 2), times.end());
  return times[times.size() / 2];
}

int64_t peak_of(const std::function<at::Tensor()>& call, at::Device device) {
  if (device.is_cuda()) {
    const int64_t before = device_memory(device).now;
    forget_device_peak(device);
    wait_for(call());
    return device_memory(device).peak - before;
  }
  ::malloc_trim(0);  // what earlier calls left to the allocator would hide this one's need
  forget_peak();
  const int64_t before = status_bytes("VmRSS:");
  wait_for(call());
  return std::max<int64_t>(0, status_bytes("VmHWM:") - before);
}

}  // namespace mgdm
