"""A result is used: copied into the document's own storage, byte for byte, and given to the page as operations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO, cast
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from editor import assets, generations, opening
from editor.generating import offering, showing
from editor.generating.asking import Asked, Refused
from editor.log import reading
from editor.models import Asset, Document, Generation
from editor.opening import MOST_TITLE
from generation.bundled import vocabulary
from generation.files import storing
from generation.models import Picture
from generation.pictures import references, results
from generation.requests.request import MAX_PROMPT
from generation.uploads import intake

if TYPE_CHECKING:
    from accounts.models import User


def use(*, user: User, generation: Generation, picture: Picture, operation: UUID) -> dict[str, Any]:
    """Return what the page has to do after `operation`, or the new document.

    May be called again. Raises Refused, references.ReferenceGone, Asset.DoesNotExist (the document is gone), and as
    `storing` does.
    """
    asked = Asked.from_json(generation.asked)
    gives = showing.gives(generation, asked)
    if gives == "document":
        return _as_document(user, generation, picture)
    if gives == "layers":
        return _as_layers(user, generation, picture, asked, operation)
    sizes = _check_size(generation, asked, operation)
    try:
        with intake.refusing_when_full():
            asset = _copied(generation.document, picture)
            mask = _copied_mask(generation) if gives == "layer" else ""
    except intake.Refused as refused:
        raise Refused("full", refused.sentence) from None
    if gives == "selection":
        body = {"shape": "picture", "asset": asset, "x": 0, "y": 0}
        return {"operations": [{"kind": "select", "body": body}], "what": what_of(picture)}
    _mark(user, generation, picture)
    if gives == "mask":
        body = {"layer": asked.layer, "from": "asset", "asset": asset, "x": 0, "y": 0}
        operations = [{"kind": "layer.mask", "body": body}]
    else:
        operations = [*sizes, _layer(generation, asked, asset, mask)]
    return {"operations": operations, "result": showing.result(generation, picture)}


def _as_layers(
    user: User, generation: Generation, chosen: Picture, asked: Asked, operation: UUID
) -> dict[str, Any]:
    """All layers of a picture, the lowest first, for a group: together they show what it shows."""
    sizes = _check_size(generation, asked, operation)
    pictures = list(generations.pictures_of(generation.document, [generation]))
    pictures.sort(key=lambda each: each.index)
    added = []
    try:
        with intake.refusing_when_full():
            for picture in pictures:
                body = {"name": layer_name(picture), "asset": _copied(generation.document, picture)}
                added.append({"kind": "layer.add", "body": {**body, "job": str(generation.job_id)}})
    except intake.Refused as refused:
        raise Refused("full", refused.sentence) from None
    for picture in pictures:
        _mark(user, generation, picture)
    group = {"kind": "layer.add", "body": {"name": _("Layers"), "group_layer": True}}
    return {"operations": [*sizes, group, *added], "result": showing.result(generation, chosen)}


def layer_name(picture: Picture) -> str:
    """Return what a layer shows, as far as its recipe says: one thing by its name."""
    stages = picture.recipe.get("stages", [])
    what = next((stage["what"] for stage in stages if stage.get("what")), None)
    if what is None:
        return _("Background") if not picture.index else _("Layer %(number)s") % {"number": picture.index + 1}
    return _named(what)


def what_of(picture: Picture) -> str:
    """Return what a mask shows, in words; empty where its model doesn't say."""
    stages = picture.recipe.get("stages", [])
    return _named(next((stage["what"] for stage in stages if stage.get("what")), []) or [])


def _named(what: list[str]) -> str:
    if not what:
        return ""
    bands = {"sky": _("Sky"), "far": _("Far ground"), "ground": _("Ground")}
    names = [bands[each] for each in what if each in bands]
    things = [vocabulary.OBJECTS[kind][0][0] for kind in what if kind in vocabulary.OBJECTS]
    if not things and not names:
        return _("Scenery")
    return ", ".join([*names, *([", ".join(things).capitalize()] if things else [])])[:MOST_TITLE]


def _layer(generation: Generation, asked: Asked, asset: str, mask: str) -> dict[str, Any]:
    assert generation.place is not None  # written with the job, and there is a result of that
    x, y = generation.place[:2]
    words = " ".join(asked.words.split())
    body = {
        "name": (words or _name_of(asked.tool))[:MOST_TITLE],
        "asset": asset,
        "mask": mask,
        "x": x,
        "y": y,
        "words": words[:MAX_PROMPT],
        "job": str(generation.job_id),
    }
    return {"kind": "layer.add", "body": body}


def _check_size(generation: Generation, asked: Asked, operation: UUID) -> list[dict[str, Any]]:
    """Return the operations that come first. Raises Refused where the document has become another one."""
    now = reading.outline_at(generation.document, operation)
    if now is None:
        raise offering.unsaved()
    then = offering.size_at(generation.document, generation.operation)
    if asked.gives == "mask" and not _holds(now["layers"], asked.layer):
        sentence = _("The layer that this was made of is not there any more.")
        raise Refused("layer", sentence, status=409)
    width, height = now["size"]
    if asked.canvas is not None and (width, height) == asked.canvas[:2]:
        return []  # another result of it is used already, or the canvas was extended by hand
    if (width, height) != (then.width, then.height):
        sentence = _("The picture has another size by now. Undo to where you ordered, or order again.")
        raise Refused("size", sentence, status=409)
    if asked.canvas is None:
        return []
    return [{"kind": "canvas", "body": dict(zip(("width", "height", "dx", "dy"), asked.canvas, strict=True))}]


def _holds(layers: list[dict[str, Any]], layer_id: str) -> bool:
    return any(layer["id"] == layer_id or _holds(layer.get("children", []), layer_id) for layer in layers)


def _as_document(user: User, generation: Generation, picture: Picture) -> dict[str, Any]:
    try:
        made = opening.from_reference(user=user, reference=f"picture:{picture.pk}")
    except opening.Refused as refused:
        raise Refused("full", refused.sentence) from None
    _mark(user, generation, picture)
    return {"document": made.get_absolute_url(), "result": showing.result(generation, picture)}


def _copied(document: Document, picture: Picture) -> str:
    master = references.master_of(picture)
    with storing.opened(master.key) as file:
        kept = assets.keep(document, cast(BinaryIO, file), Asset.Role.PICTURE, master.width, master.height)
    return kept.sha256


def _copied_mask(generation: Generation) -> str:
    """The mask becomes a picture of the document, which its operations may name."""
    document = generation.document
    mine = Asset.objects.filter(document=document, sha256=generation.mask)
    if mine.filter(role=Asset.Role.PICTURE).exists():
        return generation.mask
    mask = mine.get(role=Asset.Role.MASK)
    with storing.opened(mask.key) as file:
        return assets.keep(document, cast(BinaryIO, file), Asset.Role.PICTURE, mask.width, mask.height).sha256


def _mark(user: User, generation: Generation, picture: Picture) -> None:
    """A document with a result in it holds a model's pixels; and what is used is in the history too."""
    with transaction.atomic():
        locked = Generation.objects.select_for_update().get(pk=generation.pk)
        locked.used = sorted({*locked.used, picture.index})
        locked.save(update_fields=["used"])
        if showing.gives(locked, Asked.from_json(locked.asked)) in ("layer", "layers"):
            Document.objects.filter(pk=generation.document_id).update(made_with_ai=True)
        results.keep(user=user, reference=f"picture:{picture.pk}")
    generation.used, picture.kept = locked.used, True


def _name_of(tool: str) -> str:
    return {
        "erase": _("Erased"),
        "extend": _("Extended"),
        "variations": _("Variation"),
    }.get(tool, _("Generated"))
