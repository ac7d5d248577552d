#include "core/networks/kernels/group_norm_silu_loops.h"

namespace mgdm::kernels {
KernelSet portable_kernels() { return make_set("portable"); }
}  // namespace mgdm::kernels
