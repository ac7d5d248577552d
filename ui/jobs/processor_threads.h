// How many of the processor's threads a run may use: a person's setting.
#pragma once

namespace mgdm::ui {

int processorThreads();  ///< that this computer has, at least 1
/// The setting "threads" within them, or all. Any thread.
int runThreads();

}  // namespace mgdm::ui
