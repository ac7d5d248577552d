// The line over a page that says what went wrong, or what has to be known.
#pragma once
#include <QLabel>
#include <functional>

class QToolButton;

namespace mgdm::ui {

/// Hidden until there is something to say. Lies over the top of `over`, so that nothing moves when it comes and goes;
/// nullptr: it stands in a layout.
class MessageBar : public QLabel {
  Q_OBJECT
 public:
  explicit MessageBar(const QString& object_name, QWidget* over = nullptr);
  /// What went wrong. `offer`: to be clicked; then the bar goes and `accepted` is called.
  void showMessage(const QString& words, const QString& offer = {}, std::function<void()> accepted = {});
  /// What has to be known.
  void showNotice(const QString& words, const QString& offer = {}, std::function<void()> accepted = {});
  /// Something has succeeded: what went wrong before is past.
  void settle();

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  void say(const QString& words, const QString& offer, std::function<void()> accepted, bool note);
  void place();

  QWidget* over_;
  QToolButton* close_;
  std::function<void()> accepted_;
};

}  // namespace mgdm::ui
