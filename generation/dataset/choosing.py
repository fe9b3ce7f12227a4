"""Which pictures go into a data set: allowed by their owners, and made of nothing that others brought."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import Any, Final
from uuid import UUID

from generation.models import File, Lineage, Picture
from generation.pictures import training
from generation.requests.recipe import EDITOR

# Rows in memory at once.
BATCH: Final = 200


def files() -> Iterator[list[File]]:
    """Yield the masters of the pictures that go in, with their pictures, in the order of the ids."""
    after: UUID | None = None
    while True:
        some = training.allowed().order_by("pk")
        some = some.filter(pk__gt=after) if after else some
        ids = list(some.values_list("pk", flat=True)[:BATCH])
        if not ids:
            return
        after = ids[-1]
        own = ids_of_own(ids)
        masters = File.objects.filter(picture__in=own, role=File.Role.MASTER).select_related("picture")
        yield list(masters.order_by("picture"))


def still_wanted(ids: Collection[UUID]) -> set[UUID]:
    """Return those of the pictures that may stay in a data set."""
    return ids_of_own(training.allowed().filter(pk__in=ids).values_list("pk", flat=True))


def ids_of_own(ids: Collection[UUID]) -> set[UUID]:
    """Return those that no upload went into, directly or through other pictures.

    An upload may be somebody else's photograph: who brought it can't allow its use. What was made in the editor may
    hold one, and so may what was made from a picture that is gone.
    """
    made_for: dict[UUID, set[UUID]] = defaultdict(set)
    for each in ids:
        made_for[each].add(each)
    seen: dict[UUID, set[UUID]] = defaultdict(set)
    foreign: set[UUID] = set()
    while made_for:
        for pk, model, recipe in Picture.objects.filter(pk__in=made_for).values_list("pk", "model", "recipe"):
            if model == EDITOR or _names_an_upload(recipe):
                foreign |= made_for[pk]
        made_for, unknown = _parents(made_for, seen)
        foreign |= unknown
    return set(ids) - foreign


def _parents(
    made_for: dict[UUID, set[UUID]], seen: dict[UUID, set[UUID]]
) -> tuple[dict[UUID, set[UUID]], set[UUID]]:
    """Return the parents with what was made from them, and what has a parent that is an upload or gone."""
    found: dict[UUID, set[UUID]] = defaultdict(set)
    unknown: set[UUID] = set()
    lines = Lineage.objects.filter(child__in=made_for).exclude(role=Lineage.Role.MASK)
    pairs: Iterable[tuple[UUID, UUID | None]] = lines.values_list("child", "parent")
    for child, parent in pairs:
        if parent is None:
            unknown |= made_for[child]
        elif new := made_for[child] - seen[parent]:
            seen[parent] |= new
            found[parent] |= new
    return found, unknown


def _names_an_upload(recipe: dict[str, Any]) -> bool:
    """Results of the editor have no lineage to the part of the document that they were drawn from."""
    request = recipe.get("request") or {}
    edit = request.get("edit") or {}
    control = request.get("control") or {}
    names = [request.get("reference"), control.get("picture"), *(edit.get("references") or [])]
    return any(isinstance(name, str) and name.startswith("upload:") for name in names)
