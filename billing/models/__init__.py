"""The tables of billing: credits and the journal that proves them; purchases and Stripe's events."""

from billing.models.accounts import Account, Freeze
from billing.models.grants import Grant
from billing.models.holds import Hold, HoldPart
from billing.models.journal import Entry, Transaction
from billing.models.purchases import Customer, Order, StripeEvent, Subscription

__all__ = [
    "Account",
    "Customer",
    "Entry",
    "Freeze",
    "Grant",
    "Hold",
    "HoldPart",
    "Order",
    "StripeEvent",
    "Subscription",
    "Transaction",
]
