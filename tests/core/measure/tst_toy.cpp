#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <QtTest>

#include <QFile>
#include <QTemporaryDir>

#include "core/compare/toy_problem.h"
#include "core/diffusion/bridge.h"
#include "core/samplers/description.h"
#include "tests/oracle.h"

using namespace mgdm;

namespace {

const auto kDouble = at::TensorOptions().dtype(at::kDouble);

/// Three modes in the plane, one direction observed; the posterior keeps two of them.
ToyProblem three_modes() {
  GaussianMixture prior{
      at::tensor({0.5, 0.3, 0.2}, kDouble), at::tensor({1.0, 1.0, -1.0, -1.0, 1.0, -1.0}, kDouble).reshape({3, 2}),
      at::stack({at::eye(2, kDouble) * 0.04, at::eye(2, kDouble) * 0.09, at::eye(2, kDouble) * 0.02})};
  return make_toy_problem("three modes", prior, at::tensor({1.0, -1.0}, kDouble).reshape({1, 2}),
                          at::tensor({0.2}, kDouble), 0.1);
}

std::filesystem::path oracle_problem(const char* name) {
  return std::filesystem::path(test::oracle_path(std::string("gm_") + name + ".json"));
}

}  // namespace

class TestToy : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void thePosteriorIsThatOfBayes() {
    // Against importance weights, which know nothing of the closed form.
    const ToyProblem p = three_modes();
    auto generator = at::make_generator<at::CPUGeneratorImpl>(1);
    const at::Tensor x = p.prior.sample(400000, generator);
    const at::Tensor weight = at::softmax(p.likelihood->log_density(x), 0).unsqueeze(1);
    const at::Tensor mean = (weight * x).sum(0), exact = (p.posterior.weights.unsqueeze(1) * p.posterior.means).sum(0);
    QVERIFY(test::max_difference(mean, exact) < 0.03);
    const at::Tensor drawn = p.posterior.sample(100000, generator);
    QVERIFY(test::max_difference(drawn.mean(0), exact) < 0.02);
    const at::Tensor second = (weight * x * x).sum(0);
    QVERIFY(test::max_difference((drawn * drawn).mean(0), second) < 0.03);
  }

  void slicedWassersteinOfKnownSets() {
    const at::Tensor directions = random_directions(2000, 3);
    QVERIFY(test::max_difference(directions.norm(2, {1}), at::ones({2000}, kDouble)) < 1e-12);
    at::manual_seed(2);
    const at::Tensor a = at::randn({500, 3}, kDouble), shift = at::tensor({2.0, 0.0, 0.0}, kDouble);
    QCOMPARE(sliced_wasserstein(a, a, directions), 0.0);
    QCOMPARE(sliced_wasserstein(a, a.index_select(0, at::randperm(500)), directions), 0.0);
    // A shift moves each projection by its share of the direction: E|u_1| = 1/2 on the sphere in three dimensions.
    QVERIFY(std::abs(sliced_wasserstein(a, a + shift, directions) - 1.0) < 0.05);
    QVERIFY(std::isnan(sliced_wasserstein(a * std::nan(""), a, directions)));
  }

  void theDenoiserIsTheSameAtLevelsAndAtSigma() {
    const ToyProblem p = three_modes();
    at::manual_seed(3);
    const at::Tensor x = at::randn({20, 2}, kDouble);
    for (const int level : {1, 100, 500, 1000}) {
      const double a = p.denoiser.schedule.alpha_bar(level);
      QVERIFY(test::max_difference(p.denoiser.denoiser->predict_x0(x, {level}),
                                   p.denoiser.denoiser->denoise(x / std::sqrt(a), p.denoiser.schedule.sigma(level))) <
              1e-10);
      QCOMPARE(p.denoiser.schedule.nearest_level(p.denoiser.schedule.sigma(level)), level);
    }
  }

  void aBridgeKeepsTheForwardLaw() {
    // x_t drawn between x_l and x_0 must be as noisy as the forward process makes it.
    const NoiseSchedule schedule = NoiseSchedule::vp_linear();
    at::manual_seed(4);
    const int64_t n = 200000;
    for (const auto& [l, t, s] : {std::tuple{900, 500, 0}, std::tuple{600, 300, 100}, std::tuple{100, 50, 10}}) {
      const double al = schedule.alpha_bar(l), as = schedule.alpha_bar(s), at_ = schedule.alpha_bar(t);
      const at::Tensor x_0 = at::randn({n}, kDouble) * 0.5;
      const at::Tensor x_s = std::sqrt(as) * x_0 + std::sqrt(1 - as) * at::randn({n}, kDouble);
      const at::Tensor x_l = std::sqrt(al / as) * x_s + std::sqrt(1 - al / as) * at::randn({n}, kDouble);
      const Bridge b = bridge(schedule, l, t, s);
      const at::Tensor noise = b.later * x_l + b.earlier * x_s + b.std * at::randn({n}, kDouble) - std::sqrt(at_) * x_0;
      const double share = noise.square().mean().item<double>() / (1 - at_);
      QVERIFY2(std::abs(share - 1) < 0.015, qPrintable(QString("%1 %2 %3: %4").arg(l).arg(t).arg(s).arg(share)));
    }
  }

  void mgdmReachesTheFloor_data() {
    QTest::addColumn<QString>("update");
    QTest::addColumn<int>("moves");
    QTest::addRow("gauss_newton") << "gauss_newton" << 2;
    QTest::addRow("elliptical_slice") << "elliptical_slice" << 10;
    QTest::addRow("ensemble_kalman") << "ensemble_kalman" << 1;
  }
  void mgdmReachesTheFloor() {
    QFETCH(QString, update);
    QFETCH(int, moves);
    const ToyProblem p = three_modes();
    const ToyReport r = run_toy(p, "mgdm", "", {{"update", update.toStdString()}, {"gradient_steps", moves}}, 1000, 5);
    // Samples of the prior are at 0.9; chains in the wrong shares at 0.2 and more.
    QVERIFY2(r.distance < r.floor + 0.07, qPrintable(QString("%1, floor %2").arg(r.distance).arg(r.floor)));
    QVERIFY2(r.mode_error < 0.07, qPrintable(QString::number(r.mode_error)));
    QVERIFY2(std::abs(r.residual - r.exact_residual) < 0.15,
             qPrintable(QString("%1, exact %2").arg(r.residual).arg(r.exact_residual)));
    QVERIFY(r.prior_distance > 4 * r.distance);
    QCOMPARE(r.backward, int64_t{0});
  }

  void resamplingSetsTheSharesOfModesRight() {
    const ToyProblem p = three_modes();
    const ToyReport with = run_toy(p, "mgdm", "", Settings::object(), 1000, 6),
                    without = run_toy(p, "mgdm", "", {{"resample", false}}, 1000, 6);
    QVERIFY2(with.mode_error < 0.6 * without.mode_error,
             qPrintable(QString("%1, %2").arg(with.mode_error).arg(without.mode_error)));
  }

  void publicProblems_data() {
    QTest::addColumn<QString>("problem");
    QTest::addColumn<double>("best_other");  // smallest distance of the public code's samplers, algorithms table
    QTest::addRow("pub_d2") << "pub_d2" << 0.29;
    QTest::addRow("pub_d10") << "pub_d10" << 0.06;
    QTest::addRow("pub_d50") << "pub_d50" << 0.46;
  }
  void publicProblems() {
    NEEDS_ORACLE("gm_pub_d2.json", "gm_pub_d10.json", "gm_pub_d50.json");
    QFETCH(QString, problem);
    QFETCH(double, best_other);
    const ToyProblem p = read_toy_problem(oracle_problem(qPrintable(problem)));
    const auto known =
        test::oracle_json("gm_" + problem.toStdString() + ".json").at("posterior_weights").get<std::vector<double>>();
    QVERIFY(test::max_difference(p.posterior.weights, at::tensor(known, kDouble)) < 1e-6);
    const ToyReport r = run_toy(p, "mgdm", "", {{"steps", 40}}, 1000, 0);
    QVERIFY2(r.distance < best_other, qPrintable(QString("%1, floor %2").arg(r.distance).arg(r.floor)));
    QVERIFY(r.forward < 1000);
  }

  void theReferenceIsMatched_data() {
    QTest::addColumn<QString>("sampler");
    QTest::addColumn<QString>("configuration");
    QTest::addRow("mgdm") << "mgdm"
                          << "R1_ffhq_mix_M20";
    QTest::addRow("ddnm") << "ddnm"
                          << "eta0.85";
    QTest::addRow("diffpir") << "diffpir"
                             << "lmbd1_zeta1";
    QTest::addRow("daps") << "daps"
                          << "config_tau0.01_lr5e-5";
    QTest::addRow("pnp_dm") << "pnp_dm"
                            << "config_rho_min0.3";
  }
  void theReferenceIsMatched() {
    NEEDS_ORACLE("gm_results.json", "gm_pub_d10.json");
    QFETCH(QString, sampler);
    QFETCH(QString, configuration);
    const auto results = test::oracle_json("gm_results.json").at("problems").at("pub_d10");
    double theirs = 0;
    int count = 0;
    for (const auto& run : results.at("runs")) {
      if (run.at("sampler") != sampler.toStdString() || run.at("config") != configuration.toStdString()) continue;
      theirs += run.at("sw1").get<double>();
      ++count;
    }
    QVERIFY(count > 0);
    theirs /= count;
    Settings settings = {{"reference_compatible", true}};
    if (sampler == "mgdm") {
      settings.update({{"guidance", "denoised"},
                       {"update", "gauss_vi"},
                       {"gradient_steps", nlohmann::json::parse(R"([{"last": 30, "value": 20}, {"value": 5}])")}});
    }
    const ToyReport r =
        run_toy(read_toy_problem(oracle_problem("pub_d10")), sampler.toStdString(), "", settings, 1000, 1);
    const double noise = 3 * results.at("floor").at("sw1")[1].get<double>() + 0.1 * theirs;
    QVERIFY2(std::abs(r.distance - theirs) < noise,
             qPrintable(QString("%1, the public code's %2 +- %3").arg(r.distance).arg(theirs).arg(noise)));
  }

  void brokenFilesAreNamed() {
    QTemporaryDir folder;
    const auto error_of = [&](const QByteArray& text) -> QString {
      const QString file = folder.filePath("problem.json");
      QFile out(file);
      if (!out.open(QIODevice::WriteOnly)) return "cannot write";
      out.write(text);
      out.close();
      try {
        read_toy_problem(file.toStdString());
      } catch (const ToyError& e) {
        return e.what();
      }
      return {};
    };
    const QByteArray good =
        R"({"weights":[1],"means":[[0,0]],"covs_diag":[[1,1]],"A":[[1,0]],"y":[0.5],"sigma_y":0.1})";
    QVERIFY(error_of(good).isEmpty());
    QVERIFY(error_of("no json").contains("JSON"));
    QVERIFY(error_of(QByteArray(good).replace("\"y\"", "\"z\"")).contains("'y'"));
    QVERIFY(error_of(QByteArray(good).replace("[[1,0]]", "[[1,0,0]]")).contains("'A'"));
    QVERIFY(error_of(QByteArray(good).replace("[[0,0]]", "[[0],[0,0]]")).contains("'means'"));
    QVERIFY(error_of(QByteArray(good).replace("[[1,1]]", "[[1,-1]]")).contains("semi-definite"));
    QVERIFY(error_of(QByteArray(good).replace("0.1}", "-0.1}")).contains("sigma_y"));
    QVERIFY(error_of(QByteArray(good).replace("[0.5]", "[\"a\"]")).contains("'y'"));
  }

  void npyFilesAreNumPys() {
    QTemporaryDir folder;
    const QString file = folder.filePath("samples.npy");
    write_npy(file.toStdString(), at::tensor({1.5, 2.0, -3.0, 4.0, 5.0, 6.0}, kDouble).reshape({3, 2}));
    QFile in(file);
    QVERIFY(in.open(QIODevice::ReadOnly));
    const QByteArray bytes = in.readAll();
    QVERIFY(bytes.startsWith("\x93NUMPY\x01"));
    const int header = static_cast<uchar>(bytes[8]) + 256 * static_cast<uchar>(bytes[9]);
    QCOMPARE((10 + header) % 64, 0);
    QVERIFY(bytes.mid(10, header).contains("'shape': (3, 2, )") && bytes.mid(10, header).endsWith('\n'));
    QCOMPARE(bytes.size(), 10 + header + 6 * 8);
    double first;
    memcpy(&first, bytes.constData() + 10 + header, 8);
    QCOMPARE(first, 1.5);
    QVERIFY_EXCEPTION_THROWN(write_npy("/nonexistent/a.npy", at::zeros({1, 1})), ToyError);
  }
};

QTEST_GUILESS_MAIN(TestToy)
#include "tst_toy.moc"
