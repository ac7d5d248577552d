// The one thread that writes the studio's files and reads them back, in the order in which it was asked to: two
// writers of the same file never meet, and what is read is complete.
#pragma once
#include <QObject>
#include <QString>
#include <functional>
#include <memory>

namespace mgdm {
class Worker;
}

namespace mgdm::ui {

/// Lives on the GUI thread. The destructor waits until everything is written.
class Saver : public QObject {
  Q_OBJECT
 public:
  explicit Saver(QObject* parent = nullptr);
  ~Saver() override;

  /// Calls `work` on the saver's thread, then `answer` on this one: with the first line of what `work` threw, or an
  /// empty string. No answer comes once the saver is gone.
  void post(std::function<void()> work, std::function<void(const QString& error)> answer = {});
  /// Until all of that is done and answered.
  void wait();
  /// Until it is done; for destructors, where nobody may be left to be answered.
  void finish();

 private:
  std::unique_ptr<Worker> worker_;
};

}  // namespace mgdm::ui
