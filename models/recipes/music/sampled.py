"""Makes banks (see bank.py) of what a person can fetch: SFZ instruments and Hydrogen drum kits.

Of SFZ: headers control, global, master, group, region, #define, #include; zones of key, velocity, random, round robin, keyswitch,
controllers at their start values; volume, amplitude, velocity curves, envelope, offset, delay, end, loops, release samples, chokes, one
filter. Not: LFOs, equalisers, legato, curves of controllers, panning (everything is mono).
"""
import collections
import json
import os
import pathlib
import re
import sys
import xml.etree.ElementTree as ET

import numpy as np
import scipy.signal

from .bank import read_sound, write_ogg

NOTE = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
OPCODE = re.compile(r"([A-Za-z][A-Za-z0-9_]*)=")


def note_number(text):
    text = text.strip().lower()
    try:
        return int(float(text))
    except ValueError:
        m = re.match(r"([a-g])([#b]?)(-?\d+)$", text)
        return NOTE[m[1]] + {"#": 1, "b": -1, "": 0}[m[2]] + 12 * (int(m[3]) + 1) if m else -1


class Sfz:
    """Regions of an SFZ file (`ready`): dicts of opcodes, `sample` a path."""

    def __init__(self, path, defines=(), cc=()):
        self.root = os.path.dirname(os.path.abspath(path))
        self.defines = dict(defines)
        self.cc = collections.defaultdict(float, {7: 100 / 127, 10: 0.5, 11: 1.0})
        self.control, self.levels, self.regions = {}, {"global": {}, "master": {}, "group": {}}, []
        self.current = None
        self.switch = None
        self.files = {}
        self.include(os.path.abspath(path), 0)
        self.flush()
        self.cc.update(dict(cc))
        self.prepare()

    def expand(self, line):
        for name in sorted(self.defines, key=len, reverse=True):
            if "$" not in line:
                break
            line = line.replace("$" + name, self.defines[name])
        return line

    def include(self, path, depth):
        if depth > 8 or not os.path.exists(path):
            print("missing include", path, file=sys.stderr)
            return
        if path not in self.files:
            text = pathlib.Path(path).read_text(errors="replace")
            self.files[path] = re.sub(r"/\*.*?\*/", " ", text, flags=re.S).splitlines()
        for line in self.files[path]:
            line = line.split("//")[0].strip()
            while line:
                m = re.search(r"#(include|define)\b", line)
                before, rest = (line[:m.start()], line[m.start():]) if m else (line, "")
                self.plain(self.expand(before))
                if not m:
                    break
                if m[1] == "define":
                    d = re.match(r"#define\s+\$(\w+)\s+(\S+)(.*)", rest)
                    if d:
                        self.defines[d[1]] = self.expand(d[2])
                    line = d[3] if d else ""
                else:
                    d = re.match(r'#include\s+"([^"]+)"(.*)', rest)
                    if not d:
                        break
                    name = self.expand(d[1]).replace("\\", "/")
                    there = os.path.normpath(os.path.join(self.root, name))
                    if not os.path.exists(there):
                        there = os.path.normpath(os.path.join(os.path.dirname(path), name))
                    self.include(there, depth + 1)
                    line = d[2]

    def plain(self, text):
        for part in re.split(r"(<\w+>)", text):
            if part.startswith("<") and part.endswith(">"):
                self.flush()
                head = part[1:-1]
                self.head = head
                if head == "global":
                    self.levels = {"global": {}, "master": {}, "group": {}}
                elif head == "master":
                    self.levels["master"], self.levels["group"] = {}, {}
                elif head == "group":
                    self.levels["group"] = {}
                self.current = {} if head == "region" else self.levels.get(head, self.control if head == "control" else {})
                continue
            marks = list(OPCODE.finditer(part))
            for i, m in enumerate(marks):
                end = marks[i + 1].start() if i + 1 < len(marks) else len(part)
                value = part[m.end():end].strip()
                if self.current is None:
                    continue
                self.current[m[1]] = value
                if getattr(self, "head", "") == "control":
                    c = re.match(r"set_(hd)?cc(\d+)$", m[1])
                    if c:
                        self.cc[int(c[2])] = float(value) / (1 if c[1] else 127)

    def flush(self):
        if getattr(self, "head", "") == "region" and self.current is not None:
            r = {**self.levels["global"], **self.levels["master"], **self.levels["group"], **self.current}
            if r.get("sample", "").startswith("*"):
                r.pop("sample")
            if "sample" in r:
                name = (self.control.get("default_path", "") + r["sample"]).replace("\\", "/")
                r["sample"] = os.path.normpath(os.path.join(self.root, name))
                r["note_offset"] = float(self.control.get("note_offset", 0)) + 12 * float(self.control.get("octave_offset", 0))
                self.regions.append(r)
        self.current = None
        self.head = ""

    def number(self, r, name, default=0.0):
        """An opcode and what the controllers add to it."""
        try:
            value = float(re.sub(r"[^0-9eE.+-].*$", "", r[name])) if name in r else default
        except ValueError:
            value = default
        for c, depth in r["_cc"].get(name, ()):
            value += depth * self.cc[c]
        return value

    def prepare(self):
        ready = []
        folders = {}
        for r in self.regions:
            r["_cc"] = collections.defaultdict(list)
            r["_limits"] = {}
            bad = False
            for key, value in list(r.items()):
                m = re.match(r"(\w+?)_?(?:on)?cc(\d+)$", key) if isinstance(value, str) else None
                if not m:
                    continue
                name, c = m[1].rstrip("_"), int(m[2])
                if name in ("lo", "hi"):
                    v = float(value)
                    bad |= self.cc[c] * 127 < v - 0.5 if name == "lo" else self.cc[c] * 127 > v + 0.5
                elif name in ("on_lo", "on_hi", "start_lo", "start_hi"):
                    bad = True
                elif name in ("xfin_lo", "xfin_hi", "xfout_lo", "xfout_hi"):
                    r["_limits"].setdefault(c, {})[name] = float(value)
                elif re.fullmatch(r"-?[\d.]+", value):
                    r["_cc"][name].append((c, float(value)))
            if bad or r.get("trigger", "attack") not in ("attack", "release", "release_key", "first"):
                continue
            if "key" in r:
                k = note_number(r["key"])
                lo, hi = (note_number(r["lokey"]) if "lokey" in r else k), (note_number(r["hikey"]) if "hikey" in r else k)
                center = note_number(r["pitch_keycenter"]) if "pitch_keycenter" in r else k
            else:
                lo, hi = note_number(r.get("lokey", "0")), note_number(r.get("hikey", "127"))
                center = note_number(r.get("pitch_keycenter", "60"))
            if hi < 0 or lo > hi:
                continue
            shift = int(r["note_offset"])
            r["lo"], r["hi"], r["center"] = lo + shift, hi + shift, center + shift
            r["lv"], r["hv"] = self.number(r, "lovel", 0), self.number(r, "hivel", 127)
            r["lr"], r["hr"] = self.number(r, "lorand", 0), self.number(r, "hirand", 1)
            r["sl"], r["sp"] = int(self.number(r, "seq_length", 1)), int(self.number(r, "seq_position", 1))
            if "sw_last" in r:
                if self.switch is None:
                    self.switch = note_number(r.get("sw_default", r["sw_last"]))
                if note_number(r["sw_last"]) != self.switch:
                    continue
            gain = 1.0
            amplitude = self.number({**r, "_cc": {}}, "amplitude", 100) / 100
            for c, depth in r["_cc"].get("amplitude", ()):
                amplitude *= depth / 100 * self.cc[c]
            for c, x in r["_limits"].items():
                v = self.cc[c] * 127
                if "xfin_lo" in x or "xfin_hi" in x:
                    a, b = x.get("xfin_lo", 0), x.get("xfin_hi", 0)
                    gain *= np.sqrt(np.clip((v - a) / (b - a), 0, 1)) if b > a else float(v >= b)
                if "xfout_lo" in x or "xfout_hi" in x:
                    a, b = x.get("xfout_lo", 127), x.get("xfout_hi", 127)
                    gain *= np.sqrt(np.clip((b - v) / (b - a), 0, 1)) if b > a else float(v <= a)
            db = sum(self.number(r, n) for n in ("volume", "gain", "group_volume", "master_volume", "global_volume"))
            r["gain"] = float(gain * amplitude * 10 ** (db / 20))
            if r["gain"] < 1e-4:
                continue
            r["curve"] = sorted((int(k[13:]), float(v)) for k, v in r.items() if re.fullmatch(r"amp_velcurve_\d+", k))
            r["veltrack"] = self.number(r, "amp_veltrack", 100) / 100
            r["env"] = [max(0.0, self.number(r, "ampeg_" + n, d)) for n, d in
                        (("delay", 0), ("attack", 0), ("hold", 0), ("decay", 0), ("sustain", 100), ("release", 0.001))]
            r["cents"] = self.number(r, "tune") + self.number(r, "pitch") + 100 * self.number(r, "transpose")
            r["keytrack"] = self.number(r, "pitch_keytrack", 100)
            r["mode"] = r.get("loop_mode", r.get("loopmode", ""))
            r["release"] = r.get("trigger", "attack").startswith("release")
            r["index"] = len(ready)
            if not os.path.exists(r["sample"]):  # names on a file system that does not tell A from a
                folder, base = os.path.split(r["sample"])
                if folder not in folders:
                    folders[folder] = {n.lower(): n for n in os.listdir(folder)} if os.path.isdir(folder) else {}
                stem = os.path.splitext(base.lower())[0]
                found = [n for n in (base.lower(), stem + ".flac", stem + ".opus", stem + ".ogg", stem + ".wav") if n in folders[folder]]
                if not found:
                    r["missing"] = True
                    continue
                r["sample"] = os.path.join(folder, folders[folder][found[0]])
            ready.append(r)
        self.missing = sum("missing" in r for r in self.regions)
        self.ready = ready
        self.by_key = collections.defaultdict(list)
        for r in ready:
            for k in range(max(r["lo"], 0), min(r["hi"], 127) + 1):
                self.by_key[k].append(r)


GM_NAMES = [(r"choke|flink|swish|reverse|roll", None), (r"side ?stick|rim ?click|\bstick\b|side$", 37), (r"clap", 39), (r"rimshot|snare (rock|2)", 40),
            (r"snare|\bsn\b", 38), (r"kick|bass ?drum|\bbd\b", 36), (r"(hat|hh).*(pedal|foot|\bpd)|(pedal|foot).*(hat|hh)|stomp", 44),
            (r"(hat|hh).*(semi|half)", None), (r"(hat|hh).*(open|\bop|free)|open.*(hat|hh)|ohh", 46), (r"hat|\bhh|hi-hat", 42),
            (r"floor|tom.*(low|lo\b)|low.*tom", 41), (r"tom.*(mid|2)|mid.*tom", 45), (r"tom", 48), (r"splash", 55), (r"china", 52),
            (r"ride.*(bell|cup)|^bell|\bbell$", 53), (r"ride", 51), (r"crash|cymbal", 49), (r"cowbell", 56), (r"tambourine", 54),
            (r"shaker|maraca", 70), (r"clave", 75), (r"conga", 63)]


def gm_key(name):
    for pattern, key in GM_NAMES:
        if re.search(pattern, name):
            return key
    return None


class Hydrogen(Sfz):
    """A Hydrogen kit: drumkit.xml; keys by the instruments' names, for the kits' own numbers are seldom General MIDI's."""

    def __init__(self, path, cc=()):
        self.missing, self.ready, self.by_key = 0, [], collections.defaultdict(list)
        text = re.sub(r'\sxmlns(:\w+)?="[^"]+"', "", pathlib.Path(path).read_text(errors="replace"))
        root = ET.fromstring(re.sub(r"\sxsi:\w+=\"[^\"]+\"", "", text))
        folder = os.path.dirname(path)
        for i, inst in enumerate(root.iter("instrument")):
            name = (inst.findtext("name") or "").lower()
            key = gm_key(name)
            if key is None or self.by_key.get(key):  # the first of a kind
                continue
            layers = list(inst.iter("layer"))
            if not layers and inst.findtext("filename"):
                layers = [inst]
            for layer in layers:
                file = os.path.join(folder, layer.findtext("filename") or "")
                if not os.path.isfile(file):
                    self.missing += 1
                    continue
                lo, hi = float(layer.findtext("min") or 0) * 127, float(layer.findtext("max") or 1) * 127
                gain = float(layer.findtext("gain") or 1) * float(inst.findtext("gain") or 1) * float(inst.findtext("volume") or 1)
                group = inst.findtext("muteGroup") or "-1"
                r = dict(sample=file, lo=key, hi=key, center=key, lv=lo, hv=hi + 1e-6, lr=0, hr=1, sl=1, sp=1, gain=gain, curve=[(127, 1.0)],
                         veltrack=1, env=[0, 0, 0, 0, 100, 0.01], cents=100 * float(layer.findtext("pitch") or 0), keytrack=0,
                         mode="one_shot", release=False, index=len(self.ready), _cc={}, name=name)
                r["curve"] = [(0, 0.0), (127, 1.0)]
                if group != "-1":
                    r["group"] = r["off_by"] = "m" + group
                self.ready.append(r)
                self.by_key[key].append(r)

    def number(self, r, name, default=0.0):
        return default


class Reader:
    """Sound files as mono float32 with their rate and loop, the latest few kept."""

    def __init__(self):
        self.kept = collections.OrderedDict()

    def __call__(self, path):
        if path not in self.kept:
            while len(self.kept) > 40:
                self.kept.popitem(last=False)
            x, rate = read_sound(path, np.float32)
            self.kept[path] = (x.mean(1), rate, loop_points(path))
        return self.kept[path]


KEPT = ["offset", "offset_random", "delay", "rt_decay", "cutoff", "fil_veltrack", "fil_keytrack", "fil_keycenter"]


def thin(groups, most):
    """At most `most` round robins of a zone, drawn at random."""
    zones = collections.OrderedDict()
    for members in groups:
        r = members[0]
        zones.setdefault((r["lo"], r["hi"], r["center"], r["lv"], r["hv"], r["mode"], r["release"]), []).append(members)
    for list_ in zones.values():
        robins = [m for m in list_ if m[0]["sl"] > 1 or (m[0]["lr"], m[0]["hr"]) != (0, 1)]
        for m in list_:
            if m not in robins:
                yield m
        keep = robins[:most]
        for i, m in enumerate(keep):
            yield [{**m[0], "lr": i / len(keep), "hr": (i + 1) / len(keep), "sl": 1, "sp": 1}] + m[1:]


def grouped(bank):
    """Zones that sound together (a drum hit's microphones) in one list; others alone."""
    groups = collections.OrderedDict()
    for r in bank.ready:
        key = json.dumps([r[k] for k in ("lo", "hi", "center", "lv", "hv", "lr", "hr", "sl", "sp", "curve", "veltrack", "env", "cents",
                                         "keytrack", "mode", "release")])
        if r["mode"] != "one_shot":
            key += str(r["index"])  # only drums are mixed
        groups.setdefault(key, []).append(r)
    return groups.values()


def loop_of(bank, zone, x, own):
    lo, hi = bank.number(zone, "loop_start", -1), bank.number(zone, "loop_end", -1)
    loop = (lo, hi) if lo >= 0 and hi > lo else own
    fits = loop and zone["mode"] in ("", "loop_continuous", "loop_sustain") and loop[0] < loop[1] < len(x) + 1
    return loop if fits else None


def mixed(bank, members, read, rate, longest):
    """The sound of one or several zones at `rate` -> float32, loop in frames or None"""
    together = len(members) > 1
    mix, end, loop = np.zeros(int((1.6 * longest + 1) * rate) + 8, np.float32), 0, None
    for m in members:
        x, native, own = read(m["sample"])
        loop = None if together else loop_of(bank, m, x, own)
        start = int(bank.number(m, "offset")) if together else 0
        stop = int(bank.number(m, "end", 0)) or len(x)
        keep = max(longest, loop[1] / native + 0.05 if loop and loop[1] < 1.6 * longest * native else 0)
        x = x[start:min(stop, start + int(keep * native) + 1)]
        common = np.gcd(rate, native)
        y = scipy.signal.resample_poly(x, rate // common, native // common).astype(np.float32) if rate != native else x
        begin = int(bank.number(m, "delay") * rate) if together else 0
        y = y[:len(mix) - begin]
        mix[begin:begin + len(y)] += y * (m["gain"] if together else 1)
        end = max(end, begin + len(y))
        loop = [int(v * rate / native) for v in loop] if loop else None
    return mix[:end], loop


def trimmed(y, rate, loop):
    """Without what lies 60 dB below its peak at the end; faded out unless it loops."""
    top = float(np.abs(y).max()) or 1e-9
    whole = len(y) // 256 * 256
    frames = np.abs(y[:whole]).reshape(-1, 256).max(1) if whole else np.array([top])
    alive = np.flatnonzero(frames > top * 1e-3)
    y = y[:min(len(y), (alive[-1] + 2) * 256)] if len(alive) else y[:256]
    if not loop:
        fade = min(len(y), rate // 20)
        y[-fade:] *= np.linspace(1, 0, fade)
    return y, top


def pack(bank, target, rate, longest, most=3):
    """TARGET.json and TARGET.ogg: at most `most` round robins of a zone, samples cut to `longest` seconds. -> zones, seconds"""
    read = Reader()
    low = scipy.signal.butter(2, 20 / (rate / 2), "highpass", output="sos")  # one guitar drifts below 3 Hz
    pcm, samples, zones, at, known = [], [], [], 0, {}
    for members in thin(grouped(bank), most):
        r = members[0]
        ident = tuple((m["sample"], round(m["gain"], 4), bank.number(m, "delay")) for m in members) if len(members) > 1 else r["sample"]
        if ident not in known:
            y, loop = mixed(bank, members, read, rate, longest)
            if not len(y):
                continue
            y, top = trimmed(scipy.signal.sosfilt(low, y).astype(np.float32), rate, loop)
            loop = loop if loop and loop[1] <= len(y) else None
            known[ident] = len(samples)
            samples.append([at, len(y), top / 32764, loop])
            pcm.append(np.round(y / top * 32764).astype("<i2"))
            at += len(y)
        zone = {k: r[k] for k in ("lo", "hi", "center", "lv", "hv", "lr", "hr", "sl", "sp", "curve", "veltrack", "env", "cents", "keytrack",
                                  "mode", "release", "index")}
        zone.update({k: r[k] for k in ("group", "off_by", "off_mode", "fil_type") if r.get(k)})
        zone.update(gain=r["gain"] if len(members) == 1 else 1.0, sample=known[ident])
        native = read(r["sample"])[1]
        for k in KEPT:
            v = bank.number(r, k, 0)
            if v and not (len(members) > 1 and k in ("offset", "delay")):
                zone[k] = v * rate / native if k.startswith("offset") else v
        zones.append(zone)
    if not zones:
        raise ValueError("no zone of it sounds")
    target = pathlib.Path(target)
    target.with_suffix(".json").write_text(json.dumps({"rate": rate, "samples": samples, "zones": zones}, separators=(",", ":")))
    write_ogg(target.with_suffix(".ogg"), np.concatenate(pcm), rate, 0.4)
    return len(zones), at / rate


def loop_points(path):
    """From a WAV file's smpl chunk."""
    if not path.lower().endswith(".wav"):
        return None
    with open(path, "rb") as f:
        head = f.read(12)
        if head[:4] != b"RIFF":
            return None
        while True:
            name = f.read(8)
            if len(name) < 8:
                return None
            size = int.from_bytes(name[4:], "little")
            if name[:4] == b"smpl":
                data = f.read(size)
                if len(data) >= 60 and int.from_bytes(data[28:32], "little") >= 1:
                    return int.from_bytes(data[44:48], "little"), int.from_bytes(data[48:52], "little")
                return None
            f.seek(size + (size & 1), 1)


# Name: file below the folder of sources, and what differs from an instrument's usual (controllers, samples' folder, seconds kept).
SAMPLES = {"sample_dir": "../Samples"}
SOURCES = {
    "bass-growly": ("karoryfer.growlybass/growlybass_clean.sfz", {}, {}, 3.5),
    "bass-pasta-linguine": ("karoryfer.pastabass/linguine.sfz", {}, {}, 3.5),
    "bass-pasta-fetuccine": ("karoryfer.pastabass/fetuccine.sfz", {}, {}, 3.5),
    "bass-pasta-spaghetti": ("karoryfer.pastabass/spaghetti.sfz", {}, {}, 3.5),
    "bass-pasta-tagliatelle": ("karoryfer.pastabass/tagliatelle.sfz", {}, {}, 3.5),
    "bass-meat": ("karoryfer.meatbass/Programs/pizz_basic.sfz", SAMPLES, {}, 3.5),
    "bass-yr-finger": ("freepats.electric-bass-YR/FingerBassYR 20190930.sfz", {}, {}, 3.5),
    "bass-yr-picked": ("freepats.electric-bass-YR/PickedBassYR 20190930.sfz", {}, {}, 3.5),
    "guitar-shiny-mic": ("karoryfer.shinyguitar/Programs/main.sfz", SAMPLES, {100: 1.0}, 4),
    "guitar-shiny-pickup": ("karoryfer.shinyguitar/Programs/main.sfz", SAMPLES, {100: 0.0}, 4),
    "guitar-fsbs-clean": ("freepats.e-guitar-FSBS-clean/EGuitarFSBS-bridge-clean-20220911.sfz", {}, {}, 4),
    "guitar-fsbs-dist1": ("freepats.electric-guitar-FSBS-dist1/EGuitarFSBS-dist1 bridge 20220911.sfz", {}, {}, 4),
    "guitar-spanish": ("freepats.spanish-classical-guitar/SpanishClassicalGuitar-20190618.sfz", {}, {}, 4),
    "guitar-fss-steel": ("FSS-opus48/FSS-SteelStringGuitar-20200521.sfz", {}, {}, 4),
    "guitar-allan764": ("allan764/allan764.sfz", {}, {}, 4),
    "guitar-strat": ("strat/strat_basic.sfz", {}, {}, 4),
    "piano-splendid": ("SplendidGrandPiano/Splendid Grand Piano.sfz", {}, {}, 5),
    "piano-headroom": ("BengtNilsson.HeadroomPiano/Headroom Piano (NoFX).sfz", {}, {}, 5),
    "piano-kw-upright": ("freepats.upright-piano-KW/UprightPianoKW-20220221.sfz", {}, {}, 5),
    "piano-cp80": ("GregSullivan.E-Pianos/CP80/CP80.sfz", {}, {}, 5),
    "piano-pianet": ("GregSullivan.E-Pianos/Pianet T/Pianet T.sfz", {}, {}, 5),
    "piano-wurlitzer": ("GregSullivan.E-Pianos/Wurlitzer EP200/Wurlitzer EP200.sfz", {}, {}, 5),
    "drums-muldjord": ("DrumGizmo.MuldjordKit/DrumGizmo/MuldjordKit/Stereo/DrumGizmo MuldjordKit.sfz", {}, {46: 0.0}, 3),
    "drums-sonor": ("SamsSonor/SamsSonor.sfz", {}, {}, 3),
    "drums-gogodze": ("karoryfer.gogodze-phu-vol-ii/Programs/Kit.sfz", SAMPLES, {}, 3),
    "drums-salamander": ("salamander-trim/Salamander Drumkit Trim.sfz", {}, {}, 3),
}
HYDROGEN = "/usr/share/hydrogen/data/drumkits"
for _kit in ("BJA_Pacific", "ColomboAcousticDrumkit", "ForzeeStereo", "Millo_MultiLayered2", "rumpf_kit_z01_h2", "TR808EmulationKit"):
    SOURCES[f"drums-h2-{_kit}"] = (f"{HYDROGEN}/{_kit}/drumkit.xml", {}, {}, 3)
LEFT_OUT = {"guitar-strat": {"E2_E3_mp_1.wav", "E2_E3_mp_2.wav"}}  # a semitone flat


def pack_all(sources, out):
    """Every instrument of SOURCES that lies below the folder `sources` (Hydrogen's: where Debian puts them)."""
    out = pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    for name, (file, defines, controllers, longest) in SOURCES.items():
        path = pathlib.Path(sources, file)
        if not path.exists():
            print(f"left out: {name}: there is no {path}", file=sys.stderr)
            continue
        bank = Hydrogen(str(path)) if path.suffix == ".xml" else Sfz(str(path), defines, controllers)
        bank.ready = [r for r in bank.ready if os.path.basename(r["sample"]) not in LEFT_OUT.get(name, ())]
        zones, seconds = pack(bank, out / name, 22050, longest, 2 if name.split("-")[0] in ("bass", "guitar") else 3)
        print(f"{name}: {zones} zones, {seconds:.0f} s, {bank.missing} samples missing", flush=True)
