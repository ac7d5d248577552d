#include "core/runs/run_state.h"

#include <algorithm>
#include <chrono>

#include "core/checkpoints/safetensors.h"
#include "core/files/json_text.h"

namespace mgdm {

namespace {

RunState state_of(const std::map<std::string, std::string>& metadata, const std::filesystem::path& file) {
  const auto text = metadata.find("run");
  const auto run = text == metadata.end() ? nlohmann::json() : parse_json(text->second);
  RunState state;
  try {
    run.at("step").get_to(state.iterate.step);
    run.at("steps").get_to(state.iterate.steps);
    run.at("gibbs").get_to(state.iterate.gibbs);
    run.at("t").get_to(state.iterate.t);
    run.at("alpha_bar").get_to(state.iterate.alpha_bar);
    state.request = run.at("request");
    state.origin = run.at("origin");
    run.at("precision").get_to(state.precision);
    state.iterate.seconds = run.value("seconds", 0.0);
    state.iterate.forward = run.value("forward", int64_t{0});
    state.iterate.backward = run.value("backward", int64_t{0});
  } catch (const nlohmann::json::exception&) {
    throw MediaError(file.string() + ": is no state of an interrupted run");
  }
  return state;
}

}  // namespace

void StateClock::tick(double seconds, const std::function<void()>& write) {
  if (seconds <= due_) return;
  const auto clock = std::chrono::steady_clock::now();
  write();
  const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - clock).count();
  due_ = seconds + took + std::max(kInterval, kShare * took);
}

void write_run_state(const std::filesystem::path& file, const RunState& state) {
  try {
    const KeptIterate& it = state.iterate;
    const nlohmann::json run = {{"request", state.request},
                                {"origin", state.origin},
                                {"precision", state.precision},
                                {"step", it.step},
                                {"steps", it.steps},
                                {"gibbs", it.gibbs},
                                {"t", it.t},
                                {"alpha_bar", it.alpha_bar},
                                {"seconds", it.seconds},
                                {"forward", it.forward},
                                {"backward", it.backward}};
    write_safetensors(file, {{{"x_t", it.x_t.contiguous()}, {"x0", it.x0.contiguous()}}, {{"run", json_text(run)}}});
  } catch (const std::exception&) {
  }
}

RunState read_run_state(const std::filesystem::path& file) {
  const Checkpoint checkpoint = read_safetensors(file);
  RunState state = state_of(checkpoint.metadata, file);
  for (auto [name, tensor] : {std::pair{"x_t", &state.iterate.x_t}, std::pair{"x0", &state.iterate.x0}}) {
    const auto found = checkpoint.tensors.find(name);
    if (found == checkpoint.tensors.end()) throw MediaError(file.string() + ": is no state of an interrupted run");
    *tensor = found->second.clone();  // the file goes on being written
  }
  return state;
}

RunState read_run_state_summary(const std::filesystem::path& file) {
  return state_of(read_safetensors_metadata(file), file);
}

}  // namespace mgdm
