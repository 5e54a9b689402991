"""Reads factor streams with enc=context, as FORMAT.md specifies them: Python and numpy, nothing else.

    from read_context import read_snmf
    info, W, H = read_snmf("x.snmf.gz")

W is T x M x R and H is R x N, multiplied by their step sizes. It reads what a writer wrote, and does not check that a
writer could have written it.
"""

import gzip

import numpy as np

ONE = 1 << 16
ODDS = 3071
LENGTHS = 16
CONTEXTS = (256, 1024, 1024, 256, 1024, 256, 512, 2048)
NODES = LENGTHS + 12


def log2(x):
    """256 log2 x, rounded down."""
    return (x**256).bit_length() - 1


LOG2 = [0] + [log2(x) for x in range(1, ONE)]
STRETCH = [0] + [LOG2[p] - LOG2[ONE - p] for p in range(1, ONE)]
# The least probability with such odds, from -ODDS up.
SQUASH = np.searchsorted(np.array(STRETCH[1:]), np.arange(-ODDS, ODDS + 1)).tolist()
SQUASH = [p + 1 for p in SQUASH]
RATE = [2 * ONE // (2 * seen + 3) for seen in range(256)]


class Decoder:
    """Decisions from bytes, with zeros behind their end."""

    def __init__(self, data):
        self.data, self.at = data + bytes(4), 4
        self.low, self.high, self.code = 0, 0xFFFFFFFF, int.from_bytes(self.data[:4], "big")

    def bit(self, p):
        split = self.low + ((self.high - self.low) * p >> 16)
        bit = self.code <= split
        if bit:
            self.high = split
        else:
            self.low = split + 1
        while not (self.low ^ self.high) >> 24:
            self.low = self.low << 8 & 0xFFFFFFFF
            self.high = self.high << 8 & 0xFFFFFFFF | 0xFF
            self.code = self.code << 8 & 0xFFFFFFFF | self.data[self.at]
            self.at += 1
        return bit


def learn(p, seen, bit):
    rate = RATE[seen]
    return p + ((ONE - p) * rate >> 16) if bit else p - (p * rate >> 16)


class Model:
    """The mixed contexts of one factor."""

    def __init__(self, decoder):
        slots = sum(CONTEXTS) * NODES
        self.decoder, self.p, self.seen = decoder, [ONE // 2] * slots, [0] * slots
        self.weights = [[3 << 12] * 8 for _ in range(NODES)]

    def bit(self, first, node):
        slots = [slot + node for slot in first]
        weights = self.weights[node]
        odds = [STRETCH[self.p[slot]] * min(16, self.seen[slot] + 6) >> 4 for slot in slots]
        mixed = sum(map(int.__mul__, odds, weights)) >> 16
        p = SQUASH[max(-ODDS, min(ODDS, mixed)) + ODDS]
        bit = self.decoder.bit(p)
        error = bit * ONE - p
        for i, slot in enumerate(slots):
            weights[i] = max(-16 << 16, min(16 << 16, weights[i] + (odds[i] * error + (1 << 15) >> 16)))
            self.p[slot] = learn(self.p[slot], self.seen[slot], bit)
            self.seen[slot] = min(255, self.seen[slot] + 1)
        return bit

    def integer(self, contexts):
        first, begin = [], 0
        for context, count in zip(contexts, CONTEXTS):
            first.append((begin + context) * NODES)
            begin += count
        length = 0
        while length < 32 and self.bit(first, min(length, LENGTHS - 1)):
            length += 1
        if length == 0:
            return 0
        k, base = 1, LENGTHS + 3 * min(length - 2, 3)
        for depth in range(length - 1):
            bit = self.bit(first, base + k - 1) if depth < 2 else self.decoder.bit(ONE // 2)
            k = k << 1 | bit
        return k


def octaves(x):
    """0, 1, 2, 3, 4 to 5, 6 to 7, 8 to 11, ... are the classes 0, 1, 2, ..."""
    if x < 2:
        return x
    octave = x.bit_length() - 1
    return 2 * octave + (x >> (octave - 1) & 1)


CLASS = [octaves(x) for x in range(ONE)]


def factor(decoder, lags, components, length):
    """The lines of a factor, lag by lag and in it component by component."""
    model, profile, edge = Model(decoder), [0] * length, 10
    empty = [0] * (length + 2 * edge)
    lines, near = [], []  # near: with an edge of zeros, cut to 4095
    for index in range(lags * components):
        lag, component = divmod(index, components)
        before = near[index - components] if lag >= 1 else empty
        before_that = near[index - 2 * components] if lag >= 2 else empty
        beside = near[index - 1] if component >= 1 else empty
        line, cut, r = [], list(empty), min(component, 63)
        for m in range(length):
            i = m + edge
            a1, a2, c, d = cut[i - 1], cut[i - 2], before_that[i], beside[i]
            b1, b0, b2 = before[i - 1 : i + 2]
            # An edge has no more than zeros: what is left of it is none.
            busy = sum([min(k, 3) for k in cut[i - 8 : i] + before[i - 4 : i + 5]])
            all_near = CLASS[2 * a1 + a2 + 2 * b0 + b1 + b2 + c]
            k = model.integer((
                16 * min(15, CLASS[a1]) + min(15, CLASS[a2]),
                64 * min(15, CLASS[b0]) + 8 * min(7, CLASS[b1]) + min(7, CLASS[b2]),
                16 * r + CLASS[busy],
                16 * (m * 16 // length) + min(15, CLASS[a1]),
                32 * CLASS[profile[m] >> 4] + all_near,
                64 * min(3, d) + 16 * min(3, a1) + 4 * min(3, b0) + min(3, c),
                m * 512 // length,
                32 * r + all_near,
            ))
            line.append(k)
            cut[i] = min(4095, k)
            profile[m] += 32 * min(255, k) - (profile[m] >> 3)
        lines.append(line)
        near.append(cut)
    return lines


class Number:
    """Numbers of which only the length is predicted."""

    def __init__(self, decoder):
        self.decoder, self.p, self.seen = decoder, [ONE // 2] * 64, [0] * 64

    def read(self):
        length, more = 0, True
        while length < 64 and more:
            more = self.decoder.bit(self.p[length])
            self.p[length] = learn(self.p[length], self.seen[length], more)
            self.seen[length] = min(255, self.seen[length] + 1)
            length += more
        value = min(length, 1)
        for _ in range(length - 1):
            value = value << 1 | self.decoder.bit(ONE // 2)
        return value


def steps(decoder, components, real):
    digits, exponents, values = Number(decoder), Number(decoder), []
    for _ in range(components):
        digit, folded = str(digits.read()), exponents.read()
        exponent = folded >> 1 if folded % 2 == 0 else -(folded >> 1) - 1
        values.append(real(digit[0] + "." + digit[1:] + "0e" + str(exponent)))
    return np.array(values, dtype="f8")


def varint(body, at):
    value, shift = 0, 0
    while True:
        value |= (body[at] & 127) << shift
        shift, at = shift + 7, at + 1
        if body[at - 1] < 128:
            return value, at


def read_snmf(path, W=None):
    with gzip.open(path) as file:
        line, body = file.read().split(b"\n", 1)
    magic, *words = line.decode().split(" ")
    info = dict(word.split("=", 1) for word in words)
    assert magic in ("snmf/2", "snmf/3") and info.get("enc") == "context", line
    has_w = "bases" not in info
    assert has_w or W is not None, "give it W of the file with the SHA-256 " + info["bases"]
    T, at, sizes = int(info["T"]), 0, []
    for _ in range(3):
        size, at = varint(body, at)
        sizes.append(size)
    M, R, N = sizes
    decoder = Decoder(body[at:])
    if has_w:
        w = np.array(factor(decoder, T, R, M), dtype="f8").reshape(T, R, M)
    H = np.array(factor(decoder, 1, R, N), dtype="f8").reshape(R, N)
    real = np.float64 if info.get("steps") == "f64" else np.float32
    if has_w:
        W = w.transpose(0, 2, 1) * steps(decoder, R, real)
    return info, W, H * steps(decoder, R, real)[:, None]
