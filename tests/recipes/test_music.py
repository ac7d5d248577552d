#!/usr/bin/python3
"""What makes the songs of `band` (models/recipes/music). Exit status 77 (skipped) where numpy, scipy or mido is missing."""
import io
import json
import pathlib
import random
import sys
import tempfile
import unittest
import wave

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "models" / "recipes"))
try:
    import mido
    import numpy as np
    from music import bank, composing, player, rendering, sampled
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

RATE = 22050


def write_tone(path, hertz, seconds=1.0, amplitude=0.5):
    t = np.arange(int(seconds * RATE)) / RATE
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes((amplitude * 32767 * np.sin(2 * np.pi * hertz * t)).astype("<i2").tobytes())


def loudest(x):
    return np.fft.rfftfreq(len(x), 1 / RATE)[np.abs(np.fft.rfft(x)).argmax()]


def rms(x):
    return float(np.sqrt((np.asarray(x, float) ** 2).mean()))


def midi(events, tempo=500000):
    """(tick, message) -> bytes; 480 ticks a beat"""
    track, last = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=tempo)]), 0
    for tick, message in events:
        track.append(message.copy(time=tick - last))
        last = tick
    file, out = mido.MidiFile(type=0, ticks_per_beat=480), io.BytesIO()
    file.tracks.append(track)
    file.save(file=out)
    return out.getvalue()


def note(start, end, key, channel=0, velocity=100):
    return [(start, mido.Message("note_on", channel=channel, note=key, velocity=velocity)),
            (end, mido.Message("note_off", channel=channel, note=key))]


class Instrument(unittest.TestCase):
    """An SFZ instrument of two tones, packed, read and played."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        root = pathlib.Path(cls.folder.name)
        write_tone(root / "low.wav", 220)
        write_tone(root / "high.wav", 880)
        (root / "two.sfz").write_text("""
            // a comment
            <global> ampeg_release=0.05 #define $LOW 40
            <group> lokey=$LOW hikey=64 pitch_keycenter=57 sample=low.wav
            <region> lovel=0 hivel=127
            <group> group=1 off_by=1 loop_mode=one_shot sample=high.wav <region> key=81
            <region> key=90 sample=nowhere.wav
        """)
        source = sampled.Sfz(str(root / "two.sfz"))
        cls.missing = source.missing
        cls.zones, cls.seconds = sampled.pack(source, root / "two", RATE, 3)
        cls.player = player.Player(bank.Bank(root / "two.json"), RATE)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def sound(self, notes, **options):
        return player.play(self.player, {"notes": notes, "seconds": 2.0}, 1, **options)

    def test_zones_are_those_of_the_file(self):
        self.assertEqual((self.zones, self.missing), (2, 1))
        self.assertAlmostEqual(self.seconds, 2.0, delta=0.05)

    def test_a_note_sounds_at_its_pitch_and_place(self):
        for key, hertz in [(57, 220), (64, 220 * 2 ** (7 / 12)), (45, 110)]:
            x = self.sound([[0.5, 1.0, key, 100, 0]])
            self.assertLess(rms(x[:int(0.49 * RATE)]), 1e-4)
            self.assertAlmostEqual(loudest(x[int(0.5 * RATE):RATE]), hertz, delta=2.1)
            self.assertLess(rms(x[int(1.2 * RATE):]), 0.01)

    def test_tuning_moves_all_keys(self):
        x = self.sound([[0, 1, 57, 100, 0]], cents=50)
        self.assertAlmostEqual(loudest(x[:RATE]), 220 * 2 ** (50 / 1200), delta=1.1)

    def test_a_key_outside_moves_by_octaves(self):
        x = self.sound([[0, 1, 33, 100, 0]])
        self.assertAlmostEqual(loudest(x[:RATE]), 110, delta=1.1)

    def test_louder_keys_are_louder(self):
        quiet, loud = (rms(self.sound([[0, 1, 57, v, 0]])) for v in (40, 120))
        self.assertAlmostEqual(loud / quiet, 9, delta=0.5)

    def test_a_hit_ends_what_it_chokes(self):
        alone = self.sound([[0, 0.1, 81, 100, 0]])
        again = self.sound([[0, 0.1, 81, 100, 0], [0.3, 0.4, 81, 1, 0]])
        later = slice(int(0.4 * RATE), int(0.8 * RATE))
        self.assertLess(rms(again[later]), 0.1 * rms(alone[later]))

    def test_the_wheel_bends(self):
        part = {"notes": [[0, 1, 57, 100, 0]], "seconds": 1.0, "wheel": {"0": [[0, 2.0]]}}
        self.assertAlmostEqual(loudest(player.play(self.player, part, 1)[:RATE // 2]), 220 * 2 ** (2 / 12), delta=2.5)


class Notes(unittest.TestCase):
    def test_the_pedal_is_played_out(self):
        data = midi(sorted(note(0, 480, 60) + [(0, mido.Message("control_change", control=64, value=127)),
                                               (960, mido.Message("control_change", control=64, value=0))], key=lambda e: e[0]))
        self.assertEqual(composing.read_midi(data, 60)[0], [[0.0, 1.0, 60, 100, 0]])

    def test_a_song_is_split_by_what_its_channels_play(self):
        events = [(0, mido.Message("program_change", channel=c, program=p)) for c, p in [(0, 33), (1, 25), (2, 0), (3, 80)]]
        for i in range(10):
            for channel, key in [(0, 36), (1, 60), (2, 64), (3, 72), (9, 38)]:
                events += note(480 * i, 480 * i + 240, key, channel)
        parts = composing.split_parts(midi(sorted(events, key=lambda e: e[0])), random.Random(1))
        self.assertEqual(sorted(parts), sorted(composing.STEMS))
        self.assertEqual({n[2] for n in parts["bass"]["notes"]}, {36})
        self.assertEqual(len(parts["drums"]["notes"]), 10)

    def test_without_drums_it_is_no_song(self):
        events = [e for i in range(10) for e in note(480 * i, 480 * i + 240, 36)]
        self.assertIsNone(composing.split_parts(midi(events), random.Random(1)))

    def test_a_performance_is_repeated_by_whole_bars(self):
        events = [e for i in range(36) for e in note(480 * i, 480 * i + 60, 22 if i % 4 else 36, 9)]  # nine bars of two seconds
        part = composing.drum_part(midi(events), 40)
        starts = [n[0] for n in part["notes"] if n[2] == 36]
        self.assertEqual(starts[:3], [0.0, 2.0, 4.0])
        self.assertTrue(all(s % 2 == 0 for s in starts) and max(starts) == 38.0)
        self.assertEqual({n[2] for n in part["notes"]}, {36, 42})
        self.assertIsNone(composing.drum_part(midi(events[:8]), 40))


class Sound(unittest.TestCase):
    def test_no_voice_is_both_trained_on_and_unseen(self):
        for stem in rendering.STEMS:
            self.assertFalse({v[0] for v in rendering.VOICES[stem]} & {v[0] for v in rendering.UNSEEN[stem]})

    def test_every_voice_can_be_packed(self):
        voices = [v[0] for kind in (rendering.VOICES, rendering.UNSEEN) for stem in kind.values() for v in stem]
        self.assertEqual([v for v in voices if v not in sampled.SOURCES], [])

    def test_stems_stay_together(self):
        for seed in range(4):
            click = np.zeros(RATE * 2, np.float32)
            click[RATE] = 1
            out = rendering.coloured({"bass": click, "drums": np.concatenate([click, np.zeros(999, np.float32)])}, random.Random(seed))
            self.assertEqual(len(out["bass"]), len(out["drums"]))
            self.assertLessEqual(abs(int(np.abs(out["bass"]).argmax()) - int(np.abs(out["drums"]).argmax())), 3)

    def test_the_limiter_turns_all_stems_down_alike(self):
        stems = np.random.default_rng(1).standard_normal((4, RATE)).astype(np.float32)
        stems[:, RATE // 2:RATE // 2 + 2000] *= 8
        out = rendering.limited(stems, random.Random(1))
        gain = out / stems
        self.assertTrue(np.allclose(gain, gain[0], rtol=1e-4))
        self.assertLess(np.abs(out.sum(0)).max(), 0.7 * np.abs(stems.sum(0)).max())

    def test_the_same_seed_makes_the_same_song(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "banks").mkdir()
            (root / "unpacked").mkdir()
            write_tone(root / "tone.wav", 220)
            for name in ("bass-meat", "guitar-spanish", "piano-cp80", "drums-h2-rumpf_kit_z01_h2"):
                (root / "one.sfz").write_text("<region> lokey=0 hikey=127 pitch_keycenter=57 sample=tone.wav")
                sampled.pack(sampled.Sfz(str(root / "one.sfz")), root / "banks" / name, RATE, 3)
                bank.unpack(root / "banks" / f"{name}.json", root / "unpacked" / f"{name}.npy")
            part = {"notes": [[0.5 * i, 0.5 * i + 0.4, 50 + i % 5, 90, 0] for i in range(8)], "seconds": 4.0, "machine": True}
            song = {"name": "song", "split": "train", "stems": {stem: part for stem in rendering.STEMS}}
            voices = rendering.Voices(root / "banks", root / "unpacked")
            first, second, other = (rendering.render_song(song, voices, random.Random(seed), False, 0) for seed in (1, 1, 2))
            self.assertEqual(first.shape[0], 4)
            self.assertTrue((np.abs(first).max(1) > 300).all())
            self.assertTrue(np.array_equal(first, second))
            self.assertFalse(first.shape == other.shape and np.array_equal(first, other))
            rendering.save(root / "song.safetensors", first)
            data = (root / "song.safetensors").read_bytes()
            size = int.from_bytes(data[:8], "little")
            self.assertEqual(json.loads(data[8:8 + size])["stems"]["shape"], list(first.shape))
            self.assertEqual(data[8 + size:], first.tobytes())


if __name__ == "__main__":
    unittest.main()
