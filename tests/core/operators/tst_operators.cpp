#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <QElapsedTimer>
#include <QScopeGuard>
#include <QTemporaryDir>
#include <QtTest>

#include "core/networks/kernel_wizard.h"
#include "core/operators/blur_kernels.h"
#include "core/operators/degradations/blur.h"
#include "core/operators/degradations/denoising.h"
#include "core/operators/degradations/grey.h"
#include "core/operators/degradations/high_dynamic_range.h"
#include "core/operators/degradations/inpainting.h"
#include "core/operators/degradations/jpeg.h"
#include "core/operators/degradations/nonlinear_blur.h"
#include "core/operators/degradations/phase_retrieval.h"
#include "core/operators/degradations/program.h"
#include "core/operators/degradations/quantisation.h"
#include "core/operators/degradations/super_resolution.h"
#include "core/operators/likelihood.h"
#include "core/operators/stems.h"
#include "core/operators/tasks.h"
#include "tests/oracle.h"

using namespace mgdm;

namespace {

const std::vector<int64_t> kShape{3, 64, 64};

at::Tensor box(int64_t top, int64_t bottom, int64_t left, int64_t right, bool keep_inside) {
  at::Tensor inside = at::zeros({64, 64}, at::kBool);
  inside.slice(0, top, bottom).slice(1, left, right).fill_(true);
  return keep_inside ? inside : inside.logical_not();
}

std::shared_ptr<Operator> task_operator(const std::string& name, const std::vector<int64_t>& shape) {
  Settings settings = Settings::object();
  const Task& task = find_task(name, settings);
  return make_operator(task, complete_settings(task.settings, settings, "test"), shape, {});
}

}  // namespace

class TestOperators : public QObject {
  Q_OBJECT
  test::Tensors oracle_;
  int compared_ = 0;

  // In the small oracle some are missing.
  void compare(const std::string& name, const Operator& op, double tolerance = 5e-6) {
    if (!oracle_.contains(name + "/y")) return;
    ++compared_;
    const at::Tensor x = oracle_.at("input/x"), y = oracle_.at(name + "/y");
    QVERIFY2(test::max_difference(op.apply(x), y) < tolerance, (name + " y").c_str());
    const at::Tensor w = at::cos(at::arange(y.numel(), at::kDouble) * 0.37 + 0.2).to(at::kFloat).unsqueeze(0);
    if (oracle_.contains(name + "/pinv"))
      QVERIFY2(test::max_difference(op.pseudo_inverse(y), oracle_.at(name + "/pinv")) < tolerance,
               (name + " pinv").c_str());
    if (oracle_.contains(name + "/ht"))
      QVERIFY2(test::max_difference(op.adjoint(w), oracle_.at(name + "/ht")) < tolerance, (name + " ht").c_str());
    if (oracle_.contains(name + "/y_wide"))
      QVERIFY2(test::max_difference(op.apply(oracle_.at("input/x_wide")), oracle_.at(name + "/y_wide")) < tolerance,
               (name + " y_wide").c_str());
    if (oracle_.contains(name + "/vjp")) {
      const at::Tensor input = x.clone().requires_grad_(true);
      const at::Tensor vjp = torch::autograd::grad({op.apply(input)}, {input}, {w})[0];
      QVERIFY2(test::max_difference(vjp, oracle_.at(name + "/vjp")) < tolerance * 4, (name + " vjp").c_str());
    }
  }

 private Q_SLOTS:
  void decompositionsAreTrue_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"inpainting", "sr2", "lanczos", "mixture", "stems"}) QTest::addRow("%s", name) << name;
  }
  void decompositionsAreTrue() {
    QFETCH(QString, name);
    const std::vector<int64_t> shape{3, 8, 12};
    at::manual_seed(3);
    const std::unique_ptr<Operator> h = name == "inpainting" ? make_inpainting(shape, at::rand({8, 12}).gt(0.4))
                                        : name == "mixture"  ? make_mixture(shape)
                                        : name == "stems"
                                            ? make_stems(shape, at::rand({3, 8}).gt(0.5), at::rand({8}).gt(0.3))
                                        : name == "lanczos" ? make_resize(shape, 3.0, ResizeFilter::Lanczos)
                                                            : make_super_resolution(shape, 2);
    QVERIFY(h->has_svd());
    std::vector<int64_t> batch = h->signal_shape();
    batch.insert(batch.begin(), 2);
    const at::Tensor x = at::randn(batch, at::kDouble), z = h->to_spectral(x), s = h->singular_values();
    const int64_t m = s.numel();
    QVERIFY(at::allclose(h->from_spectral(z), x));                                         // V is orthonormal:
    QVERIFY(at::allclose(z.square().sum(1), x.flatten(1).square().sum(1)));                // it keeps lengths
    QVERIFY(at::allclose(h->observation_to_spectral(h->apply(x)), s * z.slice(1, 0, m)));  // U^T H x = s V^T x
    const at::Tensor unseen = at::cat({at::zeros({2, m}, at::kDouble), z.slice(1, m)}, 1);
    QVERIFY(h->apply(h->from_spectral(unseen)).abs().max().item<double>() < 1e-12);
  }

  void initTestCase() {
    if (test::oracle_has({"operators.pt"})) oracle_ = test::oracle_tensors("operators.pt");
  }

  void matchTheReference() {
    NEEDS_ORACLE("operators.pt");
    compared_ = 0;
    compare("inpaint_center", *make_inpainting(kShape, box(12, 50, 12, 50, false)));
    compare("outpaint_half", *make_inpainting(kShape, box(0, 64, 0, 32, true)));
    compare("outpaint_expand", *make_inpainting(kShape, box(22, 41, 22, 41, true)));
    // The tasks by name give the same masks.
    compare("inpaint_center", *task_operator("inpainting_center", kShape));
    compare("outpaint_half", *task_operator("outpainting_half", kShape));
    compare("outpaint_expand", *task_operator("outpainting_expand", kShape));
    compare("outpaint_bottom", *task_operator("outpainting_bottom", kShape));
    compare("outpaint_top", *task_operator("outpainting_top", kShape));
    if (oracle_.contains("random_mask/mask")) {
      const at::Tensor mask = oracle_.at("random_mask/mask").to(at::kBool);
      const auto kept = mask.sum().item<int64_t>() * 3;
      compare("random_mask",
              *make_inpainting(kShape, kept == oracle_.at("random_mask/y").numel() ? mask : mask.logical_not()));
    }
    compare("sr4", *make_super_resolution(kShape, 4));
    compare("sr16", *make_super_resolution(kShape, 16));
    compare("colorization", *make_grey(kShape));
    compare("denoising", *make_identity(kShape));
    compare("blur", *make_blur(kShape, gaussian_kernel(61, 3.0)));
    if (oracle_.contains("motion_blur/kernel"))
      compare("motion_blur", *make_blur(kShape, oracle_.at("motion_blur/kernel")));
    QVERIFY(test::max_difference(gaussian_kernel(61, 3.0), oracle_.at("blur/kernel")) < 1e-8);
    QVERIFY2(compared_ >= 5, qPrintable(QString::number(compared_)));
  }

  void theOtherDegradationsMatchTheReference() {
    MGDM_NEEDS(oracle_.contains("hdr/y"), "the full collection of reference numbers");
    compare("hdr", *make_high_dynamic_range(kShape));
    const at::Tensor y = make_blur_svd(kShape)->apply(oracle_.at("input/x"));
    QVERIFY2(test::max_difference(y, oracle_.at("blur_svd/y_separable").reshape_as(y)) < 5e-6,
             qPrintable(QString::number(test::max_difference(y, oracle_.at("blur_svd/y_separable").reshape_as(y)))));
    const at::Tensor small = oracle_.at("phase_retrieval/x").clone().requires_grad_(true),
                     amplitudes = oracle_.at("phase_retrieval/y");
    const auto phases = make_phase_retrieval({3, 32, 32}, 64);
    const at::Tensor seen = phases->apply(small);
    QVERIFY2(test::max_difference(seen, amplitudes) < 5e-6,
             qPrintable(QString::number(test::max_difference(seen, amplitudes))));
    const at::Tensor w = at::cos(at::arange(amplitudes.numel(), at::kDouble) * 0.37 + 0.2).to(at::kFloat).unsqueeze(0);
    QVERIFY(test::max_difference(torch::autograd::grad({seen}, {small}, {w})[0], oracle_.at("phase_retrieval/vjp")) <
            2e-5);
  }

  void resizingByAWholeFactorIsTheBlockMean() {
    at::manual_seed(8);
    const at::Tensor x = at::randn({2, 3, 24, 36}, at::kDouble);
    QVERIFY(test::max_difference(make_resize({3, 24, 36}, 4, ResizeFilter::Box)->apply(x),
                                 make_super_resolution({3, 24, 36}, 4)->apply(x)) < 1e-12);
    for (const auto filter : {ResizeFilter::Box, ResizeFilter::Bicubic, ResizeFilter::Lanczos}) {
      const auto h = make_resize({3, 24, 36}, 2.4, filter);
      QCOMPARE(h->display(h->apply(x)).size(2), 10);
      QVERIFY(test::max_difference(h->apply(at::ones_like(x)), at::ones({2, 3 * 10 * 15}, at::kDouble)) <
              1e-12);  // keeps brightness
      const at::Tensor y = at::randn({2, 3 * 10 * 15}, at::kDouble);
      QVERIFY(std::abs(((h->apply(x) * y).sum() - (x * h->adjoint(y)).sum()).item<double>()) < 1e-9);
      QVERIFY(test::max_difference(h->apply(h->pseudo_inverse(y)), y) < 1e-8);
    }
  }

  void quantisationRoundsAndLetsGradientsThrough() {
    const auto h = make_quantisation({1, 1, 4}, 3);
    const at::Tensor x = at::tensor({-0.9, -0.2, 0.6, 1.4}, at::kDouble).reshape({1, 1, 1, 4}).requires_grad_(true);
    QVERIFY(test::max_difference(h->apply(x), at::tensor({-1.0, 0.0, 1.0, 1.0}, at::kDouble)) < 1e-12);
    const at::Tensor g = torch::autograd::grad({h->apply(x).sum()}, {x})[0];
    QVERIFY(test::max_difference(g.flatten(), at::tensor({1.0, 1.0, 1.0, 0.0}, at::kDouble)) < 1e-12);
  }

  void codecsAreBlackBoxes() {
    at::manual_seed(9);
    const at::Tensor x = at::upsample_bilinear2d(at::randn({2, 3, 8, 8}), {64, 64}, false).clamp(-1, 1);
    for (const char* task : {"jpeg_file", "webp_file"}) {
      const auto h = task_operator(task, kShape);
      QVERIFY(!h->differentiable() && !h->linear());
      const at::Tensor y = h->apply(x);
      const double error = (y - x.flatten(1)).abs().mean().item<double>();
      QVERIFY2(error > 0.01 && error < 0.2, qPrintable(QString::number(error)));
    }
    // The real codec and our differentiable one differ by the file's rounding and the smooth chroma of its decoder.
    const double apart = (task_operator("jpeg_file", kShape)->apply(x) -
                          make_jpeg(kShape, 5, {.rounding = JpegRounding::Exact})->apply(x))
                             .abs()
                             .mean()
                             .item<double>();
    QVERIFY2(apart < 0.1, qPrintable(QString::number(apart)));
  }

  void aLargeKernelThroughTheFourierTransformIsTheSameBlur() {
    at::manual_seed(6);
    const at::Tensor x = at::randn({2, 3, 56, 88}, at::kDouble),
                     kernel = at::randn({15, 15}, at::kDouble);  // no symmetry
    const at::Tensor direct =
        at::conv2d(at::reflection_pad2d(x, {7, 7, 7, 7}), kernel.expand({3, 1, 15, 15}).contiguous(), {},
                   at::IntArrayRef{1, 1}, at::IntArrayRef{0, 0}, at::IntArrayRef{1, 1}, 3);
    const auto blur = make_blur({3, 56, 88}, kernel);
    QVERIFY(test::max_difference(blur->apply(x), direct.flatten(1)) < 1e-10);
    QVERIFY(test::max_difference(blur->apply(x.to(at::kFloat)), direct.flatten(1)) < 1e-4);
  }

  void jpegMatchesTheReference_data() {
    QTest::addColumn<int>("quality");
    for (const int q : {2, 5, 10, 50, 95}) QTest::addRow("%d", q) << q;
  }
  void jpegMatchesTheReference() {
    MGDM_NEEDS(oracle_.contains("jpeg5/y_hardround"), "the full collection of reference numbers");
    QFETCH(int, quality);
    const std::string name = "jpeg" + std::to_string(quality);
    compare(name, *make_jpeg(kShape, quality, {.transposed_luma = true}), 2e-5);
    const auto hard = make_jpeg(kShape, quality, {.rounding = JpegRounding::Exact, .transposed_luma = true});
    // True rounding may fall either way where a coefficient lies at a half.
    const at::Tensor difference = (hard->apply(oracle_.at("input/x")) - oracle_.at(name + "/y_hardround")).abs();
    QVERIFY(difference.gt(1e-4).to(at::kDouble).mean().item<double>() < 0.01);
  }

  void likelihoodMatchesTheReferenceForEachSample() {
    MGDM_NEEDS(oracle_.contains("logpot_sr4/obs"), "the full collection of reference numbers");
    const GaussianLikelihood g(make_super_resolution(kShape, 4), oracle_.at("logpot_sr4/obs"), 0.05);
    const at::Tensor wide = oracle_.at("input/x_wide");
    const at::Tensor z = at::cat({wide, 0.5 * wide + 0.1}).requires_grad_(true);
    const at::Tensor density = g.log_density(z);
    QCOMPARE(density.numel(), 2);
    const double expected = oracle_.at("logpot_sr4/value").item<double>();
    QVERIFY(std::abs(density.sum().item<double>() - expected) < 1e-4 * std::abs(expected));
    const at::Tensor gradient = torch::autograd::grad({density.sum()}, {z})[0],
                     reference = oracle_.at("logpot_sr4/grad");
    QVERIFY(test::max_difference(gradient, reference) < 1e-4 * reference.abs().max().item<double>());
  }

  void jpegGradientMatchesFiniteDifferences() {
    at::manual_seed(5);
    const auto op = make_jpeg({3, 32, 48}, 10);
    const at::Tensor x = at::rand({1, 3, 32, 48}, at::kDouble) - 0.5, v = at::randn_like(x),
                     w = at::randn({1, 3 * 32 * 48}, at::kDouble);
    const at::Tensor input = x.clone().requires_grad_(true);
    const double analytic =
        (torch::autograd::grad({(op->apply(input) * w).sum()}, {input})[0] * v).sum().item<double>();
    constexpr double h = 1e-7;
    const double numeric = ((op->apply(x + h * v) - op->apply(x - h * v)) * w).sum().item<double>() / (2 * h);
    QVERIFY2(std::abs(analytic - numeric) < 1e-4 * std::abs(numeric) + 1e-4,
             qPrintable(QString("%1 %2").arg(analytic).arg(numeric)));
  }

  void jpegStraightThroughRoundsForwardAndPassesGradients() {
    at::manual_seed(6);
    const at::Tensor x = (at::rand({1, 3, 32, 32}, at::kDouble) - 0.5).requires_grad_(true);
    const at::Tensor through = make_jpeg({3, 32, 32}, 20, {.rounding = JpegRounding::StraightThrough})->apply(x);
    QVERIFY(test::max_difference(through, make_jpeg({3, 32, 32}, 20, {.rounding = JpegRounding::Exact})->apply(x)) <
            1e-12);
    // The Jacobian of the pass without rounding keeps a constant shift of all colours.
    const at::Tensor gradient = torch::autograd::grad({through.sum()}, {x})[0];
    QVERIFY(std::abs(gradient.sum().item<double>() - static_cast<double>(x.numel())) <
            1e-6 * static_cast<double>(x.numel()));
  }

  void kernelsAreDrawnAndLoaded() {
    // A straight path is the straight line, wherever its points lie.
    QVERIFY(test::max_difference(parse_kernel("0,0 8,0 20,0", 31), motion_kernel(31, 20, 0)) < 1e-3);
    QVERIFY(test::max_difference(parse_kernel("5,12 5,2", 31), motion_kernel(31, 10, 90)) < 2e-3);
    const at::Tensor bent = parse_kernel("0,0 6,0 6,6", 15);
    QVERIFY(std::abs(bent.sum().item<double>() - 1) < 1e-12);
    const at::Tensor place = at::arange(15, at::kDouble) - 7;
    QVERIFY(std::abs((bent.sum(0) * place).sum().item<double>()) < 1e-6 &&
            std::abs((bent.sum(1) * place).sum().item<double>()) < 1e-6);  // nothing is moved
    const at::Tensor rows = parse_kernel("0 1 0; 1 4 1; 0 1 0", 5);
    QCOMPARE(rows[2][2].item<double>(), 0.5);
    QCOMPARE(rows[1][2].item<double>(), 0.125);
    QCOMPARE(rows.sum().item<double>(), 1.0);
    for (const char* text :
         {"", "a,b", "1,2 3", "0 0; 0 0", "1 2; 3", "1 -1", "1 nan", "0,0 40,0", "1 2 3 4 5 6 7; 1 1 1 1 1 1 1"})
      QVERIFY_EXCEPTION_THROWN(parse_kernel(text, 5), OperatorError);
    const Task& task =
        *std::find_if(tasks().begin(), tasks().end(), [](const Task& t) { return t.name == "motion_blur"; });
    const auto op = make_operator(task, complete_settings(task.settings, {{"kernel", "0 0 1"}}, "task"), kShape);
    at::manual_seed(3);
    const at::Tensor x = at::rand({1, 3, 64, 64});
    QVERIFY(
        at::allclose(op->display(op->apply(x)).slice(3, 0, 63), x.slice(3, 1, 64)));  // a picture moved by one pixel
  }

  void aProgramIsADegradation() {
    at::manual_seed(4);
    const at::Tensor x = at::rand({3, 3, 16, 24}).mul(255).round().div(127.5).sub(1);
    const auto copy = make_program({3, 16, 24}, "cp", 10);
    QVERIFY(!copy->differentiable() && !copy->linear());
    QVERIFY(test::max_difference(copy->apply(x), x.flatten(1)) < 1e-6);  // 8 bits go through unchanged
    const auto named = make_program({3, 16, 24}, "cp \"$1\" \"$1.png\" && mv \"$1.png\" \"$2\"", 10);
    QVERIFY(test::max_difference(named->apply(x), x.flatten(1)) < 1e-6);
    const auto message = [&](const char* command, double timeout) -> QString {
      try {
        make_program({3, 16, 24}, command, timeout);
      } catch (const OperatorError& e) {
        return QString::fromUtf8(e.what());
      }
      return {};
    };
    QVERIFY2(message("echo 'no lens here' >&2; exit 3 #", 10).contains("exit code 3): no lens here"),
             qPrintable(message("echo 'no lens here' >&2; exit 3 #", 10)));
    QVERIFY(message("true #", 10).contains("wrote no picture"));
    QVERIFY(message("echo text > \"$2\"", 10).contains("no picture"));
    QVERIFY(message("  ", 10).contains("missing"));
    QVERIFY(message("nosuchprogram", 10).contains("nosuchprogram"));
    QVERIFY(message("kill -9 $$ #", 10).contains("signal 9"));
    QElapsedTimer clock;
    clock.start();
    const QString late = message("sleep 30 & sleep 30 #", 0.3);  // the child of the shell is stopped too
    QVERIFY2(late.contains("did not finish within 0.3 s"), qPrintable(late));
    QVERIFY(clock.elapsed() < 10000);
    // What worked at first and then fails stops the run with the program's own words.
    QTemporaryDir folder;
    const std::string flag = folder.filePath("broken").toStdString();
    const auto tired =
        make_program({3, 16, 24}, "test -e " + flag + " && { echo tired >&2; exit 1; }; cp \"$1\" \"$2\"", 10);
    QVERIFY(QFile(QString::fromStdString(flag)).open(QIODevice::WriteOnly));
    QVERIFY_EXCEPTION_THROWN(tired->apply(x), OperatorError);
  }

  void nonlinearBlurTakesThePublishedTensors() {
    at::manual_seed(5);
    std::map<std::string, at::Tensor> state;
    for (const auto& [name, shape] : KernelWizard::expected()) {
      int64_t fan = 1;
      for (size_t i = 1; i < shape.size(); ++i) fan *= shape[i];
      state[name] = shape.size() == 1 ? at::zeros(shape) : at::randn(shape) / std::sqrt(static_cast<double>(fan));
    }
    state["kernel_extractor.model.1.weight"] = at::zeros({1});  // the other half, not used
    const auto network = std::make_shared<const KernelWizard>(state);
    QVERIFY2(std::abs(static_cast<double>(network->parameters()) / 23.7e6 - 1) < 0.005,
             qPrintable(QString::number(network->parameters())));
    const auto op = make_nonlinear_blur({3, 128, 72}, network, 1),
               other = make_nonlinear_blur({3, 128, 72}, network, 2);
    const at::Tensor x = at::rand({2, 3, 128, 72}) * 2 - 1;
    const at::Tensor y = op->apply(x);
    QCOMPARE(y.size(1), 3 * 128 * 72);
    QVERIFY(y.abs().max().item<double>() <= 1);
    QVERIFY(at::equal(y, op->apply(x)));  // one kernel for all calls
    QVERIFY(test::max_difference(y, other->apply(x)) > 1e-3);
    QVERIFY(test::max_difference(op->apply(x.slice(0, 1, 2)), y.slice(0, 1, 2)) <
            1e-4);  // each picture of a batch alone
    state.erase("recon_trunk.28.bias");
    QVERIFY_EXCEPTION_THROWN(KernelWizard{state}, std::invalid_argument);
    QTemporaryDir empty;  // a person's model folder without the weights
    const QByteArray before = qgetenv("XDG_DATA_HOME");
    qputenv("XDG_DATA_HOME", empty.path().toUtf8());
    const auto restore =
        qScopeGuard([&] { before.isNull() ? qunsetenv("XDG_DATA_HOME") : qputenv("XDG_DATA_HOME", before); });
    Settings settings = Settings::object();
    const Task& task = find_task("nonlinear_blur", settings);
    try {
      make_operator(task, complete_settings(task.settings, settings, "task"), {3, 128, 128});
      QFAIL("made without weights");
    } catch (const OperatorError& e) {
      QVERIFY2(QString::fromUtf8(e.what()).contains("GOPRO_wVAE.pth"), e.what());
    }
  }

  void noiseLawsDrawWhatTheyDescribe_data() {
    QTest::addColumn<int>("law");
    QTest::addColumn<double>("level");
    QTest::addRow("gaussian") << 0 << 0.2;
    QTest::addRow("poisson, many") << 1 << 0.05;
    QTest::addRow("poisson, few") << 1 << 0.8;
    QTest::addRow("salt and pepper") << 2 << 0.1;
  }
  void noiseLawsDrawWhatTheyDescribe() {
    // E[d log p / dh] = 0 and -E[d2 log p / dh2] = E[(d log p / dh)^2] hold at the true h, and only there: a law that
    // draws otherwise than its density says fails.
    QFETCH(int, law);
    QFETCH(double, level);
    const NoiseModel noise{static_cast<NoiseLaw>(law), level, 0.3};
    const int64_t n = 400000;
    for (const double h : {-0.5, 0.4}) {
      const at::Tensor truth = at::full({1, n}, h, at::kDouble);
      const at::Tensor y = draw_observation(truth, noise, at::detail::createCPUGenerator(7));
      const auto likelihood = make_likelihood(make_identity({n}), y, noise);
      const auto score = [&](double shift) {
        const at::Tensor x = (truth + shift).requires_grad_(true);
        return torch::autograd::grad({likelihood->log_density(x).sum()}, {x})[0].flatten();
      };
      const at::Tensor s = score(0);
      const double information = s.square().mean().item<double>(), error = 5 * std::sqrt(information / n);
      QVERIFY2(std::abs(s.mean().item<double>()) < error,
               qPrintable(QString("%1, limit %2").arg(s.mean().item<double>()).arg(error)));
      QVERIFY(std::abs(score(0.1 * level).mean().item<double>()) > 2 * error);
      const double d = 1e-3 * level,
                   curvature = (score(d).mean().item<double>() - score(-d).mean().item<double>()) / (-2 * d);
      QVERIFY2(std::abs(curvature / information - 1) < 0.05,
               qPrintable(QString("%1, %2").arg(curvature).arg(information)));
      if (!likelihood->hidden())
        QVERIFY(std::abs(likelihood->precision(truth).mean().item<double>() / information - 1) < 0.03);
      QVERIFY(std::abs(likelihood->residual(truth).item<double>() - 1) < 0.1);
    }
  }

  void lostValuesAreToldFromTheirSurroundings() {
    const NoiseModel noise{NoiseLaw::SaltAndPepper, 0.05, 0.2};
    const int64_t n = 20000;
    at::manual_seed(8);
    const at::Tensor truth = at::rand({1, n}, at::kDouble) - 0.5;
    const at::Tensor y = draw_observation(truth, noise, at::detail::createCPUGenerator(9));
    const auto likelihood = make_likelihood(make_identity({n}), y, noise);
    // Seen from far away (spread 0.04) nearly all lost values are still told from the others.
    const at::Tensor centre = truth + 0.2 * at::randn_like(truth);
    const at::Tensor precision =
        likelihood->draw_precision(centre, at::full({1, 1}, 0.04, at::kDouble), at::rand_like(truth));
    const at::Tensor lost = y.abs() > 0.75, called = precision == 0;
    QVERIFY(std::abs(called.to(at::kDouble).mean().item<double>() - 0.2) < 0.02);
    QVERIFY((called != lost).to(at::kDouble).mean().item<double>() < 0.01);
    QCOMPARE(precision.max().item<double>(), 400.0);
    QVERIFY_EXCEPTION_THROWN(likelihood->precision(truth), OperatorError);
    QVERIFY_EXCEPTION_THROWN(make_likelihood(make_identity({n}), y, {NoiseLaw::SaltAndPepper, 0.05, 1.0}),
                             OperatorError);
    QVERIFY_EXCEPTION_THROWN(make_likelihood(make_identity({n}), y, {NoiseLaw::Poisson, 0.0}), OperatorError);
  }

  void jpegCoefficientsAreOffByTheirRounding() {
    at::manual_seed(9);
    // Smooth noise, so that nothing is clipped.
    const at::Tensor x = at::avg_pool2d(at::randn({2, 3, 66, 66}, at::kDouble), {3, 3}, {1, 1}) * 0.4;
    for (const double quality : {10.0, 40.0}) {
      const auto h = make_jpeg_coefficients({3, 64, 64}, quality);
      const at::Tensor error = (h->observe(x) - h->apply(x)).flatten();
      QVERIFY2(error.abs().max().item<double>() < 1.01 * kJpegCoefficientNoise * std::sqrt(3.0),
               qPrintable(QString::number(error.abs().max().item<double>())));  // half a step
      QVERIFY(error.square().mean().sqrt().item<double>() < 1.01 * kJpegCoefficientNoise &&
              error.square().mean().sqrt().item<double>() > 0.3 * kJpegCoefficientNoise);
      const at::Tensor file =
          make_jpeg({3, 64, 64}, quality, {.rounding = JpegRounding::Exact})->apply(x).reshape(x.sizes());
      QVERIFY(test::max_difference(h->display(h->observe(x)), file) < 1e-4);  // the picture that people see
    }
  }

  void badInputIsNamed() {
    QVERIFY_EXCEPTION_THROWN(make_inpainting(kShape, at::zeros({64, 64}, at::kBool)), OperatorError);
    QVERIFY_EXCEPTION_THROWN(make_inpainting(kShape, at::ones({32, 64}, at::kBool)), OperatorError);
    QVERIFY_EXCEPTION_THROWN(make_super_resolution({3, 60, 64}, 16), OperatorError);
    QVERIFY_EXCEPTION_THROWN(make_blur(kShape, at::ones({4, 4})), OperatorError);
    QVERIFY_EXCEPTION_THROWN(make_blur(kShape, at::full({3, 3}, std::nan(""))), OperatorError);
    QVERIFY_EXCEPTION_THROWN(make_jpeg(kShape, 0), OperatorError);
    QVERIFY_EXCEPTION_THROWN(GaussianLikelihood(make_identity(kShape), at::zeros({1, 3 * 64 * 64}), 0.0),
                             OperatorError);
    QVERIFY_EXCEPTION_THROWN(GaussianLikelihood(make_identity(kShape), at::full({1, 3 * 64 * 64}, std::nan("")), 0.1),
                             OperatorError);
    Settings settings = Settings::object();
    QVERIFY_EXCEPTION_THROWN(find_task("sr5", settings), SettingError);
    const Task& inpainting = find_task("inpainting", settings);
    QVERIFY_EXCEPTION_THROWN(make_operator(inpainting, settings, kShape, {}), OperatorError);
    QVERIFY_EXCEPTION_THROWN(make_operator(inpainting, settings, kShape, at::zeros({64, 64}, at::kByte)),
                             OperatorError);
  }

  void settingsAreChecked() {
    Settings settings = Settings::object();
    const Task& jpeg = find_task("jpeg7", settings);
    QCOMPARE(jpeg.name, std::string("jpeg"));
    QCOMPARE(settings.at("quality").get<int>(), 7);
    QVERIFY_EXCEPTION_THROWN(complete_settings(jpeg.settings, {{"quality", 0}}, "task jpeg"), SettingError);
    QVERIFY_EXCEPTION_THROWN(complete_settings(jpeg.settings, {{"qualty", 5}}, "task jpeg"), SettingError);
    QVERIFY_EXCEPTION_THROWN(complete_settings(jpeg.settings, {{"quality", "five"}}, "task jpeg"), SettingError);
    QVERIFY_EXCEPTION_THROWN(parse_setting(jpeg.settings, "quality", "nan", "task jpeg"), SettingError);
    const StepRules rules(
        nlohmann::json::parse(
            R"([{"last": 10, "value": 20}, {"first": 2, "value": 7}, {"every": 5, "value": 9}, {"value": 3}])"),
        "g", 0, 100);
    QCOMPARE(rules.at(0, 100), 7.0);
    QCOMPARE(rules.at(5, 100), 9.0);
    QCOMPARE(rules.at(6, 100), 3.0);
    QCOMPARE(rules.at(90, 100), 20.0);
    QVERIFY_EXCEPTION_THROWN(StepRules(nlohmann::json::parse(R"([{"last": 10, "value": 20}])"), "g", 0, 100),
                             SettingError);
    QVERIFY_EXCEPTION_THROWN(StepRules(nlohmann::json::parse(R"([{"value": 200}])"), "g", 0, 100), SettingError);
  }
};

QTEST_GUILESS_MAIN(TestOperators)
#include "tst_operators.moc"
