// What nearly every test includes, compiled once.
#pragma once
#include <ATen/ATen.h>

#include <QtTest>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>
