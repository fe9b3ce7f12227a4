"""After a backup was restored: who was erased since it was made is closed at once and erased again.

The list outside of the database is compared with what the database knows of. Who stands on it and is unknown here was
erased after the backup.
"""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from privacy.erasure import ordering, tombstones
from privacy.models import Erasure

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """``again`` counts accounts that came back and are erased again, ``known`` those that had not come back."""

    again: int
    known: int


def replay(more: set[str] | None = None) -> Found:
    """Compare the list with the database and close whoever came back. May be repeated. Raises storage's errors.

    ``more`` are hashes from a copy of the list, for a storage that was lost as well; they are put on it first.
    """
    for account_hash in sorted(more or ()):
        tombstones.write(account_hash)
    began = (Erasure.State.ERASING, Erasure.State.DONE)
    # Also one that is on its way already, because an earlier call found it.
    again = Erasure.objects.filter(state=Erasure.State.CLOSED, cause=Erasure.Cause.RESTORED)
    known = Erasure.objects.filter(state__in=began) | again
    unknown = tombstones.missing_from(known.values_list("account_hash", flat=True), tombstones.every())
    if not unknown:
        return Found(0, 0)
    people = _of(unknown)
    for user in people.values():
        ordering.order_again(user)
        log.warning("erasure.came_back", account=tombstones.hash_of(user.pk))
    for account_hash in sorted(unknown - people.keys()):
        _note(account_hash)
    return Found(len(people), len(unknown) - len(people))


def _of(hashes: set[str]) -> dict[str, User]:
    ids = User.objects.values_list("pk", flat=True).iterator()
    found = {tombstones.hash_of(pk): pk for pk in ids if tombstones.hash_of(pk) in hashes}
    people = User.objects.in_bulk(list(found.values()))
    return {account_hash: people[pk] for account_hash, pk in found.items() if pk in people}


def _note(account_hash: str) -> None:
    """Write down that the account isn't here, so that nobody is looked for again."""
    now = timezone.now()
    Erasure.objects.create(
        account_hash=account_hash,
        state=Erasure.State.DONE,
        cause=Erasure.Cause.RESTORED,
        due_at=now,
        finished_at=now,
        receipt_sent_at=Now(),
    )
