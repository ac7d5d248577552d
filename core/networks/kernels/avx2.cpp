#include "core/networks/kernels/group_norm_silu_loops.h"

namespace mgdm::kernels {
KernelSet avx2_kernels() { return make_set("avx2"); }
}  // namespace mgdm::kernels
