// mgdm-train as a person meets it: from a folder of photos to a model that the other programs read.
#include <ATen/ATen.h>

#include <QtTest>

#include "core/media/image_file.h"
#include "core/priors/denoising_unet_file.h"
#include "core/training/loss_curve.h"
#include "core/training/photo_dataset.h"
#include "tests/app/programs.h"
#include "tests/oracle.h"

using namespace mgdm;
using test::Answer;

class TestTrainingProgram : public QObject {
  Q_OBJECT
  QTemporaryDir folder_;
  QString file(const QString& name) const { return folder_.filePath(name); }
  std::filesystem::path path(const QString& name) const { return file(name).toStdString(); }

  static Answer train(const QStringList& arguments) {
    return test::answer_of(QStringLiteral(MGDM_TRAIN_PROGRAM), QStringList{"--threads", "1"} + arguments);
  }
  static bool oneLine(const QByteArray& error, const char* word) { return test::one_line(error, word, "mgdm-train: "); }
  /// The shipped recipe for photos, but a network of a few thousand weights and some seconds.
  QStringList tiny(const QString& out, const QStringList& set = {}) const {
    QStringList arguments{"--recipe", QStringLiteral(MGDM_SOURCE_DIR "/models/recipes/photo.json"),
                          "--data",   file("photos"),
                          "--out",    file(out)};
    for (const QString& setting :
         QStringList{"network.channels=[16,16]", "network.blocks=[1,1]", "network.embedding=32", "crop=16", "shares={}",
                     "batch=8", "minutes=0", "steps=300", "warmup_steps=5", "ema=0.98", "precision=float32",
                     "report_every=20"} +
             set)
      arguments += {"--set", setting};
    return arguments;
  }

 private Q_SLOTS:
  void initTestCase() {
    QVERIFY(QDir().mkpath(file("photos/deep")));
    const at::Tensor ramp = at::arange(48).reshape({1, 1, 48}).expand({3, 40, 48});
    for (int i = 0; i < 6; ++i)
      write_image(path(QString("photos/%1%2.png").arg(i < 3 ? "" : "deep/").arg(i)),
                  (ramp * 2 + 24 * i).to(at::kByte).contiguous());
  }

  void aModelIsMadeAndUsed() {
    const Answer r = train(tiny("whole"));
    QVERIFY2(r.code == 0, r.error.constData());
    QVERIFY(r.error.contains("6 photos from"));
    const auto rows = read_loss_csv(path("whole/loss.csv"));
    QCOMPARE(rows.size(), size_t{15});
    QCOMPARE(rows.back().step, int64_t{300});
    const double first = rows.front().loss, last = (rows[12].loss + rows[13].loss + rows[14].loss) / 3;
    QVERIFY2(last < 0.85 * first, qPrintable(QString("%1 -> %2").arg(first).arg(last)));  // measured: 0.76 -> 0.56
    QCOMPARE(load_denoising_unet(path("whole/model.safetensors"))->options().channels, (std::vector<int64_t>{16, 16}));
    // What the weights that are kept can do: measured 21 to 22 dB, untrained 15.
    const Answer psnr = train({"--evaluate", file("whole/model.safetensors"), "--data", file("photos")});
    QVERIFY2(psnr.code == 0, psnr.error.constData());
    QCOMPARE(psnr.out.count('\n'), 2);
    const auto found = QRegularExpression("float32 .*sigma 3: ([0-9.]+) dB").match(QString::fromUtf8(psnr.out));
    QVERIFY2(found.hasMatch() && found.captured(1).toDouble() > 18, psnr.out.constData());
    const Answer used =
        test::mgdm({"restore", file("photos/1.png"), "--task", "denoising", "--prior", file("whole/model.safetensors"),
                    "--size", "64", "--set", "steps=4", "--out", file("restored"), "--quiet"});
    QVERIFY2(used.code == 0, used.error.constData());
    QVERIFY(QFile::exists(file("restored/sample_0.png")));
  }

  // Ended in the middle and started again it comes to the weights of the one that went through.
  void anInterruptedTrainingGoesOn() {
    if (!QFile::exists(file("whole/model.safetensors"))) QFAIL("there is no training that went through");
    QProcess p;
    p.start(QStringLiteral(MGDM_TRAIN_PROGRAM), QStringList{"--threads", "1"} + tiny("parts"));
    QByteArray said;
    QTRY_VERIFY_WITH_TIMEOUT((said += p.readAllStandardError()).contains("step 20 "), 60000);
    p.terminate();
    QVERIFY(p.waitForFinished(60000));
    QCOMPARE(p.exitStatus(), QProcess::NormalExit);
    QCOMPARE(p.exitCode(), 130);
    const auto before = read_loss_csv(path("parts/loss.csv"));
    QVERIFY(!before.empty() && before.back().step < 300);
    const Answer r = train(tiny("parts"));
    QVERIFY2(r.code == 0, r.error.constData());
    QVERIFY2(!r.error.contains("step 20 "), "it began from the start");
    const auto rows = read_loss_csv(path("parts/loss.csv"));
    QVERIFY(rows.size() > before.size());
    for (size_t i = 0; i < before.size(); ++i) QCOMPARE(rows[i].loss, before[i].loss);
    QCOMPARE(rows.back().step, int64_t{300});
    const auto whole = load_denoising_unet(path("whole/model.safetensors")),
               parts = load_denoising_unet(path("parts/model.safetensors"));
    for (const auto& item : whole->parameters())
      QVERIFY2(test::max_difference(item.tensor, parts->parameters()[item.name]) < 1e-4, item.name.c_str());
    // Not with another network.
    const Answer other = train(tiny("parts", {"network.channels=[16,32]"}));
    QVERIFY2(other.code == 4 && other.error.contains("is a training of another network"), other.error.constData());
  }

  // An autoencoder, then a prior on its latents, which the other programs take as one file.
  void aLatentModelIsMadeAndUsed() {
    const auto recipe = [&](const char* name, const QString& out, const QStringList& more, const QStringList& set) {
      QStringList arguments{"--recipe", QStringLiteral(MGDM_SOURCE_DIR "/models/recipes/") + name,
                            "--data",   file("photos"),
                            "--out",    file(out)};
      for (const QString& setting :
           QStringList{"batch=4", "minutes=0", "warmup_steps=5", "ema=0.9", "precision=float32", "report_every=20"} +
               set)
        arguments += {"--set", setting};
      return train(arguments + more);
    };
    const QStringList small{"autoencoder.channels=[8,16]", "autoencoder.encoder_blocks=[1,1]",
                            "autoencoder.decoder_blocks=[1,1]"};
    Answer r = recipe("latent_autoencoder.json", "autoencoder", {}, small + QStringList{"crop=16", "steps=200"});
    QVERIFY2(r.code == 0, r.error.constData());
    const QString autoencoder = file("autoencoder/model.safetensors");
    const Answer quality = train({"--evaluate", autoencoder, "--data", file("photos"), "--size", "40"});
    const auto found =
        QRegularExpression("float32 +reconstruction +sigma 0: ([0-9.]+) dB").match(QString::fromUtf8(quality.out));
    QVERIFY2(found.hasMatch() && found.captured(1).toDouble() > 18, quality.out + quality.error);

    const QStringList denoiser{"network.channels=[16,16]",
                               "network.blocks=[1,1]",
                               "network.attention=[0,0]",
                               "network.embedding=32",
                               "crop=32",
                               "small_share=0",
                               "steps=40"};
    r = recipe("latent.json", "latent", {}, denoiser);
    QVERIFY2(r.code == 2 && oneLine(r.error, "--autoencoder"), r.error.constData());
    r = recipe("latent.json", "latent", {"--autoencoder", file("photos/1.png")}, denoiser);
    QVERIFY2(r.code == 4 && r.error.count('\n') <= 2, r.error.constData());
    r = recipe("latent.json", "latent", {"--autoencoder", autoencoder}, denoiser);
    QVERIFY2(r.code == 0, r.error.constData());
    const QString latent = file("latent/model.safetensors");
    const Answer both = train({"--evaluate", latent, "--data", file("photos"), "--size", "40"});
    QVERIFY2(both.out.contains("reconstruction") && both.out.contains("decoded"), both.out + both.error);
    for (const QStringList& with : {QStringList{"--set", "steps=4"}, {"--sampler", "ding", "--set", "steps=4"}}) {
      const Answer used =
          test::mgdm(QStringList{"restore", file("photos/1.png"), "--task", "inpainting_center", "--prior", latent,
                                 "--size", "64", "--out", file("filled"), "--force", "--quiet"} +
                     with);
      QVERIFY2(used.code == 0, used.error.constData());
      QVERIFY(QFile::exists(file("filled/sample_0.png")));
    }
  }

  void photosArePacked() {
    const Answer r = train({"--data", file("photos"), "--pack", file("packed.safetensors")});
    QVERIFY2(r.code == 0, r.error.constData());
    const auto photos = read_packed_photos(path("packed.safetensors"));
    QCOMPARE(photos.size(), size_t{6});
    QVERIFY(at::equal(photos[1].pixels, read_image(path("photos/1.png"))));
  }

  void whatIsWrongIsOneLine() {
    const auto wrong = [&](const QStringList& set, int code, const char* word) {
      const Answer r = train(tiny("wrong", set));
      if (r.code == code && oneLine(r.error, word)) return true;
      qWarning("%s: code %d, %s", word, r.code, r.error.constData());
      return false;
    };
    QVERIFY(wrong({"batch=many"}, 2, "'batch' has the wrong type"));
    QVERIFY(wrong({"bach=4"}, 2, "unknown setting 'bach'"));
    QVERIFY(wrong({"crop=17"}, 2, "crop is 17"));
    QVERIFY(wrong({"optimizer=sgd"}, 2, "'sgd'"));
    QVERIFY(wrong({"minutes=5"}, 2, "exactly one of minutes and steps"));
    QVERIFY(wrong({"steps"}, 2, "--set steps"));
    QVERIFY(!QFile::exists(file("wrong")));

    QFile broken(file("broken.json"));
    QVERIFY(broken.open(QIODevice::WriteOnly));
    broken.write(R"({"batch": )");
    broken.close();
    const auto with = [&](const QStringList& arguments) {
      return train(arguments + QStringList{"--out", file("wrong")});
    };
    const Answer no_json = with({"--recipe", broken.fileName(), "--data", file("photos")});
    QVERIFY2(no_json.code == 3 && oneLine(no_json.error, "broken.json"), no_json.error.constData());
    const Answer missing = with({"--recipe", file("none.json"), "--data", file("photos")});
    QVERIFY2(missing.code == 3 && oneLine(missing.error, "none.json"), missing.error.constData());
    const Answer no_data = with({"--recipe", QStringLiteral(MGDM_SOURCE_DIR "/models/recipes/photo.json")});
    QVERIFY2(no_data.code == 2 && oneLine(no_data.error, "--data"), no_data.error.constData());
    const Answer nowhere =
        with({"--recipe", QStringLiteral(MGDM_SOURCE_DIR "/models/recipes/photo.json"), "--data", file("nowhere")});
    QVERIFY2(nowhere.code == 3 && oneLine(nowhere.error, "nowhere"), nowhere.error.constData());
    const Answer device = train(tiny("wrong") + QStringList{"--device", "abacus"});
    QVERIFY2(device.code == 2 && device.error.contains("abacus"), device.error.constData());
    const Answer weights = train(tiny("wrong") + QStringList{"--init", broken.fileName()});
    QVERIFY2(weights.code == 4 && weights.error.contains("broken.json"), weights.error.constData());
  }
};

QTEST_GUILESS_MAIN(TestTrainingProgram)
#include "tst_training_program.moc"
