"""A person's documents: list, rename, copy, delete, restore, and purge with everything in them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, BinaryIO, Final, cast
from uuid import UUID

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from editor import assets, generations, runs
from editor.models import Asset, Document, Operation, Run, Version
from editor.opening import MOST_TITLE
from generation.copies import Copy
from generation.files import storing
from generation.uploads import intake, storage_used

if TYPE_CHECKING:
    from accounts.models import User

log = structlog.get_logger(__name__)

PAGE: Final = 60
MOST_VERSIONS: Final = 200
# Of what can be ordered of a document, the files; the others are pictures of the history.
FILES: Final = ("image2", "psd", "ora", "timelapse")
_BATCH: Final = 500
# Tiles and files are made again, and masks belong to orders, which stay with the first document.
_NOT_COPIED: Final = (Asset.Role.TILES, Asset.Role.MASK, Asset.Role.FILE)


class NameTaken(Exception):
    """Another version of this document has the name."""


def listed(documents: QuerySet[Document], *, page: int = 0) -> list[Document]:
    """Return a page of documents, newest first.

    Each has `thumbnail` (a SHA-256, or None) and, for a day after the last order to flatten it, `flattening`
    (its state) with `flattening_failed` (the sentence why, if so). `file_run`, `file_state`, `file_format` and
    `file_sentence` say the same of the last file that was ordered, for as long as it is there.
    """
    newest = Asset.objects.filter(document=OuterRef("pk"), role=Asset.Role.THUMBNAIL).order_by("-pk")
    ordered = Run.objects.filter(document=OuterRef("pk"), kind=Run.Kind.FLATTEN).order_by("-created_at")
    files = Run.objects.filter(document=OuterRef("pk"), kind=Run.Kind.EXPORT, format__in=FILES)
    last = files.exclude(state=Run.State.DONE, file=None).order_by("-created_at")
    rows = documents.annotate(
        thumbnail=Subquery(newest.values("sha256")[:1]),
        flattening=Subquery(ordered.values("state")[:1]),
        flattening_failed=Subquery(ordered.values("sentence")[:1]),
        file_run=Subquery(last.values("pk")[:1]),
        file_state=Subquery(last.values("state")[:1]),
        file_format=Subquery(last.values("format")[:1]),
        file_sentence=Subquery(last.values("sentence")[:1]),
    )
    return list(rows.order_by("-updated_at", "-pk")[page * PAGE : (page + 1) * PAGE])


def rename(*, user: User, document_id: UUID, title: str) -> Document:
    """Give a document another name; an empty one changes nothing. Raises Document.DoesNotExist."""
    document = Document.objects.visible_to(user).get(pk=document_id)
    plain = " ".join(title.replace("\0", "").split())[:MOST_TITLE]
    if plain:
        document.title = plain
        document.save(update_fields=["title"])
    return document


def duplicate(*, user: User, document_id: UUID) -> Document:
    """Copy a document with its whole log and copies of its pictures.

    Raises Document.DoesNotExist, uploads.Refused where the copies find no room.
    """
    original = Document.objects.visible_to(user).get(pk=document_id)
    title = _("%(title)s (copy)") % {"title": original.title[: MOST_TITLE - 10]}
    copy = Document(
        owner=original.owner,
        title=title[:MOST_TITLE],
        width=original.width,
        height=original.height,
        source=original.source,
        flattened_from=original.flattened_from,
        made_with_ai=original.made_with_ai,
        head=original.head,
        seq=original.seq,
    )
    pictures = [_copied(row, copy) for row in original.assets.exclude(role__in=_NOT_COPIED)]
    try:
        with intake.refusing_when_full(), transaction.atomic():
            storage_used.claim(user=copy.owner, needed=sum(row.bytes for row in pictures))
            copy.save(force_insert=True)
            Asset.objects.bulk_create(pictures, batch_size=_BATCH)
            _copy_log(original, copy)
            runs.queue_replay(copy)
    except BaseException:
        storing.discard_keys([row.key for row in pictures])
        raise
    return copy


def name_version(*, user: User, document_id: UUID, operation: UUID, name: str) -> Version:
    """Give the way back to an operation a name. Raises Document.DoesNotExist, Operation.DoesNotExist, NameTaken."""
    with transaction.atomic():
        document = Document.objects.visible_to(user).select_for_update().get(pk=document_id)
        Operation.objects.get(document=document, uid=operation)
        if document.versions.filter(name=name).exists() or document.versions.count() >= MOST_VERSIONS:
            raise NameTaken
        return Version.objects.create(document=document, operation=operation, name=name)


def throw_away(*, user: User, document_id: UUID) -> Document:
    """Put a document into the trash, where it may be already. Raises Document.DoesNotExist."""
    document = Document.objects.owned_by(user).get(pk=document_id)
    Document.objects.filter(pk=document.pk, deleted_at=None).update(deleted_at=timezone.now())
    return document


def restore(*, user: User, document_id: UUID) -> Document:
    """Take a document out of the trash; one that is out already stays. Raises Document.DoesNotExist."""
    document = Document.objects.owned_by(user).get(pk=document_id)
    Document.objects.filter(pk=document.pk).update(deleted_at=None)
    return document


def purge(*, user: User, document_id: UUID) -> bool:
    """Let go of a document of the trash with its log, its pictures and its tiles; False when there is none."""
    return bool(_purge(Document.objects.in_trash_of(user).filter(pk=document_id), 1))


def purge_due(now: datetime, limit: int = 200) -> int:
    """Let go of what has lain in the trash for TRASH_DAYS; return how many. The task of the beat."""
    before, gone = now - timedelta(days=settings.TRASH_DAYS), 0
    while gone < limit and (purged := _purge(Document.objects.filter(deleted_at__lte=before), 1)):
        gone += purged
    if gone:
        log.info("documents.purged", count=gone)
    return gone


def copies_of(user: User, reference: str) -> list[Copy]:
    """Return the documents that hold a copy of a picture or an upload, for the page that deletes it."""
    held = Document.objects.owned_by(user).filter(source=reference).order_by("-updated_at")[:10]
    trash = reverse("editor:trash")
    return [
        Copy(each.title, trash if each.deleted_at else reverse("editor:document", args=[each.pk]))
        for each in held
    ]


def _purge(documents: QuerySet[Document], limit: int) -> int:
    """One transaction: rows and objects, both or neither."""
    with transaction.atomic():
        if connection.features.has_select_for_update_skip_locked:
            documents = documents.select_for_update(skip_locked=True, of=("self",))
        ids = list(documents.order_by("deleted_at", "pk").values_list("pk", flat=True)[:limit])
        for document in Document.objects.filter(pk__in=ids).select_related("owner"):
            generations.let_go(document)
        assets.discard(Asset.objects.filter(document__in=ids))
        Operation.objects.filter(document__in=ids).delete()
        Document.objects.filter(pk__in=ids).delete()
    return len(ids)


def _copied(row: Asset, document: Document) -> Asset:
    with storing.opened(row.key) as file:
        stored = storing.store(
            cast(BinaryIO, file), kind="document", attempt="copy", suffix=row.key.rpartition(".")[2]
        )
    return Asset(
        document=document,
        sha256=stored.sha256,
        role=row.role,
        width=row.width,
        height=row.height,
        bytes=stored.bytes,
        key=stored.key,
    )


def _copy_log(original: Document, copy: Document) -> None:
    rows: list[Operation] = []
    for row in original.operations.order_by("seq").iterator(chunk_size=_BATCH):
        row.row, row.document, row.blob = None, copy, bytes(row.blob)  # a new row
        rows.append(row)
        if len(rows) == _BATCH:
            Operation.objects.bulk_create(rows)
            rows = []
    Operation.objects.bulk_create(rows)
    for version in original.versions.all():
        Version.objects.create(document=copy, operation=version.operation, name=version.name)
