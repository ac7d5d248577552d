// What can be read about the program inside it: the first steps, and whose work it is.
#pragma once

class QDialog;
class QWidget;

namespace mgdm::ui {

class Actions;

/// The first steps, with the keys as they are now.
QDialog* helpDialog(const Actions& actions, QWidget* parent);
/// Version, licences, and links.
QDialog* aboutDialog(QWidget* parent);

}  // namespace mgdm::ui
