// What every translation unit of core would pay for, compiled once. Measured: torch/nn's headers here cost each file 3
// s and more (GCC instantiates anew what they leave pending), ATen/ATen.h and json.hpp save twice what they cost.
#pragma once
#include <ATen/ATen.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>
