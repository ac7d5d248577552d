#include "ui/song/practise_row.h"

#include <QLabel>
#include <QToolButton>

#include "ui/song/stem_rows.h"
#include "ui/widgets/panel.h"

namespace mgdm::ui {

QHBoxLayout* practise_row(QWidget* owner, const QString& title) {
  auto* row = new QHBoxLayout(owner);
  row->setContentsMargins(12, 0, 12, 0);
  row->setSpacing(6);
  QLabel* words = heading(title);
  words->setFixedWidth(StemRows::kHeaderWidth - 12 - row->spacing());
  row->addWidget(words);
  return row;
}

QToolButton* practise_button(const char* name, Symbol symbol, const QString& words) {
  auto* button = new QToolButton;
  button->setObjectName(QString::fromLatin1(name));
  button->setIcon(icon(symbol));
  button->setIconSize(QSize(16, 16));
  button->setToolTip(words);
  button->setAccessibleName(words);
  return button;
}

QLabel* practise_label(const QString& words, QWidget* buddy) {
  QLabel* label = hint(words);
  label->setWordWrap(false);
  label->setBuddy(buddy);
  return label;
}

void keep_narrow(QWidget* box, int width) {
  box->setMinimumWidth(width);
  box->setMaximumWidth(width);
}

}  // namespace mgdm::ui
