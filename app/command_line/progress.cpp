#include "app/command_line/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <iostream>
#include <sstream>

namespace mgdm::app {

ProgressLine::ProgressLine(bool wanted) : shown_(wanted && isatty(STDERR_FILENO) != 0) {}

ProgressLine::~ProgressLine() { clear(); }

void ProgressLine::clear() {
  if (drawn_) std::cerr << "\r\x1b[K" << std::flush;
  drawn_ = false;
}

void ProgressLine::show(const std::string& text) {
  if (!shown_) return;
  drawn_ = true;
  std::cerr << '\r' << text << "\x1b[K" << std::flush;
}

void ProgressLine::show(double share, const std::string& what) {
  show(what + ' ' + std::to_string(static_cast<int>(share * 100)) + " %");
}

std::string progress_bar(double share) {
  constexpr int kWidth = 30;
  const auto full = static_cast<size_t>(std::clamp(share, 0.0, 1.0) * kWidth);
  return '[' + std::string(full, '#') + std::string(kWidth - full, '.') + "] ";
}

std::string duration_words(double seconds) {
  const auto whole = static_cast<int64_t>(std::llround(seconds)), minutes = (whole + 30) / 60;
  if (whole < 100) return std::to_string(whole) + " s";
  if (minutes < 100) return std::to_string(minutes) + " min";
  return std::to_string(minutes / 60) + " h" + (minutes % 60 != 0 ? " " + std::to_string(minutes % 60) + " min" : "");
}

std::string words(const FallBack& f) {
  switch (f.kind) {
    case FallBack::Kind::Float32:
      return f.reason + "; trying again in float32";
    case FallBack::Kind::FewerSamples:
      return "out of memory: going on with " + std::to_string(f.samples) + " sample(s)";
    default:
      return "the graphics card cannot do it (" + f.reason + "); going on with the processor";
  }
}

}  // namespace mgdm::app
