#include "app/commands.h"

namespace mgdm::app {

Command describe_bench();
Command describe_evaluate();
Command describe_models();
Command describe_selftest();
Command describe_separation_quality();
Command describe_toy();
#ifdef MGDM_STUDIO
Command describe_degrade();
Command describe_quality();
Command describe_restore();
Command describe_separate();
#endif

std::vector<Command> commands() {
  return {
#ifdef MGDM_STUDIO
      describe_degrade(), describe_quality(),  describe_restore(), describe_separate(),
#endif
      describe_bench(),   describe_evaluate(), describe_models(),  describe_selftest(), describe_separation_quality(),
      describe_toy()};
}

}  // namespace mgdm::app
