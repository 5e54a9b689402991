#!/usr/bin/env bash
# The main job without a window: run, export, inspect, decode, refuse. usage: command-line.sh PROGRAM
set -euo pipefail
# numpy comes with the system's Python, which need not be the first one.
python3() { /usr/bin/python3 "$@"; }
snmf=$(realpath "$1")
codec=$(realpath "$(dirname "$0")/../src/codec")
# The readers of streams lie there.
export PYTHONPATH=$codec PYTHONDONTWRITEBYTECODE=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
fail() { echo "command-line.sh: $*" >&2; exit 1; }

# The poster's row T = 5: within 3 dB of CNMF at a tenth of its bytes or less.
"$snmf" run demo:speech -r 20 -t 5 -i 500 --plain --precision f64 \
    --method cnmf --method ptq-adaptive --method snmf-poster --out streams --json >run.json
python3 - run.json <<'PY'
import json, sys
o = json.load(open(sys.argv[1]))
runs = {r["method"]: r for r in o["runs"]}
cnmf, poster = runs["cnmf"], runs["snmf-poster"]
assert (o["spectrogram"]["bins"], o["spectrogram"]["frames"]) == (513, 91), o["spectrogram"]
assert 23 <= cnmf["snr_db"] <= 31, cnmf["snr_db"]
assert cnmf["snr_db"] - poster["snr_db"] <= 3, (cnmf["snr_db"], poster["snr_db"])
ratio = {r["to"]: r for r in o["ratios"]}["snmf-poster"]
assert ratio["of"] == "cnmf" and ratio["text"] >= 10, ratio
for r in runs.values():
    assert len(r["objective"]) == r["iterations"] == 500
    assert all(b <= a * (1 + 1e-12) for a, b in zip(r["objective"], r["objective"][1:])), "D rose in " + r["method"]
print("speech, R 20, T 5: CNMF %.2f dB; poster %.2f dB, text %.1f:1, audio %.1f:1"
      % (cnmf["snr_db"], poster["snr_db"], ratio["text"], ratio["audio"]))
PY

# The same experiment writes the same bytes, with another number of threads too.
"$snmf" run demo:speech -r 20 -t 5 -i 20 --threads 1 --out one >/dev/null
"$snmf" run demo:speech -r 20 -t 5 -i 20 --threads 2 --out two >/dev/null
cmp one/*cnmf* two/*cnmf* && cmp one/*snmf-rd* two/*snmf-rd* || fail "threads change the bytes"

# Written streams read back, with the sizes that the run told.
for stream in streams/*.snmf.gz; do
    gunzip -t "$stream"
    # Only the header is taken; whoever writes the rest into a closed pipe is not at fault.
    header=$(set +o pipefail; zcat "$stream" 2>/dev/null | head -1)
    case $header in 'snmf/1 '*) ;; *) fail "the header cannot be read with zcat: $stream: $header" ;; esac
    "$snmf" inspect "$stream" --json >inspect.json
    python3 - run.json inspect.json "$stream" <<'PY'
import json, os, sys
o, i = json.load(open(sys.argv[1])), json.load(open(sys.argv[2]))
method = dict(i["header"])["method"]
run = next(r for r in o["runs"] if r["method"] == method)
for key in ("distinct_w", "distinct_h", "text_bytes", "text_gzip_bytes", "binary_bytes", "binary_gzip_bytes", "file_bytes"):
    assert run[key] == i[key], (method, key, run[key], i[key])
assert run["file_bytes"] == os.path.getsize(sys.argv[3])
PY
    "$snmf" decode "$stream" --out "${stream%.snmf.gz}.npz"
    python3 -m zipfile -t "${stream%.snmf.gz}.npz" >/dev/null
done

# The readers that FORMAT.md gives to others, in a real Python: their Vhat is ours.
[ "$(grep -c . "$codec/read_snmf.py")" -le 35 ] || fail "FORMAT.md says that read_snmf.py has 35 lines"
for encoding in text varint context; do
    for precision in f32 f64; do
        "$snmf" run demo:speech -r 3 -t 4 -i 5 --encoding $encoding --precision $precision --coder zlib-rs \
            --method cnmf --method ptq-global --method ptq-adaptive --method snmf-poster --method snmf-rd \
            --out read/$encoding-$precision >/dev/null 2>&1
    done
done
"$snmf" run demo:speech -r 3 -t 120 -i 5 --method cnmf --method snmf-rd --coder zopfli --out read/long >/dev/null 2>&1
for stream in read/*/*.snmf.gz streams/*.snmf.gz; do
    "$snmf" decode "$stream" --out vhat.npz --vhat --force
    "$snmf" encode vhat.npz --out again.snmf.gz --force
    "$snmf" compare "$stream" again.snmf.gz | grep -q "equal to the last bit" || fail "not the same: $stream"
    python3 - "$stream" <<'PY'
import gzip, sys
import numpy as np
# What the specification gives for its arithmetic coder is a reader of its own.
if b" enc=context " in gzip.open(sys.argv[1]).readline():
    from read_context import read_snmf
else:
    from read_snmf import read_snmf
info, W, H = read_snmf(sys.argv[1])
V = np.zeros((W.shape[1], H.shape[1]))
for t in range(min(len(W), H.shape[1])):
    V[:, t:] += W[t] @ H[:, :H.shape[1] - t]
ours = np.load("vhat.npz")
assert np.abs(V - ours["Vhat"]).max() <= 1e-6 * ours["Vhat"].max(), sys.argv[1]
assert int(ours["sr"]) == int(info["sr"]) and len(ours["dw"]) == len(ours["dh"]) == H.shape[0]
PY
done
echo "read by Python: $(ls read/*/*.snmf.gz streams/*.snmf.gz | wc -l) streams"
for stream in read/context-*/*; do
    case $stream in *cnmf*) kind='snmf/1 ' ;; *) kind='snmf/2 ' ;; esac
    [ "$(gunzip <"$stream" | head -c 7)" = "$kind" ] || fail "not $kind: $stream"
done

# Factors of others, and a spectrogram of others.
python3 - <<'PY'
import numpy as np
random = np.random.default_rng(0)
W, H = random.random((40, 3)), random.random((3, 60))
np.savez_compressed("others.npz", W=W, H=H)
np.savez("v.npz", V=7 * (W @ H), sr=8000, hop=64)
PY
for method in ptq-global ptq-adaptive snmf-poster snmf-rd; do
    "$snmf" encode others.npz --method $method --input v.npz --out others-$method.snmf.gz 2>told
    grep -q "multiplied by" told || fail "the scale was not told: $(cat told)"
    "$snmf" inspect others-$method.snmf.gz | grep -q "integers with step sizes" || fail "not quantised: $method"
done
"$snmf" run v.npz -r 3 -t 1 -i 50 --json >ready.json 2>/dev/null
python3 -c 'import json
o = json.load(open("ready.json")); assert o["runs"][0]["snr_db"] > 20, o["runs"][0]["snr_db"]'

# Bases on another sound: the stored ones, bit for bit, with activations of their own and others beside them.
"$snmf" run demo:drums --fixed-w one/*snmf-rd*.snmf.gz -r 22 -i 30 --method snmf-rd --out fixed >/dev/null 2>&1
python3 - one/*snmf-rd*.snmf.gz fixed/*.snmf.gz <<'PY'
import sys
from read_snmf import read_snmf
(_, given, _), (info, W, H) = read_snmf(sys.argv[1]), read_snmf(sys.argv[2])
assert (W[:, :, :20] == given).all() and given.any(axis=(0, 1)).all(), info
assert W.shape[2] == 22 and H.any() and info["fix"].startswith("20:"), info
PY

# Streams that leave out their bases: the readers take those of the file that is named.
"$snmf" learn demo:speech -r 3 -t 4 -i 5 --levels 100 --out shared.snmf.gz >/dev/null 2>&1
for encoding in text varint context; do
    "$snmf" corpus plan demo:speech --fixed-w shared.snmf.gz --method snmf-rd -i 5 --encoding $encoding \
        --out corpus-$encoding >/dev/null
    "$snmf" corpus work corpus-$encoding 2>/dev/null
    "$snmf" decode corpus-$encoding/streams/*/*.snmf.gz --out corpus-$encoding.npz
    python3 - corpus-$encoding/streams/*/*.snmf.gz shared.snmf.gz corpus-$encoding.npz <<'PY'
import gzip, hashlib, sys
import numpy as np
import read_context, read_snmf
stream, bases, npz = sys.argv[1:]
reader = read_context if b" enc=context " in gzip.open(stream).readline() else read_snmf
info, W, H = reader.read_snmf(stream, read_snmf.read_snmf(bases)[1])
assert info["bases"] == hashlib.sha256(open(bases, "rb").read()).hexdigest(), info
x = np.load(npz)
assert np.allclose(W, x["W"] * x["dw"], 1e-6, 0) and np.allclose(H, x["H"] * x["dh"][:, None], 1e-6, 0) and H.any(), info
PY
done

# A full disk: nothing of the new file is left, the old one stays, and the message says why.
mkdir full; cp streams/*cnmf*.snmf.gz full/old.snmf.gz
for i in 1 2; do
    code=0
    (ulimit -f 4; "$snmf" decode full/old.snmf.gz --out full/x.npz --force) 2>told || code=$?
    [ "$code" = 1 ] && grep -q "full/x.npz" told || fail "a full disk gave $code: $(cat told)"
    [ "$(ls full)" = "$([ $i = 1 ] && echo old.snmf.gz || printf 'old.snmf.gz\nx.npz')" ] || fail "left behind: $(ls full)"
    [ $i = 1 ] || [ "$(cat full/x.npz)" = old ] || fail "the old file is gone"
    echo old >full/x.npz
done

# At 1 dB, the mean over five seeds: as many times smaller than CNMF as RESULTS.md says, and at most 0.6 of rounding.
for seed in 0 1 2 3 4; do
    for t in 1 3 5 7; do
        "$snmf" run demo:speech -r 20 -t $t -i 500 --plain --precision f64 --seed $seed --for poster --max-loss-db 1 \
            --method cnmf --method ptq-adaptive --method snmf-rd --json >speech-$t-$seed.json
    done
done
python3 - <<'PY'
import json, statistics
for t, least in ((1, 100), (3, 105), (5, 57), (7, 50)):
    runs = [json.load(open("speech-%d-%d.json" % (t, seed)))["runs"] for seed in range(5)]
    assert all(c["snr_db"] - r["snr_db"] <= 1 for c, _, r in runs)
    size = "text_gzip_bytes"
    ratio = statistics.mean(c[size] / r[size] for c, _, r in runs)
    of_rounding = statistics.mean(r[size] for _, _, r in runs) / statistics.mean(p[size] for _, p, _ in runs)
    search = max(r["quantising_seconds"] for _, _, r in runs)
    print("speech, T %d: %.0f:1, %.2f of rounding, search %.2f s" % (t, ratio, of_rounding, search))
    assert ratio >= least and of_rounding <= 0.6, (t, ratio, of_rounding, search)
PY

# The poster's tables, with few trials.
"$snmf" reproduce --trials 2 --seeds 1 --out histograms.svg >reproduced.md
grep -q "SNMF rd, at 1 dB" reproduced.md || fail "no table: $(cat reproduced.md)"

# What cannot be done says so, with the exit code that tells which kind of thing it was.
expect() { # CODE WORD COMMAND...
    local code=$1 word=$2 got=0; shift 2
    "$@" >out 2>err || got=$?
    [ "$got" = "$code" ] || fail "expected exit $code, got $got: $*: $(cat err)"
    grep -q -- "$word" err || fail "expected '$word' in the message of: $*: $(cat err)"
}
head -c 1000000 /dev/urandom >noise.wav
expect 1 noise.wav "$snmf" run noise.wav
expect 1 nowhere.wav "$snmf" run nowhere.wav
expect 1 "$work" "$snmf" run "$work"
expect 2 components "$snmf" run demo:speech -r 0
expect 2 hop "$snmf" run demo:speech --hop 0
expect 2 demo:speech "$snmf" run demo:none
expect 1 "already" "$snmf" run demo:speech -r 20 -t 5 -i 500 --plain --precision f64 --method cnmf --out streams
# A run of other settings is not in the way of one of that name: it gets a name of its own.
"$snmf" run demo:speech -r 20 -t 5 -i 5 --method cnmf --out streams >/dev/null 2>&1
[ "$(ls streams/*cnmf*.gz | wc -l)" = 2 ] || fail "one name for two runs: $(ls streams)"
expect 1 noise.wav "$snmf" inspect noise.wav
echo "command line: ok"
