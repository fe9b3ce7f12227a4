"""What the kernels of liquify compute (k1/liquify.c), in numpy; see reference.py."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from editor.kernels.reference import Bytes

CELL: Final = 4
FARTHEST: Final = 1 << 21
HOWS: Final = ("push", "pinch", "bloat", "twirl", "untwirl", "restore")
Field = NDArray[np.int32]
Numbers = NDArray[np.int64]


def of_field(field: Field, x: Any, y: Any) -> Numbers:
    """The displacement [..., 2] at places in 256ths of a pixel: bilinear, even beyond the edge."""
    gh, gw = field.shape[:2]
    x = np.clip(x, 0, (gw - 1) * CELL * 256 - 1).astype(np.int64)
    y = np.clip(y, 0, (gh - 1) * CELL * 256 - 1).astype(np.int64)
    i, j, u, v = x >> 10, y >> 10, (x & 1023)[..., None], (y & 1023)[..., None]
    f = field.astype(np.int64)
    above = f[j, i] * (1024 - u) + f[j, i + 1] * u
    below = f[j + 1, i] * (1024 - u) + f[j + 1, i + 1] * u
    return np.asarray((above * (1024 - v) + below * v) >> 20)


def liquify(field: Field, dabs: list[tuple[int, int, int]], r16: int, strength: int, how: str) -> Field:
    """Bend a field [gh, gw, 2] along dabs {x16, y16, pressure}."""
    last: tuple[int, int] | None = None
    for x16, y16, pressure in dabs:
        move = (0, 0) if last is None else (x16 - last[0], y16 - last[1])
        last = (x16, y16)
        y, x = np.mgrid[: field.shape[0], : field.shape[1]]
        dx, dy = 64 * x - x16, 64 * y - y16
        t = (dx * dx + dy * dy) * 4096 // (r16 * r16)
        a = (np.maximum(0, 4096 - t) ** 2 >> 12) * strength * pressure // 65025
        if how == "restore":
            back = np.sign(field) * (np.abs(field.astype(np.int64)) * a[..., None] // 4096)
            back = np.where((back == 0) & (a > 0)[..., None], np.sign(field), back)
            field = np.where((t < 4096)[..., None], field - back, field).astype(np.int32)
            continue
        u: tuple[Any, Any] = {
            "push": (-move[0] * 8, -move[1] * 8),
            "pinch": (dx, dy),
            "bloat": (-dx, -dy),
            "twirl": (dy, -dx),
            "untwirl": (-dy, dx),
        }[how]
        bx, by = (u[0] * a) >> 11, (u[1] * a) >> 11
        made = of_field(field, 1024 * x + bx, 1024 * y + by) + np.stack([bx, by], 2)
        field = np.where((t < 4096)[..., None], np.clip(made, -FARTHEST, FARTHEST), field).astype(np.int32)
    return field


def liquify_map(field: Field, corner: tuple[int, int], w: int, h: int, size: tuple[int, int]) -> Field:
    """From where the pixels [h, w] of a box come, in 256ths [h, w, 2]."""
    y, x = np.mgrid[:h, :w]
    at = np.stack([(corner[0] + x) * 256 + 128, (corner[1] + y) * 256 + 128], 2)
    f = of_field(field, at[..., 0], at[..., 1])
    inside = np.clip(at + f, 128, np.array(size) * 256 - 128)
    return np.where(f != 0, inside, at).astype(np.int32)


def displace(old: Bytes, source: Bytes, corner: tuple[int, int], places: Field, *, keep: bool) -> Bytes:
    """The pixels of source [sh, sw, 4], which begins at corner, at places [n, 2]."""
    sh, sw = source.shape[:2]
    v = places.astype(np.int64) - 128
    t, at = v & 255, (v >> 8) - 1 - np.array(corner)
    weights = [
        (512 * t**2 - t**3 - 65536 * t + 1024) >> 11,
        (1024 * t**2 - 3 * t**3 + 65536 * t + 1024) >> 11,
        (t**3 - 256 * t**2 + 1024) >> 11,
    ]
    share = np.stack([weights[0], 16384 - weights[0] - weights[1] - weights[2], weights[1], weights[2]], 2)
    sums = np.zeros((len(places), 4), np.int64)
    for b in range(4):
        for a in range(4):
            x, y = at[:, 0] + a, at[:, 1] + b
            inside = (x >= 0) & (y >= 0) & (x < sw) & (y < sh)
            p = source[np.where(inside, y, 0), np.where(inside, x, 0)].astype(np.int64)
            p[:, :3] *= p[:, 3:]
            p[:, 3] *= 255
            sums += np.where(inside, share[:, 0, a] * share[:, 1, b], 0)[:, None] * p
    made = (sums + (1 << 27)) >> 28
    alpha = (np.clip(made[:, 3], 0, 65025) + 127) // 255
    colour = (np.maximum(0, made[:, :3]) * 255 + (made[:, 3] // 2)[:, None]) // np.maximum(1, made[:, 3])[
        :, None
    ]
    out = np.concatenate([np.minimum(255, colour), (old[:, 3] if keep else alpha)[:, None]], 1)
    nothing = (alpha == 0) | (keep & (old[:, 3] == 0))
    out[nothing] = old[nothing] if keep else 0
    return out.astype(np.uint8)
