// Colour and opacity in which the mask is drawn, as a person wants them.
#pragma once

class QWidget;

namespace mgdm::ui {

class Canvas;

/// As it was chosen last; without a choice a colour that stands out from each photo.
void readMaskLook(Canvas* canvas);
/// Asks for both; the canvas shows what is chosen at once.
void chooseMaskLook(QWidget* parent, Canvas* canvas);

}  // namespace mgdm::ui
