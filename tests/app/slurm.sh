#!/usr/bin/env bash
# `mgdm compare --submit slurm`: what it says without Slurm, how it cuts arrays and quotes names (against stand-ins for
# sbatch and scontrol), and then on a real Slurm of one node, made here: eight cells, of which one task is told that its
# time is over and another one's program is killed, and all eight are done in the end.
# Usage: slurm.sh SOURCE MGDM. 77: the part without Slurm has passed, the real one was skipped; says why.
set -euo pipefail
source=$1 mgdm=$2
work=$(mktemp -d)
pids=()
# Only what was started here, and always: a daemon that is left over would take the next test's place.
end_daemons() {
  local file pid process
  if [ -s "$work/slurm/ctld.pid" ]; then  # the tasks first, as long as somebody ends them
    timeout 20 scancel --user=root 2>/dev/null || true
    for _ in $(seq 45); do [ -z "$(timeout 5 squeue --noheader 2>/dev/null)" ] && break; sleep 1; done
  fi
  for file in "$work"/slurm/*.pid; do
    [ -s "$file" ] && pids+=("$(cat "$file")")
  done
  for process in /proc/[0-9]*; do  # what a killed daemon has left: it works in this test's folder
    case $(readlink "$process/cwd" 2>/dev/null) in "$work"/*) pids+=("${process#/proc/}") ;; esac
  done
  [ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null || true
  for pid in "${pids[@]}"; do
    for _ in $(seq 50); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    kill -KILL "$pid" 2>/dev/null || true
  done
  rm -rf "$work"
}
trap end_daemons EXIT
trap 'exit 1' INT TERM
fail() {
  echo "FAILED: $*"
  for file in "$work"/said "$work"/out*/logs/* "$work"/slurm/*.log; do
    [ -s "$file" ] && { echo "--- $file"; tail -40 "$file"; }
  done
  exit 1
}
expect() { grep -qF -- "$1" "$2" || fail "'$1' is not in $2: $(cat "$2")"; }

out="$work/out, of \"two\" words"
spec="$work/the spec.json"
write_spec() { # chains
  printf '{"base": {"problem": "%s", "sampler": "mgdm", "samples": %s}, "axes": [{"key": "seed", "values": "1..8"}]}' \
    "$source/tests/data/oracle/gm_pub_d50.json" "$1" >"$spec"
}
write_spec 20

# Without sbatch: one sentence with the line that does the same, and nothing is written.
mkdir "$work/none"
code=0
PATH=$work/none "$mgdm" compare "$spec" --out "$out" --submit slurm --shards 3 >"$work/said" 2>&1 || code=$?
[ $code -eq 2 ] || fail "exit code $code without sbatch, not 2"
expect 'there is no sbatch here' "$work/said"
expect "--shard {}/3 ::: \$(seq 3)" "$work/said"
expect "parallel $mgdm compare '$spec' --out '$out'" "$work/said"
[ ! -e "$out" ] || fail "it wrote something"

# Stand-ins: at most three tasks in an array, and the third array is refused.
mkdir "$work/bin"
cat >"$work/bin/scontrol" <<'STUB'
#!/bin/sh
echo "MaxArraySize            = 4"
STUB
cat >"$work/bin/sbatch" <<'STUB'
#!/bin/sh
[ "$1" = --version ] && exit 0
echo "$@" >>"$(dirname "$0")/calls"
[ "$4" -lt "${REFUSED_FROM:-100}" ] || { echo "sbatch: error: Job violates accounting policy" >&2; exit 1; }
echo "1$4;cluster"
STUB
chmod +x "$work/bin/scontrol" "$work/bin/sbatch"
PATH=$work/bin:$PATH "$mgdm" compare "$spec" --out "$out" --submit slurm --sbatch=--time=2:00:00 --sbatch="--comment=\"a b\"" \
  >"$work/ids" 2>"$work/said" || fail "exit code $?"
[ "$(cat "$work/ids")" = $'10\n13\n16' ] || fail "ids: $(cat "$work/ids")"
printf -- '--parsable --array=1-%s %s/submit.sh %s\n' 3 "$out" 0 3 "$out" 3 2 "$out" 6 | cmp - "$work/bin/calls" ||
  fail "sbatch was called with: $(cat "$work/bin/calls")"
script="$out/submit.sh"
bash -n "$script" || fail "the script is no script"
for line in '#SBATCH --array=1-3' '#SBATCH --requeue' '#SBATCH --signal=B:USR1@120' '#SBATCH --open-mode=append' \
  '#SBATCH --time=2:00:00' '#SBATCH --comment="a b"'; do
  grep -qxF -- "$line" "$script" || fail "'$line' is not in the script"
done
[ -x "$script" ] && [ -d "$out/logs" ] || fail "no script, or no folder for its logs"
code=0
REFUSED_FROM=6 PATH=$work/bin:$PATH "$mgdm" compare "$spec" --out "$out" --submit slurm >/dev/null 2>"$work/said" || code=$?
[ $code -eq 2 ] || fail "exit code $code after a refusal"
expect 'violates accounting policy; submitted before that: 10, 13' "$work/said"
rm -rf "$out"

skip() {
  echo "SKIPPED: the part with a real Slurm ($1)"
  exit 77
}
[ "$(id -u)" -eq 0 ] || skip "not root"
for program in munged slurmctld slurmd sbatch scontrol squeue scancel; do
  command -v $program >/dev/null || PATH=$PATH:/usr/sbin:/sbin
  command -v $program >/dev/null || skip "$program is not installed: apt-get install slurm-wlm munge"
done

# One node, on ports and with a key of this test's own, beside whatever else runs on this machine.
slurm=$work/slurm
mkdir -p "$slurm/state" "$slurm/spool"
chmod 755 "$work" "$slurm"
(umask 077 && head -c 1024 /dev/urandom >"$slurm/munge.key")
munged --force --num-threads=2 --socket="$slurm/munge.socket" --key-file="$slurm/munge.key" --pid-file="$slurm/munge.pid" \
  --log-file="$slurm/munge.log" --seed-file="$slurm/munge.seed" 2>"$work/said" || skip "munged does not start: $(tail -1 "$work/said")"
port=$((20000 + RANDOM % 20000))
host=$(hostname -s)
cat >"$slurm/slurm.conf" <<CONF
ClusterName=one
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmdPort=$((port + 1))
AuthType=auth/munge
AuthInfo=socket=$slurm/munge.socket,cred_expire=5
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=2,bf_interval=2
SlurmUser=root
SlurmdUser=root
KillWait=30
StateSaveLocation=$slurm/state
SlurmdSpoolDir=$slurm/spool
SlurmctldPidFile=$slurm/ctld.pid
SlurmdPidFile=$slurm/d.pid
SlurmctldLogFile=$slurm/ctld.log
SlurmdLogFile=$slurm/d.log
ReturnToService=2
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
export SLURM_CONF=$slurm/slurm.conf
slurmctld -i >"$work/said" 2>&1 && slurmd >>"$work/said" 2>&1 || skip "Slurm does not start here: $(tail -1 "$work/said")"
for _ in $(seq 60); do
  [ "$(sinfo --noheader --format=%T 2>/dev/null)" = idle ] && break
  sleep 1
done
[ "$(sinfo --noheader --format=%T)" = idle ] || skip "the node does not come up: $(tail -1 "$slurm/d.log")"

# Waits until the command succeeds; a run that hangs is ended by the test's time limit.
wait_for() { # seconds, words, command
  local seconds=$1 words=$2
  shift 2
  for _ in $(seq "$seconds"); do
    "$@" && return 0
    sleep 1
  done
  fail "after $seconds s: $words ($(squeue --noheader))"
}

write_spec 600
unset SLURM_JOB_ID
id=$("$mgdm" compare "$spec" --out "$out" --submit slurm --shards 4 2>"$work/said") || fail "it was not submitted: $(cat "$work/said")"
[[ $id =~ ^[0-9]+$ ]] || fail "no id: $id"
log() { echo "$out/logs/${id}_$1.log"; }
program_of() { # shard
  ps -eo pid=,args= | awk -v out="$out" -v shard="--shard $1/4 " '$2 !~ /bash|awk/ && index($0, out) && index($0 " ", shard) {print $1}'
}
runs() { [ -n "$(program_of "$1")" ]; }
# Two tasks run at once. In the first the time is over, soon after it has begun; the second's program is killed.
wait_for 60 "the first task does not run" runs 1
wait_for 60 "the second task does not run" runs 2
sleep 2
kill -KILL "$(program_of 2)" || fail "the second program has ended before it could be killed"
expected() { grep -q "ended with $1: back into the queue" "$(log "$2")" 2>/dev/null; }
# scancel itself tries again and again while Slurm begins or ends a task, until it would hit the next attempt.
time_is_over() { expected 130 1 || { timeout 2 scancel --batch --signal=USR1 "${id}_1" 2>/dev/null || true; expected 130 1; }; }
wait_for 60 "the first task is not back in the queue" time_is_over
wait_for 60 "the second task is not back in the queue" expected 137 2
# Slurm lets who comes back wait for two minutes, until the old credential is void; here that is five seconds.
in_the_queue() { [ "$(squeue --noheader --array --format='%i %T' | grep -c "^${id}_[12] PENDING")" -eq 2 ]; }
wait_for 60 "the two tasks do not wait in the queue" in_the_queue
sleep 6
# Hastening one makes Slurm look at both: the other may run before it is its turn, and then there is nothing to hasten.
hastened() { # shard
  scontrol update "JobId=${id}_$1" StartTime=now && return
  [ "$(squeue --noheader --array --format='%i %T' | grep -c "^${id}_$1 PENDING")" -eq 0 ]
}
for shard in 1 2; do wait_for 20 "task $shard cannot be hastened" hastened $shard; done
none_left() { [ -z "$(squeue --noheader)" ]; }
wait_for 600 "not all tasks end" none_left
for shard in 1 2; do
  grep -q "shard $shard, start 1" "$(log $shard)" || fail "task $shard was not begun again"
  grep -q "shard $shard, start 0" "$(log $shard)" || fail "the log of task $shard was not gone on with"
done
"$mgdm" compare "$out" --table --format csv >"$work/table.csv" || fail "no table"
[ "$(grep -c '^[1-8],.*[0-9],.$' "$work/table.csv")" -eq 8 ] || fail "not eight cells are done: $(cat "$work/table.csv")"

# Cancelled is cancelled: it does not come back.
rm -rf "$out"
id=$("$mgdm" compare "$spec" --out "$out" --submit slurm --shards 1 2>"$work/said") || fail "it was not submitted again"
program_of() { ps -eo pid=,args= | awk -v out="$out" '$2 !~ /bash|awk/ && index($0, out) && index($0, "--shard") {print $1}'; }
wait_for 60 "the task does not run" runs 1
sleep 1
scancel "$id"
wait_for 240 "the task does not end" none_left
sleep 6
none_left || fail "a cancelled task is back in the queue"
! grep -q "back into the queue" "$(log 1)" || fail "a cancelled task asked for the queue"
echo "passed, with a real Slurm $(sbatch --version)"
