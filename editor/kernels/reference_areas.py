"""What the kernels of selections, outlines and gradients compute: the second part of reference.py."""

from __future__ import annotations

from collections import deque
from math import isqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from editor.kernels.reference import Bytes

# --- masks -------------------------------------------------------------------------------------------------


def mask_combine(d: Bytes, s: Bytes, op: int) -> Bytes:
    """0 replaces, 1 adds, 2 subtracts, 3 intersects."""
    return (s.copy(), np.maximum(d, s), np.minimum(d, 255 - s), np.minimum(d, s))[op]


def mask_invert(d: Bytes) -> Bytes:
    """255 - d."""
    return 255 - d


def mask_similar(px: Bytes, rgba: tuple[int, int, int, int], tolerance: int, soft: int) -> Bytes:
    """How near pixels [n, 4] are to a colour, by their largest difference of a channel."""
    far = np.abs(px.astype(int) - np.array(rgba)).max(axis=1)
    fall = (255 * (tolerance + soft + 1 - far) + (soft + 1) // 2) // (soft + 1)
    return np.where(far <= tolerance, 255, np.where(far > tolerance + soft, 0, fall)).astype(np.uint8)


def mask_flood(map_: Bytes, x: int, y: int) -> Bytes:
    """What is joined to (x, y) by edges among the pixels that are 255."""
    out = np.zeros_like(map_)
    waiting = deque([(y, x)])
    while waiting:
        j, i = waiting.popleft()
        if 0 <= j < map_.shape[0] and 0 <= i < map_.shape[1] and map_[j, i] == 255 and not out[j, i]:
            out[j, i] = 255
            waiting += [(j - 1, i), (j + 1, i), (j, i - 1), (j, i + 1)]
    return out


def mask_feather(map_: Bytes, r: int, edge: int) -> Bytes:
    """Three box blurs each way; beyond the edge is `edge`."""
    if r <= 0:
        return map_.copy()
    values = map_.astype(np.int64)
    for _ in range(3):
        for axis in (1, 0):
            pad = [(r, r) if k == axis else (0, 0) for k in (0, 1)]
            wide = np.pad(values, pad, constant_values=edge)
            sums = np.lib.stride_tricks.sliding_window_view(wide, 2 * r + 1, axis=axis).sum(axis=-1)
            values = (sums + (2 * r + 1) // 2) // (2 * r + 1)
    return values.astype(np.uint8)


def mask_grow(map_: Bytes, r: int) -> Bytes:
    """255 within the distance r of a pixel that is 128 or more."""
    h, w = map_.shape
    out = np.zeros_like(map_)
    for y, x in zip(*np.nonzero(map_ >= 128), strict=True):
        y0, x0 = max(0, y - r), max(0, x - r)
        near = np.hypot.outer(np.arange(y0, min(h, y + r + 1)) - y, np.arange(x0, min(w, x + r + 1)) - x)
        out[y0 : y + r + 1, x0 : x + r + 1][near**2 <= r * r + 1e-6] = 255
    return out


# --- outlines and gradients ----------------------------------------------------------------------------------


def shape_fill(points: list[tuple[int, int]], w: int, y0: int, rows: int) -> Bytes:
    """How much of each pixel lies inside a closed outline of points in sixteenths.

    Each edge leaves in each row it crosses, for every pixel it touches, how far down it went there (`height`, 256ths)
    and twice the area left of it (`area`); what is inside is the sum of the heights so far, less that area.
    """
    height, area = np.zeros((rows, w + 1), np.int64), np.zeros((rows, w + 1), np.int64)
    for a, b in zip(points, points[1:] + points[:1], strict=True):
        (x1, y1), (x2, y2) = sorted(((a[0] * 16, a[1] * 16), (b[0] * 16, b[1] * 16)), key=lambda p: p[1])
        down = a[1] <= b[1]
        for row in range(max(y0, y1 >> 8), min(y0 + rows, -(-y2 // 256))):
            ends = [max(y1, row * 256), min(y2, row * 256 + 256)]
            if ends[0] >= ends[1]:
                continue
            above, under = ((x1 + _quotient((x2 - x1) * (y - y1), y2 - y1), y - row * 256) for y in ends)
            for x, fall, beside in _cells(above, under, w) if down else _cells(under, above, w):
                height[row - y0, x] += fall
                area[row - y0, x] += fall * beside
    inside = np.abs(height.cumsum(axis=1) * 512 - area)[:, :w]
    filled: Bytes = np.minimum(255, (inside + 256) >> 9).astype(np.uint8)
    return filled


def _cells(a: tuple[int, int], b: tuple[int, int], w: int) -> list[tuple[int, int, int]]:
    """(pixel, fall, the sum of where it enters and leaves) of a piece within one row, from left to right or back."""
    x1, x2, fall = min(max(a[0], 0), w * 256), min(max(b[0], 0), w * 256), b[1] - a[1]
    first, last, step = x1 >> 8, x2 >> 8, 1 if x2 >= x1 else -1
    found, done = [], 0
    for x in range(first, last + step, step):
        enter = x1 if x == first else (x if step > 0 else x + 1) * 256
        leave = x2 if x == last else (x + 1 if step > 0 else x) * 256
        upto = fall if x == last else _quotient(fall * (leave - x1), x2 - x1)
        found.append((x, upto - done, enter + leave - 2 * x * 256))
        done = upto
    return found


def _quotient(n: int, d: int) -> int:
    """n / d towards zero, as C divides."""
    return abs(n) // abs(d) * (1 if (n < 0) == (d < 0) else -1)


def _angle(x: int, y: int) -> int:
    ax, ay = abs(x), abs(y)
    if not ax and not ay:
        return 0
    t = (min(ax, ay) << 15) // max(ax, ay)
    a = (t * (8192 + (((32768 - t) * 2847) >> 15))) >> 15
    a = 16384 - a if ay > ax else a
    a = 32768 - a if x < 0 else a
    return (65536 - a if y < 0 else a) & 65535


def gradient(
    ramp: Bytes, box: tuple[int, int, int, int], a16: tuple[int, int], b16: tuple[int, int], kind: int
) -> Bytes:
    """A gradient over box (x, y, w, h) as [h, w, 4]; kind 0 linear, 1 radial, 2 conic; ramp [1024, 4]."""
    x, y, w, h = box
    vx, vy = b16[0] - a16[0], b16[1] - a16[1]
    square = vx * vx + vy * vy
    out = np.zeros((h, w, 4), np.uint8)
    for row in range(h):
        for column in range(w):
            px, py, t = (x + column) * 16 + 8 - a16[0], (y + row) * 16 + 8 - a16[1], 1023
            if kind == 2:
                t = ((_angle(px, py) - _angle(vx, vy)) & 65535) >> 6
            elif square and kind == 0:
                t = max(0, px * vx + py * vy) * 1023 // square
            elif square:
                t = isqrt((px * px + py * py) << 8) * 1023 // isqrt(square << 8)
            colour = ramp[min(1023, t)]
            out[row, column] = colour if colour[3] else 0
    return out


# --- quick selection -----------------------------------------------------------------------------------------

STRAIGHT: Final = 2
SLANTED: Final = 3
FARTHEST: Final = 16
ALIKE: Final = 400
UNREACHED: Final = 65535
_BEFORE: Final = ((-1, 0, STRAIGHT), (0, -1, STRAIGHT), (-1, -1, SLANTED), (1, -1, SLANTED))


def _colours(px: Bytes) -> NDArray[np.int64]:
    """Four bits a channel of pixels [..., 4], as [..., 3]."""
    return px[..., :3].astype(np.int64) >> 4


def colour_steps(px: Bytes, map_: Bytes) -> Bytes:
    """How many steps each of the 4096 colours is from those that the map's pixels have often."""
    all_ = np.stack(np.meshgrid(*[np.arange(16)] * 3, indexing="ij"), -1).reshape(4096, 3)
    found, counts = np.unique(_colours(px)[map_ == 255], axis=0, return_counts=True)
    often = found[counts >= counts.max(initial=0) // 32]
    steps = np.full(4096, FARTHEST)
    for colour in often:
        steps = np.minimum(steps, np.abs(all_ - colour).max(axis=1))
    return steps.astype(np.uint8)


def quick_select(map_: Bytes, px: Bytes, rounds: int) -> tuple[Bytes, Bytes]:
    """What belongs to the stroke that a map [h, w] marks with 255, and the tables [2, 4096] of both sides' colours."""
    stroke = map_ == 255
    inside = colour_steps(px, map_)
    edge = np.ones_like(stroke)
    edge[1:-1, 1:-1] = False
    unlike = inside[_colours(px) @ (256, 16, 1)] > 1
    around = edge & ~stroke & unlike
    if not around.any():
        around = edge & ~stroke
    outside = colour_steps(px, np.where(around, 255, 0).astype(np.uint8))
    tables = np.stack([outside, inside])
    begun = np.where(stroke, 0, np.where(~edge, UNREACHED, np.where(unlike, 0, ALIKE)))
    return _grown(np.where(stroke, 255, 0), begun, px, tables, rounds), tables


def quick_refine(map_: Bytes, tables: Bytes, px: Bytes, rounds: int) -> Bytes:
    """Both sides of a map [h, w] grown into what is neither 0 nor 255."""
    begun = np.where((map_ == 0) | (map_ == 255), 0, UNREACHED)
    return _grown(map_, begun, px, tables, rounds)


def _grown(
    sides: NDArray[np.integer], begun: NDArray[np.integer], px: Bytes, tables: Bytes, rounds: int
) -> Bytes:
    """Scan forth and back: each pixel takes the side of the neighbour from which it is reached at the least cost."""
    h, w = sides.shape
    side, cost, pixels = sides.tolist(), begun.tolist(), px.astype(int).tolist()
    colours = (_colours(px) @ (256, 16, 1)).tolist()
    table = tables.astype(int).tolist()
    for _ in range(rounds):
        before = [row[:] for row in cost]
        for way in (1, -1):
            for y in range(h)[::way]:
                for x in range(w)[::way]:
                    for dx, dy, length in _BEFORE:
                        i, j = x + way * dx, y + way * dy
                        if not (0 <= i < w and 0 <= j < h):
                            continue
                        far = max(abs(a - b) for a, b in zip(pixels[j][i], pixels[y][x], strict=True))
                        steps = table[1 if side[j][i] else 0][colours[y][x]]
                        total = cost[j][i] + length + far * far // 16 + steps * steps * 8
                        if total < cost[y][x]:
                            cost[y][x], side[y][x] = total, side[j][i]
        if cost == before:
            break
    return np.where(np.array(cost).reshape(h, w) == UNREACHED, 0, np.array(side).reshape(h, w)).astype(
        np.uint8
    )
