"""A person's uploads in pages, newest first: by keyset, as the history (``generation/pictures/history.py``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Prefetch, Q

from generation.models import File, Upload
from generation.models.uploads import UploadQuerySet
from generation.pictures.history import PAGE_SIZE, Cursor

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True, slots=True)
class Page:
    uploads: list[Upload]
    after: Cursor | None  # None: this is the last page


def newest(*, user: User, after: Cursor | None = None, size: int = PAGE_SIZE) -> Page:
    """Return one page of the uploads of this person, each with its files (see `with_files`)."""
    uploads = Upload.objects.visible_to(user).listed()
    if after is not None:
        # The first condition lets the index find the place; the second drops what was on the page before.
        earlier = Q(created_at__lt=after.moment) | Q(id__lt=after.id)
        uploads = uploads.filter(earlier, created_at__lte=after.moment)
    rows = list(with_files(uploads.order_by("-created_at", "-id"))[: size + 1])
    shown = rows[:size]
    last = Cursor(shown[-1].created_at, shown[-1].id) if len(rows) > size else None
    return Page(shown, last)


def with_files(uploads: UploadQuerySet) -> UploadQuerySet:
    """Add all files as ``thumbnails``, which a tile chooses from: one more query for the whole page."""
    return uploads.prefetch_related(Prefetch("files", queryset=File.objects.all(), to_attr="thumbnails"))
