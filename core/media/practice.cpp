#include "core/media/practice.h"

#include <algorithm>

namespace mgdm {

double tempo_of(const SpeedTrainer& trainer, int pass) {
  const double gone = trainer.step * (pass / std::max(1, trainer.passes));
  return trainer.to >= trainer.from ? std::min(trainer.to, trainer.from + gone)
                                    : std::max(trainer.to, trainer.from - gone);
}

}  // namespace mgdm
