"""From the price to the credits: plans and packs, through the real SDK and a Stripe that speaks HTTP."""

from __future__ import annotations

import re
from html import unescape
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from billing import ledger, stripe_gateway
from billing.ledger import Balance
from billing.ledger.invariants import violations
from billing.models import Customer, Grant, Order, Subscription
from billing.plans import current, definitions
from generation.jobs import submission
from image2.lib import times
from tests.billing.stripe_fixtures import deliver
from tests.fakes.stripe import FakeStripe
from tests.fakes.stripe.world import API_VERSION
from tests.generation.web.makers import a_request

pytestmark = pytest.mark.django_db


def buy(client: Client, fake: FakeStripe, offer: str) -> str:
    """Press the button; return the session at Stripe."""
    answer = client.post(f"/billing/buy/{offer}/")
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"]).rpartition("/")[2]


def test_the_sdk_speaks_the_version_that_we_know() -> None:
    import stripe

    assert stripe.api_version == stripe_gateway.API_VERSION == API_VERSION


def test_without_keys_prices_are_shown_and_buying_says_why_not(hers: Client) -> None:
    for client in (hers, Client()):
        shown = client.get("/pricing/").content.decode()
        assert "$24" in shown
        assert "Payments are not configured." in shown
    answer = hers.post("/billing/buy/pro_monthly/")
    assert answer.status_code == 503
    assert "Nothing was bought" in answer.content.decode()
    assert hers.post("/billing/portal/").status_code == 503
    assert hers.get("/billing/").status_code == 200
    assert hers.post("/billing/webhook/", "{}", content_type="application/json").status_code == 404


def test_a_pack_is_granted_for_a_lifetime_when_stripe_says_it_is_paid(
    alice: User, hers: Client, stripe_fake: FakeStripe
) -> None:
    session = buy(hers, stripe_fake, "pack_small")
    stripe_fake.world.pay(session)
    assert hers.get("/billing/thanks/").status_code == 200
    assert ledger.balance(alice) == Balance()  # the page that thanks grants nothing
    deliver(stripe_fake)
    assert ledger.balance(alice).available == 500
    lot = Grant.objects.get()
    assert (lot.source, lot.expires_at) == ("pack", None)
    assert Order.objects.get().state == Order.State.PAID
    assert violations() == []


def test_a_plan_brings_credits_that_end_with_the_period(
    alice: User, hers: Client, stripe_fake: FakeStripe
) -> None:
    stripe_fake.world.pay(buy(hers, stripe_fake, "pro_monthly"))
    deliver(stripe_fake)
    assert ledger.balance(alice).available == 2000
    lot, subscription = Grant.objects.get(), Subscription.objects.get()
    assert lot.source == "plan"
    assert lot.expires_at == subscription.period_end
    assert current.plan_of(alice).key == "pro"
    assert current.plan_of(alice).weight == 4
    assert current.queued_jobs_of(current.plan_of(alice)) == 80


def test_a_year_brings_twelve_months_at_once(alice: User, hers: Client, stripe_fake: FakeStripe) -> None:
    stripe_fake.world.pay(buy(hers, stripe_fake, "starter_yearly"))
    deliver(stripe_fake)
    assert ledger.balance(alice).available == 12 * 600


def test_every_renewal_brings_the_credits_of_its_period(
    alice: User, hers: Client, stripe_fake: FakeStripe
) -> None:
    stripe_fake.world.pay(buy(hers, stripe_fake, "starter_monthly"))
    subscription = stripe_fake.world.all("subscription")[0]["id"]
    stripe_fake.world.renew(subscription)
    deliver(stripe_fake)
    assert sorted(Grant.objects.values_list("amount", flat=True)) == [600, 600]
    first, second = Grant.objects.order_by("pk")
    assert first.expires_at
    assert second.expires_at
    assert first.expires_at < second.expires_at


def test_a_delayed_payment_grants_when_the_money_arrives(
    alice: User, hers: Client, stripe_fake: FakeStripe
) -> None:
    session = buy(hers, stripe_fake, "pack_large")
    stripe_fake.world.pay(session, delayed=True)
    deliver(stripe_fake)
    assert ledger.balance(alice).available == 0
    stripe_fake.world.money_arrives(session)
    deliver(stripe_fake)
    assert ledger.balance(alice).available == 5000


def test_a_visit_that_nobody_paid_grants_nothing(alice: User, hers: Client, stripe_fake: FakeStripe) -> None:
    stripe_fake.world.leave(buy(hers, stripe_fake, "pack_small"))
    deliver(stripe_fake)
    assert ledger.balance(alice) == Balance()
    assert Order.objects.get().state == Order.State.ENDED


def test_a_change_of_plan_in_mid_period_prints_no_credits(
    alice: User, hers: Client, stripe_fake: FakeStripe
) -> None:
    stripe_fake.world.pay(buy(hers, stripe_fake, "starter_monthly"))
    subscription = stripe_fake.world.all("subscription")[0]["id"]
    for offer in ("pro_monthly", "starter_monthly", "pro_monthly"):
        stripe_fake.world.switch(subscription, stripe_fake.world.all("price", lookup_key=offer)[0]["id"])
    deliver(stripe_fake)
    assert ledger.balance(alice).available == 600
    assert current.plan_of(alice).key == "pro"
    stripe_fake.world.renew(subscription)
    deliver(stripe_fake)
    assert ledger.balance(alice).available == 2600


def test_somebody_with_a_plan_is_led_to_changing_it(
    alice: User, hers: Client, stripe_fake: FakeStripe
) -> None:
    stripe_fake.world.pay(buy(hers, stripe_fake, "starter_monthly"))
    deliver(stripe_fake)
    answer = hers.post("/billing/buy/pro_monthly/")
    assert "/portal/" in answer["Location"]
    flow = stripe_fake.world.all("billing_portal.session")[0]["flow_data"]
    assert flow["subscription_update"]["subscription"] == Subscription.objects.get().stripe_id
    assert stripe_fake.world.all("checkout.session") == stripe_fake.world.all(
        "checkout.session", status="complete"
    )


def test_a_person_has_one_customer_at_stripe(alice: User, hers: Client, stripe_fake: FakeStripe) -> None:
    for _visit in range(2):
        buy(hers, stripe_fake, "pack_small")
    Customer.objects.all().delete()  # as if the answer had been lost
    buy(hers, stripe_fake, "pack_small")
    assert len(stripe_fake.world.all("customer")) == 1
    assert Customer.objects.get().user == alice


def test_a_failed_renewal_keeps_the_plan_while_stripe_tries_and_says_so(
    alice: User, hers: Client, stripe_fake: FakeStripe
) -> None:
    stripe_fake.world.pay(buy(hers, stripe_fake, "starter_monthly"))
    subscription = stripe_fake.world.all("subscription")[0]["id"]
    stripe_fake.world.fail_renewal(subscription)
    deliver(stripe_fake)
    assert current.plan_of(alice).key == "starter"
    assert ledger.balance(alice).available == 600  # nothing for the period that is not paid
    assert "The last payment for your plan failed" in hers.get("/billing/").content.decode()
    stripe_fake.world.end(subscription)
    deliver(stripe_fake)
    assert current.plan_of(alice).key == "free"


def test_a_cancelled_plan_lasts_to_its_end_and_can_be_resumed(
    alice: User, hers: Client, stripe_fake: FakeStripe
) -> None:
    stripe_fake.world.pay(buy(hers, stripe_fake, "starter_monthly"))
    subscription = stripe_fake.world.all("subscription")[0]["id"]
    stripe_fake.world.cancel_at_period_end(subscription)
    deliver(stripe_fake)
    shown = hers.get("/billing/").content.decode()
    assert "Cancelled" in shown
    assert "You can resume it until then." in shown
    assert current.plan_of(alice).key == "starter"
    stripe_fake.world.cancel_at_period_end(subscription, wanted=False)
    deliver(stripe_fake)
    assert "Renews on" in hers.get("/billing/").content.decode()


def test_the_billing_page_shows_what_stripe_keeps(alice: User, hers: Client, stripe_fake: FakeStripe) -> None:
    stripe_fake.world.pay(buy(hers, stripe_fake, "starter_monthly"))
    deliver(stripe_fake)
    customer = Customer.objects.get().stripe_id
    stripe_fake.world.get(customer)["address"] = {"line1": "Main Street 1", "city": "Berlin", "country": "DE"}
    stripe_fake.world.add("payment_method", "pm", customer=customer, card={"brand": "visa", "last4": "4242"})
    shown = " ".join(hers.get("/billing/").text.split())
    for words in ("Visa •••• 4242", "Main Street 1, Berlin, DE", "$9", "https://invoice.example/i"):
        assert words in shown


def test_the_billing_page_shows_what_is_left_with_lifetime_credits_apart(
    alice: User, hers: Client, stripe_fake: FakeStripe
) -> None:
    stripe_fake.world.pay(buy(hers, stripe_fake, "starter_monthly"))
    stripe_fake.world.pay(buy(hers, stripe_fake, "pack_small"))
    deliver(stripe_fake)
    shown = " ".join(hers.get("/billing/").text.split())
    period_end = Subscription.objects.get().period_end
    assert period_end
    end = times.day(period_end)
    shown = re.sub(r"</?(local-time|time)[^>]*>", "", shown)
    assert "Plan: Starter" in shown
    assert f"Renews on {end}." in shown
    assert f'600</span> <span class="muted">until {end}' in shown
    assert '500</span> <span class="muted">never expire' in shown


def test_every_line_of_a_purchase_says_what_was_bought_and_leads_to_the_invoices(
    alice: User, hers: Client, stripe_fake: FakeStripe
) -> None:
    session = buy(hers, stripe_fake, "pack_small")
    stripe_fake.world.pay(session)
    charge = stripe_fake.world.all("charge")[0]["id"]
    stripe_fake.world.pay(buy(hers, stripe_fake, "starter_monthly"))
    stripe_fake.world.refund(charge, 500)
    stripe_fake.world.decide(stripe_fake.world.dispute(charge)["id"], "lost")
    deliver(stripe_fake)
    shown = hers.get("/credits/").text
    for words in (
        "Purchase: lifetime credits",
        "Purchase: plan",
        "Refund: lifetime credits",
        "Disputed payment: lifetime credits",
    ):
        assert f'<a class="link" href="/billing/#invoices">{words}</a>' in shown


@pytest.mark.few(1)
@pytest.mark.parametrize(
    ("offer", "weight", "waiting"), [("", 1, 20), ("pro_monthly", 4, 80), ("studio_yearly", 8, 150)]
)
def test_a_plan_gives_its_weight_and_its_room_in_the_queue_to_every_job(
    alice: User, hers: Client, stripe_fake: FakeStripe, offer: str, weight: int, waiting: int
) -> None:
    ledger.grant(user=alice, amount=1000, source="promo", source_ref="p")
    if offer:
        stripe_fake.world.pay(buy(hers, stripe_fake, offer))
        deliver(stripe_fake)
    for number in range(waiting):
        job = submission.submit(user=alice, request=a_request(), idempotency_key=f"k{number}")
    assert job.weight == weight
    with pytest.raises(submission.TooManyQueued) as many:
        submission.submit(user=alice, request=a_request(), idempotency_key="one too many")
    assert many.value.limit == waiting


def test_when_stripe_is_away_pages_stay_and_nothing_is_bought(
    alice: User, hers: Client, stripe_fake: FakeStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)  # the SDK waits between its tries
    stripe_fake.world.pay(buy(hers, stripe_fake, "pack_small"))
    deliver(stripe_fake)
    stripe_fake.fails_with = 500
    assert "Stripe doesn't answer" in unescape(hers.get("/billing/").text)
    assert "$24" in hers.get("/pricing/").content.decode()
    answer = hers.post("/billing/buy/pack_small/")
    assert answer.status_code == 503
    assert "doesn't answer" in unescape(answer.text)


def test_the_price_shown_is_the_price_at_stripe(hers: Client, stripe_fake: FakeStripe) -> None:
    stripe_fake.world.all("price", lookup_key="pro_monthly")[0]["unit_amount"] = 2950
    assert "$29.50" in hers.get("/pricing/").content.decode()


def test_syncing_shows_differences_and_changes_them_only_when_asked(stripe_fake: FakeStripe) -> None:
    output = StringIO()
    call_command("stripe", "sync", stdout=output)
    assert "every product and price" in output.getvalue()
    old = stripe_fake.world.all("price", lookup_key="pro_monthly")[0]
    old["unit_amount"] = 100
    call_command("stripe", "sync", stdout=output)
    assert "pro_monthly: 100 usd a month at Stripe, 2400 usd a month here" in output.getvalue()
    assert len(stripe_fake.world.all("price")) == len(definitions.offers())


def test_any_number_of_prices_is_found_though_stripe_takes_ten_names_at_once(stripe_fake: FakeStripe) -> None:
    asked = [f"unknown_{number}" for number in range(25)]
    asked[3], asked[24] = "pack_small", "pro_monthly"
    assert set(stripe_gateway.prices(asked)) == {"pack_small", "pro_monthly"}


def test_who_pays_an_old_price_still_gets_the_plans_credits(
    alice: User, hers: Client, stripe_fake: FakeStripe
) -> None:
    stripe_fake.world.pay(buy(hers, stripe_fake, "starter_monthly"))
    stripe_fake.world.all("price", lookup_key="starter_monthly")[0]["lookup_key"] = (
        None  # a new price has it now
    )
    deliver(stripe_fake)
    assert ledger.balance(alice).available == 600
    assert current.plan_of(alice).key == "starter"


def test_an_unknown_offer_is_not_there(hers: Client, stripe_fake: FakeStripe) -> None:
    assert hers.post("/billing/buy/gold/").status_code == 404


def test_forms_may_lead_to_stripe_and_nowhere_else(hers: Client, settings: Settings) -> None:
    policy = hers.get("/pricing/")["Content-Security-Policy"]
    form_action = next(part for part in policy.split(";") if "form-action" in part)
    assert "https://checkout.stripe.com" in form_action
    assert "stripe" not in hers.get("/credits/")["Content-Security-Policy"]


def test_syncing_without_a_key_says_so() -> None:
    with pytest.raises(CommandError, match="STRIPE_SECRET_KEY"):
        call_command("stripe", "sync")


def test_the_plan_ends_when_its_mirror_says_so(alice: User) -> None:
    assert current.plan_of(alice).key == "free"
    customer = Customer.objects.create(user=alice, stripe_id="cus_1")
    Subscription.objects.create(
        customer=customer, stripe_id="s", lookup_key="pro_monthly", status="canceled", asked_at=timezone.now()
    )
    assert current.plan_of(alice).key == "free"
