#include "core/networks/kernels/group_norm_silu_loops.h"

namespace mgdm::kernels {
KernelSet avx512_kernels() { return make_set("avx512"); }
}  // namespace mgdm::kernels
