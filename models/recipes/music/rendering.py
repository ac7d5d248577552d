"""Songs as sound: each stem by a voice drawn for it, with gain, equaliser, room, tuning, and for some songs what a mix does to all."""
import concurrent.futures
import functools
import json
import pathlib
import random
import struct
import sys
import tempfile

import numpy as np
import scipy.fft

from . import amplifier, player
from .bank import Bank, unpack

RATE = 22050
STEMS = ["bass", "drums", "guitar", "piano"]
LEVEL_DB = {"bass": -1.0, "drums": 0.0, "guitar": -2.5, "piano": -2.5}

# Voices of each stem: bank, weight, and for recorded ones: transpose (drums: the map of keys), cents that it is sharp, share of the
# songs that go through an amplifier, its greatest drive in dB.
VOICES = {
    "bass": [("bass-growly", 3, 12, 4, 0.7, 14), ("bass-pasta-linguine", 2, 12, 2, 0.7, 14), ("bass-pasta-fetuccine", 3, 12, 5, 0.7, 14),
             ("bass-pasta-spaghetti", 2, 12, 4, 0.7, 14), ("bass-meat", 3, 0, -4, 0, 0), ("bass-yr-finger", 2, 0, 0, 0.2, 14)],
    "drums": [("drums-muldjord", 4, "muldjord"), ("drums-salamander", 4, "salamander"), ("drums-sonor", 3, "sonor"),
              ("drums-gogodze", 1.5, "gogodze"), ("drums-h2-ForzeeStereo", 3, "gm"), ("drums-h2-BJA_Pacific", 2, "gm"),
              ("drums-h2-ColomboAcousticDrumkit", 2, "gm"), ("drums-h2-rumpf_kit_z01_h2", 0.5, "gm"),
              ("drums-h2-TR808EmulationKit", 0.5, "gm")],
    "guitar": [("guitar-strat", 4, 0, 0, 0.7, 36), ("guitar-fsbs-clean", 3, 0, 2, 0.3, 36), ("guitar-fsbs-dist1", 3, 0, 2, 0, 0),
               ("guitar-shiny-mic", 2, 0, 4, 0, 0), ("guitar-shiny-pickup", 2, 0, 4, 0.7, 36), ("guitar-spanish", 3, 0, 9, 0, 0),
               ("guitar-fss-steel", 2, 0, 15, 0, 0)],
    "piano": [("piano-headroom", 3.5, 0, 13, 0, 0), ("piano-kw-upright", 3, 0, -1, 0, 0), ("piano-cp80", 2, 0, 6, 0, 0),
              ("piano-wurlitzer", 2, 0, 0, 0, 0)],
}
# Kept out of training.
UNSEEN = {
    "bass": [("bass-yr-picked", 1, 0, 0, 0.2, 14), ("bass-pasta-tagliatelle", 1, 12, 7, 0.7, 14)],
    "drums": [("drums-h2-Millo_MultiLayered2", 1, "gm")],
    "guitar": [("guitar-allan764", 1, 0, 18, 0, 0)],
    "piano": [("piano-pianet", 1, 0, 0, 0, 0), ("piano-splendid", 1, 0, 11, 0, 0)],
}
RECORDED = 0.7  # share of the voices that are recorded instruments, where there are soundfonts' too (banks STEM-sf-*, unseen STEM-sfu-*)


def draw(rng, weighted):
    return rng.choices(weighted, [v[1] for v in weighted])[0]


def bank_names(banks):
    return sorted(f.stem for f in pathlib.Path(banks).glob("*.json"))


class Voices:
    """The banks of a folder, read when they are first played."""

    def __init__(self, banks, unpacked):
        self.folder, self.unpacked = pathlib.Path(banks), unpacked
        self.names = bank_names(banks)
        self.players = functools.lru_cache(maxsize=None)(self._player)

    def _player(self, name):
        return player.Player(Bank(self.folder / f"{name}.json", self.unpacked / f"{name}.npy"), RATE)

    def choose(self, rng, stem, unseen):
        recorded = [v for v in (UNSEEN if unseen else VOICES)[stem] if v[0] in self.names]
        sampled = [n for n in self.names if n.startswith(f"{stem}-{'sfu' if unseen else 'sf'}-")]
        if not recorded and not sampled:
            raise LookupError(f"{self.folder}: no bank for {stem}")
        if recorded and (not sampled or rng.random() < RECORDED):
            return draw(rng, recorded)
        return (rng.choice(sampled), 1, "gm") if stem == "drums" else (rng.choice(sampled), 1, 0, 0, 0, 0)

    def percussion(self, rng):
        """A kit that knows the keys of hand percussion, or None."""
        kits = [n for n in self.names if n.startswith("drums-sf-")]
        return self.players(rng.choice(kits)) if kits else None


def humanised(part, rng, stem, transpose):
    """The notes a little off the grid and unevenly loud, if a machine wrote them; a guitar's chords strummed."""
    notes, last, place = [], None, 0
    strum = rng.uniform(0.005, 0.025)
    machine = part.get("machine", False)
    for start, end, key, velocity, channel in part["notes"]:
        place = place + 1 if last == (start, channel) else 0
        last = (start, channel)
        late = rng.uniform(-0.008, 0.008) if machine else 0.0
        if machine and stem == "guitar":
            late += strum * min(place, 5)
        if machine:
            velocity = min(127, max(1, velocity + rng.randint(-8, 8)))
        start = max(0.0, start + late)
        notes.append((start, max(end, start + 0.02), key if stem == "drums" else key + transpose, velocity, channel))
    return {**part, "notes": notes}


def play_stem(song, stem, voices, rng, unseen, transpose):
    """-> float32 [samples], or nothing"""
    part = humanised(song["stems"][stem], rng, stem, transpose)
    seed = rng.randrange(1 << 30)
    voice = voices.choose(rng, stem, unseen)
    instrument = voices.players(voice[0])
    if stem == "drums":
        x = player.play(instrument, part, seed, kit=voice[2])
        lost = [n for n in part["notes"] if player.drum_key(instrument.bank, voice[2], n[2]) is None]
        kit = voices.percussion(rng) if lost and rng.random() < 0.5 else None
        if kit is not None:
            more = player.play(kit, {**part, "notes": lost}, seed, kit="gm")
            longer, shorter = (x, more) if len(x) > len(more) else (more, x)
            x = longer.copy()
            x[:len(shorter)] += shorter
        return x
    _, _, octave, sharp, amplified, drive = voice
    x = player.play(instrument, part, seed, transpose=octave, cents=-sharp)
    if len(x) and rng.random() < amplified:
        x = amplifier.amplify(x, RATE, rng, rng.uniform(0, drive), stem == "bass")
    return x


def equaliser(n, rng):
    hertz = np.arange(n // 2 + 1, dtype=np.float32) * (RATE / n)
    points = np.log2([60, 250, 1000, 4000, 11000])
    gain = np.interp(np.log2(np.maximum(hertz, 20)), points, [rng.gauss(0, 2.5) for _ in points])
    return (10 ** (gain / 20)).astype(np.float32)


def room(n, rng):
    """The spectrum of a room: direct sound and a decaying tail."""
    noise = np.random.default_rng(rng.randrange(1 << 30))
    length = int(rng.uniform(0.08, 0.5) * RATE)
    tail = noise.standard_normal(length) * np.exp(-6.9 * np.arange(length) / length)
    tail *= 10 ** (rng.uniform(-22, -10) / 20) / np.sqrt((tail ** 2).sum())
    tail[0] += 1
    return scipy.fft.rfft(tail.astype(np.float32), n)


def coloured(stems, rng):
    """Each stem through an equaliser and one in five through a room of its own, or a song of three through one room; all at a
    tuning drawn for the song (tempo and pitch move together). stems: {name: float32 [samples]} -> {name: float32 [L]}"""
    longest = max(len(x) for x in stems.values())
    n = scipy.fft.next_fast_len(longest + RATE // 2, real=True)
    tuning = rng.gauss(0, 25)
    shared = room(n, rng) if rng.random() < 1 / 3 else None
    out = {}
    for name, x in stems.items():
        spectrum = scipy.fft.rfft(x.astype(np.float32), n) * equaliser(n, rng)
        if shared is not None:
            spectrum *= shared
        elif rng.random() < 0.2:
            spectrum *= room(n, rng)
        m = scipy.fft.next_fast_len(int(n * 2 ** (-tuning / 1200)), real=True)
        moved = np.zeros(m // 2 + 1, np.complex64)
        k = min(len(moved), len(spectrum))
        moved[:k] = spectrum[:k]
        out[name] = scipy.fft.irfft(moved, m)[:int(longest * m / n)] * np.float32(m / n)
    return out


def limited(stems, rng):
    """A soft limiter on the sum, as gains to the stems."""
    mix = stems.sum(0)
    threshold = rng.uniform(1.2, 3) * np.sqrt((mix ** 2).mean())
    block = RATE // 100
    count = -(-mix.size // block)
    peaks = np.abs(np.pad(mix, (0, count * block - mix.size))).reshape(count, block).max(1)
    peaks = np.maximum.reduce([np.roll(peaks, k) for k in range(-2, 3)])
    gain = np.tanh(peaks / threshold) * threshold / np.maximum(peaks, 1e-9)
    smooth = np.convolve(np.pad(gain, 4, mode="edge"), np.ones(9) / 9, "valid")
    return stems * np.interp(np.arange(mix.size), (np.arange(count) + 0.5) * block, smooth).astype(np.float32)


def render_song(song, voices, rng, unseen, transpose):
    """-> int16 [4, samples], or None where fewer than three stems sound"""
    played = {}
    for stem in STEMS:
        if stem not in song["stems"]:
            continue
        x = play_stem(song, stem, voices, rng, unseen, transpose)
        if len(x) and np.sqrt((x ** 2).mean()) > 1e-5:
            played[stem] = x
    if len(played) < 3:
        return None
    waves = coloured(played, rng)
    stems = np.zeros((4, len(next(iter(waves.values())))), np.float32)
    for name, x in waves.items():
        loud = np.sqrt((x ** 2).mean())
        stems[STEMS.index(name)] = x / loud * 10 ** ((LEVEL_DB[name] + rng.gauss(0, 3)) / 20)
    if rng.random() < 1 / 3:
        stems = limited(stems, rng)
    stems *= min(0.1 / np.sqrt((stems.sum(0) ** 2).mean()), 0.98 / np.abs(stems).max())
    return np.round(stems * 32767).astype("<i2")


def save(target, stems):
    """int16 [4, samples] as `stems` of a .safetensors file, in one piece."""
    header = json.dumps({"__metadata__": {"rate": str(RATE), "stems": ",".join(STEMS)},
                         "stems": {"dtype": "I16", "shape": list(stems.shape), "data_offsets": [0, stems.nbytes]}}).encode()
    header += b" " * (-len(header) % 8)
    partial = target.with_suffix(".partial")
    with open(partial, "wb") as f:
        f.write(struct.pack("<Q", len(header)) + header + stems.tobytes())
    partial.rename(target)


_voices = None


def _begin(banks, unpacked):
    global _voices
    _voices = Voices(banks, unpacked)


def _unpack(job):
    unpack(*job)


def _one(job):
    file, unseen, out, number, seed = job
    song = json.loads(file.read_text())
    target = out / ("unseen" if unseen else song["split"]) / f"{song['name']}{f'-{number}' if number else ''}.safetensors"
    if target.exists():
        return target.stat().st_size / (2 * len(STEMS) * RATE)
    rng = random.Random(f"{seed}/{song['name']}/{unseen}/{number}")
    transpose = rng.randint(-5, 6) if song["split"] == "train" else 0
    stems = render_song(song, _voices, rng, unseen, transpose)
    if stems is None:
        return 0.0
    save(target, stems)
    return stems.shape[1] / RATE


def render(parts, banks, out, splits, limit, passes, hours, seed, workers):
    """Renders the songs of PARTS with the BANKS, `passes` times each with other voices, until there are about `hours` of music."""
    parts, out = pathlib.Path(parts), pathlib.Path(out)
    for split in ("train", "val", "test", "unseen"):
        (out / split).mkdir(parents=True, exist_ok=True)
    files = {split: [] for split in splits}
    for file in sorted(parts.glob("*.json")):
        split = json.loads(file.read_text())["split"]
        wanted = [s for s in (["test", "unseen"] if split == "test" else [split]) if s in files]
        for s in wanted:
            files[s].append(file)
    jobs = []
    for split, found in files.items():
        random.Random(seed).shuffle(found)  # test and unseen alike
        for number in range(passes if split == "train" else 1):
            jobs += [(f, split == "unseen", out, number, seed) for f in (found[:limit] if limit else found)]
    with tempfile.TemporaryDirectory() as folder:
        unpacked = pathlib.Path(folder)
        with concurrent.futures.ProcessPoolExecutor(workers) as pool:
            list(pool.map(_unpack, [(pathlib.Path(banks) / f"{n}.json", unpacked / f"{n}.npy") for n in bank_names(banks)]))
        total = rendered(jobs, banks, unpacked, hours * 3600 if hours else float("inf"), workers)
    if not total:
        sys.exit("band_data.py: nothing was rendered")


def rendered(jobs, banks, unpacked, enough, workers):
    """-> seconds of music, what was there before among them"""
    total = done = 0
    with concurrent.futures.ProcessPoolExecutor(workers, initializer=_begin, initargs=(banks, unpacked)) as pool:
        futures = [pool.submit(_one, job) for job in jobs]
        for future in concurrent.futures.as_completed(futures):
            done += 1
            try:
                total += future.result()
            except Exception as error:
                print(f"left out: {error!r}", file=sys.stderr)
            if done % 50 == 0 or done == len(jobs):
                print(f"{done} of {len(jobs)} songs, {total / 3600:.2f} hours", flush=True)
            if total >= enough:
                print(f"{total / 3600:.2f} hours are enough", flush=True)
                pool.shutdown(cancel_futures=True)
                break
    return total
