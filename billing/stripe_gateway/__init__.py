"""The only importer of ``stripe``: takes and returns our words, and raises our errors.

Nothing here touches the database, and nothing here may be called inside a transaction: each call goes over the network.
"""

from billing.stripe_gateway.buying import (
    checkout,
    create_customer,
    customer_facts,
    expire_session,
    open_sessions,
    portal,
)
from billing.stripe_gateway.client import API_VERSION, is_configured
from billing.stripe_gateway.ending import (
    cancel,
    delete_customer,
    has_open_invoice,
    refund_ended,
    stop_renewal,
)
from billing.stripe_gateway.prices import create_price, create_product, prices
from billing.stripe_gateway.reading import (
    PAID,
    PERIOD_REASONS,
    charge,
    dispute,
    invoice,
    invoices_of,
    invoices_paid,
    is_paid,
    period_payment,
    refund,
    session,
    sessions_paid,
    subscription,
    subscriptions,
)
from billing.stripe_gateway.webhook import BadSignature, events_since, verified_event

__all__ = [
    "API_VERSION",
    "PAID",
    "PERIOD_REASONS",
    "BadSignature",
    "cancel",
    "charge",
    "checkout",
    "create_customer",
    "create_price",
    "create_product",
    "customer_facts",
    "delete_customer",
    "dispute",
    "events_since",
    "expire_session",
    "has_open_invoice",
    "invoice",
    "invoices_of",
    "invoices_paid",
    "is_configured",
    "is_paid",
    "open_sessions",
    "period_payment",
    "portal",
    "prices",
    "refund",
    "refund_ended",
    "session",
    "sessions_paid",
    "stop_renewal",
    "subscription",
    "subscriptions",
    "verified_event",
]
