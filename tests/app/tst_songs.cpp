// Songs through the command line: each option does what it says, and stems come nearer to the truth than the mix.
#include <ATen/ATen.h>

#include <QtTest>

#include <fstream>
#include <nlohmann/json.hpp>

#include "core/checkpoints/safetensors.h"
#include "core/media/sound_file.h"
#include "core/metrics/audio_metrics.h"
#include "tests/app/programs.h"
#include "tests/made_song.h"

using namespace mgdm;
using test::Answer;
using test::one_line;

class TestSongs : public QObject {
  Q_OBJECT
  QTemporaryDir folder_;
  at::Tensor stems_, mix_;  // [4, L], [1, L]

  QString file(const QString& name) const { return folder_.filePath(name); }
  at::Tensor sound(const QString& name) const { return read_sound(file(name).toStdString()).samples; }
  void write(const QString& name, const at::Tensor& samples) const {
    write_sound(file(name).toStdString(), {samples, test::kSongRate});
  }
  nlohmann::json record(const QString& name) const {
    std::ifstream in(file(name + "/run.json").toStdString());
    return nlohmann::json::parse(in, nullptr, false);
  }
  /// A second of the made song with few evaluations, for what does not depend on how good it sounds.
  Answer separate(const QString& song, const QString& out, const QStringList& options) const {
    return test::mgdm(QStringList{"separate"} + (song.isEmpty() ? QStringList() : QStringList{file(song)}) +
                      QStringList{"--out", file(out), "--preset", "quick", "--set", "steps=4", "--set",
                                  "denoising_steps=1", "--quiet"} +
                      options);
  }
  static double db(const at::Tensor& x, const at::Tensor& truth) { return si_sdr(x, truth).mean().item<double>(); }
  /// Of what lies above `hertz`: the sum of squares.
  static double above(const at::Tensor& x, double hertz) {
    const at::Tensor power = at::fft_rfft(x.flatten()).abs().square();
    const auto from = static_cast<int64_t>(hertz / (test::kSongRate / 2.0) * static_cast<double>(power.size(0)));
    return power.slice(0, from).sum().item<double>() / static_cast<double>(power.size(0));
  }

 private Q_SLOTS:
  void initTestCase() {
    stems_ = test::made_stems(2.0);
    mix_ = stems_.sum(0, true);
    QVERIFY(mix_.abs().max().item<double>() < 1);
    QVERIFY(QDir().mkpath(file("true")));
    for (int k = 0; k < 4; ++k) write(QString("true/%1.wav").arg(test::kSongStems[k]), stems_.narrow(0, k, 1));
    write("song.wav", mix_);
    write("second.wav", mix_.slice(1, 0, test::kSongRate));
  }

  // The shipped model tells a low tone, clicks and chords apart. Silence and the mix, which add up as well, are 0 dB.
  void theStemsAreNearerToTheTruthThanTheMix() {
    // Broken chords this fast are not steady: a part of them would be in the track for other sounds.
    const Answer r = test::mgdm({"separate", file("song.wav"), "--out", file("stems"), "--preset", "quick", "--other",
                                 "0", "--reference", file("true"), "--json"});
    QVERIFY2(r.code == 0, r.error.constData());
    const nlohmann::json gain = nlohmann::json::parse(r.out.toStdString()).at("si_sdr_improvement");
    QCOMPARE(record("stems").at("si_sdr_improvement"), gain);
    at::Tensor sum = at::zeros_like(mix_);
    for (int k = 0; k < 4; ++k) {
      const std::string stem = test::kSongStems[k];
      const at::Tensor found = sound(QString("stems/%1.wav").arg(stem.c_str())), truth = stems_.narrow(0, k, 1);
      QCOMPARE(found.sizes(), truth.sizes());
      sum += found;
      const double said = gain.at(stem), heard = db(found, truth) - db(mix_, truth);
      QVERIFY2(heard > test::kSongFloor[k] && said > test::kSongFloor[k],
               qPrintable(QString("%1: %2 dB, it says %3").arg(stem.c_str()).arg(heard).arg(said)));
    }
    QVERIFY((sum - mix_).abs().max().item<double>() < 1e-3);
  }

  // Another program's stems, here the true ones in other files: at a low level they stay, from the part's place on.
  // What is of no stem is told, and the record says what the run began from.
  void theChainBeginsFromAnothersStems() {
    QVERIFY(QDir().mkpath(file("other")));
    write("other/Song_(Bass).flac", stems_.narrow(0, 0, 1));
    write("other/drums.wav", stems_.narrow(0, 1, 1));
    write("other/guitar.wav", stems_.narrow(0, 2, 1));
    write("other/piano.wav", stems_.narrow(0, 3, 1));
    write("other/vocals.wav", stems_.narrow(0, 3, 1));
    const Answer r = separate("song.wav", "begun",
                              {"--start", file("other"), "--start-sigma", "0.1", "--part", "0.5-1.5", "--reference",
                               file("true"), "--set", "steps=12", "--other", "0"});
    QVERIFY2(r.code == 0, r.error.constData());
    QVERIFY2(r.error.contains("vocals.wav is of none of the model's stems"), r.error.constData());
    const nlohmann::json record = this->record("begun");
    for (int k = 0; k < 4; ++k) {
      const at::Tensor truth = stems_.narrow(0, k, 1).slice(1, test::kSongRate / 2, 3 * test::kSongRate / 2);
      const double heard = db(sound(QString("begun/%1.wav").arg(test::kSongStems[k])), truth);
      QVERIFY2(heard > 8, qPrintable(QString("%1: %2 dB").arg(test::kSongStems[k]).arg(heard)));
      QVERIFY(record.at("median_sdr").at(test::kSongStems[k]).get<double>() > 7);
    }
    QCOMPARE(record.at("start").at("stems"), nlohmann::json({"bass", "drums", "guitar", "piano"}));
    QCOMPARE(record.at("request").at("start_sigma"), nlohmann::json(0.1));
    // With a track for what is no stem the voice is its: here it is the piano's own sound, which goes there.
    const Answer five = separate("song.wav", "voiced", {"--start", file("other"), "--set", "steps=12"});
    QVERIFY2(five.code == 0 && !five.error.contains("vocals.wav"), five.error.constData());
    QVERIFY(db(sound("voiced/other.wav"), stems_.narrow(0, 3, 1)) >
            db(sound("voiced/piano.wav"), stems_.narrow(0, 3, 1)));
    Answer no = separate("second.wav", "no", {"--start", file("true")});
    QVERIFY(no.code != 0 && one_line(no.error, "lasts 2.0 s, the song 1.0 s"));
    no = separate("", "no", {"--start", file("true"), "--given", "bass=" + file("true/bass.wav")});
    QVERIFY(no.code != 0 && one_line(no.error, "need the song"));
  }

  // Somebody hums the bass: what sounds there and then begins as the bass's.
  void aHintHelpsItsStem() {
    write("hum.wav", stems_.narrow(0, 0, 1).roll(30, 1).tanh() * 0.3);
    const Answer r = separate("song.wav", "hinted", {"--hint", "bass=" + file("hum.wav"), "--start-sigma", "0.3"});
    QVERIFY2(r.code == 0, r.error.constData());
    QVERIFY(separate("song.wav", "unhinted", {}).code == 0);
    const at::Tensor bass = stems_.narrow(0, 0, 1);
    const double with = db(sound("hinted/bass.wav"), bass), without = db(sound("unhinted/bass.wav"), bass);
    QVERIFY2(with > without + 1, qPrintable(QString("%1 dB, without %2").arg(with).arg(without)));
    QCOMPARE(record("hinted").at("hints").at("bass"), nlohmann::json(file("hum.wav").toStdString()));
    const Answer no = separate("song.wav", "no", {"--hint", "flute=" + file("hum.wav")});
    QVERIFY2(no.code != 0 && one_line(no.error, "no stem of this model"), no.error.constData());
  }

  void onlyThePartIsDone() {
    const Answer r = separate("song.wav", "part", {"--part", "0.5-1.25"});
    QVERIFY2(r.code == 0, r.error.constData());
    const at::Tensor part = mix_.slice(1, test::kSongRate / 2, 5 * test::kSongRate / 4);
    at::Tensor sum = at::zeros_like(part);
    for (const char* stem : {"bass", "drums", "guitar", "piano", "other"}) {
      const at::Tensor found = sound(QString("part/%1.wav").arg(stem));
      QCOMPARE(found.sizes(), part.sizes());
      sum += found;
    }
    QVERIFY((sum - part).abs().max().item<double>() < 1e-3);
    QCOMPARE(record("part").at("part"), nlohmann::json({0.5, 1.25}));
  }

  void theRestIsKeptApartAndFlacIsWritten() {
    const Answer r = separate("second.wav", "flac", {"--flac", "--keep-residual"});
    QVERIFY2(r.code == 0, r.error.constData());
    QVERIFY(!QFile::exists(file("flac/bass.wav")));
    at::Tensor sum = at::zeros({1, test::kSongRate});
    for (const char* stem : {"bass", "drums", "guitar", "piano", "other"})
      sum += sound(QString("flac/%1.flac").arg(stem));
    const at::Tensor mix = mix_.slice(1, 0, test::kSongRate), rest = sound("flac/residual.flac");
    QVERIFY((sum - mix).abs().max().item<double>() > 1e-3);  // the stems alone are not the song
    QVERIFY((sum + rest - mix).abs().max().item<double>() < 1e-3);
  }

  // A backing track is the song less that stem.
  void theSongWithoutAStemIsWritten() {
    const Answer r = separate("second.wav", "backing", {"--without", "bass"});
    QVERIFY2(r.code == 0, r.error.constData());
    const at::Tensor mix = mix_.slice(1, 0, test::kSongRate);
    QVERIFY((sound("backing/without_bass.wav") + sound("backing/bass.wav") - mix).abs().max().item<double>() < 1e-3);
    QVERIFY(sound("backing/bass.wav").abs().max().item<double>() > 0.01);
    const nlohmann::json files = record("backing").at("outputs");
    QVERIFY2(files.dump().find("without_bass.wav") != std::string::npos, files.dump().c_str());
    const Answer no = separate("second.wav", "no", {"--without", "flute"});
    QVERIFY2(no.code == 2 && one_line(no.error, "--without flute: expected bass, drums"), no.error.constData());
  }

  void whatIsNoStemGetsAFile() {
    const Answer none = separate("second.wav", "four", {"--other", "0"});
    QVERIFY2(none.code == 0, none.error.constData());
    QVERIFY(!QFile::exists(file("four/other.wav")));
    const Answer r = separate("second.wav", "five", {});
    QVERIFY2(r.code == 0, r.error.constData());
    at::Tensor sum = sound("five/other.wav");
    QVERIFY(sum.abs().max().item<double>() > 1e-3);
    for (const char* stem : test::kSongStems) sum += sound(QString("five/%1.wav").arg(stem));
    QVERIFY((sum - mix_.slice(1, 0, test::kSongRate)).abs().max().item<double>() < 1e-3);
    QCOMPARE(record("five").at("request").at("other"), nlohmann::json(0.9));
  }

  void aGivenStemStaysAsItIs() {
    write("bass.wav", stems_.slice(0, 0, 1).slice(1, 0, test::kSongRate));
    const at::Tensor bass = sound("bass.wav");
    Answer r = separate("second.wav", "with", {"--given", "bass=" + file("bass.wav")});
    QVERIFY2(r.code == 0, r.error.constData());
    QVERIFY2(db(sound("with/bass.wav"), bass) > 30, qPrintable(QString::number(db(sound("with/bass.wav"), bass))));
    QCOMPARE(record("with").at("given"), nlohmann::json({"bass"}));
    // Without a song the others are made up to it.
    r = separate("", "made", {"--given", "bass=" + file("bass.wav")});
    QVERIFY2(r.code == 0, r.error.constData());
    QVERIFY(db(sound("made/bass.wav"), bass) > 30);
    at::Tensor sum = at::zeros_like(bass);
    for (const char* stem : test::kSongStems) sum += sound(QString("made/%1.wav").arg(stem));
    QVERIFY((sum - sound("made/mix.wav")).abs().max().item<double>() < 1e-3);
    QVERIFY((sound("made/mix.wav") - bass).square().mean().item<double>() > 1e-6);

    r = separate("second.wav", "no", {"--given", "bass=" + file("true/bass.wav")});  // two seconds
    QVERIFY2(r.code == 3 && one_line(r.error, "'bass' differs"), r.error.constData());
    r = separate("second.wav", "no", {"--given", "tuba=" + file("bass.wav")});
    QVERIFY2(r.code == 3 && one_line(r.error, "'tuba' is no stem"), r.error.constData());
    r = separate("second.wav", "no", {"--given", file("bass.wav")});
    QVERIFY2(r.code == 2 && one_line(r.error, "STEM=FILE"), r.error.constData());
  }

  void aGapIsFilledAndTheRestStays() {
    const int64_t from = 4 * test::kSongRate / 10, to = 6 * test::kSongRate / 10;
    at::Tensor damaged = mix_.slice(1, 0, test::kSongRate).clone();
    damaged.slice(1, from, to).zero_();
    write("damaged.wav", damaged);
    const Answer r = separate("damaged.wav", "gap", {"--gap", "0.4-0.6"});
    QVERIFY2(r.code == 0, r.error.constData());
    QVERIFY(QFile::exists(file("gap/mix.wav")));
    const at::Tensor filled = sound("gap/mix.wav");
    QCOMPARE(filled.sizes(), damaged.sizes());
    QVERIFY(filled.slice(1, from + 2000, to - 2000).square().mean().item<double>() > 1e-6);
    QVERIFY2(db(filled.slice(1, 0, from - 4000), damaged.slice(1, 0, from - 4000)) > 10,
             qPrintable(QString::number(db(filled.slice(1, 0, from - 4000), damaged.slice(1, 0, from - 4000)))));
    QCOMPARE(record("gap").at("gaps"), nlohmann::json::parse("[[0.4, 0.6]]"));
  }

  void peaksThatWereCutOffAreMadeUp_data() {
    QTest::addColumn<QString>("level");
    QTest::addRow("auto") << "auto";
    QTest::addRow("given") << "0.2";
  }
  void peaksThatWereCutOffAreMadeUp() {
    QFETCH(QString, level);
    const at::Tensor loud = mix_.slice(1, 0, test::kSongRate), clipped = loud.clamp(-0.2, 0.2);
    write("clipped.wav", clipped);
    const Answer r = separate("clipped.wav", "declipped_" + level, {"--declip", level});
    QVERIFY2(r.code == 0, r.error.constData());
    QVERIFY(QFile::exists(file("declipped_" + level + "/mix.wav")));
    const at::Tensor repaired = sound("declipped_" + level + "/mix.wav");
    const at::Tensor cut = clipped.abs() >= 0.1998;
    QVERIFY(at::where(cut, at::zeros({}), repaired - clipped).abs().max().item<double>() < 1e-4);
    QVERIFY(repaired.abs().max().item<double>() > 0.22);
    QVERIFY(at::where(cut, repaired.abs() - 0.2, at::zeros({})).min().item<double>() > -1e-3);
    QVERIFY(std::abs(record("declipped_" + level).at("declip").get<double>() - 0.2) < 1e-4);
  }

  void hissIsTakenOut() {
    const at::Tensor clean = mix_.slice(1, 0, test::kSongRate);
    at::manual_seed(1);
    const at::Tensor noisy = clean + 0.1 * at::randn_like(clean);
    write("noisy.wav", noisy);
    const Answer r = test::mgdm({"separate", file("noisy.wav"), "--out", file("denoised"), "--preset", "quick",
                                 "--denoise", "0.1", "--samples", "4", "--quiet"});
    QVERIFY2(r.code == 0, r.error.constData());
    QVERIFY(QFile::exists(file("denoised/mix.wav")));
    const double before = db(noisy, clean), after = db(sound("denoised/mix.wav"), clean);  // measured: 4.4, 7.8
    QVERIFY2(after > before + 1.5, qPrintable(QString("%1 -> %2 dB").arg(before).arg(after)));
    QCOMPARE(record("denoised").at("denoise").get<double>(), 0.1);
  }

  void trebleIsMadeUp() {
    const at::Tensor clean = mix_.slice(1, 0, test::kSongRate);
    at::Tensor spectrum = at::fft_rfft(clean);
    spectrum.slice(1, 3000).zero_();  // one second: bins are hertz
    const at::Tensor dull = at::fft_irfft(spectrum, test::kSongRate);
    write("dull.wav", dull);
    const Answer r = separate("dull.wav", "bright", {"--bandwidth", "3000"});
    QVERIFY2(r.code == 0, r.error.constData());
    QVERIFY(QFile::exists(file("bright/mix.wav")));
    const at::Tensor bright = sound("bright/mix.wav");
    QVERIFY(above(bright, 3300) > 100 * above(dull, 3300));
    QCOMPARE(record("bright").at("bandwidth").get<double>(), 3000.0);
    const Answer two = separate("dull.wav", "no", {"--bandwidth", "3000", "--denoise", "0.1"});
    QVERIFY2(two.code == 3 && one_line(two.error, "one repair at a time"), two.error.constData());
    QCOMPARE(separate("dull.wav", "no", {"--bandwidth", "20000"}).code, 3);
    const Answer none = separate("dull.wav", "no", {"--reference", file("nowhere")});
    QVERIFY2(none.code == 3 && one_line(none.error, "bass.wav"), none.error.constData());
  }

  // Songs of a folder: by the model, by what is short in time against what is narrow in frequency, by the truth's mask.
  void separationIsMeasuredOnSongsInStems() {
    Checkpoint song;
    at::manual_seed(1);
    song.tensors["stems"] = (at::stack([&] {
                               std::vector<at::Tensor> low;
                               for (int k = 0; k < 4; ++k)
                                 low.push_back(resample(stems_.narrow(0, k, 1), test::kSongRate, 22050)[0]);
                               return low;
                             }()) *
                             32767)
                                .round()
                                .to(at::kShort);
    QVERIFY(QDir().mkpath(file("songs")));
    write_safetensors(file("songs/one.safetensors").toStdString(), song);
    const QStringList quick{"separation-quality", file("songs"), "--seconds", "1",
                            "--preset",           "quick",       "--samples", "2"};
    const Answer r = test::mgdm(quick + QStringList{"--json"});
    QVERIFY2(r.code == 0, r.error.constData());
    QVERIFY2(r.error.contains("one  ") && r.error.contains(" dB"), r.error.constData());
    const nlohmann::json report = nlohmann::json::parse(r.out.toStdString());
    QCOMPARE(report.at("songs").size(), size_t{1});
    const auto mean = [&](const char* method, const char* stem) {
      return report.at("mean").at(method).at(stem).get<double>();
    };
    for (const char* method : {"sample", "mean_of_samples", "estimate", "harmonic_percussive", "ratio_mask"}) {
      double all = 0;
      for (const char* stem : test::kSongStems) all += mean(method, stem) / 4;
      QVERIFY2(std::abs(all - mean(method, "all")) < 1e-9, method);
      QVERIFY2(mean(method, "drums") > 2, method);  // clicks: what lasts no time and what lasts come apart
    }
    QVERIFY(mean("harmonic_percussive", "drums") > 8);  // measured: 14.6
    for (int k = 0; k < 4; ++k)
      QVERIFY2(mean("estimate", test::kSongStems[k]) > test::kSongFloor[k], test::kSongStems[k]);
    QVERIFY(mean("ratio_mask", "all") > mean("estimate", "all") + 5);
    QVERIFY(report.at("evaluations").at("forward").get<int64_t>() > 0);
    // As other programs' tables have it: of the mask nearly what is lost by SI-SDR, here of one second.
    const nlohmann::json& median = report.at("median_sdr");
    QVERIFY(median.at("ratio_mask").at("all") > median.at("estimate").at("all"));
    QVERIFY(!report.at("mean").contains("start"));
    // From the true stems at a low level: they are what it begins from, and what is measured beside it.
    const Answer begun = test::mgdm(quick + QStringList{"--json", "--start", file("songs"), "--start-sigma", "0.05"});
    QVERIFY2(begun.code == 0, begun.error.constData());
    const nlohmann::json from = nlohmann::json::parse(begun.out.toStdString());
    QVERIFY(from.at("mean").at("start").at("all").get<double>() > 40);
    QVERIFY(from.at("mean").at("estimate").at("all").get<double>() > mean("estimate", "all") + 3);
    QVERIFY(from.at("evaluations").at("forward") < report.at("evaluations").at("forward"));
  }

  void whatCannotBeMeasuredIsNamed() {
    const Answer none = test::mgdm({"separation-quality", file("nowhere")});
    QVERIFY2(none.code == 3 && one_line(none.error, "nowhere"), none.error.constData());
    QVERIFY(QDir().mkpath(file("odd")));
    Checkpoint odd;
    odd.tensors["x"] = at::zeros({2});
    write_safetensors(file("odd/odd.safetensors").toStdString(), odd);
    const Answer other = test::mgdm({"separation-quality", file("odd")});
    QVERIFY2(other.code == 3 && one_line(other.error, "odd.safetensors"), other.error.constData());
    const Answer model = test::mgdm({"separation-quality", file("odd"), "--prior", "photo"});
    QVERIFY2(model.code == 4 && one_line(model.error, "not for music"), model.error.constData());
    QCOMPARE(test::mgdm({"separation-quality", file("odd"), "--seconds", "0"}).code, 2);
    QCOMPARE(test::mgdm({"separation-quality"}).code, 2);
  }
};

QTEST_GUILESS_MAIN(TestSongs)
#include "tst_songs.moc"
