"""How much storage a person uses, by kind, and the plan's limit, which holds for two requests at once too.

The plan limits what people bring (uploads; the editor's documents join by ``register``). Generated pictures are shown
beside it and never refused: they were paid for, and the plan says how long they are kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.db.models import Sum

from accounts.models import User
from billing.plans import current
from generation.models import File
from generation.pictures import trash

if TYPE_CHECKING:
    from django.utils.functional import Promise

Measure = Callable[[User], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of storage. ``route`` names the page where its items can be deleted."""

    name: str
    label: Promise | str
    symbol: str
    route: str
    measure: Measure
    is_limited: bool  # whether the plan's limit counts it


@dataclass(frozen=True, slots=True)
class Part:
    """The bytes that one person uses of one kind."""

    kind: Kind
    bytes: int


class StorageUsedUp(Exception):
    """The person's plan has no space left for this; nothing was stored. In bytes; ``needed`` is 0 while unknown."""

    def __init__(self, *, limit: int, left: int, needed: int) -> None:
        super().__init__(f"{needed} needed, {left} of {limit} left")
        self.limit, self.left, self.needed = limit, left, needed


_KINDS: Final[dict[str, Kind]] = {}


def register(kind: Kind) -> None:
    """Add a kind; call it from ``AppConfig.ready``, so that nothing below has to know what lies above."""
    _KINDS[kind.name] = kind


def parts(user: User) -> list[Part]:
    """Return the bytes used by each kind."""
    return [Part(kind, kind.measure(user)) for kind in _KINDS.values()]


def limit_of(user: User) -> int:
    """Return how many bytes this person may keep of the kinds that are limited."""
    return current.storage_of(current.plan_of(user))


def used(user: User) -> int:
    """Return how many bytes of their limit this person uses."""
    return sum(kind.measure(user) for kind in _KINDS.values() if kind.is_limited)


def check(*, user: User, at_least: int = 0) -> None:
    """Raise StorageUsedUp when so many bytes surely don't fit: called before anything is read or decoded."""
    limit, taken = limit_of(user), used(user)
    if taken >= limit or taken + at_least > limit:
        raise StorageUsedUp(limit=limit, left=max(0, limit - taken), needed=0)


def claim(*, user: User, needed: int) -> None:
    """Make sure that so many bytes fit. Raises StorageUsedUp.

    Call it in the transaction that creates their rows: until that ends, no other one adds anything for this person.
    Deleted uploads that could still be restored are purged first.
    """
    assert transaction.get_connection().in_atomic_block
    # PostgreSQL: a second transaction waits here for the first one's commit, and then reads what it added. SQLite's
    # transactions take the one write lock at their start. ``no_key``, so that other rows of the person are not held up.
    User.objects.select_for_update(no_key=True).filter(pk=user.pk).first()
    limit, taken = limit_of(user), used(user)
    if taken + needed > limit:
        raise StorageUsedUp(limit=limit, left=max(0, limit - taken), needed=needed)
    if taken + of_deleted_uploads(user) + needed > limit:
        trash.purge_uploads(user=user)


def of_pictures(user: User) -> int:
    return _bytes(picture__owner=user, picture__deleted_at__isnull=True)


def of_trash(user: User) -> int:
    return _bytes(picture__owner=user, picture__deleted_at__isnull=False)


def of_uploads(user: User) -> int:
    """Without what staff took down: its owner can't delete it."""
    return _bytes(upload__owner=user, upload__deleted_at__isnull=True, upload__taken_down_at__isnull=True)


def of_deleted_uploads(user: User) -> int:
    return _bytes(upload__owner=user, upload__deleted_at__isnull=False, upload__taken_down_at__isnull=True)


def _bytes(**which: object) -> int:
    return File.objects.filter(**which).aggregate(total=Sum("bytes"))["total"] or 0
