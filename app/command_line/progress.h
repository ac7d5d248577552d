// What a person at a terminal sees of a long command; nothing in a pipe.
#pragma once
#include <string>

#include "core/runs/fall_back.h"

namespace mgdm::app {

/// A line that is drawn over itself.
class ProgressLine {
 public:
  explicit ProgressLine(bool wanted);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// Whether anybody sees it: if not, its text need not be made.
  bool shown() const { return shown_; }
  void show(const std::string& text);
  void show(double share, const std::string& what);
  void clear();

 private:
  bool shown_, drawn_ = false;
};

/// "[####......] ".
std::string progress_bar(double share);
/// "40 s", "12 min", "3 h 5 min".
std::string duration_words(double seconds);

/// "...; trying again in float32"
std::string words(const FallBack& fall_back);

}  // namespace mgdm::app
