"""What tests of two plans at once do: buy, pay for both in spite of every check, press the button that ends one."""

from __future__ import annotations

import re
from html import unescape

from django.test import Client

from accounts.models import User
from billing.models import Subscription
from billing.purchases import checkout
from tests.billing.stripe_fixtures import deliver
from tests.fakes.stripe import FakeStripe


def visit(user: User, offer: str = "starter_monthly") -> str:
    """Press "buy"; return the visit at Stripe."""
    return checkout.buy(user=user, lookup_key=offer).rpartition("/")[2]


def two_plans(fake: FakeStripe, user: User, *offers: str) -> list[Subscription]:
    """Let the person pay for two plans in spite of every check, as two devices at the same moment might."""
    for offer in offers or ("starter_monthly", "pro_monthly"):
        customer = checkout.customer_of(user)
        fake.world.subscribe(customer, fake.world.all("price", lookup_key=offer)[0], {"user": str(user.pk)})
    deliver(fake)
    return list(Subscription.objects.order_by("pk"))


def page(client: Client) -> str:
    return " ".join(unescape(client.get("/billing/").text).split())


def press(client: Client, plan: Subscription, token: str = "") -> str:
    """Press the plan's button as the page shows it; return what the page says then."""
    token = token or token_of(client, plan)
    answer = client.post(f"/billing/plans/{plan.pk}/end/", {"offer": token}, follow=True)
    return " ".join(unescape(answer.text).split())


def token_of(client: Client, plan: Subscription) -> str:
    form = client.get("/billing/").text.partition(f"/billing/plans/{plan.pk}/end/")[2]
    found = re.search(r'name="offer" value="([^"]+)"', form)
    assert found
    return unescape(found[1])
