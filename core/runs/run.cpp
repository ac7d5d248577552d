#include "core/runs/run.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "core/seeds.h"
#include "core/threads/pause.h"

namespace mgdm {

Run::Run(std::shared_ptr<const Prior> prior, RunRequest request, const at::Tensor& photo, const at::Tensor& mask)
    : prior_(std::move(prior)), request_(std::move(request)), photo_(photo) {
  task_ = &find_task(request_.task, request_.task_settings);
  // What is wrong with the method is said before anything is made.
  sampler_settings(find_sampler(request_.sampler), request_.preset, request_.sampler_settings);
  prior_ = told_prior(prior_, request_.prior_settings, request_.prior_settings);
  complete_problem_request(request_);
  check_setting(find_setting(photo_run_settings(), "samples", ""), request_.samples, "");
  problem_ = photo_problem(request_, photo, mask, prior_.get());
  method_ = make_method(request_.sampler, request_.preset, request_.sampler_settings, problem_.likelihood.get(),
                        prior_->traits, task_->name);
}

RunResult Run::execute(const std::function<void(const Iterate&)>& observer, std::stop_token stop,
                       const SamplerStart* given) const {
  const WorkClock clock;
  SamplerStart start;
  if (given != nullptr) start = *given;
  if (!request_.branch.is_null()) {
    if (given == nullptr) throw SettingError("run: a branch needs the iterate that it goes on from");
    if (request_.branch.contains("chains")) {
      const at::Tensor chosen = at::tensor(request_.branch["chains"].get<std::vector<int64_t>>());
      start.x_t = start.x_t.index_select(0, chosen.to(start.x_t.device()));
      start.x0 = start.x0.index_select(0, chosen.to(start.x0.device()));
    } else if (const int64_t chain = request_.branch.at("chain"); chain >= 0) {
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
  result.seconds = clock.seconds();
  return result;
}

}  // namespace mgdm
