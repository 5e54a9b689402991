#!/usr/bin/env bash
# Kills at random instants, and at each call of the system that writes: the old file or the new one stands there, whole,
# and nothing is left once the program has been started again. usage: kills.sh PROGRAM [KILLS] [OPTIONS OF cargo test]
# Random delays have a fixed seed. Sessions are written by the test of tests/engine/recovery.rs, which counts its own.
set -euo pipefail
snmf=$(realpath "$1")
kills=${2:-100}
shift; shift || true
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
TMPDIR=$work SNMF=$snmf KILLS=$kills python3 - <<'PY'
import glob, hashlib, json, os, random, subprocess, time, zipfile

snmf, kills, work = os.environ["SNMF"], int(os.environ["KILLS"]), os.environ["TMPDIR"]
os.chdir(work)
quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
run = [snmf, "run", "demo:noise-burst", "-r", "4", "-t", "2", "--method", "cnmf"]
for seed in "01":
    subprocess.run(run + ["-i", "1", "--seed", seed, "--out", "streams"], check=True, **quiet)
streams = ["streams/demo-noise-burst__cnmf_R4_T2_s%s.snmf.gz" % seed for seed in "01"]

def folder(path):
    """The seed of an export, every file of which is what its manifest says."""
    manifest = json.load(open(path + "/manifest.json"))
    for file in manifest["files"]:
        data = open(path + "/" + file["name"], "rb").read()
        if hashlib.sha256(data).hexdigest() != file["sha256"]:
            return None
    return manifest["runs"][0]["seed"]

def archive(path):
    with zipfile.ZipFile(path) as files:
        return None if files.testzip() else json.loads(files.read("manifest.json"))["runs"][0]["seed"]

def bytes_of(path):
    return hashlib.sha256(open(path, "rb").read()).hexdigest()

jobs = {
    "--out": ("x.npz", bytes_of, lambda i: [snmf, "decode", streams[i], "--out", "x.npz", "--force"]),
    "--export DIR": ("d", folder, lambda i: run + ["-i", "1", "--seed", str(i), "--export", "d", "--force"]),
    "--export X.zip": ("x.zip", archive, lambda i: run + ["-i", "1", "--seed", str(i), "--export", "x.zip", "--force"]),
    "figure": ("x.pdf", bytes_of, lambda i: [snmf, "figure", streams[i], "--out", "x.pdf", "--force"]),
}
def synced(trace):
    """How many files and folders were synced before the last of them got its name."""
    before, _, _ = open(trace).read().rpartition("rename")
    return before.count("fsync(") + before.count("fdatasync(")

left = lambda: glob.glob(".snmf-*.part") + glob.glob("streams/.snmf-*.part")
chance = random.Random(1)
can_trace = subprocess.run(["strace", "-o", "/dev/null", "true"], **quiet).returncode == 0
total = dict(killed=0, torn=0, missing=0, left=0)
for name, (path, state, command) in jobs.items():
    states, took = [], 0
    for i in (0, 1):
        begun = time.time()
        subprocess.run(command(i), check=True, **quiet)
        took = max(took, time.time() - begun)
        states.append(state(path))
    assert states[0] != states[1] and None not in states, states
    count = dict(killed=0, torn=0, missing=0, left=0, found=0)

    def look(code):
        count["killed"] += code != 0
        count["found"] += len(left()) > 0
        try:
            count["torn"] += state(path) not in states
        except FileNotFoundError:
            count["missing" if not os.path.exists(path) else "torn"] += 1
        except Exception:
            count["torn"] += 1

    for k in range(kills):
        process = subprocess.Popen(command(k % 2), **quiet)
        time.sleep(chance.uniform(0, 1.1 * took))
        process.kill()
        look(process.wait())
    injected = 0
    for call in ["openat", "write", "fsync", "mkdir", "rename", "renameat2", "unlink", "rmdir"] if can_trace else []:
        # From behind: the last calls are those of the file.
        traced = ["strace", "-f", "-qq", "-o", "trace", "-e", "trace=" + call]
        subprocess.run(traced + command(0), **quiet)
        calls = sum(" " + call + "(" in line or line.startswith(call + "(") for line in open("trace"))
        for when in range(max(1, calls - 5), calls + 1):
            traced = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + call]
            inject = ["-e", "inject=%s:signal=KILL:when=%d" % (call, when)]
            look(subprocess.run(traced + inject + command(when % 2), **quiet).returncode)
            injected += 1
    if can_trace and name == "--export DIR":
        # A system that cannot exchange two folders: whatever is missing comes back with the next start.
        for when in (1, 2, 3):
            traced = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=rename,renameat2"]
            inject = ["-e", "inject=renameat2:error=EINVAL", "-e", "inject=rename:signal=KILL:when=%d" % when]
            subprocess.run(traced + inject + command(when % 2), **quiet)
            without = command(when % 2)[:-1]
            assert subprocess.run(without, **quiet).returncode == 1, "the old folder is back, and in the way"
            look(1)
            injected += 1
    subprocess.run(command(0), check=True, **quiet)
    count["left"] = len(left())
    if can_trace and name == "--export DIR":
        traced = ["strace", "-f", "-qq", "-o", "trace", "-e", "trace=fsync,fdatasync,rename,renameat2"]
        subprocess.run(traced + command(1), check=True, **quiet)
        files = sum(len(files) for _, _, files in os.walk(path))
        assert synced("trace") > files > 3, "an export is synced before it has its name"
    print("%s: %d kills at random, %d by injection, %d before the end; %d times something lay beside it; "
          "%d torn, %d missing, %d left after the next start"
          % (name, kills, injected, count["killed"], count["found"], count["torn"], count["missing"], count["left"]))
    for key in total:
        total[key] += count[key]
print("in all: %(killed)d killed before their end, %(torn)d torn, %(missing)d missing, %(left)d left" % total)
assert not (total["torn"] or total["missing"] or total["left"]), total
assert total["killed"] > kills, "kills fall before the end"
if not can_trace:
    print("no strace here, or it may not trace: nothing was injected")
PY
# A file system that is full: a message, and nothing left.
if mkdir "$work/full" && mount -t tmpfs -o size=64k tmpfs "$work/full" 2>/dev/null; then
    trap 'umount "$work/full"; rm -rf "$work"' EXIT
    cd "$work"
    # All but a page.
    dd if=/dev/zero of=full/taken bs=4096 count=15 2>/dev/null
    stream=$(echo streams/*_s0.snmf.gz)
    run="run demo:noise-burst -r 4 -t 2 -i 1 --method cnmf"
    for job in "decode $stream --out full/x.npz" "figure $stream --out full/x.pdf" "$run --out full" \
        "$run --export full/d" "$run --export full/x.zip"; do
        code=0
        told=$("$snmf" $job 2>&1) || code=$?
        [[ $code = 1 && $told = *"No space left"* ]] || { echo "kills.sh: $job: $code $told" >&2; exit 1; }
        [ "$(ls -A full)" = taken ] || { echo "kills.sh: $job leaves $(ls -A full)" >&2; exit 1; }
    done
    cd - >/dev/null
    told=$(SNMF_WRITES_SESSIONS=$work/full cargo test --locked "$@" --test engine kills_leave -- --nocapture 2>&1) || true
    [[ $told = *"No space left"* ]] || { echo "kills.sh: a session on a full disk: $told" >&2; exit 1; }
    [ -z "$(find "$work/full" -name '.snmf-*')" ] || { echo "kills.sh: a session leaves a part" >&2; exit 1; }
    echo "a full disk: 6 kinds of files told, nothing left"
else
    echo "no file system may be mounted here: a full one was not tried"
fi
if strace -o /dev/null true 2>/dev/null; then export SNMF_TRACER=strace; fi
SNMF_KILLS=$kills cargo test --locked "$@" --test engine kills_leave -- --nocapture 2>&1 | tee "$work/told"
grep -q "sessions were killed" "$work/told" || { echo "kills.sh: no session was killed" >&2; exit 1; }
echo "kills: ok"
