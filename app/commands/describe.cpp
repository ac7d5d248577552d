// mgdm describe: what repeats the descriptions of tasks, samplers, settings and options, made from them.
#include <iostream>

#include "app/command_line/command.h"
#include "app/command_line/documents.h"
#include "app/command_line/exit_codes.h"
#include "core/files/atomic_file.h"
#include "core/files/json_text.h"

namespace mgdm::app {

namespace {

namespace fs = std::filesystem;

struct DescribeOptions {
  bool completion = false, man = false, check = false;
  fs::path readme, translations;
};

int describe_readme(const fs::path& file, bool check) {
  const std::string text = read_file_bytes(file), made = with_lists(text);
  if (made == text) return kDone;
  if (check) {
    std::cerr << "mgdm: " << file.string() << ": its lists are not what the program describes; mgdm describe --readme "
              << file.string() << " makes them anew\n";
    return 1;
  }
  write_file_bytes(file, made);
  return kDone;
}

int describe_everything(const DescribeOptions& o, const CLI::App& program) {
  if (o.completion) {
    std::cout << bash_completion(program);
  } else if (o.man) {
    std::cout << man_page(program);
  } else if (!o.readme.empty()) {
    return describe_readme(o.readme, o.check);
  } else if (!o.translations.empty()) {
    for (const auto& text : untranslated(o.translations)) std::cout << text << '\n';
  } else {
    std::cout << json_text(described(program), 2) << '\n';
  }
  return kDone;
}

}  // namespace

Command describe_describe() {
  return {11, "describe", "Everything that has settings, as JSON; completion, man page and lists made from it",
          [](CLI::App& app) {
            const auto o = std::make_shared<DescribeOptions>();
            app.add_flag("--completion", o->completion, "bash completion");
            app.add_flag("--man", o->man, "the man page");
            auto* readme =
                app.add_option("--readme", o->readme,
                               "make the lists of this Markdown file anew, between <!-- mgdm describe: tasks "
                               "--> (or samplers, settings, matrix) and <!-- end -->");
            app.add_flag("--check", o->check, "write nothing, fail where something would be written")->needs(readme);
            app.add_option("--translations", o->translations, "texts that this .ts file has no translation for");
            const CLI::App* program = app.get_parent();
            return [o, program] { return describe_everything(*o, *program); };
          }};
}

}  // namespace mgdm::app
