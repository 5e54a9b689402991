#!/usr/bin/env python3
"""How stored speech sounds: PESQ of `run --for sound` by bit rate, encoding and frames.

usage: hearing.py PROGRAM SPEECH.wav...       prints Markdown; sounds of one channel at 16 kHz
needs: pip install numpy soundfile pesq

Each model gets the phases of its sound. PESQ (ITU-T P.862.2, wide band, at most 4.64) hears both between two silences of
a quarter of a second, without which it cannot align every sentence. The score is that of the better shape.
"""
import itertools, os, subprocess, sys, tempfile
import numpy as np, soundfile
from pesq import pesq

RATE = 16000
FRAMES = (("1024", "512"), ("512", "256"), ("30ms", "15ms"), ("30ms", "10ms"))
SHAPES = ((20, 5), (40, 1))
SILENCE = np.zeros(RATE // 4)


def score(program, sound, fft, hop, shape, encoding, kbps):
    heard, rate = soundfile.read(sound)
    assert rate == RATE and heard.ndim == 1, f"{sound}: expected one channel at {RATE} Hz"
    with tempfile.TemporaryDirectory() as folder:
        def call(*words):
            subprocess.run([program, *map(str, words)], check=True, capture_output=True)
        call("run", sound, "--for", "sound", "--method", "snmf-rd", "--fft", fft, "--hop", hop, "-r", shape[0], "-t",
             shape[1], "--encoding", encoding, "--max-bytes", int(kbps * 125 * len(heard) / RATE), "--out", folder)
        stream, = os.listdir(folder)
        model = os.path.join(folder, "model.wav")
        call("reconstruct", os.path.join(folder, stream), "--audio", sound, "--out", model)
        model, _ = soundfile.read(model)
    between = [np.concatenate([SILENCE, x[:len(model)], SILENCE]).astype("f4") for x in (heard, model)]
    return pesq(RATE, *between, "wb")


def main():
    program, *sounds = sys.argv[1:]
    program = os.path.abspath(program)
    print("| encoding | frames | 8 kbit/s | 24 kbit/s |\n| --- | --- | --- | --- |")
    for encoding, (fft, hop) in itertools.product(("varint", "context"), FRAMES):
        cells = []
        for kbps in (8, 24):
            scores = [max(score(program, s, fft, hop, shape, encoding, kbps) for shape in SHAPES) for s in sounds]
            cells.append(f"{np.mean(scores):.2f} ({min(scores):.2f} to {max(scores):.2f})")
        print(f"| `{encoding}` | `--fft {fft} --hop {hop}` | {cells[0]} | {cells[1]} |", flush=True)


main()
