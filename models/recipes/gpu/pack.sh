#!/usr/bin/env bash
# Makes the archive that a training on another machine needs: photos as JPEG or PNG files in two tars, and the two header-only
# libraries. Nothing is decoded here, so that it stays small.
#   models/recipes/gpu/pack.sh PHOTOS ARCHIVE         PHOTOS/train and PHOTOS/val -> folder ARCHIVE
set -euo pipefail
[ $# -eq 2 ] || { sed -n '2,4s/^# //p' "$0" >&2; exit 2; }
photos=$1 archive=$2
for part in train val; do
  [ -d "$photos/$part" ] || { echo "$photos/$part: no such folder" >&2; exit 3; }
done
mkdir -p "$archive/include/nlohmann" "$archive/include/CLI"
for part in train val; do
  tar -C "$photos/$part" --sort=name --owner=0 --group=0 --mtime=@0 -cf "$archive/$part.tar" .
done
headers=${MGDM_HEADER_DIR:-/usr/include}
cp "$headers"/nlohmann/*.hpp "$archive/include/nlohmann/"
for part in "$headers"/nlohmann/*/; do cp -r "$part" "$archive/include/nlohmann/"; done
cp "$headers"/CLI/*.hpp "$archive/include/CLI/"
du -sh "$archive"
