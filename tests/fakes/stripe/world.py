"""What Stripe remembers: its objects in the shape of the pinned API version, and what can happen to them."""

from __future__ import annotations

import itertools
import json
import time
from typing import Any

from stripe import WebhookSignature

API_VERSION = "2026-10-28.endive"
MONTH, YEAR = 30 * 86_400, 365 * 86_400

Thing = dict[str, Any]


class Missing(LookupError):
    """There is no such object; ``param`` is what named it, "id" for the address itself."""

    def __init__(self, thing_id: str, param: str = "id") -> None:
        super().__init__(thing_id)
        self.param = param


class NotNow(Exception):
    """The object is there, but in a state that doesn't allow this."""


class World:
    """All objects by id, and every event in the order in which it happened."""

    def __init__(self) -> None:
        self.things: dict[str, Thing] = {}
        self.events: list[Thing] = []
        self.secret = "whsec_of_the_fake"
        self.pages = ""  # where the pages are that Stripe hosts
        self._numbers = itertools.count(1)

    # --- objects -------------------------------------------------------------------------------------------------

    def get(self, thing_id: str, kind: str = "", param: str = "id") -> Thing:
        """Return an object; a deleted one only by its id, as a stub."""
        thing = self.things.get(thing_id)
        if thing is None or (kind and thing["object"] != kind) or (thing.get("deleted") and param != "id"):
            raise Missing(thing_id, param)
        return thing

    def all(self, kind: str, **wanted: Any) -> list[Thing]:
        """Return the objects of a kind, newest first."""
        found = [thing for thing in self.things.values() if thing["object"] == kind]
        return [thing for thing in reversed(found) if all(thing.get(k) == v for k, v in wanted.items())]

    def add(self, kind: str, prefix: str, thing_id: str = "", **fields: Any) -> Thing:
        thing_id = thing_id or f"{prefix}_{next(self._numbers):06d}"
        created = int(time.time())
        self.things[thing_id] = {
            "id": thing_id,
            "object": kind,
            "created": created,
            "livemode": False,
            **fields,
        }
        return self.things[thing_id]

    def lose(self, thing_id: str) -> None:
        """Forget an object as a live key knows nothing of what was made in a sandbox."""
        del self.things[thing_id]

    def delete_customer(self, customer_id: str) -> None:
        """The operator deletes a customer: its subscriptions end, and it stays as a stub."""
        self.get(customer_id, "customer")
        for subscription in self.all("subscription", customer=customer_id):
            if subscription["status"] != "canceled":
                self.end(subscription["id"])
        self.things[customer_id] = {"id": customer_id, "object": "customer", "deleted": True}

    # --- what people do at Stripe's pages ------------------------------------------------------------------------

    def pay(self, session_id: str, *, delayed: bool = False) -> None:
        """The person pays at the checkout; ``delayed`` money (a bank transfer) is promised first and comes later."""
        session = self.get(session_id, "checkout.session")
        if session["status"] != "open":
            raise NotNow(f"the visit is {session['status']}")
        session["status"] = "complete"
        if session["mode"] == "subscription":
            price, metadata = session["_items"][0]["price"], session["_subscription_metadata"]
            session["subscription"] = self.subscribe(session["customer"], price, metadata)["id"]
        else:
            intent, charge = self.charge(
                session["customer"], self._amount(session), session["_intent_metadata"]
            )
            session["payment_intent"] = intent["id"]
            if delayed:
                session["payment_status"] = "unpaid"
                self.happened("checkout.session.completed", session)
                return
            self._invoice(session["customer"], "manual", [], charge)
        session["payment_status"] = "paid"
        self.happened("checkout.session.completed", session)

    def money_arrives(self, session_id: str) -> None:
        session = self.get(session_id, "checkout.session")
        session["payment_status"] = "paid"
        self.happened("checkout.session.async_payment_succeeded", session)

    def leave(self, session_id: str) -> None:
        """Nobody paid until the session ended."""
        session = self.get(session_id, "checkout.session")
        if session["status"] != "open":
            raise NotNow(f'Only sessions with a status in ["open"] can be expired, not {session["status"]}.')
        session["status"] = "expired"
        self.happened("checkout.session.expired", session)

    def switch(self, subscription_id: str, price_id: str) -> None:
        """The person changes the plan in the portal, with proration."""
        subscription = self.get(subscription_id, "subscription")
        item = subscription["items"]["data"][0]
        old, new = item["price"], self.get(price_id, "price")
        item["price"] = new
        _, charge = self.charge(subscription["customer"], new["unit_amount"] // 2)
        lines = [
            self._line(subscription, old, -old["unit_amount"] // 2, proration=True),
            self._line(subscription, new, new["unit_amount"] // 2, proration=True),
        ]
        self.happened("customer.subscription.updated", subscription)
        invoice = self._invoice(subscription["customer"], "subscription_update", lines, charge, subscription)
        self.happened("invoice.paid", invoice)

    def cancel_at_period_end(self, subscription_id: str, *, wanted: bool = True) -> None:
        subscription = self.get(subscription_id, "subscription")
        subscription["cancel_at_period_end"] = wanted
        self.happened("customer.subscription.updated", subscription)

    # --- what time and the operator do ---------------------------------------------------------------------------

    def renew(self, subscription_id: str) -> Thing:
        """A period is over and the next one is paid; returns its invoice."""
        subscription = self.get(subscription_id, "subscription")
        self._next_period(subscription)
        subscription["status"] = "active"
        invoice = self._period_invoice(subscription, "subscription_cycle")
        self.happened("customer.subscription.updated", subscription)
        self.happened("invoice.paid", invoice)
        return invoice

    def fail_renewal(self, subscription_id: str) -> None:
        subscription = self.get(subscription_id, "subscription")
        self._next_period(subscription)
        subscription["status"] = "past_due"
        invoice = self._period_invoice(subscription, "subscription_cycle", paid=False)
        self.happened("invoice.payment_failed", invoice)
        self.happened("customer.subscription.updated", subscription)

    def mend(self, invoice_id: str) -> Thing:
        """An invoice that waited is paid after all, and its subscription goes on."""
        invoice = self.get(invoice_id, "invoice")
        _, charge = self.charge(invoice["customer"], invoice["total"])
        self._paid(invoice, charge)
        subscription = self.get(invoice["parent"]["subscription_details"]["subscription"])
        subscription["status"] = "active"
        self.happened("invoice.paid", invoice)
        self.happened("customer.subscription.updated", subscription)
        return invoice

    def end(self, subscription_id: str) -> None:
        subscription = self.get(subscription_id, "subscription")
        subscription["status"] = "canceled"
        self.happened("customer.subscription.deleted", subscription)

    def refund(
        self,
        charge_id: str,
        amount: int | None = None,
        *,
        status: str = "succeeded",
        metadata: Thing | None = None,
    ) -> Thing:
        charge = self.get(charge_id, "charge")
        money = amount or charge["amount"] - charge["amount_refunded"]
        if money <= 0 or money > charge["amount"] - charge["amount_refunded"] or charge["disputed"]:
            raise NotNow("the charge has less money left to refund")
        charge["amount_refunded"] += money
        refund = self.add(
            "refund",
            "re",
            charge=charge_id,
            payment_intent=charge["payment_intent"],
            amount=money,
            currency=charge["currency"],
            status=status,
            metadata=metadata or {},
        )
        self.happened("refund.created", refund)
        return refund

    def settle_refund(self, refund_id: str, status: str) -> None:
        refund = self.get(refund_id, "refund")
        refund["status"] = status
        if status == "failed":
            self.get(refund["charge"], "charge")["amount_refunded"] -= refund["amount"]
        self.happened("refund.failed" if status == "failed" else "refund.updated", refund)

    def dispute(self, charge_id: str) -> Thing:
        charge = self.get(charge_id, "charge")
        charge["disputed"] = True
        made = self.add(
            "dispute",
            "dp",
            charge=charge_id,
            amount=charge["amount"],
            currency="usd",
            status="needs_response",
        )
        self.happened("charge.dispute.created", made)
        self.happened("charge.dispute.funds_withdrawn", made)
        return made

    def decide(self, dispute_id: str, status: str) -> None:
        """The bank decides: "won" or "lost"."""
        dispute = self.get(dispute_id, "dispute")
        dispute["status"] = status
        if status == "won":
            self.happened("charge.dispute.funds_reinstated", dispute)
        self.happened("charge.dispute.closed", dispute)

    # --- events --------------------------------------------------------------------------------------------------

    def happened(self, kind: str, thing: Thing) -> Thing:
        event = {
            "id": f"evt_{next(self._numbers):06d}",
            "object": "event",
            "type": kind,
            "api_version": API_VERSION,
            "created": int(time.time()),
            "livemode": False,
            "data": {"object": json.loads(json.dumps(shown(thing)))},
        }
        self.events.append(event)
        return event

    def under_a_new_id(self, event: Thing) -> Thing:
        """The same event once more, as a replay from the dashboard of another endpoint would look."""
        return {**event, "id": f"evt_{next(self._numbers):06d}"}

    def signed(self, event: Thing, *, secret: str = "", at: int | None = None) -> tuple[str, str]:
        """Return body and signature of a delivery, signed by the SDK's own signer."""
        body = json.dumps(event)
        return body, WebhookSignature.generate_signature_header(body, secret or self.secret, timestamp=at)

    # --- parts ---------------------------------------------------------------------------------------------------

    def subscribe(self, customer: str, price: Thing, metadata: Thing) -> Thing:
        """Begin a subscription and pay its first period."""
        now = int(time.time())
        item = {
            "id": f"si_{next(self._numbers):06d}",
            "object": "subscription_item",
            "price": price,
            "quantity": 1,
            "current_period_start": now,
            "current_period_end": now + _length(price),
        }
        subscription = self.add(
            "subscription",
            "sub",
            customer=customer,
            status="active",
            cancel_at_period_end=False,
            cancel_at=None,
            metadata=metadata,
            items={"object": "list", "data": [item], "has_more": False, "url": "/v1/subscription_items"},
        )
        self.happened("customer.subscription.created", subscription)
        self.happened("invoice.paid", self._period_invoice(subscription, "subscription_create"))
        return subscription

    def _next_period(self, subscription: Thing) -> None:
        item = subscription["items"]["data"][0]
        item["current_period_start"] = item["current_period_end"]
        item["current_period_end"] += _length(item["price"])

    def _period_invoice(self, subscription: Thing, reason: str, *, paid: bool = True) -> Thing:
        price = subscription["items"]["data"][0]["price"]
        line = self._line(subscription, price, price["unit_amount"])
        charge = self.charge(subscription["customer"], price["unit_amount"])[1] if paid else None
        return self._invoice(subscription["customer"], reason, [line], charge, subscription)

    def _line(self, subscription: Thing, price: Thing, amount: int, *, proration: bool = False) -> Thing:
        item = subscription["items"]["data"][0]
        details = {
            "subscription_item": item["id"],
            "subscription": subscription["id"],
            "proration": proration,
        }
        return {
            "id": f"il_{next(self._numbers):06d}",
            "object": "line_item",
            "amount": amount,
            "currency": "usd",
            "quantity": 1,
            "period": {"start": item["current_period_start"], "end": item["current_period_end"]},
            "parent": {"type": "subscription_item_details", "subscription_item_details": details},
            "pricing": {
                "type": "price_details",
                "price_details": {"price": price["id"], "product": price["product"]},
            },
        }

    def _invoice(
        self,
        customer: str,
        reason: str,
        lines: list[Thing],
        charge: Thing | None,
        subscription: Thing | None = None,
    ) -> Thing:
        parent = None
        if subscription is not None:
            details = {"subscription": subscription["id"], "metadata": subscription["metadata"]}
            parent = {"type": "subscription_details", "subscription_details": details}
        invoice = self.add(
            "invoice",
            "in",
            customer=customer,
            status="paid" if charge else "open",
            billing_reason=reason,
            currency="usd",
            total=charge["amount"] if charge else sum(line["amount"] for line in lines),
            number=f"F-{next(self._numbers)}",
            hosted_invoice_url="https://invoice.example/i",
            parent=parent,
        )
        # Pages of the list are served by the server, as by Stripe.
        invoice["lines"] = {
            "object": "list",
            "data": lines,
            "has_more": False,
            "url": f"/v1/invoices/{invoice['id']}/lines",
        }
        if charge is not None:
            self._paid(invoice, charge)
        return invoice

    def _paid(self, invoice: Thing, charge: Thing) -> None:
        invoice["status"] = "paid"
        payment = {"type": "payment_intent", "payment_intent": charge["payment_intent"], "charge": None}
        self.add("invoice_payment", "inpay", invoice=invoice["id"], payment=payment, status="paid")

    def charge(self, customer: str, amount: int, metadata: Thing | None = None) -> tuple[Thing, Thing]:
        facts: Thing = {"customer": customer, "amount": amount, "currency": "usd"}
        intent = self.add("payment_intent", "pi", status="succeeded", metadata=metadata or {}, **facts)
        charge = self.add(
            "charge", "ch", payment_intent=intent["id"], amount_refunded=0, disputed=False, **facts
        )
        intent["latest_charge"] = charge["id"]
        return intent, charge

    def _amount(self, session: Thing) -> int:
        return sum(item["price"]["unit_amount"] for item in session["_items"])


def _length(price: Thing) -> int:
    return YEAR if (price.get("recurring") or {}).get("interval") == "year" else MONTH


def shown(thing: Thing) -> Thing:
    """Return the object without what only the fake knows."""
    return {key: value for key, value in thing.items() if not key.startswith("_")}
