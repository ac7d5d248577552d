// An external program.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "core/operators/operator.h"

namespace mgdm {

/// An external program as a black box: `command` is run by /bin/sh for each picture, with the PNG file to read as $1
/// and the one to write as $2 (added at its end where it names neither). It is stopped after `timeout` seconds; that,
/// an exit code other than 0 (with what it wrote to standard error) or a missing picture is an OperatorError. It is run
/// once at once, to learn the size of its pictures. Only where the program is built with OpenCV.
std::unique_ptr<Operator> make_program(std::vector<int64_t> shape, const std::string& command, double timeout);

}  // namespace mgdm
