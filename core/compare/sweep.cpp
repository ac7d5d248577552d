#include "core/compare/sweep.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

#include "core/errors.h"
#include "core/files/atomic_file.h"
#include "core/files/json_text.h"

namespace mgdm {

Shard parse_shard(const std::string& text) {
  Shard shard;
  char slash = 0, rest = 0;
  if (std::sscanf(text.c_str(), "%ld%c%ld%c", &shard.index, &slash, &shard.count, &rest) != 3 || slash != '/' ||
      shard.index < 1 || shard.count < 1 || shard.index > shard.count)
    throw SettingError("--shard is '" + text + "', must be i/n with i from 1 to n");
  return shard;
}

namespace {

constexpr const char* kSpecFile = "comparison.json";

// The cells of a shard on their way into the store.
class Sweep {
 public:
  Sweep(const CompareSpec& spec, const CellStore& store, const SweepOptions& options, const SweepObserver& observer,
        std::stop_token stop)
      : spec_(spec),
        medium_(find_compared_medium(spec.medium)),
        store_(store),
        options_(options),
        observer_(observer),
        stop_(std::move(stop)),
        runner_(medium_.runner(options.place)) {
    cell_observer_.loading = observer.loading;
  }

  SweepReport run(const std::vector<Cell>& cells) {
    std::vector<Cell> waiting = waiting_of(cells);
    of_ = waiting.size();
    while (!waiting.empty() && !stop_.stop_requested()) {
      const size_t k = next(waiting);
      const Cell cell = std::move(waiting[k]);
      waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(k));
      const auto begun = std::chrono::steady_clock::now();
      one(cell);
      const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
      if (!stop_.stop_requested()) tell(cell, seconds, waiting);
    }
    report_.stopped = stop_.stop_requested();
    return report_;
  }

 private:
  // The shard's cells that are not there; a model's stand together, in the order in which models are met.
  std::vector<Cell> waiting_of(const std::vector<Cell>& cells) {
    std::vector<std::string> models;
    for (const Cell& cell : cells) {
      if (!cell.error.empty()) continue;
      const std::string model = medium_.model(cell.run);
      if (std::find(models.begin(), models.end(), model) == models.end()) models.push_back(model);
    }
    std::vector<Cell> waiting;
    for (const std::string& model : models) {
      for (const Cell& cell : cells) {
        if (!cell.error.empty() || medium_.model(cell.run) != model) continue;
        const auto turn = static_cast<int64_t>(number_++);
        if (turn % options_.shard.count != options_.shard.index - 1) continue;
        if (store_.has(cell.key) || (store_.failed(cell.key) && !options_.again)) {
          ++report_.were_there;
          continue;
        }
        waiting.push_back(cell);
      }
    }
    return waiting;
  }

  size_t next(const std::vector<Cell>& waiting) {
    if (options_.next) return std::min(options_.next(waiting), waiting.size() - 1);
    const std::string model = medium_.model(waiting.front().run);
    size_t best = 0;
    for (size_t k = 0; k < waiting.size() && medium_.model(waiting[k].run) == model; ++k) {
      if (cost(waiting[k]) < cost(waiting[best])) best = k;
    }
    return best;
  }

  // Asked once; 0 where it cannot be told, the run itself then says why.
  double cost(const Cell& cell) {
    const auto known = costs_.find(cell.key);
    if (known != costs_.end()) return known->second;
    double cost = 0;
    try {
      cost = runner_->cost(cell);
    } catch (const Error&) {
    }
    return costs_[cell.key] = cost;
  }

  void one(const Cell& cell) {
    const auto claim = store_.claim(cell.key);
    if (claim == nullptr) {
      ++report_.others;
      return;
    }
    if (store_.has(cell.key)) {  // another process finished it a moment ago
      ++report_.were_there;
      return;
    }
    if (observer_.begun) observer_.begun(cell);
    cell_observer_.notice = [&](const FallBack& f) {
      if (observer_.notice) observer_.notice(cell, f);
    };
    if (observer_.iterate) cell_observer_.iterate = [&](const CellIterate& it) { observer_.iterate(cell, it); };
    CellResult result;
    try {
      auto found = runner_->run(cell, spec_.iterates, store_.state_file(cell.key), cell_observer_, stop_);
      if (!found) return;
      result = std::move(*found);
    } catch (const Error& e) {
      result.error = e.what();
    } catch (const std::bad_alloc&) {
      result.error = "there is not enough memory";
    }
    result.key = cell.key;
    result.label = cell.label;
    write(result);
    ++(result.error.empty() ? report_.done : report_.failed);
    if (observer_.finished) observer_.finished(cell, result);
  }

  void write(const CellResult& result) const {
    if (!options_.figures_only) return store_.write(result);
    CellResult figures = result;
    figures.tensors.clear();
    store_.write(figures);
  }

  // Seconds that the rest takes, by what the cells so far took for their cost.
  void tell(const Cell& cell, double seconds, const std::vector<Cell>& waiting) {
    if (!observer_.progress) return;
    if (cost(cell) > 0) {
      spent_ += cost(cell);
      seconds_ += seconds;
      ++counted_;
    }
    if (counted_ == 0) return observer_.progress(of_ - waiting.size(), of_, -1);
    double left = 0, unknown = 0;
    const std::string model = medium_.model(cell.run);
    for (const Cell& other : waiting) {
      if (medium_.model(other.run) == model)
        left += cost(other);
      else
        unknown += 1;  // as long as one so far: its model is not in memory
    }
    observer_.progress(of_ - waiting.size(), of_, seconds_ * (left / spent_ + unknown / static_cast<double>(counted_)));
  }

  const CompareSpec& spec_;
  const ComparedMedium& medium_;
  const CellStore& store_;
  const SweepOptions& options_;
  const SweepObserver& observer_;
  std::stop_token stop_;
  std::unique_ptr<CellRunner> runner_;
  CellObserver cell_observer_;
  SweepReport report_;
  std::map<std::string, double> costs_;
  double spent_ = 0, seconds_ = 0;  // of the cells that cost something
  size_t of_ = 0, number_ = 0, counted_ = 0;
};

}  // namespace

void write_comparison(const std::filesystem::path& folder, const CompareSpec& spec, const std::vector<Cell>& cells) {
  nlohmann::json list = nlohmann::json::array();
  for (const Cell& cell : cells) {
    nlohmann::json one = {{"at", cell.at}, {"label", cell.label}, {"keys", cell.keys}};
    if (cell.error.empty())
      one.update({{"key", cell.key}, {"run", cell.run}});
    else
      one["error"] = cell.error;
    list.push_back(std::move(one));
  }
  // All shards write it when they begin, and under one temporary name one would take it from under another's hands.
  write_file_bytes(folder / kSpecFile, json_text({{"spec", spec_json(spec)}, {"cells", list}}, 1) + "\n", {},
                   this_writer());
}

Comparison read_comparison(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / kSpecFile;
  const nlohmann::json all = read_json(file);
  Comparison comparison;
  try {
    if (!all.is_object()) throw MediaError(folder.string() + ": holds no comparison");
    comparison.spec = parse_spec(all.at("spec"), folder);
    for (const nlohmann::json& one : all.at("cells")) {
      Cell cell;
      cell.index = comparison.cells.size();
      one.at("at").get_to(cell.at);
      one.at("label").get_to(cell.label);
      cell.keys = one.at("keys");
      cell.run = one.value("run", nlohmann::json());
      if (cell.run.is_object() && cell.run.contains("input") && cell.run["input"].contains("packed"))
        cell.run["input"]["packed"] = (folder / cell.run["input"]["packed"].get<std::string>()).string();
      cell.key = one.value("key", "");
      cell.error = one.value("error", "");
      if (cell.at.size() != comparison.spec.axes.size()) throw MediaError(file.string() + ": is damaged");
      for (size_t k = 0; k < cell.at.size(); ++k) {
        if (cell.at[k] >= comparison.spec.axes[k].values.size()) throw MediaError(file.string() + ": is damaged");
      }
      comparison.cells.push_back(std::move(cell));
    }
  } catch (const nlohmann::json::exception&) {
    throw MediaError(file.string() + ": is damaged");
  } catch (const SettingError& e) {
    throw MediaError(file.string() + ": " + e.what());
  }
  return comparison;
}

SweepReport sweep(const std::vector<Cell>& cells, const CompareSpec& spec, const CellStore& store,
                  const SweepOptions& options, const SweepObserver& observer, std::stop_token stop) {
  write_comparison(store.folder(), spec, cells);
  return Sweep(spec, store, options, observer, std::move(stop)).run(cells);
}

}  // namespace mgdm
