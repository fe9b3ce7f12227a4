"""Which picture of the person a document shows unchanged: a model may know more of it than its pixels."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet

from editor import opening
from editor.models import Document, Operation
from generation.models import File, Picture
from generation.pictures import changes
from generation.requests.catalogue import Entry
from generation.requests.sizes import Size

# Steps that are looked at: what was selected since the picture came is rarely more.
_MOST: Final = 500
# After these a picture may lie elsewhere in the document, or not at all.
_DISPLACING: Final = frozenset(
    {
        *("canvas", "orient", "crop", "resize", "straighten", "transform"),
        *("mesh", "retouch.liquify", "retouch.bend"),
        *("move", "layer.shift", "layer.remove"),
    }
)
# After these it lies where it lay, however it looks. A test finds a kind that is in neither.
_STAYING: Final = frozenset(
    {
        *("open", "select", "stroke", "fill", "gradient", "clear", "filter", "erase", "flatten"),
        *("layer.add", "layer.move", "layer.set", "layer.adjust", "layer.shape", "layer.text"),
        *("layer.rasterize", "layer.duplicate", "layer.merge", "layer.mask"),
        *("retouch.clone", "retouch.heal", "retouch.spot", "retouch.tone", "retouch.smudge", "retouch.red"),
    }
)


def shown_at(document: Document, operation: UUID, size: Size) -> Picture | None:
    """Return the picture that the document seems to show at this operation: nothing but selecting came after it.

    It seems so by the log alone. Whoever depends on it compares pixels.
    """
    at: UUID | None = operation
    for uid, parent, kind, body in _back_from(document, operation):
        if uid != at:
            continue
        if kind == "select":
            at = parent
            continue
        found = _of(document, kind, body)
        return (
            found if found is not None and (found.width, found.height) == (size.width, size.height) else None
        )
    return None


def begun_with(document: Document, operation: UUID, size: Size, entry: Entry) -> Picture | None:
    """Return the picture that a document began with, if it lies where it lay and this model knows what is in it.

    What was painted over it since does not matter: what stands where in it is the same.
    """
    found = opening.picture_of(document)
    if not entry.projection or found is None or (found.width, found.height) != (size.width, size.height):
        return None
    before = _until(document, operation)
    opened = before.filter(kind="open").values_list("body", flat=True).first()
    if opened is None or _is_displaced(before, operation):
        return None
    there = _of(document, "open", opened)
    return there if there is not None and changes.is_able(entry, "segment", there) else None


def known_at(document: Document, operation: UUID, size: Size, entry: Entry) -> Picture | None:
    """Return the same where this model stored what stands where in it, and so sees all of it."""
    if not entry.projection:
        return None
    shown = shown_at(document, operation, size)
    return shown if shown is not None and changes.is_seen_whole(entry, shown) else None


def _back_from(document: Document, operation: UUID) -> list[tuple[UUID, UUID | None, str, Any]]:
    rows = _until(document, operation).order_by("-seq")
    return list(rows.values_list("uid", "parent", "kind", "body")[:_MOST])


def _until(document: Document, operation: UUID) -> QuerySet[Operation]:
    """Every operation up to this one, also those that were undone; none where it isn't of this document."""
    seq = Operation.objects.values_list("seq", flat=True).filter(document=document, uid=operation).first()
    return Operation.objects.filter(document=document, seq__lte=-1 if seq is None else seq)


def _is_displaced(before: QuerySet[Operation], operation: UUID) -> bool:
    """Tell whether something on the way to an operation displaces. Where nothing at all does, no path is read."""
    displacing = set(before.filter(kind__in=_DISPLACING).values_list("uid", flat=True))
    if not displacing:
        return False
    parents = dict(before.values_list("uid", "parent"))
    at: UUID | None = operation
    while at in parents:
        if at in displacing:
            return True
        at = parents[at]
    return False


def _of(document: Document, kind: str, body: Any) -> Picture | None:
    """The picture that an operation laid over everything: the one of opening, or a result."""
    if kind == "open":
        found = opening.picture_of(document)
        candidates = [found] if found else []
    elif kind == "layer.add" and body.get("job") and not body.get("x") and not body.get("y"):
        candidates = list(Picture.objects.available_to(document.owner).filter(job__in=_ids(body["job"])))
    else:
        return None
    masters = File.objects.filter(
        picture__in=[each.pk for each in candidates], role=File.Role.MASTER, sha256=body.get("asset") or ""
    )
    of = masters.values_list("picture", flat=True).first()
    return next((each for each in candidates if each.pk == of), None)


def _ids(text: Any) -> list[UUID]:
    try:
        return [UUID(text)]
    except (TypeError, ValueError, AttributeError):
        return []
