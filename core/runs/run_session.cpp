#include "core/runs/run_session.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <new>

#include "core/errors.h"
#include "core/seeds.h"

namespace mgdm {

namespace {

KeptIterate kept_iterate(const Iterate& it, const NoiseSchedule& schedule) {
  return {it.step,
          it.steps,
          it.gibbs,
          it.t,
          schedule.alpha_bar(it.t),
          it.x_t.to(at::kCPU),
          it.x0.to(at::kCPU),
          it.seconds,
          it.evaluations.forward,
          it.evaluations.backward};
}

}  // namespace

RunSession::RunSession(ModelPool& pool, RunPolicy policy)
    : pool_(pool), policy_(std::move(policy)), trajectory_(policy_.trajectory_bytes) {}

SessionResult RunSession::run(RunRequest request, InputSource& input, const RunObserver& observer,
                              std::stop_token stop) {
  std::optional<Start> start;
  if (!request.branch.is_null()) {
    start = repeat_parent(request, input, observer, stop);
    if (!start) {  // stopped before it was reached
      SessionResult nothing;
      nothing.result.stopped = true;
      return nothing;
    }
  }
  return attempt_all(std::move(request), std::move(start), input, observer, stop);
}

SessionResult RunSession::branch(const BranchPoint& from, RunRequest request, InputSource& input,
                                 const RunObserver& observer, std::stop_token stop) {
  if (trajectory_identity_ != input.identity()) {
    throw SettingError("the photo or the working area has changed since that run: start a new one");
  }
  const KeptIterate* it = trajectory_.find(from.step, from.gibbs);
  if (it == nullptr) throw SettingError("that iterate is no longer kept");
  return attempt_all(std::move(request), start_at(*it, from), input, observer, stop);
}

SessionResult RunSession::go_on(RunRequest request, InputSource& input, const RunObserver& observer,
                                std::stop_token stop) {
  if (trajectory_.kept().empty()) return attempt_all(std::move(request), std::nullopt, input, observer, stop);
  if (trajectory_identity_ != input.identity()) {
    throw SettingError("the photo or the working area has changed since that run: start a new one");
  }
  return attempt_all(std::move(request), start_at(trajectory_.kept().back(), {}), input, observer, stop);
}

SessionResult RunSession::resume(const RunState& state, RunRequest request, InputSource& input,
                                 const RunObserver& observer, std::stop_token stop) {
  input.check_is(state.origin);
  return attempt_all(std::move(request), Start{state.iterate, state.request, state.precision, -1}, input, observer,
                     stop);
}

SessionResult RunSession::refine(const Guess& guess, RunRequest request, InputSource& input,
                                 const RunObserver& observer, std::stop_token stop) {
  request.samples = guess.signal.size(0);
  Start start;
  start.guess = guess;
  return attempt_all(std::move(request), std::move(start), input, observer, stop);
}

std::shared_ptr<const Prior> RunSession::model(const std::string& name, const RunObserver& observer) {
  return pool_.get(name, place_of(name), observer.loading);
}

ModelPlace RunSession::place_of(const std::string& model) const {
  ModelPlace place = policy_.fall_back.place;
  if (place.precision == "auto" && only_float32_.count(model) != 0) place.precision = "float32";
  return place;
}

namespace {

// A state at the noise level where `guess.signal` is all that is known.
SamplerStart noisy_start(const Guess& guess, const Prior& prior, uint64_t seed) {
  at::NoGradGuard no_grad;
  const int t = std::max(2, prior.schedule.nearest_level(guess.sigma));
  const double alpha_bar = prior.schedule.alpha_bar(t);
  const at::Tensor x0 = prior.codec->encode(guess.signal.to(prior.device));
  const at::Tensor noise =
      at::randn(x0.sizes(), at::detail::createCPUGenerator(stream_seed(seed, Stream::Refinement)), at::kFloat);
  return {t, std::sqrt(alpha_bar) * x0 + std::sqrt(1 - alpha_bar) * noise.to(x0.device()), x0};
}

}  // namespace

RunSession::Start RunSession::start_at(const KeptIterate& iterate, const BranchPoint& from) const {
  for (const int sample : from.samples) {
    if (sample < 0 || sample >= iterate.x_t.size(0))
      throw SettingError("that iterate has no sample " + std::to_string(sample));
  }
  return {iterate, trajectory_request_, trajectory_precision_, from.samples.empty() ? from.sample : -1, from.samples};
}

// The state of the iterate that a recorded branch goes on from, by running its parent that far, with the parent's
// model.
std::optional<RunSession::Start> RunSession::repeat_parent(const RunRequest& request, InputSource& input,
                                                           const RunObserver& observer, const std::stop_token& stop) {
  RunRequest parent;
  Start start;
  int step = 0, gibbs = 0;
  try {
    step = request.branch.at("step");
    gibbs = request.branch.at("gibbs");
    if (request.branch.contains("chains")) {
      request.branch.at("chains").get_to(start.samples);
    } else {
      start.sample = request.branch.at("chain");
    }
    start.precision = request.branch.value("precision", policy_.fall_back.place.precision);
    request.branch.at("request").get_to(parent);
  } catch (const nlohmann::json::exception&) {
    throw SettingError("run: 'branch' must hold request, step, gibbs and chain or chains");
  }
  const bool some = request.branch.contains("chains");
  const auto there = [&](int sample) { return sample >= 0 && sample < parent.samples; };
  const bool fits = some ? !start.samples.empty() && static_cast<int64_t>(start.samples.size()) == request.samples &&
                               std::all_of(start.samples.begin(), start.samples.end(), there)
                         : there(start.sample) || (start.sample == -1 && parent.samples == request.samples);
  if (!fits) {
    throw SettingError("run: 'branch' names a sample that its parent does not have");
  }
  start.request = request.branch.at("request");
  std::stop_source reached;
  const std::stop_callback outer(stop, [&] { reached.request_stop(); });
  RunPolicy exactly = policy_;  // a fall-back would not give the iterate that was branched from
  FallBackPolicy& none = exactly.fall_back;
  none.place.precision = start.precision;
  none.float32_on_nan = none.halve_on_memory = none.processor_on_failure = false;
  exactly.state_file.clear();
  exactly.trajectory_bytes = 0;
  RunObserver watch;
  watch.loading = observer.loading;
  watch.iterate = [&](const Run& run, const Iterate& it) {
    if (it.step != step || it.gibbs != gibbs) return;
    start.iterate = kept_iterate(it, run.prior().schedule);
    reached.request_stop();
  };
  RunSession(pool_, exactly).run(parent, input, watch, reached.get_token());
  if (start.iterate.x_t.defined()) return start;
  if (stop.stop_requested()) return std::nullopt;
  throw SettingError("run: 'branch' names step " + std::to_string(step) + ", which its parent does not reach");
}

SessionResult RunSession::attempt_all(RunRequest request, std::optional<Start> start, InputSource& input,
                                      const RunObserver& observer, const std::stop_token& stop) {
  place_ = place_of(request.prior);
  fall_backs_.clear();
  if (start && !start->guess.signal.defined()) {
    request.branch = {{"request", start->request},
                      {"precision", start->precision},
                      {"step", start->iterate.step},
                      {"gibbs", start->iterate.gibbs}};
    if (!start->samples.empty()) {
      request.branch["chains"] = start->samples;
      request.samples = static_cast<int64_t>(start->samples.size());
    } else {
      request.branch["chain"] = start->sample;
      if (start->sample < 0) request.samples = start->iterate.x_t.size(0);
    }
  }
  for (;;) {
    try {
      SessionResult result = attempt(request, start, input, observer, stop);
      const bool suspended = result.result.stopped && policy_.suspended && policy_.suspended();
      std::error_code ignored;
      if (!policy_.state_file.empty() && !suspended) std::filesystem::remove(policy_.state_file, ignored);
      return result;
    } catch (const std::exception& e) {
      if (!fall_back(e, request, start.has_value(), observer)) {
        std::error_code ignored;
        if (!policy_.state_file.empty()) std::filesystem::remove(policy_.state_file, ignored);
        throw;
      }
    }
  }
}

// Whether there is another way to do it; `request` and `place_` are then changed to it.
bool RunSession::fall_back(const std::exception& e, RunRequest& request, bool samples_fixed,
                           const RunObserver& observer) {
  Attempt attempt{place_, request.samples, samples_fixed || !request.branch.is_null()};
  const auto next = another_way(e, policy_.fall_back, attempt);
  if (!next) return false;
  place_ = attempt.place;
  request.samples = attempt.samples;
  if (next->kind == FallBack::Kind::Float32) only_float32_.insert(request.prior);
  fall_backs_.push_back(*next);
  if (observer.notice) observer.notice(*next);
  return true;
}

SessionResult RunSession::attempt(const RunRequest& request, const std::optional<Start>& start, InputSource& input,
                                  const RunObserver& observer, const std::stop_token& stop) {
  const auto prior = pool_.get(request.prior, place_, observer.loading);
  if (prior->precision == "float32" && place_.precision == "auto")
    place_.precision = "float32";  // nothing to fall back to
  RunRequest wanted = request;
  const Task& task = find_task(wanted.task, wanted.task_settings);
  SamplerStart begin;
  if (start && start->guess.signal.defined()) {
    begin = noisy_start(start->guess, *prior, request.seed);
  } else if (start) {
    const KeptIterate& it = start->iterate;
    const std::string parents = start->request.value("prior", wanted.prior);
    if (parents != wanted.prior &&
        (prior->traits.latent || std::abs(prior->schedule.alpha_bar(it.t) - it.alpha_bar) > 1e-6)) {
      throw SettingError("that iterate is of model '" + parents + "', which works in another space than '" +
                         wanted.prior + "': start a new run");
    }
    begin = {it.t, it.x_t, it.x0};
  }
  SessionResult session;
  session.input = input.prepare(*prior, task, wanted);
  session.run = std::make_shared<const Run>(prior, wanted, session.input.signal, session.input.hole);
  const Run& run = *session.run;
  const nlohmann::json complete = run_record(run, {}).at("request");
  if (observer.begun) observer.begun(run, session.input);

  bool shown = false;
  StateClock state_clock;
  const auto keep_state = [&](const KeptIterate& kept) {
    if (policy_.state_file.empty() || kept.t < 2) return;
    write_run_state(policy_.state_file, {kept, complete, session.input.origin, prior->precision});
  };
  const auto observe = [&](const Iterate& attempts) {
    Iterate it = attempts;
    if (start) {
      it.seconds += start->iterate.seconds;
      it.evaluations.forward += start->iterate.forward;
      it.evaluations.backward += start->iterate.backward;
    }
    if (!shown) {  // only now: an attempt that fails at once leaves its parent's iterates
      shown = true;
      trajectory_.clear();
      trajectory_request_ = complete;
      trajectory_precision_ = prior->precision;
      trajectory_identity_ = input.identity();
    }
    const KeptIterate kept = kept_iterate(it, prior->schedule);
    trajectory_.add(kept);
    state_clock.tick(attempts.seconds, [&] { keep_state(kept); });
    if (observer.iterate) observer.iterate(run, it);
  };
  try {
    session.result = run.execute(observe, stop, start ? &begin : nullptr);
  } catch (...) {
    if (shown) trajectory_.clear();  // of an attempt that failed: nobody can go on from it
    throw;
  }
  if (shown && session.result.stopped && policy_.suspended && policy_.suspended())
    keep_state(trajectory_.kept().back());
  session.context = {session.input.origin, fall_backs_, place_.recompute};
  return session;
}

}  // namespace mgdm
