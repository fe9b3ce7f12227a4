"""Builds the requests that change a picture: what follows from its size, mask and model is filled in."""

from typing import Any, Final

from generation.requests import boxes, edits
from generation.requests.boxes import Box
from generation.requests.catalogue import Entry
from generation.requests.edits import Edit
from generation.requests.request import GenerationRequest
from generation.requests.sizes import LARGEST, Size, size_class

# How much a variation changes: the composition stays, the details don't.
VARIATION: Final = 0.6
Points = tuple[tuple[int, int], ...]


def inpaint(
    entry: Entry, *, reference: str, source: Size, mask: str, marked: Box, prompt: str, seed: int, **more: Any
) -> GenerationRequest:
    """Redraw what `mask` marks, `marked` being the rectangle around it. `more`: strength, feather, count, steps…

    With `whole` the model sees all of the picture: right where it stored what stands where. With `box` it sees that,
    which has to be one of `boxes.seen`. This and the others raise InvalidRequest.
    """
    shape, box = _seen(entry, more.pop("box", None)) or boxes.seen(marked, source, entry.base_sizes)
    if more.pop("whole", False):
        shape, box = boxes.nearest_shape(source, entry.base_sizes), Box(0, 0, source.width, source.height)
    feather = more.pop("feather", None)
    edit = Edit(
        source=_pair(source),
        mask=mask,
        box=box.corners,
        feather=boxes.feather(marked) if feather is None else feather,
    )
    more = {"strength": 1.0, "guidance": entry.inpaint_guidance or entry.default_guidance} | more
    return _request(
        entry, "inpaint", reference=reference, shape=shape, edit=edit, prompt=prompt, seed=seed, **more
    )


def outpaint(
    entry: Entry,
    *,
    reference: str,
    source: Size,
    canvas: Size,
    place: tuple[int, int],
    seed: int,
    prompt: str = "",
    **more: Any,
) -> GenerationRequest:
    """Draw what lies around the picture, which stands at `place` on the canvas. `more`: box, as for `inpaint`, …"""
    shape, box = _seen(entry, more.pop("box", None)) or boxes.seen(
        Box(0, 0, canvas.width, canvas.height), canvas, entry.base_sizes
    )
    feather = more.pop("feather", None)
    edit = Edit(
        source=_pair(source),
        canvas=_pair(canvas),
        place=place,
        box=box.corners,
        feather=0 if feather is None else feather,
    )
    return _request(
        entry, "outpaint", reference=reference, shape=shape, edit=edit, prompt=prompt, seed=seed, **more
    )


def edit(
    entry: Entry,
    *,
    references: tuple[str, ...],
    prompt: str,
    shape: str,
    size: str,
    seed: int,
    **more: Any,
) -> GenerationRequest:
    """Do what the prompt says to the first picture; the others are looked at."""
    first, *others = references or ("",)
    return _request(
        entry, "edit", reference=first, shape=shape, size=size, prompt=prompt, seed=seed,
        edit=Edit(references=tuple(others)) if others else None, **more,
    )  # fmt: skip


def edit_in_place(
    entry: Entry,
    *,
    reference: str,
    source: Size,
    mask: str | None,
    box: Box,
    feather: int,
    prompt: str,
    size: str,
    seed: int,
    **more: Any,
) -> GenerationRequest:
    """Do what the prompt says to what lies in `box`, and lay it back over the picture, inside of `mask`, if any."""
    about = Edit(source=_pair(source), mask=mask, box=box.corners, feather=feather)
    return _request(
        entry, "edit", reference=reference, shape=boxes.nearest_shape(box.size, entry.base_sizes), size=size,
        prompt=prompt, seed=seed, edit=about, **more,
    )  # fmt: skip


def upscale(
    entry: Entry,
    *,
    reference: str,
    source: Size,
    scale: str,
    prompt: str = "",
    enhance: bool = False,
    seed: int = 0,
) -> GenerationRequest:
    """Enlarge the picture; `prompt` are the words it was made from, if any. `enhance`: draw detail by that seed."""
    known = scale in edits.SCALES
    output = edits.enlarged(source, scale) if known else source
    fits = max(output.width, output.height) <= LARGEST
    return _request(
        entry, "upscale", reference=reference, shape=boxes.nearest_shape(source, entry.base_sizes),
        size=size_class(output) if known and fits else "1k", prompt=prompt, seed=seed,
        edit=Edit(source=_pair(source), scale=scale), enhance=enhance,
    )  # fmt: skip


def remove_background(entry: Entry, *, reference: str, source: Size, prompt: str = "") -> GenerationRequest:
    """Make what is not the main thing of the picture transparent."""
    shape = boxes.nearest_shape(source, entry.base_sizes)
    return _request(
        entry, "remove_background", reference=reference, shape=shape, prompt=prompt, seed=0,
        edit=Edit(source=_pair(source)),
    )  # fmt: skip


def segment(
    entry: Entry,
    *,
    reference: str,
    source: Size,
    inside: Points = (),
    outside: Points = (),
    box: Box | None = None,
    prompt: str = "",
) -> GenerationRequest:
    """Find what is meant by points (x, y) in it and beside it, and by a box around it: its result is a mask."""
    about = Edit(
        source=_pair(source), inside=inside, outside=outside, box=None if box is None else box.corners
    )
    shape = boxes.nearest_shape(source, entry.base_sizes)
    return _request(
        entry, "segment", reference=reference, shape=shape, prompt=prompt, seed=0, edit=about, for_editor=True
    )


def layers(
    entry: Entry, *, reference: str, source: Size, count: int, seed: int, prompt: str = "", **more: Any
) -> GenerationRequest:
    """Take the picture apart into so many layers, from the back to the front."""
    shape = boxes.nearest_shape(source, entry.base_sizes)
    return _request(
        entry, "layers", reference=reference, shape=shape, prompt=prompt, seed=seed, count=count,
        edit=Edit(source=_pair(source)), **more,
    )  # fmt: skip


def variation(
    entry: Entry, *, reference: str, source: Size, seed: int, prompt: str = "", **more: Any
) -> GenerationRequest:
    """Draw pictures like this one."""
    more = {"strength": VARIATION} | more
    shape = boxes.nearest_shape(source, entry.base_sizes)
    return _request(
        entry, "variation", reference=reference, prompt=prompt, seed=seed, **{"shape": shape} | more
    )


def plain(entry: Entry, kind: str, *, prompt: str, seed: int, shape: str, **more: Any) -> GenerationRequest:
    """A picture from words, or from a picture and words."""
    return _request(entry, kind, prompt=prompt, seed=seed, shape=shape, **more)


def _request(entry: Entry, kind: str, **values: Any) -> GenerationRequest:
    usual = {
        "size": "1k",
        "count": 1,
        "steps": entry.default_steps,
        "guidance": entry.default_guidance,
    }
    return GenerationRequest(kind=kind, model=entry.id, **usual | values)  # type: ignore[arg-type]


def _seen(entry: Entry, box: Box | None) -> tuple[str, Box] | None:
    return None if box is None else (boxes.nearest_shape(box.size, entry.base_sizes), box)


def _pair(size: Size) -> tuple[int, int]:
    return size.width, size.height
