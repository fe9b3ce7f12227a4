"""Which pictures may be used for training: each carries a flag, which its owner can withdraw at any time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generation.models import Picture

if TYPE_CHECKING:
    from accounts.models import User


def count(user: User) -> int:
    """Count pictures in the trash too: they can be restored."""
    return Picture.objects.owned_by(user).filter(training_allowed=True).count()


def withdraw(user: User) -> int:
    return Picture.objects.owned_by(user).filter(training_allowed=True).update(training_allowed=False)
