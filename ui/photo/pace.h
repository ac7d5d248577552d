// Durations as people say them.
#pragma once
#include <QString>

namespace mgdm::ui {

/// "40 s", "3 min": as exact as a guess can be.
QString aboutTime(double seconds);

}  // namespace mgdm::ui
