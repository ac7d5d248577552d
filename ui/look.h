// The studio's one visual design: colours, spacing and the few style rules, set once on the application.
#pragma once
class QApplication;
namespace mgdm::ui {
void applyLook(QApplication& application);
}
