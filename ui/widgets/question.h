// Questions before something would be lost.
#pragma once
#include <QList>
#include <QString>

class QWidget;

namespace mgdm::ui {

/// A button that answers: its object name for tests, and its words.
struct Answer {
  const char* name;
  QString words;
};
/// Waits for one of `answers`: its index. The last is the one that changes nothing: Escape and closing the question
/// give it.
int ask(QWidget* window, const QString& question, const QString& information, const QList<Answer>& answers);

}  // namespace mgdm::ui
