// A hint makes of the mix what sounds where and when it does.
#include <ATen/ATen.h>

#include <QtTest>

#include "core/errors.h"
#include "core/media/sound_file.h"
#include "core/metrics/audio_metrics.h"
#include "core/runs/hint_file.h"
#include "core/runs/stem_hint.h"

using namespace mgdm;

namespace {

constexpr double kRate = 22050;

// A tone of some harmonics, [1, L].
at::Tensor tone(double hertz, double from, double to, int harmonics, double phase = 0) {
  const at::Tensor t = at::arange(static_cast<int64_t>(2 * kRate), at::kDouble) / kRate;
  at::Tensor sum = at::zeros_like(t);
  for (int h = 1; h <= harmonics; ++h) sum += (t * (2 * M_PI * h * hertz) + phase).sin() / (h * h);
  return (sum * (t >= from).logical_and(t < to) * 0.1).to(at::kFloat).unsqueeze(0);
}

}  // namespace

class TestStemHint : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  // The hint is louder, of another phase and timbre, and a tenth of a semitone off.
  void aHintFindsItsStemInTheMix() {
    const at::Tensor bass = tone(82.4, 0.3, 1.2, 6), guitar = tone(330, 0, 2, 5) + tone(494, 0.8, 2, 5),
                     mix = bass + guitar;
    const at::Tensor hint = 30 * tone(82.8, 0.3, 1.2, 10, 1.3);
    const at::Tensor found = stem_from_hint(hint, mix, kRate);
    QCOMPARE(found.sizes(), mix.sizes());
    const double before = si_sdr(mix, bass).item<double>(), after = si_sdr(found, bass).item<double>();
    QVERIFY2(after > before + 8, qPrintable(QString("%1 dB, before %2").arg(after).arg(before)));
    QVERIFY(found.slice(1, 0, 4000).abs().max().item<float>() < 0.02f);  // nothing sounds before it does
    const at::Tensor stereo = stem_from_hint(hint, at::cat({mix, 0.5 * mix}), kRate);
    QVERIFY(at::allclose(stereo[0], 2 * stereo[1], 1e-3, 1e-5));
  }

  void silenceStaysSilence() {
    const at::Tensor mix = tone(330, 0, 2, 3);
    QCOMPARE(stem_from_hint(at::zeros_like(mix), mix, kRate).abs().max().item<float>(), 0.0f);
    QVERIFY(stem_from_hint(mix, at::zeros_like(mix), kRate).abs().max().item<float>() < 1e-6f);
  }

  void filesAreReadAsSoundOrNotes() {
    const QTemporaryDir folder;
    const std::filesystem::path hummed = folder.filePath("hum.wav").toStdString(),
                                notes = folder.filePath("notes.mid").toStdString();
    write_sound(hummed, {tone(110, 0, 2, 3).expand({2, -1}).contiguous(), 22050});
    const at::Tensor part = read_hint(hummed, "bass", kRate, 1.5, 22050);
    QCOMPARE(part.sizes(), at::IntArrayRef({1, 22050}));
    QVERIFY(part.slice(1, 0, 11000).abs().max().item<float>() > 0.05f);
    QCOMPARE(part.slice(1, 11100).abs().max().item<float>(), 0.0f);  // behind the file's end
    QVERIFY_EXCEPTION_THROWN(read_hint(hummed, "bass", kRate, 5, 22050), MediaError);
    QFile file(folder.filePath("notes.mid"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(QByteArray::fromHex("4d546864000000060000000100604d54726b0000000c00902d7f60802d0000ff2f00"));
    file.close();
    const at::Tensor played = read_hint(notes, "bass", kRate, 0, 22050);
    const at::Tensor power = at::fft_rfft(played.slice(1, 0, 11025)[0]).abs();
    QVERIFY(std::abs(power.argmax().item<int64_t>() * 2 - 110) <= 2);  // note 45 is 110 Hz
  }
};

QTEST_APPLESS_MAIN(TestStemHint)
#include "tst_stem_hint.moc"
