#!/usr/bin/env bash
# Builds the trainer on a machine that has LibTorch 2.x (PyTorch's own is found), CMake, ninja and, for its GPU, nvcc; prepares the
# photos of an archive made by pack.sh, or renders its songs on the cores that are free, before and while it trains; trains; leaves in
# OUT the weights in float16 in pieces of under 16 MB (`cat model.part* > model.safetensors`), the loss curve, samples and a log. It
# ends within LIMIT seconds, whatever happens.
#   models/recipes/gpu/train.sh RECIPE.json ARCHIVE OUT LIMIT [options of mgdm-train...]
# A recipe on latents also takes --autoencoder FILE, from another training or a latent prior (put into ARCHIVE).
# A training that stands in build/gpu/training is gone on with; to start another from weights that came home, add --init FILE.
# MEASURE=N: measures N steps of each recipe in models/recipes/*.json first. SONGS=N: training begins with so many (100).
set -uo pipefail
[ $# -ge 4 ] || { sed -n '2,9s/^# //p' "$0" >&2; exit 2; }
recipe=$1 archive=$(realpath "$2") out=$3 limit=$4
shift 4
begun=$(date +%s)
elapsed() { echo $(($(date +%s) - begun)); }
say() { echo "[$(elapsed) s] $*"; }
cd "$(dirname "$0")/../../.."
mkdir -p "$out" build/gpu
out=$(realpath "$out")

device=cpu
nvidia-smi -L 2>/dev/null && device=cuda
say "device $device, $(nproc) cores"
if [ -d "$archive/banks" ]; then
  data=build/gpu/songs/train validation=build/gpu/songs/val
  mkdir -p build/gpu/parts
  [ -n "$(ls build/gpu/parts)" ] || tar -xJf "$archive/parts.tar.xz" -C build/gpu/parts
  render() {
    LD_LIBRARY_PATH="$archive/lib" nice -n 19 python3 models/recipes/band_data.py render build/gpu/parts --banks "$archive/banks" \
      --out build/gpu/songs "$@"
  }
  # Of the songs that are validated on a few, first; the trainer picks the others up as they come. As many hours as the recipe has room
  # for: more would only fill the disk.
  hours=$(sed -n 's/.*"hours": *\([0-9.]*\).*/\1/p' "$recipe")
  (render --split val --limit 24 --jobs "$(nproc)" &&
    render --split train --passes 6 --hours "${hours:-20}" --jobs $(($(nproc) > 2 ? $(nproc) - 2 : 1))) >build/gpu/songs.log 2>&1 &
  preparing=$!
  trap 'pkill -f "band_data.py render build/gpu/parts"' EXIT
else
  data=build/gpu/train.safetensors validation=build/gpu/val.safetensors
  (for part in train val; do
    [ -f build/gpu/$part.safetensors ] || python3 models/recipes/gpu/unpack_photos.py "$archive/$part.tar" build/gpu/$part.safetensors
  done) &
  preparing=$!
fi
prepared() {
  if [ -d "$archive/banks" ]; then
    [ "$(find $data -name '*.safetensors' 2>/dev/null | wc -l)" -ge "${SONGS:-100}" ]
  else
    ! kill -0 $preparing 2>/dev/null
  fi
}
torch=$(python3 -c 'import torch; print(torch.utils.cmake_prefix_path)' 2>/dev/null)
cmake -S . -B build/gpu -G Ninja -DCMAKE_BUILD_TYPE=Release -DMGDM_STUDIO=OFF -DMGDM_HEADER_DIR="$archive/include" \
  ${torch:+-DCMAKE_PREFIX_PATH="$torch"} >build/gpu/configure.log 2>&1 || { tail -40 build/gpu/configure.log; exit 1; }
cmake --build build/gpu --target mgdm-train >build/gpu/build.log 2>&1 || { grep -A6 -E 'error|FAILED' build/gpu/build.log | head -80; exit 1; }
until prepared || ! kill -0 $preparing 2>/dev/null; do sleep 1; done
for made in $data $validation; do
  [ -s $made ] || { tail -n 20 build/gpu/songs.log 2>/dev/null; exit 1; }
done
say "built"
trainer=build/gpu/app/mgdm-train

if [ -n "${MEASURE:-}" ]; then
  for other in $recipe ${MEASURE_ALSO:-}; do
    echo "== $other"
    timeout $((limit / 3)) $trainer --recipe "$other" --device $device --measure "$MEASURE"
  done 2>&1 | tee "$out/speed.txt"
  say "measured"
fi

# What remains but for the way home is the training's.
left=$((limit - $(elapsed) - ${RESERVE:-12}))
if [ "$left" -ge 10 ]; then
  spent=$(tail -n 1 build/gpu/training/loss.csv 2>/dev/null | awk -F, '{print ($2 + 0) * 60}')
  minutes=$(awk -v l="$left" -v s="${spent:-0}" 'BEGIN { printf "%.3f", (l - 12 + s) / 60 }')
  say "training for $left s ($minutes minutes in all)"
  # Asked to end, it validates and saves; where it takes too long over that, what it saved last comes home.
  timeout -s TERM -k "$((${RESERVE:-12} - 4))" "$left" $trainer --recipe "$recipe" --data $data --validation $validation \
    --out build/gpu/training --device $device --set minutes="$minutes" "$@" >"$out/log.txt" 2>&1
  tail -n 12 "$out/log.txt"
  [ -s build/gpu/training/model.safetensors ] && split -b 15M -d build/gpu/training/model.safetensors "$out/model.part"
  cp build/gpu/training/loss.csv build/gpu/training/*.ppm build/gpu/training/*.png "$out" 2>/dev/null
fi
tail -n 2 build/gpu/songs.log 2>/dev/null
say "done"
