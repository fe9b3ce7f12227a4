"""Pictures of four inks (CMYK) as Chromium shows them: black goes into the other three, then those through the profile.

What Blink's decoder of JPEG does (measured with Chromium 156, within one level): each level of red, green and blue is
what ink and black leave of 255, cut to whole numbers. A profile then gets these three as inks, without any black, and
the points of its table are joined by straight lines in all three directions (skcms). Our colour library (lcms) goes
between them in tetrahedra, and reads black as black: up to 71 levels away from what people see in their browser.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageChops, ImageFilter, ImageMath

Levels = Sequence[float]
_ROWS: Final = 128  # at once: what is computed with takes 4 bytes a level
# Points a side of the table that pixels go through, as many as Pillow takes: the profile's own points are among them.
# With 49 of them a pixel in 500 is 2 or 3 levels off.
_POINTS: Final = 65
_INKS: Final = 4
# CIE Lab to sRGB by way of XYZ under D50; the numbers of skcms, which rounds some constants of the standard.
_D50: Final = (0.9642, 1.0, 0.8249)  # X, Y, Z of white
_FROM_XYZ: Final = (
    (3.134112, -1.617392, -0.490633),
    (-0.978787, 1.916280, 0.033455),
    (0.071983, -0.228986, 1.405385),
)


@dataclass(frozen=True, slots=True)
class _Table:
    """A profile's way from inks to Lab (ICC.1:2022, 10.10 and 10.11): curves, a grid, and curves. All from 0 to 1."""

    before: list[Levels]
    side: int
    grid: Levels
    after: list[Levels]


def to_rgb(image: Image.Image, profile: bytes | None = None) -> Image.Image:
    """Return a CMYK picture as RGB, through a profile whose table `is_understood`, or plainly without one.

    Raises ValueError, struct.error or IndexError where the profile is damaged.
    """
    through = _through(_table_of(profile)) if profile else None
    out = Image.new("RGB", image.size)
    for top in range(0, image.height, _ROWS):
        strip = image.crop((0, top, image.width, min(top + _ROWS, image.height)))
        plain = _light(strip)
        out.paste(plain.filter(through) if through else plain, (0, top))
    return out


def is_understood(profile: bytes) -> bool:
    """Whether a profile has a table of inks in one of the two forms that nearly all have (lut8, lut16), to Lab."""
    kind = _tag(profile, b"A2B0")[:4]
    return profile[20:24] == b"Lab " and kind in (b"mft1", b"mft2")


def without_black(image: Image.Image) -> Image.Image:
    """Return the picture in cyan, magenta and yellow alone, for a profile that is read elsewhere."""
    bands = [ImageChops.invert(band) for band in to_rgb(image).split()]
    return Image.merge("CMYK", [*bands, Image.new("L", image.size, 0)])


def _light(image: Image.Image) -> Image.Image:
    *inks, black = image.split()
    return Image.merge("RGB", [_left_of(ink, black) for ink in inks])


def _left_of(ink: Image.Image, black: Image.Image) -> Image.Image:
    """What both leave of the light, cut to a whole number as Blink cuts it (ImageChops would round)."""
    left = ImageMath.lambda_eval(
        lambda at: at["convert"]((255 - at["ink"]) * (255 - at["black"]) / 255, "L"), ink=ink, black=black
    )
    assert isinstance(left, Image.Image)
    return left


def _tag(profile: bytes, name: bytes) -> bytes:
    """Return what a profile holds under this name; nothing where it has none."""
    (count,) = struct.unpack_from(">I", profile, 128)
    for at in range(min(count, 200)):
        found, start, size = struct.unpack_from(">4sII", profile, 132 + 12 * at)
        if found == name:
            return profile[start : start + size]
    return b""


def _table_of(profile: bytes) -> _Table:
    tag = _tag(profile, b"A2B0")
    inks, channels, side = tag[8:11]
    if (inks, channels) != (_INKS, 3) or side < 2:
        raise ValueError("not a table from four inks to three numbers")
    if tag[:4] == b"mft1":
        entries, ends, values = 256, 256, _eighths(tag[48:])
    else:
        (entries, ends), values = struct.unpack_from(">HH", tag, 48), _sixteenths(tag[52:])
    grid = inks * entries
    after = grid + side**_INKS * channels
    if len(values) < after + channels * ends or min(entries, ends) < 2:
        raise ValueError("a table that is cut off")
    return _Table(
        [values[ink * entries : (ink + 1) * entries] for ink in range(inks)],
        side,
        values[grid:after],
        [values[after + n * ends : after + (n + 1) * ends] for n in range(channels)],
    )


def _eighths(data: bytes) -> Levels:
    return array("f", (level / 255 for level in data))


def _sixteenths(data: bytes) -> Levels:
    return array("f", (level[0] / 65535 for level in struct.iter_unpack(">H", data[: len(data) // 2 * 2])))


def _through(table: _Table) -> ImageFilter.Color3DLUT:
    """Return the way from the light that `_light` leaves to sRGB, as a table that Pillow applies."""
    points = _points_of(table.side)
    # Pillow's table: red runs fastest, then green, then blue.
    levels = [number for lab in _labs(table, points) for number in _srgb(lab, table.after)]
    return ImageFilter.Color3DLUT(points, levels)


def _points_of(side: int) -> int:
    if side > _POINTS:
        return _POINTS
    return (side - 1) * max(1, (_POINTS - 1) // (side - 1)) + 1


def _labs(table: _Table, points: int) -> Iterator[tuple[float, float, float]]:
    """Yield the grid's three numbers at each point, by straight lines in three directions."""
    cyan, magenta, yellow = ([_place(table, ink, n, points) for n in range(points)] for ink in range(3))
    space = _without_axis_of_black(table)
    for low, high, share in yellow:
        plane = [[_between(line[low], line[high], share) for line in lines] for lines in space]
        for low_m, high_m, share_m in magenta:
            row = [_between(lines[low_m], lines[high_m], share_m) for lines in plane]
            for low_c, high_c, share_c in cyan:
                yield _between(row[low_c], row[high_c], share_c)


def _place(table: _Table, ink: int, point: int, points: int) -> tuple[int, int, float]:
    """Between which points of the grid an amount of this ink lies, and how far from the first one."""
    at = _curve(table.before[ink], 1 - point / (points - 1)) * (table.side - 1)
    low = min(int(at), table.side - 1)
    return low, min(low + 1, table.side - 1), at - low


_Triple = tuple[float, float, float]


def _without_axis_of_black(table: _Table) -> list[list[list[_Triple]]]:
    """The grid where there is no black: cyan, magenta, yellow."""
    low, high, share = _place(table, 3, 1, 2)
    side, grid = table.side, table.grid

    def triple(at: int) -> _Triple:
        return grid[at], grid[at + 1], grid[at + 2]

    def point(number: int) -> _Triple:
        start = number * side
        return _between(triple((start + low) * 3), triple((start + high) * 3), share)

    return [
        [[point((c * side + m) * side + y) for y in range(side)] for m in range(side)] for c in range(side)
    ]


def _between(a: _Triple, b: _Triple, share: float) -> _Triple:
    rest = 1 - share
    return a[0] * rest + b[0] * share, a[1] * rest + b[1] * share, a[2] * rest + b[2] * share


def _curve(levels: Levels, x: float) -> float:
    last = len(levels) - 1
    if x <= 0:
        return levels[0]
    if x >= 1:
        return levels[last]
    at = x * last
    low = int(at)
    return levels[low] + (levels[low + 1] - levels[low]) * (at - low)


def _srgb(lab: _Triple, after: list[Levels]) -> _Triple:
    # Written out: it runs for each of 275,000 points.
    light, a, b = _curve(after[0], lab[0]), _curve(after[1], lab[1]), _curve(after[2], lab[2])
    middle = (light * 100 + 16) / 116
    x = _linear(middle + (a * 255 - 128) / 500) * _D50[0]
    y = _linear(middle)
    z = _linear(middle - (b * 255 - 128) / 200) * _D50[2]
    red, green, blue = _FROM_XYZ
    return (
        _encoded(red[0] * x + red[1] * y + red[2] * z),
        _encoded(green[0] * x + green[1] * y + green[2] * z),
        _encoded(blue[0] * x + blue[1] * y + blue[2] * z),
    )


def _linear(number: float) -> float:
    cube = number * number * number
    return cube if cube > 0.008856 else (number - 16 / 116) / 7.787


def _encoded(light: float) -> float:
    """As sRGB (IEC 61966-2-1), and beyond 0 and 1 in the same way: a table that ended there would have a kink."""
    if light < 0:
        return -_encoded(-light)
    return 12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055
