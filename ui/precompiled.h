// What nearly every file of the studio includes, compiled once.
#pragma once
#include <ATen/core/Tensor.h>

#include <QtWidgets/QtWidgets>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>
