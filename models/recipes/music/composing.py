"""Songs as notes: MMA accompaniments to random chord charts and to the chords of real songs, and the music of games taken apart.

A song is a JSON file {"name", "group", "split", "stems": {stem: part}}; a part is
    {"notes": [[start, end, key, velocity, channel], ...] in seconds, "seconds": of the song,
     "wheel": {channel: [[second, semitones], ...]}, "expression": {channel: [[second, 0 to 1], ...]}, "machine": written by MMA}
"""
import collections
import concurrent.futures
import hashlib
import io
import json
import pathlib
import random
import re
import struct
import subprocess
import sys
import tempfile

import mido

STEMS = ["bass", "drums", "guitar", "piano"]

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


def mma_text(tempo, bars, grooves, rng):
    """MMA's own text: `bars` are lists of one to four chord names; the groove is drawn anew every eight bars."""
    bodies = rng.sample(grooves, min(len(grooves), 3))
    lines = [f"Tempo {tempo}"]
    for i, chords in enumerate(bars):
        if i % 8 == 0:
            lines.append(f"Groove {rng.choice(bodies)}")
        beats = [chords[0], "/", chords[-1]] if len(chords) == 2 else chords
        lines.append(f"{i + 1} " + " ".join(beats))
    return "\n".join(lines) + "\n"


def played_by_mma(text):
    """-> the MIDI file's bytes, or None where MMA cannot."""
    with tempfile.TemporaryDirectory() as folder:
        source, midi = pathlib.Path(folder, "song.mma"), pathlib.Path(folder, "song.mid")
        source.write_text(text)
        try:
            subprocess.run(["mma", "-f", midi, source], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
        except subprocess.TimeoutExpired:
            return None
        return midi.read_bytes() if midi.exists() else None


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
    """MIDI file -> {stem: part}; None if it has no rhythm section."""
    notes, wheel, expression, programs = read_midi(midi_bytes, longest)
    counts = collections.Counter()
    for note in notes:
        channel = note[4]
        counts[channel, "drums" if channel == 9 else stem_of(programs[tuple(note)])] += 1
    channels = {}
    for (channel, stem), count in counts.items():  # a channel belongs to what it plays most
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
    seconds = max(n[1] for n in notes)
    parts = {}
    for stem in STEMS:
        mine = [n for n in notes if owner.get(n[4]) == stem]
        if mine:
            of = {n[4] for n in mine}
            parts[stem] = {"notes": mine, "seconds": seconds, "wheel": {str(c): w for c, w in wheel.items() if c in of},
                           "expression": {str(c): x for c, x in expression.items() if c in of}}
    return parts


def read_midi(midi_bytes, longest):
    """-> notes [start, end, key, velocity, channel], wheel {channel: [[second, semitones]]}, expression, and the program that
    was set at each note. The sustain pedal is played out."""
    notes, programs, program = [], {}, [0] * 16
    held, pedal, waiting = {}, collections.defaultdict(bool), collections.defaultdict(list)
    wheel, expression, now = collections.defaultdict(list), collections.defaultdict(list), 0.0

    def ends(begun, key, velocity, channel, with_program):
        note = [round(begun, 3), round(max(now, begun + 0.01), 3), key, velocity, channel]
        notes.append(note)
        programs[tuple(note)] = with_program

    for m in mido.MidiFile(file=io.BytesIO(midi_bytes), clip=True):
        if now + m.time > longest:
            break
        now += m.time
        if m.type == "program_change":
            program[m.channel] = m.program
        elif m.type in ("note_on", "note_off"):
            if (m.channel, m.note) in held:
                begun, velocity, used = held.pop((m.channel, m.note))
                if m.type == "note_off" or m.velocity == 0:
                    if pedal[m.channel]:
                        waiting[m.channel].append((begun, m.note, velocity, used))
                        continue
                ends(begun, m.note, velocity, m.channel, used)
            if m.type == "note_on" and m.velocity > 0:
                held[m.channel, m.note] = (now, m.velocity, program[m.channel])
        elif m.type == "control_change" and m.control == 64:
            pedal[m.channel] = m.value >= 64
            if not pedal[m.channel]:
                for begun, key, velocity, used in waiting.pop(m.channel, []):
                    ends(begun, key, velocity, m.channel, used)
        elif m.type == "control_change" and m.control == 11:
            expression[m.channel].append([round(now, 3), round(m.value / 127, 3)])
        elif m.type == "pitchwheel":
            wheel[m.channel].append([round(now, 3), round(m.pitch / 8192 * 2, 3)])
    for (channel, key), (begun, velocity, used) in held.items():
        ends(begun, key, velocity, channel, used)
    for channel, list_ in waiting.items():
        for begun, key, velocity, used in list_:
            ends(begun, key, velocity, channel, used)
    return sorted(notes), wheel, expression, programs


# ---------------------------------------------------------------- human drummers over the chords of real songs

# Roland TD-11 notes of the Groove MIDI Dataset -> General MIDI
ROLAND = {22: 42, 26: 46, 58: 43, 52: 57, 55: 49}
# MMA's styles for what a drummer calls a performance
STYLES = {"rock": "rock", "funk": "funk|disco|soul", "latin": "latin|bossa|samba|rumba|cha|salsa|mambo", "jazz": "swing|jazz",
          "hiphop": "hiphop|funk|r&b|rb", "soul": "soul|motown|blues", "pop": "pop|ballad|8beat|16beat", "reggae": "reggae|ska",
          "country": "country|folk", "blues": "blues|shuffle", "punk": "rock|metal", "dance": "disco|dance|house"}


def performances(grooves):
    """(split, file, style, beats a minute) of the beats in 4/4 of at least 15 seconds; drummers 8 to 10 are for val and test."""
    found = []
    for file in sorted(pathlib.Path(grooves).glob("drummer*/*/*.mid")):
        named = re.match(r"\d+_([a-z0-9]+)[^_]*_(\d+)_beat_4-4$", file.stem)
        if not named:
            continue
        drummer = int(re.match(r"drummer(\d+)", file.parent.parent.name)[1])
        split = "train" if drummer < 8 else "val" if drummer == 8 else "test"
        found.append((split, file, named[1], int(named[2])))
    return found


def drum_part(midi_bytes, seconds):
    """A performance, repeated by whole bars up to that length; None if it is shorter than 15 seconds."""
    midi = mido.MidiFile(file=io.BytesIO(midi_bytes), clip=True)
    tempo = next((m.tempo for m in midi.tracks[0] if m.type == "set_tempo"), 500000)
    second = tempo / 1e6 / midi.ticks_per_beat
    tick, hits = 0, []
    for m in mido.merge_tracks(midi.tracks):
        tick += m.time
        if m.type == "note_on" and m.velocity:
            hits.append((tick, ROLAND.get(m.note, m.note), m.velocity))
    if not hits or hits[-1][0] * second < 15:
        return None
    bar = 4 * midi.ticks_per_beat
    length = max(1, hits[-1][0] // bar) * bar
    notes = [[round((start + t) * second, 3), round((start + t) * second + 0.1, 3), key, velocity, 9]
             for start in range(0, int(seconds / second), length) for t, key, velocity in hits
             if t < length and (start + t) * second < seconds]
    return {"notes": notes, "seconds": seconds}


def split_of(group):
    """8 % to val and 8 % to test."""
    bucket = int(hashlib.sha256(group.encode()).hexdigest(), 16) % 100
    return "val" if bucket < 8 else "test" if bucket < 16 else "train"


# ---------------------------------------------------------------- the songs

def compose_one(job):
    kind, name, group, split, source, seed = job
    rng = random.Random(seed)
    try:
        if kind == "game":
            parts = split_parts(source, rng)
        else:
            text, drums = source
            data = played_by_mma(text)
            parts = split_parts(data, rng) if data else None
            for part in (parts or {}).values():
                part["machine"] = True
            if parts and drums:
                played = drum_part(drums, max(p["seconds"] for p in parts.values()))
                parts = {**parts, "drums": played} if played else None
    except Exception as error:  # a MIDI file that mido cannot read
        print(f"left out: {name}: {error}", file=sys.stderr)
        return None
    return {"name": name, "group": group, "split": split, "stems": parts} if parts else None


def mma_jobs(rng, count):
    styles = mma_styles("/usr/share/mma/lib")
    names = sorted(styles)
    for i in range(count):
        # half from the clean standard library
        style = rng.choice([n for n in names if n.startswith("stdlib")] if rng.random() < 0.5 else names)
        chart = [[chord] for chord in chord_chart(rng, rng.choice([16, 24, 24, 32]))]
        text = mma_text(rng.randint(66, 168), chart, [f"{style}:{g}" for g in styles[style]], rng)
        yield ("mma", f"mma-{i:04d}", style, split_of(style), (text, None), rng.random())


def real_jobs(rng, count, chords, grooves):
    """`chords`: JSON {song: [[chord name, ...] for each bar]}."""
    charts = {"train": [], "val": [], "test": []}
    for song, bars in sorted(json.loads(pathlib.Path(chords).read_text()).items()):
        if len(bars) >= 16:
            charts[split_of("billboard-" + song)].append((song, bars))
    played = collections.defaultdict(list)
    for split, *rest in performances(grooves):
        played[split].append(rest)
    styles = {k: v for k, v in mma_styles("/usr/share/mma/lib").items() if k.startswith("stdlib")}
    for i in range(count):
        split = "val" if i % 12 == 10 else "test" if i % 12 == 11 else "train"
        file, style, tempo = rng.choice(played[split])
        song, bars = rng.choice(charts[split])
        start = rng.randrange(0, max(1, len(bars) - 32), 4)
        wanted = STYLES.get(style, "rock|pop")
        style = rng.choice([s for s in sorted(styles) if re.search(wanted, s, re.I)] or sorted(styles))
        text = mma_text(tempo, bars[start:start + 32], [f"{style}:{g}" for g in styles[style]], rng)
        yield ("real", f"real-{i:04d}", f"billboard-{song}", split, (text, file.read_bytes()), rng.random())


def game_jobs(rng):
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
        yield ("game", re.sub(r"[^A-Za-z0-9_-]", "_", f"{game}-{name}"), game, split, data, rng.random())


def compose(out, songs, real, chords, grooves, seed, workers):
    """Writes OUT/NAME.json for `songs` charts, `real` songs with real chords and a human drummer, and all games' music."""
    out = pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    rng = random.Random(seed)
    jobs = list(mma_jobs(rng, songs)) + list(game_jobs(rng))
    if real:
        jobs += list(real_jobs(rng, real, chords, grooves))
    made = collections.Counter()
    with concurrent.futures.ProcessPoolExecutor(workers) as pool:
        for song in pool.map(compose_one, jobs, chunksize=4):
            if song is None:
                continue
            (out / f"{song['name']}.json").write_text(json.dumps(song, separators=(",", ":")))
            made[song["split"], len(song["stems"]) == 4] += 1
    for split in ("train", "val", "test"):
        print(f"{split}: {made[split, True] + made[split, False]} songs, {made[split, True]} with all four stems")
