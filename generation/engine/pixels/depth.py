"""Depth of a picture without a network: how near each place seems, by haze and by how low it lies.

One picture doesn't hold its depth; two old clues are taken. Haze: where every colour is bright, much air lies between
(the dark channel of He, Sun and Tang, CVPR 2009). Height: what stands on the ground is farther the higher it begins.
Both are then drawn along the picture's own edges (the guided filter of He, Sun and Tang, ECCV 2010). It suits views
into the distance. Indoors, of faces, from above, and of white things it is wrong; then a finished map is needed.
"""

from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from PIL import Image

# Parts of the shorter side: how far around a place its darkest pixel is looked for, and how far the filter reaches.
_NEIGHBOURHOOD: Final = 64
_REACH: Final = 12
# Of haze, the part that is taken out; less would leave none, since some is always there.
_HAZE: Final = 0.95
_LEAST_CLEAR: Final = 0.1
# How much haze counts beside height.
_SHARE_OF_HAZE: Final = 0.5
# Of the variance of brightness (0 to 1): below it the filter smooths, above it it keeps an edge.
_FLAT: Final = 1e-3

Floats = NDArray[np.float32]


def nearness(picture: Image.Image) -> NDArray[np.uint8]:
    """[height, width]: 255 is the nearest place of the picture, 0 the farthest, as networks for depth know it."""
    colours: Floats = np.asarray(picture.convert("RGB"), np.float32) / np.float32(255)
    far: Floats = _SHARE_OF_HAZE * _stretched(_haze(colours)) + (1 - _SHARE_OF_HAZE) * _height(colours)
    near = 1 - _stretched(_guided(colours.mean(axis=2), far))
    levels: NDArray[np.uint8] = np.round(255 * near).astype(np.uint8)
    return levels


def _haze(colours: Floats) -> Floats:
    """How much air lies before each place, from 0 on."""
    radius = max(1, min(colours.shape[:2]) // _NEIGHBOURHOOD)
    dark = _least(colours.min(axis=2), radius)
    # The light of the air: the colour of what is haziest.
    haziest = dark >= np.quantile(dark, 0.999)
    light = np.maximum(colours[haziest].mean(axis=0), 0.1)
    clear = 1 - _HAZE * _least((colours / light).min(axis=2), radius)
    found: Floats = -np.log(np.clip(clear, _LEAST_CLEAR, 1))
    return found


def _height(colours: Floats) -> Floats:
    """1 at the top, 0 at the bottom."""
    height, width = colours.shape[:2]
    return np.repeat(np.linspace(1, 0, height, dtype=np.float32)[:, None], width, axis=1)


def _stretched(values: Floats) -> Floats:
    """From 0 to 1; 0 where all are the same."""
    least, most = float(values.min()), float(values.max())
    found: Floats = (values - least) / (most - least) if most - least > 1e-6 else np.zeros_like(values)
    return found


def _least(values: Floats, radius: int) -> Floats:
    """The least within a square around each place."""
    for axis in (0, 1):
        border = [(0, 0), (0, 0)]
        border[axis] = (radius, radius)
        values = sliding_window_view(np.pad(values, border, mode="edge"), 2 * radius + 1, axis).min(axis=-1)
    return values


def _guided(guide: Floats, values: Floats) -> Floats:
    """The values, smooth where the guide is, with its edges: in each square they are a line of the guide."""
    radius = max(1, min(guide.shape) // _REACH)
    mean_guide, mean_values = _mean(guide, radius), _mean(values, radius)
    variance = _mean(guide * guide, radius) - mean_guide**2
    slope = (_mean(guide * values, radius) - mean_guide * mean_values) / (variance + _FLAT)
    offset = mean_values - slope * mean_guide
    found: Floats = _mean(slope, radius) * guide + _mean(offset, radius)
    return found


def _mean(values: Floats, radius: int) -> Floats:
    """Of the square around each place, by sums that grow along each side."""
    whole = values.astype(np.float64)
    for axis in (0, 1):
        border = [(0, 0), (0, 0)]
        border[axis] = (radius + 1, radius)
        sums = np.cumsum(np.pad(whole, border, mode="edge"), axis=axis)
        length = values.shape[axis]
        first, last = np.arange(length), np.arange(length) + 2 * radius + 1
        whole = (np.take(sums, last, axis) - np.take(sums, first, axis)) / (2 * radius + 1)
    return whole.astype(np.float32)
