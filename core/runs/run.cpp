#include "core/runs/run.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <sys/resource.h>
#include <torch/version.h>

#include <chrono>

#include "core/seeds.h"

namespace mgdm {

using nlohmann::json;

Run::Run(std::shared_ptr<const Prior> prior, RunRequest request, const at::Tensor& photo, const at::Tensor& mask)
    : prior_(std::move(prior)), request_(std::move(request)), photo_(photo) {
  task_ = &find_task(request_.task, request_.task_settings);
  // What is wrong with the method is said before anything is made.
  sampler_settings(find_sampler(request_.sampler), request_.preset, request_.sampler_settings);
  complete_problem_request(request_);
  if (request_.samples < 1 || request_.samples > 256) {
    throw SettingError("samples is " + std::to_string(request_.samples) + ", must be 1 to 256");
  }
  problem_ = photo_problem(request_, photo, mask, prior_.get());
  method_ = make_method(request_.sampler, request_.preset, request_.sampler_settings, problem_.likelihood.get(),
                        prior_->traits, task_->name);
}

// The state of the iterate that this run branches from, by running its parent that far.
SamplerStart Run::repeat_parent(const std::stop_token& stop) const {
  int step = 0, gibbs = 0;
  int64_t chain = -1;
  RunRequest parent;
  try {
    step = request_.branch.at("step");
    gibbs = request_.branch.at("gibbs");
    chain = request_.branch.at("chain");
    request_.branch.at("request").get_to(parent);
  } catch (const json::exception&) {
    throw SettingError("run: 'branch' must hold request, step, gibbs and chain");
  }
  if (chain < -1 || chain >= parent.samples || (chain == -1 && parent.samples != request_.samples)) {
    throw SettingError("run: 'branch' names a sample that its parent does not have");
  }
  SamplerStart start;
  std::stop_source reached;
  const std::stop_callback outer(stop, [&] { reached.request_stop(); });
  Run(prior_, parent, photo_)
      .execute(
          [&](const Iterate& it) {
            if (it.step != step || it.gibbs != gibbs) return;
            start = {it.t, it.x_t, it.x0};
            reached.request_stop();
          },
          reached.get_token());
  if (!start.x_t.defined()) {
    if (stop.stop_requested()) return start;
    throw SettingError("run: 'branch' names step " + std::to_string(step) + ", which its parent does not reach");
  }
  return start;
}

RunResult Run::execute(const std::function<void(const Iterate&)>& observer, std::stop_token stop,
                       const SamplerStart* given) const {
  const auto started = std::chrono::steady_clock::now();
  SamplerStart start;
  if (!request_.branch.is_null()) {
    start = given != nullptr ? *given : repeat_parent(stop);
    if (!start.x_t.defined()) {  // stopped before it was reached
      RunResult result;
      result.stopped = true;
      result.samples = at::zeros({request_.samples, problem_.signal[0], problem_.signal[1], problem_.signal[2]});
      return result;
    }
    if (const int64_t chain = request_.branch.at("chain"); chain >= 0) {
      std::vector<int64_t> shape = start.x_t.sizes().vec();
      shape[0] = request_.samples;
      start.x_t = start.x_t.slice(0, chain, chain + 1).expand(shape).contiguous();
      start.x0 = start.x0.slice(0, chain, chain + 1).expand(shape).contiguous();
    }
  }
  const SamplerResult sampled = sample(*prior_, problem_, method_,
                                       {.samples = request_.samples,
                                        .noise_seed = stream_seed(request_.seed, Stream::Sampler),
                                        .observer = observer,
                                        .stop = std::move(stop),
                                        .start = start.x_t.defined() ? &start : nullptr});
  at::NoGradGuard no_grad;
  RunResult result;
  const at::Tensor signal = prior_->codec->decode(sampled.x0);
  result.samples = problem_.keep_known(signal.to(at::kCPU, at::kFloat));
  if (method_.description->needs_likelihood) result.residual = problem_.likelihood->residual(signal).to(at::kCPU);
  result.evaluations = sampled.evaluations;
  result.stopped = sampled.stopped;
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  return result;
}

json Run::record(const RunResult& result) const {
  RunRequest complete = request_;
  complete.preset.clear();  // the complete settings stand for themselves
  complete.sampler_settings = method_.settings;
  json j = {{"program", "MGDM Studio"},
            {"version", MGDM_VERSION},
            {"torch", TORCH_VERSION},
            {"request", complete},
            {"preset", request_.preset},
            {"device", prior_->device.str()},
            {"precision", prior_->precision},
            {"threads", at::get_num_threads()},
            {"size", {problem_.signal[2], problem_.signal[1]}},
            {"seconds", result.seconds},
            {"seconds_outside_network", result.seconds - result.evaluations.seconds},
            {"evaluations", {{"forward", result.evaluations.forward}, {"backward", result.evaluations.backward}}},
            {"stopped", result.stopped},
            {"peak_memory_bytes", peak_memory_bytes()}};
  if (result.residual.defined()) {
    const at::Tensor r = result.residual.to(at::kDouble);
    j["residual"] = std::vector<double>(r.data_ptr<double>(), r.data_ptr<double>() + r.numel());
  }
  return j;
}

int64_t peak_memory_bytes() {
  rusage usage{};
  return getrusage(RUSAGE_SELF, &usage) == 0 ? int64_t{usage.ru_maxrss} * 1024 : 0;
}

}  // namespace mgdm
