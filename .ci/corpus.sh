#!/usr/bin/env bash
# Corpora under the schedulers that snmf writes scripts for, both ended in the middle of the work: GNU parallel on this
# machine, and Slurm on three virtual nodes of it. Then one W for all sounds, and the bytes that it saves.
# usage: corpus.sh PROGRAM
# Needs root, for munge and Slurm, and the Debian packages parallel, slurmctld, slurmd, slurm-client,
# slurm-wlm-basic-plugins, munge and asterisk-core-sounds-en-wav, whose prompts are the sounds. Takes one to three minutes.
set -euo pipefail
snmf=$(realpath "$1")
fail() { echo "corpus.sh: $*" >&2; exit 1; }
[ "$(id -u)" = 0 ] || fail "expected root, for munge and Slurm"
for program in parallel munged slurmctld slurmd sbatch; do
    command -v $program >/dev/null || fail "$program is not installed"
done
work=$(mktemp -d)
chmod 755 "$work"
# The scripts call snmf by its name.
mkdir "$work/bin"
ln -s "$snmf" "$work/bin/snmf"
export PATH=$work/bin:$PATH

# What was started here, and nothing else: its command line names the folder, or it works in it.
ours() {
    pgrep -f "$work" || true
    for step in $(pgrep slurmstepd); do
        case $(readlink "/proc/$step/cwd") in "$work"/*) echo "$step" ;; esac
    done
}
stop() {
    cat "$work"/run/*.pid "$work"/run/munge/munged.pid 2>/dev/null | xargs -r kill 2>/dev/null || true
    for _ in $(seq 30); do [ -n "$(ours)" ] || break; sleep 0.1; done
    ours | xargs -r kill -9 2>/dev/null || true
    rm -rf "$work"
}
trap stop EXIT
cd "$work"

prompts() { dpkg -L asterisk-core-sounds-en-wav | grep '\.wav$' | xargs stat -c '%s %n' | awk '$1 > 30000 && $1 < 120000 {print $2}' | sort; }
mkdir few many
prompts | awk 'NR % 9 == 1 && ++n <= 20' | xargs cp -t few
prompts | awk 'NR % 3 == 1 && ++n <= 48' | xargs cp -t many
[ "$(ls few many | grep -c wav)" = 68 ] || fail "expected 68 prompts in asterisk-core-sounds-en-wav"
echo "not a sound" >few/corrupt.wav
grid="--method cnmf --method snmf-rd -r 20 -t 5 --fft 512 --hop 256 --grid seed=0-1"

# Every record, and the file that it is: one that is written again is another file.
records() { find "$1/done" -name '*.json' -printf '%f %i\n' 2>/dev/null | sort; }
# The records of before are still the same files.
kept() { [ -z "$(comm -23 <(echo "$2") <(records "$1"))" ] || fail "$1: an item was done again"; }
# 80 items of 20 sounds are done, 4 of the corrupt one have failed, and all stand in the table.
complete() {
    code=0
    said=$(snmf corpus status "$1" --clean) || code=$?
    [ "$code" = 3 ] && [[ $said = "84 items: 80 done, 4 failed, 0 open"* ]] || fail "$1: $code $said"
    snmf corpus table "$1" --out "$1.csv"
    [ "$(grep -c ',done,' "$1.csv")" = 80 ] && [ "$(grep -c 'corrupt.wav,failed,' "$1.csv")" = 4 ] || fail "$1: the table"
    [ "$(find "$1/done" "$1/streams" -type f | wc -l)" = 160 ] || fail "$1: expected a record and a stream an item"
}
# Waits until so many records are there.
until_done() {
    for _ in $(seq 600); do [ "$(records "$1" | wc -l)" -ge "$2" ] && return; sleep 0.1; done
    fail "$1: expected $2 items within a minute, got $(records "$1" | wc -l)"
}

# GNU parallel, killed with its workers, then alone, which leaves them as orphans that go on beside the next ones.
snmf corpus plan few --out by-parallel $grid -i 300 >/dev/null
snmf corpus script by-parallel --engine parallel --shards 8 >by-parallel.sh
setsid sh by-parallel.sh 2>/dev/null & group=$!
disown
until_done by-parallel 10
kill -9 -- -$group
before=$(records by-parallel)
killed=$(echo "$before" | wc -l)
setsid sh by-parallel.sh 2>/dev/null & group=$!
disown
until_done by-parallel $((killed + 10))
kept by-parallel "$before"
pgrep -g $group -f 'parallel --joblog' | xargs kill -9
before=$(records by-parallel)
orphans=$(pgrep -cf "^snmf corpus work $work/by-parallel")
[ "$orphans" -ge 1 ] || fail "parallel left no orphans"
sh by-parallel.sh 2>resumed.txt || fail "parallel, resumed, ends with $?: $(cat resumed.txt)"
kept by-parallel "$before"
complete by-parallel
echo "parallel: killed after $killed items, then over $orphans orphans after $(echo "$before" | wc -l) of 80; none lost, none written twice"

# Slurm: three nodes on this machine, each with a daemon and a port of its own.
host=$(hostname -s)
export SLURM_CONF=$work/slurm.conf
mkdir -p ctl log run
install -d -o munge -g munge -m 755 run/munge
dd if=/dev/urandom of=munge.key bs=1024 count=1 status=none
chmod 400 munge.key
chown munge: munge.key
setpriv --reuid=munge --regid=munge --init-groups munged --force --key-file="$work/munge.key" \
    --socket="$work/run/munge/munge.socket" --pid-file="$work/run/munge/munged.pid" \
    --log-file="$work/run/munge/munged.log" --seed-file="$work/run/munge/seed" 2>/dev/null
cat >slurm.conf <<CONF
ClusterName=virtual
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$work/run/munge/munge.socket
CredType=cred/munge
SlurmctldPort=16827
SlurmctldPidFile=$work/run/slurmctld.pid
SlurmdPidFile=$work/run/slurmd.%n.pid
StateSaveLocation=$work/ctl
SlurmdSpoolDir=$work/spool/%n
SlurmctldLogFile=$work/log/slurmctld.log
SlurmdLogFile=$work/log/slurmd.%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_min_interval=0,sched_interval=2,bf_interval=2,batch_sched_delay=1
MpiDefault=none
SwitchType=switch/none
ReturnToService=2
SlurmdTimeout=10
SlurmctldTimeout=10
JobRequeue=1
SlurmdParameters=config_overrides
NodeName=n[1-3] NodeHostname=$host NodeAddr=127.0.0.1 Port=[17011-17013] CPUs=1 RealMemory=8000 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=600 State=UP
CONF
slurmctld -f "$SLURM_CONF" -c
for node in n1 n2 n3; do
    mkdir -p "spool/$node"
    slurmd -N $node -f "$SLURM_CONF"
done
for _ in $(seq 60); do [ "$(sinfo -h -t idle -o %D 2>/dev/null)" = 3 ] && break; sleep 0.5; done
[ "$(sinfo -h -t idle -o %D)" = 3 ] || fail "no three nodes: $(tail -n 5 log/*)"

snmf corpus plan few --out by-slurm $grid -i 300 >/dev/null
snmf corpus script by-slurm --engine slurm --shards 6 >by-slurm.sh
job=$(sbatch --parsable --output="$work/log/%a.txt" by-slurm.sh)
until_done by-slurm 10
# A node dies with all that runs on it: its daemon, the step of each of its jobs, and the worker in it.
on_node=
for worker in $(pgrep -f "corpus work $work/by-slurm"); do
    if grep -qz '^SLURMD_NODENAME=n1$' "/proc/$worker/environ" 2>/dev/null; then
        on_node="$on_node $worker $(ps -o ppid= -p "$worker")"
    fi
done
[ -n "$on_node" ] || fail "nothing ran on n1"
kill -9 "$(cat run/slurmd.n1.pid)" $on_node
before=$(records by-slurm)
killed=$(echo "$before" | wc -l)
for _ in $(seq 150); do
    [ -n "$(squeue -h -j "$job" 2>/dev/null)" ] || break
    sleep 1
    # What is put back into the queue waits two minutes, if nobody says otherwise.
    for waiting in $(squeue -h -t PD -o '%i %r' | awk '$2 == "BeginTime" {print $1}'); do
        scontrol update JobId="$waiting" StartTime=now 2>/dev/null || true
    done
done
[ -z "$(squeue -h -j "$job" 2>/dev/null)" ] || fail "jobs are left: $(squeue)"
grep -q "requeue.*n1\|n1.*requeue\|node_fail" -i log/slurmctld.log || fail "Slurm has not seen the node die"
kept by-slurm "$before"
complete by-slurm
echo "slurm: a node of three killed after $killed of 80 items; none lost, none written twice"

# One W for all of 48 prompts: at equal SNR its streams and itself take fewer bytes than streams with W each.
analysis="--fft 512 --hop 256"
snmf corpus plan many --out own $analysis --encoding context --method ptq-adaptive -t 5 --grid r=2,4,8,16 >/dev/null
snmf corpus work own 2>/dev/null
snmf corpus table own --out own.csv
for rules in "" --plain; do
    snmf learn many $analysis -t 5 -r 40 -i 30 $rules --json --out passes$rules.snmf.gz >passes$rules.json 2>/dev/null
done
for r in 20 40; do
    snmf learn many $analysis -t 5 -r $r -i 40 --levels 128 --out w$r.snmf.gz >/dev/null 2>&1
    snmf corpus plan many --out shared$r $analysis --encoding context --method ptq-adaptive --fixed-w w$r.snmf.gz >/dev/null
    snmf corpus work shared$r 2>/dev/null
    snmf corpus table shared$r --out shared$r.csv
done
python3 - <<'PY'
import csv, json, os

def point(rows):
    rows = list(rows)
    assert len(rows) == 48, len(rows)
    return sum(float(r["snr_db"]) for r in rows) / 48, sum(int(r["file_bytes"]) for r in rows)

plain, raised = (json.load(open("passes%s.json" % rules))["d"] for rules in ("--plain", ""))
passes = next(i + 1 for i, d in enumerate(raised) if d <= plain[-1])
print("one W: %d passes to the D of 30 plain ones, %.0f" % (passes, plain[-1]))
assert passes <= 20, passes

rows = lambda path: list(csv.DictReader(open(path)))
own = rows("own.csv")
own = sorted(point(r for r in own if r["components"] == str(k)) for k in (2, 4, 8, 16))
for components in (20, 40):
    snr, activations = point(rows("shared%d.csv" % components))
    bases = os.path.getsize("w%d.snmf.gz" % components)
    (s0, b0), (s1, b1) = next(two for two in zip(own, own[1:]) if two[0][0] <= snr <= two[1][0])
    each = b0 * (b1 / b0) ** ((snr - s0) / (s1 - s0))
    ratio = each / (bases + activations)
    print("48 streams at %.1f dB: with W each %.0f B, one W of R %d (%d B) and activations %d B: %.2f times smaller"
          % (snr, each, components, bases, bases + activations, ratio))
    assert ratio >= 1.3, ratio
PY
echo "corpus: ok ($SECONDS s)"
