// What the command line's exit codes mean: scripts rely on them.
#pragma once
#include <exception>

namespace mgdm::app {

enum Exit { kDone = 0, kUsage = 2, kInput = 3, kModel = 4, kNumerical = 5, kInterrupted = 130 };

/// Says one line of what went wrong on standard error, and gives the code for it.
int report(const std::exception& failure);

}  // namespace mgdm::app
