"""The only importer of ``stripe``: takes and returns our words, and raises our errors.

Nothing here touches the database, and nothing here may be called inside a transaction: each call goes over the network.
"""

from billing.stripe_gateway.buying import checkout, create_customer, customer_facts, portal
from billing.stripe_gateway.client import API_VERSION, is_configured
from billing.stripe_gateway.prices import create_price, create_product, prices
from billing.stripe_gateway.reading import (
    PAID,
    charge,
    dispute,
    invoice,
    invoices_paid,
    is_paid,
    refund,
    session,
    sessions_paid,
    subscription,
)
from billing.stripe_gateway.webhook import BadSignature, events_since, verified_event

__all__ = [
    "API_VERSION",
    "PAID",
    "BadSignature",
    "charge",
    "checkout",
    "create_customer",
    "create_price",
    "create_product",
    "customer_facts",
    "dispute",
    "events_since",
    "invoice",
    "invoices_paid",
    "is_configured",
    "is_paid",
    "portal",
    "prices",
    "refund",
    "session",
    "sessions_paid",
    "subscription",
    "verified_event",
]
