"""Prices, credits and billing on a phone: nothing scrolls sideways, and what leads on can be seen and pressed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.services.browser import Pages
from tests.services.site import Site

from .people import sign_up

pytestmark = pytest.mark.long

WIDTH = 390


def test_the_pages_about_money_fit_a_phone_and_show_what_to_press(site: Site, new_page: Pages) -> None:
    page = new_page(viewport={"width": WIDTH, "height": 844}, has_touch=True, is_mobile=True)
    page.goto(site.url + "/pricing/")
    _fits(page)
    for plan in page.get_by_role("region", name="Plans").get_by_role("article").all()[1:]:
        _can_be_pressed(plan.get_by_role("button", name="Subscribe monthly"))
    for pack in page.get_by_role("region", name="Credits that never expire").get_by_role("article").all():
        _can_be_pressed(pack.get_by_role("button", name="Buy"))

    sign_up(page, site)
    for path, action in (
        ("/pricing/", page.get_by_role("button", name="Subscribe monthly").first),
        ("/credits/", page.get_by_role("link", name="Get credits")),
        ("/billing/", page.get_by_role("link", name="See plans")),
        ("/billing/thanks/", page.get_by_role("link", name="Create a picture")),
    ):
        page.goto(site.url + path)
        _fits(page)
        _can_be_pressed(action)


def test_who_has_too_few_credits_is_led_to_plans_and_packs(site: Site, new_page: Pages) -> None:
    page = new_page(viewport={"width": WIDTH, "height": 844}, has_touch=True, is_mobile=True)
    address = sign_up(page, site)
    site.manage("shell", "--no-imports", "-c", _SPEND.format(address=address))
    page.goto(site.url + "/create/")
    _fits(page)
    expect(page.get_by_text("You need 1 more credit.")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Generate"))).to_be_disabled()
    _can_be_pressed(page.get_by_role("link", name="See plans"))
    page.get_by_role("link", name="Buy credits").click()
    page.wait_for_url("**/pricing/#packs")
    expect(page.get_by_role("heading", name="Credits that never expire")).to_be_in_viewport()
    expect(page.get_by_role("button", name="Buy").first).to_be_in_viewport()


_SPEND = """
from accounts.models import User
from billing import ledger
user = User.objects.get(email="{address}")
ledger.hold(user=user, amount=ledger.balance(user).available, ref="spent")
"""


def _fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH, page.url


def _can_be_pressed(action: Locator) -> None:
    """In full width on the screen, as high as a finger, and not under the bar at the foot of a phone."""
    action.scroll_into_view_if_needed()
    expect(action).to_be_visible()
    box = action.bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= WIDTH
    assert box["height"] >= 43.5
    action.click(trial=True)
