"""Which part of a document a job starts from, and what of it the model sees: the dotted box."""

from __future__ import annotations

from dataclasses import dataclass, replace

from editor.generating.asking import Asked
from generation.requests import boxes
from generation.requests.boxes import Box
from generation.requests.catalogue import Entry
from generation.requests.sizes import Size


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """All in pixels of the document; where a canvas is extended, `box`, `region` and `marked` in those of the new one.

    `region` is what a result covers: what of the box lies in the picture. `source` is what is drawn from the log for
    it, `held` where that stands in the region's pixels: less than the region where the canvas grows.
    """

    box: Box
    region: Box
    marked: Box
    source: Box
    held: Box
    feather: int

    @property
    def place(self) -> list[int]:
        """Where a result stands: x, y, width, height."""
        return [self.region.left, self.region.top, self.region.size.width, self.region.size.height]


def of_selection(asked: Asked, entry: Entry, size: Size, marked: Box) -> Frame:
    """What is selected with what is around it, or what the person chose to have around it.

    An instruction is about all of the picture, unless the person chose less.
    """
    wanted = asked.wanted_box or (whole(size) if asked.kind == "edit" else None)
    return _of(asked, boxes.seen(marked, size, entry.base_sizes, wanted=wanted)[1], size, marked)


def of_whole(asked: Asked, entry: Entry, size: Size) -> Frame:
    """All of the picture, in proportions that the model draws; nothing fades at its edges."""
    frame = of_selection(asked, entry, size, whole(size))
    return replace(frame, feather=0)


def of_all(asked: Asked, size: Size, marked: Box) -> Frame:
    """What is selected, seen with all of the picture."""
    return _of(asked, whole(size), size, marked)


def _of(asked: Asked, box: Box, size: Size, marked: Box) -> Frame:
    region = box.within(size)
    feather = boxes.feather(marked) if asked.feather is None else asked.feather
    held = Box(0, 0, region.size.width, region.size.height)
    return Frame(box=box, region=region, marked=marked, source=region, held=held, feather=feather)


def of_canvas(asked: Asked, entry: Entry, size: Size) -> Frame | None:
    """What is new around the picture, with some of the picture; None where nothing is new, or some would be lost."""
    canvas, old = asked.canvas_size, _old_part(asked, size)
    if not whole(canvas).holds(old) or canvas == size:
        return None
    marked = _new_part(canvas, old)
    box = boxes.seen(marked, canvas, entry.base_sizes, wanted=asked.wanted_box)[1]
    if not _meet(box, old):
        # A model that sees nothing of the picture has nothing to go on with.
        box = boxes.seen(marked, canvas, entry.base_sizes)[1]
    return _grown(asked, box, box.within(canvas), old, marked)


def of_whole_canvas(asked: Asked, entry: Entry, size: Size) -> Frame | None:
    """The same for a model that knows more of the picture than its pixels: it starts from the picture itself."""
    canvas, old = asked.canvas_size, _old_part(asked, size)
    if of_canvas(asked, entry, size) is None:
        return None
    marked = _new_part(canvas, old)
    wanted = asked.wanted_box or whole(canvas)
    box = boxes.seen(marked, canvas, entry.base_sizes, wanted=wanted)[1]
    return _grown(asked, box, whole(canvas), old, marked)


def _old_part(asked: Asked, size: Size) -> Box:
    assert asked.canvas is not None
    dx, dy = asked.canvas[2:]
    return Box(dx, dy, dx + size.width, dy + size.height)


def _grown(asked: Asked, box: Box, region: Box, old: Box, marked: Box) -> Frame:
    kept = Box(
        *(max(region.left, old.left), max(region.top, old.top)),
        *(min(region.right, old.right), min(region.bottom, old.bottom)),
    )
    feather = 0 if asked.feather is None else asked.feather
    held = kept.moved(-region.left, -region.top)
    return Frame(
        box=box,
        region=region,
        marked=marked,
        source=kept.moved(-old.left, -old.top),
        held=held,
        feather=feather,
    )


def whole(size: Size) -> Box:
    return Box(0, 0, size.width, size.height)


def _new_part(canvas: Size, old: Box) -> Box:
    """The smallest box that holds what is new: one strip, or everything where several sides grow."""
    all_ = whole(canvas)
    strips = [
        Box(*corners)
        for corners in (
            (0, 0, old.left, canvas.height),
            (0, 0, canvas.width, old.top),
            (old.right, 0, canvas.width, canvas.height),
            (0, old.bottom, canvas.width, canvas.height),
        )
        if corners[0] < corners[2] and corners[1] < corners[3]
    ]
    return strips[0] if len(strips) == 1 else all_


def _meet(box: Box, other: Box) -> bool:
    return max(box.left, other.left) < min(box.right, other.right) and max(box.top, other.top) < min(
        box.bottom, other.bottom
    )
