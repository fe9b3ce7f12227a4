"""Which part of a picture a model sees when it changes some of it: the mask and what is around, in a shape it draws."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from generation.requests.sizes import Size

_CONTEXT: Final = 0.5  # of the mask's longer side, on each side of it
# A box is at least this share of the size the model draws: more enlargement shows it too little of the picture.
_LEAST: Final = 0.5
_ROUNDED: Final = 2  # pixels by which a side may be off its proportions
_FEATHER: Final = 1 / 12  # of the mask's shorter side
_MOST_FEATHER: Final = 64


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels; right and bottom are the first column and row outside of it. It may overhang a picture."""

    left: int
    top: int
    right: int
    bottom: int

    def __post_init__(self) -> None:
        if self.right <= self.left or self.bottom <= self.top:
            raise ValueError(f"a box needs at least one pixel each way, not {self}")

    @property
    def size(self) -> Size:
        return Size(self.right - self.left, self.bottom - self.top)

    @property
    def corners(self) -> tuple[int, int, int, int]:
        return self.left, self.top, self.right, self.bottom

    def holds(self, other: "Box") -> bool:
        return (
            self.left <= other.left
            and self.top <= other.top
            and other.right <= self.right
            and other.bottom <= self.bottom
        )

    def within(self, size: Size) -> "Box":
        """The part of it that lies in a picture of this size. ValueError where there is none."""
        return Box(
            max(0, self.left), max(0, self.top), min(size.width, self.right), min(size.height, self.bottom)
        )

    def joined(self, other: "Box") -> "Box":
        """The smallest box that holds both."""
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def moved(self, right: int, down: int) -> "Box":
        return Box(self.left + right, self.top + down, self.right + right, self.bottom + down)


def seen(
    mask: Box, picture: Size, base_sizes: Mapping[str, Size], *, wanted: Box | None = None
) -> tuple[str, Box]:
    """The shape a model draws in, and the box of the picture that it sees: the smallest that holds mask and context.

    `mask` is what is to be redrawn. The box has the proportions of the shape to within a pixel, lies in the picture
    where it fits, and overhangs evenly where it doesn't. `wanted`, a box that a person chose, takes the place of the
    context.
    """
    chosen = wanted
    if wanted is None:
        context = round(max(mask.size.width, mask.size.height) * _CONTEXT)
        wanted = Box(mask.left - context, mask.top - context, mask.right + context, mask.bottom + context)
    needed = wanted.joined(mask).within(picture)
    fitting = {shape: _around(needed, picture, base) for shape, base in base_sizes.items()}
    # A box that has a shape already keeps it: the one that was proposed comes back with every order.
    shape = min(
        fitting,
        key=lambda name: (
            chosen is not None and not _alike(fitting[name], chosen),
            *_waste(fitting[name], picture),
        ),
    )
    return shape, fitting[shape]


def nearest_shape(size: Size, base_sizes: Mapping[str, Size]) -> str:
    """The shape whose proportions come nearest."""
    ratio = size.width / size.height

    def off(shape: str) -> float:
        other = base_sizes[shape].width / base_sizes[shape].height
        return max(ratio / other, other / ratio)

    return min(base_sizes, key=off)


def feather(mask: Box) -> int:
    """How many pixels inside of the mask's rim fade from the old to the new picture, unless the request says."""
    return max(1, min(_MOST_FEATHER, round(min(mask.size.width, mask.size.height) * _FEATHER)))


def _around(needed: Box, picture: Size, base: Size) -> Box:
    least_width = min(picture.width, round(base.width * _LEAST))
    least_height = min(picture.height, round(base.height * _LEAST))
    width, height = max(needed.size.width, least_width), max(needed.size.height, least_height)
    scale = max(width / base.width, height / base.height)
    size = Size(max(width, round(base.width * scale)), max(height, round(base.height * scale)))
    left = _place(needed.left, needed.right, size.width, picture.width)
    top = _place(needed.top, needed.bottom, size.height, picture.height)
    return Box(left, top, left + size.width, top + size.height)


def _place(first: int, last: int, length: int, whole: int) -> int:
    """Where a stretch of `length` begins that holds first..last, inside of the whole where it fits."""
    if length >= whole:
        return (whole - length) // 2
    return min(max(0, (first + last - length) // 2), whole - length)


def _alike(box: Box, wanted: Box) -> bool:
    """Whether two boxes have the same size but for what is rounded."""
    return (
        abs(box.size.width - wanted.size.width) <= _ROUNDED
        and abs(box.size.height - wanted.size.height) <= _ROUNDED
    )


def _waste(box: Box, picture: Size) -> tuple[int, int]:
    """What overhangs the picture, which is worst, and the whole area."""
    return box.size.pixels - box.within(picture).size.pixels, box.size.pixels
