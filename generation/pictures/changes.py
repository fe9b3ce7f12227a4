"""Which model can change a picture or an upload, if one can: what a page offers, and what `submit` lets through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef

from generation import availability
from generation.models import File, Picture, Upload
from generation.pictures import history, references
from generation.requests.catalogue import Entry
from generation.search import finding

if TYPE_CHECKING:
    from accounts.models import User

# What models whose latents can be understood do with their own pictures only, by what is stored with them.
_BY_FIELDS = frozenset({"remove_background", "layers", "segment"})


def is_able(entry: Entry, kind: str, found: Picture | Upload, *, enhance: bool = False) -> bool:
    """Whether this model can make this kind of change to this picture, and with `enhance`, add detail."""
    if not entry.can(kind, enhance=enhance):
        return False
    needs_fields = kind in _BY_FIELDS and bool(entry.projection)
    return not needs_fields or references.fields_of(found, model=entry.id) is not None


def is_seen_whole(entry: Entry, found: Picture | Upload) -> bool:
    """Whether this model redraws a part of this picture by what is stored with it: then it sees all of it.

    For ``whole`` of `ordering.inpaint`.
    """
    return bool(entry.projection) and references.fields_of(found, model=entry.id) is not None


def model_for(kind: str, found: Picture | Upload, *, enhance: bool = False) -> Entry | None:
    """The model to do it with: the one that drew it where it can, else the first that can; None where none can.

    With `enhance`, one that can add detail.
    """
    offered = availability.able(kind, enhance=enhance)
    able = [entry for entry in offered if is_able(entry, kind, found, enhance=enhance)]
    drew = found.model if isinstance(found, Picture) else ""
    return next((entry for entry in able if entry.id == drew), able[0] if able else None)


def splittable(user: User, *, most: int) -> list[Picture]:
    """Return this person's newest pictures that a model knows as layers by what it stored with them."""
    models = [entry.id for entry in availability.able("layers") if entry.projection]
    stored = File.objects.filter(picture=OuterRef("pk"), role=File.Role.FIELDS)
    known = Picture.objects.visible_to(user).filter(Exists(stored), model__in=models)
    return history.with_thumbnails(known.defer(*finding.UNSEEN).newest_first()[:most])
