#include "ui/photo/task_examples.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <QImage>
#include <future>
#include <map>
#include <thread>

#include "core/media/photo_file.h"
#include "core/media/working_area.h"
#include "core/operators/tasks.h"
#include "ui/widgets/pictures.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

namespace {

using Example = std::shared_ptr<const Operator>;

/// The examples of all tasks, some of which take a singular value decomposition.
class Examples {
 public:
  Examples() {
    std::vector<std::pair<const Task*, std::promise<Example>>> work;
    for (const Task& task : tasks()) {
      work.emplace_back(&task, std::promise<Example>());
      made_[task.name] = work.back().second.get_future().share();
    }
    thread_ = std::jthread([work = std::move(work)](const std::stop_token& stop) mutable {
      for (auto& [task, promise] : work) {
        Example example;
        try {
          if (!stop.stop_requested()) example = example_operator(*task);
        } catch (const std::exception&) {
          // Of a file or a program that is not there: nothing can be said of it.
        }
        promise.set_value(std::move(example));
      }
    });
  }
  Example of(const std::string& task) const { return made_.at(task).get(); }

 private:
  std::map<std::string, std::shared_future<Example>> made_;
  std::jthread thread_;
};

QImage thumbnail_of(const Task& task, const at::Tensor& clean, const at::Tensor& stroke) {
  const int64_t side = clean.size(-1);
  const bool persons = task.runs_program && task.stand_in;  // whose program it is nobody knows yet
  const std::shared_ptr<const Operator> op =
      persons ? std::shared_ptr<Operator>(task.stand_in({3, side, side}))
              : make_operator(task, complete_settings(task.settings, {}, task.name), {3, side, side},
                              task.needs_mask ? stroke : at::Tensor());
  at::Tensor seen = op->apply(clean.unsqueeze(0));
  if (task.example_noise > 0) seen = seen + task.example_noise * at::randn_like(seen);
  return signal_image(op->display(seen)[0], {})
      .scaled(static_cast<int>(side), static_cast<int>(side), Qt::IgnoreAspectRatio, Qt::FastTransformation);
}

}  // namespace

std::shared_ptr<const Operator> example_of(const Task& task) {
  static const Examples examples;
  return examples.of(task.name);
}

TaskThumbnails::TaskThumbnails(QObject* parent) : JobController(parent) {}

TaskThumbnails::~TaskThumbnails() { end(); }

void TaskThumbnails::make(const QString& photo) {
  post([this, photo](const Reply& reply, const std::stop_token& stop) {
    constexpr int kSide = 64;
    at::NoGradGuard no_grad;
    at::Tensor clean;
    try {
      const Photo source = read_photo(photo.toStdString());
      const cv::Size size = source.pixels.size();
      clean = cut(source, ColorTransform(source.color_profile),
                  square_area(size, {size.width * 0.62, size.height * 0.45}, size.height * 0.6, kSide));
    } catch (const std::exception&) {
      return;  // decoration only: without it the list shows names
    }
    at::Tensor stroke = at::zeros({kSide, kSide}, at::kBool);
    stroke.slice(0, 24, 36).slice(1, 10, 54).fill_(true);
    for (const Task& task : tasks()) {
      if (stop.stop_requested()) return;
      try {
        reply([this, name = text(task.name), image = thumbnail_of(task, clean, stroke)] { Q_EMIT made(name, image); });
      } catch (const std::exception&) {
        // One that needs a person's file or program; the others have their pictures all the same.
      }
    }
  });
}

}  // namespace mgdm::ui
