#!/usr/bin/python3
"""Writes the seeds of the fuzzers into tests/data/fuzz: small files of every kind that the readers know.

    tests/fuzz/make_seeds.py tests/data/fuzz

Needs no PyTorch: the pickles refer to its names, and that is all a reader sees of it. Songs are libsndfile's.
"""
import collections
import ctypes
import ctypes.util
import io
import json
import pathlib
import pickle
import struct
import sys
import types
import zipfile

torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
for kind in ("Float", "Half", "Long", "Int", "Byte", "Bool", "Double", "BFloat16"):
    setattr(torch, kind + "Storage", type(kind + "Storage", (), {"__module__": "torch"}))


class Storage:
    def __init__(self, kind, key, count):
        self.kind, self.key, self.count = kind, key, count


class Tensor:
    def __init__(self, storage, offset, size, stride):
        self.arguments = (storage, offset, size, stride, False, collections.OrderedDict())

    def __reduce__(self):
        return utils._rebuild_tensor_v2, self.arguments


def _rebuild_tensor_v2(*arguments):
    raise NotImplementedError


def _rebuild_parameter(*arguments):
    raise NotImplementedError


for function in (_rebuild_tensor_v2, _rebuild_parameter):
    function.__module__ = "torch._utils"
    setattr(utils, function.__name__, function)
torch._utils = utils
sys.modules.update({"torch": torch, "torch._utils": utils})


class Callback:  # any class of somebody's program
    __module__ = "somewhere.callbacks"


somewhere = types.ModuleType("somewhere.callbacks")
somewhere.Callback = Callback
sys.modules.update({"somewhere": types.ModuleType("somewhere"), "somewhere.callbacks": somewhere})


class Pickler(pickle._Pickler):
    legacy = False

    def persistent_id(self, value):
        if isinstance(value, Storage):
            entry = ("storage", getattr(torch, value.kind + "Storage"), value.key, "cuda:0", value.count)
            return entry + (None,) if self.legacy else entry
        return None


def dumped(value, protocol=2, legacy=False):
    out = io.BytesIO()
    pickler = Pickler(out, protocol)
    pickler.legacy = legacy
    pickler.dump(value)
    return out.getvalue()


def state_dict():
    shared = Storage("Float", "0", 12)
    weights = collections.OrderedDict()
    weights["a.weight"] = Tensor(shared, 0, (2, 3), (3, 1))
    weights["a.bias"] = Tensor(shared, 6, (3,), (1,))
    weights["b.weight"] = Tensor(shared, 0, (3, 2), (1, 3))
    weights["steps"] = Tensor(Storage("Long", "1", 1), 0, (), ())
    weights._metadata = collections.OrderedDict(a={"version": 1})
    return weights


def checkpoint():
    callback = Callback()
    callback.best = 0.5
    return {"epoch": 7, "state_dict": state_dict(), "callbacks": {Callback: {"mode": "min", "k": [1, 2, (3, None, True)]}}, "optimizer_states": [{"lr": 1e-4, "held": callback}],
            "large": 2 ** 70, "negative": -(2 ** 33), "bytes": b"abc", "set": {1}, "text": "ä" * 40}


def module():
    class Linear:
        __module__ = "somewhere.callbacks"
    somewhere.Linear = Linear
    Linear.__qualname__ = "Linear"
    inner, outer = Linear(), Linear()
    inner.__dict__.update(_parameters=collections.OrderedDict(weight=Tensor(Storage("Float", "0", 12), 0, (2, 2), (2, 1)), bias=None), _buffers=collections.OrderedDict(), _modules=collections.OrderedDict())
    outer.__dict__.update(_parameters=collections.OrderedDict(), _buffers=collections.OrderedDict(), _modules=collections.OrderedDict(layer=inner))
    return outer


def zipped(pickled, storages, root="archive", method=zipfile.ZIP_STORED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in [(f"{root}/data.pkl", pickled)] + [(f"{root}/data/{k}", v) for k, v in storages.items()] + [(f"{root}/version", b"3\n")]:
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, method)
    return out.getvalue()


def legacy(value, storages):
    counts = b"".join(struct.pack("<q", n) + data for n, data in storages.values())
    return dumped(0x1950A86A20F9469CFC6C) + dumped(1001) + dumped({"little_endian": True}) + dumped(value, legacy=True) + dumped(list(storages)) + counts


def safetensors(entries, data, pad=0):
    header = json.dumps(entries).encode() + b" " * pad
    return struct.pack("<Q", len(header)) + header + data


class SoundInfo(ctypes.Structure):
    _fields_ = [("frames", ctypes.c_int64)] + [(name, ctypes.c_int) for name in ("rate", "channels", "format", "sections", "seekable")]


def sounds(folder):
    """A few hundred frames in each container and coding that people have."""
    folder.mkdir(parents=True, exist_ok=True)
    library = ctypes.CDLL(ctypes.util.find_library("sndfile") or "libsndfile.so.1")
    library.sf_open.restype, library.sf_open.argtypes = ctypes.c_void_p, [ctypes.c_char_p, ctypes.c_int, ctypes.POINTER(SoundInfo)]
    library.sf_writef_float.restype = ctypes.c_int64
    library.sf_writef_float.argtypes = [ctypes.c_void_p, ctypes.POINTER(ctypes.c_float), ctypes.c_int64]
    library.sf_close.argtypes = [ctypes.c_void_p]
    kinds = {"pcm16.wav": 0x010002, "pcm24.wav": 0x010003, "float.wav": 0x010006, "adpcm.wav": 0x010012, "gsm.wav": 0x010020, "pcm16.aiff": 0x020002, "ulaw.au": 0x030010,
             "pcm16.flac": 0x170002, "pcm24.flac": 0x170003, "vorbis.ogg": 0x200060, "opus.ogg": 0x200064, "alac.caf": 0x180070, "pcm16.w64": 0x0B0002,
             "float.rf64": 0x220006, "layer3.mp3": 0x230082}
    for name, kind in kinds.items():
        channels = {"pcm16.flac": 2, "float.wav": 6}.get(name, 1)
        info = SoundInfo(0, 8000 if "gsm" in name else 48000 if "opus" in name else 22050, channels, kind, 0, 0)
        frames = 1600 if "mp3" in name else 400
        samples = (ctypes.c_float * (frames * channels))(*[((i * 37) % 101 - 50) / 80 for i in range(frames * channels)])
        file = library.sf_open(str(folder / name).encode(), 0x20, ctypes.byref(info))
        if not file:
            print(f"{name}: this libsndfile does not write it", file=sys.stderr)
            continue
        library.sf_writef_float(file, samples, frames)
        library.sf_close(file)


def main(folder):
    folder = pathlib.Path(folder)
    sounds(folder / "sound")

    def write(kind, name, data):
        (folder / kind).mkdir(parents=True, exist_ok=True)
        (folder / kind / name).write_bytes(data)

    plain = {"list": [1, 2.5, "x", None, True, (), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)], "dict": {1: {2: 3}}, "bytes": b"q" * 300, "big": 2 ** 100, "set": {1, 2}, "frozen": frozenset([3])}
    circle = []
    circle.append(circle)
    for protocol in range(6):
        write("pickle", f"plain_{protocol}", pickle.dumps(plain, protocol))
        write("pickle", f"object_{protocol}", pickle.dumps({"k": collections.OrderedDict(a=1), "c": Callback, "o": Callback()}, protocol))
    write("pickle", "circle", pickle.dumps(circle, 2))
    write("pickle", "system", b"cos\nsystem\n(S'true'\ntR.")
    floats, longs = struct.pack("<12f", *range(12)), struct.pack("<q", 5)
    write("torch_file", "state_dict.pt", zipped(dumped(state_dict()), {"0": floats, "1": longs}))
    write("torch_file", "checkpoint.ckpt", zipped(dumped(checkpoint()), {"0": floats, "1": longs}, "model"))
    write("torch_file", "module.pt", zipped(dumped(module()), {"0": floats}))
    write("torch_file", "compressed.pt", zipped(dumped(state_dict()), {"0": floats, "1": longs}, method=zipfile.ZIP_DEFLATED))
    write("torch_file", "legacy.pth", legacy(state_dict(), {"0": (12, floats), "1": (1, longs)}))
    sizes = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1, "U16": 2, "U32": 4, "U64": 8, "F8_E4M3": 1, "F8_E5M2": 1}
    at, entries = 0, {"__metadata__": {"who": "seed"}}
    for name, size in sizes.items():
        entries[name.lower()] = {"dtype": name, "shape": [2, 3], "data_offsets": [at, at + 6 * size]}
        at += 6 * size
    write("safetensors", "every_type", safetensors(entries, bytes(range(at % 256)) + bytes(at - at % 256)))
    write("safetensors", "padded", safetensors({"a": {"dtype": "F32", "shape": [], "data_offsets": [0, 4]}, "b": {"dtype": "F32", "shape": [0, 7], "data_offsets": [4, 4]}}, b"abcd", 5))
    write("safetensors", "empty", safetensors({}, b""))


if __name__ == "__main__":
    main(sys.argv[1])
