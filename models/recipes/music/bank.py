"""Banks of sampled instruments: a sound file with all notes one after the other, and a JSON file of zones.

NAME.ogg (or .flac, .wav): mono, 16 bit.   NAME.json:
    rate      of the sound file, Hz
    samples   [[begin, frames, full scale, [loop begin, loop end] or null], ...]
    zones     [{...}, ...], each with
        sample            index into samples
        lo, hi, center    keys it answers to, and the key at which the sample sounds as it is (MIDI numbers)
        lv, hv            velocities, 0 to 127;  lr, hr: share of the chances (round robins), 0 to 1
        sl, sp            length of a fixed round robin and the place in it, from 1
        gain, curve, veltrack   amplitude; [[velocity, gain], ...] (empty: squared); how much of the curve counts
        env               seconds of delay, attack, hold, decay; sustain in percent; seconds of release
        cents, keytrack   tuning; cents a key
        mode              "", "one_shot", "no_loop", "loop_continuous", "loop_sustain" (as in SFZ)
        release           sounds when the key is let go
        group, off_by, off_mode   a new note of the group ends what is off by it (hi-hats)
        offset, offset_random, delay, rt_decay, cutoff, fil_type, fil_veltrack, fil_keytrack, fil_keycenter   as in SFZ

Sound files are read by libsndfile through ctypes, for a machine that trains may have the library and no binding.
"""
import collections
import ctypes
import ctypes.util
import json
import pathlib

import numpy as np


class _Info(ctypes.Structure):
    _fields_ = [("frames", ctypes.c_int64), ("rate", ctypes.c_int), ("channels", ctypes.c_int), ("format", ctypes.c_int),
                ("sections", ctypes.c_int), ("seekable", ctypes.c_int)]


def _library():
    if not hasattr(_library, "found"):
        found = ctypes.CDLL(ctypes.util.find_library("sndfile") or "libsndfile.so.1")
        found.sf_open.restype = ctypes.c_void_p
        found.sf_open.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.POINTER(_Info)]
        found.sf_command.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_int]
        for name in ("sf_readf_short", "sf_readf_float", "sf_writef_short"):
            function = getattr(found, name)
            function.restype = ctypes.c_int64
            function.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64]
        found.sf_close.argtypes = [ctypes.c_void_p]
        _library.found = found
    return _library.found


def read_sound(file, kind=np.int16):
    """-> samples [frames, channels] as int16 or float32, rate"""
    info = _Info()
    handle = _library().sf_open(str(file).encode(), 0x10, ctypes.byref(info))
    if not handle:
        raise OSError(f"{file}: cannot be read as sound")
    try:
        samples = np.empty((info.frames, info.channels), kind)
        read = _library().sf_readf_short if kind == np.int16 else _library().sf_readf_float
        count = read(handle, samples.ctypes.data, info.frames)
    finally:
        _library().sf_close(handle)
    return samples[:count], info.rate


def write_ogg(file, samples, rate, quality):
    """int16 [frames] -> Ogg Vorbis, quality 0 to 1."""
    info = _Info(0, rate, 1, 0x200000 | 0x0060, 0, 0)
    handle = _library().sf_open(str(file).encode(), 0x20, ctypes.byref(info))
    if not handle:
        raise OSError(f"{file}: cannot be written")
    level = ctypes.c_double(quality)
    _library().sf_command(handle, 0x1300, ctypes.byref(level), 8)  # SFC_SET_VBR_ENCODING_QUALITY
    for part in np.array_split(np.ascontiguousarray(samples, np.int16), max(1, len(samples) // 65536)):  # its stack is small
        _library().sf_writef_short(handle, part.ctypes.data, len(part))
    _library().sf_close(handle)


def sound_of(json_file):
    for suffix in (".ogg", ".flac", ".wav"):
        if json_file.with_suffix(suffix).exists():
            return json_file.with_suffix(suffix)
    raise OSError(f"{json_file}: no sound file beside it")


def unpack(json_file, target):
    """Decodes a bank's sound into a .npy file that many players can share."""
    np.save(target, read_sound(sound_of(pathlib.Path(json_file)))[0][:, 0])


class Bank:
    def __init__(self, json_file, unpacked=None):
        """`unpacked`: what unpack() wrote, which is mapped, not read. Raises OSError for what cannot be read."""
        json_file = pathlib.Path(json_file)
        info = json.loads(json_file.read_text())
        self.pcm = np.load(unpacked, mmap_mode="r") if unpacked else read_sound(sound_of(json_file))[0][:, 0]
        self.rate, self.samples, self.zones = info["rate"], info["samples"], info["zones"]
        self.by_key = collections.defaultdict(list)
        for zone in self.zones:
            for key in range(max(zone["lo"], 0), min(zone["hi"], 127) + 1):
                self.by_key[key].append(zone)

    def sample(self, index):
        """-> float32 [frames], loop in frames or None"""
        begin, frames, scale, loop = self.samples[index]
        return self.pcm[begin:begin + frames].astype(np.float32) * np.float32(scale), loop
