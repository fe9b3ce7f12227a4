"""What the kernels of the retouching tools compute (k1/retouch.c, smudge.c, heal.c), in numpy; see reference.py."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from editor.kernels.reference import TILE, Bytes, Cover, d255, q15

SHADOWS, MIDTONES, HIGHLIGHTS, BURN = 0, 1, 2, 4
RING: Final = 3
FINE: Final = 64
SWEEPS: Final = 10
POINTS: Final = 384
Numbers = NDArray[np.int64]


def _share(cov: Cover, sel: Bytes | None, opacity: int) -> Numbers:
    a = q15(cov.astype(np.int64), opacity)
    return np.asarray(a if sel is None else d255(a * sel.astype(np.int64)))


def retouch_lay(
    old: Bytes, src: Bytes, cov: Cover, sel: Bytes | None, opacity: int, *, keep: bool = False
) -> Bytes:
    """Lay src [n, 4] over old [n, 4] by a stroke's coverage [n]; keep: alpha stays."""
    out = old.astype(np.int64)
    a = d255(_share(cov, sel, opacity) * src[:, 3])
    wa, wb = a * 255, (255 if keep else out[:, 3]) * (255 - a)
    w = np.maximum(1, wa + wb)
    made = (src[:, :3] * wa[:, None] + out[:, :3] * wb[:, None] + (w >> 1)[:, None]) // w[:, None]
    changed = (a > 0) & (out[:, 3] > 0 if keep else True)
    out[changed, :3] = made[changed]
    if not keep:
        out[changed, 3] = d255(w[changed])
    return out.astype(np.uint8)


def retouch_tone(old: Bytes, cov: Cover, sel: Bytes | None, exposure: int, how: int) -> Bytes:
    """Dodge (how 0..2: shadows, midtones, highlights) or burn (4..6) old [n, 4]."""
    q = old.astype(np.int64)
    lum = (77 * q[:, 0] + 151 * q[:, 1] + 28 * q[:, 2] + 128) >> 8
    belongs = (
        d255((255 - lum) * (255 - lum)),
        np.minimum(255, 4 * d255(lum * (255 - lum))),
        d255(lum * lum),
    )[how & 3]
    a = np.where(q[:, 3] > 0, d255(_share(cov, sel, exposure) * belongs), 0)[:, None]
    out = q.copy()
    c = q[:, :3]
    out[:, :3] = c - d255(c * a) if how & BURN else c + d255((255 - c) * a)
    return out.astype(np.uint8)


def retouch_red(
    px: Bytes,
    sel: Bytes | None,
    corner: tuple[int, int],
    centre: tuple[int, int],
    radii: tuple[int, int],
    *,
    tolerance: int,
    dark: int,
) -> Bytes:
    """Take the red out of a tile px [256, 256, 4] inside of an ellipse; lengths in sixteenths, the corner in pixels."""
    out = px.astype(np.int64)
    y, x = np.mgrid[:TILE, :TILE]
    squares = [((each + at) * 16 + 8 - c) ** 2 for each, at, c in zip((x, y), corner, centre, strict=True)]
    at = sum(d * 4096 // (r * r) for d, r in zip(squares, radii, strict=True))
    excess = out[..., 0] * 256 - np.maximum(out[..., 1], out[..., 2]) * (511 - tolerance)
    red = np.maximum(0, excess) // 16
    a = d255(np.minimum(255, red) * np.minimum(255, np.maximum(0, 4096 - at) * 255 // 1792))
    if sel is not None:
        a = d255(a * sel.astype(np.int64))
    grey = d255((out[..., 1] + out[..., 2]) // 2 * (255 - dark))
    out[..., :3] = d255(grey[..., None] * a[..., None] + out[..., :3] * (255 - a[..., None]))
    return out.astype(np.uint8)


def smudge(
    tile: Bytes,
    sel: Bytes | None,
    carry: NDArray[np.uint16],
    mask: Cover,
    corner: tuple[int, int],
    ends: tuple[int, int],
    *,
    rate: int,
    flow: int,
    keep: bool = False,
) -> tuple[Bytes, NDArray[np.uint16]]:
    """One dab mask [w, w] whose corner lies at `corner` of a tile [256, 256, 4], carrying paint [w, w, 5].

    Returns tile and paint afterwards.
    """
    out, carry = tile.copy(), carry.copy()
    rate += rate >> 7
    w = len(mask)
    for k in np.argwhere(mask):
        y, x = int(k[0]) + corner[1], int(k[1]) + corner[0]
        if not (0 <= x < min(TILE, ends[0]) and 0 <= y < min(TILE, ends[1])):
            continue
        p, c = out[y, x].astype(int), carry[k[0], k[1]].astype(int)
        old = np.array([*(p[:3] * p[3]), 255 * p[3]])
        held = rate if c[4] else 0
        a = int(q15(int(mask[k[0], k[1]]), flow))
        if sel is not None:
            a = int(d255(((a + 64) >> 7) * int(sel[y, x]))) << 7
        c[:4] = (c[:4] * held + old * (256 - held) + 128) >> 8
        c[4] = 1
        carry[k[0], k[1]] = c
        made = (c[:4] * a + old * (32768 - a) + 16384) >> 15
        if not a or (keep and not (p[3] and made[3])):
            continue
        colour = (
            np.minimum(255, (made[:3] * 255 + made[3] // 2) // max(1, made[3])) if made[3] else 0 * made[:3]
        )
        alpha = p[3] if keep else (made[3] + 127) // 255
        out[y, x] = [*colour, alpha] if alpha else 0
    assert carry.shape == (w, w, 5)
    return out, carry


def ring_of(hole: NDArray[np.bool_], *opaque: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Pixels beside a hole [h, w], at most three away, that are not transparent."""
    h, w = hole.shape
    wide = np.pad(hole, RING)
    near = np.zeros_like(hole)
    for dy in range(2 * RING + 1):
        for dx in range(2 * RING + 1):
            near |= wide[dy : dy + h, dx : dx + w]
    return np.asarray(np.logical_and.reduce([near, ~hole, *opaque]))


def _mean(total: Any, n: Any) -> Any:
    return (total + n // 2) // np.maximum(1, n)


def _halved(v: Numbers, known: NDArray[np.bool_]) -> tuple[Numbers, NDArray[np.bool_]]:
    h, w = -(-known.shape[0] // 2), -(-known.shape[1] // 2)
    padded = np.zeros((2 * h, 2 * w, 4), np.int64)
    padded[: known.shape[0], : known.shape[1], :3] = np.where(known[..., None], v, 0)
    padded[: known.shape[0], : known.shape[1], 3] = known
    sums = padded.reshape(h, 2, w, 2, 4).sum(axis=(1, 3))
    n = sums[..., 3:]
    return np.where(n > 0, _mean(sums[..., :3], n), 0), n[..., 0] > 0


def _relaxed(v: Numbers, free: NDArray[np.bool_]) -> Numbers:
    v = v.copy()
    y, x = np.mgrid[: free.shape[0], : free.shape[1]]
    for turn in range(2 * SWEEPS):
        wide = np.pad(v, ((1, 1), (1, 1), (0, 0)), mode="edge")
        means = (wide[1:-1, :-2] + wide[1:-1, 2:] + wide[:-2, 1:-1] + wide[2:, 1:-1] + 2) >> 2
        now = free & ((x + y + turn) % 2 == 0)
        v[now] = means[now]
    return v


def heal_match(px: Bytes, target: Bytes, hole: NDArray[np.bool_]) -> Bytes:
    """Fit px [h, w, 4] to the surroundings that it has in target, inside of hole [h, w]."""
    known = ring_of(hole, px[..., 3] > 0, target[..., 3] > 0)
    apart = np.where(known[..., None], target[..., :3].astype(np.int64) - px[..., :3], 0)
    h, w = hole.shape
    wide, count = np.pad(apart, ((2, 2), (2, 2), (0, 0))), np.pad(known.astype(np.int64), 2)
    total = sum(wide[dy : dy + h, dx : dx + w] for dy in range(5) for dx in range(5))
    near = sum(count[dy : dy + h, dx : dx + w] for dy in range(5) for dx in range(5))
    v = np.where(known[..., None], _mean(total * FINE, np.asarray(near)[..., None]), 0)
    sizes = [(v, known)]
    while max(sizes[-1][1].shape) > 2:
        sizes.append(_halved(*sizes[-1]))
    v, known = sizes[-1]
    n = int(known.sum())
    v = np.where(known[..., None], v, _mean(v[known].sum(axis=0), n) if n else 0)
    for level in range(len(sizes) - 1, -1, -1):
        if level < len(sizes) - 1:
            own, known = sizes[level]
            y, x = np.mgrid[: known.shape[0], : known.shape[1]]
            v = np.where(known[..., None], own, v[y // 2, x // 2])
        v = _relaxed(v, ~known if level else hole)
    out = px.copy()
    inside = hole & (px[..., 3] > 0)
    out[inside, :3] = np.clip(px[inside, :3] + ((v[inside] + FINE // 2) >> 6), 0, 255)
    return out


def _some(marks: NDArray[np.bool_]) -> list[tuple[int, int]]:
    found = np.argwhere(marks)
    each = max(1, -(-len(found) // POINTS))
    return [(int(x), int(y)) for y, x in found[::each]]


def _fit(
    px: Bytes,
    hole: NDArray[np.bool_],
    ring: list[tuple[int, int]],
    inside: list[tuple[int, int]],
    dx: int,
    dy: int,
) -> int:
    def there(x: int, y: int) -> Any:
        if not (0 <= x < hole.shape[1] and 0 <= y < hole.shape[0]) or hole[y, x] or not px[y, x, 3]:
            return None
        return px[y, x, :3].astype(int)

    others = [there(x + dx, y + dy) for x, y in (*ring, *inside)]
    if any(each is None for each in others):
        return -1
    n, m = len(ring), len(inside)
    outer, inner = np.array(others[:n]), np.array(others[n:])
    d = np.array([px[y, x, :3] for x, y in ring]).astype(int) - outer
    even = sum(int(s) * int(s) * 3 // 4 for s in d.sum(axis=0))
    alone = int(((inner - outer.sum(axis=0) // n) ** 2).sum())
    return (int((d * d).sum()) * n - even) * 16 // (n * n) + alone * 8 // m + (abs(dx) + abs(dy)) // 4


def heal_source(px: Bytes, hole: NDArray[np.bool_]) -> tuple[int, int] | None:
    """From where a hole is best healed: an offset (x, y), or None."""
    h, w = hole.shape
    ring, inside = _some(ring_of(hole, px[..., 3] > 0)), _some(hole)
    if not ring or not inside:
        return None
    best, at, step = -1, (0, 0), max(1, max(w, h) // 32)
    for dy in range(-(h // step) * step, h, step):
        for dx in range(-(w // step) * step, w, step):
            fit = _fit(px, hole, ring, inside, dx, dy)
            if fit >= 0 and (best < 0 or fit < best):
                best, at = fit, (dx, dy)
    by = step // 2
    while best >= 0 and by:
        begin = at
        for k in range(9):
            dx, dy = begin[0] + (k % 3 - 1) * by, begin[1] + (k // 3 - 1) * by
            fit = _fit(px, hole, ring, inside, dx, dy)
            if 0 <= fit < best:
                best, at = fit, (dx, dy)
        by //= 2
    return at if best >= 0 else None
