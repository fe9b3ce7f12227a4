"""Filters: what each is set by, and a layer's pixels changed where they are selected. The twin of worker/filters.js.

A filter is `{"kind": ..., name: value, ...}` as it stands in an operation; no value may be missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np

from editor.replay.engine import Kernels
from editor.replay.planes import TILE, Box, Bytes, Plane, intersection

Filter = Mapping[str, Any]

# Of each value its bounds. A radius is that of one box; a Gaussian is three of them.
KINDS: Final[dict[str, dict[str, tuple[int, int]]]] = {
    "box": {"radius": (1, 250)},
    "gaussian": {"radius": (1, 100)},
    "sharpen": {"amount": (1, 500), "radius": (1, 100), "threshold": (0, 255)},
    "noise": {"amount": (1, 100), "one": (0, 1), "seed": (0, 0x7FFFFFFF)},
    "pixelate": {"size": (2, 256)},
}
_PASSES: Final = {"box": 1, "gaussian": 3, "sharpen": 3}
_STRIP: Final = 8
_WIDE: Final = 2048
_ROOM: Final = 8_000_000  # pixels that are worked on at once, of which each takes twelve bytes and more


def allowed(made: Any) -> bool:
    """Tell whether this is a filter with values that the kernels take."""
    if not isinstance(made, Mapping) or not isinstance(made.get("kind"), str):
        return False
    bounds = KINDS.get(made["kind"])
    if bounds is None or made.keys() - {"kind"} != bounds.keys():
        return False
    return all(type(made[name]) is int and low <= made[name] <= high for name, (low, high) in bounds.items())


def filtered(
    kernels: Kernels,
    pixels: Plane,
    selection: Plane | None,
    size: tuple[int, int],
    made: Filter,
    *,
    lock_alpha: bool,
) -> None:
    """Change a layer where it is selected and inside of the document; beyond its edges the outermost pixels go on."""
    inside = (0, 0, *size)
    reach = _PASSES.get(made["kind"], 0) * made.get("radius", 0)
    box = _box(pixels, selection, inside, 0 if lock_alpha else reach)
    out = pixels.copy()
    for band, source in _bands(box, inside, reach, made.get("size", 0)):
        kernels.reset()
        before = pixels.read(band)
        after = _changed(kernels, pixels.read(source), source, before, band, made)
        count = before.shape[0] * before.shape[1]
        if lock_alpha:
            kernels.call("filter_keep", after, kernels.put(before), count)
        if selection is not None:
            target = kernels.put(before)
            kernels.call("mix", target, after, kernels.put(selection.read(band)), count, 255)
            after = target
        out.write(band, kernels.view(after, before.shape))
    pixels.tiles = out.tiles


def _box(pixels: Plane, selection: Plane | None, inside: Box, reach: int) -> Box:
    """What may change: where the layer is, and as far around as the filter carries it, if it is selected."""
    bounds = pixels.bounds()
    if bounds is None:
        return 0, 0, 0, 0
    box = intersection((bounds[0] - reach, bounds[1] - reach, bounds[2] + reach, bounds[3] + reach), inside)
    if selection is not None and selection.blank == (0,):
        box = intersection(box, selection.bounds() or (0, 0, 0, 0))
    return box


def _bands(box: Box, inside: Box, reach: int, cell: int) -> Iterator[tuple[Box, Box]]:
    """Pixels that are changed together, each box with what it is made from. Where one ends is not to be seen."""
    x0, y0, x1, y1 = box
    if x0 >= x1 or y0 >= y1:
        return
    step = cell or TILE
    columns = _WIDE // step * step
    rows = max(step, (_ROOM // (columns + 2 * reach) - 2 * reach) // step * step)
    for top in range(y0 // step * step, y1, rows):
        for left in range(x0 // step * step, x1, columns):
            whole = left, top, left + columns, top + rows
            # Cells are worked on as a whole; of all else no more than is asked for.
            band = intersection(whole, inside) if cell else intersection(whole, box)
            grown = band[0] - reach, band[1] - reach, band[2] + reach, band[3] + reach
            yield band, intersection(grown, inside)


def _changed(kernels: Kernels, read: Bytes, source: Box, before: Bytes, band: Box, made: Filter) -> int:
    """The address of the pixels of a band after the filter."""
    kind = made["kind"]
    height, width = before.shape[:2]
    if kind in _PASSES:
        soft = _blurred(kernels, read, source, band, made["radius"], _PASSES[kind])
        if kind != "sharpen":
            return soft
        target = kernels.put(before)
        kernels.call("filter_sharpen", target, soft, height * width, share(made["amount"]), made["threshold"])
        return target
    target = kernels.put(before)
    if kind == "pixelate":
        kernels.call("filter_pixelate", target, width, height, made["size"])
        return target
    for row in range(height):
        at, amount = target + 4 * width * row, share(made["amount"])
        kernels.call("filter_noise", at, width, band[0], band[1] + row, made["seed"], amount, made["one"])
    return target


def share(percent: int) -> int:
    """Percent as 65536ths."""
    return percent * 65536 // 100


def _blurred(kernels: Kernels, read: Bytes, source: Box, band: Box, radius: int, passes: int) -> int:
    height, width = read.shape[:2]
    out = kernels.room(4 * (band[2] - band[0]) * (band[3] - band[1]))
    wide, line = kernels.room(8 * width * height), kernels.room(8 * max(width, _STRIP * height))
    kernels.call("filter_load", wide, kernels.put(np.ascontiguousarray(read)), width * height)
    for _ in range(passes):
        kernels.call("filter_box", wide, line, width, height, radius)
    count = band[2] - band[0]
    for row in range(band[3] - band[1]):
        at = (band[1] - source[1] + row) * width + band[0] - source[0]
        kernels.call("filter_store", out + 4 * count * row, wide + 8 * at, count)
    kernels.reset(wide)
    return out
