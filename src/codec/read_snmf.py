"""Reads factor streams, but for those with enc=context, as FORMAT.md specifies them: Python and numpy, nothing else."""
import gzip
import numpy as np


def varints(data):
    end = np.flatnonzero(data < 128) + 1
    begin = np.r_[0, end[:-1]]
    place = np.arange(len(data)) - np.repeat(begin, end - begin)
    return np.add.reduceat((data & 127).astype("u8") << (7 * place).astype("u8"), begin)


def read_snmf(path, W=None):
    line, body = gzip.open(path).read().split(b"\n", 1)
    magic, *words = line.decode().split(" ")
    assert magic in ("snmf/1", "snmf/2", "snmf/3"), magic
    info = dict(word.split("=", 1) for word in words)
    has_w = "bases" not in info
    assert has_w or W is not None, "give it W of the file with the SHA-256 " + info["bases"]
    T, kind = int(info["T"]), info.get("num", "int")
    assert info.get("enc") != "context", "use read_context.py"
    real = np.dtype("<f8" if "f64" in (kind, info.get("steps")) else "<f4")
    if info.get("enc") == "text":
        M, R, N, *values = np.array(body.split(), dtype="f8")
        M, R, N = int(M), int(R), int(N)
    else:
        data = np.frombuffer(body, "u1")
        cut = np.flatnonzero(data < 128)[2] + 1
        M, R, N = map(int, varints(data[:cut]))
        end = len(data) - (1 + has_w) * R * real.itemsize if kind == "int" else cut
        values = np.r_[varints(data[cut:end]) if kind == "int" else [], np.frombuffer(body[end:], real)]
    w, H, dw, dh = np.split(values, np.cumsum([has_w * T * M * R, R * N, has_w * R]))
    if has_w:
        W = w.reshape(T, R, M).transpose(0, 2, 1) * dw
    return info, W, H.reshape(R, N) * dh[:, None]
