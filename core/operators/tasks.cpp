#include "core/operators/tasks.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace mgdm {

const std::vector<Task>& tasks() {
  static const std::vector<Task> list = [] {
    std::vector<Task> all;
    for (auto& file : listed_degradations()) all.insert(all.end(), file.begin(), file.end());
    std::stable_sort(all.begin(), all.end(), [](const Task& a, const Task& b) { return a.rank < b.rank; });
    return all;
  }();
  return list;
}

const Task& find_task(const std::string& name, Settings& settings) {
  std::string known;
  for (const auto& task : tasks()) {
    if (task.name == name || (task.also_named && task.also_named(name, settings))) return task;
    known += (known.empty() ? "" : ", ") + task.name;
  }
  throw SettingError("task '" + name + "' is unknown; known are " + known);
}

std::shared_ptr<Operator> make_operator(const Task& task, const Settings& settings, const std::vector<int64_t>& shape,
                                        const at::Tensor& mask, std::array<int64_t, 2> observed) {
  if (!task.why_not.empty()) throw OperatorError("task '" + task.name + "': " + task.why_not);
  return task.make(settings, shape, {mask, observed});
}

double shrink_factor(const Task& task, const Settings& settings) {
  return task.any_shrink ? task.any_shrink(settings) : static_cast<double>(task.shrink);
}

std::shared_ptr<const Operator> example_operator(const Task& task) {
  const std::vector<int64_t> shape{3, 64, 64};
  if (task.stand_in) return task.stand_in(shape);
  at::Tensor mask;
  if (task.needs_mask) {
    mask = at::zeros({64, 64}, at::kBool);
    mask.slice(0, 16, 32).fill_(true);
  }
  return make_operator(task, complete_settings(task.settings, Settings::object(), "task " + task.name), shape, mask);
}

Setting real_setting(std::string name, std::string label, std::string help, double value, double low, double high) {
  return {std::move(name), std::move(label), std::move(help), SettingKind::Real, value, low, high, {}};
}

std::string no_picture_files() {
#ifdef MGDM_CODECS
  return {};
#else
  return "this program was built without OpenCV, which reads and writes pictures";
#endif
}

}  // namespace mgdm
