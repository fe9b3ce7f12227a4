"""Filling what is selected: with a colour, with a gradient, with what lies around it, or with nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from editor.replay.compositing import MODE
from editor.replay.engine import Kernels
from editor.replay.erase import fill_hole
from editor.replay.planes import TILE, Box, Bytes, Plane, intersection, places, shifted

PIXELS: Final = TILE * TILE
GRADIENTS: Final = {"linear": 0, "radial": 1, "conic": 2}
CONTEXT: Final = 96  # pixels around a hole from which it is filled
SMALLEST: Final = 8
# Pixels of a hole and what is around it: the kernel takes some 30 bytes for each.
MOST_ERASED: Final = 8_000_000


def laid_over(
    kernels: Kernels,
    pixels: Plane,
    selection: Plane | None,
    size: tuple[int, int],
    source: Callable[[int, int, int], None],
    *,
    opacity: int,
    mode: str,
    lock_alpha: bool,
) -> None:
    """Lay a picture over a layer where it is selected; source(address, x, y) draws the tile whose corner is (x, y)."""
    for place in places((0, 0, *size)):
        if selection is not None and not selection.has(place) and selection.blank == (0,):
            continue
        kernels.reset()
        target = kernels.put(np.ascontiguousarray(pixels.get(place)))
        drawn, mask = kernels.room(4 * PIXELS), kernels.put(_mask(selection, place, size))
        source(drawn, place[0] * TILE, place[1] * TILE)
        kernel = "composite_atop" if lock_alpha else "composite"
        kernels.call(kernel, target, drawn, mask, PIXELS, opacity, MODE[mode])
        pixels.put(place, kernels.view(target, (TILE, TILE, 4)))


def colour(kernels: Kernels, rgba: int) -> Callable[[int, int, int], None]:
    """Return a source of one colour (red | green << 8 | blue << 16 | alpha << 24)."""
    value = np.array([rgba >> shift & 255 for shift in (0, 8, 16, 24)], np.uint8)

    def draw(at: int, _x: int, _y: int) -> None:
        kernels.view(at, (PIXELS, 4))[...] = value

    return draw


def gradient(
    kernels: Kernels, ramp: Bytes, start: tuple[int, int], end: tuple[int, int], kind: str
) -> Callable[[int, int, int], None]:
    """Return a source of a gradient between two points in sixteenths; ramp [1024, 4]."""

    def draw(at: int, x: int, y: int) -> None:
        kernels.call("gradient", at, kernels.put(ramp), x, y, TILE, TILE, *start, *end, GRADIENTS[kind])

    return draw


def ramp_of(stops: list[tuple[int, int]]) -> Bytes:
    """Return 1024 colours between stops {position 0..1023, rgba}, mixed evenly, in the order of their positions."""
    ordered = sorted(stops, key=lambda stop: stop[0])
    out = np.zeros((1024, 4), np.uint8)
    for t in range(1024):
        before = [stop for stop in ordered if stop[0] <= t] or ordered[:1]
        after = [stop for stop in ordered if stop[0] > t] or ordered[-1:]
        (at, a), (to, b) = before[-1], after[0]
        span = to - at
        for k in range(4):
            low, high = a >> 8 * k & 255, b >> 8 * k & 255
            out[t, k] = low if span <= 0 else (low * (to - t) + high * (t - at) + span // 2) // span
    return out


def cleared(kernels: Kernels, pixels: Plane, selection: Plane | None, size: tuple[int, int]) -> None:
    """Take away what is selected of a layer."""
    for place in list(pixels.tiles):
        kernels.reset()
        at = kernels.put(np.ascontiguousarray(pixels.get(place)))
        mask = kernels.put(_mask(selection, place, size))
        kernels.call("mask_invert", mask, PIXELS)
        kernels.call("apply_mask", at, mask, PIXELS)
        pixels.put(place, kernels.view(at, (TILE, TILE, 4)))


def carried(
    kernels: Kernels,
    pixels: Plane,
    selection: Plane,
    size: tuple[int, int],
    by: tuple[int, int],
    *,
    copy: bool,
) -> None:
    """Move what is selected of a layer by whole pixels and lay it over the rest; a copy stays where it is too."""
    found = lifted(kernels, pixels, selection, size)
    if not copy:
        cleared(kernels, pixels, selection, size)
    laid(kernels, pixels, shifted(found, *by))


def lifted(kernels: Kernels, pixels: Plane, selection: Plane, size: tuple[int, int]) -> Plane:
    """Return what is selected of a layer; the layer stays what it is."""
    out = Plane()
    for place in list(pixels.tiles):
        kernels.reset()
        at = kernels.put(np.ascontiguousarray(pixels.get(place)))
        kernels.call("apply_mask", at, kernels.put(_mask(selection, place, size)), PIXELS)
        out.put(place, kernels.view(at, (TILE, TILE, 4)))
    return out


def laid(kernels: Kernels, pixels: Plane, above: Plane) -> None:
    """Lay pixels over a layer."""
    everywhere = np.full((TILE, TILE), 255, np.uint8)
    for place in list(above.tiles):
        kernels.reset()
        target = kernels.put(np.ascontiguousarray(pixels.get(place)))
        drawn = kernels.put(np.ascontiguousarray(above.get(place)))
        kernels.call("composite", target, drawn, kernels.put(everywhere), PIXELS, 255, MODE["normal"])
        pixels.put(place, kernels.view(target, (TILE, TILE, 4)))


def erased(kernels: Kernels, pixels: Plane, selection: Plane, size: tuple[int, int], seed: int) -> None:
    """Fill what is selected of a layer from around it; a softer edge of the selection mixes old and new."""
    box = _context(selection, size)
    if box is None:
        return
    if (box[2] - box[0]) * (box[3] - box[1]) > MOST_ERASED:
        raise MemoryError("the area to erase is too large")
    before, mask = pixels.read(box), selection.read(box)
    after = fill_hole(kernels, before, mask, seed=seed)
    kernels.reset()
    d, s, m = kernels.put(before), kernels.put(after), kernels.put(mask)
    kernels.call("mix", d, s, m, mask.size, 255)
    pixels.write(box, kernels.view(d, before.shape))


def _context(selection: Plane, size: tuple[int, int]) -> Box | None:
    """The box of what is selected, to the pixel, and what around it the filling may take from."""
    bounds = selection.bounds()
    if bounds is None:
        return None
    box = intersection(bounds, (0, 0, *size))
    rows, columns = np.nonzero(selection.read(box))
    if not len(rows):
        return None
    x0, y0 = box[0] + int(columns.min()), box[1] + int(rows.min())
    x1, y1 = box[0] + int(columns.max()) + 1, box[1] + int(rows.max()) + 1
    margin = max(CONTEXT, (x1 - x0) // 2, (y1 - y0) // 2)
    wide = intersection((x0 - margin, y0 - margin, x1 + margin, y1 + margin), (0, 0, *size))
    return wide if min(wide[2] - wide[0], wide[3] - wide[1]) >= SMALLEST else None


def _mask(selection: Plane | None, place: tuple[int, int], size: tuple[int, int]) -> Any:
    """What of a tile is selected and inside of the document."""
    tile = np.full((TILE, TILE), 255, np.uint8) if selection is None else selection.get(place).copy()
    tile[max(0, size[1] - place[1] * TILE) :] = 0
    tile[:, max(0, size[0] - place[0] * TILE) :] = 0
    return tile
