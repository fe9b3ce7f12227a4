"""A picture in overlapping tiles: where they lie, how they are blended, and a stream of finished rows.

All tiles of a picture have one size (so they can be batched), as large as lets them lie evenly: the last of a row or
column is shifted inwards by a few pixels, never cut. At inner edges `margin` pixels are dropped, where a network has
not seen its surroundings, and the `feather` pixels after them fade linearly from one tile to the next. With a margin of
at least the receptive field of the network the tiles agree wherever they are blended, so no seam can show.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generation.engine.pixels.encode import STRIP_ROWS, Pixels
from generation.requests.sizes import Size

Floats = NDArray[np.float32]
# Tiles as [n, h, w, 3] floats from 0 to 1 → the same, `scale` times as large.
Enlarge = Callable[[Floats], Floats]
# The rows first..last of a picture; what is asked for moves down only.
Between = Callable[[int, int], Pixels]


@dataclass(frozen=True, slots=True)
class Axis:
    """The tiles along one axis: their starts and their length in source pixels, the weights of their target pixels."""

    starts: tuple[int, ...]
    length: int
    weights: tuple[Floats, ...]


def plan_axis(size: int, *, tile: int, margin: int, feather: int, scale: int) -> Axis:
    """Tiles of at most `tile` source pixels over `size`; at every target pixel the weights of all add up to 1.

    They lie evenly, because the rows that two share are held as floats: a last one that is shifted far would make these
    as many as the tile has.
    """
    overlap = 2 * margin + feather
    if tile <= overlap:
        raise ValueError(f"tiles of {tile} leave nothing of an overlap of {overlap}")
    count = max(1, -(-(size - overlap) // (tile - overlap)))
    length = -(-(size + (count - 1) * overlap) // count)
    starts = [min(number * (length - overlap), size - length) for number in range(count)]
    raw = [_ramp(start, length, size, margin=margin, feather=feather, scale=scale) for start in starts]
    total = np.zeros(size * scale)
    for start, weight in zip(starts, raw, strict=True):
        total[start * scale : (start + length) * scale] += weight
    weights = tuple(
        (weight / total[start * scale : (start + length) * scale]).astype(np.float32)
        for start, weight in zip(starts, raw, strict=True)
    )
    return Axis(tuple(starts), length, weights)


def meeting(starts: Sequence[int], length: int, feather: int) -> Axis:
    """Tiles that begin at given places: two meet in the middle of what they share, and fade over `feather` there.

    What a tile shows beyond has no weight, however much two share: the mean of two drawings shows neither.
    """
    place = np.arange(length, dtype=np.float64) + 0.5
    weights = []
    for number, start in enumerate(starts):
        weight = np.ones(length)
        if number > 0:
            weight *= _share_of_second(starts[number - 1], start, length, feather, start + place)
        if number + 1 < len(starts):
            weight *= 1 - _share_of_second(start, starts[number + 1], length, feather, start + place)
        weights.append(weight.astype(np.float32))
    return Axis(tuple(starts), length, tuple(weights))


def _share_of_second(
    first: int, second: int, length: int, feather: int, place: NDArray[np.float64]
) -> NDArray[np.float64]:
    middle = (first + length + second) / 2
    return np.clip((place - middle) / feather + 0.5, 0, 1)


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
    rows: Between,
    size: Size,
    enlarge: Enlarge,
    *,
    scale: int,
    tile: int,
    margin: int,
    feather: int,
    batch: int,
) -> Iterator[Pixels]:
    """Rows [n, size.width, 3] of a picture → uint8 strips of it `scale` times as large, of at most STRIP_ROWS rows."""
    across = plan_axis(size.width, tile=tile, margin=margin, feather=feather, scale=scale)
    down = plan_axis(size.height, tile=tile, margin=margin, feather=feather, scale=scale)

    def row_of_tiles(top: int) -> Iterator[Floats]:
        band = rows(top, top + down.length)
        for first in range(0, len(across.starts), batch):
            starts: Sequence[int] = across.starts[first : first + batch]
            tiles = np.stack([band[:, left : left + across.length] for left in starts])
            yield from enlarge(tiles.astype(np.float32) / np.float32(255))

    return joined_strips(row_of_tiles, across, down, scale)


def joined_strips(
    row_of_tiles: Callable[[int], Iterable[Floats]], across: Axis, down: Axis, scale: int
) -> Iterator[Pixels]:
    """What `row_of_tiles(top)` gives from left to right, [h, w, 3] from 0 to 1, joined to uint8 strips, top down.

    Held are the bytes of one row of tiles, the floats of one tile, and those of the rows that two rows of tiles share:
    peak memory depends on the width, not on the height. Both are written into again for each row of tiles, and a strip
    is a copy: large blocks that come and go leave holes that the process keeps.
    """
    width = (across.starts[-1] + across.length) * scale
    ends = [*down.starts[1:], down.starts[-1] + down.length]
    rows = [(end - start) * scale for start, end in zip(down.starts, ends, strict=True)]
    out: Pixels = np.empty((max(rows), width, 3), np.uint8)
    shared: Floats = np.empty((down.length * scale - min(rows), width, 3), np.float32)
    above = 0
    for start, weight, finished in zip(down.starts, down.weights, rows, strict=True):
        tiles = _weighted(row_of_tiles(start), across, weight, scale)
        _row_of_tiles(tiles, out[:finished], shared, above)
        above = down.length * scale - finished
        for top in range(0, finished, STRIP_ROWS):
            yield out[top : min(top + STRIP_ROWS, finished)].copy()


def _weighted(
    tiles: Iterable[Floats], across: Axis, down_weight: Floats, scale: int
) -> Iterator[tuple[int, Floats]]:
    """The tiles of a row, from left to right: the first target column, and the tile by its weights."""
    for left, across_weight, tile in zip(across.starts, across.weights, tiles, strict=True):
        yield left * scale, tile * (down_weight[:, None, None] * across_weight[None, :, None])


def _row_of_tiles(tiles: Iterator[tuple[int, Floats]], out: Pixels, shared: Floats, above: int) -> None:
    """Write the target rows that are finished as bytes to `out`, and what the tiles below add to as floats to `shared`.

    The first `above` rows of `shared` are what the tiles above left for the first rows here: a column of them is read
    before it is written. It is turned into bytes as soon as no further tile reaches it.
    """
    open_columns: Floats = np.empty((len(out), 0, 3), np.float32)
    begins = 0  # the column that the first of open_columns stands for
    for left, tile in tiles:
        open_columns = open_columns if left else tile[:, :0]
        _close(open_columns[:, : left - begins], begins, out, shared)
        known, right = open_columns[:, left - begins :], left + tile.shape[1]
        open_columns, begins = np.zeros_like(tile), left
        open_columns[:, : known.shape[1]] = known
        new = slice(left + known.shape[1], right)
        open_columns[:above, known.shape[1] :] = shared[:above, new]
        open_columns += tile
    _close(open_columns, begins, out, shared)


def _close(columns: Floats, left: int, out: Pixels, shared: Floats) -> None:
    """Write columns that are complete: bytes of the rows that are, floats of the others."""
    here = slice(left, left + columns.shape[1])
    for top in range(0, len(out), STRIP_ROWS):
        rows = slice(top, min(top + STRIP_ROWS, len(out)))
        out[rows, here] = _as_bytes(columns[rows])
    left_over = columns[len(out) :]
    shared[: len(left_over), here] = left_over


def _as_bytes(rows: Floats) -> Pixels:
    levels: Pixels = np.clip(np.rint(rows * np.float32(255)), 0, 255).astype(np.uint8)
    return levels
