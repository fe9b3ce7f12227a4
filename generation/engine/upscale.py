"""The 4K stage: from the picture a model drew to the exact size that was asked for, as a stream of rows."""

from collections.abc import Generator, Iterator
from typing import Final

import numpy as np

from generation.engine.encode import STRIP_ROWS, Pixels
from generation.engine.resample import cover_box, resize_strips
from generation.engine.scalers import Scaler
from generation.engine.tiling import enlarged_strips
from generation.sizes import Size

_TILE: Final = 192  # source pixels, margins included
_FEATHER: Final = 8
_TILES_AT_ONCE: Final = 1


def passes(base: Size, target: Size, scaler: Scaler | None) -> int:
    """How often the network is applied: until the picture is at least as large as it has to be."""
    if scaler is None:
        return 0
    box = cover_box(base, target)
    count, reached = 0, box.right - box.left
    while reached < target.width:
        reached *= scaler.scale
        count += 1
    return count


def upscaled(picture: Pixels, target: Size, scaler: Scaler | None) -> Generator[Pixels]:
    """uint8 [h, w, 3] → uint8 strips of exactly `target`, top down, cropped in the middle to its shape.

    All but the last pass happen in memory: their results are at most a quarter of the target in width.
    """
    remaining = passes(_size(picture), target, scaler)
    while scaler is not None and remaining > 1:
        picture = np.concatenate(list(_enlarged(picture, scaler)))
        remaining -= 1
    if scaler is None or remaining == 0:
        yield from resize_strips(_strips(picture), _size(picture), target)
        return
    large = Size(picture.shape[1] * scaler.scale, picture.shape[0] * scaler.scale)
    yield from resize_strips(_enlarged(picture, scaler), large, target)


def _enlarged(picture: Pixels, scaler: Scaler) -> Iterator[Pixels]:
    return enlarged_strips(
        picture,
        scaler.enlarge,
        scale=scaler.scale,
        tile=max(_TILE, 4 * scaler.margin + _FEATHER),
        margin=scaler.margin,
        feather=_FEATHER,
        batch=_TILES_AT_ONCE,
    )


def _strips(picture: Pixels) -> Iterator[Pixels]:
    for top in range(0, len(picture), STRIP_ROWS):
        yield picture[top : top + STRIP_ROWS]


def _size(picture: Pixels) -> Size:
    return Size(picture.shape[1], picture.shape[0])
