#include "ui/widgets/question.h"

#include <QCoreApplication>
#include <QMessageBox>
#include <QPushButton>

namespace mgdm::ui {

int ask(QWidget* window, const QString& question, const QString& information, const QList<Answer>& answers) {
  QMessageBox box(QMessageBox::Question, QCoreApplication::translate("Question", "MGDM Studio"), question,
                  QMessageBox::NoButton, window);
  box.setInformativeText(information);
  QList<QAbstractButton*> buttons;
  for (const Answer& answer : answers) {
    const bool last = buttons.size() + 1 == answers.size();
    buttons << box.addButton(answer.words, last                ? QMessageBox::RejectRole
                                           : buttons.isEmpty() ? QMessageBox::AcceptRole
                                                               : QMessageBox::DestructiveRole);
    buttons.last()->setObjectName(QLatin1String(answer.name));
  }
  box.setDefaultButton(qobject_cast<QPushButton*>(buttons.first()));
  box.setEscapeButton(buttons.last());
  box.exec();
  const auto chosen = buttons.indexOf(box.clickedButton());
  return static_cast<int>(chosen < 0 ? buttons.size() - 1 : chosen);
}

}  // namespace mgdm::ui
