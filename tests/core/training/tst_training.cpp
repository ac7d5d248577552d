#include <ATen/ATen.h>
#include <QtTest>
#include <nlohmann/json.hpp>

#include "core/checkpoints/safetensors.h"
#include "core/priors/denoising_unet_file.h"
#include "core/training/loss_curve.h"
#include "core/training/optimizer.h"
#include "core/training/photo_dataset.h"
#include "core/training/stem_dataset.h"
#include "core/training/trainer.h"
#include "tests/oracle.h"

using namespace mgdm;

namespace {

TrainingRecipe tiny() {
  TrainingRecipe r;
  r.network.channels = {16, 16};
  r.network.blocks = {1, 1};
  r.network.embedding = 32;
  r.crop = 16;
  r.batch = 4;
  r.steps = 12;
  r.report_every = 3;
  r.precision = "float32";
  r.warmup_steps = 2;
  return r;
}

std::vector<NamedPhoto> photos() {
  at::manual_seed(2);
  std::vector<NamedPhoto> list;
  for (int i = 0; i < 6; ++i)
    list.push_back({(i < 3 ? "red_" : "blue_") + std::to_string(i), at::randint(0, 256, {3, 40, 50}, at::kByte)});
  return list;
}

}  // namespace

class TestTraining : public QObject {
  Q_OBJECT
  QTemporaryDir folder_;
  std::filesystem::path path(const QString& name) const { return folder_.filePath(name).toStdString(); }

 private Q_SLOTS:
  void init() { at::globalContext().setDeterministicAlgorithms(false, false); }

  void aKilledTrainingGoesOnToTheSameWeights_data() {
    QTest::addColumn<QString>("optimizer");
    QTest::addRow("adamw") << "adamw";
    QTest::addRow("muon") << "muon";
  }
  void aKilledTrainingGoesOnToTheSameWeights() {
    QFETCH(QString, optimizer);
    TrainingRecipe recipe = tiny();
    recipe.optimizer = optimizer.toStdString();
    const PhotoDataset data(photos(), {}, {.size = recipe.crop});
    train(recipe, data, path(optimizer + "_whole"), {}, at::kCPU, {});
    std::atomic<bool> stop{false};
    TrainingHooks hooks;
    hooks.stop = &stop;
    hooks.progress = [&](const TrainingProgress& p) { stop = p.row->step >= 6; };
    train(recipe, data, path(optimizer + "_parts"), {}, at::kCPU, hooks);
    train(recipe, data, path(optimizer + "_parts"), {}, at::kCPU, {});
    const auto whole = load_denoising_unet(path(optimizer + "_whole") / "model.safetensors"),
               parts = load_denoising_unet(path(optimizer + "_parts") / "model.safetensors");
    for (const auto& item : whole->parameters()) {
      QVERIFY2(test::max_difference(item.tensor, parts->parameters()[item.name]) < 1e-5, item.name.c_str());
    }
    const auto rows = read_loss_csv(path(optimizer + "_parts") / "loss.csv");
    QCOMPARE(rows.back().step, 12);
  }

  void lossFalls() {
    TrainingRecipe recipe = tiny();
    recipe.steps = 250;
    recipe.optimizer = "muon";
    recipe.learning_rate = 3e-3;
    recipe.report_every = 25;
    // Flat photos: a denoiser can learn them quickly.
    std::vector<NamedPhoto> flat;
    for (int i = 0; i < 8; ++i) flat.push_back({"flat", at::full({3, 32, 32}, 30 * i, at::kByte)});
    train(recipe, PhotoDataset(flat, {}, {.size = 16}), path("flat"), {}, at::kCPU, {});
    const auto rows = read_loss_csv(path("flat") / "loss.csv");
    QVERIFY2(rows.back().loss < 0.7 * rows.front().loss,
             qPrintable(QString("%1 -> %2").arg(rows.front().loss).arg(rows.back().loss)));
  }

  void adamwMatchesItsDefinition() {
    at::manual_seed(1);
    const at::Tensor start = at::randn({300}), g1 = at::randn({300}), g2 = at::randn({300});
    at::Tensor p = start.clone(), m = at::zeros({300}), v = at::zeros({300});
    const AdamwSettings s{0.01, 0.9, 0.99, 0.1};
    adamw_step(p, g1, m, v, 1, 0.5, s);
    adamw_step(p, g2, m, v, 2, 0.5, s);
    at::Tensor q = start.to(at::kDouble), qm = at::zeros({300}, at::kDouble), qv = at::zeros({300}, at::kDouble);
    for (int k = 1; k <= 2; ++k) {
      const at::Tensor g = (k == 1 ? g1 : g2).to(at::kDouble) * 0.5;
      qm = 0.9 * qm + 0.1 * g;
      qv = 0.99 * qv + 0.01 * g * g;
      q = q * (1 - 0.01 * 0.1) - 0.01 * (qm / (1 - std::pow(0.9, k))) / ((qv / (1 - std::pow(0.99, k))).sqrt() + 1e-8);
    }
    QVERIFY(test::max_difference(p, q) < 1e-6);
  }

  void orthogonalisedMatricesHaveUnitSingularValues() {
    at::manual_seed(1);
    for (const auto& shape : {std::vector<int64_t>{16, 40}, std::vector<int64_t>{40, 16}}) {
      const at::Tensor o = orthogonalise(at::randn(shape), at::kFloat);
      const at::Tensor s = at::linalg_svdvals(o);
      QVERIFY(s.min().item<double>() > 0.5 && s.max().item<double>() < 1.4);
    }
  }

  // One step, computed directly: momentum, Nesterov's look ahead, U V^T of a singular value decomposition, decay.
  void muonMatchesItsDefinition_data() {
    QTest::addColumn<int>("out");
    QTest::addRow("wide") << 6;
    QTest::addRow("tall") << 90;
  }
  void muonMatchesItsDefinition() {
    QFETCH(int, out);
    constexpr double kRate = 0.02, kDecay = 0.1, kScale = 0.5, kBeta = 0.9;
    constexpr int64_t kIn = 8;
    at::manual_seed(3);
    const at::Tensor start = at::randn({out, kIn, 3, 3}), gradient = at::randn({out, kIn, 3, 3}),
                     before = at::randn({out, kIn, 3, 3});
    const at::Tensor weight = start.clone(), momentum = before.clone();
    muon_step({weight}, {gradient}, {momentum}, kScale, kRate, kDecay, at::kFloat, kBeta);
    const at::Tensor m = before * kBeta + gradient * kScale;
    QVERIFY(test::max_difference(momentum, m) < 1e-6);
    const at::Tensor ahead = (gradient * kScale + m * kBeta).permute({0, 2, 3, 1}).reshape({out, 9 * kIn});
    const auto [u, s, vh] = at::linalg_svd(ahead.to(at::kDouble), false);
    // What was added to the weights, in units of the step: the singular vectors of the gradient with values near 1.
    const double unit = kRate * 0.2 * std::sqrt(std::max<double>(out, 9 * kIn));
    const at::Tensor added = ((start * (1 - kRate * kDecay) - weight) / unit).permute({0, 2, 3, 1}).reshape_as(ahead);
    const at::Tensor inside = u.t().matmul(added.to(at::kDouble)).matmul(vh.t());
    const at::Tensor values = inside.diagonal();
    QVERIFY2(values.min().item<double>() > 0.6 && values.max().item<double>() < 1.3,
             qPrintable(QString("%1 to %2").arg(values.min().item<double>()).arg(values.max().item<double>())));
    QVERIFY(test::max_difference(inside, at::diag(values)) < 1e-4);
    QVERIFY(test::max_difference(added, u.matmul(inside).matmul(vh)) < 1e-4);
    const double rms = (unit * added).square().mean().sqrt().item<double>();  // as AdamW's, whatever the shape
    QVERIFY2(std::abs(rms / (0.2 * kRate) - 1) < 0.25, qPrintable(QString::number(rms / (0.2 * kRate))));
  }

  // Left to right by steps, bottom to top by the logarithm of the loss in blue, by the PSNR in red.
  void theLossIsDrawn() {
    const auto coloured = [](const at::Tensor& picture, int r, int g, int b) {
      return (picture[0] == r).logical_and(picture[1] == g).logical_and(picture[2] == b);
    };
    const at::Tensor empty = draw_loss_curve({});
    QCOMPARE(empty.sizes(), (at::IntArrayRef{3, 360, 640}));
    QVERIFY(!coloured(empty, 31, 97, 178).any().item<bool>() && coloured(empty, 60, 60, 60).any().item<bool>());
    const at::Tensor drawn =
        draw_loss_curve({{100, 1, 1.0, 0, {10}}, {200, 2, 0.1, 0, {}}, {300, 3, 0.0, 0, {}}, {400, 4, 0.01, 0, {20}}});
    const at::Tensor blue = coloured(drawn, 31, 97, 178), red = coloured(drawn, 196, 78, 40);
    const auto row = [](const at::Tensor& line, int64_t column) {  // mean height of what is drawn there
      return line.select(1, column).nonzero().to(at::kDouble).mean().item<double>();
    };
    const auto at_step = [](double step) { return 20 + std::llround(step / 400 * 600); };
    // A tenth at half of the logarithmic axis, a hundredth at its bottom; a loss of zero is left out.
    QVERIFY(std::abs(row(blue, at_step(100) + 1) - 20) < 4 && std::abs(row(blue, at_step(200)) - 180) < 4);
    QVERIFY(std::abs(row(blue, at_step(400)) - 340) < 4 && std::abs(row(blue, at_step(300)) - 260) < 4);
    QVERIFY(!blue.slice(1, 0, at_step(100)).any().item<bool>());
    // The red line rises; what was not measured is between.
    QVERIFY(std::abs(row(red, at_step(101)) - 340) < 5 && std::abs(row(red, at_step(250)) - 180) < 4);
    QVERIFY(std::abs(row(red, at_step(399)) - 20) < 5);
  }

  void packedPhotosSurvive() {
    const auto list = photos();
    write_packed_photos(path("packed.safetensors"), list);
    const auto back = read_packed_photos(path("packed.safetensors"));
    QCOMPARE(back.size(), list.size());
    Checkpoint wrong;
    wrong.tensors["x"] = at::zeros({3, 4}, at::kFloat);
    write_safetensors(path("wrong.safetensors"), wrong);
    QVERIFY_EXCEPTION_THROWN(read_packed_photos(path("wrong.safetensors")), CheckpointError);
  }

  void sharesDecideWhatIsDrawn() {
    std::vector<NamedPhoto> list{{"red_1", at::zeros({3, 20, 20}, at::kByte)},
                                 {"blue_1", at::full({3, 20, 20}, 255, at::kByte)},
                                 {"blue_2", at::full({3, 20, 20}, 255, at::kByte)}};
    const PhotoDataset data(list, {{"red_", 0.8}, {"*", 0.2}}, {.size = 16});
    const double bright =
        data.draw(400, 1).clean.select(1, 0).flatten(1).mean(1).gt(0).to(at::kDouble).mean().item<double>();
    QVERIFY2(std::abs(bright - 0.2) < 0.08, qPrintable(QString::number(bright)));
    QVERIFY(at::equal(data.draw(8, 5).clean, data.draw(8, 5).clean));
    QVERIFY(!at::equal(PhotoDataset(photos(), {}, {.size = 16}).draw(8, 5).clean,
                       PhotoDataset(photos(), {}, {.size = 16}).draw(8, 6).clean));
    QVERIFY_EXCEPTION_THROWN(PhotoDataset(list, {{"green_", 1.0}}, {.size = 16}), std::invalid_argument);
    QVERIFY_EXCEPTION_THROWN(PhotoDataset(list, {}, {.size = 64}), std::invalid_argument);
  }

  void weightsThatDoNotFitAreListed() {
    DenoisingUnet network(tiny().network);
    save_denoising_unet(path("model.safetensors"), network);
    Checkpoint c = read_safetensors(path("model.safetensors"));
    c.tensors.erase("out_weight");
    c.tensors["surprise"] = at::zeros({1});
    write_safetensors(path("odd.safetensors"), c);
    try {
      load_denoising_unet(path("odd.safetensors"));
      QFAIL("accepted");
    } catch (const CheckpointError& e) {
      QVERIFY2(QString(e.what()).contains("missing out_weight") && QString(e.what()).contains("surplus surprise"),
               e.what());
    }
  }

  void songsAreLearned_data() {
    QTest::addColumn<bool>("gates");
    QTest::addRow("plain") << false;
    QTest::addRow("complex gates") << true;
  }
  // Two stems, a low and a high tone that start anywhere: after a few steps the network tells them from noise in songs
  // it never saw.
  void songsAreLearned() {
    QFETCH(bool, gates);
    std::vector<NamedSong> songs;
    at::manual_seed(4);
    const at::Tensor t = at::arange(32 * 80, at::kDouble);
    for (int i = 0; i < 6; ++i) {
      const at::Tensor phase = at::rand({2}, at::kDouble) * 6;
      songs.push_back({"song " + std::to_string(i),
                       (at::stack({(t * 0.3 + phase[0]).sin(), (t * 2.1 + phase[1]).sin()}) * 3000).to(at::kShort)});
    }
    TrainingRecipe recipe = tiny();
    recipe.data = "stems";
    recipe.network.image_channels = 2;
    recipe.network.patch = 1;
    recipe.network.position_channels = 4;
    recipe.network.attention_blocks = 1;
    recipe.network.complex_gates = gates;
    recipe.codec.bins = 32;
    recipe.frames = 16;
    recipe.optimizer = "muon";
    recipe.learning_rate = 0.01;
    recipe.ema = 0.8;
    recipe.steps = 60;
    recipe.validation_sigmas = {0.5};
    const std::vector<NamedSong> held_out(songs.begin() + 4, songs.end());
    songs.resize(4);
    const StemDataset data(songs, held_out, recipe.codec, recipe.frames, {}, at::kCPU);
    DenoisingUnet untrained(recipe.network);
    const double before = data.validate(untrained, {0.5})[0];
    const auto folder = path(gates ? "gates" : "plain");
    train(recipe, data, folder, {}, at::kCPU, {});
    const auto rows =
        read_loss_csv(folder / "loss.csv");  // ends with a validation, though the last step was reported as any other
    QCOMPARE(rows.back().step, int64_t{60});
    QCOMPARE(rows.back().psnr.size(), size_t{1});
    const auto trained = load_denoising_unet(folder / "model.safetensors");
    QVERIFY(trained->options() == recipe.network);
    const double after = data.validate(*trained, {0.5})[0];
    QVERIFY2(after > before + 3, qPrintable(QString("%1 -> %2 dB").arg(before).arg(after)));
    QVERIFY(QString::fromStdString(read_safetensors(folder / "model.safetensors").metadata.at("codec"))
                .contains("\"bins\":32"));
  }

  // Songs that are put into a folder while a training runs are drawn from, as far as there is room for them.
  void songsThatComeLaterAreTakenUp() {
    const auto folder = path("growing");
    std::filesystem::create_directories(folder);
    const auto put = [&](const std::string& name, int64_t value, int64_t length) {
      Checkpoint song;
      song.tensors["stems"] = at::full({2, length}, value, at::kShort);
      write_safetensors(folder / (name + ".safetensors"), song);
    };
    const int64_t hour = 3600 * 1000;  // at a rate of 1,000 Hz
    MdctOptions codec;
    codec.bins = 32;
    codec.sample_rate = 1000;
    put("first", 0, hour / 10);
    GrowingSongFolder growing(folder);
    auto songs = growing.next(100);
    QCOMPARE(songs.size(), size_t{1});
    StemDataset data(std::move(songs), {}, codec, 16, {.muted = 0, .shuffled = 0}, at::kCPU, /*hours=*/0.35);
    QCOMPARE(data.hours(), 0.1);
    QCOMPARE(data.draw(8, 1).clean.abs().max().item<float>(), 0.0f);
    QVERIFY(growing.next(100).empty());

    put("second", 9000, hour / 10);
    put("third", 9000, hour / 10);
    put("fourth", 9000, hour / 10);
    auto more = growing.next(2);  // in the order of their names
    QCOMPARE(more.size(), size_t{2});
    QCOMPARE(more[0].name, std::string("fourth"));
    QVERIFY(data.add(std::move(more)));
    QCOMPARE(data.hours(), 0.3);
    const at::Tensor drawn = data.draw(60, 1).clean.abs().amax({1, 2, 3});
    const auto loud = (drawn > 1).sum().item<int64_t>();
    QVERIFY2(loud > 25 && loud < 55, qPrintable(QString::number(loud)));  // two songs of three
    QVERIFY(!data.add(growing.next(100)));                                // no room is left
    QCOMPARE(data.hours(), 0.3);
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, data.add({{"of three", at::zeros({3, 9000}, at::kShort)}}));
    QVERIFY_THROWS_EXCEPTION(CheckpointError, GrowingSongFolder(folder / "none").next(1));
  }

  void recipesNameTheirErrors() {
    const nlohmann::json good = tiny();
    QVERIFY(nlohmann::json(good.get<TrainingRecipe>()) == good);
    for (const auto& [key, value] : std::map<std::string, nlohmann::json>{
             {"bach", 3}, {"batch", "many"}, {"precision", "half"}, {"optimizer", "sgd"}, {"minutes", 5}}) {
      nlohmann::json bad = good;
      bad[key] = value;
      QVERIFY_EXCEPTION_THROWN(bad.get<TrainingRecipe>(), std::invalid_argument);
    }
  }
};

QTEST_GUILESS_MAIN(TestTraining)
#include "tst_training.moc"
