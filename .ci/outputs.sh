#!/usr/bin/env bash
# Hashes of a grid of everything that comes out of the command line, to compare two states of the code.
# usage: outputs.sh PROGRAM >LIST; a line is "sha256  name", sorted by name, without times, paths and versions.
set -euo pipefail
export LC_ALL=C
snmf=$(realpath "$1")
tests=$(realpath "$(dirname "$0")/../tests")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# What the program prints goes into a file of this name, with its exit code where that is not 0.
say() { # NAME ARGUMENT...
    local name=$1 code=0; shift
    mkdir -p "$(dirname "$name")"
    "$snmf" "$@" >"$name" 2>"$name.err" || code=$?
    [ "$code" = 0 ] || { echo "exit $code" >>"$name"; cat "$name.err" >>"$name"; }
    rm "$name.err"
}
# A job that must succeed and whose output is its files.
make() { "$snmf" "$@" >/dev/null 2>err || { echo "outputs.sh: snmf $*: $(cat err)" >&2; exit 1; }; rm err; }

methods=(--method cnmf --method ptq-global --method ptq-adaptive --method snmf-poster --method snmf-rd)
sound=(demo:speech --end 0.4 --fft 256 --hop 128)
small=(-r 3 -t 2 -i 6)
speech=("${sound[@]}" "${small[@]}" "${methods[@]}")

for job in '' run sweep choose reproduce inspect compare decode encode figure reconstruct bench \
    'bench iterate' 'bench converge' 'bench growth' 'bench features'; do
    # shellcheck disable=SC2086 # two words are two arguments
    say "help/${job:-snmf}.txt" $job --help
done

# Streams: what integers are chosen by, and how they are written.
for metric in kld snr; do
    for power in 1 0.5; do
        for encoding in text varint context; do
            make run "${speech[@]}" --metric $metric --power $power --encoding $encoding \
                --out streams/$metric-$power-$encoding
        done
    done
done
# Streams: how factors are learned and where they end.
stream() { local name=$1; shift; make run "${speech[@]}" "$@" --out "settings/$name"; }
stream f64 --precision f64
stream f64-plain --precision f64 --plain
stream plain --plain
stream average --h-rule average
stream sequential --w-rule sequential
stream svd --init svd
stream seed --seed 7
stream tolerance --tolerance 0.5
stream sound --for sound
stream poster --for poster --max-loss-db 2
stream loss --max-loss-db 0.5 --loss snr
stream bytes --max-bytes 300
stream lambda --lambda 0.001
stream levels --levels 40,20
stream renew --renew 0.3 --p 0.2 --proposals 3
stream zlib-rs --coder zlib-rs
stream zopfli --coder zopfli
stream threads --threads 1
for demo in drums piano noise-burst evolving; do
    make run demo:$demo --end 0.3 --rate 8000 --window blackman --fft 256 --hop 64 "${small[@]}" --out inputs/$demo
done
for file in "$tests"/fixtures/short.* "$tests"/fixtures/stereo.wav; do
    make run "$file" --fft 64 --hop 32 -r 1 -t 1 -i 2 --channel 1 --out "inputs/$(basename "$file")"
done
base=streams/kld-1-varint
cnmf=$(echo $base/*_cnmf_*.gz)
integers=$(echo $base/*_snmf-rd_*.gz)
make run demo:drums --end 0.3 --fft 256 --hop 128 --fixed-w "$integers" -r 4 -t 2 -i 6 "${methods[@]}" --out settings/fixed

# What is read from streams and made of them.
mkdir decode encode reconstruct figures
for file in "$base"/*.gz settings/f64/*.gz; do
    name=$(basename "$(dirname "$file")")-$(basename "$file" .snmf.gz)
    say "inspect/$name.txt" inspect "$file"
    say "inspect/$name.json" inspect "$file" --json
    make decode "$file" --out "decode/$name.npz" --vhat
    make decode "$file" --csv "decode/$name"
    make reconstruct "$file" --audio demo:speech --out "reconstruct/$name.wav"
done
say compare.txt compare "$cnmf" "$integers"
say compare.json compare "$cnmf" "$integers" --json
make decode "$cnmf" --out cnmf.npz
for method in ptq-global ptq-adaptive snmf-poster snmf-rd; do
    make encode cnmf.npz --method $method --input demo:speech --end 0.4 --fft 256 --hop 128 -i 6 --out encode/$method.gz
done
make encode cnmf.npz --out encode/real.gz
make reconstruct "$integers" --out reconstruct/griffin-lim.wav -i 4
make reconstruct "$integers" --audio demo:speech --component 1 --component 3 --mask-exponent 2 --level-match \
    --format pcm16 --out reconstruct/components.wav
make reconstruct "$integers" --audio demo:speech --phase griffin-lim -i 3 --format pcm24 --out reconstruct/both.wav

# Figures.
figure() { local out=$1; shift; make figure "$@" --audio demo:speech --dpi 60 --out "figures/$out"; }
for pane in v vhat residual w h hist hist-h rd table; do
    figure $pane.svg "$base"/*.gz --panes $pane
done
figure all.pdf "$base"/*.gz --panes v,vhat,residual,w,h,hist,hist-h,rd,table
figure all.png "$base"/*.gz --panes v,vhat,residual,w,h,hist,hist-h,rd,table
figure poster.svg "$base"/*.gz --layout poster --title 'A title'
figure poster.png "$base"/*.gz --layout poster --dark
figure looks.svg "$integers" --axis log --map viridis --range-db 50 --order lag --linear-count --no-letters \
    --width-mm 120 --font-size 7 --panes v,vhat,w,h,hist --measure kld
figure mel.svg "$integers" --axis mel --map greys --panes v,residual,rd --measure lsd_db
for session in "$tests"/fixtures/version-1.*; do
    make figure "$session" --panes vhat,h,w,hist,convergence,table --out "figures/$(basename "$session").svg"
done

# Everything of some runs, and what is told of them.
make run "${speech[@]}" --export everything
make run "${speech[@]}" --export everything.zip
say run.json run "${speech[@]}" --json
say sweep.json sweep "${sound[@]}" "${small[@]}" --losses 1,3 --out figures/sweep.svg --json
say choose/bytes.json choose "${sound[@]}" -r 2,3 -t 1,2 -i 6 --max-bytes 500 --out choose/bytes --json
say choose/kbps.json choose "${sound[@]}" -r 2,3 -t 1 -i 6 --kbps 8 --for sound --json
say choose/quality.json choose "${sound[@]}" -r 2,3 -t 1,2 -i 6 --min-quality 6 --json
say reproduce.md reproduce --trials 1 --seeds 0 --out figures/reproduce.svg
say features.json bench features demo:speech demo:drums -r 2 -t 1 -i 5 --budgets 20 --seeds 1 --out figures/features.svg --json

# What cannot be done.
head -c 1000 "$snmf" >no.wav
say refused/components.txt run demo:speech -r 0
say refused/hop.txt run demo:speech --hop 0
say refused/demo.txt run demo:none
say refused/method.txt run demo:speech --method none
say refused/both.txt run demo:speech --lambda 1 --max-bytes 3
say refused/noise.txt run no.wav
say refused/nowhere.txt inspect nowhere.gz
say refused/stream.txt inspect no.wav
say refused/exists.txt run "${speech[@]}" --out "$base" --encoding varint --metric kld --power 1
say refused/shape.txt compare "$cnmf" "$(echo inputs/drums/*_cnmf_*.gz)"
say refused/figure.txt figure "$cnmf" --out no.gif
rm no.wav

# Times differ from call to call, and so does what holds them.
/usr/bin/python3 - <<'PY'
import csv, io, json, pathlib, re, zipfile

def timeless(value):
    """A value of JSON without times and without hashes of files that hold times."""
    if isinstance(value, dict):
        if re.search(r"metrics|sweep|curves", str(value.get("file", value.get("path", "")))):
            value = {k: v for k, v in value.items() if k not in ("bytes", "sha256")}
        return {k: timeless(v) for k, v in value.items() if not re.search(r"second|_ms$|memory", k)}
    return [timeless(v) for v in value] if isinstance(value, list) else value

def cleaned(name, data):
    if name.endswith(".json"):
        try:
            return json.dumps(timeless(json.loads(data)), indent=1, sort_keys=False).encode()
        except ValueError:
            return data
    if name.endswith(".csv") and b"second" in data.split(b"\n", 1)[0]:
        rows = list(csv.reader(io.StringIO(data.decode())))
        keep = [i for i, head in enumerate(rows[0]) if "second" not in head]
        return "\n".join(",".join(row[i] for i in keep) for row in rows).encode()
    return data

for path in sorted(pathlib.Path(".").rglob("*")):
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            parts = [(n, cleaned(n, archive.read(n))) for n in archive.namelist()]
        path.write_bytes(b"".join(n.encode() + b"\n" + data + b"\n" for n, data in parts))
    elif path.is_file():
        path.write_bytes(cleaned(path.name, path.read_bytes()))
PY
find . -type f | sed 's,^\./,,' | sort | xargs -d '\n' sha256sum
