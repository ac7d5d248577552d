// Standard MIDI files as notes: what is in them by hand-written bytes, and what is damaged.
#include <ATen/ATen.h>

#include <QtTest>

#include "core/errors.h"
#include "core/media/midi_file.h"
#include "core/media/midi_sound.h"

using namespace mgdm;

namespace {

std::string number(uint32_t value, int size) {
  std::string bytes;
  for (int k = size - 1; k >= 0; --k) bytes += static_cast<char>(value >> (8 * k) & 0xFF);
  return bytes;
}

std::string bytes_of(std::initializer_list<int> values) {
  std::string bytes;
  for (const int value : values) bytes += static_cast<char>(value);
  return bytes;
}

std::string track(const std::string& events) {
  return "MTrk" + number(static_cast<uint32_t>(events.size()), 4) + events;
}

std::string midi(int format, int division, const std::vector<std::string>& tracks) {
  std::string bytes = "MThd" + number(6, 4) + number(static_cast<uint32_t>(format), 2) +
                      number(static_cast<uint32_t>(tracks.size()), 2) + number(static_cast<uint32_t>(division), 2);
  for (const auto& one : tracks) bytes += one;
  return bytes;
}

// A above middle C for a quarter of 96 ticks, then, by running status and with velocity 0 as its end, the one below.
std::string two_notes() {
  return bytes_of({0, 0x90, 69, 127, 96, 69, 0, 0, 57, 64, 0x81, 0x40, 57, 0, 0, 0xFF, 0x2F, 0});
}

QString refusal(const std::string& bytes) {
  try {
    parse_midi(bytes, "song.mid");
  } catch (const MediaError& e) {
    return QString::fromUtf8(e.what());
  }
  return {};
}

}  // namespace

class TestMidiFile : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void notesAreReadInSeconds() {
    const auto notes = parse_midi(midi(0, 96, {track(two_notes())}), "");
    QCOMPARE(notes.size(), size_t{2});
    QCOMPARE(notes[0].pitch, 69);
    QCOMPARE(notes[0].begin, 0.0);
    QCOMPARE(notes[0].end, 0.5);  // 120 quarters a minute where nothing is said
    QCOMPARE(notes[0].loud, 1.0);
    QCOMPARE(notes[1].begin, 0.5);
    QCOMPARE(notes[1].end, 1.5);
    QCOMPARE(notes[1].channel, 0);
  }

  // A quarter lasts 1 s from the beginning, 0.25 s from tick 48 on; told in another track than the notes.
  void theTempoChangesInTheMiddle() {
    const std::string tempo =
        bytes_of({0, 0xFF, 0x51, 3, 0x0F, 0x42, 0x40, 48, 0xFF, 0x51, 3, 0x03, 0xD0, 0x90, 0, 0xFF, 0x2F, 0});
    const auto notes = parse_midi(midi(1, 96, {track(tempo), track(two_notes())}), "");
    QCOMPARE(notes[0].end, 0.5 + 0.125);
    QCOMPARE(notes[1].end, 0.625 + 0.5);
  }

  void filmFramesNeedNoTempo() {
    const auto notes = parse_midi(midi(0, (256 - 25) << 8 | 40, {track(two_notes())}), "");
    QCOMPARE(notes[0].end, 96 / 1000.0);
  }

  // System exclusive, controllers, a program, and a note that nobody ends.
  void otherEventsArePassedOver() {
    const std::string events = bytes_of({0, 0xF0, 2,  1,    0xF7, 0, 0xC2, 33, 0,  0xB2, 7,    100,  0, 0xE2,
                                         0, 64,   10, 0xD2, 3,    0, 0x92, 40, 90, 96,   0xFF, 0x2F, 0});
    const auto notes = parse_midi(midi(0, 96, {"XTRA" + number(2, 4) + "ab", track(events)}), "");
    QCOMPARE(notes.size(), size_t{1});
    QCOMPARE(notes[0].program, 33);
    QCOMPARE(notes[0].channel, 2);
    QCOMPARE(notes[0].end, 106 / 192.0);
  }

  void whatIsDamagedGetsASentence_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("words");
    const auto row = [](const char* name, const std::string& bytes, const char* words) {
      QTest::addRow("%s", name) << QByteArray(bytes.data(), static_cast<qsizetype>(bytes.size())) << QString(words);
    };
    row("nothing", "", "is no MIDI file");
    row("a text", "MThe quick brown fox jumps", "is no MIDI file");
    row("side by side", midi(2, 96, {track(two_notes())}), "format 2");
    row("no division", midi(0, 0, {track(two_notes())}), "damaged");
    row("film without ticks", midi(0, 0xE700, {track(two_notes())}), "damaged");
    row("no notes", midi(0, 96, {track(bytes_of({0, 0xFF, 0x2F, 0}))}), "holds no notes");
    row("no tracks", midi(0, 96, {}), "holds no notes");
    row("a note without a status", midi(0, 96, {track(bytes_of({0, 60, 64}))}), "damaged");
    row("a status as data", midi(0, 96, {track(bytes_of({0, 0x90, 0x90, 64}))}), "damaged");
    row("an endless number", midi(0, 96, {track(bytes_of({0xFF, 0xFF, 0xFF, 0xFF, 0x90, 60, 64}))}), "damaged");
    row("an event longer than its track", midi(0, 96, {track(bytes_of({0, 0xFF, 1, 0x7F, 65}))}), "damaged");
    row("a track longer than the file", midi(0, 96, {"MTrk" + number(0xFFFFFFFF, 4) + two_notes()}), "damaged");
    row("days", midi(0, 1, {track(bytes_of({0, 0x90, 60, 64, 0xFF, 0xFF, 0xFF, 0x7F, 0x80, 60, 0}))}), "four hours");
    const std::string whole = midi(0, 96, {track(two_notes())});
    for (size_t n = 14; n + 1 < whole.size(); n += 5)
      row(qPrintable(QString("first %1 bytes").arg(n)), whole.substr(0, n), n == 14 ? "holds no notes" : "damaged");
  }
  void whatIsDamagedGetsASentence() {
    QFETCH(QByteArray, bytes);
    QFETCH(QString, words);
    const QString said = refusal(bytes.toStdString());
    QVERIFY2(said.startsWith("song.mid") && said.contains(words), qPrintable(said));
  }

  void aFileThatIsNotThereIsNamed() {
    try {
      read_midi("/nowhere/song.mid");
      QFAIL("read");
    } catch (const MediaError& e) {
      QVERIFY2(QString::fromUtf8(e.what()).contains("/nowhere/song.mid"), e.what());
    }
  }

  // The tone is where and as high as the note says.
  void notesArePlayed() {
    constexpr int64_t rate = 8000;
    const at::Tensor sound = play_notes({{.begin = 0.5, .end = 1, .pitch = 69}}, rate, 0.25, rate);
    QCOMPARE(sound.slice(1, 0, rate / 4).abs().max().item<float>(), 0.0f);
    QCOMPARE(sound.slice(1, rate * 82 / 100).abs().max().item<float>(), 0.0f);
    const at::Tensor note = sound.slice(1, rate / 4, rate * 3 / 4), power = at::fft_rfft(note[0]).abs();
    QVERIFY(std::abs(power.argmax().item<int64_t>() * 2 - 440) <= 2);
    QVERIFY(play_notes({{.begin = 0, .end = 1, .channel = kDrumChannel}}, rate, 0, rate).abs().max().item<float>() >
            0.1f);
  }

  void aStemTakesItsOwnInstruments() {
    const std::vector<MidiNote> notes{
        {.pitch = 1, .program = 33}, {.pitch = 2, .program = 0}, {.pitch = 3, .channel = kDrumChannel}};
    const auto pitches = [&](const char* stem) {
      QList<int> list;
      for (const MidiNote& note : notes_of_stem(notes, stem)) list << note.pitch;
      return list;
    };
    QCOMPARE(pitches("bass"), (QList<int>{1}));
    QCOMPARE(pitches("piano"), (QList<int>{2}));
    QCOMPARE(pitches("drums"), (QList<int>{3}));
    QCOMPARE(pitches("guitar"), (QList<int>{1, 2}));
  }
};

QTEST_APPLESS_MAIN(TestMidiFile)
#include "tst_midi_file.moc"
