#include "ui/shortcuts_dialog.h"

#include <QAction>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QKeySequenceEdit>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QSettings>
#include <QVBoxLayout>

namespace mgdm::ui {

namespace {
QString key_of(const QAction* action) { return QStringLiteral("shortcuts/") + action->objectName(); }
}  // namespace

void loadShortcuts(const QList<QAction*>& actions) {
  const QSettings settings;
  for (QAction* action : actions) {
    action->setProperty("defaultKeys", action->shortcut().toString());
    if (settings.contains(key_of(action))) action->setShortcut(QKeySequence(settings.value(key_of(action)).toString()));
  }
}

ShortcutsDialog::ShortcutsDialog(const QList<QAction*>& actions, QWidget* parent) : QDialog(parent) {
  setWindowTitle(tr("Keyboard shortcuts"));
  resize(460, 560);
  auto* content = new QWidget;
  auto* form = new QFormLayout(content);
  QList<std::pair<QAction*, QKeySequenceEdit*>> rows;
  for (QAction* action : actions) {
    auto* edit = new QKeySequenceEdit(action->shortcut());
    edit->setObjectName(action->objectName());
    edit->setAccessibleName(action->text());
    form->addRow(QString(action->text()).remove('&'), edit);
    rows.append({action, edit});
  }
  auto* scroll = new QScrollArea;
  scroll->setWidget(content);
  scroll->setWidgetResizable(true);
  auto* warning = new QLabel;
  warning->setObjectName(QStringLiteral("hint"));
  warning->setWordWrap(true);
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel | QDialogButtonBox::RestoreDefaults);
  auto* column = new QVBoxLayout(this);
  column->addWidget(scroll, 1);
  column->addWidget(warning);
  column->addWidget(buttons);
  const auto check = [rows, warning, buttons] {
    QString twice;
    for (qsizetype i = 0; i < rows.size(); ++i) {
      for (qsizetype k = 0; k < i; ++k) {
        const QKeySequence keys = rows[i].second->keySequence();
        if (!keys.isEmpty() && keys == rows[k].second->keySequence()) {
          twice = tr("%1 is used twice: %2 and %3.").arg(keys.toString(QKeySequence::NativeText), rows[k].first->text(), rows[i].first->text());
        }
      }
    }
    warning->setText(twice);
    buttons->button(QDialogButtonBox::Ok)->setEnabled(twice.isEmpty());
  };
  for (const auto& [action, edit] : rows) connect(edit, &QKeySequenceEdit::keySequenceChanged, this, check);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  connect(buttons->button(QDialogButtonBox::RestoreDefaults), &QPushButton::clicked, this, [rows] {
    for (const auto& [action, edit] : rows) edit->setKeySequence(QKeySequence(action->property("defaultKeys").toString()));
  });
  connect(buttons, &QDialogButtonBox::accepted, this, [this, rows] {
    QSettings settings;
    for (const auto& [action, edit] : rows) {
      action->setShortcut(edit->keySequence());
      if (edit->keySequence().toString() == action->property("defaultKeys").toString()) {
        settings.remove(key_of(action));
      } else {
        settings.setValue(key_of(action), edit->keySequence().toString());
      }
    }
    accept();
  });
}

}  // namespace mgdm::ui
