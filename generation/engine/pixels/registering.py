"""Finds how far a drawing is moved and zoomed against the picture that it changes, and takes that back.

Models that follow an instruction give the picture back a few pixels off, some also a little larger. Laid over it, every
line would be there twice. Both are cut into blocks; in each the shift is measured by phase correlation of the luma,
which doesn't ask how bright or of what colour something is. Blocks that show something else now have no clear peak and
count for nothing. Where too few are clear, or they don't agree, nothing is moved.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generation.engine.pixels.encode import Pixels

Floats = NDArray[np.float32]

_BLOCKS: Final = 4  # a side; each overlaps its neighbours by half
_LEAST_BLOCK: Final = 48  # pixels a side
_REACH: Final = 0.25  # of a block's side: no further is looked for
_COARSE: Final = 0.15  # cycles a pixel: finer detail counts less and less
_FLAT: Final = 1.5  # levels: a block that varies less shows nothing to hold on to
_PEAK: Final = 0.08  # of the highest peak there can be
_SECOND: Final = 0.6  # of the peak: a second one as high makes it unclear
_CLEAR_SHARE: Final = 0.25  # of the blocks that aren't flat
_AGREED: Final = 0.75  # pixels by which blocks that agree may differ
_LEAST: Final = 0.25  # pixels: what is moved by less stays as it is
_LEAST_ZOOM: Final = 0.6  # pixels at the edge
_LUMA: Final = (0.299, 0.587, 0.114)


@dataclass(frozen=True, slots=True)
class Fit:
    """The drawing shows at (x + dx(x), y + dy(y)) what the picture shows at (x, y), both in pixels of the drawing.

    dx(x) = right + wider · (x - middle), dy(y) = down + taller · (y - middle).
    """

    right: float
    down: float
    wider: float = 0.0
    taller: float = 0.0


STILL: Final = Fit(0.0, 0.0)


def found(picture: Pixels, drawn: Pixels) -> Fit | None:
    """Return by how much `drawn` is off, [h, w, 3] both; None where that isn't clear. ValueError where sizes differ."""
    if picture.shape[:2] != drawn.shape[:2]:
        raise ValueError("a drawing and what it is compared with must have one size")
    places, shifts, looked = _measured(_luma(picture), _luma(drawn))
    if not looked or len(shifts) < max(1, round(looked * _CLEAR_SHARE)):
        return None
    height, width = drawn.shape[:2]
    across = _line(places[:, 0] - width / 2, shifts[:, 0], width)
    down = _line(places[:, 1] - height / 2, shifts[:, 1], height)
    if across is None or down is None:
        return None
    fit = Fit(across[0], down[0], across[1], down[1])
    still = max(abs(fit.right), abs(fit.down)) < _LEAST and not fit.wider and not fit.taller
    return STILL if still else fit


def moved(drawn: Pixels, fit: Fit | None) -> Pixels:
    """`drawn` where the picture shows the same; at the sides that it leaves, its edge pixels go on."""
    if fit is None or fit == STILL:
        return drawn
    height, width = drawn.shape[:2]
    far = 2 + int(
        np.ceil(
            max(abs(fit.right) + abs(fit.wider) * width / 2, abs(fit.down) + abs(fit.taller) * height / 2)
        )
    )
    padded = np.pad(drawn, ((far, far), (far, far), (0, 0)), mode="edge")
    left, top = far + fit.right - fit.wider * width / 2, far + fit.down - fit.taller * height / 2
    if not fit.wider and not fit.taller and _is_whole(fit.right) and _is_whole(fit.down):
        x, y = round(left), round(top)
        return np.ascontiguousarray(padded[y : y + height, x : x + width])
    across, down = 1 + fit.wider, 1 + fit.taller
    how = (across, 0, left, 0, down, top)
    picture = Image.fromarray(padded)
    made: Pixels = np.asarray(
        picture.transform((width, height), Image.Transform.AFFINE, how, Image.Resampling.BICUBIC)
    )
    return made


def stage(fit: Fit | None) -> dict[str, Any]:
    """What the recipe says of it."""
    if fit is None:
        return {"stage": "register", "clear": False}
    about = {"right": fit.right, "down": fit.down, "wider": 100 * fit.wider, "taller": 100 * fit.taller}
    return {"stage": "register", "clear": True, **{name: round(value, 2) for name, value in about.items()}}


def _luma(pixels: Pixels) -> Floats:
    return pixels[:, :, :3].astype(np.float32) @ np.array(_LUMA, np.float32)


def _measured(picture: Floats, drawn: Floats) -> tuple[Floats, Floats, int]:
    """The middles [n, 2] and shifts [n, 2] of the clear blocks, and how many had something to look at."""
    height, width = picture.shape
    tall, wide = _side(height), _side(width)
    window = np.outer(np.hanning(tall + 2)[1:-1], np.hanning(wide + 2)[1:-1]).astype(np.float32)
    low = _lowpass(tall, wide)
    places, shifts, looked = [], [], 0
    for top in _tops(height, tall):
        for left in _tops(width, wide):
            at = np.s_[top : top + tall, left : left + wide]
            if picture[at].std() < _FLAT:
                continue
            looked += 1
            shift = _shift(picture[at], drawn[at], window, low)
            if shift is not None:
                places.append((left + wide / 2, top + tall / 2))
                shifts.append(shift)
    return np.array(places, np.float32).reshape(-1, 2), np.array(shifts, np.float32).reshape(-1, 2), looked


def _side(length: int) -> int:
    return min(length, max(_LEAST_BLOCK, 2 * length // (_BLOCKS + 1)))


def _tops(length: int, side: int) -> list[int]:
    """Where blocks begin, from one end to the other, each half a block after the one before."""
    count = 1 + max(0, round(2 * (length - side) / side))
    return [round(number * (length - side) / max(1, count - 1)) for number in range(count)]


def _lowpass(tall: int, wide: int) -> Floats:
    down, across = np.fft.fftfreq(tall)[:, None], np.fft.rfftfreq(wide)[None, :]
    low: Floats = np.exp(-(down**2 + across**2) / (2 * _COARSE**2)).astype(np.float32)
    low[0, 0] = 0
    return low


def _shift(a: Floats, b: Floats, window: Floats, low: Floats) -> tuple[float, float] | None:
    """Return (right, down) by which `b` is moved against `a`; None where no shift stands out."""
    first = np.fft.rfft2((a - a.mean()) * window)
    second = np.fft.rfft2((b - b.mean()) * window)
    cross = second * np.conj(first)
    size = np.abs(cross)
    spectrum = np.where(size > 1e-6, cross / np.maximum(size, 1e-6), 0) * low
    surface = np.fft.fftshift(np.fft.irfft2(spectrum, s=a.shape))
    best = np.fft.fftshift(np.fft.irfft2(low, s=a.shape)).max()
    middle = (a.shape[0] // 2, a.shape[1] // 2)
    reach = tuple(max(2, int(side * _REACH)) for side in a.shape)
    near = surface[
        middle[0] - reach[0] : middle[0] + reach[0] + 1, middle[1] - reach[1] : middle[1] + reach[1] + 1
    ]
    y, x = np.unravel_index(int(near.argmax()), near.shape)
    peak = near[y, x]
    others = near.copy()
    others[max(0, y - 5) : y + 6, max(0, x - 5) : x + 6] = 0
    if peak < _PEAK * best or others.max() > _SECOND * peak:
        return None
    if not (0 < y < near.shape[0] - 1 and 0 < x < near.shape[1] - 1):
        return None  # it may go on beyond
    right = x - reach[1] + _top_of(near[y, x - 1 : x + 2])
    down = y - reach[0] + _top_of(near[y - 1 : y + 2, x])
    return right, down


def _top_of(three: NDArray[Any]) -> float:
    """Where a bell through three samples has its top, from -0.5 to 0.5 around the middle one, the highest."""
    left, middle, right = np.log(np.maximum(three, 1e-9))
    bend = left - 2 * middle + right
    return 0.0 if bend >= 0 else float(np.clip((left - right) / (2 * bend), -0.5, 0.5))


def _line(places: Floats, shifts: Floats, length: int) -> tuple[float, float] | None:
    """Return shift and zoom that most blocks agree on; None where they don't."""
    zoom = 0.0
    if len(shifts) >= 6 and np.ptp(places) > length / 3:
        # The median of the slopes of all pairs that lie apart: blocks that are wrong don't pull at it.
        i, j = np.triu_indices(len(places), 1)
        apart = np.abs(places[i] - places[j]) > length / 5
        slopes = (shifts[i] - shifts[j])[apart] / (places[i] - places[j])[apart]
        zoom = float(np.median(slopes))
        if abs(zoom) * length / 2 < _LEAST_ZOOM:
            zoom = 0.0
    rest = shifts - zoom * places
    shift = float(np.median(rest))
    agreed = np.abs(rest - shift) <= _AGREED
    if agreed.mean() < 0.5:
        return None
    return float(rest[agreed].mean()), zoom


def _is_whole(length: float) -> bool:
    return abs(length - round(length)) < 0.1
