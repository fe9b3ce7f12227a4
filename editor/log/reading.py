"""Reading a log: in pages for a client, and as the path that leads to one operation."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

from editor.models import Document, Operation

MOST_BYTES: Final = 2 * 1024 * 1024
MOST_ROWS: Final = 5000
_BATCH: Final = 500


def page(document: Document, *, after: int) -> dict[str, Any]:
    """Return the operations behind `after` as JSON types, at most 2 MB of them, and whether there are more."""
    found: list[dict[str, Any]] = []
    size, more = 0, False
    rows = Operation.objects.filter(document=document, seq__gt=after).defer("outline").order_by("seq")
    for row in rows[: MOST_ROWS + 1].iterator(chunk_size=_BATCH):
        blob = base64.b64encode(bytes(row.blob)).decode()
        size += len(blob) + len(str(row.body)) + 200
        if found and (size > MOST_BYTES or len(found) == MOST_ROWS):
            more = True
            break
        found.append(
            {
                "id": str(row.uid),
                "parent": str(row.parent) if row.parent else None,
                "seq": row.seq,
                "kind": row.kind,
                "engine": row.engine,
                "body": row.body,
                "blob": blob,
            }
        )
    stopped = {"operation": str(document.stopped_at), "sentence": document.stopped_because}
    return {
        "head": str(document.head),
        "seq": document.seq,
        "operations": found,
        "more": more,
        "good_head": str(document.good_head) if document.good_head else None,
        "stopped": stopped if document.stopped_at else None,
    }


def since(document: Document, expected: UUID) -> dict[str, Any]:
    """Return the page of what came after the operation that a client thought was the head."""
    seq = Operation.objects.filter(document=document, uid=expected).values_list("seq", flat=True).first()
    return page(document, after=seq or 0)


def path_to(document: Document, uid: UUID, known: frozenset[UUID]) -> tuple[UUID | None, list[int]]:
    """Return the last operation of `known` before `uid` (or it), and the numbers of those from there to `uid`.

    None means that the path begins at the first operation. Raises Operation.DoesNotExist.
    """
    at: UUID | None = uid
    path: list[int] = []
    seq = Operation.objects.values_list("seq", flat=True).get(document=document, uid=uid)
    # A parent always has the smaller number, so one walk backwards meets every operation of the path.
    rows = Operation.objects.filter(document=document, seq__lte=seq).order_by("-seq")
    for row_uid, parent, number in rows.values_list("uid", "parent", "seq").iterator(chunk_size=_BATCH):
        if row_uid != at:
            continue
        if row_uid in known:
            return row_uid, path[::-1]
        path.append(number)
        at = parent
        if at is None:
            break
    return None, path[::-1]


def outline_at(document: Document, uid: UUID) -> dict[str, Any] | None:
    """Return the size and the layers after an operation, as `Outline.to_json` has them; None for an unknown one."""
    mine = Operation.objects.filter(document=document)
    at = mine.filter(uid=uid).values_list("outlined_by", flat=True).first()
    return None if at is None else mine.values_list("outline", flat=True).get(uid=at)


def moments(document: Document, numbers: list[int]) -> Iterator[tuple[str, int | None]]:
    """Yield kind and time of operations by their numbers, in that order.

    The time is that of an id of version 7, in milliseconds since 1970 by the client's clock; None for another id.
    """
    for start in range(0, len(numbers), _BATCH):
        rows = Operation.objects.filter(document=document, seq__in=numbers[start : start + _BATCH])
        for kind, uid in rows.order_by("seq").values_list("kind", "uid"):
            yield kind, uid.int >> 80 if uid.version == 7 else None


def operations(document: Document, numbers: list[int]) -> Iterator[Operation]:
    """Yield operations by their numbers, in that order."""
    for start in range(0, len(numbers), _BATCH):
        rows = Operation.objects.filter(document=document, seq__in=numbers[start : start + _BATCH])
        yield from rows.defer("outline").order_by("seq")
