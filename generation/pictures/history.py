"""A person's pictures in pages, by keyset: the last page is as fast as the first, without OFFSET or count."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.db.models import Q

from generation.models import File, Picture
from generation.models.pictures import PictureQuerySet, Thumbnail
from generation.search import finding, pieces, postings
from generation.search.listings import FAVOURITES, NEWEST, Listing

if TYPE_CHECKING:
    from accounts.models import User

PAGE_SIZE: Final = 40
_THUMBNAILS: Final = [File.Role.THUMB_256, File.Role.THUMB_512, File.Role.THUMB_1024]


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


def newer(*, user: User, than: Picture) -> Picture | None:
    """Return the next newer picture in the history."""
    later = Q(created_at__gt=than.created_at) | Q(id__gt=than.id)
    found = Picture.objects.visible_to(user).filter(later, created_at__gte=than.created_at)
    return found.order_by("created_at", "id").first()


def older(*, user: User, than: Picture) -> Picture | None:
    """Return the next older picture in the history."""
    page = _page(Picture.objects.visible_to(user), "created_at", Cursor(than.created_at, than.id), 1)
    return page.pictures[0] if page.pictures else None


def with_thumbnails(pictures: Iterable[Picture]) -> list[Picture]:
    """Add ``thumbnails`` to the pictures: one more query for all of them."""
    found = list(pictures)
    thumbnails: dict[UUID, list[Thumbnail]] = {}
    files = File.objects.filter(picture__in=[picture.pk for picture in found], role__in=_THUMBNAILS)
    for of, role, pk in files.values_list("picture_id", "role", "pk") if found else ():
        thumbnails.setdefault(of, []).append(Thumbnail(role, pk))
    for picture in found:
        picture.thumbnails = thumbnails.get(picture.pk, [])
    return found


def _listed(listing: Listing, user: User, after: Cursor | None, words: str, size: int) -> Page:
    if not pieces.needles(words):
        return _page(listing.pictures_of(user), listing.moment, after, size)
    behind = postings.entry(after.moment, after.id) if after else None
    rows = finding.found(user=user, listing=listing, words=words, after=behind, most=size + 1)
    return _cut(rows, listing.moment, size)


def _page(pictures: PictureQuerySet, moment: str, after: Cursor | None, size: int) -> Page:
    if after is not None:
        # The first condition lets the index find the place; the second drops what was on the page before.
        earlier = Q(**{f"{moment}__lt": after.moment}) | Q(id__lt=after.id)
        pictures = pictures.filter(earlier, **{f"{moment}__lte": after.moment})
    rows = list(pictures.defer(*finding.UNSEEN).order_by(f"-{moment}", "-id")[: size + 1])
    return _cut(rows, moment, size)


def _cut(rows: list[Picture], moment: str, size: int) -> Page:
    shown = with_thumbnails(rows[:size])
    more = len(rows) > size
    return Page(shown, Cursor(getattr(shown[-1], moment), shown[-1].id) if more else None)
