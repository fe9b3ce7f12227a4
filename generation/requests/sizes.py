"""The one table of picture sizes: shapes people choose, and the exact pixels each size gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SHAPES: Final = ("1:1", "4:3", "3:4", "3:2", "2:3", "16:9", "9:16", "21:9")
SIZES: Final = ("1k", "2k", "4k")
# The classes that prices and limits go by: no side of a picture is longer than its class says.
LONG_SIDES: Final = {"1k": 1024, "2k": 2048, "4k": 3840, "8k": 8192}
CLASSES: Final = tuple(LONG_SIDES)
LARGEST: Final = 8192  # pixels a side, of whatever is made here


@dataclass(frozen=True, slots=True, order=True)
class Size:
    """Width and height in pixels, both at least 1."""

    width: int
    height: int

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1:
            raise ValueError(f"a size needs at least one pixel each way, not {self.width}x{self.height}")

    @property
    def pixels(self) -> int:
        return self.width * self.height

    def fit(self, side: int) -> Size:
        """Return the size in the same proportions whose long side is at most ``side``, at least one pixel each way."""
        scale = min(1.0, side / max(self.width, self.height))
        return Size(max(1, round(self.width * scale)), max(1, round(self.height * scale)))

    def __str__(self) -> str:
        return f"{self.width}×{self.height}"


# Rounded once, here, to the nearest even number: 4:2:0 downloads (JPEG, WebP, AVIF) halve the colour planes.
_TABLE: Final[dict[str, dict[str, Size]]] = {
    "1k": {
        "1:1": Size(1024, 1024),
        "4:3": Size(1024, 768),
        "3:4": Size(768, 1024),
        "3:2": Size(1024, 682),
        "2:3": Size(682, 1024),
        "16:9": Size(1024, 576),
        "9:16": Size(576, 1024),
        "21:9": Size(1024, 438),
    },
    "2k": {
        "1:1": Size(2048, 2048),
        "4:3": Size(2048, 1536),
        "3:4": Size(1536, 2048),
        "3:2": Size(2048, 1366),
        "2:3": Size(1366, 2048),
        "16:9": Size(2048, 1152),
        "9:16": Size(1152, 2048),
        "21:9": Size(2048, 878),
    },
    "4k": {
        "1:1": Size(3840, 3840),
        "4:3": Size(3840, 2880),
        "3:4": Size(2880, 3840),
        "3:2": Size(3840, 2560),
        "2:3": Size(2560, 3840),
        "16:9": Size(3840, 2160),
        "9:16": Size(2160, 3840),
        "21:9": Size(3840, 1646),
    },
}


def output_size(shape: str, size: str) -> Size:
    """Exact pixels of a shape at a size; KeyError for a name that is not in SHAPES or SIZES."""
    return _TABLE[size][shape]


def size_class(size: Size) -> str:
    """The smallest class that holds a picture of this size. ValueError for one with a side above LARGEST."""
    for name, longest in LONG_SIDES.items():
        if max(size.width, size.height) <= longest:
            return name
    raise ValueError(f"{size} is larger than {LARGEST} pixels a side")
