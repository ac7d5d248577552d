// What every degradation that the build lists promises. A new file in core/operators/degradations is tested here
// without a new test.
#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <QtTest>
#include <set>

#include "core/operators/tasks.h"
#include "tests/oracle.h"

using namespace mgdm;

namespace {

const Task& task_of(const QString& name) {
  Settings ignored = Settings::object();
  return find_task(name.toStdString(), ignored);
}

at::Tensor signal_of(const Operator& op, int64_t batch) {  // smooth, mostly inside [-1, 1]
  const auto& s = op.signal_shape();
  at::manual_seed(4);
  return 0.7 * at::upsample_bilinear2d(at::randn({batch, s[0], s[1] / 4, s[2] / 4}, at::kDouble), {s[1], s[2]}, false);
}

}  // namespace

class TestOperatorLaws : public QObject {
  Q_OBJECT

  static void every_task() {
    QTest::addColumn<QString>("task");
    for (const auto& task : tasks()) {
      if (task.why_not.empty()) QTest::addRow("%s", task.name.c_str()) << QString::fromStdString(task.name);
    }
  }
  /// Its example, and one of a picture that is not square, where it needs nothing from the person.
  static std::vector<std::shared_ptr<const Operator>> operators_of(const Task& task) {
    std::vector<std::shared_ptr<const Operator>> all{example_operator(task)};
    if (!task.stand_in && !task.needs_mask)
      all.push_back(make_operator(task, complete_settings(task.settings, {}, task.name), {3, 80, 112}));
    return all;
  }

 private Q_SLOTS:
  void descriptionsAreWhole() {
    std::set<std::string> names;
    for (const auto& task : tasks()) {
      QVERIFY2(names.insert(task.name).second, task.name.c_str());
      QVERIFY2(!task.name.empty() && !task.label.empty() && !task.help.empty() && task.make, task.name.c_str());
      QVERIFY2(task.noise > 0 && task.noise <= 2, task.name.c_str());
      const Settings defaults = complete_settings(task.settings, {}, task.name);
      QCOMPARE(complete_settings(task.settings, defaults, task.name), defaults);  // each is in its own range
      if (task.needs_mask || task.simulated_only) QVERIFY2(!task.repairs, task.name.c_str());
    }
    QVERIFY(names.size() >= 24);
  }

  void linearOnesHaveTheirAdjoint_data() { every_task(); }
  void linearOnesHaveTheirAdjoint() {
    QFETCH(QString, task);
    for (const auto& op : operators_of(task_of(task))) {
      if (!op->linear()) continue;
      QVERIFY(op->differentiable());
      const auto& s = op->signal_shape();
      const at::Tensor x = at::randn({2, s[0], s[1], s[2]}, at::kDouble), hx = op->apply(x), y = at::randn_like(hx);
      const auto scale = static_cast<double>(hx.numel());
      QVERIFY(test::max_difference((hx * y).sum(1), (x * op->adjoint(y)).flatten(1).sum(1)) < 1e-9 * scale);
      QVERIFY(test::max_difference(op->apply(2 * x.slice(0, 0, 1) - x.slice(0, 1, 2)),
                                   2 * hx.slice(0, 0, 1) - hx.slice(0, 1, 2)) < 1e-9);
      if (op->has_pseudo_inverse())  // H H+ H = H
        QVERIFY(test::max_difference(op->apply(op->pseudo_inverse(hx)), hx) < 1e-9);
    }
  }

  void decompositionsAreTrue_data() { every_task(); }
  void decompositionsAreTrue() {
    QFETCH(QString, task);
    for (const auto& op : operators_of(task_of(task))) {
      if (!op->has_svd()) continue;
      QVERIFY(op->linear());
      const auto& d = op->signal_shape();
      const at::Tensor x = at::randn({2, d[0], d[1], d[2]}, at::kDouble), z = op->to_spectral(x),
                       s = op->singular_values();
      const int64_t m = s.numel();
      QVERIFY(at::allclose(op->from_spectral(z), x));                                          // V is orthonormal:
      QVERIFY(at::allclose(z.square().sum(1), x.flatten(1).square().sum(1)));                  // it keeps lengths
      QVERIFY(at::allclose(op->observation_to_spectral(op->apply(x)), s * z.slice(1, 0, m)));  // U^T H x = s V^T x
      const at::Tensor unseen = at::cat({at::zeros({2, m}, at::kDouble), z.slice(1, m)}, 1);
      QVERIFY(op->apply(op->from_spectral(unseen)).abs().max().item<double>() < 1e-9);
    }
  }

  void gradientsMatchFiniteDifferences_data() { every_task(); }
  void gradientsMatchFiniteDifferences() {
    QFETCH(QString, task);
    for (const auto& op : operators_of(task_of(task))) {
      if (!op->exact_gradient()) continue;
      const at::Tensor x = signal_of(*op, 1), v = at::randn_like(x), input = x.clone().requires_grad_(true);
      const at::Tensor y = op->apply(input), w = at::randn_like(y);
      const double analytic = (torch::autograd::grad({(y * w).sum()}, {input})[0] * v).sum().item<double>();
      constexpr double h = 1e-6;
      const double numeric = ((op->apply(x + h * v) - op->apply(x - h * v)) * w).sum().item<double>() / (2 * h);
      QVERIFY2(std::abs(analytic - numeric) < 1e-3 * std::abs(numeric) + 1e-2,
               qPrintable(QString("%1 %2").arg(analytic).arg(numeric)));
    }
  }

  void shapesAreAsDeclared_data() { every_task(); }
  void shapesAreAsDeclared() {
    QFETCH(QString, task);
    const Task& t = task_of(task);
    const double factor = shrink_factor(t, complete_settings(t.settings, {}, t.name));
    for (const auto& op : operators_of(t)) {
      const at::Tensor x = signal_of(*op, 2).to(at::kFloat), y = op->apply(x);
      QCOMPARE(y.dim(), 2);
      QCOMPARE(y.size(0), 2);
      QCOMPARE(y.scalar_type(), at::kFloat);
      QVERIFY(y.isfinite().all().item<bool>());
      QCOMPARE(op->observe(x).sizes(), y.sizes());
      const at::Tensor shown = op->display(y);
      QCOMPARE(shown.dim(), 4);
      QCOMPARE(shown.size(1), 3);
      if (t.image_valued) {
        QCOMPARE(shown.size(2), std::llround(static_cast<double>(x.size(2)) / factor));
        QCOMPARE(shown.size(3), std::llround(static_cast<double>(x.size(3)) / factor));
      }
      if (!t.simulated_only) QCOMPARE(op->from_photo(shown).sizes(), y.sizes());  // a photo can be an observation
    }
  }

  void theSameGivesTheSame_data() { every_task(); }
  void theSameGivesTheSame() {
    QFETCH(QString, task);
    const auto once = operators_of(task_of(task)), again = operators_of(task_of(task));
    for (size_t i = 0; i < once.size(); ++i) {
      const at::Tensor x = signal_of(*once[i], 2).to(at::kFloat), y = once[i]->apply(x);
      QVERIFY(at::equal(once[i]->apply(x), y) && at::equal(again[i]->apply(x), y));
      // Each sample of a batch alone, but for the order of a convolution's sums.
      QVERIFY(test::max_difference(once[i]->apply(x.slice(0, 1, 2)), y.slice(0, 1, 2)) < 1e-4);
    }
  }
};

QTEST_GUILESS_MAIN(TestOperatorLaws)
#include "tst_operator_laws.moc"
