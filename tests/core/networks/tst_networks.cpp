#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include <QtTest>
#include <nlohmann/json.hpp>

#include "core/networks/denoising_unet.h"
#include "core/networks/group_norm_silu.h"
#include "core/networks/kernels/group_norm_silu_kernels.h"
#include "tests/oracle.h"

using namespace mgdm;

namespace {

double relative(const at::Tensor& a, const at::Tensor& b) {
  return ((a.to(at::kDouble) - b.to(at::kDouble)).norm() / b.to(at::kDouble).norm()).item<double>();
}

DenoisingUnetOptions small() {
  DenoisingUnetOptions o;
  o.channels = {16, 32};
  o.blocks = {1, 1};
  o.embedding = 32;
  return o;
}

DenoisingUnetOptions small_with_gates() {
  DenoisingUnetOptions o = small();
  o.complex_gates = true;
  o.position_channels = 3;
  o.attention_blocks = 1;
  return o;
}

std::shared_ptr<DenoisingUnet> random_network(const DenoisingUnetOptions& options = small()) {
  at::manual_seed(3);
  auto network = std::make_shared<DenoisingUnet>(options);
  at::NoGradGuard no_grad;
  for (auto& item : network->parameters()) item.tensor.normal_(0, 0.1);
  return network;
}

}  // namespace

class TestNetworks : public QObject {
  Q_OBJECT
  static void kinds() {
    QTest::addColumn<bool>("gates");
    QTest::addRow("plain") << false;
    QTest::addRow("complex gates") << true;
  }

 private Q_SLOTS:
  // What runs on a GPU, in ATen's operations, checked on the CPU: value and all three gradients.
  void devicePathOfTheNormEqualsTheReference_data() {
    QTest::addColumn<int>("type");
    QTest::addColumn<double>("tolerance");
    QTest::addRow("float32") << static_cast<int>(at::kFloat) << 1e-5;
    QTest::addRow("bfloat16") << static_cast<int>(at::kBFloat16) << 0.01;
  }
  void devicePathOfTheNormEqualsTheReference() {
    QFETCH(int, type);
    QFETCH(double, tolerance);
    at::manual_seed(4);
    const at::Tensor data = at::randn({2, 32, 9, 11}) + 0.5, g = at::randn({2, 32, 9, 11});
    std::vector<at::Tensor> results[2];
    for (const int path : {0, 1}) {
      at::Tensor x =
          data.to(static_cast<at::ScalarType>(type)).contiguous(at::MemoryFormat::ChannelsLast).requires_grad_();
      at::manual_seed(5);
      at::Tensor scale = at::randn({2, 32}).requires_grad_(), shift = at::randn({2, 32}).requires_grad_();
      const at::Tensor y =
          path == 0 ? group_norm_silu_reference(x, scale, shift, 4) : group_norm_silu_device(x, scale, shift, 4);
      (y * g).sum().backward();
      results[path] = {y.detach(), x.grad(), scale.grad(), shift.grad()};
    }
    for (size_t i = 0; i < 4; ++i) {
      const at::Tensor a = results[0][i].to(at::kFloat), b = results[1][i].to(at::kFloat);
      const double error = ((a - b).norm() / a.norm()).item<double>();
      QVERIFY2(error < tolerance, qPrintable(QString("%1: %2").arg(i).arg(error)));
    }
  }

  void fusedKernelMatchesThePlainPath_data() {
    QTest::addColumn<int>("size");
    QTest::addColumn<int>("channels");
    QTest::addColumn<bool>("bfloat16");
    for (const int size : {1, 7, 64, 129}) {
      for (const int channels : {16, 48, 80}) {
        for (const bool half : {false, true})
          QTest::addRow("%d px, %d channels, %s", size, channels, half ? "bfloat16" : "float32")
              << size << channels << half;
      }
    }
  }
  void fusedKernelMatchesThePlainPath() {
    QFETCH(int, size);
    QFETCH(int, channels);
    QFETCH(bool, bfloat16);
    at::manual_seed(1);
    const auto type = bfloat16 ? at::kBFloat16 : at::kFloat;
    const at::Tensor x0 = at::randn({2, channels, size, size}) * 2 + 1, w = at::randn_like(x0);
    const at::Tensor s0 = at::randn({2, channels}), t0 = at::randn({2, channels});
    const auto run = [&](bool fused) {
      const at::Tensor x = x0.to(type).contiguous(at::MemoryFormat::ChannelsLast).detach().requires_grad_(true);
      const at::Tensor s = s0.clone().requires_grad_(true), t = t0.clone().requires_grad_(true);
      const at::Tensor y =
          fused ? group_norm_silu(x, s, t, channels / 16) : group_norm_silu_reference(x, s, t, channels / 16);
      auto all = torch::autograd::grad({(y.to(at::kFloat) * w).sum()}, {x, s, t});
      all.push_back(y.detach());
      return all;
    };
    const auto a = run(true), b = run(false);
    for (size_t i = 0; i < a.size(); ++i)
      QVERIFY2(relative(a[i], b[i]) < (bfloat16 ? 4e-3 : 2e-6),
               qPrintable(QString("%1: %2").arg(i).arg(relative(a[i], b[i]))));
  }

  void everyInstructionSetAgrees() {
    std::vector<kernels::KernelSet> sets{kernels::portable_kernels()};
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) sets.push_back(kernels::avx2_kernels());
    if (std::string(group_norm_silu_kernel_name()) == "avx512") sets.push_back(kernels::avx512_kernels());
    const at::Tensor x = at::randn({5, 37}) * 3, a = at::randn({37}), b = at::randn({37});
    at::Tensor expected;
    for (const auto& set : sets) {
      at::Tensor y = at::empty_like(x);
      set.f32.forward(x.data_ptr<float>(), 5, 37, a.data_ptr<float>(), b.data_ptr<float>(), y.data_ptr<float>());
      if (!expected.defined()) expected = at::silu(x * a + b);
      QVERIFY2(test::max_difference(y, expected) < 2e-6, set.name);
    }
  }

  void extremeValuesStayFinite() {
    const at::Tensor x = at::tensor({-1e4, 1e4, 0.0, 88.0})
                             .to(at::kFloat)
                             .reshape({1, 1, 2, 2})
                             .expand({1, 16, 2, 2})
                             .contiguous(at::MemoryFormat::ChannelsLast);
    QVERIFY(group_norm_silu(x, at::full({1, 16}, 100.0), at::zeros({1, 16}), 1).isfinite().all().item<bool>());
  }

  void aNaNStaysANaN() {
    at::Tensor x = at::randn({1, 16, 4, 4}).contiguous(at::MemoryFormat::ChannelsLast);
    x[0][3][1][1] = std::nan("");
    QVERIFY(group_norm_silu(x, at::ones({1, 16}), at::zeros({1, 16}), 1).isnan().any().item<bool>());
  }

  void gradientMatchesFiniteDifferences_data() { kinds(); }
  void gradientMatchesFiniteDifferences() {
    QFETCH(bool, gates);
    const auto network = random_network(gates ? small_with_gates() : small());
    network->freeze(at::kFloat);
    at::manual_seed(2);
    const at::Tensor x = at::randn({1, 3, 16, 24}), w = at::randn({1, 3, 16, 24}), v = at::randn({1, 3, 16, 24}),
                     sigma = at::full({1}, 0.8);
    const at::Tensor input = x.clone().requires_grad_(true);
    const double analytic =
        (torch::autograd::grad({(network->forward(input, sigma) * w).sum()}, {input})[0] * v).sum().item<double>();
    at::NoGradGuard no_grad;
    constexpr double h = 1e-2;
    const double numeric = ((network->forward(x + h * v, sigma) - network->forward(x - h * v, sigma)) * w)
                               .to(at::kDouble)
                               .sum()
                               .item<double>() /
                           (2 * h);
    QVERIFY2(std::abs(analytic - numeric) < 1e-2 * std::abs(numeric) + 1e-2,
             qPrintable(QString("%1 %2").arg(analytic).arg(numeric)));
  }

  void preconditioningHoldsAtBothEnds_data() { kinds(); }
  void preconditioningHoldsAtBothEnds() {
    // As sigma -> 0 the denoiser must return its input; an untrained network predicts 0 noise-free signal.
    QFETCH(bool, gates);
    DenoisingUnet network(gates ? small_with_gates() : small());
    at::NoGradGuard no_grad;
    const at::Tensor x = at::randn({2, 3, 16, 16});
    QVERIFY(test::max_difference(network.forward(x, at::full({2}, 1e-4)), x) < 1e-4);
    QVERIFY(network.forward(x * 100, at::full({2}, 100.0)).abs().max().item<double>() < 0.1);
  }

  void anySizeAndEachSampleItsOwnLevel_data() { kinds(); }
  void anySizeAndEachSampleItsOwnLevel() {
    QFETCH(bool, gates);
    const auto network = random_network(gates ? small_with_gates() : small());
    network->freeze(at::kFloat);
    at::NoGradGuard no_grad;
    const at::Tensor x = at::randn({2, 3, 40, 24}), sigma = at::tensor({0.2, 3.0}).to(at::kFloat);
    const at::Tensor both = network->forward(x, sigma);
    QCOMPARE(both.sizes(), x.sizes());
    for (int i = 0; i < 2; ++i) {
      QVERIFY(test::max_difference(both.slice(0, i, i + 1),
                                   network->forward(x.slice(0, i, i + 1), sigma.slice(0, i, i + 1))) < 1e-5);
    }
    QCOMPARE(network->forward(at::randn({1, 3, 10, 14}), at::ones({1})).size(3), 14);  // padded inside
    QVERIFY_EXCEPTION_THROWN(network->forward(at::randn({1, 3, 9, 16}), at::ones({1})), std::invalid_argument);
    QVERIFY_EXCEPTION_THROWN(network->forward(at::randn({1, 1, 16, 16}), at::ones({1})), std::invalid_argument);
  }

  void optionsSurviveJsonAndNameTheirErrors() {
    for (const auto& o : {small(), small_with_gates()}) QVERIFY(nlohmann::json(o).get<DenoisingUnetOptions>() == o);
    QVERIFY_EXCEPTION_THROWN(nlohmann::json::parse(R"({"chanels": [16]})").get<DenoisingUnetOptions>(),
                             std::invalid_argument);
    QVERIFY_EXCEPTION_THROWN(nlohmann::json::parse(R"({"channels": [17], "blocks": [1]})").get<DenoisingUnetOptions>(),
                             std::invalid_argument);
    QVERIFY_EXCEPTION_THROWN(nlohmann::json::parse(R"({"patch": "two"})").get<DenoisingUnetOptions>(),
                             std::invalid_argument);
  }
};

QTEST_GUILESS_MAIN(TestNetworks)
#include "tst_networks.moc"
