"""What is done at Stripe in tests only, over its API: clocks, test cards, subscriptions and refunds by hand."""

from __future__ import annotations

from typing import Any

from stripe import params

from tests.fakes.stripe.world import Missing, Thing, World, shown

# Stripe's own names for payment methods of tests, and what becomes of a payment with them.
CARDS = {"pm_card_visa": "", "pm_card_chargeCustomerFail": "declines", "pm_card_createDispute": "disputes"}


class CardDeclined(Exception):
    """The bank said no."""


def _make_clock(world: World, params: dict[str, Any]) -> Thing:
    clock = world.add(
        "test_helpers.test_clock", "clock", status="ready", frozen_time=int(params["frozen_time"])
    )
    return shown(clock)


def _clock(world: World, _wish: dict[str, Any], clock_id: str) -> Thing:
    return shown(world.get(clock_id, "test_helpers.test_clock"))


def _advance(world: World, params: dict[str, Any], clock_id: str) -> Thing:
    """Renew what comes to its period's end until then; a cancelled one ends, a bad card leaves it unpaid."""
    clock = world.get(clock_id, "test_helpers.test_clock")
    clock["frozen_time"] = int(params["frozen_time"])
    for customer in world.all("customer", test_clock=clock_id):
        for subscription in world.all("subscription", customer=customer["id"], status="active"):
            if subscription["items"]["data"][0]["current_period_end"] > clock["frozen_time"]:
                continue
            if subscription["cancel_at_period_end"]:
                world.end(subscription["id"])
            elif _behaviour(world, customer) == "declines":
                world.fail_renewal(subscription["id"])
            else:
                world.renew(subscription["id"])
    return shown(clock)


def _delete_clock(world: World, _wish: dict[str, Any], clock_id: str) -> Thing:
    del world.things[world.get(clock_id, "test_helpers.test_clock")["id"]]
    return {"id": clock_id, "object": "test_helpers.test_clock", "deleted": True}


def _attach(world: World, params: dict[str, Any], card: str) -> Thing:
    if card not in CARDS:
        raise Missing(card)
    world.get(params["customer"], "customer")
    facts = {"brand": "visa", "last4": "4242"}
    made = world.add("payment_method", "pm", customer=params["customer"], card=facts, _behaves=CARDS[card])
    return shown(made)


def _change_customer(world: World, params: dict[str, Any], customer_id: str) -> Thing:
    customer = world.get(customer_id, "customer")
    customer.update(params)
    return shown(customer)


def _delete_customer(world: World, _wish: dict[str, Any], customer_id: str) -> Thing:
    world.delete_customer(customer_id)
    return shown(world.get(customer_id))


def _subscribe(world: World, params: dict[str, Any]) -> Thing:
    customer = world.get(params["customer"], "customer")
    if _behaviour(world, customer) == "declines":
        raise CardDeclined
    price = world.get(params["items"][0]["price"], "price")
    return shown(world.subscribe(customer["id"], price, params.get("metadata", {})))


def _change_subscription(world: World, params: dict[str, Any], subscription_id: str) -> Thing:
    if "items" in params:
        item = world.get(subscription_id, "subscription")["items"]["data"][0]
        assert params["items"][0]["id"] == item["id"]
        world.switch(subscription_id, params["items"][0]["price"])
    if "cancel_at_period_end" in params:
        world.cancel_at_period_end(subscription_id, wanted=params["cancel_at_period_end"] == "true")
    return shown(world.get(subscription_id, "subscription"))


def _end_subscription(world: World, _wish: dict[str, Any], subscription_id: str) -> Thing:
    if world.get(subscription_id, "subscription")["status"] == "canceled":
        raise Missing(subscription_id)  # so does Stripe
    world.end(subscription_id)
    return shown(world.get(subscription_id, "subscription"))


def _pay_intent(world: World, params: dict[str, Any]) -> Thing:
    behaviour = CARDS[params["payment_method"]]
    if behaviour == "declines":
        raise CardDeclined
    intent, charge = world.charge(params["customer"], int(params["amount"]), params.get("metadata"))
    if behaviour == "disputes":
        world.dispute(charge["id"])
    return shown(intent)


def _refund(world: World, params: dict[str, Any]) -> Thing:
    world.get(params["payment_intent"], "payment_intent", "payment_intent")
    charge = world.all("charge", payment_intent=params["payment_intent"])[0]
    amount = int(params["amount"]) if "amount" in params else None
    return shown(world.refund(charge["id"], amount, metadata=params.get("metadata")))


def _pay_invoice(world: World, params: dict[str, Any], invoice_id: str) -> Thing:
    if world.get(params["payment_method"], "payment_method")["_behaves"] == "declines":
        raise CardDeclined
    return shown(world.mend(invoice_id))


def _answer_dispute(world: World, params: dict[str, Any], dispute_id: str) -> Thing:
    evidence = params["evidence"]["uncategorized_text"]
    world.decide(dispute_id, {"winning_evidence": "won", "losing_evidence": "lost"}[evidence])
    return shown(world.get(dispute_id, "dispute"))


def _expire_session(world: World, _wish: dict[str, Any], session_id: str) -> Thing:
    world.leave(session_id)
    return shown(world.get(session_id))


def _behaviour(world: World, customer: Thing) -> str:
    default = customer.get("invoice_settings", {}).get("default_payment_method", "")
    return str(world.get(default)["_behaves"]) if default else "declines"


_CLOCKS = r"/v1/test_helpers/test_clocks"
ROUTES: list[tuple[str, str, type | None, Any]] = [
    ("post", _CLOCKS, params.test_helpers.TestClockCreateParams, _make_clock),
    ("get", rf"{_CLOCKS}/(\w+)", params.test_helpers.TestClockRetrieveParams, _clock),
    ("post", rf"{_CLOCKS}/(\w+)/advance", params.test_helpers.TestClockAdvanceParams, _advance),
    ("delete", rf"{_CLOCKS}/(\w+)", params.test_helpers.TestClockDeleteParams, _delete_clock),
    ("post", r"/v1/payment_methods/(\w+)/attach", params.PaymentMethodAttachParams, _attach),
    ("post", r"/v1/customers/(\w+)", params.CustomerUpdateParams, _change_customer),
    ("delete", r"/v1/customers/(\w+)", params.CustomerDeleteParams, _delete_customer),
    ("post", r"/v1/subscriptions", params.SubscriptionCreateParams, _subscribe),
    ("post", r"/v1/subscriptions/(\w+)", params.SubscriptionUpdateParams, _change_subscription),
    ("delete", r"/v1/subscriptions/(\w+)", params.SubscriptionCancelParams, _end_subscription),
    ("post", r"/v1/payment_intents", params.PaymentIntentCreateParams, _pay_intent),
    ("post", r"/v1/refunds", params.RefundCreateParams, _refund),
    ("post", r"/v1/invoices/(\w+)/pay", params.InvoicePayParams, _pay_invoice),
    ("post", r"/v1/disputes/(\w+)", params.DisputeUpdateParams, _answer_dispute),
    ("post", r"/v1/checkout/sessions/(\w+)/expire", params.checkout.SessionExpireParams, _expire_session),
]
