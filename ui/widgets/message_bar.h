// The line over a page that says what went wrong, or what has to be known.
#pragma once
#include <QLabel>

class QToolButton;

namespace mgdm::ui {

/// Hidden until there is something to say, and again when it was read.
class MessageBar : public QLabel {
  Q_OBJECT
 public:
  explicit MessageBar(const QString& object_name, QWidget* parent = nullptr);
  void showMessage(const QString& words);
  /// `offer`: to be clicked, answered by `accepted`.
  void showNotice(const QString& words, const QString& offer = {});

 Q_SIGNALS:
  void accepted();

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void say(const QString& words, Qt::TextFormat format, bool note);

  QToolButton* close_;
};

}  // namespace mgdm::ui
