// One subcommand of `mgdm`: a file in app/commands, listed by the build.
#pragma once
#include <CLI/CLI.hpp>
#include <functional>
#include <string>

namespace mgdm::app {

struct Command {
  int rank;  ///< place in --help
  std::string name, help;
  /// Adds the options to the command's own parser and gives what is done once they are read: the exit code, or an
  /// exception (app/command_line/exit_codes.h).
  std::function<std::function<int()>(CLI::App& options)> add;
};

}  // namespace mgdm::app
