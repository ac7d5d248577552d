#include "app/command_line/progress.h"

#include <ATen/ATen.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <iostream>
#include <sstream>

namespace mgdm::app {

ProgressLine::ProgressLine(bool wanted) : shown_(wanted && isatty(STDERR_FILENO) != 0) {}

ProgressLine::~ProgressLine() {
  if (drawn_) std::cerr << "\r\x1b[K" << std::flush;
}

void ProgressLine::show(const std::string& text) {
  if (!shown_) return;
  drawn_ = true;
  std::cerr << '\r' << text << "\x1b[K" << std::flush;
}

void ProgressLine::show(double share, const std::string& what) {
  show(what + ' ' + std::to_string(static_cast<int>(share * 100)) + " %");
}

std::string progress_of(const PhotoProgress& progress, const Iterate& it) {
  constexpr int kWidth = 30;
  const double share = std::clamp(progress.share, 1e-6, 1.0);
  const auto full = static_cast<size_t>(share * kWidth);
  std::ostringstream out;
  out << '[' << std::string(full, '#') << std::string(kWidth - full, '.') << "] ";
  if (progress.passes > 1) out << "area " << progress.pass + 1 << '/' << progress.passes << "  ";
  out << "step " << it.step << '/' << it.steps;
  if (it.residual().defined()) out << "  residual " << std::setprecision(3) << it.residual().mean().item<double>();
  out << "  left " << duration_words(progress.seconds / share * (1 - share));
  return out.str();
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
