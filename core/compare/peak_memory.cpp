#include "core/compare/peak_memory.h"

#include <cstdlib>
#include <fstream>
#include <string>

#include "core/runs/run_record.h"

namespace mgdm {

int64_t peak_memory_since() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmHWM:", 0) == 0) return std::atoll(line.c_str() + 6) * 1024;
  }
  return peak_memory_bytes();
}

void forget_peak_memory() { std::ofstream("/proc/self/clear_refs") << "5"; }

}  // namespace mgdm
