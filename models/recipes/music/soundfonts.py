"""Samples General MIDI soundfonts into banks (see bank.py): fluidsynth plays every fourth or so key once."""
import concurrent.futures
import json
import pathlib
import struct
import subprocess
import sys
import tempfile

import numpy as np

from .bank import write_ogg

RATE = 22050
FLUID, MUSESCORE, TIM, ZEPPELIN = "FluidR3Mono_GM.sf3", "MuseScore_General_Full.sf3", "TimGM6mb.sf2", "Red_Zeppelin_4_LV2.sf2"
CSOUND, PEARL = "sf_GMbank.sf2", "Black_Pearl_4_LV2.sf2"
# Programs from 0 for training (sf) and for nothing but measuring (sfu).
PROGRAMS = {
    "bass": {FLUID: [32, 33, 34, 36, 38], MUSESCORE: [33, 34, 35, 39], TIM: [33, 35, 37]},
    "guitar": {FLUID: [24, 25, 26, 27, 29, 30], MUSESCORE: [24, 25, 27, 28, 30], TIM: [25, 27, 29]},
    "piano": {FLUID: [0, 2, 4, 5], MUSESCORE: [0, 1, 3, 4, 7], TIM: [0, 5]},
    "drums": {FLUID: [0, 8, 25], MUSESCORE: [0, 16, 40], TIM: [0, 24], ZEPPELIN: [None]},
}
UNSEEN = {"bass": {CSOUND: [32, 33, 34]}, "guitar": {CSOUND: [24, 25, 27, 29]}, "piano": {CSOUND: [0, 1, 4]}, "drums": {PEARL: [None]}}
KEYS = {"bass": range(26, 64, 5), "guitar": range(38, 90, 5), "piano": range(29, 98, 5), "drums": range(35, 82)}
SUSTAINED = {29, 30, 38, 39}  # programs whose notes do not die away


def _variable(number):
    out = [number & 0x7F]
    while number := number >> 7:
        out.append(number & 0x7F | 0x80)
    return bytes(reversed(out))


def _midi(program, keys, channel, held, apart):
    """One note every `apart` seconds; a tick is a millisecond."""
    track, last = b"", 0

    def event(at, data):
        nonlocal track, last
        track += _variable(at - last) + data
        last = at
    event(0, b"\xff\x51\x03" + (500000).to_bytes(3, "big"))
    if program is not None:
        event(0, bytes([0xC0 | channel, program]))
    for i, key in enumerate(keys):
        event(int(i * apart * 1000), bytes([0x90 | channel, key, 100]))
        event(int((i * apart + held) * 1000), bytes([0x80 | channel, key, 0]))
    event(int(len(keys) * apart * 1000), b"\xff\x2f\x00")
    return b"MThd" + struct.pack(">IHHH", 6, 0, 1, 500) + b"MTrk" + struct.pack(">I", len(track)) + track


def sample(font, program, stem, target):
    """Writes TARGET.ogg and TARGET.json; -> seconds of sound."""
    drums = stem == "drums"
    keys = list(KEYS[stem])
    longest = 1.5 if drums else 4.0 if program in SUSTAINED else 3.0
    apart, channel = longest + 1.0, 9 if drums and program is not None else 0
    with tempfile.TemporaryDirectory() as folder:
        midi, wave = pathlib.Path(folder, "notes.mid"), pathlib.Path(folder, "notes.raw")
        midi.write_bytes(_midi(program, keys, channel, longest, apart))
        subprocess.run(["fluidsynth", "-ni", "-R", "0", "-C", "0", "-g", "0.5", "-r", str(RATE), "-O", "s16", "-T", "raw", "-F", wave,
                        font, midi], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=300, check=True)
        sound = np.fromfile(wave, "<i2").reshape(-1, 2).astype(np.float32).mean(1) / 32768
    pcm, samples, zones, at = [], [], [], 0
    reach = 0 if drums else keys[1] - keys[0]
    for i, key in enumerate(keys):
        x = sound[int(i * apart * RATE):int((i * apart + longest) * RATE)]
        top = float(np.abs(x).max()) if len(x) else 0.0
        alive = np.flatnonzero(np.abs(x) > max(top * 1e-3, 3e-4))
        if not len(alive):
            continue
        x = x[:alive[-1] + 256].copy()
        fade = min(len(x), RATE // 20)
        x[-fade:] *= np.linspace(1, 0, fade)
        # The vorbis coder's ends ring: a little silence between the notes.
        pcm.append(np.concatenate([np.round(x / top * 32000), np.zeros(256)]).astype(np.int16))
        zones.append({"lo": key - reach // 2, "hi": key + (reach - 1) // 2 if reach else key, "center": key, "lv": 0, "hv": 127, "lr": 0, "hr": 1,
                      "sl": 1, "sp": 1, "gain": 1.0, "curve": [], "veltrack": 1, "env": [0, 0, 0, 0, 100, 0.01 if drums else 0.15],
                      "cents": 0, "keytrack": 0 if drums else 100, "mode": "one_shot" if drums else "no_loop", "release": False,
                      "index": len(zones), "sample": len(samples)})
        if drums and key in (42, 44, 46):
            zones[-1].update(group="hat", off_by="hat")
        samples.append([at, len(x), top / 32000, None])
        at += len(pcm[-1])
    if not zones:
        raise ValueError(f"{font}: program {program} is silent")
    if not drums:
        zones[0]["lo"], zones[-1]["hi"] = 0, 127
    target.with_suffix(".json").write_text(json.dumps({"rate": RATE, "samples": samples, "zones": zones}, separators=(",", ":")))
    write_ogg(target.with_suffix(".ogg"), np.concatenate(pcm), RATE, 0.3)
    return at / RATE


def _one(job):
    font, program, stem, target = job
    try:
        return target.name, sample(font, program, stem, target)
    except Exception as error:
        return target.name, error


def sample_all(out, fonts, workers):
    out = pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    folders = [pathlib.Path(fonts)] if fonts else [pathlib.Path("/usr/share/sounds/sf2"), pathlib.Path("/usr/share/sounds/sf3")]
    jobs = []
    for kind, programs in (("sf", PROGRAMS), ("sfu", UNSEEN)):
        for stem, of_font in programs.items():
            for font, numbers in of_font.items():
                found = [f / font for f in folders if (f / font).exists()]
                if not found:
                    sys.exit(f"band_data.py: {font} is in none of {', '.join(map(str, folders))}; music/README.md names its package")
                short = "".join(c for c in font.split(".")[0].lower() if c.isalnum())[:9]
                jobs += [(str(found[0]), n, stem, out / f"{stem}-{kind}-{short}-{n if n is not None else 'kit'}") for n in numbers]
    with concurrent.futures.ProcessPoolExecutor(workers) as pool:
        for name, result in pool.map(_one, jobs):
            print(f"{name}: {result:.1f} s" if isinstance(result, float) else f"left out: {name}: {result}", flush=True)
