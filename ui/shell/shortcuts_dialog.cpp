#include "ui/shell/shortcuts_dialog.h"

#include <QAction>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QKeySequenceEdit>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QSettings>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/photo/canvas.h"
#include "ui/shell/actions.h"

namespace mgdm::ui {

namespace {
QString key_of(const QAction* action) { return QStringLiteral("shortcuts/") + action->objectName(); }

QComboBox* modifier_choice(Qt::KeyboardModifier chosen, const char* name, const QString& words) {
  auto* box = new QComboBox;
  box->setObjectName(QString::fromLatin1(name));
  box->setAccessibleName(words);
  for (const auto modifier : {Qt::AltModifier, Qt::ControlModifier, Qt::ShiftModifier, Qt::MetaModifier}) {
    QString key = QKeySequence(QKeyCombination(modifier, Qt::Key_A)).toString(QKeySequence::NativeText);
    key.chop(2);  // "Ctrl+A" without "+A"
    box->addItem(key, static_cast<int>(modifier));
  }
  box->addItem(ShortcutsDialog::tr("none"), static_cast<int>(Qt::NoModifier));
  box->setCurrentIndex(box->findData(static_cast<int>(chosen)));
  return box;
}

using Rows = QList<std::pair<QAction*, QKeySequenceEdit*>>;

/// The sentence that names two entries with the same keys; empty where there are none.
QString used_twice(const Rows& rows, const QKeySequenceEdit* original, const Actions& actions) {
  const QString words = ShortcutsDialog::tr("%1 is used twice: %2 and %3.");
  const auto brush = std::find_if(rows.begin(), rows.end(),
                                  [](const auto& row) { return row.first->objectName() == QLatin1String("brush"); });
  const qsizetype photo = brush - rows.begin();  // an action of the page for photos
  QString twice;
  for (qsizetype i = 0; i < rows.size(); ++i) {  // it is held over the photo
    const auto& [action, edit] = rows[i];
    if (!edit->keySequence().isEmpty() && edit->keySequence() == original->keySequence() && actions.meet(i, photo))
      twice = words.arg(original->keySequence().toString(QKeySequence::NativeText), action->text(),
                        original->accessibleName());
  }
  for (qsizetype i = 0; i < rows.size(); ++i) {
    for (qsizetype k = 0; k < i; ++k) {
      const QKeySequence keys = rows[i].second->keySequence();
      if (!keys.isEmpty() && keys == rows[k].second->keySequence() && actions.meet(i, k))
        twice = words.arg(keys.toString(QKeySequence::NativeText), rows[k].first->text(), rows[i].first->text());
    }
  }
  return twice;
}
}  // namespace

void loadShortcuts(const QList<QAction*>& actions) {
  const QSettings settings;
  for (QAction* action : actions) {
    action->setProperty("defaultKeys", action->shortcut().toString());
    if (settings.contains(key_of(action))) action->setShortcut(QKeySequence(settings.value(key_of(action)).toString()));
  }
}

void loadHeldKeys(Canvas* canvas) {
  const QSettings settings;
  Canvas::Held held;
  held.erase = static_cast<Qt::KeyboardModifier>(
      settings.value(QStringLiteral("held/erase"), static_cast<int>(held.erase)).toInt());
  held.brush_size = static_cast<Qt::KeyboardModifier>(
      settings.value(QStringLiteral("held/brush_size"), static_cast<int>(held.brush_size)).toInt());
  held.original =
      static_cast<Qt::Key>(settings.value(QStringLiteral("held/original"), static_cast<int>(held.original)).toInt());
  canvas->setHeld(held);
}

ShortcutsDialog::ShortcutsDialog(const Actions& actions, Canvas* canvas, QWidget* parent) : QDialog(parent) {
  setWindowTitle(tr("Keyboard shortcuts"));
  resize(460, 560);
  auto* content = new QWidget;
  auto* form = new QFormLayout(content);
  Rows rows;
  for (QAction* action : actions.all()) {
    auto* edit = new QKeySequenceEdit(action->shortcut());
    edit->setObjectName(action->objectName());
    edit->setAccessibleName(action->text());
    form->addRow(QString(action->text()).remove('&'), edit);
    rows.append({action, edit});
  }
  auto* erase = modifier_choice(canvas->held().erase, "held_erase", tr("Held while drawing: erase"));
  auto* brush_size =
      modifier_choice(canvas->held().brush_size, "held_brush_size", tr("Held with the wheel: brush size"));
  form->addRow(erase->accessibleName(), erase);
  form->addRow(brush_size->accessibleName(), brush_size);
  auto* original = new QKeySequenceEdit(QKeySequence(canvas->held().original));
  original->setObjectName(QStringLiteral("held_original"));
  original->setAccessibleName(tr("Held: the photo without the result"));
  form->addRow(original->accessibleName(), original);
  auto* scroll = new QScrollArea;
  scroll->setWidget(content);
  scroll->setWidgetResizable(true);
  auto* warning = new QLabel;
  warning->setObjectName(QStringLiteral("hint"));
  warning->setWordWrap(true);
  auto* buttons =
      new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel | QDialogButtonBox::RestoreDefaults);
  auto* column = new QVBoxLayout(this);
  column->addWidget(scroll, 1);
  column->addWidget(warning);
  column->addWidget(buttons);
  const auto check = [rows, original, warning, buttons, actions] {
    const QString twice = used_twice(rows, original, actions);
    warning->setText(twice);
    buttons->button(QDialogButtonBox::Ok)->setEnabled(twice.isEmpty());
  };
  for (const auto& [action, edit] : rows) connect(edit, &QKeySequenceEdit::keySequenceChanged, this, check);
  connect(original, &QKeySequenceEdit::keySequenceChanged, this, check);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  connect(buttons->button(QDialogButtonBox::RestoreDefaults), &QPushButton::clicked, this,
          [rows, erase, brush_size, original] {
            for (const auto& [action, edit] : rows)
              edit->setKeySequence(QKeySequence(action->property("defaultKeys").toString()));
            erase->setCurrentIndex(erase->findData(static_cast<int>(Canvas::Held().erase)));
            brush_size->setCurrentIndex(brush_size->findData(static_cast<int>(Canvas::Held().brush_size)));
            original->setKeySequence(QKeySequence(Canvas::Held().original));
          });
  connect(buttons, &QDialogButtonBox::accepted, this, [this, rows, canvas, erase, brush_size, original] {
    QSettings settings;
    settings.setValue(QStringLiteral("held/erase"), erase->currentData());
    settings.setValue(QStringLiteral("held/brush_size"), brush_size->currentData());
    if (!original->keySequence().isEmpty())
      settings.setValue(QStringLiteral("held/original"), static_cast<int>(original->keySequence()[0].key()));
    loadHeldKeys(canvas);
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
