"""Buying, as a person does it: a pack and a plan at Stripe's pages, credits after its message, cancelling."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.fakes.stripe import FakeStripe
from tests.fakes.stripe.server import KEY
from tests.services import processes
from tests.services.site import Site

from .people import sign_up

pytestmark = pytest.mark.long


@pytest.fixture
def stripe_pages() -> Iterator[FakeStripe]:
    fake = FakeStripe()
    yield fake
    fake.stop()


@pytest.fixture
def shop(start_site: Callable[..., Site], stripe_pages: FakeStripe) -> Site:
    """A site that sells at the fake Stripe."""
    running = start_site(
        STRIPE_SECRET_KEY=KEY,
        STRIPE_API_BASE=stripe_pages.url,
        STRIPE_PAGES=stripe_pages.url,
        STRIPE_WEBHOOK_SECRETS=stripe_pages.world.secret,
    )
    stripe_pages.endpoint = f"{running.url}/billing/webhook/"
    running.manage("stripe", "sync", "--apply")
    running.wait_until_ready()
    return running


def test_a_person_buys_a_pack_and_a_plan_uses_them_and_cancels(shop: Site, page: Page) -> None:
    sign_up(page, shop)

    page.goto(f"{shop.url}/pricing/")
    page.get_by_role("region", name="Credits that never expire").get_by_role(
        "button", name="Buy"
    ).first.click()
    page.get_by_role("button", name="Pay").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    _wait_for_balance(page, shop, "600")

    page.goto(f"{shop.url}/pricing/")
    page.get_by_role("article", name="Starter").get_by_role("button", name="Subscribe monthly").click()
    page.get_by_role("button", name="Pay").click()
    _wait_for_balance(page, shop, "1,200")

    page.goto(f"{shop.url}/create/")
    page.get_by_role("textbox", name=re.compile("Describe|Prompt")).fill("a red sailboat")
    page.get_by_role("button", name=re.compile("^Generate")).click()
    expect(page.locator("job-card, a[href*='/pictures/']").first).to_be_visible()
    page.goto(f"{shop.url}/credits/")
    expect(page.get_by_role("link", name="a red sailboat").first).to_be_visible()

    page.goto(f"{shop.url}/billing/")
    expect(page.get_by_role("heading", name="Plan: Starter")).to_be_visible()
    page.get_by_role("button", name="Manage plan").click()
    page.get_by_role("button", name="Cancel plan").click()
    expect(page.get_by_role("heading", name="Plan and billing")).to_be_visible()
    processes.wait_until(lambda: _shows(page, f"{shop.url}/billing/", "Ends on"), "the cancelled plan", 60)
    assert "adds up" in shop.manage("ledger")


def _wait_for_balance(page: Page, shop: Site, balance: str) -> None:
    processes.wait_until(lambda: _shows(page, f"{shop.url}/credits/", balance), f"{balance} credits", 60)


def _shows(page: Page, url: str, words: str) -> bool:
    page.goto(url)
    return words in page.locator("main").inner_text()
