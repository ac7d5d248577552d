// The program's file dialogs, where the system has none of its own: wide enough that their columns can be read.
#pragma once

class QObject;

namespace mgdm::ui {

/// From now on, every one that is shown. `owner` of what watches.
void widenFileDialogs(QObject* owner);

}  // namespace mgdm::ui
