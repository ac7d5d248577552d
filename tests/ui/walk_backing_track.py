#!/usr/bin/python3
"""A musician's walk with real clicks: the song without its bass out of two minutes of music, heard, slowed down, exported.

Usage: walk_backing_track.py STUDIO OUT [--language de] [--light] [--display 21] [--song FILE] [--preset quick]

Starts Xvfb and the studio with a fresh home, finds each control by the name that a screen reader says, clicks it with
xdotool, and counts. The sound device is ALSA's `file` plugin, whose pipe is emptied as fast as music is. Checked against
the device's sound: what was played with the bass muted is the exported file, and not the song; at 75 % tempo it is 1/0.75
as long, in the same key. Pictures and figures.json lie in OUT; the exit code is 1 where a figure is not as it must be.
For a person on a machine with a core to spare: separating two minutes takes minutes, with OMP_NUM_THREADS=1 where others
compute. No test depends on it.

Needs (Debian): xvfb xdotool imagemagick at-spi2-core python3-pyatspi python3-numpy python3-soundfile
"""
import argparse
import ctypes
import json
import os
import pathlib
import select
import subprocess
import sys
import threading
import time

import numpy as np
import soundfile

RATE = 44100
MOST_ACTIONS = 6
WORDS = {
    "en": {"quality": "balanced", "quick": "quick", "run": "Run", "export": "Export", "mute": "Mute Bass",
           "play": "Play"},
    "de": {"quality": "ausgewogen", "quick": "schnell", "run": "Starten", "export": "Exportieren",
           "mute": "Stumm Bass", "play": "Abspielen"},
}


class Device:
    """Takes stereo floats out of a pipe as fast as they are played, and keeps the left channel."""

    def __init__(self, folder):
        pipe = folder / "pipe"
        os.mkfifo(pipe)
        self.conf = folder / "asound.conf"
        self.conf.write_text('pcm.silence { type null }\npcm.!default { type file\n slave.pcm silence\n'
                             f' file "{pipe}"\n format raw\n}}\n')
        self.file = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
        import fcntl
        fcntl.fcntl(self.file, 1031, 4096)  # F_SETPIPE_SZ
        self.lock, self.blocks = threading.Lock(), []
        threading.Thread(target=self._empty, daemon=True).start()

    def _empty(self):
        began, taken = time.monotonic(), 0
        while True:
            time.sleep(0.004)
            due = int((time.monotonic() - began) * RATE) - taken
            taken += due
            try:
                block = os.read(self.file, 8 * due)
            except BlockingIOError:
                continue
            with self.lock:
                self.blocks.append(block)

    def clear(self):
        with self.lock:
            self.blocks = []

    def heard(self):
        with self.lock:
            data = b"".join(self.blocks)
        return np.frombuffer(data[: len(data) // 8 * 8], dtype="<f4").reshape(-1, 2)[:, 0].astype(float)


class Studio:
    """The program on a screen of its own, and somebody in front of it who counts what they do."""

    def __init__(self, binary, song, out, device, display, language, light):
        self.out, self.actions, self.words = out, 0, WORDS[language]
        home = out / "home"
        home.mkdir()
        if light:
            settings = home / ".config/mgdm-studio/mgdm-studio.conf"
            settings.parent.mkdir(parents=True)
            settings.write_text("[General]\nlight=true\n")
        self.env = os.environ | {"DISPLAY": display, "HOME": str(home), "QT_QPA_PLATFORM": "xcb", "LC_ALL": "C.UTF-8",
                                 "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1", "ALSA_CONFIG_PATH": str(device.conf)}
        self.log = open(out / "studio.log", "w")
        self.process = subprocess.Popen([binary, "--language", language, str(song)], env=self.env, stdout=self.log, stderr=self.log)
        import pyatspi  # after the bus is there
        self.pyatspi = pyatspi

    def _application(self):
        for application in self.pyatspi.Registry.getDesktop(0):
            if application is not None and application.get_process_id() == self.process.pid:
                return application
        return None

    def find(self, name, role=None, within=30):
        """The visible control of that name, or that begins so where it ends in …, which can be used."""
        until = time.monotonic() + within
        while True:
            found = self._search(self._application(), name, role)
            if found is not None:
                return found
            if time.monotonic() > until or self.process.poll() is not None:
                raise SystemExit(f"the studio shows no {role or 'control'} '{name}'")
            time.sleep(0.3)

    def _search(self, node, name, role):
        if node is None:
            return None
        try:
            states = node.getState()
            showing = states.contains(self.pyatspi.STATE_SHOWING)
            same = node.name.startswith(name[:-1]) if name.endswith("…") else node.name == name
            if (same and showing and states.contains(self.pyatspi.STATE_ENABLED)
                    and (role is None or node.getRoleName() == role)):
                return node
            for child in node if showing else []:
                found = self._search(child, name, role)
                if found is not None:
                    return found
        except Exception:  # it was closed while it was looked at
            pass
        return None

    def place(self, node):
        box = node.queryComponent().getExtents(self.pyatspi.DESKTOP_COORDS)
        return box.x + box.width // 2, box.y + box.height // 2

    def fill_screen(self):
        """There is no window manager: the window takes the place that it would have there."""
        self.find(self.words["run"], "push button")
        window = subprocess.run(["xdotool", "search", "--onlyvisible", "--pid", str(self.process.pid), "--name", "MGDM"],
                                env=self.env, check=True, capture_output=True, text=True).stdout.split()[0]
        subprocess.run(["xdotool", "windowmove", window, "0", "0", "windowsize", window, "1280", "800", "windowfocus",
                        window], env=self.env, check=True)
        time.sleep(2)

    def click(self, name, role=None, within=30):
        x, y = self.place(self.find(self.words.get(name, name), role, within))
        self._xdotool("mousemove", str(x), str(y), "click", "1")
        time.sleep(0.7)

    def key(self, *keys):
        for key in keys:
            self._xdotool("key", key)
        time.sleep(0.7)

    def _xdotool(self, *what):
        subprocess.run(["xdotool", *what], env=self.env, check=True)
        self.actions += 1

    def picture(self, name):
        subprocess.run(["import", "-window", "root", str(self.out / f"{name}.png")], env=self.env, check=True)

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()


def two_minutes(sample, file):
    sound, rate = soundfile.read(sample, always_2d=True)
    times = -(-120 * rate // len(sound))
    soundfile.write(file, np.tile(sound, (times, 1))[: 120 * rate], rate)


def left(file):
    sound, rate = soundfile.read(file, always_2d=True)
    assert rate == RATE, f"{file}: {rate} Hz"
    return sound[:, 0]


def trimmed(sound):
    loud = np.flatnonzero(np.abs(sound) > 1e-4)
    return sound[loud[0]:] if len(loud) else sound[:0]


def placed(played, whole):
    """Where in `whole` two seconds of `played` lie, and how alike they are there (correlation)."""
    piece = played[RATE // 2: RATE // 2 + 2 * RATE]
    n = 1 << int(np.ceil(np.log2(len(whole) + len(piece))))
    cross = np.fft.irfft(np.fft.rfft(whole, n) * np.conj(np.fft.rfft(piece, n)), n)[: len(whole) - len(piece)]
    power = np.cumsum(np.concatenate([[0], whole ** 2]))
    energy = np.maximum(power[len(piece):-1] - power[: -len(piece) - 1], 1e-9)[: len(cross)]
    alike = cross / np.sqrt(energy * (piece @ piece))
    at = int(alike.argmax())
    return at - RATE // 2, float(alike[at])


def envelope(sound, hop=441):
    """Onsets: how much louder it gets in each 10 ms, over bands."""
    frames = np.lib.stride_tricks.sliding_window_view(sound, 2048)[::hop] * np.hanning(2048)
    size = np.log1p(100 * np.abs(np.fft.rfft(frames, axis=1)))
    return np.maximum(np.diff(size, axis=0), 0).sum(1)


def tempo_of(played, whole, seconds):
    """The tempo at which the onsets of `played` are best those of `whole`, near its beginning."""
    mine = envelope(played[: int(seconds * RATE)])
    best = (-1.0, 0.0)
    for tempo in np.arange(0.5, 1.2, 0.0025):
        length = int(len(mine) * tempo)
        theirs = envelope(whole[: int(length * 441 + 2 * RATE)])
        stretched = np.interp(np.arange(len(mine)) * tempo, np.arange(len(theirs)), theirs)
        for shift in range(0, 40, 2):
            a, b = mine[shift:], stretched[: len(mine) - shift]
            best = max(best, (float(np.corrcoef(a, b)[0, 1]), float(tempo)))
    return best[1]


def semitones_between(played, whole):
    """How far the spectrum of `played` lies above that of `whole`."""
    grid = 110 * 2 ** (np.arange(0, 12 * 5 * 20) / 240)  # twentieths of a semitone

    def spectrum(sound):
        size = 1 << 15
        frames = np.lib.stride_tricks.sliding_window_view(sound, size)[:: size // 4] * np.hanning(size)
        mean = np.log1p(np.abs(np.fft.rfft(frames, axis=1)).mean(0))
        line = np.interp(grid, np.fft.rfftfreq(size, 1 / RATE), mean)
        return line - np.convolve(line, np.ones(41) / 41, "same")
    a, b = spectrum(played), spectrum(whole)
    shifts = range(-60, 61)
    return max(shifts, key=lambda s: float(np.roll(b, s)[80:-80] @ a[80:-80])) / 20


def walk(studio, device, out, preset):
    figures = {}
    studio.fill_screen()
    studio.picture("1_opened")
    if preset == "quick":
        studio.click("quality", "combo box")
        studio.click("quick", "list item")
    began = time.monotonic()
    studio.click("run", "push button")
    studio.find(studio.words["export"], "push button", within=3600)  # it can be used once all stems are there
    figures["seconds of separating"] = round(time.monotonic() - began, 1)
    studio.picture("2_separated")
    studio.click("mute")
    studio.key("ctrl+e")  # what is heard
    studio.picture("3_dialog")
    studio.key("Return")
    figures["actions to the backing track"] = studio.actions
    time.sleep(5)
    studio.picture("4_exported")
    files = [f for f in out.glob("* bass.*") if f.is_file()] + [f for f in out.glob("* Bass.*") if f.is_file()]
    if len(files) != 1:
        raise SystemExit(f"one file was to be exported, there are {files}")
    figures["file"] = files[0].name
    device.clear()
    studio.click("play")
    time.sleep(12)
    studio.picture("5_playing")
    studio.key("space")
    played = trimmed(device.heard())
    studio.key("Home", "t", *["comma"] * 5)
    time.sleep(1)
    device.clear()
    studio.click("play")
    time.sleep(16)
    studio.picture("6_slower")
    studio.key("space")
    return figures, files[0], played, trimmed(device.heard())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("studio")
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--language", choices=sorted(WORDS), default="en")
    parser.add_argument("--light", action="store_true", help="the light theme")
    parser.add_argument("--display", default="21")
    parser.add_argument("--song", type=pathlib.Path, help="default: the sample song, repeated to two minutes")
    parser.add_argument("--preset", choices=["quick", "balanced"], default="quick")
    o = parser.parse_args()
    if "WALK_BUS" not in os.environ:  # a bus of its own, so that no other program's windows are found
        environment = os.environ | {"WALK_BUS": "1", "DISPLAY": f":{o.display}"}
        os.execvpe("dbus-run-session", ["dbus-run-session", "--", sys.executable, *sys.argv], environment)
    out = o.out.resolve()
    out.mkdir(parents=True)
    song = out / ("song.flac" if o.song is None else o.song.name)  # the file that is exported lies beside it
    if o.song is None:
        two_minutes(pathlib.Path(__file__).parents[2] / "resources/songs/sample.ogg", song)
    else:
        song.write_bytes(o.song.read_bytes())
    device = Device(out)
    screen = subprocess.Popen(["Xvfb", f":{o.display}", "-screen", "0", "1280x800x24"], stderr=subprocess.DEVNULL)
    time.sleep(1.5)
    studio = Studio(o.studio, song, out, device, f":{o.display}", o.language, o.light)
    try:
        figures, file, played, slow = walk(studio, device, out, o.preset)
    finally:
        studio.end()
        screen.terminate()
    whole, exported = left(song), left(file)
    at, alike = placed(played, exported)
    figures |= {"played is the exported file (correlation)": round(alike, 5),
                "played is the song (correlation)": round(placed(played, whole)[1], 5),
                "level of the difference, dB": round(10 * np.log10(((whole - exported) ** 2).sum() / (whole ** 2).sum()), 2),
                "tempo": round(tempo_of(slow, exported, 12), 4),
                "semitones": semitones_between(slow[: 12 * RATE], exported[: 9 * RATE])}
    (out / "figures.json").write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures, indent=1))
    good = (figures["actions to the backing track"] <= MOST_ACTIONS and alike > 0.99
            and placed(played, whole)[1] < alike and abs(figures["tempo"] - 0.75) < 0.01
            and abs(figures["semitones"]) <= 0.1)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
