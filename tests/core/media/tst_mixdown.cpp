// Several tracks become one file: levels, places, formats, and what the song's own file says of it.
#include <ATen/ATen.h>
#include <sndfile.h>
#include <taglib/attachedpictureframe.h>
#include <taglib/fileref.h>
#include <taglib/flacfile.h>
#include <taglib/id3v2tag.h>
#include <taglib/mpegfile.h>
#include <taglib/tpropertymap.h>
#include <taglib/vorbisfile.h>
#include <taglib/wavfile.h>
#include <taglib/xiphcomment.h>

#include <QtTest>

#include "core/media/image_file.h"
#include "core/media/mixdown.h"
#include "core/media/sound_tags.h"

using namespace mgdm;

class TestMixdown : public QObject {
  Q_OBJECT
  QTemporaryDir folder_;
  std::filesystem::path path(const QString& name) const { return folder_.filePath(name).toStdString(); }

  std::shared_ptr<PcmFile> track(const at::Tensor& samples) const {
    auto file =
        std::make_shared<PcmFile>(folder_.path().toStdString(), static_cast<int>(samples.size(0)), samples.size(1));
    file->write(0, samples);
    return file;
  }
  static at::Tensor noise(int64_t channels, int64_t length, double level, uint64_t seed) {
    at::manual_seed(seed);
    return at::randn({channels, length}) * level;
  }

 private Q_SLOTS:
  void tracksAreAddedWithTheirGains() {
    const at::Tensor mono = noise(1, 5000, 0.1, 1), stereo = noise(2, 5000, 0.1, 2);
    const Mix mix{{track(mono), balanced(0.5f, 0.5f)}, {track(stereo), {1, 1}}};
    QCOMPARE(channels_of(mix), 2);
    write_mix({path("mix.wav"), mix, 44100, 1000, 4000, {"wav", 32}});
    const Sound sound = read_sound(path("mix.wav"));
    QCOMPARE(sound.samples.sizes(), at::IntArrayRef({2, 3000}));
    const at::Tensor left = 0.25 * mono[0] + stereo[0], right = 0.5 * mono[0] + stereo[1];
    QVERIFY((sound.samples - at::stack({left, right}).slice(1, 1000, 4000)).abs().max().item<float>() < 1e-6);
  }

  // In the middle nothing changes, so that stems add up to their song whatever was turned elsewhere and back.
  void theMiddleIsAsItWas() {
    QCOMPARE(balanced(0.7f, 0), (ChannelGains{0.7f, 0.7f}));
    QCOMPARE(balanced(1, -1), (ChannelGains{1, 0}));
    QCOMPARE(balanced(1, 1), (ChannelGains{0, 1}));
    const auto one = track(noise(1, 100, 0.1, 3));
    QCOMPARE(channels_of({{one, balanced(1, 0)}}), 1);
    QCOMPARE(channels_of({{one, balanced(1, 0.1f)}}), 2);
  }

  void theDifferenceFromTheSongIsInDecibels() {
    const at::Tensor a = noise(2, 100000, 0.1, 4), b = noise(2, 100000, 0.1, 5);
    const auto song = track(a + b);
    const auto apart = [&](const Mix& mix) {
      const SumEnergy energy = sum_energy(*song, mix, 0, 100000);
      return decibels_of(energy.difference, energy.song);
    };
    QVERIFY(apart({{track(a), {}}, {track(b), {}}}) < -130);
    // Without one of two that are as loud: half of the energy.
    QVERIFY(std::abs(apart({{track(a), {}}}) + 3.01) < 0.05);
    QVERIFY(std::abs(apart({{song, {0.9f, 0.9f}}}) + 20) < 0.01);
    // A mono song beside stems of which one is turned to the left, and lacks there of the right.
    const at::Tensor c = noise(1, 100000, 0.1, 6);
    const auto mono = track(c);
    const SumEnergy energy = sum_energy(*mono, {{mono, {1, 0}}}, 0, 100000);
    QVERIFY(std::abs(decibels_of(energy.difference, energy.song) + 3.01) < 0.01);
  }

  void eachFormatHoldsWhatItSays_data() {
    QTest::addColumn<QString>("ending");
    QTest::addColumn<int>("bits");
    QTest::addColumn<int>("format");
    QTest::addColumn<double>("error");  // rms, of a signal of 0.1
    QTest::addRow("wav 16") << "wav" << 16 << (SF_FORMAT_WAV | SF_FORMAT_PCM_16) << 2e-5;
    QTest::addRow("wav 24") << "wav" << 24 << (SF_FORMAT_WAV | SF_FORMAT_PCM_24) << 1e-7;
    QTest::addRow("wav 32") << "wav" << 32 << (SF_FORMAT_WAV | SF_FORMAT_FLOAT) << 1e-9;
    QTest::addRow("flac 16") << "flac" << 16 << (SF_FORMAT_FLAC | SF_FORMAT_PCM_16) << 2e-5;
    QTest::addRow("flac 24") << "flac" << 24 << (SF_FORMAT_FLAC | SF_FORMAT_PCM_24) << 1e-7;
    QTest::addRow("ogg") << "ogg" << 24 << (SF_FORMAT_OGG | SF_FORMAT_VORBIS) << 2e-2;
  }
  void eachFormatHoldsWhatItSays() {
    QFETCH(QString, ending);
    QFETCH(int, bits);
    QFETCH(int, format);
    QFETCH(double, error);
    const at::Tensor x =
        ((at::arange(300000, at::kDouble) * 0.05).sin() * 0.1).to(at::kFloat).unsqueeze(0).repeat({2, 1});
    const QString name = "sound." + ending;
    write_mix({path(name), {{track(x), {}}}, 44100, 0, 300000, {ending.toStdString(), bits}});
    SF_INFO info{};
    SNDFILE* file = sf_open(path(name).c_str(), SFM_READ, &info);
    QVERIFY(file != nullptr);
    sf_close(file);
    QCOMPARE(info.format & (SF_FORMAT_TYPEMASK | SF_FORMAT_SUBMASK), format);
    const at::Tensor back = read_sound(path(name)).samples;
    QCOMPARE(back.size(1), x.size(1));
    const double rms = (back - x).square().mean().sqrt().item<double>();
    QVERIFY2(rms < error, qPrintable(QString::number(rms)));
  }

  void whatIsTooLoudIsCutOffNotTurnedRound() {
    const at::Tensor x = at::full({1, 1000}, 1.5f);
    for (const int bits : {16, 24}) {
      write_mix({path("loud.wav"), {{track(x), {}}}, 44100, 0, 1000, {"wav", bits}});
      QVERIFY(read_sound(path("loud.wav")).samples.min().item<float>() > 0.999f);
    }
    QCOMPARE(peak_of({{track(x), {2, 2}}}, 0, 1000), 3.0f);
  }

  // 16 bits with dither: a tone below one step is still there, where rounding alone would make silence of it.
  void sixteenBitsAreDithered() {
    const at::Tensor tone = (at::arange(200000, at::kDouble) * 0.05).sin(), x = tone * (0.4 / 32768);
    write_mix({path("faint.wav"), {{track(x.to(at::kFloat).unsqueeze(0)), {}}}, 44100, 0, 200000, {"wav", 16}});
    const at::Tensor back = read_sound(path("faint.wav")).samples[0].to(at::kDouble);
    const double found = ((back * tone).sum() / tone.square().sum()).item<double>() * 32768;
    QVERIFY2(std::abs(found - 0.4) < 0.03, qPrintable(QString::number(found)));
  }

  void tagsAndCoverAreCarriedOver_data() {
    QTest::addColumn<QString>("from");
    QTest::addColumn<QString>("to");
    for (const char* from : {"flac", "ogg", "wav", "mp3"}) {
      for (const char* to : {"flac", "ogg", "wav"}) QTest::addRow("%s to %s", from, to) << from << to;
    }
  }
  void tagsAndCoverAreCarriedOver() {
    QFETCH(QString, from);
    QFETCH(QString, to);
    const auto sound = track(noise(2, 44100, 0.1, 6));
    const QString source = "song." + from;
    if (from == "mp3") {
      SF_INFO info{0, 44100, 2, 0x230000 | 0x0082, 0, 0};  // MPEG layer III, which older headers lack
      SNDFILE* file = sf_open(path(source).c_str(), SFM_WRITE, &info);
      QVERIFY2(file != nullptr, sf_strerror(nullptr));
      const at::Tensor interleaved = sound->read(0, 44100).t().contiguous();
      sf_writef_float(file, interleaved.data_ptr<float>(), 44100);
      sf_close(file);
    } else {
      write_mix({path(source), {{sound, {}}}, 44100, 0, 44100, {from.toStdString(), 16}});
    }
    const TagLib::ByteVector cover("not really a JPEG, but carried byte for byte");
    {
      TagLib::FileRef file(path(source).c_str());
      TagLib::PropertyMap tags;
      tags["TITLE"] = TagLib::String("Über den Wolken", TagLib::String::UTF8);
      tags["ARTIST"] = TagLib::String("A Band");
      tags["ALBUM"] = TagLib::String("An Album");
      tags["TRACKNUMBER"] = TagLib::String("7");
      tags["ISRC"] = TagLib::String("DEA123456789");
      tags["REPLAYGAIN_TRACK_GAIN"] = TagLib::String("-7 dB");
      file.file()->setProperties(tags);
      auto* wav = dynamic_cast<TagLib::RIFF::WAV::File*>(file.file());
      auto* mpeg = dynamic_cast<TagLib::MPEG::File*>(file.file());
      if (wav != nullptr || mpeg != nullptr) {
        auto* frame = new TagLib::ID3v2::AttachedPictureFrame;
        frame->setPicture(cover);
        frame->setMimeType("image/jpeg");
        (wav != nullptr ? wav->ID3v2Tag() : mpeg->ID3v2Tag(true))->addFrame(frame);
      } else {
        auto* picture = new TagLib::FLAC::Picture;
        picture->setData(cover);
        picture->setMimeType("image/jpeg");
        if (auto* flac = dynamic_cast<TagLib::FLAC::File*>(file.file())) flac->addPicture(picture);
        if (auto* ogg = dynamic_cast<TagLib::Ogg::Vorbis::File*>(file.file())) ogg->tag()->addPicture(picture);
      }
      QVERIFY(file.save());
    }
    const QString target = "made." + to;
    write_mix({path(target), {{sound, {}}}, 44100, 0, 44100, {to.toStdString(), 24}, 1, path(source), "without bass"});
    TagLib::FileRef made(path(target).c_str());
    const TagLib::PropertyMap tags = made.file()->properties();
    QCOMPARE(QString::fromStdString(tags["TITLE"].toString().to8Bit(true)), "Über den Wolken (without bass)");
    QCOMPARE(tags["ARTIST"].toString().to8Bit(true), std::string("A Band"));
    QCOMPARE(tags["ALBUM"].toString().to8Bit(true), std::string("An Album"));
    QCOMPARE(tags["TRACKNUMBER"].toString().to8Bit(true), std::string("7"));
    QVERIFY(!tags.contains("ISRC") && !tags.contains("REPLAYGAIN_TRACK_GAIN"));
    TagLib::ByteVector found;
    if (auto* wav = dynamic_cast<TagLib::RIFF::WAV::File*>(made.file())) {
      const auto frames = wav->ID3v2Tag()->frameList("APIC");
      QCOMPARE(frames.size(), 1u);
      found = dynamic_cast<TagLib::ID3v2::AttachedPictureFrame*>(frames.front())->picture();
    } else if (auto* flac = dynamic_cast<TagLib::FLAC::File*>(made.file())) {
      QCOMPARE(flac->pictureList().size(), 1u);
      found = flac->pictureList().front()->data();
    } else {
      const auto pictures = dynamic_cast<TagLib::Ogg::Vorbis::File*>(made.file())->tag()->pictureList();
      QCOMPARE(pictures.size(), 1u);
      found = pictures.front()->data();
    }
    QVERIFY(found == cover);
    QVERIFY((read_sound(path(target)).samples - sound->read(0, 44100)).abs().max().item<float>() < 0.2);
  }

  void aSongWithoutTagsGivesNone() {
    const auto sound = track(noise(1, 4410, 0.1, 7));
    write_mix({path("bare.wav"), {{sound, {}}}, 44100, 0, 4410});
    write_mix({path("made.flac"), {{sound, {}}}, 44100, 0, 4410, {"flac", 24}, 1, path("bare.wav"), "without bass"});
    QVERIFY(TagLib::FileRef(path("made.flac").c_str()).file()->properties().isEmpty());
  }

  void whatCannotBeWrittenLeavesNothing() {
    const auto sound = track(noise(1, 4410, 0.1, 8));
    QVERIFY_EXCEPTION_THROWN(write_mix({path("no/such/folder.wav"), {{sound, {}}}, 44100, 0, 4410}), MediaError);
    QVERIFY_EXCEPTION_THROWN(write_mix({path("a.flac"), {{sound, {}}}, 44100, 0, 4410, {"flac", 32}}), MediaError);
    QDir().mkdir(folder_.filePath("taken.wav"));
    QFile kept(folder_.filePath("taken.wav/kept"));
    QVERIFY(kept.open(QIODevice::WriteOnly));
    QVERIFY_EXCEPTION_THROWN(write_mix({path("taken.wav"), {{sound, {}}}, 44100, 0, 4410}), MediaError);
    QVERIFY(QDir(folder_.path()).entryList({"*.part"}, QDir::Files | QDir::Hidden).isEmpty());
  }
};

QTEST_MAIN(TestMixdown)
#include "tst_mixdown.moc"
