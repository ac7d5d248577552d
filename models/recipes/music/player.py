"""Plays notes with a bank, offline and mono: zones of key, velocity, chance and round robin; pitch by band-limited resampling,
kept for each sample and pitch; velocity curves, envelopes, loops, release samples, chokes, one filter a zone, pitch wheel."""
import collections
import random

import numpy as np
import scipy.fft
import scipy.signal

CACHE_BYTES = 100e6  # of pitched samples, for each player


class Player:
    def __init__(self, bank, rate):
        self.bank, self.rate = bank, rate
        self.pitched, self.bytes = collections.OrderedDict(), 0

    def render(self, notes, seconds, rng, wheel=None, cents=0):
        """notes: (start, end, key, velocity) in seconds; wheel(at, length) -> semitones a hundredth of a second, or None.
        -> float32 [samples]: `seconds` and what rings on, at most eight more"""
        out = np.zeros(int((seconds + 8) * self.rate), np.float32)
        turns, voices, choked = collections.defaultdict(int), [], collections.defaultdict(list)
        for start, end, key, velocity in sorted(notes):
            for zone in self._answering(key, velocity, rng.random(), turns):
                at = end if zone["release"] else start
                free = zone["release"] or zone["mode"] == "one_shot"
                tuned = key + cents / 100 if zone["keytrack"] else key
                voice = self._voice(zone, tuned, velocity, at, 60.0 if free else end - start, end - start, wheel, rng)
                if voice is None:
                    continue
                if zone.get("off_by"):
                    choked[zone["off_by"]].append((at, voice, zone))
                if zone.get("group") and not zone["release"]:
                    self._choke(choked, zone["group"], start)
                voices.append(voice)
        for begin, y in voices:
            y = y[:max(0, len(out) - begin)]
            out[begin:begin + len(y)] += y
        return out

    def _answering(self, key, velocity, chance, turns):
        zones = self.bank.by_key.get(key, ())
        loud = [z for z in zones if not z["release"]]
        if loud and not any(z["lv"] <= velocity <= z["hv"] for z in loud):  # a layer is missing: the nearest one
            near = min(loud, key=lambda z: min(abs(z["lv"] - velocity), abs(z["hv"] - velocity)))
            velocity = near["lv"] if velocity < near["lv"] else near["hv"]
        for zone in zones:
            if not (zone["lv"] <= velocity <= zone["hv"] and zone["lr"] <= chance < zone["hr"] + (zone["hr"] >= 1)):
                continue
            if zone["sl"] > 1:
                turns[zone["index"], key] += 1
                if (turns[zone["index"], key] - 1) % zone["sl"] != (zone["sp"] - 1) % zone["sl"]:
                    continue
            yield zone

    def _choke(self, choked, group, start):
        for begun, voice, zone in choked.get(group, ()):
            if begun < start - 1e-3:
                cut = int((start - begun) * self.rate)
                fade = int(self.rate * (0.006 if zone.get("off_mode", "fast") == "fast" else max(0.006, zone["env"][5])))
                if cut < len(voice[1]):
                    tail = voice[1][cut:cut + fade]
                    tail *= np.linspace(1, 0, len(tail), dtype=np.float32)
                    voice[1] = voice[1][:cut + fade]
        choked[group] = [c for c in choked[group] if c[0] >= start - 1e-3]

    def _pitched(self, zone, semitones, seconds):
        """The sample at `rate`, moved by `semitones`, or its first `seconds` -> samples, input samples for each, loop"""
        whole = 1e9
        bucket = whole if seconds is None else 0.25 * 2 ** max(0, int(np.ceil(np.log2(max(seconds, 0.01) / 0.25))))
        for length in (bucket, whole):
            key = (zone["sample"], round(semitones * 100), length)
            if key in self.pitched:
                self.pitched.move_to_end(key)
                return self.pitched[key]
        x, loop = self.bank.sample(zone["sample"])
        step = self.bank.rate / self.rate * 2 ** (semitones / 12)
        cut = int(min((bucket + 0.05) * self.bank.rate * 2 ** (semitones / 12), whole))
        y = resampled(x[:cut], step)
        if cut < len(x):
            y = y[:max(len(y) - int(0.04 * self.rate), 1)]  # where the cut rings
        self.pitched[zone["sample"], round(semitones * 100), bucket] = (y, step, loop)
        self.bytes += y.nbytes
        while self.bytes > CACHE_BYTES and len(self.pitched) > 1:
            self.bytes -= self.pitched.popitem(last=False)[1][0].nbytes
        return y, step, loop

    def _voice(self, zone, key, velocity, at, length, held, wheel, rng):
        """-> [first sample, samples] or None"""
        rate = self.rate
        semitones = (key - zone["center"]) * zone["keytrack"] / 100 + zone["cents"] / 100
        delay, attack, hold, decay, sustain, release = zone["env"]
        release = max(release, 0.01)
        free = zone["mode"] == "one_shot" or zone["release"]
        offset_random = zone.get("offset_random", 0)
        seconds = length + release + (zone.get("offset", 0) + offset_random) / self.bank.rate + 0.01
        y, step, loop = self._pitched(zone, semitones, None if free or zone["mode"].startswith("loop") or wheel else seconds)
        offset = int((zone.get("offset", 0) + rng.random() * offset_random) / step)
        y = y[offset:]
        count = len(y) if free else int((length + release) * rate) + 1
        if loop and count > len(y) and zone["mode"] in ("", "loop_continuous", "loop_sustain"):
            begin, end = int(loop[0] / step) - offset, min(int(loop[1] / step) - offset, len(y))
            if 0 <= begin < end:
                y = np.concatenate([y[:end]] + [y[begin:end]] * -(-(count - end) // (end - begin)))
        count = min(count, len(y))
        if not count:
            return None
        if wheel is not None and not zone["release"]:
            y = _bent(y, count, wheel(at, count / rate))
        y = y[:count].copy()
        gain = zone["gain"] * _velocity_gain(zone, velocity)
        if zone["release"]:
            gain *= 10 ** (-zone.get("rt_decay", 0) * held / 20)
        _shape(y, rate, attack, hold, decay, sustain)
        if not free:
            let_go = int(length * rate)
            if let_go < count:
                y[let_go:] *= np.exp(-5 * np.arange(count - let_go, dtype=np.float32) / (release * rate))
        fade = min(64 if not free else 32, count)
        y[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
        y = _filtered(y, zone, key, velocity, rate)
        y *= np.float32(gain)
        return [int((at + delay + zone.get("delay", 0)) * rate), y]


def resampled(x, step):
    """`step` input samples for each output sample, band-limited; silence is taken to follow."""
    if abs(step - 1) < 1e-6:
        return x
    m = scipy.fft.next_fast_len(int(len(x) / step) + 64, real=True)
    n = max(int(round(m * step)), len(x))
    spectrum = scipy.fft.rfft(x, n)
    out = np.zeros(m // 2 + 1, np.complex64)
    k = min(len(out), len(spectrum))
    out[:k] = spectrum[:k]
    return scipy.fft.irfft(out, m)[:int(len(x) / step)].astype(np.float32) * np.float32(m / n)


def _velocity_gain(zone, velocity):
    gain = (velocity / 127) ** 2
    if zone["curve"]:
        points = ([[0, 0.0]] if zone["curve"][0][0] > 0 else []) + list(zone["curve"])
        points += [[127, 1.0]] if points[-1][0] < 127 else []
        gain = float(np.interp(velocity, [p[0] for p in points], [p[1] for p in points]))
    track = zone["veltrack"]
    return 1 - track + track * gain if track >= 0 else 1 + track * gain


def _bent(y, count, bend):
    if bend is None:
        return y
    position = np.concatenate([[0], np.cumsum(2 ** (bend / 12))])
    position = np.interp(np.arange(count), np.linspace(0, count, len(position)), position * (count / (len(position) - 1)))
    return np.interp(position, np.arange(len(y)), y, right=0).astype(np.float32)


def _shape(y, rate, attack, hold, decay, sustain):
    a, h, d = int(attack * rate), int(hold * rate), int(decay * rate)
    if a > 1:
        k = min(a, len(y))
        y[:k] *= np.arange(k, dtype=np.float32) / a
    if sustain < 99.9 and d > 0 and a + h < len(y):
        fall = np.exp(-np.arange(len(y) - a - h, dtype=np.float32) * (4.6 / d))
        y[a + h:] *= np.maximum(fall, sustain / 100)


def _filtered(y, zone, key, velocity, rate):
    cutoff = zone.get("cutoff", 0)
    kind = zone.get("fil_type", "lpf_2p")
    if cutoff <= 0 or kind[:3] not in ("lpf", "hpf"):
        return y
    cents = zone.get("fil_veltrack", 0) * velocity / 127 + zone.get("fil_keytrack", 0) * (key - zone.get("fil_keycenter", 60))
    cutoff *= 2 ** (cents / 1200)
    if cutoff >= 0.45 * rate:
        return y
    sections = scipy.signal.butter(1 if "1p" in kind else 2, max(cutoff, 20) / (rate / 2),
                                   "highpass" if kind.startswith("hpf") else "lowpass", output="sos")
    return scipy.signal.sosfilt(sections, y).astype(np.float32)


# General MIDI drum key -> the key of a kit; keys that are in no map go to the nearest of their family, or are left out.
DRUM_MAPS = {
    "gm": {},
    "muldjord": {35: 35, 36: 36, 37: 37, 38: 38, 40: 38, 41: 41, 43: 41, 45: 45, 47: 47, 48: 48, 50: 48, 42: 42, 44: 42, 46: 46,
                 49: 49, 57: 57, 52: 52, 55: 49, 51: 51, 53: 53, 59: 59},
    "sonor": {35: 36, 36: 36, 37: 37, 38: 38, 40: 40, 41: 43, 43: 43, 45: 45, 47: 45, 48: 45, 50: 45, 42: 42, 44: 44, 46: 46,
              49: 49, 57: 49, 55: 49, 52: 52, 51: 51, 59: 51, 53: 53},
    "gogodze": {35: 36, 36: 36, 37: 37, 38: 38, 40: 40, 41: 41, 43: 41, 45: 43, 47: 43, 48: 45, 50: 45, 42: 42, 44: 44, 46: 46,
                51: 42, 59: 42, 53: 42, 49: 46, 57: 46, 52: 46, 55: 46},  # it has no cymbals
    "salamander": {35: 35, 36: 36, 37: 41, 38: 38, 40: 40, 41: 43, 43: 43, 45: 43, 47: 45, 48: 45, 50: 45, 42: 42, 44: 44, 46: 46,
                   49: 55, 57: 57, 52: 59, 55: 63, 51: 52, 59: 48, 53: 53, 56: 47}}
FAMILIES = [(35, 36), (38, 40, 39, 37), (41, 43, 45, 47, 48, 50), (42, 44, 46), (49, 57, 52, 55), (51, 59, 53)]


def drum_key(bank, kit, key):
    """The kit's key for a General MIDI drum key, the nearest of its family, or None."""
    table = DRUM_MAPS[kit] or {k: k for k in bank.by_key}
    if bank.by_key.get(table.get(key, -1)):
        return table[key]
    for family in FAMILIES:
        if key in family:
            near = [k for k in family if bank.by_key.get(table.get(k, -1))]
            if near:
                return table[min(near, key=lambda k: abs(k - key))]
    return None


def nearest_octave(bank, key):
    for step in (0, 12, -12, 24, -24, 36, -36):
        if bank.by_key.get(key + step):
            return key + step
    return key


def play(player, part, seed, kit=None, transpose=0, cents=0):
    """A part (see composing.py) -> float32 [samples]. `kit`: name of a drum map, the notes are drums then; `transpose`: semitones,
    12 for a bank that is written an octave above its sound; `cents`: tuning on top."""
    rng = random.Random(seed)
    out = None
    for channel in sorted({n[4] for n in part["notes"]}):
        notes = [n[:4] for n in part["notes"] if n[4] == channel]
        if kit is None:
            notes = [(s, e, nearest_octave(player.bank, k + transpose), v) for s, e, k, v in notes]
        else:
            notes = [(s, e, drum_key(player.bank, kit, k), v) for s, e, k, v in notes]
            notes = [n for n in notes if n[2] is not None]
        x = player.render(notes, part["seconds"], rng, _wheel(part, channel) if kit is None else None, cents)
        expression = part.get("expression", {}).get(str(channel))
        if expression:
            times, values = zip(*expression)
            x *= np.interp(np.arange(len(x)) / player.rate, times, values).astype(np.float32) ** 2
        out = x if out is None else out + x
    if out is None:
        return np.zeros(0, np.float32)
    loud = np.flatnonzero(np.abs(out) > 1e-4)
    return out[:min(len(out), loud[-1] + player.rate // 4) if len(loud) else 0]


def _wheel(part, channel):
    bends = part.get("wheel", {}).get(str(channel))
    if not bends or all(abs(b) <= 0.01 for _, b in bends):
        return None
    times, values = np.array([t for t, _ in bends]), np.array([b for _, b in bends])

    def wheel(at, length):
        grid = at + np.linspace(0, length, max(int(length * 100), 2))
        i = np.searchsorted(times, grid, side="right") - 1
        bend = np.where(i >= 0, values[np.maximum(i, 0)], 0)
        return bend[:-1] if np.abs(bend).max() > 0.01 else None
    return wheel
