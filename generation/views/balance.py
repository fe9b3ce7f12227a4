"""What a person can still spend, for the pages that show a price beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing import ledger

if TYPE_CHECKING:
    from accounts.models import User


def available(user: User) -> int:
    return ledger.balance(user).available
