"""A plan whose payment failed: every page says so and leads to mending it; once paid it is gone; others pay nothing."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from billing import ledger
from billing.models import Customer, Subscription
from billing.summary import summarize
from tests import factories
from tests.billing.stripe_fixtures import buy, deliver
from tests.fakes.stripe import FakeStripe

pytestmark = pytest.mark.django_db

SAID = "The last payment for your plan failed"
PAGES = (
    "/",
    "/create/",
    "/history/",
    "/credits/",
    "/pricing/",
    "/billing/",
    "/account/",
    "/support/",
    "/privacy/",
)


@pytest.fixture
def subscription(alice: User, stripe_fake: FakeStripe) -> str:
    """Alice has bought a plan; returns the subscription at Stripe."""
    buy(alice, stripe_fake, "starter_monthly")
    deliver(stripe_fake)
    return str(stripe_fake.world.all("subscription")[0]["id"])


def test_every_page_says_it_once_and_leads_to_the_payment(
    hers: Client, stripe_fake: FakeStripe, subscription: str
) -> None:
    for page in PAGES:
        assert SAID not in hers.get(page).text
    stripe_fake.world.fail_renewal(subscription)
    deliver(stripe_fake)
    for page in PAGES:
        shown = hers.get(page).text
        assert shown.count(SAID) == 1, page
        assert "Your plan stays active while Stripe retries the payment" in shown
    leads_to_billing = r'<a class="button button-small" href="/billing/">\s*Update payment method'
    assert re.search(leads_to_billing, hers.get("/create/").text)
    assert hers.get("/billing/").text.count('action="/billing/portal/"') == 2  # beside the banner, and below
    assert "/portal/" in hers.post("/billing/portal/")["Location"]


def test_it_is_gone_at_once_when_it_is_paid(hers: Client, stripe_fake: FakeStripe, subscription: str) -> None:
    stripe_fake.world.fail_renewal(subscription)
    deliver(stripe_fake)
    assert SAID in hers.get("/history/").text
    stripe_fake.world.renew(subscription)
    deliver(stripe_fake)
    assert SAID not in hers.get("/history/").text


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("past_due", "Your plan stays active"),
        ("unpaid", "Your plan is paused until payment succeeds"),
        ("active", ""),
        ("canceled", ""),
        ("incomplete", ""),
    ],
)
def test_it_says_how_the_plan_stands(alice: User, hers: Client, status: str, said: str) -> None:
    ledger.grant(user=alice, amount=5, source="plan", source_ref="p")
    customer = Customer.objects.create(user=alice, stripe_id="cus_1")
    Subscription.objects.create(
        customer=customer, stripe_id="s", lookup_key="pro_monthly", status=status, asked_at=timezone.now()
    )
    shown = hers.get("/history/").text
    assert (SAID in shown) == bool(said)
    assert said in shown


def test_nobody_else_sees_it(bob: User, stripe_fake: FakeStripe, subscription: str) -> None:
    stripe_fake.world.fail_renewal(subscription)
    deliver(stripe_fake)
    his = Client()
    his.force_login(factories.make_person("Erin"))
    assert SAID not in his.get("/history/").text
    assert SAID not in Client().get("/").text
    assert summarize(bob).unpaid == ""


def test_credits_and_the_state_of_the_plan_cost_one_query(alice: User) -> None:
    ledger.grant(user=alice, amount=30, source="pack", source_ref="p")
    ledger.grant(user=alice, amount=9, source="promo", source_ref="q", expires_at=timezone.now())
    with CaptureQueriesContext(
        connection,
    ) as asked:
        seen = summarize(alice)
    assert len(asked) == 1
    assert (seen.available, seen.unpaid) == (30, "")
    assert seen.available == ledger.balance(alice).available


def test_a_page_asks_about_subscriptions_only_together_with_the_credits(alice: User, hers: Client) -> None:
    hers.get("/privacy/")
    with CaptureQueriesContext(connection) as asked:
        hers.get("/privacy/")
    about = [query["sql"] for query in asked if "billing_" in query["sql"]]
    assert len(about) == 1
