// Which value of an axis people prefer when they do not know which one they see or hear.
#pragma once
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace mgdm::ui {

/// Pairs of values, each pair in either order, all pairs of a round before the next round, in an order that the seed
/// decides. A value.
class BlindTally {
 public:
  BlindTally() = default;
  BlindTally(int values, uint64_t seed);

  struct Pair {
    int first = 0, second = 0;  ///< values of the axis, as they are shown
  };
  bool empty() const { return values_ < 2; }
  const Pair& pair() const { return pairs_[at_]; }
  enum class Choice { First, Second, Neither };
  /// Counts, and goes to the next pair.
  void judge(Choice choice);
  void skip();  ///< the next pair, nothing counted

  int judged() const { return judged_; }
  struct Score {
    int wins = 0, losses = 0, ties = 0;
    /// Share of the judgements that it won, ties by half; 0 without any.
    double share() const;
  };
  const Score& score(int value) const { return scores_[static_cast<size_t>(value)]; }

 private:
  void deal();

  int values_ = 0, judged_ = 0;
  size_t at_ = 0;
  std::mt19937_64 random_;
  std::vector<Pair> pairs_;
  std::vector<Score> scores_;
};

}  // namespace mgdm::ui
