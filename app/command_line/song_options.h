// The options that say how songs are worked on.
#pragma once
#include <CLI/CLI.hpp>

#include "app/command_line/options.h"
#include "core/runs/separation.h"

namespace mgdm::app {

/// --noise, --prior, --sampler, --preset, --samples, --seed, --fixed-polarity, --set and those of the device. The prior
/// is "band" where none is named.
void add_song_options(CLI::App& app, CommonOptions& common, SeparationRequest& request);

/// `request` with what `common` says. Throws SettingError.
SeparationRequest separation_request(const CommonOptions& common, SeparationRequest request);

}  // namespace mgdm::app
