"""A whole log that was written elsewhere is taken: every operation is looked at as one that a browser sends.

Rows wait in a file of their own, so that neither memory nor a transaction is held while they are looked at.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import IO, Any, Final
from uuid import UUID

from django.utils.translation import gettext as _

from editor.log import schema
from editor.log.appending import ENGINE, MOST_OPERATIONS, NotTaken, Sent
from editor.log.outline import Outline
from editor.models import Document, Operation
from editor.replay.layers import Impossible

_BATCH: Final = 500
# Outlines that stay at hand; those of older branches are read again from the file.
_NEAR: Final = 256


class Restored:
    """Operations that were looked at, in their order. `scratch` is an empty file that is read and written."""

    def __init__(self, pictures: AbstractSet[str], scratch: IO[bytes]) -> None:
        self._pictures, self._scratch = pictures, scratch
        self._outlined_by: dict[UUID, UUID] = {}
        self._outlines_at: dict[UUID, int] = {}
        self._near: OrderedDict[UUID, Any] = OrderedDict()
        self.named: set[str] = set()
        self.jobs = False
        self.size = (0, 0)

    @property
    def count(self) -> int:
        """How many operations there are."""
        return len(self._outlined_by)

    def knows(self, uid: UUID) -> bool:
        """Tell whether an operation is among them."""
        return uid in self._outlined_by

    def outline_at(self, uid: UUID) -> dict[str, Any]:
        """Return the layers after an operation."""
        found: dict[str, Any] = self._outline(self._outlined_by[uid])
        return found

    def add(self, sent: Sent, parent: UUID | None) -> None:
        """Look at the next operation. Raises NotTaken; only the first has no parent, and it opens the document."""
        if self.count >= MOST_OPERATIONS:
            raise NotTaken(
                sent.uid,
                _("This document holds %(most)s steps, the most there can be. Flatten it into a new one.")
                % {"most": MOST_OPERATIONS},
            )
        if self.knows(sent.uid) or (parent is None) != (self.count == 0):
            raise NotTaken(sent.uid, _("The steps of this file don't follow one another."))
        if parent is not None and not self.knows(parent):
            raise NotTaken(sent.uid, _("The steps of this file don't follow one another."))
        try:
            self._take(sent, parent)
        except (schema.Refused, Impossible) as refused:
            raise NotTaken(sent.uid, str(refused)) from None

    def rows(self, document: Document, pictures: Mapping[str, str]) -> Iterator[list[Operation]]:
        """Yield the rows of a document's log, some at a time; `pictures` says how each picture is called here."""
        self._scratch.seek(0)
        batch: list[Operation] = []
        for seq, line in enumerate(self._scratch, start=1):
            kept = json.loads(line)
            batch.append(
                Operation(
                    document=document,
                    uid=UUID(kept["uid"]),
                    parent=UUID(kept["parent"]) if kept["parent"] else None,
                    seq=seq,
                    kind=kept["kind"],
                    engine=ENGINE,
                    body=_renamed(kept["body"], pictures),
                    blob=b64decode(kept["blob"]),
                    outline=kept["outline"],
                    outlined_by=UUID(kept["outlined_by"]),
                )
            )
            if len(batch) == _BATCH:
                yield batch
                batch = []
        if batch:
            yield batch

    def _take(self, sent: Sent, parent: UUID | None) -> None:
        if sent.engine != ENGINE or (sent.kind == "open") != (parent is None):
            raise schema.Refused(_("This file holds a step that this version of the editor doesn't know."))
        if schema.unknown_fonts(sent.kind, sent.body):
            raise schema.Refused(_("A text has a font that isn't on this site. Ask its operator to add it."))
        schema.check(sent.kind, sent.body, sent.blob)
        names = schema.pictures_of(sent.body)
        if names - self._pictures:
            raise schema.Refused(_("A picture that a step needs is missing in this file."))
        self.named |= names
        outline = Outline() if parent is None else Outline.from_json(self.outline_at(parent))
        changed = outline.apply(sent.kind, sent.body)
        kept = outline.to_json() if changed else None
        by = sent.uid if parent is None or changed else self._outlined_by[parent]
        self._outlined_by[sent.uid] = by
        if kept is not None:
            self._outlines_at[sent.uid] = self._scratch.tell()
            self._remember(sent.uid, kept)
        self.jobs = self.jobs or (sent.kind == "layer.add" and "job" in sent.body)
        line = {
            "uid": str(sent.uid),
            "parent": str(parent) if parent else None,
            "kind": sent.kind,
            "body": sent.body,
            "blob": b64encode(sent.blob).decode(),
            "outline": kept,
            "outlined_by": str(by),
        }
        self._scratch.write(json.dumps(line).encode() + b"\n")

    def _outline(self, uid: UUID) -> Any:
        if uid in self._near:
            self._near.move_to_end(uid)
            return self._near[uid]
        end = self._scratch.tell()
        self._scratch.seek(self._outlines_at[uid])
        found = json.loads(self._scratch.readline())["outline"]
        self._scratch.seek(end)
        self._remember(uid, found)
        return found

    def _remember(self, uid: UUID, outline: Any) -> None:
        self._near[uid] = outline
        if len(self._near) > _NEAR:
            self._near.popitem(last=False)


def _renamed(body: dict[str, Any], pictures: Mapping[str, str]) -> dict[str, Any]:
    here = {name: pictures[body[name]] for name in schema.PICTURES if isinstance(body.get(name), str)}
    return {**body, **here}
