// Pieces of the rows of the practise bar.
#pragma once
#include <QHBoxLayout>

#include "ui/widgets/icons.h"

class QLabel;
class QToolButton;
class QWidget;

namespace mgdm::ui {

/// A row with its title, as wide as the lanes' titles, so that what follows stands below the lanes.
QHBoxLayout* practise_row(QWidget* owner, const QString& title);
/// A small button with a picture; `words` are its tool tip and its name.
QToolButton* practise_button(const char* name, Symbol symbol, const QString& words);
QLabel* practise_label(const QString& words, QWidget* buddy);
/// Widths are the most that the widest value takes, so that nothing moves while values change.
void keep_narrow(QWidget* box, int width);

}  // namespace mgdm::ui
