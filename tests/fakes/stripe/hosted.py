"""The pages that Stripe hosts: paying at the checkout, cancelling in the portal. What happens there is delivered."""

from __future__ import annotations

import urllib.request
from html import escape

from tests.fakes.stripe.world import NotNow, Thing, World


def answer(world: World, method: str, path: str, endpoint: str) -> tuple[int, str, str]:
    """Return status, body and where to go next; deliver what happened to the site's webhook."""
    _, kind, thing_id = path.split("/", 2)
    known = len(world.events)
    if method == "get":
        return 200, _checkout(world.get(thing_id)) if kind == "pay" else _portal(world.get(thing_id)), ""
    if kind == "pay":
        try:
            world.pay(thing_id)
        except NotNow:
            return 410, _page("<p>This page has expired.</p>"), ""
        back = str(world.get(thing_id)["success_url"])
    else:
        portal = world.get(thing_id)
        for subscription in world.all("subscription", customer=portal["customer"]):
            world.cancel_at_period_end(subscription["id"])
        back = str(portal["return_url"])
    for event in world.events[known:]:
        deliver(world, event, endpoint)
    return 303, "", back


def deliver(world: World, event: Thing, endpoint: str) -> int:
    """Send one event to the site, as Stripe does."""
    body, signature = world.signed(event)
    headers = {"Stripe-Signature": signature, "Content-Type": "application/json"}
    request = urllib.request.Request(endpoint, body.encode(), headers)
    with urllib.request.urlopen(request, timeout=20) as response:
        return int(response.status)


def _checkout(session: Thing) -> str:
    amount = sum(item["price"]["unit_amount"] for item in session["_items"]) / 100
    cancel = escape(session["cancel_url"])
    return _page(
        f"<p>{amount:.2f} USD</p><form method=post><button>Pay</button></form><a href='{cancel}'>Back</a>"
    )


def _portal(portal: Thing) -> str:
    back = escape(portal["return_url"])
    return _page(f"<form method=post><button>Cancel plan</button></form><a href='{back}'>Back</a>")


def _page(body: str) -> str:
    return f"<!doctype html><title>Stripe (a fake)</title><link rel=icon href='data:,'>{body}"
