// mgdm: the command line. Its subcommands are the files of app/commands.
#include <algorithm>
#include <iostream>

#include "app/command_line/command.h"
#include "app/command_line/exit_codes.h"
#include "app/commands.h"
#include "app/process.h"

int main(int argc, char** argv) {
  using namespace mgdm::app;
  settle_process(argv);
  CLI::App app{"MGDM Studio: diffusion posterior sampling for photos and songs."};
  app.require_subcommand(1);
  app.set_version_flag("--version", MGDM_VERSION);
  std::function<int()> action;
  auto list = commands();
  std::sort(list.begin(), list.end(), [](const Command& a, const Command& b) { return a.rank < b.rank; });
  for (const Command& command : list) {
    CLI::App* options = app.add_subcommand(command.name, command.help);
    options->callback([&action, run = command.add(*options)] { action = run; });
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? kDone : kUsage;
  }
  try {
    return action();
  } catch (const std::exception& e) {
    return report(e);
  }
}
