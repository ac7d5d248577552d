#include "ui/jobs/saver.h"

#include <QCoreApplication>
#include <QMetaObject>
#include <future>

#include "core/threads/worker.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

Saver::Saver(QObject* parent) : QObject(parent), worker_(std::make_unique<Worker>()) {}

Saver::~Saver() { finish(); }

void Saver::post(std::function<void()> work, std::function<void(const QString& error)> answer) {
  worker_->post([this, work = std::move(work), answer = std::move(answer)](const std::stop_token&) mutable {
    QString error;
    try {
      work();
    } catch (const std::exception& e) {
      error = one_line(e);
    }
    work = {};  // with what it holds
    if (!answer) return;
    QMetaObject::invokeMethod(
        this, [answer = std::move(answer), error] { answer(error); }, Qt::QueuedConnection);
  });
}

void Saver::finish() {
  std::promise<void> reached;
  worker_->post([&reached](const std::stop_token&) { reached.set_value(); });
  reached.get_future().wait();
}

void Saver::wait() {
  finish();
  QCoreApplication::sendPostedEvents(this, QEvent::MetaCall);
}

}  // namespace mgdm::ui
