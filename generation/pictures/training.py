"""Which pictures may be used for training: each carries a flag, which its owner can withdraw at any time.

Nothing else reads the flag (tests/architecture/test_training.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generation.models import Picture
from generation.models.pictures import PictureQuerySet

if TYPE_CHECKING:
    from accounts.models import User


def count(user: User) -> int:
    """Count pictures in the trash too: they can be restored."""
    return Picture.objects.owned_by(user).filter(training_allowed=True).count()


def withdraw(user: User) -> int:
    return Picture.objects.filter(owner=user, training_allowed=True).update(training_allowed=False)


def allowed() -> PictureQuerySet:
    """Return the pictures that may be used now: allowed, in a history, of somebody whose account is open to it.

    Left out as long as that lasts: pictures in the trash or taken down, results that nobody kept, people who
    restricted their account or whose account is disabled.
    """
    return Picture.objects.filter(
        training_allowed=True,
        kept=True,
        deleted_at__isnull=True,
        taken_down_at__isnull=True,
        owner__is_active=True,
        owner__preferences__restricted_at__isnull=True,
    )
