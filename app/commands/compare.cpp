// mgdm compare: settings, samplers, models and inputs side by side, on one machine or many.
#include <algorithm>
#include <csignal>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <sstream>

#include "app/command_line/command.h"
#include "app/command_line/exit_codes.h"
#include "app/command_line/interrupts.h"
#include "app/command_line/options.h"
#include "app/command_line/progress.h"
#include "app/command_line/slurm.h"
#include "core/compare/pack.h"
#include "core/compare/sweep.h"
#include "core/compare/table.h"
#include "core/files/atomic_file.h"
#include "core/files/json_text.h"

namespace mgdm::app {

namespace {

namespace fs = std::filesystem;

struct CompareOptions {
  CommonOptions common;
  fs::path spec, out, pack, html;
  std::string shard = "1/1", format = "markdown";
  bool print = false, table = false, again = false;
  TableOptions of_table;
  std::string submit;
  int64_t shards = 0;  ///< 0: as many as there are cells, at most kMostShards
  std::vector<std::string> sbatch;
};

constexpr int64_t kMostShards = 64;  ///< each loads its model

void print_cells(const CompareSpec& spec, const std::vector<Cell>& cells, bool as_json) {
  if (as_json) {
    nlohmann::json list = nlohmann::json::array();
    for (const Cell& cell : cells) {
      nlohmann::json one = {{"label", cell.label}, {"key", cell.key}, {"run", cell.run}};
      if (!cell.error.empty()) one = {{"label", cell.label}, {"error", cell.error}};
      list.push_back(std::move(one));
    }
    std::cout << json_text(list, 2) << '\n';
    return;
  }
  for (const Axis& axis : spec.axes) {
    std::cout << axis.name << ':';
    for (const AxisValue& value : axis.values)
      std::cout << ' ' << value.label << (&value == &axis.values.back() ? "" : ",");
    std::cout << '\n';
  }
  for (const Cell& cell : cells)
    std::cout << std::setw(5) << cell.index + 1 << "  " << cell.label
              << (cell.error.empty() ? "" : "  - cannot be run: " + cell.error) << '\n';
  std::cout << cells.size() << " cells\n";
}

// Every cell that cannot be run, before anything runs.
void refuse_bad_cells(const std::vector<Cell>& cells) {
  const auto bad = std::count_if(cells.begin(), cells.end(), [](const Cell& cell) { return !cell.error.empty(); });
  if (bad == 0) return;
  constexpr int kShown = 20;
  int shown = 0;
  for (const Cell& cell : cells) {
    if (cell.error.empty() || ++shown > kShown) continue;
    std::cerr << "mgdm: cell " << cell.index + 1 << (cell.label.empty() ? "" : " (" + cell.label + ")") << ": "
              << cell.error << '\n';
  }
  throw SettingError(std::to_string(bad) + " of " + std::to_string(cells.size()) +
                     " cells cannot be run; nothing was begun (\"skip\": \"impossible\" leaves them out)");
}

std::vector<std::optional<CellResult>> results_in(const CellStore& store, const std::vector<Cell>& cells) {
  std::vector<std::optional<CellResult>> results;
  for (const Cell& cell : cells) {
    std::optional<CellResult> result;
    if (cell.error.empty()) {
      result = store.read(cell.key, false);
    } else {
      result.emplace().error = cell.error;
    }
    results.push_back(std::move(result));
  }
  return results;
}

void write_tables(const CompareOptions& o, const CompareSpec& spec, const std::vector<Cell>& cells) {
  const CellStore store(o.out);
  const CompareTable table = make_table(spec, cells, results_in(store, cells), o.of_table);
  if (!o.html.empty()) {
    const auto picture = [&](size_t k) { return picture_of(store, cells[k]); };
    write_file_bytes(o.html, html_report(spec, cells, table, picture));
    if (!o.common.quiet) std::cerr << "mgdm: written to " << o.html.string() << '\n';
  }
  if (o.html.empty() || o.table) std::cout << (o.format == "csv" ? csv(table) : markdown(table));
}

std::string line_of(const Cell& cell, const CellResult& result) {
  std::ostringstream out;
  out << (cell.label.empty() ? "the only cell" : cell.label) << ":";
  if (!result.error.empty()) {
    out << " failed: " << result.error;
    return out.str();
  }
  int shown = 0;
  for (const std::string& name : ordered_figures({result.figures})) {
    const Figure figure = figure_of(name);
    if (name.rfind("mean_", 0) == 0 || name == "peak_memory" || (figure.of_quality && ++shown > 4)) continue;
    out << "  " << figure.label << ' ' << figure_text(name, result.figures.at(name));
  }
  return out.str();
}

SweepReport run_cells(const CompareOptions& o, const CompareSpec& spec, const std::vector<Cell>& cells) {
  const std::stop_token stop = stop_on_signals();
  const CellStore store(o.out);
  SweepOptions options;
  options.shard = parse_shard(o.shard);
  options.place = o.common.place;
  options.again = o.again;
  ProgressLine line(!o.common.quiet);
  SweepObserver observer;
  std::string left;
  bool told = false;  // what the first cell lets expect
  const auto say = [&](const std::string& text) {
    if (o.common.quiet) return;
    line.clear();
    std::cerr << text << std::endl;
  };
  observer.finished = [&](const Cell& cell, const CellResult& result) { say(line_of(cell, result)); };
  observer.notice = [&](const Cell& cell, const FallBack& f) { say("mgdm: " + cell.label + ": " + words(f)); };
  observer.progress = [&](size_t done, size_t of, double seconds) {
    left = std::to_string(done) + "/" + std::to_string(of) + " cells";
    if (seconds < 0) return;
    left += ", left " + duration_words(seconds);
    if (!told && done < of) say("mgdm: " + left);
    told = true;
  };
  if (line.shown()) {
    observer.iterate = [&](const Cell& cell, const CellIterate& it) {
      line.show(it.share, cell.label + (left.empty() ? "" : "  (" + left + ")"));
    };
  }
  return sweep(cells, spec, store, options, observer, stop);
}

int submit(const CompareOptions& o, size_t cells) {
  const auto& place = o.common.place;
  SlurmJob job{.program = fs::read_symlink("/proc/self/exe"),
               .spec = fs::absolute(o.spec).lexically_normal(),
               .out = fs::absolute(o.out).lexically_normal(),
               .shards = o.shards > 0 ? o.shards : std::min<int64_t>(kMostShards, static_cast<int64_t>(cells)),
               .arguments = {"--device", place.device, "--precision", place.precision},
               .options = o.sbatch};
  if (place.recompute) job.arguments.push_back("--recompute");
  if (o.again) job.arguments.push_back("--again");
  if (o.common.threads > 0) job.arguments.insert(job.arguments.end(), {"--threads", std::to_string(o.common.threads)});
  for (const std::string& id : submit_to_slurm(job)) std::cout << id << '\n';
  if (!o.common.quiet)
    std::cerr << "mgdm: " << cells << " cells in " << job.shards << " shards submitted; mgdm compare " << o.out.string()
              << " --table shows what is there\n";
  return kDone;
}

int compare(CompareOptions o) {
  use_threads(o.common.threads);
  Comparison comparison;
  if (fs::is_directory(o.spec)) {
    if (o.out.empty()) o.out = o.spec;
    comparison = read_comparison(o.spec);
  } else {
    comparison.spec = read_spec(o.spec);
    comparison.cells = cells_of(comparison.spec);
  }
  const auto& [spec, cells] = comparison;
  if (o.print) {
    print_cells(spec, cells, o.common.print_json);
    return kDone;
  }
  if (!o.pack.empty()) {
    refuse_bad_cells(cells);
    const size_t packed = pack(spec, cells, o.pack, o.common.place);
    if (!o.common.quiet)
      std::cerr << "mgdm: " << packed << " inputs and comparison.json in " << o.pack.string() << '\n';
    return kDone;
  }
  if (o.out.empty()) throw SettingError("--out FOLDER is needed");
  if (o.table || !o.html.empty()) {
    write_tables(o, spec, cells);
    return kDone;
  }
  refuse_bad_cells(cells);
  if (!o.submit.empty()) return submit(o, cells.size());
  if (!o.common.quiet) std::cerr << "mgdm: " << cells.size() << " cells\n";
  const SweepReport report = run_cells(o, spec, cells);
  if (!o.common.quiet) {
    std::cerr << "mgdm: " << report.done << " cells done, " << report.were_there << " were there";
    if (report.failed > 0) std::cerr << ", " << report.failed << " failed";
    if (report.others > 0) std::cerr << ", " << report.others << " are another process's";
    std::cerr << '\n';
  }
  if (report.stopped) return kInterrupted;
  return report.failed > 0 ? kInput : kDone;
}

}  // namespace

Command describe_compare() {
  return {2, "compare", "Compare settings, samplers, models and inputs, cell by cell", [](CLI::App& app) {
            const auto o = std::make_shared<CompareOptions>();
            app.add_option("spec", o->spec, "what is compared (JSON, see core/compare/spec.h), or a folder of results")
                ->required();
            app.add_option("--out", o->out, "folder of results; what it holds already is not computed again");
            app.add_flag("--print", o->print, "only show the cells");
            app.add_flag("--table", o->table, "only print the table of what the folder holds");
            app.add_option("--over", o->of_table.over, "table: axes whose values are put together, as mean and spread")
                ->delimiter(',');
            app.add_option("--against", o->of_table.against,
                           "table: AXIS=VALUE; differences to it, paired over the other axes");
            app.add_option("--figures", o->of_table.figures, "table: only these figures")->delimiter(',');
            app.add_option("--format", o->format, "table: markdown or csv")
                ->check(CLI::IsMember({"markdown", "csv"}))
                ->capture_default_str();
            app.add_option("--html", o->html, "only write one HTML file with table, plot and pictures");
            app.add_option("--shard", o->shard, "i/n: only this part of the cells; any number of processes at once")
                ->capture_default_str();
            app.add_option("--submit", o->submit, "run all shards as a job array of this scheduler")
                ->check(CLI::IsMember({"slurm"}));
            app.add_option("--shards", o->shards, "with --submit: how many")
                ->check(CLI::Range(1, 100000))
                ->default_str("one for each cell, at most " + std::to_string(kMostShards));
            app.add_option(
                   "--sbatch", o->sbatch,
                   "with --submit: an option of sbatch, --sbatch=--time=2:00:00; repeatable; or all of them behind --")
                ->allow_extra_args(false);
            app.add_flag("--again", o->again, "try again what failed before");
            app.add_option("--pack", o->pack,
                           "only write the inputs as tensors, for a machine without OpenCV, into this folder");
            add_device_options(app, o->common);
            return [o] {
              const std::vector<std::string>& rest = behind_dashes();
              if (!rest.empty() && o->submit.empty())
                throw SettingError("behind -- stand options of sbatch, with --submit");
              o->sbatch.insert(o->sbatch.end(), rest.begin(), rest.end());
              return compare(*o);
            };
          }};
}

}  // namespace mgdm::app
