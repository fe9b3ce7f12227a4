"""The request of an order: one function for the price that is shown, the check of an order, and the job itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from editor.generating import framing
from editor.generating.asking import Asked
from editor.generating.framing import Frame
from editor.generating.tools import ERASED
from generation.requests import kinds, ordering
from generation.requests.boxes import Box
from generation.requests.catalogue import Entry
from generation.requests.request import SEEDS, GenerationRequest, InvalidRequest
from generation.requests.sizes import SIZES, Size, size_class

# Stands for a picture or a mask that is not drawn yet: prices and limits do not depend on it.
NOT_YET: Final = f"upload:{UUID(int=0)}"
_LARGEST_DRAWN: Final = 3840


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a job starts from. `size` is the document's, `frame` the part of it, where it is about one.

    `mask` is "" where all of that part may change.
    """

    size: Size
    frame: Frame | None = None
    reference: str = NOT_YET
    mask: str = NOT_YET


def source_of(asked: Asked, entry: Entry, size: Size, marked: Box | None) -> Source:
    """Return what is known before anything is drawn; `marked` is what the page says is selected."""
    if asked.is_of_selection:
        inside = _inside(marked or asked.wanted_box or framing.whole(size), size)
        return Source(size=size, frame=framing.of_selection(asked, entry, size, inside))
    if asked.kind == "outpaint":
        return Source(size=size, frame=framing.of_canvas(asked, entry, size))
    if asked.kind == "edit":
        return Source(size=size, frame=framing.of_whole(asked, entry, size), mask="")
    return Source(size=size)


def request_of(
    asked: Asked, entry: Entry, source: Source, *, words: str = "", uid: UUID
) -> GenerationRequest:
    """Return the request. `words` are those the document's picture was made from. Raises InvalidRequest."""
    build = {
        "inpaint": _inpaint,
        "outpaint": _outpaint,
        "variation": _variation,
        "edit": _edit,
        "upscale": _upscale,
        "remove_background": _remove_background,
        "layers": _layers,
        "segment": _segment,
    }[asked.kind]
    seed = uid.int % SEEDS if asked.seed is None else asked.seed
    return replace(build(asked, entry, source, words, seed), for_editor=True)


def _inpaint(asked: Asked, entry: Entry, source: Source, words: str, seed: int) -> GenerationRequest:
    frame = source.frame
    assert frame is not None
    prompt = asked.words
    if not prompt.strip():
        prompt = {"erase": ERASED, "variations": words}.get(asked.tool, "")
    more: dict[str, Any] = {} if asked.strength is None else {"strength": asked.strength}
    back = (-frame.region.left, -frame.region.top)
    return ordering.inpaint(
        entry,
        reference=source.reference,
        source=frame.region.size,
        mask=source.mask,
        marked=frame.marked.moved(*back),
        box=frame.box.moved(*back),
        feather=frame.feather,
        prompt=prompt,
        seed=seed,
        count=asked.variants,
        **more,
    )


def _outpaint(asked: Asked, entry: Entry, source: Source, words: str, seed: int) -> GenerationRequest:
    frame = source.frame
    if frame is None:
        # The request itself says what is wrong with such a canvas.
        assert asked.canvas is not None
        about: dict[str, Any] = {
            "source": source.size,
            "canvas": asked.canvas_size,
            "place": asked.canvas[2:],
        }
    else:
        about = {
            "source": frame.source.size,
            "canvas": frame.region.size,
            "place": frame.held.corners[:2],
            "box": frame.box.moved(-frame.region.left, -frame.region.top),
            "feather": frame.feather,
        }
    return ordering.outpaint(
        entry,
        reference=source.reference,
        prompt=asked.words,
        seed=seed,
        count=asked.variants,
        **about,
    )


def _variation(asked: Asked, entry: Entry, source: Source, words: str, seed: int) -> GenerationRequest:
    return ordering.variation(
        entry,
        reference=source.reference,
        source=source.size,
        size=_class_of(source.size),
        prompt=asked.words or words,
        seed=seed,
        count=asked.variants,
        strength=asked.strength,
    )


def _edit(asked: Asked, entry: Entry, source: Source, _words: str, seed: int) -> GenerationRequest:
    frame = source.frame
    assert frame is not None
    return ordering.edit_in_place(
        entry,
        reference=source.reference,
        source=frame.region.size,
        mask=source.mask or None,
        box=frame.box.moved(-frame.region.left, -frame.region.top),
        feather=frame.feather,
        prompt=asked.words,
        size=_class_of(source.size),
        seed=seed,
        count=asked.variants,
    )


def _upscale(asked: Asked, entry: Entry, source: Source, words: str, _seed: int) -> GenerationRequest:
    return ordering.upscale(
        entry, reference=source.reference, source=source.size, scale=asked.scale, prompt=words
    )


def _remove_background(
    _asked: Asked, entry: Entry, source: Source, words: str, _seed: int
) -> GenerationRequest:
    return ordering.remove_background(entry, reference=source.reference, source=source.size, prompt=words)


def _layers(asked: Asked, entry: Entry, source: Source, words: str, seed: int) -> GenerationRequest:
    least, most = kinds.counts("layers")
    count = min(most, max(least, asked.variants))
    return ordering.layers(
        entry, reference=source.reference, source=source.size, count=count, seed=seed, prompt=words
    )


def _segment(asked: Asked, entry: Entry, source: Source, words: str, _seed: int) -> GenerationRequest:
    return ordering.segment(
        entry,
        reference=source.reference,
        source=source.size,
        inside=asked.inside,
        outside=asked.outside,
        box=asked.wanted_box,
        prompt=words,
    )


def _class_of(size: Size) -> str:
    """The class of sizes that a new picture like this one is drawn in."""
    return size_class(size) if max(size.width, size.height) <= _LARGEST_DRAWN else SIZES[-1]


def _inside(marked: Box, size: Size) -> Box:
    try:
        return marked.within(size)
    except ValueError:
        return framing.whole(size)


__all__ = ["NOT_YET", "InvalidRequest", "Source", "request_of", "source_of"]
