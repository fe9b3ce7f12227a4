"""Favourites: a time on the picture, so that their list has its own order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils import timezone

from generation.models import Picture

if TYPE_CHECKING:
    from accounts.models import User


def mark(*, user: User, ids: Iterable[UUID]) -> int:
    """Make these pictures of ``user`` favourites; those that already are keep their place. Returns how many are new."""
    mine = Picture.objects.visible_to(user).filter(pk__in=list(ids), favourite_at__isnull=True)
    # Not the database's now: SQLite writes it with three digits, and "…:05.123" sorts before "…:05.123000", so that the
    # pages of favourites, whose place is this moment, would repeat pictures.
    return mine.update(favourite_at=timezone.now(), favourite_segment=None)


def unmark(*, user: User, ids: Iterable[UUID]) -> int:
    mine = Picture.objects.visible_to(user).filter(pk__in=list(ids), favourite_at__isnull=False)
    return mine.update(favourite_at=None, favourite_segment=None)
