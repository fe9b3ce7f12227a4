"""A picture in overlapping tiles: where they lie, how they are blended, and a stream of finished rows.

All tiles of a picture have one size (so they can be batched); the last of a row or column is shifted inwards, never
cut. At inner edges `margin` pixels are dropped, where a network has not seen its surroundings, and the `feather`
pixels after them fade linearly from one tile to the next. With a margin of at least the receptive field of the
network the tiles agree wherever they are blended, so no seam can show.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generation.engine.pixels.encode import Pixels
from generation.requests.sizes import Size

Floats = NDArray[np.float32]
# Tiles as [n, h, w, 3] floats from 0 to 1 → the same, `scale` times as large.
Enlarge = Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True)
class Axis:
    """The tiles along one axis: their starts and their length in source pixels, the weights of their target pixels."""

    starts: tuple[int, ...]
    length: int
    weights: tuple[Floats, ...]


def plan_axis(size: int, *, tile: int, margin: int, feather: int, scale: int) -> Axis:
    """Tiles of `tile` source pixels over `size`; at every target pixel the weights of all tiles add up to 1."""
    overlap = 2 * margin + feather
    if tile <= overlap:
        raise ValueError(f"tiles of {tile} leave nothing of an overlap of {overlap}")
    length = min(tile, size)
    starts = [0]
    while starts[-1] + length < size:
        starts.append(min(starts[-1] + length - overlap, size - length))
    raw = [_ramp(start, length, size, margin=margin, feather=feather, scale=scale) for start in starts]
    total = np.zeros(size * scale)
    for start, weight in zip(starts, raw, strict=True):
        total[start * scale : (start + length) * scale] += weight
    weights = tuple(
        (weight / total[start * scale : (start + length) * scale]).astype(np.float32)
        for start, weight in zip(starts, raw, strict=True)
    )
    return Axis(tuple(starts), length, weights)


def _ramp(
    start: int, length: int, size: int, *, margin: int, feather: int, scale: int
) -> NDArray[np.float64]:
    """0 over the margin, rising linearly over the feather, 1 inside; no ramp at an edge of the picture."""
    place = (np.arange(length * scale) + 0.5) / scale
    weight = np.ones(length * scale)
    fade = max(feather, 1 / scale)
    if start > 0:
        weight = np.minimum(weight, np.clip((place - margin) / fade, 0, 1))
    if start + length < size:
        weight = np.minimum(weight, np.clip((length - margin - place) / fade, 0, 1))
    return weight


def enlarged_strips(
    picture: Pixels, enlarge: Enlarge, *, scale: int, tile: int, margin: int, feather: int, batch: int
) -> Iterator[Pixels]:
    """uint8 [h, w, 3] → uint8 strips of the picture `scale` times as large, top down.

    The accumulator holds one row of tiles in floats: peak memory depends on the width, not on the height.
    """
    size = Size(picture.shape[1], picture.shape[0])
    across = plan_axis(size.width, tile=tile, margin=margin, feather=feather, scale=scale)
    down = plan_axis(size.height, tile=tile, margin=margin, feather=feather, scale=scale)
    rows = np.zeros((down.length * scale, size.width * scale, 3), np.float32)
    top = 0  # the target row that rows[0] stands for
    for number, start in enumerate(down.starts):
        rows = _shifted(rows, start * scale - top)
        top = start * scale
        band = picture[start : start + down.length]
        _add_row(rows, band, enlarge, across, down.weights[number], scale=scale, batch=batch)
        stop = down.starts[number + 1] if number + 1 < len(down.starts) else start + down.length
        yield _as_bytes(rows[: (stop - start) * scale])


def _add_row(
    rows: Floats,
    band: Pixels,
    enlarge: Enlarge,
    across: Axis,
    down_weight: Floats,
    *,
    scale: int,
    batch: int,
) -> None:
    for first in range(0, len(across.starts), batch):
        starts: Sequence[int] = across.starts[first : first + batch]
        tiles = np.stack([band[:, left : left + across.length] for left in starts])
        results = enlarge(tiles.astype(np.float32) / np.float32(255))
        for place, (left, result) in enumerate(zip(starts, results, strict=True)):
            weight = down_weight[:, None, None] * across.weights[first + place][None, :, None]
            rows[:, left * scale : (left + across.length) * scale] += result * weight


def _shifted(rows: Floats, by: int) -> Floats:
    if by:
        rows[:-by] = rows[by:].copy()
        rows[-by:] = 0
    return rows


def _as_bytes(rows: Floats) -> Pixels:
    levels: Pixels = np.clip(np.rint(rows * np.float32(255)), 0, 255).astype(np.uint8)
    return levels
