// How much memory a cell took, of a process that runs many.
#pragma once
#include <cstdint>

namespace mgdm {

/// Largest memory of this process since `forget_peak_memory`, in bytes; where the system cannot forget, since it began.
int64_t peak_memory_since();
void forget_peak_memory();

}  // namespace mgdm
