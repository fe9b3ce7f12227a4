"""The only writer of credits: integer amounts, double entry, append-only; every function is atomic and can be repeated.

Amounts are whole credits, greater than zero. A ``ref`` names what the posting is for (a job, a refund) and makes it
idempotent: repeating a request returns the first result; a different request under the same ref raises ``Conflict``.
All functions may be called inside the caller's transaction and commit or roll back with it.
"""

from billing.ledger.errors import AccountFrozen, Conflict, InsufficientCredits, LedgerError, UnknownReference
from billing.ledger.expiring import expire
from billing.ledger.freezing import freeze, unfreeze
from billing.ledger.granting import grant
from billing.ledger.holding import capture, hold, release
from billing.ledger.reading import Balance, Line, balance, line_count, lines
from billing.ledger.refunding import Refunded, refund, refunded

__all__ = [
    "AccountFrozen",
    "Balance",
    "Conflict",
    "InsufficientCredits",
    "LedgerError",
    "Line",
    "Refunded",
    "UnknownReference",
    "balance",
    "capture",
    "expire",
    "freeze",
    "grant",
    "hold",
    "line_count",
    "lines",
    "refund",
    "refunded",
    "release",
    "unfreeze",
]
