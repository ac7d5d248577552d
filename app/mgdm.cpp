// mgdm: the command line. Its subcommands are the files of app/commands.
#include <algorithm>
#include <iostream>
#include <string_view>

#include "app/command_line/command.h"
#include "app/command_line/exit_codes.h"
#include "app/command_line/options.h"
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
  // What stands behind "--" is another program's, for the command that starts one.
  char** const end = argv + argc;
  char** const dashes = std::find_if(argv, end, [](const char* word) { return std::string_view(word) == "--"; });
  if (dashes != end) behind_dashes().assign(dashes + 1, end);
  try {
    app.parse(static_cast<int>(dashes - argv), argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? kDone : kUsage;
  }
  try {
    if (!behind_dashes().empty() && !app.got_subcommand("compare"))
      throw mgdm::SettingError("nothing is expected behind --");
    const int code = action();
    std::cout.flush();
    if (code == kDone && !std::cout) throw mgdm::MediaError("standard output cannot be written (is the disk full?)");
    return code;
  } catch (const std::exception& e) {
    return report(e);
  }
}
