#include "ui/compare/compare_runs.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <map>
#include <set>
#include <thread>

#include "core/files/prune.h"
#include "core/metrics/image_metrics.h"
#include "core/priors/catalogue.h"
#include "core/problems/problem.h"
#include "core/runs/run.h"
#include "core/samplers/preview_budget.h"
#include "ui/jobs/processor_threads.h"
#include "ui/widgets/pictures.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kShownBad = 4;
constexpr double kSmallModel = 300e6;  // bytes of weights: it is loaded only to tell how long a run takes
constexpr auto kBetweenPictures = std::chrono::milliseconds(60);

double mean_of(const at::Tensor& values) { return values.to(at::kDouble).mean().item<double>(); }

QImage bytes_image(const at::Tensor& signal) {
  return signal_image(signal.to(at::kCPU, at::kFloat), {}).convertToFormat(QImage::Format_RGB888);
}

// Cells of other comparisons in the program's own folder go, the oldest first, where they are too many.
void prune_results(const Comparison& comparison, const QString& folder) {
  std::set<std::string> keys;
  for (const mgdm::Cell& cell : comparison.cells) keys.insert(cell.key);
  prune_folder(folder.toStdString(), CompareRuns::kOwnBytes, [&](const std::filesystem::path& file) {
    const std::string name = file.filename().string();
    return name == "comparison.json" || name.find(".lock") != std::string::npos ||
           keys.count(name.substr(0, name.find('.'))) > 0;
  });
}

// What of an iterate is seen.
LiveCell live_of(const CellIterate& it, PreviewBudget& budget) {
  LiveCell live;
  live.share = it.share;
  live.figures["seconds"] = it.seconds;
  if (it.iterate == nullptr) return live;
  const Iterate& iterate = *it.iterate;
  live.figures["evaluations"] = static_cast<double>(iterate.evaluations.forward + 2 * iterate.evaluations.backward);
  if (it.run == nullptr) return live;
  const Problem& problem = it.run->problem();
  if (!budget.affords(iterate)) {  // what it looks like, and no figures
    live.clean = bytes_image(iterate.codec->preview(iterate.x0.slice(0, 0, 1)).to(at::kCPU, at::kFloat)[0]);
    return live;
  }
  if (iterate.residual().defined()) live.figures["residual"] = mean_of(iterate.residual());
  const at::Tensor signal = iterate.signal().slice(0, 0, 1).to(at::kCPU, at::kFloat);
  if (problem.reference.defined() && problem.reference.sizes() == signal.sizes())
    live.figures["psnr"] = mean_of(psnr(signal, problem.reference.to(at::kCPU)));
  live.clean = bytes_image(signal[0]);
  const at::Tensor& noisy = iterate.x_t;
  if (noisy.dim() == 4 && noisy.size(1) == 3) live.noisy = bytes_image(noisy[0]);
  if (problem.likelihood != nullptr)
    live.residual = heat_image(problem.residual_map(signal.to(iterate.signal().device())), kResidualScale);
  return live;
}

// The time of all cells, measured where the model is small enough to be loaded for it.
double expected(const CompareSpec& spec, const std::vector<Cell>& cells, const std::stop_token& stop) {
  const ComparedMedium& medium = find_compared_medium(spec.medium);
  const auto runner = medium.runner({});
  std::map<std::string, std::vector<const Cell*>> of_model;
  for (const Cell& cell : cells) {
    if (cell.error.empty()) of_model[medium.model(cell.run)].push_back(&cell);
  }
  double sum = 0;
  for (const auto& [model, list] : of_model) {
    if (model.empty()) continue;
    std::error_code error;
    const auto bytes = std::filesystem::file_size(find_prior(model).weights, error);
    if (error || static_cast<double>(bytes) > kSmallModel) return 0;
    double cost = 0;
    for (const Cell* cell : list) {
      if (stop.stop_requested()) return 0;
      cost += runner->cost(*cell);
    }
    const double rate = runner->seconds_per_cost();
    if (rate <= 0) return 0;
    sum += cost * rate;
  }
  return sum;
}

ComparePlan plan_of(const CompareSpec& spec, const std::stop_token& stop) {
  ComparePlan plan;
  plan.comparison.spec = spec;
  try {
    plan.comparison.cells = cells_of(spec);
    for (const Cell& cell : plan.comparison.cells) {
      if (cell.error.empty()) continue;
      ++plan.bad_count;
      if (plan.bad.size() < kShownBad)
        plan.bad << text(cell.label.empty() ? cell.error : cell.label + ": " + cell.error);
    }
    plan.seconds = expected(spec, plan.comparison.cells, stop);
  } catch (const std::exception& e) {
    plan.error = one_line(e);
  }
  return plan;
}

// Lets two runs go on by turns: none is ahead of the other by more than one iterate's evaluations.
class Turns {
 public:
  void reached(int side, double evaluations, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    at_[side] = evaluations;
    changed_.notify_all();
    changed_.wait(lock, stop, [&] { return ended_[1 - side] || at_[1 - side] >= at_[side]; });
  }
  void ended(int side) {
    const std::lock_guard lock(mutex_);
    ended_[side] = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  double at_[2] = {0, 0};
  bool ended_[2] = {false, false};
};

}  // namespace

struct CompareRuns::WantedCells {
  std::mutex mutex;
  QVector<int> cells;
  size_t next(const std::vector<mgdm::Cell>& waiting) {
    const std::lock_guard lock(mutex);
    for (const int wanted : cells) {
      for (size_t k = 0; k < waiting.size(); ++k) {
        if (static_cast<int>(waiting[k].index) == wanted) return k;
      }
    }
    return 0;
  }
};

CompareRuns::CompareRuns(QObject* parent) : JobController(parent), wanted_(std::make_shared<WantedCells>()) {
  qRegisterMetaType<ComparePlan>();
  qRegisterMetaType<LiveCell>();
}

CompareRuns::~CompareRuns() { end(); }

void CompareRuns::setWanted(const QVector<int>& cells) {
  const std::lock_guard lock(wanted_->mutex);
  wanted_->cells = cells;
}

void CompareRuns::check(const CompareSpec& spec) {
  if (busy()) return;
  begin(State::Loading, [this, spec](const Reply& reply, const std::stop_token& stop) {
    ComparePlan plan = plan_of(spec, stop);
    if (stop.stop_requested()) return;
    reply([this, plan = std::move(plan)] {
      setState(State::Ready);
      Q_EMIT planned(plan);
    });
  });
}

void CompareRuns::run(const Comparison& comparison, const QString& folder, bool own) {
  begin(State::Running, [this, comparison, folder, own, wanted = wanted_](const Reply& reply,
                                                                          const std::stop_token& stop) {
    at::set_num_threads(runThreads());
    if (own) prune_results(comparison, folder);
    SweepOptions options;
    options.again = true;
    options.next = [wanted](const std::vector<mgdm::Cell>& waiting) { return wanted->next(waiting); };
    SweepObserver observer;
    using Slot = Mailbox<std::pair<int, LiveCell>>;
    auto slot = std::make_shared<Slot>();
    auto shown = Clock::now();
    PreviewBudget budget;  // of the cell
    observer.loading = [&](const std::string& model) { reply([this, name = text(model)] { Q_EMIT loading(name); }); };
    observer.begun = [&](const mgdm::Cell& cell) {
      slot = std::make_shared<Slot>();  // nothing of another cell lies in it
      budget = {};
      reply([this, index = static_cast<int>(cell.index)] { Q_EMIT begun(index); });
    };
    observer.iterate = [&](const mgdm::Cell& cell, const CellIterate& it) {
      if (Clock::now() - shown < kBetweenPictures || slot->full()) return;
      shown = Clock::now();
      const std::function<void(const std::pair<int, LiveCell>&)> show = [this](const std::pair<int, LiveCell>& live) {
        Q_EMIT iterate(live.first, live.second);
      };
      reply.latest(slot, std::pair{static_cast<int>(cell.index), live_of(it, budget)}, show);
    };
    observer.notice = [&](const mgdm::Cell& cell, const FallBack& f) {
      reply([this, said = text(cell.label) + QStringLiteral(": ") + words(f)] { Q_EMIT notice(said); });
    };
    observer.finished = [&](const mgdm::Cell& cell, const CellResult&) {
      reply([this, index = static_cast<int>(cell.index)] { Q_EMIT finished(index); });
    };
    observer.progress = [&](size_t done, size_t of, double left) {
      reply([this, done, of, left] { Q_EMIT progress(static_cast<int>(done), static_cast<int>(of), left); });
    };
    try {
      const SweepReport report =
          sweep(comparison.cells, comparison.spec, CellStore(folder.toStdString()), options, observer, stop);
      reply([this, report] {
        setState(State::Ready);
        Q_EMIT ended(static_cast<int>(report.done), static_cast<int>(report.failed), report.stopped);
      });
    } catch (const std::exception& e) {
      reply([this, said = one_line(e)] {
        setState(State::Ready);
        Q_EMIT ended(0, 0, true);
        Q_EMIT failed(said);
      });
    }
  });
}

void CompareRuns::race(const Comparison& comparison, const QString& folder, int a, int b) {
  begin(State::Running, [this, comparison, folder, a, b](const Reply& reply, const std::stop_token& stop) {
    at::set_num_threads(runThreads());
    Turns turns;
    const ComparedMedium& medium = find_compared_medium(comparison.spec.medium);
    const auto side = [&](int number, int index) {
      const mgdm::Cell& cell = comparison.cells[static_cast<size_t>(index)];
      const CellStore store(folder.toStdString());
      reply([this, index] { Q_EMIT begun(index); });
      CellObserver observer;
      PreviewBudget budget;
      observer.iterate = [&](const CellIterate& it) {
        LiveCell live = live_of(it, budget);
        const double evaluations = live.figures["evaluations"];
        reply([this, index, live = std::move(live)] { Q_EMIT iterate(index, live); });
        turns.reached(number, evaluations, stop);
      };
      CellResult result;
      try {
        auto found = medium.runner({})->run(cell, comparison.spec.iterates, store.state_file(cell.key), observer, stop);
        if (found) {
          result = std::move(*found);
        } else {
          result.error = "stopped";
        }
      } catch (const std::exception& e) {
        result.error = one_line(e).toStdString();
      }
      turns.ended(number);
      if (stop.stop_requested()) return;
      result.key = cell.key;
      result.label = cell.label;
      try {
        store.write(result);
      } catch (const std::exception& e) {
        reply([this, said = one_line(e)] { Q_EMIT failed(said); });
      }
      reply([this, index] { Q_EMIT finished(index); });
    };
    std::thread other([&] { side(1, b); });
    side(0, a);
    other.join();
    reply([this, stopped = stop.stop_requested()] {
      setState(State::Ready);
      Q_EMIT ended(2, 0, stopped);
    });
  });
}

}  // namespace mgdm::ui
