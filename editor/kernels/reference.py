"""What each kernel computes, in numpy and plain Python: the readable truth that tests hold both builds to.

Here is what makes pixels: blending, brushes, tiles. Selections, outlines and gradients are in reference_areas.py.

Slow on purpose. Pixels are uint8 [..., 4] RGBA with straight alpha, masks uint8, coverage uint16 (0..32767). Functions
take and return arrays; the kernels of the same names (editor/kernels/k1/) change memory in place.
"""

from __future__ import annotations

from math import isqrt
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Cover = NDArray[np.uint16]

TILE: Final = 256
FULL: Final = 32767
PROFILE: Final = 4096
MODES: Final = (
    "normal",
    "multiply",
    "screen",
    "overlay",
    "darken",
    "lighten",
    "color-dodge",
    "color-burn",
    "hard-light",
    "soft-light",
    "difference",
    "exclusion",
    "hue",
    "saturation",
    "color",
    "luminosity",
)


def d255(value: Any) -> Any:
    """value / 255, rounded; value 0..65025."""
    return (value + 128 + ((value + 128) >> 8)) >> 8


def q15(a: Any, b: Any) -> Any:
    """A * b / 32768, rounded."""
    return (a * b + 16384) >> 15


# --- blending: W3C Compositing and Blending Level 1, in integers ---------------------------------------------


def _hard_light(b: int, s: int) -> int:
    return int(d255(2 * s * b)) if s <= 127 else (2 * s - 255) + b - int(d255((2 * s - 255) * b))


def _soft_light(b: int, s: int) -> int:
    if s <= 127:
        return b - ((255 - 2 * s) * b * (255 - b) + 32512) // 65025
    bright = (
        (16 * b**3 + 260100 * b - 3060 * b * b + 32512) // 65025 if b <= 63 else (isqrt(1020 * b) + 1) >> 1
    )
    return b + ((2 * s - 255) * (bright - b) + 127) // 255


def separable(mode: str, b: int, s: int) -> int:
    """B(backdrop, source) of one channel."""
    match mode:
        case "multiply":
            return int(d255(b * s))
        case "screen":
            return b + s - int(d255(b * s))
        case "overlay":
            return _hard_light(s, b)
        case "darken":
            return min(b, s)
        case "lighten":
            return max(b, s)
        case "color-dodge":
            return 0 if b == 0 else 255 if s == 255 else min(255, (b * 255 + (255 - s) // 2) // (255 - s))
        case "color-burn":
            return 255 if b == 255 else 0 if s == 0 else 255 - min(255, ((255 - b) * 255 + s // 2) // s)
        case "hard-light":
            return _hard_light(b, s)
        case "soft-light":
            return _soft_light(b, s)
        case "difference":
            return abs(b - s)
        case "exclusion":
            return b + s - (2 * b * s + 127) // 255
        case _:
            return s


def _lum(c: list[int]) -> int:
    return (77 * c[0] + 151 * c[1] + 28 * c[2] + 128) >> 8


def _scaled(v: int, up: int, down: int) -> int:
    n = v * up
    return (n + down // 2) // down if n >= 0 else -((-n + down // 2) // down)


def _set_lum(c: list[int], to: int) -> list[int]:
    c = [v + to - _lum(c) for v in c]
    light, low, high = _lum(c), min(c), max(c)
    if low < 0 and light > low:
        c = [light + _scaled(v - light, light, light - low) for v in c]
    if high > 255 and high > light:
        c = [light + _scaled(v - light, 255 - light, high - light) for v in c]
    return [min(255, max(0, v)) for v in c]


def _set_sat(c: list[int], to: int) -> list[int]:
    low, span = min(c), max(c) - min(c)
    return [((v - low) * to + span // 2) // span if span else 0 for v in c]


def _blend(mode: str, b: list[int], s: list[int]) -> list[int]:
    """B(backdrop, source) of a pixel."""
    match mode:
        case "hue":
            return _set_lum(_set_sat(s, max(b) - min(b)), _lum(b))
        case "saturation":
            return _set_lum(_set_sat(b, max(s) - min(s)), _lum(b))
        case "color":
            return _set_lum(s, _lum(b))
        case "luminosity":
            return _set_lum(b, _lum(s))
        case _:
            return [separable(mode, x, y) for x, y in zip(b, s, strict=True)]


def over(d: list[int], s: list[int], a: int, mode: str) -> list[int]:
    """One pixel s, with alpha a in place of its own, over d."""
    if a == 0:
        return d
    ab, c = d[3], s[:3]
    if mode != "normal" and ab:
        c = [d255(x * (255 - ab) + y * ab) for x, y in zip(c, _blend(mode, d[:3], s[:3]), strict=True)]
    wa, wb = a * 255, ab * (255 - a)
    w = wa + wb
    return [*((x * wa + y * wb + w // 2) // w for x, y in zip(c, d[:3], strict=True)), d255(w)]


def composite(d: Bytes, s: Bytes, mask: Bytes | None, opacity: int, mode: str) -> Bytes:
    """S over d; arrays [n, 4], mask [n]."""
    out = d.copy()
    for i in range(len(d)):
        a = d255(int(s[i, 3]) * opacity)
        a = a if mask is None else d255(a * int(mask[i]))
        out[i] = over(d[i].tolist(), s[i].tolist(), a, mode)
    return out


def composite_atop(d: Bytes, s: Bytes, mask: Bytes | None, opacity: int, mode: str) -> Bytes:
    """S over d where d is, whose alpha stays."""
    out = d.copy()
    for i in range(len(d)):
        a = d255(int(s[i, 3]) * opacity)
        a = a if mask is None else d255(a * int(mask[i]))
        if a and d[i, 3]:
            mixed = _blend(mode, d[i, :3].tolist(), s[i, :3].tolist())
            out[i, :3] = [d255(x * a + y * (255 - a)) for x, y in zip(mixed, d[i, :3].tolist(), strict=True)]
    return out


def apply_mask(d: Bytes, mask: Bytes) -> Bytes:
    """Alpha times mask."""
    out = d.copy()
    out[:, 3] = d255(d[:, 3].astype(int) * mask)
    out[out[:, 3] == 0] = 0
    return out


def mix(d: Bytes, s: Bytes, mask: Bytes | None, opacity: int) -> Bytes:
    """D moved towards s by mask * opacity; arrays [n, 4], mask [n]."""
    a = np.full(len(d), opacity) if mask is None else d255(mask.astype(np.int64) * opacity)
    wa, wb = s[:, 3].astype(np.int64) * a, d[:, 3].astype(np.int64) * (255 - a)
    w, alpha = wa + wb, d255(wa + wb)
    colour = (s[:, :3] * wa[:, None] + d[:, :3] * wb[:, None] + (w >> 1)[:, None]) // np.maximum(w, 1)[
        :, None
    ]
    return np.concatenate([np.where(alpha[:, None] > 0, colour, 0), alpha[:, None]], 1).astype(np.uint8)


# --- brush -------------------------------------------------------------------------------------------------


def brush_profile(r16: int, hardness: int) -> Cover:
    """Coverage over the squared distance, in 4096 steps up to the outermost radius."""
    outer = r16 + 8
    inner = max(0, min(r16 * hardness // 255, outer - 16))
    out = np.zeros(PROFILE, np.uint16)
    for q in range(PROFILE):
        left = outer * 16 - isqrt((2 * q + 1) * outer * outer * 128 // PROFILE)
        t = min(4096, max(0, left) * 256 // (outer - inner))
        out[q] = min(FULL, (t * t * (12288 - 2 * t)) >> 21)
    return out


def brush_mask(lut: Cover, w: int, r16: int, px16: int, py16: int) -> Cover:
    """One dab [w, w] around a centre (px16, py16) sixteenths into its middle pixel."""
    x = np.arange(w, dtype=np.int64) * 16 + 8 - w // 2 * 16
    square = (x[None, :] - px16) ** 2 + (x[:, None] - py16) ** 2
    q = (square * ((PROFILE << 32) // (r16 + 8) ** 2)) >> 32
    return np.where(q < PROFILE, lut[np.minimum(q, PROFILE - 1)], 0).astype(np.uint16)


def brush_walk(
    samples: list[tuple[int, int, int]], r16: int, spacing: int, flags: int
) -> list[tuple[int, int, int]]:
    """The dabs of a whole path, its samples in sixteenths with pressure."""
    dabs: list[tuple[int, int, int]] = []
    rest, before = 0, samples[0] if samples else (0, 0, 0)
    for to in samples:
        way = [b - a for a, b in zip(before, to, strict=True)]
        length, at = isqrt((way[0] ** 2 + way[1] ** 2) << 16), rest
        while at <= length:
            share = (at << 16) // length if length else 0
            dab = tuple(a + (d * share >> 16) for a, d in zip(before, way, strict=True))
            dabs.append(dab)  # type: ignore[arg-type]  # three numbers, as in the sample
            radius = max(8, (r16 * dab[2] + 127) // 255) if flags & 1 else r16
            at += max(2048, radius * 2 * spacing)
        rest, before = at - length, to
    return dabs


def brush_place(dabs: list[tuple[int, int, int]], r16: int, flow: int, flags: int) -> list[tuple[int, ...]]:
    """For each dab {radius, px16, py16, left, top, w, flow}: which mask, and where."""
    out: list[tuple[int, ...]] = []
    for x16, y16, pressure in dabs:
        r = max(8, (r16 * pressure + 127) // 255) if flags & 1 else r16
        step = max(1, r >> 6)
        r = max(8, r // step * step)
        grain = 1 if r < 256 else 4 if r < 1024 else 16
        w = 2 * ((r + 8 + 15) >> 4) + 3
        x, y = ((v + grain // 2) // grain * grain for v in (x16, y16))
        strength = (flow * pressure + 127) // 255 if flags & 2 else flow
        out.append((r, x & 15, y & 15, (x >> 4) - w // 2, (y >> 4) - w // 2, w, strength))
    return out


def brush_cover(cov: Cover, dabs: list[tuple[int, ...]], masks: list[Cover], x: int, y: int) -> Cover:
    """Dabs, as brush_place gives them, added to the coverage [256, 256] of the tile whose corner is (x, y)."""
    out = cov.astype(np.int64)
    for dab, mask in zip(dabs, masks, strict=True):
        left, top, w, flow = dab[3] - x, dab[4] - y, dab[5], dab[6]
        x0, y0, x1, y1 = max(0, left), max(0, top), min(TILE, left + w), min(TILE, top + w)
        if x0 < x1 and y0 < y1:
            part = mask[y0 - top : y1 - top, x0 - left : x1 - left].astype(np.int64)
            out[y0:y1, x0:x1] += q15(FULL - out[y0:y1, x0:x1], q15(part, flow))
    return out.astype(np.uint16)


def _strength(cov: Cover, sel: Bytes | None, opacity: int) -> NDArray[np.int64]:
    a = q15(cov.astype(np.int64), opacity)
    return a if sel is None else d255(a * sel)  # type: ignore[no-any-return]


def brush_paint(old: Bytes, cov: Cover, sel: Bytes | None, rgb: int, opacity: int, flags: int) -> Bytes:
    """A colour (red | green << 8 | blue << 16) over old [n, 4] by coverage."""
    colour = [rgb & 255, rgb >> 8 & 255, rgb >> 16 & 255, 255]
    out = old.copy()
    for i, a in enumerate(_strength(cov, sel, opacity).tolist()):
        pixel = old[i].tolist()
        if not flags & 1:
            out[i] = over(pixel, colour, a, "normal")
        elif pixel[3]:
            out[i, :3] = [d255(c * a + p * (255 - a)) for c, p in zip(colour[:3], pixel[:3], strict=True)]
    return out


def brush_erase(old: Bytes, cov: Cover, sel: Bytes | None, opacity: int) -> Bytes:
    """Alpha rubbed out by coverage."""
    out = old.copy()
    out[:, 3] = d255(old[:, 3].astype(np.int64) * (255 - _strength(cov, sel, opacity)))
    out[out[:, 3] == 0] = 0
    return out


def brush_mask_paint(old: Bytes, cov: Cover, sel: Bytes | None, value: int, opacity: int) -> Bytes:
    """A mask moved towards a value by coverage."""
    a = _strength(cov, sel, opacity)
    return d255(value * a + old.astype(np.int64) * (255 - a)).astype(np.uint8)  # type: ignore[no-any-return]


# --- tiles ---------------------------------------------------------------------------------------------------


def png_unfilter(data: Bytes, above: Bytes, bpp: int) -> Bytes | None:
    """The rows [rows, stride] of filtered rows [rows, 1 + stride]; None for an unknown filter."""
    up, rows = above.astype(int), []
    for line in data.astype(int):
        kind, row = line[0], line[1:].copy()
        if kind > 4:
            return None
        for i in range(len(row)):
            a, b, c = (row[i - bpp] if i >= bpp else 0), up[i], (up[i - bpp] if i >= bpp else 0)
            p = a + b - c
            nearest = min((abs(p - v), order, v) for order, v in enumerate((a, b, c)))[2]
            row[i] = (row[i] + (0, a, b, (a + b) // 2, nearest)[kind]) & 255
        rows.append(row)
        up = row
    return np.array(rows, np.uint8).reshape(len(data), len(above))


def to_rgba(px: Bytes) -> Bytes:
    """[n, 3 or 4] to RGBA, transparent pixels all zero."""
    out = np.concatenate(
        [px[:, :3], px[:, 3:] if px.shape[1] == 4 else np.full((len(px), 1), 255, np.uint8)], 1
    )
    out[out[:, 3] == 0] = 0
    return out


def present(px: Bytes, x: int, y: int, light: int, dark: int) -> Bytes:
    """A row over a checkerboard, opaque."""
    grey = np.where(((np.arange(x, x + len(px)) >> 3) + (y >> 3)) & 1, dark, light)[:, None]
    a = px[:, 3:].astype(int)
    mixed = np.where(a == 255, px[:, :3], d255(px[:, :3].astype(int) * a + grey * (255 - a)))
    return np.concatenate([mixed, np.full((len(px), 1), 255)], 1).astype(np.uint8)


def tile_half(s: Bytes) -> Bytes:
    """A tile [256, 256, 4] as a quadrant [128, 128, 4]."""
    four = s.reshape(128, 2, 128, 2, 4).transpose(0, 2, 1, 3, 4).reshape(128, 128, 4, 4).astype(int)
    alpha = four[..., 3].sum(axis=-1)
    weighted = (four[..., :3] * four[..., 3:]).sum(axis=-2)
    mean = (weighted + alpha[..., None] // 2) // np.maximum(alpha, 1)[..., None]
    plain = (four[..., :3].sum(axis=-2) + 2) >> 2
    colour = np.where(alpha[..., None] == 1020, plain, np.where(alpha[..., None] > 1, mean, 0))
    return np.concatenate([colour, ((alpha + 2) >> 2)[..., None]], -1).astype(np.uint8)


def tile_decode(data: bytes, n: int) -> Bytes | None:
    """Pixels [n, 4] of an encoded tile; None when the bytes end early or hold too many."""
    seen, p, at = [[0] * 4 for _ in range(64)], [0, 0, 0, 255], 0
    out: list[list[int]] = []
    try:
        while len(out) < n:
            b, at = data[at], at + 1
            if 0xC0 <= b < 0xFE:
                out += [p] * (b - 0xBF)
                continue
            if b >= 0xFE:
                more = b - 0xFB
                if at + more > len(data):
                    return None
                p, at = [*data[at : at + more], *p[more:]], at + more
            elif b < 64:
                p = seen[b]
            elif b < 128:
                p = [(v + d - 2) & 255 for v, d in zip(p, (b >> 4 & 3, b >> 2 & 3, b & 3), strict=False)] + p[
                    3:
                ]
            else:
                c, at, g = data[at], at + 1, (b & 63) - 32
                moved = zip(p, (g + (c >> 4) - 8, g, g + (c & 15) - 8), strict=False)
                p = [(v + d) & 255 for v, d in moved] + p[3:]
            seen[(p[0] * 3 + p[1] * 5 + p[2] * 7 + p[3] * 11) & 63] = p
            out.append(p)
    except IndexError:
        return None
    return np.array(out, np.uint8) if len(out) == n else None


def mask_decode(data: bytes, n: int) -> Bytes | None:
    """Bytes [n] of an encoded mask, or None."""
    out, at = b"", 0
    while len(out) < n:
        if at + 2 > len(data):
            return None
        count, literal = (data[at] & 127) + 1, data[at] >> 7
        if literal and at + 1 + count > len(data):
            return None
        out += data[at + 1 : at + 1 + count] if literal else data[at + 1 : at + 2] * count
        at += 1 + (count if literal else 1)
    return np.frombuffer(out, np.uint8).copy() if len(out) == n else None


def blur_box(px: Bytes, r: int) -> Bytes:
    """One box blur along x, then along y, of [h, w, 4]; colours weighted by alpha, edges going on."""
    values, width = px.astype(np.int64), 2 * r + 1
    for axis in (1, 0):
        weighted = values.copy()
        weighted[..., :3] *= values[..., 3:]
        pad = [(r, r) if k == axis else (0, 0) for k in (0, 1, 2)]
        wide = np.pad(weighted, pad, mode="edge")
        sums = np.lib.stride_tricks.sliding_window_view(wide, width, axis=axis).sum(axis=-1)
        total = sums[..., 3:]
        alpha = (total + width // 2) // width
        colour = (sums[..., :3] + total // 2) // np.maximum(total, 1)
        values = np.concatenate([np.where(alpha > 0, colour, 0), alpha], -1)
    return values.astype(np.uint8)
