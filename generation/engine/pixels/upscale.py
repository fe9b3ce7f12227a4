"""The 4K stage: from the picture a model drew to the exact size that was asked for, as a stream of rows."""

from collections.abc import Generator, Iterable, Iterator
from typing import Final

import numpy as np

from generation.engine.pixels.encode import STRIP_ROWS, Pixels
from generation.engine.pixels.resample import cover_box, resize_strips
from generation.engine.pixels.scalers import Scaler
from generation.engine.pixels.tiling import enlarged_strips
from generation.requests.sizes import Size

_TILE: Final = 192  # source pixels, margins included
_FEATHER: Final = 8
_TILES_AT_ONCE: Final = 1
_STRETCH: Final = (
    1.5  # by so much Lanczos may enlarge without a visible loss; one more pass costs sixteen times as much
)

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
    """uint8 [h, w, 3 or 4] → uint8 strips of exactly `target`, top down, cropped in the middle to its shape.

    Opacity is enlarged by Lanczos, and does not change the colours. All but the last pass happen in memory: what goes
    into the last one is much smaller than the target. Where the passes fall a little short of the target, that input is
    stretched first, so that the edges come out of the network.
    """
    if picture.shape[2] == 4:
        yield from _with_opacity(picture, target, scaler)
        return
    remaining = passes(_size(picture), target, scaler)
    while scaler is not None and remaining > 1:
        picture = _whole(_enlarged(picture, scaler), _times(picture, scaler))
        remaining -= 1
    if scaler is None or remaining == 0:
        yield from resize_strips(_strips(picture), _size(picture), target)
        return
    if picture.shape[1] * scaler.scale < target.width or picture.shape[0] * scaler.scale < target.height:
        picture = _stretched(
            picture, Size(-(-target.width // scaler.scale), -(-target.height // scaler.scale))
        )
    yield from resize_strips(_enlarged(picture, scaler), _times(picture, scaler), target)


def _with_opacity(picture: Pixels, target: Size, scaler: Scaler | None) -> Iterator[Pixels]:
    colours = upscaled(_whole(_bled(picture), _size(picture)), target, scaler)
    clear = (np.repeat(rows[:, :, 3:], 3, 2) for rows in _strips(picture))
    opacity = resize_strips(clear, _size(picture), target)
    for colour, level in zip(_even(colours), _even(opacity), strict=True):
        yield np.concatenate([colour, level[:, :, :1]], axis=2)


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
    return _whole(resize_strips(_strips(picture), _size(picture), size), size)


def _whole(strips: Iterable[Pixels], size: Size) -> Pixels:
    """One picture of colours; strips are written into it as they come, so it is held once."""
    out: Pixels = np.empty((size.height, size.width, 3), np.uint8)
    top = 0
    for strip in strips:
        out[top : top + len(strip)] = strip
        top += len(strip)
    return out


def _strips(picture: Pixels) -> Iterator[Pixels]:
    for top in range(0, len(picture), STRIP_ROWS):
        yield picture[top : top + STRIP_ROWS]


def _size(picture: Pixels) -> Size:
    return Size(picture.shape[1], picture.shape[0])


def _times(picture: Pixels, scaler: Scaler) -> Size:
    return Size(picture.shape[1] * scaler.scale, picture.shape[0] * scaler.scale)


def _bled(picture: Pixels) -> Iterator[Pixels]:
    """Strips of the colours of a picture with opacity, those at its edge going on where nothing can be seen.

    What is invisible is black in files; enlarged with that, edges would be dark.
    """
    for top in range(0, len(picture), STRIP_ROWS):
        above = min(top, _BLEED)
        rows = picture[top - above : top + STRIP_ROWS + _BLEED]
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
