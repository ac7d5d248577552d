#include "ui/photo/pace.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>

namespace mgdm::ui {

QString aboutTime(double seconds) {
  if (seconds < 10) return QCoreApplication::translate("Pace", "%1 s").arg(std::max(1.0, std::round(seconds)));
  if (seconds < 90) return QCoreApplication::translate("Pace", "%1 s").arg(5 * std::round(seconds / 5));
  if (seconds < 5400) return QCoreApplication::translate("Pace", "%1 min").arg(std::round(seconds / 60));
  return QCoreApplication::translate("Pace", "%1 h").arg(seconds / 3600, 0, 'f', 1);
}

}  // namespace mgdm::ui
