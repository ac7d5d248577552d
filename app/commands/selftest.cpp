// mgdm selftest: whether this installation computes rightly.
#include <ATen/ATen.h>

#include <algorithm>
#include <iostream>

#include "app/command_line/command.h"
#include "app/command_line/exit_codes.h"
#include "app/command_line/options.h"
#include "core/measure/selftest.h"

namespace mgdm::app {

namespace {

int run_selftest(const CommonOptions& c) {
  use_threads(c.threads);
  const auto checks = selftest(device_of(c.place.device), [](const Check& check) {
    std::cout << (check.passed ? "ok      " : "FAILED  ") << check.name
              << (check.detail.empty() ? "" : ": " + check.detail) << std::endl;
  });
  const bool passed = std::all_of(checks.begin(), checks.end(), [](const Check& check) { return check.passed; });
  std::cout << (passed ? "This installation computes rightly.\n"
                       : "This installation computes WRONGLY; do not trust its results.\n");
  return passed ? kDone : kNumerical;
}

}  // namespace

Command describe_selftest() {
  return {10, "selftest", "Check that this installation computes rightly", [](CLI::App& app) {
            const auto c = std::make_shared<CommonOptions>();
            add_device_options(app, *c);
            return [c] { return run_selftest(*c); };
          }};
}

}  // namespace mgdm::app
