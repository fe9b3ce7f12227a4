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
_STRETCH: Final = (
    1.5  # by so much Lanczos may enlarge without a visible loss; one more pass costs sixteen times as much
)


def passes(base: Size, target: Size, scaler: Scaler | None) -> int:
    """How often the network is applied: until what is missing is no more than a stretch by _STRETCH."""
    if scaler is None:
        return 0
    box = cover_box(base, target)
    count, missing = 0, target.width / (box.right - box.left)
    while missing > _STRETCH:
        missing /= scaler.scale
        count += 1
    return count


def upscaled(picture: Pixels, target: Size, scaler: Scaler | None) -> Generator[Pixels]:
    """uint8 [h, w, 3] → uint8 strips of exactly `target`, top down, cropped in the middle to its shape.

    All but the last pass happen in memory: what goes into the last one is much smaller than the target. Where the
    passes fall a little short of the target, that input is stretched first, so that the edges come out of the network.
    """
    remaining = passes(_size(picture), target, scaler)
    while scaler is not None and remaining > 1:
        picture = np.concatenate(list(_enlarged(picture, scaler)))
        remaining -= 1
    if scaler is None or remaining == 0:
        yield from resize_strips(_strips(picture), _size(picture), target)
        return
    if picture.shape[1] * scaler.scale < target.width or picture.shape[0] * scaler.scale < target.height:
        picture = _stretched(
            picture, Size(-(-target.width // scaler.scale), -(-target.height // scaler.scale))
        )
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


def _stretched(picture: Pixels, size: Size) -> Pixels:
    return np.concatenate(list(resize_strips(_strips(picture), _size(picture), size)))


def _strips(picture: Pixels) -> Iterator[Pixels]:
    for top in range(0, len(picture), STRIP_ROWS):
        yield picture[top : top + STRIP_ROWS]


def _size(picture: Pixels) -> Size:
    return Size(picture.shape[1], picture.shape[0])
