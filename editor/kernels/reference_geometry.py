"""The readable truth of the kernels that resize and transform: k1/resample.c says the same in C."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Wide = NDArray[np.uint16]
WHOLE: Final = 16384
OPAQUE: Final = 65025
OUTERMOST: Final = 4194304
Taps = list[list[tuple[int, int]]]


def _lanczos() -> list[int]:
    x = np.arange(385) / 128
    return [int(v) for v in np.rint(np.sinc(x) * np.sinc(x / 3) * WHOLE)]


LANCZOS: Final = _lanczos()


def weight(x: int, method: int) -> int:
    """How much a pixel counts that is x 4096ths of a pixel away, before weights are made to sum up."""
    if method == 1:
        return max(0, 4096 - x)
    if x >= 3 * 4096:
        return 0
    i, part = divmod(x, 32)
    return LANCZOS[i] * (32 - part) + LANCZOS[i + 1] * part


def taps(n_in: int, n_out: int, first: int, count: int, method: int) -> Taps:
    """Of each pixel the (place, weight) of those that it is made of."""
    out: Taps = []
    wide = 2 * max(n_in, n_out)
    reach = {0: 0, 1: wide, 2: 3 * wide}[method]
    for i in range(first, first + count):
        low = -OUTERMOST if i < 0 else 0 if i < n_out else n_in
        high = -1 if i < 0 else n_in - 1 if i < n_out else OUTERMOST
        at = (2 * i + 1) * n_in
        centre = at - n_out
        near = range(-((reach - centre) // (2 * n_out)), (centre + reach) // (2 * n_out) + 1)
        weights = [weight(abs(2 * n_out * k - centre) * 4096 // wide, method) for k in near] if method else []
        total = sum(weights)
        if total <= 0:
            out.append([(min(max(at // (2 * n_out), low), high), WHOLE)])
            continue
        ends = [(done * WHOLE + total // 2) // total for done in np.cumsum(weights).tolist()]
        shares = [after - before for before, after in zip([0, *ends], ends, strict=False)]
        out.append([(min(max(k, low), high), share) for k, share in zip(near, shares, strict=True) if share])
    return out


def resize_rows(px: Wide, begin: int, found: Taps) -> Wide:
    """[h, w, 4] with rows of another length; the first column has the place `begin`."""
    last = px.shape[1] - 1
    columns = [
        sum(px[:, min(max(k - begin, 0), last)].astype(np.int64) * share for k, share in pixel)
        for pixel in found
    ]
    return _stored(np.stack(columns, axis=1))


def resize_columns(px: Wide, begin: int, found: Taps) -> Wide:
    """[h, w, 4] with columns of another length."""
    return resize_rows(px.swapaxes(0, 1), begin, found).swapaxes(0, 1)


def _stored(sums: Any) -> Wide:
    return _settled((sums + WHOLE // 2) >> 14)


def _settled(values: Any) -> Wide:
    """Sums of pixels as pixels: what is more than opaque keeps its colour, and its alpha is cut."""
    alpha = values[..., 3:]
    out = np.maximum(values, 0)
    out[..., :3] = np.where(alpha > OPAQUE, out[..., :3] * OPAQUE // np.maximum(alpha, 1), out[..., :3])
    settled: Wide = np.minimum(out, OPAQUE).astype(np.uint16)
    return settled


def _at(row: Sequence[int], x: int, y: int) -> int:
    return row[0] * x + row[1] * y + 2 * row[2]


def warp_reach(m: Sequence[int], x0: int, y0: int, x1: int, y1: int) -> list[int] | None:
    """The box from which pixels of another one are made, or None."""
    lows, highs = [], []
    for x, y in ((2 * x0, 2 * y0), (2 * x1, 2 * y0), (2 * x0, 2 * y1), (2 * x1, 2 * y1)):
        by = _at(m[6:], x, y)
        if by < 1:
            return None
        ends = [_at(m[3 * k : 3 * k + 3], x, y) for k in (0, 1)]
        lows.append([min(max(v // by, -OUTERMOST), OUTERMOST) for v in ends])
        highs.append([min(max(-(-v // by), -OUTERMOST), OUTERMOST) for v in ends])
    return [*np.min(lows, axis=0).tolist(), *np.max(highs, axis=0).tolist()]


def _shares(t: int, method: int) -> list[int]:
    """The weights of 1, 2 or 4 pixels in a row, of which one is t 256ths past."""
    if method == 0:
        return [WHOLE]
    if method == 1:
        return [WHOLE - 64 * t, 64 * t]
    before = (512 * t**2 - t**3 - 65536 * t + 1024) >> 11
    after = (1024 * t**2 - 3 * t**3 + 65536 * t + 1024) >> 11
    beyond = (t**3 - 256 * t**2 + 1024) >> 11
    return [before, WHOLE - before - after - beyond, after, beyond]


def warp(
    px: Wide,
    corner: tuple[int, int],
    outside: int,
    m: Sequence[int],
    box: tuple[int, int, int, int],
    level: int,
    method: int,
) -> Wide:
    """The pixels of a box that a projection makes of [h, w, 4] from a corner on."""
    x0, y0, x1, y1 = box
    out = np.zeros((y1 - y0, x1 - x0, 4), np.uint16)
    blank = np.array([0, 0, 0, 255 * outside], np.int64)
    for y in range(y0, y1):
        for x in range(x0, x1):
            by = _at(m[6:], 2 * x + 1, 2 * y + 1)
            if by < 1:
                out[y - y0, x - x0] = blank
                continue
            place = [
                _at(m[3 * k : 3 * k + 3], 2 * x + 1, 2 * y + 1) * 256 // (by << level)
                - (128 if method else 0)
                for k in (0, 1)
            ]
            u, v = (min(max(at, -OUTERMOST * 256), OUTERMOST * 256) for at in place)
            out[y - y0, x - x0] = sampled(px, corner, blank, (u, v), method)
    return out


def sampled(
    px: Wide, corner: tuple[int, int], blank: NDArray[np.int64], place: tuple[int, int], method: int
) -> Wide:
    """The pixel [4] at a place, in 256ths of the pixels of [h, w, 4], which begins at a corner."""

    def read(u: int, v: int) -> Any:
        inside = 0 <= u < px.shape[1] and 0 <= v < px.shape[0]
        return px[v, u].astype(np.int64) if inside else blank

    starts = [(place[k] >> 8) - (method == 2) - corner[k] for k in (0, 1)]
    total = np.full(4, WHOLE // 2, np.int64)
    for b, down in enumerate(_shares(place[1] & 255, method)):
        line = np.full(4, WHOLE // 2, np.int64)
        for a, along in enumerate(_shares(place[0] & 255, method)):
            line += read(starts[0] + a, starts[1] + b) * along
        total += (line >> 14) * down
    return _settled(total >> 14)
