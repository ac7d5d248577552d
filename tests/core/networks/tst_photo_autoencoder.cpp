#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <QtTest>
#include <nlohmann/json.hpp>

#include "core/networks/photo_autoencoder.h"
#include "core/priors/autoencoder_codec.h"
#include "tests/oracle.h"

using namespace mgdm;

namespace {

at::Tensor drawn(at::IntArrayRef sizes, uint64_t seed) {
  return at::randn(sizes, at::detail::createCPUGenerator(seed));
}

// All weights random, those that begin as zeros, too.
std::shared_ptr<PhotoAutoencoder> small() {
  PhotoAutoencoderOptions options;
  options.channels = {8, 16};
  options.encoder_blocks = options.decoder_blocks = {1, 2};
  options.latent_mean = {0.1, 0.2, -0.3, 0};
  options.latent_deviation = {1, 2, 0.5, 1.5};
  auto network = std::make_shared<PhotoAutoencoder>(options);
  at::NoGradGuard no_grad;
  uint64_t seed = 1;
  for (auto& item : network->parameters()) {
    const double fan_in = item.tensor.dim() == 4 ? static_cast<double>(item.tensor[0].numel()) : 100;
    item.tensor.copy_(drawn(item.tensor.sizes(), seed++) / std::sqrt(fan_in));
  }
  return network;
}

}  // namespace

class TestPhotoAutoencoder : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void shapesAndScale() {
    const auto network = small();
    const at::Tensor image = drawn({2, 3, 16, 24}, 1).clamp(-1, 1);
    QCOMPARE(network->options().factor(), int64_t{4});
    const at::Tensor moments = network->moments(image), z = network->encode(image);
    QCOMPARE(moments.sizes(), (at::IntArrayRef{2, 8, 4, 6}));
    QCOMPARE(z.sizes(), (at::IntArrayRef{2, 4, 4, 6}));
    // The scale is taken off again by decoding.
    QVERIFY(test::max_difference(network->decode(z), network->decode_unscaled(moments.narrow(1, 0, 4))) < 1e-5);
    QCOMPARE(network->decode(z).sizes(), image.sizes());
    QVERIFY(test::max_difference(z.select(1, 1), (moments.select(1, 1) - 0.2) / 2) < 1e-6);
  }

  // No normalisation over the picture: what is far away does not matter, and `reach` says how far.
  void whatDecodesIsTheNeighbourhood() {
    const auto network = small();
    at::NoGradGuard no_grad;
    const int64_t reach = network->reach(), side = 4 * reach;
    const at::Tensor z = drawn({1, 4, side, side}, 3), other = z.clone();
    other.select(3, side - 1).add_(1);
    const at::Tensor difference = (network->decode(z) - network->decode(other)).abs().amax({0, 1, 2});
    const int64_t untouched = (side - 1 - reach) * 4;
    QVERIFY(difference.slice(0, 0, untouched).max().item<double>() == 0);
    QVERIFY(difference.slice(0, untouched, untouched + 4).max().item<double>() > 0 ||
            difference.slice(0, untouched, untouched + 8).max().item<double>() >
                0);  // and it is no larger than need be
  }

  void largePicturesDecodeInWindows() {
    const auto network = small();
    at::NoGradGuard no_grad;
    const int64_t reach = network->reach();
    const auto codec = make_autoencoder_codec(network, 8 * reach);
    const at::Tensor z = drawn({1, 4, 13 * reach, 5 * reach}, 4);
    const at::Tensor whole = network->decode(z), windows = codec->decode(z);
    // Blended where each is wrong by its border, which is a small part of it.
    const double off = (whole - windows).square().mean().sqrt().item<double>() / whole.std().item<double>();
    QVERIFY2(off < 0.1, qPrintable(QString::number(off)));
    const at::Tensor picture = drawn({1, 3, 52 * reach, 20 * reach}, 8).clamp(-1, 1);
    const at::Tensor at_once = network->encode(picture), in_windows = codec->encode(picture);
    QCOMPARE(in_windows.sizes(), at_once.sizes());
    const double other = (at_once - in_windows).square().mean().sqrt().item<double>() / at_once.std().item<double>();
    QVERIFY2(other > 0 && other < 0.1, qPrintable(QString::number(other)));
    // What goes back through the windows comes after the call that made them.
    at::AutoGradMode with_grad(true);
    const at::Tensor seen = picture.clone().requires_grad_(true);
    codec->encode(seen).square().sum().backward();
    QVERIFY(seen.grad().defined() && seen.grad().abs().max().item<double>() > 0);
  }

  void itsGradientIsItsGradient() {
    const auto network = small();
    const at::Tensor z = drawn({1, 4, 4, 4}, 5).requires_grad_(true), direction = drawn({1, 4, 4, 4}, 6);
    const at::Tensor w = drawn({1, 3, 16, 16}, 7);
    (network->decode(z) * w).sum().backward();
    at::NoGradGuard no_grad;
    constexpr double kStep = 1e-3;
    const double slope =
        ((network->decode(z + kStep * direction) - network->decode(z - kStep * direction)) * w).sum().item<double>() /
        (2 * kStep);
    const double told = (z.grad() * direction).sum().item<double>();
    QVERIFY2(std::abs(slope - told) < 0.02 * std::abs(told) + 1e-2, qPrintable(QString("%1 %2").arg(slope).arg(told)));
  }

  void descriptionsAreChecked() {
    PhotoAutoencoderOptions options;
    const nlohmann::json json = options;
    QVERIFY(!json.contains("latent_mean"));
    QCOMPARE(nlohmann::json(json.get<PhotoAutoencoderOptions>()), json);
    for (const char* wrong : {R"({"patch": 3})", R"({"channels": []})", R"({"encoder_blocks": [1]})",
                              R"({"latent_channels": 0})", R"({"latent_mean": [1]})", R"({"colour": 1})",
                              R"({"channels": "many"})", R"({"latent_deviation": [0, 1, 1, 1]})"}) {
      QVERIFY_THROWS_EXCEPTION(std::invalid_argument, nlohmann::json::parse(wrong).get<PhotoAutoencoderOptions>());
    }
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, small()->encode(at::zeros({1, 3, 18, 16})));
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, small()->decode(at::zeros({1, 3, 4, 4})));
  }
};

QTEST_GUILESS_MAIN(TestPhotoAutoencoder)
#include "tst_photo_autoencoder.moc"
