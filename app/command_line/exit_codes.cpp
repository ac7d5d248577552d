#include "app/command_line/exit_codes.h"

#include <iostream>
#include <new>
#include <stdexcept>
#include <string>

#include "core/errors.h"

namespace mgdm::app {

namespace {

int code_of(const std::exception& failure) {
  if (const auto* error = dynamic_cast<const Error*>(&failure)) {
    switch (error->kind()) {
      case ErrorKind::Usage:
        return kUsage;
      case ErrorKind::Input:
        return kInput;
      case ErrorKind::Model:
        return kModel;
      default:
        return kNumerical;
    }
  }
  return dynamic_cast<const std::invalid_argument*>(&failure) != nullptr ? kUsage : kNumerical;
}

}  // namespace

int report(const std::exception& failure) {
  std::string what = failure.what();
  if (dynamic_cast<const std::bad_alloc*>(&failure) != nullptr) {
    what = "out of memory; try a smaller --size or fewer --samples";
  }
  std::cerr << "mgdm: " << what.substr(0, what.find('\n')) << '\n';  // one line, whatever a library wrote
  return code_of(failure);
}

}  // namespace mgdm::app
