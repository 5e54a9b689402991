#!/usr/bin/env bash
# A Debian package of the program: made, laid into a root of its own, and a stream opened by its type from there.
# usage: package.sh PROGRAM. PROGRAM is target/release/snmf. Needs cargo-deb, and the Debian packages xvfb, xdotool,
# shared-mime-info, desktop-file-utils, libglib2.0-bin.
set -euo pipefail
fail() { echo "package.sh: $*" >&2; exit 1; }
cd "$(dirname "$0")/.."
fixtures=$PWD/tests/fixtures
work=$(mktemp -d)
started=()
end() { kill "${started[@]}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"; }
trap end EXIT

[ "$(realpath "$1")" = "$(realpath target/release/snmf)" ] || fail "expected target/release/snmf, got $1"
cargo deb --locked --no-build --no-strip --output "$work/snmf.deb" >/dev/null
root=$work/root
dpkg-deb -x "$work/snmf.deb" "$root"
[ "$(find "$root" -type f | wc -l)" = 6 ] || fail "expected six files, got $(find "$root" -type f)"
desktop-file-validate "$root/usr/share/applications/snmf-workbench.desktop"

# What is installed here, then what this system has; settings of others stay out of it.
export HOME=$work XDG_RUNTIME_DIR=$work XDG_CONFIG_HOME=$work/config XDG_DATA_HOME=$work/data
export XDG_DATA_DIRS=$root/usr/share:/usr/local/share:/usr/share PATH=$root/usr/bin:$PATH
unset WAYLAND_DISPLAY
update-mime-database "$root/usr/share/mime"
update-desktop-database "$root/usr/share/applications"
cd "$work"
[ "$(command -v snmf)" = "$root/usr/bin/snmf" ] || fail "snmf is $(command -v snmf)"
snmf run demo:noise-burst -r 2 -t 2 -i 5 --method cnmf --out . >/dev/null
mv ./*.snmf.gz x.snmf.gz
cp "$fixtures/version-1.session.json" x.session.json
cp "$fixtures/version-1.bundle.zip" x.bundle.zip
for kind in stream:x.snmf.gz session:x.session.json bundle:x.bundle.zip; do
    type=$(gio info -a standard::content-type "${kind#*:}" | sed -n 's/.*content-type: //p')
    [ "$type" = "application/x-snmf-${kind%:*}" ] || fail "${kind#*:} is taken for $type"
    [[ $(gio mime "$type") = *snmf-workbench.desktop* ]] || fail "nothing opens $type"
done

number=70
while [ -e "/tmp/.X11-unix/X$number" ]; do number=$((number + 1)); done
export DISPLAY=:$number
Xvfb "$DISPLAY" -screen 0 1440x900x24 -nolisten tcp >xvfb.log 2>&1 &
started+=($!)
for _ in $(seq 100); do [ -e "/tmp/.X11-unix/X$number" ] && break; sleep 0.1; done
gio open x.snmf.gz >open.log 2>&1
for _ in $(seq 300); do
    window=$(xdotool search --name '^snmf' 2>/dev/null | head -1) && [ -n "$window" ] && break
    sleep 0.2
done
[ -n "$window" ] || fail "no window opens: $(cat open.log)"
program=$(xdotool getwindowpid "$window")
started+=("$program")
grep -qz "^$work/x.snmf.gz$" "/proc/$program/cmdline" || fail "the window is of $(tr '\0' ' ' <"/proc/$program/cmdline")"
echo "package: ok, $(stat -c %s snmf.deb) bytes; a stream opens by its type"
