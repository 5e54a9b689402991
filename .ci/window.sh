#!/usr/bin/env bash
# A real window on a virtual screen: wait for both columns, look, export by keyboard. usage: window.sh PROGRAM [FOLDER]
# FOLDER keeps the pictures.
set -euo pipefail
snmf=$(realpath "$1")
pictures=$(realpath -m "${2:-$(dirname "$0")/../target/window}")
mkdir -p "$pictures"
work=$(mktemp -d)
cd "$work"
fail() {
    echo "window.sh: $*" >&2
    import -window root "$pictures/failed.png" 2>/dev/null || true
    cat "$work"/*.log >&2 || true
    exit 1
}
started=()
end() { kill "${started[@]}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"; }
trap end EXIT

# Settings and sound servers of whoever runs this stay out of it.
export HOME=$work XDG_RUNTIME_DIR=$work XDG_CONFIG_HOME=$work/config XDG_DATA_HOME=$work/data
unset WAYLAND_DISPLAY
number=50
while [ -e "/tmp/.X11-unix/X$number" ]; do number=$((number + 1)); done
export DISPLAY=:$number
Xvfb "$DISPLAY" -screen 0 1440x900x24 -nolisten tcp >xvfb.log 2>&1 &
started+=($!)
for _ in $(seq 100); do [ -e "/tmp/.X11-unix/X$number" ] && break; sleep 0.1; done
openbox >openbox.log 2>&1 &
started+=($!)

# wait_for SECONDS WHAT COMMAND...: until COMMAND succeeds.
wait_for() {
    local seconds=$1 what=$2 until=$((SECONDS + $1)); shift 2
    until "$@" >found 2>/dev/null; do
        [ "$SECONDS" -lt "$until" ] || fail "waited $seconds s for $what"
        sleep 0.2
    done
}
titled() { xdotool search --name "$1"; }

# One click to insight: from the empty window a demo shows both models and their numbers within five seconds.
"$snmf" >empty.log 2>&1 &
program=$!
started+=("$program")
wait_for 60 "the empty window" titled '^snmf$'
window=$(head -1 found)
xdotool windowactivate --sync "$window" || true
sleep 1
xdotool key --window "$window" ctrl+p
sleep 0.5
xdotool type --delay 30 "Demo: Speech"
sleep 0.5
begun=$(date +%s%N)
xdotool key Return
wait_for 60 "the demo" titled '^snmf - demo:speech - A done, .* measured - B done, .* measured$'
insight=$((($(date +%s%N) - begun) / 1000000))
xdotool key --window "$window" alt+F4
wait_for 20 "the program to end" sh -c "! kill -0 $program"

"$snmf" demo:speech >snmf.log 2>&1 &
program=$!
started+=("$program")
wait_for 180 "both columns to be done" titled '^snmf - demo:speech - A done, .* measured - B done, .* measured$'
window=$(head -1 found)
xdotool windowactivate --sync "$window" windowsize --sync "$window" 1440 880 || true
xdotool mousemove 20 880
sleep 2

# It is drawn: many colours, and the words that a reader looks for.
import -window "$window" "$pictures/done.png"
colours=$(identify -format %k "$pictures/done.png")
[ "$colours" -gt 500 ] || fail "the window has $colours colours only"
read_words() { convert "$1" -resize 250% -colorspace Gray -auto-level words.png; tesseract words.png - --psm 11 2>/dev/null; }
read_words "$pictures/done.png" >words
for word in CNMF SNMF smaller Residual Activations Bases SNR KLD Convergence Spectrogram Iterations; do
    grep -qi -- "$word" words || fail "the window does not say $word: $(tr '\n' ' ' <words)"
done

# The window shows the digits that the command line prints.
"$snmf" run demo:speech --json >run.json
for digits in $(python3 -c 'import json
for run in json.load(open("run.json"))["runs"]: print("%.2f" % run["snr_db"])'); do
    grep -q -- "$digits" words || fail "the window does not show the SNR $digits: $(tr '\n' ' ' <words)"
done

# Export of column B by keyboard; the stream is that of the command line, byte for byte.
xdotool key --window "$window" ctrl+2
sleep 1
import -window "$window" "$pictures/export.png"
xdotool key ctrl+a
xdotool type --delay 20 "$work/exported.snmf.gz"
xdotool key Return
wait_for 20 "the exported stream" test -s exported.snmf.gz
"$snmf" run demo:speech --out by-command >/dev/null 2>&1
cmp exported.snmf.gz by-command/*snmf-rd*.gz || fail "window and command line write different streams"

# A plot follows the mouse: wheel and drag change what is shown.
import -window "$window" before.png
xdotool mousemove --window "$window" 600 400 click --repeat 3 4
sleep 1
xdotool mousemove --window "$window" 600 400 mousedown 1 mousemove --window "$window" 700 400 mouseup 1
xdotool mousemove 20 880
sleep 1
import -window "$window" "$pictures/zoomed.png"
changed=$(compare -metric AE before.png "$pictures/zoomed.png" null: 2>&1 || true)
[ "${changed%%[. e]*}" -gt 20000 ] || fail "zooming changed $changed pixels only"

# It ends when it is told to.
xdotool key --window "$window" alt+F4
wait_for 20 "the program to end" sh -c "! kill -0 $program"
wait "$program" || fail "the program ended with an error"

# Back without its sound: factors and their own numbers.
"$snmf" "$work/exported.snmf.gz" >import.log 2>&1 &
started+=($!)
wait_for 60 "the imported stream" titled '^snmf.*'
window=$(head -1 found)
xdotool windowsize --sync "$window" 1440 880 || true
sleep 3
import -window "$window" "$pictures/imported.png"
read_words "$pictures/imported.png" >words
for word in imported SNMF Bases; do
    grep -qi -- "$word" words || fail "the window with a stream does not say $word: $(tr '\n' ' ' <words)"
done
xdotool key --window "$window" alt+F4
wait_for 20 "the window with a stream to end" sh -c "! kill -0 ${started[-1]}"

# Killed a while after its runs have ended, it is back at the next start, with its runs and what was said of them.
"$snmf" demo:noise-burst >killed.log 2>&1 &
program=$!
started+=("$program")
wait_for 60 "runs to be killed" titled '^snmf - demo:noise-burst - A .* measured - B .* measured$'
# Sessions of windows that were closed lie there too: this one's is the one of that demo.
wait_for 20 "both runs on disk" sh -c \
    "grep -l noise-burst data/snmf-workbench/recovery/*/session.json | xargs grep -o '\"stop\"' | grep -c . | grep -qx 2"
kill -9 "$program"
# Its window stays for a moment, and would be taken for the next one.
wait_for 20 "the killed window to go" sh -c "! xdotool search --name '^snmf - demo:noise-burst'"
"$snmf" >recovered.log 2>&1 &
started+=($!)
wait_for 60 "the runs that were recovered" titled '^snmf - demo:noise-burst - A .* measured - B .* measured$'
window=$(head -1 found)
xdotool windowsize --sync "$window" 1440 880 || true
sleep 2
import -window "$window" "$pictures/recovered.png"
read_words "$pictures/recovered.png" >words
for word in Recovered Residual Activations; do
    grep -qi -- "$word" words || fail "the window does not say $word after a crash: $(tr '\n' ' ' <words)"
done

# Told to end, it writes its session down, says so, and ends with the code of the signal; the next start brings it back.
program=${started[-1]}
kill -TERM "$program"
code=0
wait "$program" || code=$?
[ "$code" = 143 ] && grep -q SIGTERM recovered.log || fail "SIGTERM gave $code: $(cat recovered.log)"
wait_for 20 "the window that was ended to go" sh -c "! xdotool search --name '^snmf - demo:noise-burst'"
"$snmf" >returned.log 2>&1 &
started+=($!)
wait_for 60 "the runs after SIGTERM" titled '^snmf - demo:noise-burst - A .* measured - B .* measured$'
echo "window: ok, $colours colours; from a click on a demo to both results $insight ms"
