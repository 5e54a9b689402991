#!/usr/bin/env bash
# Figures as others see them: the PDF through poppler beside the PNG. usage: figures.sh PROGRAM
set -euo pipefail
snmf=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
fail() { echo "figures.sh: $*" >&2; exit 1; }

"$snmf" run demo:speech -r 20 -t 5 -i 30 --out streams >/dev/null 2>&1
cnmf=(streams/*__cnmf_*.snmf.gz); rd=(streams/*__snmf-rd_*.snmf.gz)
for page in "grid 85 --font-size 7" "grid 180 --axis log" "poster 180 --dark"; do
    read -r layout width more <<<"$page"
    # shellcheck disable=SC2086 # several words
    for kind in pdf png svg; do
        "$snmf" figure "$cnmf" "$rd" --audio demo:speech --layout "$layout" --width-mm "$width" $more --dpi 150 \
            --title "$layout at $width mm" --out "$layout-$width.$kind" 2>/dev/null
    done
    pdf=$layout-$width.pdf
    pdftoppm -r 150 -png -singlefile "$pdf" poppler
    wide=$(identify -format %w poppler.png); ours=$(identify -format %w "$layout-$width.png")
    [ $((wide - ours)) -le 1 ] && [ $((ours - wide)) -le 1 ] || fail "$pdf: $wide pixels, not $ours"
    # Cells smaller than a pixel and edges come out differently; what is missing or elsewhere is more than that.
    size=$(identify -format '%[fx:w/3]x%[fx:h/3]!' "$layout-$width.png")
    convert poppler.png -resize "$size" a.png; convert "$layout-$width.png" -resize "$size" b.png
    away=$(compare -metric RMSE a.png b.png null: 2>&1 | sed 's/.*(\(.*\))/\1/' || true)
    echo "$pdf beside its PNG: RMSE $away"
    awk -v x="$away" 'BEGIN { exit !(x > 0 && x < 0.08) }' || fail "$pdf differs from its PNG: $away"
    pdffonts "$pdf" | awk 'NR > 2 { n++; if ($0 !~ /Inter/ || $0 !~ / yes yes /) exit 1 } END { exit !n }' \
        || fail "fonts are not embedded: $(pdffonts "$pdf")"
    pdftotext -layout "$pdf" words.txt
    for word in "Frequency (Hz)" "Level (dB re max V)" "SNMF rd"; do
        grep -qF "$word" words.txt || fail "$pdf: no '$word'"
    done
    pdfinfo "$pdf" | grep -q "^Keywords: *snmf figure" || fail "$pdf does not tell its command: $(pdfinfo "$pdf")"
done
echo "figures: ok"
