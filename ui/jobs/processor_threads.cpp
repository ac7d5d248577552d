#include "ui/jobs/processor_threads.h"

#include <QSettings>
#include <algorithm>
#include <thread>

namespace mgdm::ui {

int processorThreads() { return static_cast<int>(std::max(1u, std::thread::hardware_concurrency())); }

int runThreads() {
  const int chosen = QSettings().value(QStringLiteral("threads"), 0).toInt();
  return chosen <= 0 ? processorThreads() : std::min(chosen, processorThreads());
}

}  // namespace mgdm::ui
