#!/usr/bin/python3
"""Makes the training songs of the audio prior `band`: bass, drums, guitar and piano as separate stems.

Everything comes from Debian packages:
    apt-get install mma fluidsynth python3-mido python3-numpy fluidr3mono-gm-soundfont \
        musescore-general-soundfont timgm6mb-soundfont \
        csound-soundfont avldrums.lv2-soundfont \
        simutrans-data freedoom freedm openttd-openmsx planetblupi-music-midi

    band_data.py compose --out PARTS [--songs 1700] [--seed 1]   # MIDI: a file for each stem, and index.json
    band_data.py render PARTS --out SONGS [--fonts DIR]         # sound: SONGS/train/NAME.safetensors, ...

`compose` writes MMA accompaniments to random chord charts and takes the music of five games apart. Songs are
split by MMA style file or by game: `train`, `val` (seen timbres, unseen music) and `test` (the same, for the
figures in the card). `render` plays one stem at a time through fluidsynth with a soundfont and a program
drawn for each stem, then draws gain, equaliser, room, tuning. `test` songs are rendered a second time as
`unseen` with a soundfont and a drum kit that no training song uses.

A song is an int16 tensor `stems` [4, L] at 22,050 Hz, in the order bass, drums, guitar, piano; full scale is
32768. The same seed gives the same songs.
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import random
import re
import resource
import struct
import subprocess
import sys
import tempfile

RATE = 22050
STEMS = ["bass", "drums", "guitar", "piano"]

# ---------------------------------------------------------------- compose

MAJOR = ["1 5 6 4", "1 4 5 1", "2 5 1 1", "1 6 4 5", "1 6 2 5", "4 5 3 6", "1 4 1 5", "6 4 1 5", "1 1 4 4", "4 4 1 1", "5 4 1 1",
         "1 3 4 5", "3 6 2 5"]
MINOR = ["1 6 3 7", "1 4 5 1", "1 7 6 5", "1 4 7 3", "1 1 4 1", "6 7 1 1", "1 3 4 5", "4 1 5 1"]
NAMES = ["C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"]


def chord_chart(rng, bars):
    """Chord names, one for each bar."""
    key = rng.randrange(12)
    major = rng.random() < 0.6
    scale = [0, 2, 4, 5, 7, 9, 11] if major else [0, 2, 3, 5, 7, 8, 10]
    quality = ["", "m", "m", "", "", "m", "dim"] if major else ["m", "dim", "", "m", "m", "", ""]
    sevenths = rng.choice([0.0, 0.3, 0.8])
    chart = []
    while len(chart) < bars:
        for degree in rng.choice(MAJOR if major else MINOR).split():
            d = int(degree) - 1
            kind = quality[d]
            if rng.random() < sevenths:
                kind = {"m": "m7", "": "7" if d == 4 else "M7", "dim": "m7b5"}[kind]
            elif d == 4 and rng.random() < 0.3:
                kind = "7"
            chart.append(NAMES[(key + scale[d]) % 12] + kind)
    return chart[:bars]


def mma_styles(root):
    """{style: [groove names]}; a style is LIB/FILE."""
    styles = {}
    for file in sorted(pathlib.Path(root).glob("*/*.mma")):
        names = re.findall(r"^\s*DefGroove\s+(\S+)", file.read_text(errors="replace"), re.M | re.I)
        # parts of a song rather than its body
        names = [n for n in names if not re.search(r"intro|end|fill|metronome|sus$", n, re.I)]
        if names:
            styles[f"{file.parent.name}/{file.stem}"] = names
    return styles


def write_mma(style, grooves, rng, file):
    bars = rng.choice([16, 24, 24, 32])
    chart = chord_chart(rng, bars)
    bodies = rng.sample(grooves, min(len(grooves), 3))
    lines = [f"Tempo {rng.randint(66, 168)}"]
    for i, chord in enumerate(chart):
        if i % 8 == 0:
            lines.append(f"Groove {style}:{rng.choice(bodies)}")
        lines.append(f"{i + 1} {chord}")
    file.write_text("\n".join(lines) + "\n")


def midi_lumps(wad):
    """The MIDI files inside a Doom WAD."""
    data = wad.read_bytes()
    count, directory = struct.unpack_from("<ii", data, 4)
    for i in range(count):
        begin, size, name = struct.unpack_from("<ii8s", data, directory + 16 * i)
        if data[begin:begin + 4] == b"MThd":
            yield name.rstrip(b"\0").decode("ascii", "replace"), data[begin:begin + size]


def stem_of(program):
    if program < 8:
        return "piano"
    if 24 <= program < 32:
        return "guitar"
    if 32 <= program < 40 or program in (43, 58):
        return "bass"
    return "other" if program < 96 else "effect"


def split_parts(midi_bytes, rng, longest=150.0):
    """MIDI file -> {stem: MIDI bytes}; None if it has no rhythm section."""
    import io
    import mido
    midi = mido.MidiFile(file=io.BytesIO(midi_bytes), clip=True)
    program = [0] * 16
    notes = {}      # channel and program -> notes
    timed = []      # tick, message, stem source
    for tick, message in absolute(midi):
        if tick > 1e7:
            break
        timed.append((tick, message, None))
        if message.type == "program_change":
            program[message.channel] = message.program
        if message.type == "note_on" and message.velocity > 0:
            voice = (message.channel, "drums" if message.channel == 9 else stem_of(program[message.channel]))
            notes[voice] = notes.get(voice, 0) + 1
    channels = {}
    for (channel, stem), count in notes.items():  # a channel belongs to what it plays most
        if count > channels.get(channel, ("", 0))[1]:
            channels[channel] = (stem, count)
    owner = {c: stem for c, (stem, count) in channels.items() if count >= 8 or stem == "drums"}
    if "bass" not in owner.values() or "drums" not in owner.values():
        return None
    # Re-voice so that guitar and piano both sound: other harmonic channels, fullest first.
    spare = sorted((c for c, s in owner.items() if s == "other"), key=lambda c: -channels[c][1])
    for stem in rng.sample(["guitar", "piano"], 2):
        if stem in owner.values():
            continue
        twin = [c for c, s in owner.items() if s == ("piano" if stem == "guitar" else "guitar")]
        if spare:
            owner[spare.pop(0)] = stem
        elif len(twin) > 1:
            owner[min(twin, key=lambda c: channels[c][1])] = stem
    for c in spare:  # now and then a second voice of a stem, else left out
        owner[c] = rng.choice(["guitar", "piano", "none", "none"])
    if len(set(owner.values()) & set(STEMS)) < 3:
        return None
    parts = {}
    end = ticks_at(midi, longest)
    for stem in STEMS:
        mine = {c for c, s in owner.items() if s == stem}
        if not mine:
            continue
        track = mido.MidiTrack()
        last = 0
        for tick, message, _ in timed:
            if tick > end:
                break
            keep = message.type == "set_tempo" or (
                getattr(message, "channel", None) in mine and
                (message.type in ("note_on", "note_off", "pitchwheel") or
                 (message.type == "control_change" and message.control in (1, 6, 11, 38, 64, 100, 101))))
            if not keep:
                continue
            copy = message.copy(time=tick - last)
            if hasattr(copy, "channel"):
                copy.channel = 9 if stem == "drums" else sorted(mine).index(copy.channel) % 9
            track.append(copy)
            last = tick
        for channel in sorted({m.channel for m in track if hasattr(m, "channel")}):  # a note left on would sound for ever
            track.append(mido.Message("control_change", channel=channel, control=64, value=0))
            track.append(mido.Message("control_change", channel=channel, control=123, value=0))
        out = mido.MidiFile(type=0, ticks_per_beat=midi.ticks_per_beat)
        out.tracks.append(track)
        buffer = io.BytesIO()
        out.save(file=buffer)
        parts[stem] = buffer.getvalue()
    return parts


def absolute(midi):
    import mido
    tick = 0
    for message in mido.merge_tracks(midi.tracks):
        tick += message.time
        yield tick, message


def ticks_at(midi, seconds):
    tempo, tick, time = 500000, 0, 0.0
    for at, message in absolute(midi):
        step = (at - tick) * tempo / 1e6 / midi.ticks_per_beat
        if time + step > seconds:
            return tick + int((seconds - time) * 1e6 * midi.ticks_per_beat / tempo)
        time, tick = time + step, at
        if message.type == "set_tempo":
            tempo = message.tempo
    return tick


def split_of(group):
    """By style file, 8 % to val and 8 % to test."""
    bucket = int(hashlib.sha256(group.encode()).hexdigest(), 16) % 100
    return "val" if bucket < 8 else "test" if bucket < 16 else "train"


def compose_one(job):
    kind, name, group, split, source, seed = job
    rng = random.Random(seed)
    if kind == "mma":
        style, grooves = source
        with tempfile.TemporaryDirectory() as folder:
            text, midi = pathlib.Path(folder, "song.mma"), pathlib.Path(folder, "song.mid")
            write_mma(style, grooves, rng, text)
            try:
                subprocess.run(["mma", "-f", midi, text], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
            except subprocess.TimeoutExpired:
                return None
            if not midi.exists():
                return None
            data = midi.read_bytes()
    else:
        data = source
    try:
        parts = split_parts(data, rng)
    except Exception as error:  # a MIDI file that mido cannot read
        print(f"left out: {name}: {error}", file=sys.stderr)
        return None
    return (name, group, split, parts) if parts else None


def compose(args):
    out = pathlib.Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    styles = mma_styles("/usr/share/mma/lib")
    rng = random.Random(args.seed)
    jobs = []
    names = sorted(styles)
    for i in range(args.songs):
        # half from the clean standard library
        style = rng.choice([n for n in names if n.startswith("stdlib")] if rng.random() < 0.5 else names)
        jobs.append(("mma", f"mma-{i:04d}", style, split_of(style), (style, styles[style]), rng.random()))
    games = []
    for game, pattern in [("simutrans", "/usr/share/games/simutrans/music/*.mid"),
                          ("openmsx", "/usr/share/games/openttd/baseset/openmsx/*.mid"),
                          ("planetblupi", "/usr/share/planetblupi/music/*.mid")]:
        root, glob = pattern.rsplit("/", 1)
        games += [(game, file.stem, file.read_bytes()) for file in sorted(pathlib.Path(root).glob(glob))]
    for wad in sorted(pathlib.Path("/usr/share/games/doom").glob("free*.wad")):
        games += [("freedoom", f"{wad.stem}-{name}", data) for name, data in midi_lumps(wad)]
    seen = set()
    for game, name, data in games:
        digest = hashlib.sha256(data).hexdigest()
        if digest in seen:
            continue
        seen.add(digest)
        split = {"openmsx": "test", "planetblupi": "val"}.get(game, "train")
        name = re.sub(r"[^A-Za-z0-9_-]", "_", f"{game}-{name}")
        jobs.append(("game", name, game, split, data, rng.random()))
    index = []
    with concurrent.futures.ProcessPoolExecutor(args.jobs) as pool:
        for result in pool.map(compose_one, jobs, chunksize=4):
            if result is None:
                continue
            name, group, split, parts = result
            for stem, data in parts.items():
                (out / f"{name}.{stem}.mid").write_bytes(data)
            index.append({"name": name, "group": group, "split": split, "stems": sorted(parts)})
    (out / "index.json").write_text(json.dumps(index, indent=1))
    for split in ("train", "val", "test"):
        mine = [s for s in index if s["split"] == split]
        print(f"{split}: {len(mine)} songs, {sum(len(s['stems']) == 4 for s in mine)} with all four stems")


# ---------------------------------------------------------------- render

# Soundfont, weight, kits (program numbers of the drum channel that it has).
TRAIN_FONTS = [("FluidR3Mono_GM.sf3", 3, [0, 8, 16, 24, 25, 32, 40]), ("MuseScore_General_Full.sf3", 3, [0, 8, 16, 24, 25, 32, 40]),
               ("TimGM6mb.sf2", 2, [0, 8, 16, 24, 25, 32, 40]),
               ("Red_Zeppelin_4_LV2.sf2", 1.5, None)]
UNSEEN_FONT, UNSEEN_KIT = "sf_GMbank.sf2", "Black_Pearl_4_LV2.sf2"
# Programs (from 0) within the class and their weights.
PROGRAMS = {"bass": [(32, 2), (33, 4), (34, 3), (35, 1), (36, 1), (37, 1), (38, 1), (39, 1)],
            "guitar": [(24, 3), (25, 3), (26, 2), (27, 3), (28, 1), (29, 2), (30, 2)],
            "piano": [(0, 4), (1, 3), (2, 2), (3, 1), (4, 2), (5, 2), (6, 0.5), (7, 0.7)]}
LEVEL_DB = {"bass": -1.0, "drums": 0.0, "guitar": -2.5, "piano": -2.5}


def draw(rng, weighted):
    return rng.choices([item[0] for item in weighted], [item[1] for item in weighted])[0]


def choose_voice(rng, stem, unseen):
    """-> (font, drum program or melodic program, channel of the notes)"""
    if stem == "drums":
        font = UNSEEN_KIT if unseen else draw(rng, TRAIN_FONTS)
        kits = None if unseen else {f: k for f, _, k in TRAIN_FONTS}[font]
        return (font, 0, 0) if kits is None else (font, rng.choice(kits), 9)  # a kit without bank 128: any other channel
    melodic = [f for f in TRAIN_FONTS if f[2] is not None]
    return UNSEEN_FONT if unseen else draw(rng, melodic), draw(rng, PROGRAMS[stem]), 0


def prepend_programs(midi_bytes, program, drum_channel):
    """A program change for all channels at the start; drum notes moved to `drum_channel`."""
    assert midi_bytes[:4] == b"MThd" and midi_bytes[14:18] == b"MTrk"
    changes = b"".join(bytes([0, 0xC0 | c, program]) for c in range(16) if c != 9 or drum_channel == 9)
    track = midi_bytes[22:]
    if drum_channel != 9:
        track = move_channel(track, 9, drum_channel)
    return midi_bytes[:18] + struct.pack(">I", len(changes) + len(track)) + changes + track


def move_channel(track, old, new):
    """Rewrites the channel of a type-0 track without running status (mido writes none for mixed events)."""
    out, i, status = bytearray(), 0, 0
    while i < len(track):
        while True:  # delta time
            out.append(track[i])
            i += 1
            if not out[-1] & 0x80:
                break
        if track[i] & 0x80:
            status = track[i]
            i += 1
        if status == 0xFF:
            length, begin = 0, i
            i += 1
            while True:
                length = length << 7 | track[i] & 0x7F
                i += 1
                if not track[i - 1] & 0x80:
                    break
            i += length
            out += b"\xff" + track[begin:i]
            continue
        size = 1 if status & 0xF0 in (0xC0, 0xD0) else 2
        out.append(status & 0xF0 | (new if status & 0x0F == old else status & 0x0F))
        out += track[i:i + size]
        i += size
    return bytes(out)


LONGEST_BYTES = 300 << 20  # ends a player that does not end; some soundfonts are unpacked into a file too


def play(midi_bytes, font, rate, folder):
    import numpy as np
    midi, wave = os.path.join(folder, "part.mid"), os.path.join(folder, "part.raw")
    with open(midi, "wb") as f:
        f.write(midi_bytes)
    subprocess.run(["fluidsynth", "-ni", "-R", "0", "-C", "0", "-g", "0.4", "-o", "synth.polyphony=96", "-o",
                    "synth.dynamic-sample-loading=1", "-r", str(rate), "-O", "s16", "-T", "raw", "-F", wave, font, midi],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=300, check=True,
                   preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (LONGEST_BYTES, LONGEST_BYTES)))
    stereo = np.fromfile(wave, dtype="<i2").reshape(-1, 2)
    os.unlink(wave)
    return stereo.astype(np.float32).mean(1) / 32768


def colour(x, rng):
    """A gentle random equaliser and, for one stem in five, a small room."""
    import numpy as np
    n = 1 << (len(x) + RATE // 2 - 1).bit_length()
    spectrum = np.fft.rfft(x, n)
    hertz = np.fft.rfftfreq(n, 1 / RATE)
    points = np.log2([60, 250, 1000, 4000, 11000])
    gain = np.interp(np.log2(np.maximum(hertz, 20)), points, [rng.gauss(0, 2.5) for _ in points])
    spectrum *= 10 ** (gain / 20)
    if rng.random() < 0.2:
        noise = np.random.default_rng(rng.randrange(1 << 30))
        length = int(rng.uniform(0.08, 0.5) * RATE)
        room = noise.standard_normal(length) * np.exp(-6.9 * np.arange(length) / length)
        room *= 10 ** (rng.uniform(-22, -10) / 20) / np.sqrt((room ** 2).sum())
        room[0] += 1
        spectrum *= np.fft.rfft(room, n)
    return np.fft.irfft(spectrum, n)[:len(x)].astype(np.float32)


def render_one(job):
    import numpy as np
    song, unseen, parts, fonts, out, seed = job
    target = out / ("unseen" if unseen else song["split"]) / f"{song['name']}.safetensors"
    if target.exists():
        return target.name, -1
    rng = random.Random(f"{seed}/{song['name']}/{unseen}")
    rate = round(RATE * 2 ** (rng.gauss(0, 25) / 1200))  # played back at RATE: tuning and tempo move together
    waves = {}
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as folder:
        for stem in song["stems"]:
            font, program, channel = choose_voice(rng, stem, unseen)
            data = (parts / f"{song['name']}.{stem}.mid").read_bytes()
            x = play(prepend_programs(data, program, channel), str(fonts[font]), rate, folder)
            loud = np.sqrt((x ** 2).mean()) if len(x) else 0
            if loud < 1e-5:
                continue  # this font has no such voice
            waves[stem] = colour(x, rng) / loud * 10 ** ((LEVEL_DB[stem] + rng.gauss(0, 3)) / 20)
    if len(waves) < 3:
        return song["name"], 0
    length = max(len(x) for x in waves.values())
    stems = np.zeros((4, length), np.float32)
    for i, stem in enumerate(STEMS):
        if stem in waves:
            stems[i, :len(waves[stem])] = waves[stem]
    level = 0.1 / np.sqrt((stems.sum(0) ** 2).mean())
    stems *= min(level, 0.98 / np.abs(stems).max())
    save(target, np.round(stems * 32767).astype("<i2"))
    return song["name"], length / RATE


def save(target, stems):
    header = json.dumps({"__metadata__": {"rate": str(RATE), "stems": ",".join(STEMS)},
                         "stems": {"dtype": "I16", "shape": list(stems.shape), "data_offsets": [0, stems.nbytes]}}).encode()
    header += b" " * (-len(header) % 8)
    partial = target.with_suffix(".partial")
    with open(partial, "wb") as f:
        f.write(struct.pack("<Q", len(header)) + header + stems.tobytes())
    partial.rename(target)


def render(args):
    parts, out = pathlib.Path(args.parts), pathlib.Path(args.out)
    folders = [pathlib.Path(args.fonts)] if args.fonts else [pathlib.Path("/usr/share/sounds/sf2"), pathlib.Path("/usr/share/sounds/sf3")]
    fonts = {}
    with_test = not args.split or "test" in args.split.split(",")
    for name in [f for f, _, _ in TRAIN_FONTS] + ([UNSEEN_FONT, UNSEEN_KIT] if with_test else []):
        found = [folder / name for folder in folders if (folder / name).exists()]
        if not found:
            sys.exit(f"band_data.py: {name} is in none of {', '.join(map(str, folders))}; install its package (see the top of this file)")
        fonts[name] = found[0]
    index = json.loads((parts / "index.json").read_text())
    jobs = []
    for song in index:
        if args.split and song["split"] not in args.split.split(","):
            continue
        jobs.append((song, False, parts, fonts, out, args.seed))
        if song["split"] == "test":
            jobs.append((song, True, parts, fonts, out, args.seed))
    jobs = jobs[:args.limit] if args.limit else jobs
    for split in ("train", "val", "test", "unseen"):
        (out / split).mkdir(parents=True, exist_ok=True)
    total = done = 0
    with concurrent.futures.ProcessPoolExecutor(args.jobs) as pool:
        for future in concurrent.futures.as_completed([pool.submit(render_one, job) for job in jobs]):
            try:
                total += max(0.0, future.result()[1])
            except Exception as error:
                print(f"left out: {error}", file=sys.stderr)
            done += 1
            if done % 50 == 0 or done == len(jobs):
                print(f"{done} of {len(jobs)} songs, {total / 3600:.2f} hours", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    p = commands.add_parser("compose", help="write the MIDI parts")
    p.add_argument("--out", required=True)
    p.add_argument("--songs", type=int, default=1700, help="MMA songs to write")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--jobs", type=int, default=os.cpu_count())
    p = commands.add_parser("render", help="play the parts")
    p.add_argument("parts")
    p.add_argument("--out", required=True)
    p.add_argument("--fonts", help="folder of the soundfonts, if not Debian's")
    p.add_argument("--split", help="only these, e.g. val,test")
    p.add_argument("--limit", type=int, default=0)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--jobs", type=int, default=os.cpu_count())
    args = parser.parse_args()
    compose(args) if args.command == "compose" else render(args)


if __name__ == "__main__":
    main()
