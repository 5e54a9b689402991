#!/usr/bin/env bash
# Playback through a real sound server whose sink nobody hears: what is captured there is what was sent.
# usage: sound.sh [OPTIONS OF cargo test]
set -euo pipefail
cd "$(dirname "$0")/.."
command -v pulseaudio pactl parec >/dev/null || { echo "sound.sh: pulseaudio and parec are not installed" >&2; exit 1; }
told=$(mktemp)
trap 'rm -f "$told"' EXIT
cargo test --locked "$@" --test playback -- --nocapture 2>&1 | tee "$told"
for part in the_captured_sound_is_the_sound_sent the_position_is_the_one_that_is_heard \
    a_server_may_be_absent_die_hang_and_come_back; do
    grep -q "server::$part" "$told" || { echo "sound.sh: not run: $part" >&2; exit 1; }
done
[ "$(grep -c "played through a real server" "$told")" -ge 3 ] || { echo "sound.sh: no real server" >&2; exit 1; }
echo "sound: ok"
