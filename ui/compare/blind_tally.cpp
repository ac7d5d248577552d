#include "ui/compare/blind_tally.h"

#include <algorithm>

namespace mgdm::ui {

BlindTally::BlindTally(int values, uint64_t seed)
    : values_(values), random_(seed), scores_(static_cast<size_t>(values)) {
  if (!empty()) deal();
}

void BlindTally::deal() {
  pairs_.clear();
  at_ = 0;
  for (int a = 0; a < values_; ++a) {
    for (int b = a + 1; b < values_; ++b) pairs_.push_back((random_() & 1) != 0 ? Pair{a, b} : Pair{b, a});
  }
  std::shuffle(pairs_.begin(), pairs_.end(), random_);
}

void BlindTally::judge(Choice choice) {
  Score &first = scores_[static_cast<size_t>(pair().first)], &second = scores_[static_cast<size_t>(pair().second)];
  switch (choice) {
    case Choice::First:
      ++first.wins, ++second.losses;
      break;
    case Choice::Second:
      ++second.wins, ++first.losses;
      break;
    case Choice::Neither:
      ++first.ties, ++second.ties;
      break;
  }
  ++judged_;
  skip();
}

void BlindTally::skip() {
  if (++at_ >= pairs_.size()) deal();
}

double BlindTally::Score::share() const {
  const int all = wins + losses + ties;
  return all > 0 ? (wins + 0.5 * ties) / all : 0;
}

}  // namespace mgdm::ui
