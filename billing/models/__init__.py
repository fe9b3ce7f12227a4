"""The tables of billing: a person's account, their lots of credits, what is held, and the journal that proves it."""

from billing.models.accounts import Account, Freeze
from billing.models.grants import Grant
from billing.models.holds import Hold, HoldPart
from billing.models.journal import Entry, Transaction

__all__ = ["Account", "Entry", "Freeze", "Grant", "Hold", "HoldPart", "Transaction"]
