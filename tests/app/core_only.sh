#!/usr/bin/env bash
# The build for a machine with LibTorch alone (preset core-only): it builds, its list of tasks is the studio's, it samples,
# and SIGTERM, which a cluster sends before it kills, ends it in order.
# Usage: core_only.sh SOURCE BUILD MGDM, the last being the whole build's program.
set -euo pipefail
source=$1 build=$2 whole=$3
cmake -S "$source" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DMGDM_STUDIO=OFF >"$build.log" 2>&1 || { cat "$build.log"; exit 1; }
cmake --build "$build" --target mgdm >"$build.log" 2>&1 || { tail -40 "$build.log"; exit 1; }
mgdm=$build/app/mgdm
readelf -d "$mgdm" | grep NEEDED | grep -E "Qt6|opencv|sndfile|portaudio" && { echo "it links what such a machine lacks"; exit 1; }

names() { "$1" describe | grep -A100000 '"tasks"' | grep '^      "name"'; }
diff <(names "$mgdm") <(names "$whole") || { echo "the two builds list other tasks"; exit 1; }

"$mgdm" selftest --quiet

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$mgdm" toy "$source/tests/data/oracle/gm_pub_d50.json" --chains 20000 --preset paper --quiet >"$work/said" 2>&1 &
pid=$!
sleep 3
kill -0 $pid 2>/dev/null || { cat "$work/said"; echo "it ended before it could be interrupted"; exit 1; }
kill -TERM $pid
code=0
wait $pid || code=$?
[ $code -eq 130 ] || { cat "$work/said"; echo "exit code $code after SIGTERM, not 130"; exit 1; }

# Inputs that were packed where OpenCV is: the same cells, the same samples.
cat >"$work/spec.json" <<EOF
{"base": {"photo": "$source/resources/photos/sample.jpg", "task": "denoising", "square": 64, "sampler": "ddrm", "preset": "", "steps": 5},
 "axes": [{"key": "seed", "values": "1..3"}]}
EOF
"$whole" compare "$work/spec.json" --pack "$work/packed" --quiet
"$mgdm" compare "$work/packed" --out "$work/there" --precision float32 --quiet
"$whole" compare "$work/packed" --out "$work/here" --precision float32 --quiet
"$mgdm" compare "$work/there" --table --format csv --figures psnr,ssim,gmsd,evaluations >"$work/there.csv"
"$whole" compare "$work/here" --table --format csv --figures psnr,ssim,gmsd,evaluations >"$work/here.csv"
diff "$work/there.csv" "$work/here.csv" || { echo "packed inputs give other figures there"; exit 1; }
[ "$(wc -l <"$work/there.csv")" -eq 4 ] || { cat "$work/there.csv"; echo "not three cells"; exit 1; }
code=0
"$mgdm" compare "$work/spec.json" --out "$work/none" >"$work/said" 2>&1 || code=$?
[ $code -eq 2 ] && grep -q "reads no photos" "$work/said" || { cat "$work/said"; echo "photos are not refused in words"; exit 1; }
