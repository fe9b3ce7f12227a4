"""The words in which billing and its payment gateway speak: frozen facts, and two kinds of failure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime


class NotConfigured(Exception):
    """No keys: nothing can be bought here."""


class Unavailable(Exception):
    """Transient: the network or the vendor failed; the same call may succeed later."""


class Refused(Exception):
    """Permanent: the vendor understood and said no; repeating changes nothing."""


class Gone(Refused):
    """The vendor has no object of an id that we keep. ``what`` is its kind, such as "customer" (see gone.py)."""

    def __init__(self, message: str, *, what: str = "") -> None:
        super().__init__(message)
        self.what = what


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    id: str
    lookup_key: str
    product: str
    amount: int
    currency: str
    interval: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A visit to the vendor's checkout page."""

    id: str
    url: str
    mode: str
    status: str
    payment_status: str
    customer: str
    payment_intent: str
    subscription: str
    metadata: Mapping[str, str]
    lookup_keys: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionFacts:
    id: str
    customer: str
    status: str
    lookup_key: str
    period_end: datetime | None
    ends_at_period_end: bool
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    id: str
    lookup_key: str
    quantity: int
    amount: int
    is_proration: bool
    period_end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    id: str
    status: str
    reason: str
    customer: str
    subscription: str
    lines: Sequence[InvoiceLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    id: str
    amount: int
    refunded: int
    disputed: bool
    currency: str
    customer: str
    payment_intent: str
    invoice: str  # of a renewal or a first payment of a plan; empty for a pack without one


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodPayment:
    """The payment of a subscription's current period."""

    charge: Charge
    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundFacts:
    id: str
    status: str
    amount: int
    charge: str
    ended: str  # the subscription that a person ended with it; empty for any other refund


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    id: str
    status: str
    amount: int
    charge: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidInvoice:
    """An invoice as the billing page lists it."""

    number: str
    when: datetime
    amount: int
    currency: str
    status: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerFacts:
    """What Stripe keeps of a person, as the billing page shows it."""

    card_brand: str
    card_last4: str
    address: Sequence[str]
    invoices: Sequence[PaidInvoice]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    id: str
    type: str
    api_version: str
    created: datetime
    body: Mapping[str, object]
