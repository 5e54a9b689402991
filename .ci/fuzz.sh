#!/usr/bin/env bash
# Decodes a fixed number of mutated sounds, the same ones every time, under 4 GiB of address space: about a minute.
# usage: fuzz.sh [COUNT] [OPTIONS OF cargo test]
set -euo pipefail
cd "$(dirname "$0")/.."
count=${1:-20000}
shift || true
cargo test --locked "$@" --test signal --no-run
ulimit -v 4194304
told=$(SNMF_MUTATIONS=$count timeout 600 cargo test --locked "$@" --test signal mutated_sounds -- --nocapture)
printf '%s\n' "$told"
grep "^$count mutated sounds" <<<"$told" >/dev/null ||
    { echo "fuzz.sh: the mutated sounds were not all decoded" >&2; exit 1; }
echo "fuzz: ok"
