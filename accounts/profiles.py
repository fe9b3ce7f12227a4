"""What a person changes about themselves."""

from __future__ import annotations

from accounts.models import User


def rename(*, user: User, name: str) -> None:
    """Set the (already cleaned) name."""
    user.name = name
    user.save(update_fields=["name"])
