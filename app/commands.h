// All subcommands.
#pragma once
#include <vector>

#include "app/command_line/command.h"

namespace mgdm::app {

std::vector<Command> commands();

}  // namespace mgdm::app
