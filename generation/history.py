"""A person's pictures in pages: by keyset, so that the last page is as fast as the first; no OFFSET, no count."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db import connections
from django.db.models import Prefetch, Q

from generation.models import File, Picture
from generation.models.pictures import PictureQuerySet

if TYPE_CHECKING:
    from accounts.models import User

PAGE_SIZE: Final = 40
MAX_WORDS: Final = 12
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class BadCursor(ValueError):
    """The address of a page was typed by hand or cut off; the first page is the answer."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last picture of a page: its moment (created, favoured or thrown away) and its id."""

    moment: datetime
    id: UUID

    def __str__(self) -> str:
        raw = ((self.moment - _EPOCH) // _MICROSECOND).to_bytes(8, "big") + self.id.bytes
        return base64.urlsafe_b64encode(raw).decode()

    @classmethod
    def parse(cls, text: str) -> Cursor:
        try:
            raw = base64.b64decode(text.encode("ascii"), altchars=b"-_", validate=True)
            if len(raw) != 24:
                raise BadCursor(text)
            return cls(_EPOCH + int.from_bytes(raw[:8], "big") * _MICROSECOND, UUID(bytes=raw[8:]))
        except (UnicodeEncodeError, binascii.Error, OverflowError) as error:
            raise BadCursor(text) from error


@dataclass(frozen=True, slots=True)
class Page:
    pictures: list[Picture]
    after: Cursor | None  # None: this is the last page


def newest(*, user: User, after: Cursor | None = None, words: str = "", size: int = PAGE_SIZE) -> Page:
    """The pictures of this person, newest first, optionally only those whose prompt holds every word."""
    return _page(_saying(Picture.objects.visible_to(user), words), "created_at", after, size)


def favourites(*, user: User, after: Cursor | None = None, words: str = "", size: int = PAGE_SIZE) -> Page:
    """The favourites, the latest chosen first."""
    chosen = Picture.objects.visible_to(user).filter(favourite_at__isnull=False)
    return _page(_saying(chosen, words), "favourite_at", after, size)


def trash(*, user: User, after: Cursor | None = None, size: int = PAGE_SIZE) -> Page:
    """What was thrown away and can still come back, the latest first."""
    return _page(Picture.objects.in_trash_of(user), "deleted_at", after, size)


def newer(*, user: User, than: Picture) -> Picture | None:
    """The next picture to the left of this one in the history."""
    later = Q(created_at__gt=than.created_at) | Q(id__gt=than.id)
    found = Picture.objects.visible_to(user).filter(later, created_at__gte=than.created_at)
    return found.order_by("created_at", "id").first()


def older(*, user: User, than: Picture) -> Picture | None:
    """The next picture to the right of this one in the history."""
    page = _page(Picture.objects.visible_to(user), "created_at", Cursor(than.created_at, than.id), 1)
    return page.pictures[0] if page.pictures else None


def with_thumbnails(pictures: PictureQuerySet) -> PictureQuerySet:
    """One query more for the whole page, instead of one a picture."""
    thumbs = File.objects.filter(role__in=[File.Role.THUMB_256, File.Role.THUMB_512, File.Role.THUMB_1024])
    return pictures.prefetch_related(Prefetch("files", queryset=thumbs, to_attr="thumbnails"))


def _page(pictures: PictureQuerySet, moment: str, after: Cursor | None, size: int) -> Page:
    if after is not None:
        # The first condition lets the index find the place; the second drops what was on the page before.
        earlier = Q(**{f"{moment}__lt": after.moment}) | Q(id__lt=after.id)
        pictures = pictures.filter(earlier, **{f"{moment}__lte": after.moment})
    rows = list(with_thumbnails(pictures.order_by(f"-{moment}", "-id"))[: size + 1])
    shown = rows[:size]
    more = len(rows) > size
    return Page(shown, Cursor(getattr(shown[-1], moment), shown[-1].id) if more else None)


def _saying(pictures: PictureQuerySet, text: str) -> PictureQuerySet:
    words = text.replace("\x00", " ").split()[:MAX_WORDS]
    if not words:
        return pictures
    if connections[pictures.db].vendor == "postgresql":
        return _saying_in_postgresql(pictures, words)
    for word in words:
        # SQLite's LIKE folds only ASCII letters; the usual spellings of a word cover the others.
        spellings = {word, word.lower(), word.upper(), word.capitalize()}
        anywhere = Q()
        for spelling in spellings:
            anywhere |= Q(prompt__icontains=spelling)
        pictures = pictures.filter(anywhere)
    return pictures


def _saying_in_postgresql(pictures: PictureQuerySet, words: list[str]) -> PictureQuerySet:
    """Words by their beginnings. The expression is that of the index ``picture_words``; only then is it used."""
    # Quoted, so that no character of a word is an operator; lower-case here, since not every server folds Ä.
    bare = [word.replace("\\", " ").replace("'", " ").strip().lower() for word in words]
    beginnings = [f"'{word}':*" for word in bare if word]
    if not beginnings:
        return pictures.none()
    query = SearchQuery(" & ".join(beginnings), config="simple", search_type="raw")
    return pictures.alias(words=SearchVector("prompt", config="simple")).filter(words=query)
