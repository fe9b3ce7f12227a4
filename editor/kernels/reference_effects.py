"""What the kernels of adjustments and filters compute: the fourth part of reference.py."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import pairwise
from math import isqrt
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from editor.kernels import reference
from editor.kernels.reference import Bytes

Wide = NDArray[np.uint16]
ONE: Final = 65536
LOG: Final = 1 << 24
KINDS: Final = (
    *("brightness", "exposure", "levels", "curves", "hue", "temperature"),
    *("balance", "mono", "invert", "threshold", "posterise", "vignette"),
)
_DIGITS: Final = 400


@cache
def _roots() -> list[int]:
    """2^(1/2), 2^(1/4), ... in 31 binary places."""
    out, value = [], 2 << _DIGITS
    for _ in range(24):
        value = isqrt(value << _DIGITS)
        out.append(value >> (_DIGITS - 31))
    return out


def power_of_two(y: int) -> int:
    """2^(y / LOG) in 65536ths, at most 2^30."""
    whole, m = y >> 24, 1 << 31
    if whole >= 14:
        return 1 << 30
    if whole < -17:
        return 0
    for k, root in enumerate(_roots()):
        if y >> (23 - k) & 1:
            m = (m * root) >> 31
    shift = 15 - whole
    return (m + (1 << (shift - 1))) >> shift


def log2_of(v: int) -> int:
    """log2(v / ONE) in 2^-24ths."""
    whole = v.bit_length() - 1
    out, m = (whole - 16) * LOG, v << (31 - whole)
    for bit in range(23, -1, -1):
        m = (m * m) >> 31
        if m >> 32:
            m, out = m >> 1, out + (1 << bit)
    return out


def power(v: int, e: int) -> int:
    """(v / ONE)^(e / ONE) in 65536ths."""
    return power_of_two(log2_of(v) * e >> 16) if v else 0


def _level(x: int) -> int:
    return 0 if x <= 0 else 255 if x >= ONE else (x * 255 + 32768) >> 16


@cache
def _light() -> list[int]:
    """How bright each value of sRGB is in light, in 65536ths."""
    return [
        (v * 655360 + 16473) // 32946 if v <= 10 else power(((1000 * v + 14025) << 16) // 269025, 157286)
        for v in range(256)
    ]


def _nearest(y: int) -> int:
    light = _light()
    return 255 if y >= light[255] else min(range(256), key=lambda v: (abs(light[v] - y), v))


def _brightness(v: int, bright: int, contrast: int) -> int:
    bend, steep = power_of_two(-bright * LOG // 100), power_of_two(contrast * LOG // 50)
    x = power((v * ONE + 127) // 255, bend)
    if contrast < 0:
        return _level(32768 + (x - 32768) * (100 + contrast) // 100)
    half = power(2 * x if x < 32768 else 2 * (ONE - x), steep) // 2
    return _level(half if x < 32768 else ONE - half)


def _exposure(v: int, stops: int, offset: int, gamma: int) -> int:
    gain = power_of_two(stops * LOG // 100)
    y = max(0, ((_light()[v] * gain + 32768) >> 16) + offset * ONE // 1000)
    return _nearest(y if gamma == 100 else power(y, 100 * ONE // gamma))


def _levels(v: int, black: int, gamma: int, white: int, low: int, high: int) -> int:
    width = max(1, white - black)
    x = (min(width, max(0, v - black)) * ONE + width // 2) // width
    x = x if gamma == 100 else min(ONE, power(x, 100 * ONE // gamma))
    return min(255, max(0, ((x * (high - low) + 32768) >> 16) + low))


def curve(points: list[tuple[int, int]]) -> list[int]:
    """The 256 values of a curve through points."""
    if len(points) < 2:
        return list(range(256))
    way = [(b[1] - a[1]) * ONE // (b[0] - a[0]) for a, b in pairwise(points)]
    slope = [way[0]]
    for a, b in pairwise(way):
        mean = 2 * abs(a) * abs(b) // (abs(a) + abs(b)) if a and b else 0
        slope.append(mean if a > 0 and b > 0 else -mean if a < 0 and b < 0 else 0)
    slope.append(way[-1])
    out = []
    for v in range(256):
        k = max([0, *(n for n in range(len(points) - 1) if points[n][0] <= v)])
        (x0, y0), (x1, y1) = points[k], points[k + 1]
        h = x1 - x0
        s = min(h, max(0, v - x0)) * ONE // h
        s2 = s * s >> 16
        s3 = s2 * s >> 16
        y = y0 * (2 * s3 - 3 * s2 + ONE) + y1 * (3 * s2 - 2 * s3)
        y += (h * slope[k] * (s3 - 2 * s2 + s) >> 16) + (h * slope[k + 1] * (s3 - s2) >> 16)
        out.append(min(255, max(0, (y + 32768) >> 16)))
    return out


def _joined(four: list[list[int]]) -> list[list[int]]:
    return [[four[0][v] for v in channel] for channel in four[1:]]


def tables(kind: str, values: list[int]) -> list[list[int]]:
    """The three tables of an adjustment."""

    def all_of(one: Callable[[int], int]) -> list[list[int]]:
        return [[one(v) for v in range(256)]] * 3

    match kind:
        case "brightness":
            return all_of(lambda v: _brightness(v, *values[:2]))
        case "exposure":
            return all_of(lambda v: _exposure(v, *values[:3]))
        case "levels":
            return _joined([[_levels(v, *values[5 * c : 5 * c + 5]) for v in range(256)] for c in range(4)])
        case "curves":
            four, rest = [], list(values)
            for _ in range(4):
                count, rest = rest[0], rest[1:]
                four.append(curve(list(zip(rest[: 2 * count : 2], rest[1 : 2 * count : 2], strict=True))))
                rest = rest[2 * count :]
            return _joined(four)
        case "hue":
            light = values[2]
            return all_of(
                lambda v: (
                    (v * (100 + light) + 50) // 100 if light < 0 else v + ((255 - v) * light + 50) // 100
                )
            )
        case "temperature":
            warm, tint = values[:2]
            gain = [power_of_two(each * LOG // 200) for each in (warm, -tint, -warm)]
            whole = (54 * gain[0] + 183 * gain[1] + 19 * gain[2]) >> 8
            return [[_nearest((light * g + whole // 2) // whole) for light in _light()] for g in gain]
        case "balance":
            out = []
            for c in range(3):
                dark, middle, bright = values[c], values[3 + c], values[6 + c]
                shift = [
                    dark * (255 - v) ** 2 + 3 * middle * v * (255 - v) + bright * v * v for v in range(256)
                ]
                out.append([min(255, max(0, v + (shift[v] * 64 + 3251250) // 6502500)) for v in range(256)])
            return out
        case "invert":
            return all_of(lambda v: 255 - v)
        case "posterise":
            n = values[0]
            return all_of(lambda v: (v * n // 256 * 255 + (n - 1) // 2) // (n - 1))
        case _:
            return all_of(lambda v: v)


def _hue(c: list[int], hue: int, more: int) -> list[int]:
    low, high = min(c), max(c)
    chroma = high - low
    if not chroma:
        return c
    if hue:
        r, g, b = c
        at = g - b if r == high else 2 * chroma + b - r if g == high else 4 * chroma + r - g
        turned = abs(hue) * chroma + 30
        at = (at + (turned // 60 if hue > 0 else -(turned // 60))) % (6 * chroma)

        def within(v: int) -> int:
            return low + min(chroma, max(0, v))

        c = [
            within(abs(at - 3 * chroma) - chroma),
            within(2 * chroma - abs(at - 2 * chroma)),
            within(2 * chroma - abs(at - 4 * chroma)),
        ]
    if more:
        twice, factor = low + high, 100 + more if more < 0 else 100 + 2 * more
        share = (min((chroma * factor + 50) // 100, twice, 510 - twice) << 16) // chroma
        c = [((twice << 16) + (2 * v - twice) * share + ONE) >> 17 for v in c]
    return c


def _grey(c: list[int], weights: list[int]) -> int:
    red, yellow, green, cyan, blue, magenta = weights
    most = max(range(3), key=lambda k: (c[k], -k))
    least = min(range(3), key=lambda k: (c[k], -k))
    middle = sum(c) - c[most] - c[least]
    mixed, pure = (cyan, magenta, yellow)[least], (red, green, blue)[most]
    total = (middle - c[least]) * mixed + (c[most] - middle) * pure
    return min(255, max(0, c[least] + ((total * 655 + 32768) >> 16)))


def weight(values: list[int], i: int) -> int:
    """How much a vignette does at the squared distance i / 1024."""
    amount, middle, _round, feather = values[:4]
    inner, outer = max(0, 2 * middle - feather) * ONE // 200, (2 * middle + feather) * ONE // 200
    far = isqrt(i << 22)
    t = (far - inner) * ONE // (outer - inner) if outer > inner and far > inner else 0
    t = min(ONE, t) if outer > inner else ONE if far >= inner else 0
    t = (t * t >> 16) * (3 * ONE - 2 * t) >> 16
    return (t * abs(amount) // 2 + 50) // 100


def _shade(c: list[int], values: list[int], x: int, y: int, level: int, size: tuple[int, int]) -> list[int]:
    w, h = size
    round_, whole = values[2], 1 << 40
    circle = whole // 100 * round_ // (w * w + h * h)
    across, along = (whole // 200 * (100 - round_) // (side * side) + circle for side in size)
    dx, dy = (
        max(-1024 * side, min(1024 * side, ((2 * at + 1) << level) - side)) for at, side in ((x, w), (y, h))
    )
    m = weight(values, min(1024, (dx * dx * across + dy * dy * along) >> 30))
    if values[0] > 0:
        return [v + (((255 - v) * m + 16384) >> 15) for v in c]
    return [v - ((v * m + 16384) >> 15) for v in c]


def adjusted(
    kind: str, values: list[int], d: Bytes, *, x: int, y: int, level: int, size: tuple[int, int]
) -> Bytes:
    """The colours of d [rows, 256, 4] after an adjustment, opaque; (x, y) is its first pixel."""
    out, three = np.full_like(d, 255), tables(kind, values)
    for row in range(d.shape[0]):
        for column in range(d.shape[1]):
            c = d[row, column, :3].tolist()
            if kind == "hue":
                c = _hue(c, values[0], values[1])
            elif kind == "mono":
                c = [_grey(c, values[:6])] * 3
            elif kind == "threshold":
                c = [255 if reference._lum(c) >= values[0] else 0] * 3  # noqa: SLF001  (of the same truth)
            elif kind == "vignette":
                c = _shade(c, values, x + column, y + row, level, size)
            was, c = c, [three[k][c[k]] for k in range(3)]
            if kind == "balance" and values[9]:
                c = reference._set_lum(c, reference._lum(was))  # noqa: SLF001
            out[row, column, :3] = c
    return out


def adjust(d: Bytes, new: Bytes, mask: Bytes | None, opacity: int, mode: str) -> Bytes:
    """Pixels d [rows, 256, 4] with their adjusted colours laid onto them."""
    over = reference.composite_atop(
        d.reshape(-1, 4), new.reshape(-1, 4), None if mask is None else mask.reshape(-1), opacity, mode
    )
    return over.reshape(d.shape)


# --- filters -------------------------------------------------------------------------------------------------


def filter_load(px: Bytes) -> Wide:
    """Colours times alpha, and alpha times 255; [..., 4]."""
    wide = px.astype(np.uint32)
    return np.concatenate([wide[..., :3] * wide[..., 3:], wide[..., 3:] * 255], -1).astype(np.uint16)


def filter_store(px: Wide) -> Bytes:
    """Pixels of what filter_load made."""
    wide = px.astype(np.int64)
    a = wide[..., 3:]
    alpha = (a + 127) // 255
    part = np.minimum(255, (wide[..., :3] * 255 + a // 2) // np.maximum(a, 1))
    colour = np.where(a == 65025, (wide[..., :3] + 127) // 255, np.where(alpha > 0, part, 0))
    return np.concatenate([colour, alpha], -1).astype(np.uint8)


def filter_box(px: Wide, r: int) -> Wide:
    """Means of 2 * r + 1 along both directions of [h, w, 4], the outermost going on beyond the edge."""
    values, width = px.astype(np.uint64), 2 * r + 1
    for axis in (1, 0):
        pad = [(r, r) if k == axis else (0, 0) for k in (0, 1, 2)]
        wide = np.pad(values, pad, mode="edge")
        sums = np.lib.stride_tricks.sliding_window_view(wide, width, axis=axis).sum(axis=-1)
        values = (sums * np.uint64((1 << 32) // width + 1) + np.uint64(1 << 31)) >> np.uint64(32)
    return values.astype(np.uint16)


def filter_sharpen(px: Bytes, soft: Bytes, amount: int, least: int) -> Bytes:
    """Pixels [n, 4] moved away from soft ones; amount in 65536ths."""
    out, more = px.copy(), px[:, :3].astype(np.int64) - soft[:, :3]
    sharp = np.clip(px[:, :3] + ((more * amount + 32768) >> 16), 0, 255)
    out[:, :3] = np.where((abs(more) >= least) & (px[:, 3:] > 0), sharp, px[:, :3])
    return out


def _chance(v: int) -> int:
    v = ((v ^ (v >> 16)) * 0x7FEB352D) & 0xFFFFFFFF
    v = ((v ^ (v >> 15)) * 0x846CA68B) & 0xFFFFFFFF
    return v ^ (v >> 16)


def filter_noise(px: Bytes, x: int, y: int, seed: int, amount: int, one: bool) -> Bytes:
    """A row of pixels [n, 4] from (x, y) on, with noise; amount in 65536ths of the whole range."""
    out = px.copy()
    row = _chance(seed ^ _chance(y & 0xFFFFFFFF))
    for i in range(len(px)):
        v = _chance(row ^ ((x + i) & 0xFFFFFFFF))
        more = _chance(v)
        pairs = [(v & 255, v >> 8 & 255), (v >> 16 & 255, v >> 24), (more & 255, more >> 8 & 255)]
        for k in range(3):
            add = sum(pairs[0 if one else k]) - 255
            if px[i, 3]:
                out[i, k] = min(255, max(0, int(px[i, k]) + ((add * amount + 32768) >> 16)))
    return out


def filter_pixelate(px: Bytes, side: int) -> Bytes:
    """Every cell of [h, w, 4] in its mean colour."""
    out: Any = px.copy()
    for top in range(0, px.shape[0], side):
        for left in range(0, px.shape[1], side):
            cell = px[top : top + side, left : left + side].reshape(-1, 4).astype(np.int64)
            alphas = int(cell[:, 3].sum())
            alpha = (alphas + len(cell) // 2) // len(cell)
            sums = (cell[:, :3] * cell[:, 3:]).sum(axis=0)
            colour = [(int(v) + alphas // 2) // alphas if alpha else 0 for v in sums]
            out[top : top + side, left : left + side] = [*colour, alpha]
    return out  # type: ignore[no-any-return]


def filter_keep(px: Bytes, old: Bytes) -> Bytes:
    """Pixels [n, 4] with the alpha of old ones, which stand where there are none."""
    out = np.where((px[:, 3:] == 0) | (old[:, 3:] == 0), old, px)
    out[:, 3] = old[:, 3]
    return out
