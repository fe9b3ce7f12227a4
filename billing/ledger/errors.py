"""The ledger's errors, shared by its functions."""

from __future__ import annotations


class LedgerError(Exception):
    """Nothing was changed."""


class InsufficientCredits(LedgerError):
    """There is less to spend than is needed."""

    def __init__(self, needed: int, available: int) -> None:
        super().__init__(f"{needed} credits needed, {available} available")
        self.needed = needed
        self.available = available

    @property
    def missing(self) -> int:
        return self.needed - self.available


class AccountFrozen(InsufficientCredits):
    """No credits may be spent while a payment is disputed."""

    def __init__(self, needed: int) -> None:
        super().__init__(needed, 0)


class Conflict(LedgerError):
    """The ref was already used for a different request."""


class UnknownReference(LedgerError):
    """There is no hold or grant of that name."""
