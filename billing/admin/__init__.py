"""The operator's pages about credits and purchases: to read, and one act, to give credits with a reason."""

from billing.admin.ledger import AccountAdmin, FreezeAdmin, GrantAdmin, HoldAdmin, TransactionAdmin
from billing.admin.purchases import CustomerAdmin, OrderAdmin, StripeEventAdmin, SubscriptionAdmin

__all__ = [
    "AccountAdmin",
    "CustomerAdmin",
    "FreezeAdmin",
    "GrantAdmin",
    "HoldAdmin",
    "OrderAdmin",
    "StripeEventAdmin",
    "SubscriptionAdmin",
    "TransactionAdmin",
]
