"""The operator's pages about credits: the ledger to read, and one act, to give credits with a reason."""

from billing.admin.ledger import AccountAdmin, FreezeAdmin, GrantAdmin, HoldAdmin, TransactionAdmin

__all__ = ["AccountAdmin", "FreezeAdmin", "GrantAdmin", "HoldAdmin", "TransactionAdmin"]
