// The buttons that begin and end a run.
#pragma once
#include <QWidget>

class QPushButton;
class QToolButton;

namespace mgdm::ui {

class RunButtons : public QWidget {
  Q_OBJECT
 public:
  /// `prefix` of the buttons' object names; `stop_help`: what stopping keeps.
  RunButtons(const QString& prefix, const QString& stop_help, QWidget* parent = nullptr);
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
  QPushButton *run_, *stop_, *discard_;
  QToolButton* pause_;
};

}  // namespace mgdm::ui
