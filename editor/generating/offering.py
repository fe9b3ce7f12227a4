"""What can be ordered in a document now, from which models and for how much: the one source of the page's buttons."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils.translation import gettext as _

from billing import ledger
from editor import exporting, opening
from editor.generating import building, framing, standing
from editor.generating.asking import Asked, Refused
from editor.generating.refusing import refusal_of
from editor.generating.tools import TOOLS, Tool
from editor.log import reading
from editor.log.schema import MOST_SIDE
from editor.models import Document
from generation import availability
from generation.bundled import vocabulary
from generation.jobs import refusals, submission
from generation.pictures import changes
from generation.requests import edits, kinds, pricing, strength
from generation.requests.boxes import Box
from generation.requests.catalogue import Entry
from generation.requests.request import MAX_PROMPT, GenerationRequest, InvalidRequest
from generation.requests.sizes import Size

if TYPE_CHECKING:
    from accounts.models import User

# A price is asked for before there are words.
_WORDS = "picture"
_NOBODY = UUID(int=0)


def offered(user: User, document: Document) -> dict[str, Any]:
    """Return what the page needs to show the tools: those that something can run, and nothing else."""
    size = Size(document.width, document.height)
    tools = [_tool(document, tool, size) for tool in TOOLS.values()]
    return {
        "credits": ledger.balance(user).available,
        "words": exporting.words_of(document),
        "tools": [tool for tool in tools if tool is not None],
        "scales": _scales(document, size),
        "most_side": MOST_SIDE,
        "most_words": MAX_PROMPT,
        "feather": {"least": 0, "most": edits.MOST_FEATHER},
    }


def names(document: Document) -> frozenset[str]:
    """Return the names of the tools that something can run in this document."""
    size = Size(document.width, document.height)
    return frozenset(tool.name for tool in TOOLS.values() if _tool(document, tool, size) is not None)


def models_for(document: Document, asked: Asked) -> list[Entry]:
    """Return the models that can do this in this document, the first one the default."""
    able = availability.able(asked.kind)
    if asked.kind not in ("remove_background", "layers", "segment"):
        return list(able)
    # What is stored with a picture tells the bundled model what stands where in it.
    picture = opening.picture_of(document)
    return [
        entry
        for entry in able
        if not entry.projection or (picture is not None and changes.is_able(entry, asked.kind, picture))
    ]


def model_of(document: Document, operation: UUID, asked: Asked, size: Size) -> Entry:
    """Return the model that was asked for, or the default. Raises Refused where it can't be had."""
    models = models_for(document, asked)
    if asked.kind == "segment":
        models = [each for each in models if not each.projection or _begun(document, operation, size, each)]
        if not models:
            raise _nothing_knows()
    found = next((entry for entry in models if entry.id == asked.model or not asked.model), None)
    if found is None:
        raise refusal_of(submission.ModelNotOffered())
    return found


def _begun(document: Document, operation: UUID, size: Size, entry: Entry) -> bool:
    return standing.begun_with(document, operation, size, entry) is not None


def _nothing_knows() -> Refused:
    sentence = _(
        "Clicks find things only in pictures that were generated here by Image 2 Poster, as long as nothing was moved, "
        "cropped or resized. Use Quick selection instead."
    )
    return Refused("picture", sentence)


def quoted(
    user: User, document: Document, operation: UUID, asked: Asked, marked: Box | None
) -> dict[str, Any]:
    """Return the price and the box of what could be ordered, and why it can't be, if it can't. Raises Refused."""
    size = size_at(document, operation)
    entry = model_of(document, operation, asked, size)
    source = source_of(document, operation, asked, entry, size, marked)
    # All of the picture is no part of it that could be another one.
    frame = None if asked.whole else source.frame
    answer: dict[str, Any] = {
        "model": entry.id,
        "credits": ledger.balance(user).available,
        "box": list(frame.box.corners) if frame else None,
        "feather": frame.feather if frame else None,
        "sentence": "",
        "note": note(document, operation, asked, entry, size),
        "price": None,
        "each": None,
        "width": None,
        "height": None,
    }
    try:
        spoken = replace(asked, words=_WORDS)  # they cost nothing, and are checked when it is ordered
        request = building.request_of(spoken, entry, source, words=_WORDS, uid=_NOBODY)
        parts = pricing.price_parts(request)
        answer |= {"price": parts.total, "each": parts.per_picture}
        answer |= {"width": request.output.width, "height": request.output.height}
        check_canvas(asked)
        check_known(document, operation, asked, entry, size)
        submission.check(user, request)
    except (InvalidRequest, *refusals.REFUSED) as error:
        answer["sentence"] = refusal_of(error).sentence
    except Refused as refused:
        answer["sentence"] = refused.sentence
    return answer


def note(document: Document, operation: UUID, asked: Asked, entry: Entry, size: Size) -> str:
    """Return what the person should know of the model before they pay: that it draws scenes of its own kind, and this
    picture is another one.
    """
    if not entry.projection or standing.known_at(document, operation, size, entry) is not None:
        return ""
    if asked.tool == "erase":
        return _(
            "This model draws simple scenes. On photographs, removing on this device is better, and free."
        )
    if asked.kind == "outpaint":
        return _("This model draws simple scenes. On photographs, a seam shows where the picture ended.")
    if asked.kind in ("inpaint", "variation"):
        return _("This model draws simple scenes. On photographs, what it draws looks like a poster.")
    return ""


def source_of(
    document: Document, operation: UUID, asked: Asked, entry: Entry, size: Size, marked: Box | None
) -> building.Source:
    """Return what a job would start from, as far as the log says: nothing is drawn for it."""
    source = building.source_of(asked, entry, size, marked)
    frame = source.frame
    is_part = asked.is_of_selection and asked.box is None
    if frame is None or not (is_part or asked.kind == "outpaint"):
        return source
    if standing.known_at(document, operation, size, entry) is None:
        return source
    if is_part:
        return building.Source(size=size, frame=framing.of_all(asked, size, frame.marked))
    return building.Source(size=size, frame=framing.of_whole_canvas(asked, entry, size))


def size_at(document: Document, operation: UUID) -> Size:
    """Return a document's size after an operation. Raises Refused."""
    outline = reading.outline_at(document, operation)
    if outline is None:
        raise unsaved()
    return Size(*outline["size"])


def unsaved() -> Refused:
    return Refused(
        "unsaved",
        _("Your last steps are not saved on the server yet. Wait a moment, then press again."),
        status=409,
    )


def check_canvas(asked: Asked) -> None:
    """Raise Refused for a canvas that no document has."""
    if asked.canvas is not None and max(asked.canvas[:2]) > MOST_SIDE:
        sentence = _("A canvas has 1 to %(most)s pixels a side.") % {"most": MOST_SIDE}
        raise Refused("canvas", sentence)


def check_known(document: Document, operation: UUID, asked: Asked, entry: Entry, size: Size) -> None:
    """Raise Refused where a model takes pictures apart by what it stored with them, and this isn't one any more."""
    if asked.kind != "layers" or not entry.projection:
        return
    shown = standing.shown_at(document, operation, size)
    if shown is None or not changes.is_able(entry, asked.kind, shown):
        sentence = _(
            "The picture was changed since this model drew it. Undo to its first step, and order there."
        )
        raise Refused("picture", sentence)


def _tool(document: Document, tool: Tool, size: Size) -> dict[str, Any] | None:
    asked = _example(tool, size)
    if asked is None:
        return None
    models = [
        found for entry in models_for(document, asked) if (found := _model(asked, entry, size)) is not None
    ]
    if not models:
        return None
    bounds = {"least": strength.LEAST, "most": strength.MOST, "default": tool.strength}
    return {
        "tool": tool.name,
        "selection": tool.selection,
        "words": tool.words,
        "variants": list(kinds.counts(tool.kind)),
        "strength": None if tool.strength is None else bounds,
        "gives": tool.gives,
        "models": models,
    }


def _example(tool: Tool, size: Size) -> Asked | None:
    """An order of this tool, to see what it costs; None where this document leaves it nothing to do."""
    scales = edits.scales_for(size)
    taller = size.height < MOST_SIDE
    if (tool.field == "scale" and not scales) or (
        tool.field == "canvas" and not taller and size.width >= MOST_SIDE
    ):
        return None
    return Asked(
        tool=tool.name,
        words=_WORDS,
        strength=tool.strength,
        scale=scales[0] if tool.field == "scale" else "",
        canvas=(size.width + (not taller), size.height + taller, 0, 0) if tool.field == "canvas" else None,
    )


def _model(asked: Asked, entry: Entry, size: Size) -> dict[str, Any] | None:
    request = _request(asked, entry, size)
    if request is None:
        return None
    return {
        "id": entry.id,
        "label": entry.label,
        "description": entry.description,
        "price": pricing.price_parts(request).per_picture,
        "suggestions": _suggestions(entry),
    }


def _scales(document: Document, size: Size) -> list[dict[str, Any]]:
    found = []
    for scale in edits.scales_for(size):
        asked = Asked(tool="upscale", scale=scale)
        entry = next(iter(models_for(document, asked)), None)
        request = _request(asked, entry, size) if entry else None
        if request is not None:
            output = request.output
            found.append(
                {
                    "scale": scale,
                    "label": edits.label(scale),
                    "width": output.width,
                    "height": output.height,
                    "price": pricing.price(request),
                }
            )
    return found


def _request(asked: Asked, entry: Entry, size: Size) -> GenerationRequest | None:
    try:
        source = building.source_of(asked, entry, size, None)
        return building.request_of(asked, entry, source, words=_WORDS, uid=_NOBODY)
    except InvalidRequest:
        return None


def _suggestions(entry: Entry) -> list[str]:
    """Words that a model surely knows; empty where it knows as good as all."""
    if not entry.projection:
        return []
    return [names[0][0] for names in vocabulary.OBJECTS.values()]
