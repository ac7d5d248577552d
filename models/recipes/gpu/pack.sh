#!/usr/bin/env bash
# Makes the archive that a training on another machine needs, and nothing is decoded here, so that it stays small: photos as JPEG or
# PNG files in two tars, or songs as notes and the banks of training's instruments; and the header-only libraries.
#   models/recipes/gpu/pack.sh PHOTOS ARCHIVE         PHOTOS/train and PHOTOS/val -> folder ARCHIVE
#   models/recipes/gpu/pack.sh PARTS BANKS ARCHIVE    what `band_data.py compose` and `soundfonts` wrote, recorded banks among them
set -euo pipefail
[ $# -eq 2 ] || [ $# -eq 3 ] || { sed -n '2,5s/^# //p' "$0" >&2; exit 2; }
archive=${*: -1}
mkdir -p "$archive/include/nlohmann" "$archive/include/CLI"
if [ $# -eq 2 ]; then
  photos=$1
  for part in train val; do
    [ -d "$photos/$part" ] || { echo "$photos/$part: no such folder" >&2; exit 3; }
  done
  for part in train val; do
    tar -C "$photos/$part" --sort=name --owner=0 --group=0 --mtime=@0 -cf "$archive/$part.tar" .
  done
else
  parts=$1 banks=$2
  mkdir -p "$archive/banks" "$archive/lib"
  # Test songs and the banks that are kept out of training stay here.
  (cd "$parts" && grep -LE '"split":"test"' -- *.json) |
    tar -C "$parts" --sort=name --owner=0 --group=0 --mtime=@0 -T - -c | xz -9 >"$archive/parts.tar.xz"
  here=$(dirname "$0")/..
  for name in $(cd "$here" && /usr/bin/python3 -c 'from music import rendering; print(*[v[0] for s in rendering.VOICES.values() for v in s])'); do
    cp "$banks/$name".* "$archive/banks/"
  done
  cp "$banks"/*-sf-* "$archive/banks/"
  sndfile=$(ldconfig -p | sed -n 's/.*=> \(.*libsndfile\.so\.1\)$/\1/p' | head -1)
  cp -L "$sndfile" $(ldd "$sndfile" | sed -n 's/.*=> \([^ ]*\(FLAC\|vorbis\|opus\|ogg\|mpg123\|mp3lame\)[^ ]*\).*/\1/p') "$archive/lib/"
fi
headers=${MGDM_HEADER_DIR:-/usr/include}
cp "$headers"/nlohmann/*.hpp "$archive/include/nlohmann/"
for part in "$headers"/nlohmann/*/; do cp -r "$part" "$archive/include/nlohmann/"; done
cp "$headers"/CLI/*.hpp "$archive/include/CLI/"
du -sh "$archive"
