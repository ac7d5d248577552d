// Latents shown without their decoder, and when they are decoded for somebody who looks on.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <QtTest>

#include "core/networks/first_stage.h"
#include "core/priors/autoencoder_codec.h"
#include "core/priors/linear_decoder.h"
#include "core/samplers/preview_budget.h"

using namespace mgdm;

namespace {

at::Tensor draw(at::IntArrayRef sizes, uint64_t seed) {
  return at::randn(sizes, at::detail::createCPUGenerator(seed), at::kFloat);
}

// A latent that is smooth, as a picture's is.
at::Tensor smooth_latent(uint64_t seed) {
  return at::upsample_bicubic2d(draw({1, 4, 4, 4}, seed), {16, 16}, /*align_corners=*/false);
}

// What the linear part of a decoder would do: colours of channels, four times enlarged.
at::Tensor affine_decoder(const at::Tensor& z) {
  const at::Tensor map = draw({3, 4, 1, 1}, 5) * 0.1, offset = at::tensor({0.2, -0.1, 0.05}, at::kFloat);
  return at::upsample_bilinear2d(at::conv2d(z, map, offset), {z.size(2) * 4, z.size(3) * 4}, false);
}

double rms(const at::Tensor& x) { return x.square().mean().sqrt().item<double>(); }

// Says of itself what its decoder costs.
class SlowCodec : public Codec {
 public:
  at::Tensor decode(const at::Tensor& z) const override {
    ++decoded;
    return z * 2;
  }
  at::Tensor encode(const at::Tensor& x) const override { return x / 2; }
  double decode_seconds(const at::Tensor& /*z*/) const override { return seconds; }
  double seconds = 1;
  mutable int decoded = 0;
};

}  // namespace

class TestLinearDecoder : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void itsTransposeIsItsTranspose() {
    LinearDecoder linear;
    linear.learn(draw({2, 4, 9, 7}, 1), draw({2, 3, 36, 28}, 2));
    const at::Tensor z = draw({1, 4, 9, 7}, 3), other = draw({1, 4, 9, 7}, 4), w = draw({1, 3, 36, 28}, 5);
    QVERIFY(rms(linear.forward(z) - (linear.decode(z + other) - linear.decode(other))) < 1e-5);
    const double there = (linear.forward(z) * w).sum().item<double>(),
                 back = (z * linear.transposed(w)).sum().item<double>();
    QVERIFY2(std::abs(there - back) < 1e-4 * rms(linear.forward(z)) * 36 * 28,
             qPrintable(QString("%1 %2").arg(there).arg(back)));
  }

  void whatIsAffineIsFound() {
    LinearDecoder linear;
    QVERIFY(!linear.ready());
    const at::Tensor taught = at::cat({smooth_latent(1), smooth_latent(4), smooth_latent(5)});
    linear.learn(taught, affine_decoder(taught));
    QVERIFY(linear.ready());
    const auto inside = [](const at::Tensor& x) { return x.slice(2, 4, -4).slice(3, 4, -4); };  // beyond are zeros
    const at::Tensor z = smooth_latent(2), truth = inside(affine_decoder(z)), shown = inside(linear.decode(z));
    QCOMPARE(shown.sizes(), truth.sizes());
    QVERIFY2(rms(shown - truth) < 0.1 * rms(truth - truth.mean()), qPrintable(QString::number(rms(shown - truth))));
    // Not of whatever latent comes.
    QVERIFY(rms(inside(linear.decode(smooth_latent(3))) - truth) > 0.5 * rms(truth - truth.mean()));
  }

  void whatCameLastCountsMost() {
    LinearDecoder linear;
    const at::Tensor z = smooth_latent(1);
    linear.learn(z, affine_decoder(z));
    for (int i = 0; i < 12; ++i) linear.learn(z, -affine_decoder(z));
    QVERIFY(rms(linear.decode(z) + affine_decoder(z)) < 0.05 * rms(affine_decoder(z)));
    // A decoder that overflowed teaches nothing.
    linear.learn(z, at::full({1, 3, 64, 64}, NAN));
    QVERIFY(rms(linear.decode(z) + affine_decoder(z)) < 0.05 * rms(affine_decoder(z)));
  }

  // The autoencoder's own codec: it decodes once, and from then on shows without decoding.
  void anAutoencoderShowsWhatItHasLearned() {
    FirstStageConfig config = FirstStageConfig::kl_f8();
    config.first = 32;
    config.channels = {32, 32};
    config.attention = {false, false};
    config.blocks = 1;
    const auto stage = std::make_shared<FirstStage>(config.layout().random(3), "", 1.0);
    const auto codec = make_autoencoder_codec(stage, 64);
    const at::NoGradGuard no_grad;
    const at::Tensor z = draw({2, config.latent_channels, 16, 16}, 1),
                     next = draw({2, config.latent_channels, 16, 16}, 2);
    QCOMPARE(codec->decode_seconds(z), 0.0);
    QVERIFY(at::equal(codec->preview(z), stage->decode(z)));
    QVERIFY(codec->decode_seconds(z) > 0);
    QVERIFY(codec->decode_seconds(z.slice(0, 0, 1)) < 0.6 * codec->decode_seconds(z));
    const at::Tensor shown = codec->preview(next);
    QCOMPARE(shown.sizes(), stage->decode(next).sizes());
    QVERIFY(!at::equal(shown, stage->decode(next)) && shown.abs().max().item<float>() <= 1);
  }

  void decodingStaysBelowItsShare() {
    SlowCodec codec;
    PreviewBudget budget;
    int shown = 0;
    for (int step = 1; step <= 400; ++step) {
      Iterate it;
      it.codec = &codec;
      it.x0 = at::zeros({1, 4});
      it.seconds = step;
      QVERIFY(!it.decoded());
      if (!budget.affords(it)) continue;
      ++shown;
      it.signal();
      QVERIFY(it.decoded() && budget.affords(it));  // it costs no more
    }
    QCOMPARE(shown, 8);  // 2 % of 400 seconds
    QCOMPARE(codec.decoded, 8);

    codec.seconds = 0;
    Iterate cheap;
    cheap.codec = &codec;
    cheap.x0 = at::zeros({1, 4});
    QVERIFY(cheap.decoded() && budget.affords(cheap));
  }
};

QTEST_GUILESS_MAIN(TestLinearDecoder)
#include "tst_linear_decoder.moc"
