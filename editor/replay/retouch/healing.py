"""Healing: pixels from elsewhere, fitted to where they are laid. The twin of worker/retouch/healing.js."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from editor.replay.engine import Kernels
from editor.replay.planes import Box, Bytes, intersection

POINTS: Final = 384  # of editor/kernels/k1/heal.c, as RING
RING: Final = 3
AROUND: Final = 192  # pixels around a spot where something to heal it from is looked for
# Pixels of a box that is healed at once: each takes some 40 bytes.
MOST_HEALED: Final = 3_500_000


def grown(box: Box, margin: int, limit: Box) -> Box:
    """Return a box with so much more around it, inside of a limit."""
    x0, y0, x1, y1 = box
    return intersection((x0 - margin, y0 - margin, x1 + margin, y1 + margin), limit)


def area_of(samples: NDArray[np.int32], radius: int, margin: int) -> int:
    """Return the pixels of the box in which a stroke is healed, at most; samples [n, 3] and radius in sixteenths."""
    span = (samples[:, :2].max(axis=0) - samples[:, :2].min(axis=0)).astype(np.int64)
    width, height = (int(each) // 16 + 2 * (radius // 16 + 4 + margin) for each in span)
    return width * height


def plain(px: Bytes) -> Bytes:
    """Return grey of the opacity of px: healed, it is what surrounds it, evenly."""
    out = px.copy()
    out[..., :3] = np.where(px[..., 3:] > 0, 128, 0)
    return out


def room_of(width: int, height: int) -> int:
    """Return the bytes that the kernel `heal_match` works in."""
    total = 0
    while True:
        total += 20 * width * height
        if width <= 2 and height <= 2:
            return total
        width, height = -(-width // 2), -(-height // 2)


def fitted(kernels: Kernels, px: Bytes, target: Bytes, hole: Bytes) -> Bytes:
    """Return px [h, w, 4] with the light and colours of target where hole [h, w] is not 0."""
    height, width = hole.shape
    kernels.reset()
    at = kernels.put(px)
    others = kernels.put(target), kernels.put(hole)
    kernels.call("heal_match", at, *others, width, height, kernels.room(room_of(width, height)))
    return kernels.view(at, px.shape).copy()


def source_of(kernels: Kernels, px: Bytes, hole: Bytes) -> tuple[int, int] | None:
    """Return the offset from which a hole in px [h, w, 4] is best healed, or None where nothing fits."""
    height, width = hole.shape
    kernels.reset()
    found = kernels.put(np.zeros(2, np.int32))
    places = kernels.put(px), kernels.put(hole)
    work = kernels.room(-(-width * height // 4) * 4 + 16 * POINTS)
    if not kernels.call("heal_source", found, *places, width, height, work):
        return None
    dx, dy = kernels.view(found, (2,), np.int32).tolist()
    return dx, dy
