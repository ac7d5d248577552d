// The studio's one visual design, dark and light: colours, spacing and the few style rules.
#pragma once
#include <QString>

class QApplication;

namespace mgdm::ui {

enum class Theme { Dark, Light };

/// May be called again at any time; everything on screen follows.
void applyLook(QApplication& application, Theme theme = Theme::Dark);
Theme currentTheme();

}  // namespace mgdm::ui
