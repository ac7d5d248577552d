#include "core/runs/run_record.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <sys/resource.h>
#include <torch/version.h>

#include <fstream>

#include "core/files/json_text.h"

namespace mgdm {

using nlohmann::json;

namespace {

constexpr int kFormat = 2;  // of the record; absent: 1

}  // namespace

json run_record(const Run& run, const RunResult& result, const RecordContext& context) {
  RunRequest complete = run.request();
  const std::string preset = std::exchange(complete.preset, "");  // the complete settings stand for themselves
  complete.sampler_settings = run.settings();
  const auto& shape = run.problem().signal;
  json j = {{"program", "MGDM Studio"},
            {"version", MGDM_VERSION},
            {"format", kFormat},
            {"torch", TORCH_VERSION},
            {"request", complete},
            {"preset", preset},
            {"device", run.prior().device.str()},
            {"precision", run.prior().precision},
            {"threads", at::get_num_threads()},
            {"size", {shape[2], shape[1]}},
            {"seconds", result.seconds},
            {"seconds_outside_network", result.seconds - result.evaluations.seconds},
            {"evaluations", {{"forward", result.evaluations.forward}, {"backward", result.evaluations.backward}}},
            {"stopped", result.stopped},
            {"peak_memory_bytes", peak_memory_bytes()}};
  if (result.residual.defined()) {
    const at::Tensor r = result.residual.to(at::kDouble);
    j["residual"] = std::vector<double>(r.data_ptr<double>(), r.data_ptr<double>() + r.numel());
  }
  if (!run.prior().unheard.empty()) j["prompt_cut"] = run.prior().unheard;
  if (!context.files.empty()) j["files"] = context.files;
  if (!context.fall_backs.empty()) j["fall_backs"] = fall_backs_json(context.fall_backs);
  if (context.recompute) j["recompute"] = true;
  return j;
}

RunRecord parse_run_record(const json& j, const std::string& name) {
  if (!j.is_object() || !j.contains("request")) throw MediaError(name + ": is not a run file");
  RunRecord record;
  j.at("request").get_to(record.request);
  try {
    record.preset = j.value("preset", "");
    record.device = j.value("device", "cpu");
    record.precision = j.value("precision", "auto");
    record.threads = j.value("threads", 0);
    record.recompute = j.value("recompute", false);
    record.files = j.value("files", json::object());
    record.area_is_of_observation = j.value("format", 1) < 2;
  } catch (const json::exception&) {
    throw MediaError(name + ": is a damaged run file");
  }
  if (!record.files.is_object()) throw MediaError(name + ": is a damaged run file");
  record.all = j;
  return record;
}

RunRecord read_run_record(const std::filesystem::path& file) {
  if (!std::ifstream(file)) throw MediaError(file.string() + ": cannot be opened");
  return parse_run_record(read_json(file), file.string());
}

int64_t peak_memory_bytes() {
  rusage usage{};
  return getrusage(RUSAGE_SELF, &usage) == 0 ? int64_t{usage.ru_maxrss} * 1024 : 0;
}

}  // namespace mgdm
