#include <ATen/ATen.h>
#include <QtTest>

#include "core/operators/degradations/blur.h"
#include "core/operators/degradations/denoising.h"
#include "core/operators/degradations/jpeg.h"
#include "core/operators/degradations/super_resolution.h"
#include "core/priors/gaussian_mixture.h"
#include "core/samplers/description.h"
#include "core/samplers/mgdm/denoised_guidance.h"
#include "core/samplers/updates/conjugate_gradients.h"
#include "tests/core/samplers/tapes.h"
#include "tests/oracle.h"

using namespace mgdm;
using namespace mgdm::test;

namespace {

const auto kDouble = at::TensorOptions().dtype(at::kDouble);

/// The same map with the decomposition that the recorded runs used.
class DecomposedMap : public LinearMap {
 public:
  DecomposedMap(const at::Tensor& a, at::Tensor u, at::Tensor s, at::Tensor v)
      : LinearMap(a), u_(std::move(u)), s_(std::move(s)), v_(std::move(v)) {}
  bool has_pseudo_inverse() const override { return true; }
  at::Tensor pseudo_inverse(const at::Tensor& y) const override {
    const at::Tensor z = y.mm(u_.to(y.scalar_type())) / s_.to(y.scalar_type());
    return z.mm(v_.slice(1, 0, s_.numel()).t().to(y.scalar_type()));
  }
  bool has_svd() const override { return true; }
  at::Tensor singular_values() const override { return s_; }
  at::Tensor to_spectral(const at::Tensor& x) const override { return x.mm(v_.to(x.scalar_type())); }
  at::Tensor from_spectral(const at::Tensor& z) const override { return z.mm(v_.t().to(z.scalar_type())); }
  at::Tensor observation_to_spectral(const at::Tensor& y) const override { return y.mm(u_.to(y.scalar_type())); }

 private:
  at::Tensor u_, s_, v_;
};

GaussianMixture two_modes() {
  return {at::tensor({0.7, 0.3}, kDouble), at::tensor({1.0, 0.5, -1.0, -0.5}, kDouble).reshape({2, 2}),
          at::stack({at::eye(2, kDouble) * 0.05, at::eye(2, kDouble) * 0.1})};
}

struct Toy {
  GaussianMixture mixture = two_modes();
  at::Tensor a = at::tensor({1.0, -1.0}, kDouble).reshape({1, 2}), y = at::tensor({0.3}, kDouble);
  Prior prior = make_mixture_prior(mixture, NoiseSchedule::vp_linear());
  GaussianLikelihood likelihood{std::make_shared<LinearMap>(a), y.reshape({1, 1}), 0.1};
};

}  // namespace

class TestSamplers : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void mixtureDenoiserMatchesTheReference() {
    NEEDS_ORACLE("gm_pub_d10.pt", "sampler_tapes.pt");
    const auto t = test::oracle_tensors("gm_pub_d10.pt");
    const at::Tensor table = t.at("alphas_cumprod").to(at::kDouble).contiguous();
    const NoiseSchedule schedule(
        std::vector<double>(table.data_ptr<double>(), table.data_ptr<double>() + table.numel()));
    const Prior prior = make_mixture_prior({t.at("weights"), t.at("means"), t.at("covs")}, schedule);
    int compared = 0;
    for (const auto& [name, eps] : t) {
      if (name.rfind("eps_t", 0) != 0) continue;
      const int level = std::stoi(name.substr(5));
      const at::Tensor x = t.at("eps_x");
      QVERIFY2(
          test::max_difference(predict_noise(schedule, x, prior.denoiser->predict_x0(x, {level}), level), eps) < 1e-8,
          name.c_str());
      ++compared;
    }
    QVERIFY(compared > 0);
  }

  void exactPosteriorMatchesTheReference() {
    NEEDS_ORACLE("gm_pub_d2.pt", "gm_pub_d10.pt");
    for (const std::string name : {"gm_pub_d2", "gm_pub_d10", "gm_pub_d50"}) {
      if (!test::oracle_has({(name + ".pt").c_str()})) continue;  // d50 is not in the small oracle
      const auto t = test::oracle_tensors(name + ".pt");
      const auto problem = test::oracle_json(name + ".json");
      std::vector<double> flat;
      for (const auto& row : problem.at("A")) {
        for (const auto& v : row) flat.push_back(v);
      }
      const at::Tensor a = at::tensor(flat, kDouble).reshape({static_cast<int64_t>(problem.at("A").size()), -1});
      const at::Tensor covariances = t.contains("covs") ? t.at("covs") : at::diag_embed(t.at("covs_diag"));
      const GaussianMixture posterior =
          GaussianMixture{t.at("weights"), t.at("means"), covariances}.posterior(a, t.at("y"), problem.at("sigma_y"));
      QVERIFY2(test::max_difference(posterior.weights, t.at("post_weights")) < 1e-8, name.c_str());
      QVERIFY2(test::max_difference(posterior.means, t.at("post_means")) < 1e-8, name.c_str());
    }
  }

  void competitorsReplayTheReferenceTapes_data() {
    QTest::addColumn<QString>("run");
    QTest::addColumn<bool>("double_precision");
    for (const char* run : {"dps", "pgdm", "ddnm", "ddrm", "diffpir", "reddiff", "daps", "pnp_dm", "pnp_dm_langevin"}) {
      QTest::addRow("%s float32", run) << run << false;
      QTest::addRow("%s float64", run) << run << true;
    }
  }
  void competitorsReplayTheReferenceTapes() {
    NEEDS_ORACLE("gm_pub_d10.pt", "sampler_tapes.pt");
    QFETCH(QString, run);
    QFETCH(bool, double_precision);
    const std::string name = run.toStdString();
    const auto tape = test::oracle_tensors("sampler_tapes.pt");
    const auto problem = test::oracle_tensors("gm_pub_d10.pt");
    const auto meta = test::oracle_json("sampler_tapes.json").at("runs").at(name);
    const auto& p = meta.at("params");
    const Prior prior = recorded_prior(problem);
    const auto type = double_precision ? at::kDouble : at::kFloat;
    const at::Tensor u = tape.at("U").to(at::kDouble), s = tape.at("s").to(at::kDouble),
                     v = tape.at("V").to(at::kDouble);
    const at::Tensor a = (u * s).mm(v.slice(1, 0, s.numel()).t());
    const GaussianLikelihood likelihood(std::make_shared<DecomposedMap>(a, u, s, v),
                                        problem.at("y").reshape({1, -1}).to(type),
                                        problem.at("sigma_y").item<double>());
    Settings settings = {{"steps", meta.at("nsteps")}};
    if (name == "dps") settings["gamma"] = p.at("gamma");
    if (name == "ddnm" || name == "ddrm") settings["eta"] = p.at("eta");
    if (name == "ddrm") settings["eta_b"] = p.at("etaB");
    if (name == "diffpir") settings.update({{"lambda", p.at("lmbd")}, {"zeta", p.at("zeta")}});
    if (name == "reddiff") settings.update({{"learning_rate", p.at("lr")}, {"weight", p.at("grad_term_weight")}});
    if (name == "daps") {
      settings = {{"steps", p.at("num_steps")},
                  {"learning_rate", p.at("lr")},
                  {"rate_ratio", p.at("lr_min_ratio")},
                  {"langevin_steps", p.at("lgv_steps")},
                  {"tau", p.at("tau")}};
    }
    if (name.rfind("pnp_dm", 0) == 0)
      settings.update({{"grid", meta.at("nsteps")},
                       {"rho_start", p.at("rho_start")},
                       {"rho_decay", p.at("rho_decay_rate")},
                       {"rho_min", p.at("rho_min")}});
    if (name == "pnp_dm_langevin")
      settings.update({{"langevin", true},
                       {"langevin_steps", p.at("n_langevin_steps")},
                       {"langevin_rate", p.at("langevin_stepsize")}});
    if (name != "dps" && name != "pgdm") settings["reference_compatible"] = true;
    TapeNoise noise(tape.at(name + "/noise"), tape.at(name + "/noise_sizes"), at::Tensor());
    const SamplerResult result = sampler_of(name == "pnp_dm_langevin" ? "pnp_dm" : name.c_str(), settings)
                                     ->run({prior, &likelihood, tape.at(name + "/x_init").to(type), noise, {}, {}});
    QVERIFY(noise.finished());
    const double error = test::max_difference(result.x0, tape.at(name + (double_precision ? "/x_out_f64" : "/x_out")));
    QVERIFY2(error < (double_precision ? 1e-5 : 1e-4), qPrintable(QString::number(error)));
    QCOMPARE(result.evaluations.forward, meta.at("forward").get<int64_t>());
    QCOMPARE(result.evaluations.backward, meta.at("backward").get<int64_t>());
  }

  void mgdmReplaysTheReferenceTapes_data() {
    QTest::addColumn<QString>("run");
    QTest::addColumn<bool>("double_precision");
    for (const char* run : {"mgdm_default_ffhq", "mgdm_short", "mgdm_eta0.5_det", "mgdm_uniform"}) {
      QTest::addRow("%s float32", run) << run << false;
      QTest::addRow("%s float64", run) << run << true;
    }
  }
  void mgdmReplaysTheReferenceTapes() {
    NEEDS_ORACLE("gm_pub_d10.pt", "sampler_tapes.pt");
    QFETCH(QString, run);
    QFETCH(bool, double_precision);
    const std::string name = run.toStdString();
    const auto tape = test::oracle_tensors("sampler_tapes.pt");
    MGDM_NEEDS(tape.contains(name + "/x_init"), "the full collection of reference numbers");
    const auto problem = test::oracle_tensors("gm_pub_d10.pt");
    const auto meta = test::oracle_json("sampler_tapes.json").at("runs").at(name);
    const auto& p = meta.at("params");
    const Prior prior = recorded_prior(problem);
    std::vector<double> flat;
    const auto rows = test::oracle_json("gm_pub_d10.json").at("A");
    for (const auto& row : rows) {
      for (const auto& v : row) flat.push_back(v);
    }
    const auto type = double_precision ? at::kDouble : at::kFloat;
    const GaussianLikelihood likelihood(
        std::make_shared<LinearMap>(at::tensor(flat, kDouble).reshape({static_cast<int64_t>(rows.size()), -1})),
        problem.at("y").reshape({1, -1}).to(type), problem.at("sigma_y").item<double>());
    const auto sampler = sampler_of("mgdm", {{"steps", meta.at("nsteps")},
                                             {"gibbs", p.at("n_reps")},
                                             {"denoising_steps", p.at("n_denoising_steps")},
                                             {"eta", p.at("eta")},
                                             {"tau", p.at("tau_sampling")},
                                             {"threshold", p.at("threshold")},
                                             {"min_tau", p.at("min_tau")},
                                             {"gradient_steps", rules_of(p.at("grad"))},
                                             {"learning_rate", rules_of(p.at("lr"))},
                                             {"guidance", "denoised"},
                                             {"update", "gauss_vi"},
                                             {"reference_compatible", true}});
    TapeNoise noise(tape.at(name + "/noise"), tape.at(name + "/noise_sizes"),
                    tape.contains(name + "/taus_drawn") ? tape.at(name + "/taus_drawn") : at::Tensor());
    std::vector<at::Tensor> x0, xt;
    const SamplerResult result = sampler->run({prior,
                                               &likelihood,
                                               tape.at(name + "/x_init").to(type),
                                               noise,
                                               [&](const Iterate& it) {
                                                 x0.push_back(it.x0.clone());
                                                 xt.push_back(it.x_t.clone());
                                               },
                                               {}});
    QVERIFY(noise.finished());
    const double error = test::max_difference(result.x0, tape.at(name + (double_precision ? "/x_out_f64" : "/x_out")));
    QVERIFY2(error < (double_precision ? 1e-5 : 1e-4), qPrintable(QString::number(error)));
    QVERIFY(test::max_difference(at::stack(x0), tape.at(name + "/traj_x0").reshape_as(at::stack(x0))) < 1e-3);
    QVERIFY(test::max_difference(at::stack(xt), tape.at(name + "/traj_xt").reshape_as(at::stack(xt))) < 1e-3);
    QCOMPARE(result.evaluations.forward, meta.at("forward").get<int64_t>());
    QCOMPARE(result.evaluations.backward, meta.at("backward").get<int64_t>());
  }

  void denoisingGridsMatchTheReference() {
    NEEDS_ORACLE("tables.json");
    const auto reference = test::oracle_json("tables.json");
    QVERIFY(reference.at("denoising_time_grid").size() > 20);
    for (const auto& [key, grid] : reference.at("denoising_time_grid").items()) {
      const QStringList parts = QString::fromStdString(key).split(',');
      QVERIFY2(denoising_grid(parts[0].toInt(), parts[1].toInt()) == grid.get<std::vector<int>>(), key.c_str());
    }
  }

  void mgdmFindsMeanAndModeWeights_data() {
    QTest::addColumn<QString>("update");
    QTest::addRow("gauss_vi") << "gauss_vi";
    QTest::addRow("gauss_newton") << "gauss_newton";
  }
  void mgdmFindsMeanAndModeWeights() {
    QFETCH(QString, update);
    Toy toy;
    SeededNoise noise(5);
    Settings values = {{"guidance", "denoised"}, {"update", update.toStdString()}};
    if (update == "gauss_vi")
      values["gradient_steps"] = nlohmann::json::parse(R"([{"last": 30, "value": 20}, {"value": 5}])");
    if (update == "gauss_newton") values["gradient_steps"] = 2;
    const SamplerResult result =
        sampler_of("mgdm", values)
            ->run({toy.prior, &toy.likelihood, noise.normal_like(at::empty({800, 2}, kDouble)), noise, {}, {}});
    const GaussianMixture exact = toy.mixture.posterior(toy.a, toy.y, 0.1);
    const double share = result.x0.select(1, 0).gt(0).to(at::kDouble).mean().item<double>();
    const double expected = exact.weights[0].item<double>();
    QVERIFY2(std::abs(share - expected) < 0.12, qPrintable(QString("%1, exact %2").arg(share).arg(expected)));
    const double residual = toy.likelihood.residual(result.x0).square().mean().sqrt().item<double>();
    QVERIFY2(residual > 0.6 && residual < 1.6, qPrintable(QString::number(residual)));
  }

  void ddimSamplesThePrior() {
    Toy toy;
    SeededNoise noise(6);
    const SamplerResult result =
        sampler_of("ddim", {{"steps", 200}})
            ->run({toy.prior, nullptr, noise.normal_like(at::empty({3000, 2}, kDouble)), noise, {}, {}});
    const double share = result.x0.select(1, 0).gt(0).to(at::kDouble).mean().item<double>();
    QVERIFY2(std::abs(share - 0.7) < 0.05, qPrintable(QString::number(share)));
    QCOMPARE(result.evaluations.forward, int64_t{200});
  }

  void chainsDoNotInteract() {
    // One tau for all and the same draws: a chain of a batch equals the chain alone.
    Toy toy;
    class Shared : public NoiseSource {
     public:
      at::Tensor normal_like(const at::Tensor& x) override {
        auto g = at::detail::createCPUGenerator(static_cast<uint64_t>(++calls_));
        return at::randn({1, x.size(1)}, g, kDouble).expand_as(x).contiguous();
      }
      int64_t integer(int64_t low, int64_t high) override { return low + (++calls_ * 7919) % (high - low + 1); }

     private:
      int64_t calls_ = 0;
    };
    for (const char* update : {"gauss_vi", "gauss_newton"}) {
      const auto sampler = sampler_of("mgdm", {{"steps", 20},
                                               {"threshold", 14},
                                               {"guidance", "denoised"},
                                               {"update", update},
                                               {"tau_per_chain", false},
                                               {"gradient_steps", 2},
                                               {"conjugate_steps", 6},
                                               {"conjugate_tolerance", 0.2}});
      const at::Tensor x = at::tensor({0.3, -0.2, 2.0, 1.0}, kDouble).reshape({2, 2});
      Shared a, b;
      const at::Tensor both = sampler->run({toy.prior, &toy.likelihood, x, a, {}, {}}).x0;
      const at::Tensor alone = sampler->run({toy.prior, &toy.likelihood, x.slice(0, 1, 2), b, {}, {}}).x0;
      QVERIFY2(test::max_difference(both.slice(0, 1, 2), alone) < 1e-9, update);
    }
  }

  void everyLawRunsAtEveryLength_data() {
    QTest::addColumn<QString>("law");
    QTest::addColumn<int>("steps");
    for (const char* law : {"uniform", "mix", "deterministic", "mix-det", "zero"}) {
      for (const int steps : {4, 7, 100, 600})
        QTest::newRow(qPrintable(QString("%1, %2 steps").arg(law).arg(steps))) << law << steps;
    }
  }
  void everyLawRunsAtEveryLength() {
    // Small t crashes the public code under some of these.
    QFETCH(QString, law);
    QFETCH(int, steps);
    Toy toy;
    SeededNoise noise(8);
    const auto sampler = sampler_of("mgdm", {{"steps", steps},
                                             {"tau", law.toStdString()},
                                             {"threshold", 1000},
                                             {"guidance", "denoised"},
                                             {"gradient_steps", 1},
                                             {"denoising_steps", 2}});
    const SamplerResult result = sampler->run({toy.prior,
                                               &toy.likelihood,
                                               noise.normal_like(at::empty({3, 2}, kDouble)),
                                               noise,
                                               [](const Iterate& it) {
                                                 for (const int tau : it.tau) QVERIFY(tau >= 1 && tau < it.t);
                                               },
                                               {}});
    QVERIFY(result.x0.isfinite().all().item<bool>());
  }

  void stopsAtEveryStage() {
    Toy toy;
    for (int after = 1; after < 30; after += 3) {
      std::stop_source source;
      class Stopping : public Denoiser {
       public:
        Stopping(std::shared_ptr<Denoiser> inner, std::stop_source s, int n)
            : inner_(std::move(inner)), source_(std::move(s)), left_(n) {}
        at::Tensor predict_x0(const at::Tensor& x, const Levels& levels) override {
          if (left_ <= 0) ++late;
          if (--left_ == 0) source_.request_stop();
          return inner_->predict_x0(x, levels);
        }
        at::Tensor denoise(const at::Tensor& x, double sigma) override {
          if (left_ <= 0) ++late;
          if (--left_ == 0) source_.request_stop();
          return inner_->denoise(x, sigma);
        }
        int late = 0;

       private:
        std::shared_ptr<Denoiser> inner_;
        std::stop_source source_;
        int left_;
      };
      const auto stopping = std::make_shared<Stopping>(toy.prior.denoiser, source, after);
      Prior prior = toy.prior;
      prior.denoiser = stopping;
      SeededNoise noise(9);
      const auto update = after % 2 == 0 ? "gauss_vi" : "gauss_newton";
      const SamplerResult result = sampler_of("mgdm", {{"steps", 10},
                                                       {"guidance", after % 3 == 0 ? "annealed" : "denoised"},
                                                       {"update", update},
                                                       {"gradient_steps", 2},
                                                       {"denoising_steps", 3}})
                                       ->run({prior,
                                              &toy.likelihood,
                                              noise.normal_like(at::empty({2, 2}, kDouble)),
                                              noise,
                                              {},
                                              source.get_token()});
      QVERIFY(result.stopped);
      QCOMPARE(stopping->late, 0);  // no network evaluation after the request
      QVERIFY(result.x0.isfinite().all().item<bool>());
    }
  }

  void settingsAreChecked() {
    const auto& d = find_sampler("mgdm");
    QVERIFY_EXCEPTION_THROWN(sampler_settings(d, "", {{"steps", 2}}), SettingError);
    QVERIFY_EXCEPTION_THROWN(sampler_settings(d, "", {{"step", 20}}), SettingError);
    QVERIFY_EXCEPTION_THROWN(sampler_settings(d, "", {{"tau", "sometimes"}}), SettingError);
    QVERIFY_EXCEPTION_THROWN(sampler_settings(d, "fast", {}), SettingError);
    QVERIFY_EXCEPTION_THROWN(find_sampler("mgdm2"), SettingError);
  }

  void otherLawsOfNoiseReachTheirPosterior_data() {
    QTest::addColumn<QString>("update");
    QTest::addColumn<int>("law");
    QTest::addColumn<double>("level");
    QTest::addColumn<double>("y");
    for (const char* update : {"gauss_newton", "elliptical_slice", "ensemble_kalman"}) {
      QTest::addRow("%s, poisson", update) << update << 1 << 0.3 << 0.1;
      QTest::addRow("%s, salt and pepper, kept", update) << update << 2 << 0.1 << 0.3;
      QTest::addRow("%s, salt and pepper, lost", update) << update << 2 << 0.1 << 0.97;
      QTest::addRow("%s, salt and pepper, in doubt", update) << update << 2 << 0.3 << 0.7;
    }
  }
  void otherLawsOfNoiseReachTheirPosterior() {
    // One dimension, where the posterior is a sum over a grid.
    QFETCH(QString, update);
    QFETCH(int, law);
    QFETCH(double, level);
    QFETCH(double, y);
    const GaussianMixture mixture{at::tensor({0.6, 0.4}, kDouble), at::tensor({-0.2, 0.5}, kDouble).reshape({2, 1}),
                                  at::tensor({0.04, 0.02}, kDouble).reshape({2, 1, 1})};
    const Prior prior = make_mixture_prior(mixture, NoiseSchedule::vp_linear());
    const auto likelihood = make_likelihood(std::make_shared<LinearMap>(at::ones({1, 1}, kDouble)),
                                            at::full({1, 1}, y, kDouble), {static_cast<NoiseLaw>(law), level, 0.3});
    const int64_t grid = 20001, chains = 2000;
    const at::Tensor x = at::linspace(-2, 2, grid, kDouble).unsqueeze(1);
    const at::Tensor component =
        (mixture.weights * at::exp(-0.5 * (x - mixture.means.t()).square() / mixture.covariances.flatten()) /
         mixture.covariances.flatten().sqrt())
            .sum(1);
    const at::Tensor cumulative = at::softmax(component.log() + likelihood->log_density(x), 0).cumsum(0),
                     free = at::softmax(component.log(), 0).cumsum(0);
    const auto quantiles = [&](const at::Tensor& cdf) {
      return x.flatten().index_select(
          0, at::searchsorted(cdf, (at::arange(chains, kDouble) + 0.5) / chains).clamp(0, grid - 1));
    };
    const at::Tensor exact = quantiles(cumulative);
    SeededNoise noise(11);
    const at::Tensor x_init = noise.normal_like(at::empty({chains, 1}, kDouble));
    const auto sampler = sampler_of("mgdm", {{"steps", 24},
                                             {"update", update.toStdString()},
                                             {"gradient_steps", update == "elliptical_slice"  ? 10
                                                                : update == "ensemble_kalman" ? 4
                                                                                              : 3}});
    const SamplerResult result = sampler->run({prior, likelihood.get(), x_init, noise, {}, {}});
    const double distance = (std::get<0>(result.x0.flatten().sort()) - exact).abs().mean().item<double>(),
                 far = (quantiles(free) - exact).abs().mean().item<double>();
    QVERIFY2(distance < 0.1 * far + 0.025, qPrintable(QString("distance %1, of the prior %2").arg(distance).arg(far)));
  }

  void samplersThatDoNotKnowALawSaySo() {
    const auto h = make_identity({3, 8, 8});
    for (const auto& sampler : samplers()) {
      const PriorTraits prior{.latent = sampler.space == PriorSpace::Latent};
      QVERIFY(why_not(sampler, *h, NoiseLaw::Gaussian, prior).empty());
      const bool any = sampler.name == "mgdm" || sampler.name == "pnp_dm" || sampler.name == "ddim";
      QCOMPARE(why_not(sampler, *h, NoiseLaw::Poisson, prior).empty(), any || sampler.name == "dps");
      QCOMPARE(why_not(sampler, *h, NoiseLaw::SaltAndPepper, prior).empty(), any);
    }
  }

  // Where a decomposition sees directions unevenly the presets take the exact update; what a person sets stands.
  void presetsSuitTheDegradation() {
    // Of a latent model no preset but the paper's goes through the decoder's own derivatives.
    for (const char* preset : {"quick", "balanced", "best"}) {
      QCOMPARE(preset_settings(find_sampler("mgdm"), preset, nullptr, {.latent = true}).at("decoder"),
               Settings("linear"));
      QVERIFY(!preset_settings(find_sampler("mgdm"), preset).contains("decoder"));
    }
    QVERIFY(!preset_settings(find_sampler("mgdm"), "paper", nullptr, {.latent = true}).contains("decoder"));
    const auto& mgdm = find_sampler("mgdm");
    const auto update = [&](const std::string& preset, const Operator& h, const Settings& own = {}) {
      return sampler_settings(mgdm, preset, own, &h).at("update").get<std::string>();
    };
    const auto jpeg = make_jpeg_coefficients({3, 32, 32}, 5), blur = make_blur_svd({3, 32, 32});
    const auto enlarge = make_super_resolution({3, 32, 32}, 4),
               any = make_resize({3, 33, 33}, 3, ResizeFilter::Bicubic);
    for (const char* preset : {"quick", "balanced", "best"}) {
      for (const Operator* h : {jpeg.get(), blur.get()}) QCOMPARE(update(preset, *h), std::string("jacobian_free"));
      for (const Operator* h : {enlarge.get(), any.get()}) QCOMPARE(update(preset, *h), std::string("gauss_newton"));
    }
    QCOMPARE(update("paper", *jpeg), std::string("gauss_vi"));
    QCOMPARE(update("balanced", *jpeg, {{"update", "elliptical_slice"}}), std::string("elliptical_slice"));
  }

  // With the decomposition as preconditioner one conjugate gradient step is the exact solution.
  void preconditionedConjugateGradientsNeedOneStep() {
    const auto h = make_jpeg_coefficients({3, 16, 16}, 5);
    at::manual_seed(4);
    const at::Tensor b = at::randn({1, 3, 16, 16}, at::kDouble), s = h->singular_values();
    const auto product = [&](const at::Tensor& w) { return w + h->adjoint(h->apply(w)); };
    const auto exact = [&](const at::Tensor& r) {
      const at::Tensor z = h->to_spectral(r), seen = z.slice(1, 0, s.numel()) / (1 + s * s);
      return h->from_spectral(at::cat({seen, z.slice(1, s.numel())}, 1)).reshape(r.sizes());
    };
    QVERIFY((product(conjugate_gradients(product, b, 1, 0, exact)) - b).abs().max().item<double>() < 1e-9);
    QVERIFY((product(conjugate_gradients(product, b, 1, 0)) - b).abs().max().item<double>() > 1e-3);
  }
};

QTEST_GUILESS_MAIN(TestSamplers)
#include "tst_samplers.moc"
