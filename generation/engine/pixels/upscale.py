"""The 4K stage: from the picture a model drew to the exact size that was asked for, as a stream of rows."""

from collections.abc import Callable, Generator, Iterable, Iterator
from functools import partial
from typing import Final

import numpy as np

from generation.engine.pixels.encode import STRIP_ROWS, Pixels
from generation.engine.pixels.resample import Rows, cover_box, resize_strips
from generation.engine.pixels.scalers import Scaler
from generation.engine.pixels.tiling import enlarged_strips
from generation.requests.sizes import Size

_TILE: Final = 192  # source pixels, margins included
_FEATHER: Final = 8
_TILES_AT_ONCE: Final = 1
_STRETCH: Final = (
    1.5  # by so much Lanczos may enlarge without a visible loss; one more pass costs sixteen times as much
)

Strips = Callable[[], Iterator[Pixels]]

_BLEED: Final = 12  # pixels: as far as the network and the resize look
_ALL, _BUT_FIRST, _BUT_LAST = slice(None), slice(1, None), slice(None, -1)
# Pixels [h, w] and the ones beside them: above, below, to the left, to the right.
_BESIDE: Final = (
    ((_BUT_FIRST, _ALL), (_BUT_LAST, _ALL)),
    ((_BUT_LAST, _ALL), (_BUT_FIRST, _ALL)),
    ((_ALL, _BUT_FIRST), (_ALL, _BUT_LAST)),
    ((_ALL, _BUT_LAST), (_ALL, _BUT_FIRST)),
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
    """uint8 [h, w, 3 or 4] → uint8 strips of exactly `target`, top down, cropped in the middle to its shape."""
    height, width, channels = picture.shape
    return streamed(partial(_cut, picture), Size(width, height), channels, target, scaler)


def streamed(
    strips: Strips, size: Size, channels: int, target: Size, scaler: Scaler | None
) -> Generator[Pixels]:
    """The same of a picture that comes in strips, from the top, as often as `strips` is called.

    Opacity is enlarged by Lanczos, and does not change the colours. Nothing is held whole: each pass takes the rows
    that it needs from the one before. Where the passes fall a little short of the target, the input of the last one is
    stretched first, so that the edges come out of the network.
    """
    if channels == 4:
        yield from _with_opacity(strips, size, target, scaler)
        return
    remaining = passes(size, target, scaler)
    while scaler is not None and remaining:
        remaining -= 1
        short = size.width * scaler.scale < target.width or size.height * scaler.scale < target.height
        if short and not remaining:
            wanted = Size(-(-target.width // scaler.scale), -(-target.height // scaler.scale))
            strips, size = partial(_stretched, strips, size, wanted), wanted
        strips, size = partial(_enlarged, strips, size, scaler), _times(size, scaler)
    yield from resize_strips(strips(), size, target)


def _with_opacity(strips: Strips, size: Size, target: Size, scaler: Scaler | None) -> Iterator[Pixels]:
    colours = streamed(partial(_bled, strips, size), size, 3, target, scaler)
    clear = (np.repeat(rows[:, :, 3:], 3, 2) for rows in strips())
    opacity = resize_strips(clear, size, target)
    for colour, level in zip(_even(colours), _even(opacity), strict=True):
        yield np.concatenate([colour, level[:, :, :1]], axis=2)


def _enlarged(strips: Strips, size: Size, scaler: Scaler) -> Iterator[Pixels]:
    return enlarged_strips(
        Rows(strips()).between,
        size,
        scaler.enlarge,
        scale=scaler.scale,
        tile=max(_TILE, 4 * scaler.margin + _FEATHER),
        margin=scaler.margin,
        feather=_FEATHER,
        batch=_TILES_AT_ONCE,
    )


def _stretched(strips: Strips, size: Size, target: Size) -> Iterator[Pixels]:
    return resize_strips(strips(), size, target)


def _cut(picture: Pixels) -> Iterator[Pixels]:
    for top in range(0, len(picture), STRIP_ROWS):
        yield picture[top : top + STRIP_ROWS]


def _times(size: Size, scaler: Scaler) -> Size:
    return Size(size.width * scaler.scale, size.height * scaler.scale)


def _bled(strips: Strips, size: Size) -> Iterator[Pixels]:
    """Strips of the colours of a picture with opacity, those at its edge going on where nothing can be seen.

    What is invisible is black in files; enlarged with that, edges would be dark.
    """
    held = Rows(strips())
    for top in range(0, size.height, STRIP_ROWS):
        above = min(top, _BLEED)
        rows = held.between(top - above, min(top + STRIP_ROWS + _BLEED, size.height))
        yield _bled_rows(rows)[above : above + STRIP_ROWS]


def _bled_rows(rows: Pixels) -> Pixels:
    """Colours [h, w, 3] that have gone on by _BLEED pixels to every side."""
    colours, known = rows[:, :, :3].copy(), rows[:, :, 3] > 0
    if known.all() or not known.any():
        return colours
    for _round in range(_BLEED):
        for here, beside in _BESIDE:
            new = known[beside] & ~known[here]
            colours[here][new] = colours[beside][new]
            known[here] |= new
    return colours


def _even(strips: Iterable[Pixels]) -> Iterator[Pixels]:
    """The same rows in strips of one height."""
    held: list[Pixels] = []
    for strip in strips:
        held.append(strip)
        rows = np.concatenate(held) if len(held) > 1 else strip
        while len(rows) >= STRIP_ROWS:
            yield rows[:STRIP_ROWS]
            rows = rows[STRIP_ROWS:]
        held = [rows]
    if held and len(held[0]):
        yield held[0]
