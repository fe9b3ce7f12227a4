"""A person's pictures in pages, by keyset: the last page is as fast as the first, without OFFSET or count."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.db.models import DateTimeField, Q, QuerySet, UUIDField

from generation.models import File, Picture
from generation.models.pictures import PictureQuerySet, Thumbnail
from generation.search import finding, pieces, postings
from generation.search.listings import FAVOURITES, NEWEST, Listing
from image2.lib.compiled_queries import CompiledQuery, Parameter

if TYPE_CHECKING:
    from accounts.models import User

PAGE_SIZE: Final = 40
MOST_DESCENDANTS: Final = 24
_THUMBNAILS: Final = [File.Role.THUMB_256, File.Role.THUMB_512, File.Role.THUMB_1024]
_PERSON: Final[Any] = Parameter("person", UUIDField())
_PICTURE: Final = Parameter("picture", UUIDField())
_MOMENT: Final = Parameter("moment", DateTimeField())
_OWNED: Final = CompiledQuery(lambda: Picture.objects.owned_by(_PERSON).filter(pk=_PICTURE))
_NEWER: Final = CompiledQuery(
    lambda: (
        Picture.objects.visible_to(_PERSON)
        .filter(Q(created_at__gt=_MOMENT) | Q(id__gt=_PICTURE), created_at__gte=_MOMENT)
        .order_by("created_at", "id")
        .only("id")[:1]
    )
)
_OLDER: Final = CompiledQuery(
    lambda: (
        _earlier(Picture.objects.visible_to(_PERSON), "created_at", _MOMENT, _PICTURE)
        .order_by("-created_at", "-id")
        .only("id")[:1]
    )
)
_DESCENDANTS: Final = CompiledQuery(
    lambda: (
        Picture.objects.visible_to(_PERSON)
        .filter(parents__parent=_PICTURE)
        .distinct()
        .newest_first()[:MOST_DESCENDANTS]
    )
)
_FILES: Final = CompiledQuery(lambda: _thumbnails(picture=_PICTURE))


class BadCursor(ValueError):
    """The cursor in a URL is invalid; the first page is shown instead."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last picture of a page: the time that orders the list (created, made favourite or deleted) and its id."""

    moment: datetime
    id: UUID

    def __str__(self) -> str:
        return base64.urlsafe_b64encode(postings.entry(self.moment, self.id)).decode()

    @classmethod
    def parse(cls, text: str) -> Cursor:
        try:
            raw = base64.b64decode(text.encode("ascii"), altchars=b"-_", validate=True)
            if len(raw) != postings.ENTRY:
                raise BadCursor(text)
            return cls(postings.moment_of(raw), postings.id_of(raw))
        except (UnicodeEncodeError, binascii.Error, OverflowError) as error:
            raise BadCursor(text) from error


@dataclass(frozen=True, slots=True)
class Page:
    pictures: list[Picture]
    after: Cursor | None  # None: this is the last page


def newest(*, user: User, after: Cursor | None = None, words: str = "", size: int = PAGE_SIZE) -> Page:
    """Return a page of this person's pictures, newest first, optionally only those whose prompt has every word."""
    return _listed(NEWEST, user, after, words, size)


def favourites(*, user: User, after: Cursor | None = None, words: str = "", size: int = PAGE_SIZE) -> Page:
    """Return a page of favourites, the latest first."""
    return _listed(FAVOURITES, user, after, words, size)


def trash(*, user: User, after: Cursor | None = None, size: int = PAGE_SIZE) -> Page:
    """Return a page of the trash, the latest first."""
    return _page(Picture.objects.in_trash_of(user), "deleted_at", after, size)


def owned(*, user: User, picture: UUID) -> Picture | None:
    """Return this picture, in the trash or not; None if there is none of this person."""
    return _OWNED.first(person=user.pk, picture=picture)


def newer(*, user: User, than: Picture) -> Picture | None:
    """Return the next newer picture in the history; of its fields, only the id is read."""
    return _NEWER.first(person=user.pk, picture=than.pk, moment=than.created_at)


def older(*, user: User, than: Picture) -> Picture | None:
    """Return the next older picture in the history; of its fields, only the id is read."""
    return _OLDER.first(person=user.pk, picture=than.pk, moment=than.created_at)


def descendants(*, user: User, picture: Picture) -> list[Picture]:
    """Return what was made from this picture, newest first."""
    return with_thumbnails(_DESCENDANTS.all(person=user.pk, picture=picture.pk))


def with_thumbnails(pictures: Iterable[Picture]) -> list[Picture]:
    """Add ``thumbnails`` to the pictures: one more query for all of them."""
    found = list(pictures)
    thumbnails: dict[UUID, list[Thumbnail]] = {}
    for of, role, pk in _files_of([picture.pk for picture in found]):
        thumbnails.setdefault(of, []).append(Thumbnail(role, pk))
    for picture in found:
        picture.thumbnails = thumbnails.get(picture.pk, [])
    return found


def _files_of(pictures: list[UUID]) -> Iterable[tuple[Any, str, int]]:
    if len(pictures) == 1:
        return _FILES.all(picture=pictures[0])
    return _thumbnails(picture__in=pictures) if pictures else ()


def _thumbnails(**of: Any) -> QuerySet[File, tuple[Any, str, int]]:
    return File.objects.filter(role__in=_THUMBNAILS, **of).values_list("picture_id", "role", "pk")


def _listed(listing: Listing, user: User, after: Cursor | None, words: str, size: int) -> Page:
    if not pieces.needles(words):
        return _page(listing.pictures_of(user), listing.moment, after, size)
    behind = postings.entry(after.moment, after.id) if after else None
    rows = finding.found(user=user, listing=listing, words=words, after=behind, most=size + 1)
    return _cut(rows, listing.moment, size)


def _page(pictures: PictureQuerySet, moment: str, after: Cursor | None, size: int) -> Page:
    if after is not None:
        pictures = _earlier(pictures, moment, after.moment, after.id)
    rows = list(pictures.defer(*finding.UNSEEN).order_by(f"-{moment}", "-id")[: size + 1])
    return _cut(rows, moment, size)


def _earlier(pictures: PictureQuerySet, moment: str, at: Any, identity: Any) -> PictureQuerySet:
    # The last condition lets the index find the place; the first drops what was on the page before.
    return pictures.filter(Q(**{f"{moment}__lt": at}) | Q(id__lt=identity), **{f"{moment}__lte": at})


def _cut(rows: list[Picture], moment: str, size: int) -> Page:
    shown = with_thumbnails(rows[:size])
    more = len(rows) > size
    return Page(shown, Cursor(getattr(shown[-1], moment), shown[-1].id) if more else None)
