"""The other side of the counter: what people, banks and time do at Stripe, done over its API with the pinned SDK.

The same calls go to a real sandbox and to the fake, which holds each of them to the SDK's typed parameters.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import stripe
from django.conf import settings

from accounts.models import User
from billing import stripe_gateway
from billing.models import Customer, Subscription
from billing.purchases import inbox

GOOD_CARD, BAD_CARD, DISPUTED_CARD = "pm_card_visa", "pm_card_chargeCustomerFail", "pm_card_createDispute"
# An invoice of a renewal stays a draft for an hour before it is paid.
PAST_THE_DRAFT = timedelta(hours=2)


class LiveKey(Exception):
    """Nothing of this suite may ever touch real money."""


class NeverHappened(Exception):
    """Stripe did not get there in the time that is given."""


def refuse_a_live_key(key: str) -> None:
    """Raise LiveKey for anything but the secret or restricted key of a sandbox."""
    if not key.startswith(("sk_test_", "rk_test_")):
        raise LiveKey("STRIPE_SANDBOX_KEY must be a key of a sandbox: sk_test_… or rk_test_…")


class Bench:
    """``patience`` is how many seconds to wait for what Stripe does in the background."""

    def __init__(self, *, patience: float) -> None:
        refuse_a_live_key(settings.STRIPE_SECRET_KEY)
        self._patience = patience
        self._api = stripe.StripeClient(
            settings.STRIPE_SECRET_KEY,
            stripe_version=stripe_gateway.API_VERSION,
            base_addresses={"api": settings.STRIPE_API_BASE},
            http_client=stripe.RequestsClient(timeout=30),
            max_network_retries=2,
        ).v1
        self._clocks: list[str] = []

    def close(self) -> None:
        """Delete the clocks, and with them their customers and subscriptions."""
        for clock in self._clocks:
            self._api.test_helpers.test_clocks.delete(clock)

    # --- people ------------------------------------------------------------------------------------------------------

    def customer_with_a_clock(self, user: User, card: str = GOOD_CARD) -> tuple[str, str]:
        """Make a customer whose time is ours, and link them to the person; returns customer and clock."""
        clock = self._api.test_helpers.test_clocks.create(
            {"frozen_time": int(time.time()), "name": str(user.pk)}
        )
        self._clocks.append(clock.id)
        made = self._api.customers.create(
            {
                "email": user.email,
                "name": user.name,
                "address": {
                    "line1": "1 Long Street",
                    "city": "Berlin",
                    "postal_code": "10115",
                    "country": "DE",
                },
                "test_clock": clock.id,
                "metadata": {"user": str(user.pk)},
            }
        )
        Customer.objects.create(user=user, stripe_id=made.id)
        self.use_card(made.id, card)
        return made.id, clock.id

    def use_card(self, customer: str, card: str) -> str:
        """Attach one of Stripe's test cards and pay with it from now on."""
        method = self._api.payment_methods.attach(card, {"customer": customer})
        self._api.customers.update(customer, {"invoice_settings": {"default_payment_method": method.id}})
        return method.id

    def subscribe(self, customer: str, lookup_key: str, user: User) -> str:
        """What the checkout does once somebody has paid: a subscription that carries our metadata."""
        made = self._api.subscriptions.create(
            {
                "customer": customer,
                "items": [{"price": self.price(lookup_key)}],
                "metadata": {"user": str(user.pk), "offer": lookup_key},
                "payment_behavior": "error_if_incomplete",
            }
        )
        return made.id

    def delete_customer(self, customer: str) -> None:
        self._api.customers.delete(customer)

    def switch(self, subscription: str, lookup_key: str) -> None:
        """What the portal does: another price at once, the difference charged by proration."""
        item = self._api.subscriptions.retrieve(subscription)["items"].data[0].id
        self._api.subscriptions.update(
            subscription,
            {
                "items": [{"id": item, "price": self.price(lookup_key)}],
                "proration_behavior": "always_invoice",
            },
        )

    def cancel_at_period_end(self, subscription: str, *, wanted: bool) -> None:
        self._api.subscriptions.update(subscription, {"cancel_at_period_end": wanted})

    def give_up(self, subscription: str) -> None:
        """The end of the grace: Stripe has tried often enough."""
        self._api.subscriptions.cancel(subscription)

    def pay_open_invoice(self, customer: str, method: str) -> None:
        invoice = self._api.invoices.list({"customer": customer, "status": "open"}).data[0]
        self._api.invoices.pay(str(invoice.id), {"payment_method": method})

    def pay_once(self, customer: str, amount: int, card: str = GOOD_CARD) -> str:
        """Pay for a pack as its checkout would; returns the payment intent."""
        paid = self._api.payment_intents.create(
            {
                "amount": amount,
                "currency": "usd",
                "customer": customer,
                "payment_method": card,
                "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
                "confirm": True,
            }
        )
        assert paid.status == "succeeded"
        return paid.id

    def leave_checkout(self, session: str) -> None:
        self._api.checkout.sessions.expire(session)

    # --- time, the operator, the bank --------------------------------------------------------------------------------

    def advance(self, clock: str, moment: datetime) -> None:
        """Let time pass until ``moment``, and wait for everything that happens on the way."""
        self._api.test_helpers.test_clocks.advance(clock, {"frozen_time": int(moment.timestamp())})
        self._until(lambda: self._api.test_helpers.test_clocks.retrieve(clock).status == "ready")

    def advance_past_renewal(self, clock: str) -> None:
        end = Subscription.objects.get().period_end
        assert end is not None
        self.advance(clock, end + PAST_THE_DRAFT)

    def refund(self, intent: str, amount: int | None = None) -> None:
        params: dict[str, Any] = {"payment_intent": intent} | ({"amount": amount} if amount else {})
        self._api.refunds.create(params)  # type: ignore[arg-type]  # with or without an amount

    def answer_dispute(self, dispute: str, evidence: str) -> None:
        """Stripe decides by these words: "winning_evidence" or "losing_evidence"."""
        self._api.disputes.update(dispute, {"evidence": {"uncategorized_text": evidence}, "submit": True})

    def price(self, lookup_key: str) -> str:
        return stripe_gateway.prices([lookup_key])[lookup_key].id

    def paid_invoices(self, customer: str) -> list[str]:
        listed = self._api.invoices.list({"customer": customer, "status": "paid"})
        return [str(invoice.id) for invoice in listed.data]

    # --- what our side hears of it -----------------------------------------------------------------------------------

    def settle(self, is_there: Callable[[], bool]) -> None:
        """Take in Stripe's events as the hourly poll does, handle them, until ours shows what is awaited."""

        def heard() -> bool:
            inbox.backfill()
            inbox.handle_waiting()
            return is_there()

        self._until(heard)

    def _until(self, is_so: Callable[[], bool]) -> None:
        end = time.monotonic() + self._patience
        while not is_so():
            if time.monotonic() > end:
                raise NeverHappened
            time.sleep(min(2.0, self._patience))
