// Timing and memory of calls, for what measures this machine. Private to core/measure.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>

namespace mgdm {

/// Reads one value of it: a device computes behind the caller's back.
void wait_for(const at::Tensor& x);
/// Median of repeated calls, for these machines are noisy: at least three after a first one, for `budget` seconds. A
/// call that takes longer than five seconds is not repeated.
double seconds_of(const std::function<at::Tensor()>& call, double budget);
/// Bytes that a call needs more than were taken before it: of a CUDA device's memory, else of this process'.
int64_t peak_of(const std::function<at::Tensor()>& call, at::Device device);

/// printf into a string of at most 199 characters.
std::string format_line(const char* pattern, auto... values) {
  char line[200];
  std::snprintf(line, sizeof line, pattern, values...);
  return line;
}

}  // namespace mgdm
