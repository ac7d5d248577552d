// The beats of a song as quiet lines behind its lanes and on its scale.
#pragma once

class QPainter;
class QPalette;
class QRect;

namespace mgdm::ui {

class TimeAxis;

/// Over the height of `area`, which is as wide as the lane. Bars are drawn stronger; beats, then bars, are left out
/// where they would be closer than a few pixels.
void paint_beats(QPainter& painter, const TimeAxis& axis, const QRect& area, const QPalette& palette);

}  // namespace mgdm::ui
