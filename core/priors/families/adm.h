// What guided-diffusion's network needs to be told, wherever it stands.
#pragma once
#include "core/networks/adm_unet.h"

namespace mgdm {

class Untold;

/// Heads and their order. `published`: how it is in published networks, for the question. Throws MissingSetting.
AdmOptions adm_options(Untold& untold, const char* published);

}  // namespace mgdm
