#!/usr/bin/python3
"""Makes the training songs of the audio prior `band`: bass, drums, guitar and piano as separate stems.

    band_data.py compose --out PARTS [--chords FILE --grooves DIR]   # notes: PARTS/NAME.json
    band_data.py banks --sources DIR --out BANKS                     # packs recorded instruments
    band_data.py soundfonts --out BANKS                              # samples General MIDI soundfonts into banks, too
    band_data.py render PARTS --banks BANKS --out SONGS              # sound: SONGS/train/NAME.safetensors, ...

music/README.md says where everything comes from. Songs are split by MMA style file, by game, by song and by drummer: `train`, `val`
(seen timbres, unseen music) and `test` (the same, for the figures in the card). `test` songs are rendered a second time as `unseen`
with banks that no training song uses. A song is an int16 tensor `stems` [4, L] at 22,050 Hz, in the order bass, drums, guitar,
piano; full scale is 32768. The same seed gives the same songs.
"""
import argparse
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    p = commands.add_parser("compose", help="write the notes")
    p.add_argument("--out", required=True)
    p.add_argument("--songs", type=int, default=1100, help="MMA songs over random charts")
    p.add_argument("--real", type=int, default=0, help="songs over real chords with a human drummer")
    p.add_argument("--chords", help="JSON of real songs' chords, a list of bars each")
    p.add_argument("--grooves", help="folder of the Groove MIDI Dataset")
    p = commands.add_parser("banks", help="pack recorded instruments (SFZ, Hydrogen)")
    p.add_argument("--sources", required=True, help="folder of what was fetched")
    p.add_argument("--out", required=True)
    p = commands.add_parser("soundfonts", help="sample the soundfonts")
    p.add_argument("--out", required=True)
    p.add_argument("--fonts", help="folder of the soundfonts, if not Debian's")
    p = commands.add_parser("render", help="play the notes")
    p.add_argument("parts")
    p.add_argument("--banks", required=True)
    p.add_argument("--out", required=True)
    p.add_argument("--split", default="train,val,test,unseen")
    p.add_argument("--limit", type=int, default=0, help="songs of each split")
    p.add_argument("--passes", type=int, default=1, help="times each training song is rendered, with other voices and keys")
    p.add_argument("--hours", type=float, default=0, help="of music that are enough; a disk takes 0.64 GB an hour")
    for p in commands.choices.values():
        p.add_argument("--seed", type=int, default=1)
        p.add_argument("--jobs", type=int, default=os.cpu_count())
    a = parser.parse_args()
    if a.command == "compose":
        from music import composing
        if a.real and not (a.chords and a.grooves):
            parser.error("--real needs --chords and --grooves")
        composing.compose(a.out, a.songs, a.real, a.chords, a.grooves, a.seed, a.jobs)
    elif a.command == "banks":
        from music import sampled
        sampled.pack_all(a.sources, a.out)
    elif a.command == "soundfonts":
        from music import soundfonts
        soundfonts.sample_all(a.out, a.fonts, a.jobs)
    else:
        from music import rendering
        rendering.render(a.parts, a.banks, a.out, a.split.split(","), a.limit, a.passes, a.hours, a.seed, a.jobs)


if __name__ == "__main__":
    main()
