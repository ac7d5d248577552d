// The buttons that begin and end a run.
#pragma once
#include <QWidget>

class QLabel;
class QPushButton;
class QToolButton;

namespace mgdm::ui {

class RunButtons : public QWidget {
  Q_OBJECT
 public:
  /// `prefix` of the buttons' object names; `stop_help`: what stopping keeps.
  RunButtons(const QString& prefix, const QString& stop_help, QWidget* parent = nullptr);
  /// `help` on the button; where it is greyed and nothing runs, the reason, which is read below it.
  void setRun(bool enabled, const QString& words, const QString& help);
  void setEnds(bool stop, bool discard);
  void setPause(bool enabled, bool paused);
  bool canRun() const;

 Q_SIGNALS:
  void run();
  void stop();
  void discard();
  void pause(bool on);

 private:
  void sayWhy();

  QPushButton *run_, *stop_, *discard_;
  QToolButton* pause_;
  QLabel* why_;
};

}  // namespace mgdm::ui
