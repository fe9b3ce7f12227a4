"""The tables of billing: credits and their journal; purchases and Stripe's events."""

from billing.models.accounts import Account, Freeze
from billing.models.grants import Grant
from billing.models.holds import Hold, HoldPart
from billing.models.journal import Entry, Transaction
from billing.models.purchases import Customer, Order, PlanEnding, StripeEvent, Subscription

__all__ = [
    "Account",
    "Customer",
    "Entry",
    "Freeze",
    "Grant",
    "Hold",
    "HoldPart",
    "Order",
    "PlanEnding",
    "StripeEvent",
    "Subscription",
    "Transaction",
]
