// What each task does: as a map, to ask which samplers can undo it, and as a small picture.
#pragma once
#include <QObject>
#include <QString>
#include <memory>

#include "ui/jobs/job_controller.h"

class QImage;

namespace mgdm {
class Operator;
struct Task;
}  // namespace mgdm

namespace mgdm::ui {

/// `example_operator` of a task, or nullptr where it cannot be made. All are made once in this process, on a thread of
/// their own that the first call begins; a call waits until its own is there.
std::shared_ptr<const Operator> example_of(const Task& task);

/// Makes a small picture of what each task does to a photo.
class TaskThumbnails : public JobController {
  Q_OBJECT
 public:
  explicit TaskThumbnails(QObject* parent = nullptr);
  ~TaskThumbnails() override;
  void make(const QString& photo);

 Q_SIGNALS:
  void made(const QString& task, const QImage& image);
};

}  // namespace mgdm::ui
