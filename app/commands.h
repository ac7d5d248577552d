// All subcommands, in the order of their names (listed by the build: core/registry.cmake).
#pragma once
#include <vector>

#include "app/command_line/command.h"

namespace mgdm::app {

std::vector<Command> commands();

}  // namespace mgdm::app
