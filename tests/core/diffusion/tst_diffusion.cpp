#include <ATen/ATen.h>
#include <QtTest>

#include "core/diffusion/bridge.h"
#include "core/diffusion/noise_schedule.h"
#include "tests/oracle.h"

using namespace mgdm;

class TestDiffusion : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void schedulesMatchTheReference() {
    NEEDS_ORACLE("schedules.pt", "tables.json");
    const auto tables = test::oracle_tensors("schedules.pt");
    const std::map<std::string, NoiseSchedule> ours{{"alphas_cumprod_pixel", NoiseSchedule::vp_linear()},
                                                    {"alphas_cumprod_ldm", NoiseSchedule::vp_scaled_linear()},
                                                    {"alphas_cumprod_sound", NoiseSchedule::karras(0.0005, 20.0)}};
    for (const auto& [name, schedule] : ours) {
      const at::Tensor table = tables.at(name);
      QCOMPARE(table.numel(), int64_t{1001});
      for (int t = 0; t <= 1000; ++t) {
        const double expected = table[t].item<double>();
        // one unit in the last place of the float32 table; the sound table was computed in float32
        QVERIFY2(
            std::abs(schedule.alpha_bar(t) - expected) <= (name == "alphas_cumprod_sound" ? 1e-6 : 2e-7) * expected,
            qPrintable(QString("%1 %2: %3 %4").arg(name.c_str()).arg(t).arg(schedule.alpha_bar(t)).arg(expected)));
      }
    }
  }

  void bridgeMatchesTheReference() {
    NEEDS_ORACLE("schedules.pt", "tables.json");
    const auto schedule_of = [](const std::string& name) {
      const auto tables = test::oracle_tensors("schedules.pt");
      for (const auto& [key, table] : tables) {
        if (key.find(name) != std::string::npos && table.numel() == 1001 && key.find("sigma") == std::string::npos) {
          const at::Tensor d = table.to(at::kDouble).contiguous();
          return std::optional(NoiseSchedule(std::vector<double>(d.data_ptr<double>(), d.data_ptr<double>() + 1001)));
        }
      }
      return std::optional<NoiseSchedule>();
    };
    std::map<std::string, std::optional<NoiseSchedule>> schedules;
    int compared = 0;
    const auto reference = test::oracle_json("tables.json");
    for (const auto& row : reference.at("bridge").at("rows")) {
      const std::string name = row[0];
      if (!schedules.contains(name)) schedules[name] = schedule_of(name);
      if (!schedules[name]) continue;
      const Bridge b = bridge(*schedules[name], row[1], row[2], row[3], row[4]);
      QVERIFY(std::abs(b.later - row[5].get<double>()) < 1e-9);
      QVERIFY(std::abs(b.earlier - row[6].get<double>()) < 1e-9);
      QVERIFY(std::abs(b.std - row[7].get<double>()) < 1e-9);
      ++compared;
    }
    QCOMPARE(compared, 90);
  }

  void bridgeKeepsTheMarginalVariance() {
    // x_l and x_s drawn from the forward process must give back the variance of x_t.
    const NoiseSchedule s = NoiseSchedule::vp_linear();
    for (const auto [l, t, e] : {std::array{900, 500, 100}, std::array{50, 20, 3}, std::array{999, 998, 0}}) {
      const Bridge b = bridge(s, l, t, e);
      const double a_s = s.alpha_bar(e), a_l = s.alpha_bar(l) / a_s, a_t = s.alpha_bar(t) / a_s;
      // x_l = sqrt(a_l) x_s + sqrt(1 - a_l) n given x_s
      QVERIFY(std::abs(b.later * std::sqrt(a_l) + b.earlier - std::sqrt(a_t)) < 1e-12);
      QVERIFY(std::abs(b.later * b.later * (1 - a_l) + b.std * b.std - (1 - a_t)) < 1e-12);
    }
  }

  void bridgeAtTheCleanEndIsExact() {
    const Bridge b = bridge(NoiseSchedule::vp_linear(), 10, 0, 0, 1.0);
    QCOMPARE(b.later, 0.0);
    QCOMPARE(b.earlier, 1.0);
    QCOMPARE(b.std, 0.0);
  }

  void badArgumentsAreNamed() {
    const NoiseSchedule s = NoiseSchedule::vp_linear();
    QVERIFY_EXCEPTION_THROWN(bridge(s, 5, 5, 0), std::invalid_argument);
    QVERIFY_EXCEPTION_THROWN(bridge(s, 5, 3, 4), std::invalid_argument);
    QVERIFY_EXCEPTION_THROWN(bridge(s, 5, 3, 0, 1.5), std::invalid_argument);
    QVERIFY_EXCEPTION_THROWN(s.timesteps(1), std::invalid_argument);
    QVERIFY_EXCEPTION_THROWN(NoiseSchedule({1.0, 0.9, 0.95}), std::invalid_argument);
    QVERIFY_EXCEPTION_THROWN(NoiseSchedule::named("linear?"), std::invalid_argument);
  }

  void timestepsAreTruncated() {
    const auto steps = NoiseSchedule::vp_linear().timesteps(100);
    QCOMPARE(steps[0], 0);
    QCOMPARE(steps[10], 100);
    QCOMPARE(steps[11], 111);
    QCOMPARE(steps[98], 988);
    QCOMPARE(steps[99], 999);
  }
};

QTEST_GUILESS_MAIN(TestDiffusion)
#include "tst_diffusion.moc"
