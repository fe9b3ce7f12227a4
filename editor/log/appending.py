"""Operations are added to a log: all of a call or none, and the head moves only from where the caller thought it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from editor import runs
from editor.log import reading, schema
from editor.log.outline import Outline
from editor.models import Asset, Document, Operation
from editor.replay.layers import Impossible

if TYPE_CHECKING:
    from accounts.models import User

ENGINE: Final = "k1"
MOST_OPERATIONS: Final = 200_000
MOST_AT_ONCE: Final = 200
_BATCH: Final = 100


@dataclass(frozen=True, slots=True)
class Sent:
    """An operation as a client sent it, not looked at yet."""

    uid: UUID
    parent: UUID
    kind: Any
    engine: Any
    body: Any
    blob: bytes


class HeadMoved(Exception):
    """The head is another one by now: the caller has to read what is new first."""


class NotTaken(Exception):
    """An operation is refused, and with it the whole call. `sentence` is for the person."""

    def __init__(self, uid: UUID | None, sentence: str) -> None:
        super().__init__(sentence)
        self.uid, self.sentence = uid, sentence


class Full(NotTaken):
    """The document holds as many operations as there can be."""


@dataclass(slots=True)
class _Known:
    """What an operation is compared with and done after."""

    kind: str
    engine: str
    parent: UUID | None
    body: Any
    blob: bytes
    outlined_by: UUID


def append(
    *, user: User, document_id: UUID, expected: UUID, head: UUID, operations: Sequence[Sent]
) -> Document:
    """Add what is not there yet and move the head from `expected` to `head`; return the document.

    Raises Document.DoesNotExist, HeadMoved, NotTaken. A call that is sent twice changes nothing the second time.
    """
    if len(operations) > MOST_AT_ONCE:
        raise NotTaken(None, _("At most %(most)s operations can be sent at once.") % {"most": MOST_AT_ONCE})
    with transaction.atomic():
        document = Document.objects.visible_to(user).select_for_update().get(pk=document_id)
        if document.head not in (expected, head):
            raise HeadMoved
        added = _Adding(document, operations).rows()
        Operation.objects.bulk_create(added, batch_size=_BATCH)
        _move_head(document, head, len(added))
    return document


def begin(document: Document, body: Mapping[str, Any], uid: UUID) -> None:
    """Write the first operation of a new document: `open`. Call it in the transaction that makes the document."""
    outline = Outline()
    outline.apply("open", body)
    Operation.objects.create(
        document=document,
        uid=uid,
        seq=1,
        kind="open",
        engine=ENGINE,
        body=dict(body),
        blob=b"",
        outline=outline.to_json(),
        outlined_by=uid,
    )
    document.head, document.seq = uid, 1


def _move_head(document: Document, head: UUID, added: int) -> None:
    outline = reading.outline_at(document, head)
    if outline is None:
        raise NotTaken(head, _("The document has no such step to go to. Reload the page."))
    moved = document.head != head
    document.head, document.seq = head, document.seq + added
    document.width, document.height = outline["size"]
    if moved or added:
        Document.objects.filter(pk=document.pk).update(
            head=head,
            seq=document.seq,
            width=document.width,
            height=document.height,
            updated_at=Now(),
        )
        runs.queue_replay(document)


class _Adding:
    """Looks at the operations of one call, in their order."""

    def __init__(self, document: Document, operations: Sequence[Sent]) -> None:
        self._document, self._operations = document, operations
        named = {each.uid for each in operations} | {each.parent for each in operations}
        self._known = {
            row.uid: _Known(row.kind, row.engine, row.parent, row.body, bytes(row.blob), row.outlined_by)
            for row in Operation.objects.filter(document=document, uid__in=named).defer("outline")
        }
        outlined = {known.outlined_by for known in self._known.values()}
        rows = Operation.objects.filter(document=document, uid__in=outlined).values_list("uid", "outline")
        self._outlines: dict[UUID, Any] = dict(rows)
        asked = {
            sha256
            for each in operations
            if isinstance(each.body, dict)
            for sha256 in schema.pictures_of(each.body)
        }
        found = Asset.objects.filter(document=document, role=Asset.Role.PICTURE, sha256__in=asked)
        self._assets = set(found.values_list("sha256", flat=True))

    def rows(self) -> list[Operation]:
        """Return a row for each operation that is not there yet. Raises NotTaken."""
        rows: list[Operation] = []
        for sent in self._operations:
            known = self._known.get(sent.uid)
            if known is None:
                rows.append(self._row(sent, self._document.seq + len(rows) + 1))
            elif (known.kind, known.engine, known.parent, known.body, known.blob) != (
                *(sent.kind, sent.engine, sent.parent, sent.body, sent.blob),
            ):
                raise NotTaken(sent.uid, _("Another operation with this id exists already. Reload the page."))
        return rows

    def _row(self, sent: Sent, seq: int) -> Operation:
        if seq > MOST_OPERATIONS:
            raise Full(
                sent.uid,
                _("This document holds %(most)s steps, the most there can be. Flatten it into a new one.")
                % {"most": MOST_OPERATIONS},
            )
        before = self._known.get(sent.parent)
        if before is None:
            raise NotTaken(sent.uid, _("The step before this one is missing. Reload the page."))
        outlined_by, outline = self._after(sent, before)
        self._known[sent.uid] = _Known(
            *(sent.kind, sent.engine, sent.parent, sent.body, sent.blob, outlined_by)
        )
        return Operation(
            document=self._document,
            uid=sent.uid,
            parent=sent.parent,
            seq=seq,
            kind=sent.kind,
            engine=sent.engine,
            body=sent.body,
            blob=sent.blob,
            outline=outline,
            outlined_by=outlined_by,
        )

    def _after(self, sent: Sent, before: _Known) -> tuple[UUID, dict[str, Any] | None]:
        """The operation that holds the outline after this one, and the outline itself if this one changed it."""
        try:
            self._check(sent)
            outline = Outline.from_json(self._outlines[before.outlined_by])
            if not outline.apply(sent.kind, sent.body):
                return before.outlined_by, None
        except (schema.Refused, Impossible) as refused:
            raise NotTaken(sent.uid, str(refused)) from None
        kept = outline.to_json()
        self._outlines[sent.uid] = kept
        return sent.uid, kept

    def _check(self, sent: Sent) -> None:
        if sent.engine != ENGINE or sent.kind == "open":
            raise schema.Refused(
                _("This version of the editor doesn't know this operation. Reload the page.")
            )
        schema.check(sent.kind, sent.body, sent.blob)
        if schema.pictures_of(sent.body) - self._assets:
            raise schema.Refused(_("The picture that this step adds is not part of the document."))
