#!/usr/bin/env python3
"""Bytes of a magnitude spectrogram at equal quality: factor streams beside an image codec, a plain quantiser and Opus.

usage: neighbours.py PROGRAM [SOUND...]       prints Markdown; speech.wav and loop_breakbeat.flac of assets/audio where none is named
needs: pip install numpy pillow soundfile     (and ffmpeg with libopus for the last line, which is skipped without it)

V is M x N, the magnitudes of a Hann window of 1024 samples at a hop of 512, as PROGRAM makes it. Every way of storing V
is tried at many qualities; each gives points (bytes, SNR of V in dB, SNR of sqrt V in dB). Bytes at a given quality are
interpolated between the two points around it, on the curve of the best points. Nothing but V is stored: the measures
know no phase. Files of Opus hold the sound itself; it removes what cannot be heard below some 30 Hz, which its measures
leave out.
"""
import gzip, io, itertools, math, os, shutil, subprocess, sys, tempfile
import numpy as np, soundfile
from PIL import Image

FFT, HOP = 1024, 512
POWERS = (0.3, 0.5, 0.67, 1.0)
# R and T of the models: some long components, or many that last a frame.
SHAPES = ((20, 5), (40, 1))
ITERATIONS = 200
BYTES = [int(700 * 1.35 ** i) for i in range(12)]
MEASURES = {"SNR of V": (15, 20, 25, 30), "SNR of √V": (12, 15, 18, 21)}


def spectrogram(sound):
    """V of a sound; frame n begins at sample n * HOP, zeros follow the end."""
    frames = len(sound) // HOP
    padded = np.pad(sound, (0, FFT))
    window = np.hanning(FFT + 1)[:-1]
    return np.abs(np.fft.rfft([padded[n * HOP:][:FFT] * window for n in range(frames)], axis=1)).T


def snr_db(v, vhat, power):
    error = ((v ** power - np.maximum(vhat, 0) ** power) ** 2).sum()
    return 10 * math.log10((v ** (2 * power)).sum() / max(error, 1e-30))


def qualities(v, vhat):
    return {"SNR of V": snr_db(v, vhat, 1), "SNR of √V": snr_db(v, vhat, 0.5)}


class Factors:
    """Runs PROGRAM on V, which it takes as an archive, and reads back what it wrote."""

    def __init__(self, program, v, folder):
        self.program, self.v, self.folder = os.path.abspath(program), v, folder
        np.savez(self.path("v.npz"), V=v)

    def path(self, name):
        return os.path.join(self.folder, name)

    def call(self, *words):
        subprocess.run([self.program, *map(str, words)], check=True, cwd=self.folder, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)

    def run(self, method, use, shape, *words):
        """(file, W, H, Vhat) of a run; W and H as they are stored."""
        shutil.rmtree(self.path("out"), ignore_errors=True)
        self.call("run", "v.npz", "--method", method, "--for", use, "-r", shape[0], "-t", shape[1], "-i", ITERATIONS,
                  *words, "--out", "out")
        stream, = os.listdir(self.path("out"))
        stream = os.path.join("out", stream)
        self.call("decode", stream, "--vhat", "--out", "vhat.npz", "--force")
        read = np.load(self.path("vhat.npz"))
        return self.path(stream), read["W"], read["H"], read["Vhat"] * float(read["max"])

    def streams(self, method, use, *words):
        for shape, most in itertools.product(SHAPES, BYTES):
            file, _, _, vhat = self.run(method, use, shape, "--max-bytes", most, *words)
            size = os.path.getsize(file)
            if size <= most:
                yield size, qualities(self.v, vhat)

    def half_precision(self):
        for use, shape in itertools.product(("poster", "sound"), SHAPES):
            _, w, h, vhat = self.run("cnmf", use, shape)
            data = w.astype("f2").tobytes() + h.astype("f2").tobytes()
            yield len(gzip.compress(data, 9)), qualities(self.v, vhat)


def uniform(v):
    """V^p in steps of one size, as integers after gzip."""
    for power in POWERS:
        y = (v / v.max()) ** power
        for levels in np.unique(np.round(np.geomspace(2, 2000, 40))):
            k = np.round(y * levels)
            data = k.astype("u1" if levels < 256 else "<u2").tobytes()
            yield len(gzip.compress(data, 9)), qualities(v, v.max() * (k / levels) ** (1 / power))


def image(v, kind):
    """V^p as a picture with 256 levels of grey."""
    for power in POWERS:
        picture = Image.fromarray(np.round(255 * (v / v.max()) ** power).astype("u1"))
        for quality in range(0, 101, 4):
            out = io.BytesIO()
            picture.save(out, kind, quality=quality, **({"method": 6} if kind == "WebP" else {}))
            back = np.asarray(Image.open(out).convert("L"), float) / 255
            yield out.tell(), qualities(v, v.max() * back ** (1 / power))


def opus(sound, rate, v, folder):
    """The sound itself, by its magnitudes from 30 Hz up."""
    first = math.ceil(30 * FFT / rate)
    source, coded, back = (os.path.join(folder, name) for name in ("x.wav", "x.opus", "y.wav"))
    soundfile.write(source, sound, rate, subtype="FLOAT")
    for kbps in (6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192):
        call = ["ffmpeg", "-v", "error", "-y", "-i"]
        subprocess.run([*call, source, "-c:a", "libopus", "-b:a", f"{kbps}k", coded], check=True)
        subprocess.run([*call, coded, "-ar", str(rate), "-c:a", "pcm_f32le", back], check=True)
        decoded = soundfile.read(back)[0]
        decoded = np.pad(decoded, (0, max(0, len(sound) - len(decoded))))[:len(sound)]
        yield os.path.getsize(coded), qualities(v[first:], spectrogram(decoded)[first:])


def bytes_at(points, measure, level):
    """Bytes at a level of a measure, between the points of the best curve; none where it does not get there."""
    best = []
    for size, quality in sorted((size, quality[measure]) for size, quality in points):
        if not best or quality > best[-1][1]:
            best.append((size, quality))
    if not best or best[-1][1] < level or best[0][1] > level:
        return None
    return math.exp(np.interp(level, [q for _, q in best], [math.log(size) for size, _ in best]))


def table(program, path):
    sound, rate = soundfile.read(path, always_2d=True)
    sound = sound.mean(1)
    v = spectrogram(sound)
    with tempfile.TemporaryDirectory() as folder:
        factors = Factors(program, v, folder)

        def both(method, *words):
            return [*factors.streams(method, "poster", *words), *factors.streams(method, "sound", *words)]

        rows = {
            "`snmf-rd`, `--encoding context`": both("snmf-rd", "--encoding", "context"),
            "`snmf-rd`, `--encoding varint`": both("snmf-rd"),
            "`ptq-adaptive` (rounding)": both("ptq-adaptive"),
            "CNMF in 16-bit reals, gzip": list(factors.half_precision()),
            "V^p in equal steps, gzip": list(uniform(v)),
            "V^p as WebP": list(image(v, "WebP")),
            "V^p as JPEG": list(image(v, "JPEG")),
        }
        if shutil.which("ffmpeg"):
            rows["Opus, phases included"] = list(opus(sound, rate, v, folder))
    name = os.path.basename(path)
    print(f"{name}, {len(sound) / rate:.1f} s at {rate} Hz, V of {v.shape[0]} x {v.shape[1]}:\n")
    heads = [f"{measure} {level} dB" for measure, levels in MEASURES.items() for level in levels]
    print("| bytes at | " + " | ".join(heads) + " |\n| --- |" + " --- |" * len(heads))
    for row, points in rows.items():
        if row.startswith("CNMF"):
            # It has no quality to choose: the size of each model, with what it reaches.
            for size, q in points:
                print(f"| {row}: {size} B | {q['SNR of V']:.1f} dB | | | | {q['SNR of √V']:.1f} dB | | | |")
            continue
        cells = [bytes_at(points, measure, level) for measure, levels in MEASURES.items() for level in levels]
        print(f"| {row} | " + " | ".join("-" if cell is None else f"{cell:.0f}" for cell in cells) + " |")
    print()


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    audio = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "assets", "audio")
    demos = [os.path.join(audio, name) for name in ("speech.wav", "loop_breakbeat.flac")]
    for path in sys.argv[2:] or demos:
        table(sys.argv[1], path)
