"""Times in the browser's zone, a zone for mails at a press, and files that miss their place by a little."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.services.browser import Pages
from tests.services.site import Site

from .people import sign_up

pytestmark = pytest.mark.long

ZONE = "Asia/Tokyo"
DROP = """([selector, name]) => {
  const basket = new DataTransfer();
  basket.items.add(new File([new Uint8Array([1, 2, 3])], name, {type: "image/png"}));
  const place = document.querySelector(selector);
  return ["dragover", "drop"].map(type => {
    const event = new DragEvent(type, {bubbles: true, cancelable: true, dataTransfer: basket});
    place.dispatchEvent(event);
    return event.defaultPrevented;
  });
}"""


def test_a_person_far_away_reads_their_own_time_and_gets_mails_in_it_when_they_ask(
    site: Site, new_page: Pages
) -> None:
    page = new_page(timezone_id=ZONE)
    sign_up(page, site)
    page.goto(site.url + "/credits/")
    shown = page.locator("table local-time time").first
    at = datetime.fromisoformat(str(shown.get_attribute("datetime"))).astimezone(ZoneInfo(ZONE))
    expect(shown).to_have_text(f"{at.day} {at:%b %Y, %H:%M}")

    plain = new_page(java_script_enabled=False, storage_state=page.context.storage_state())
    plain.goto(site.url + "/credits/")
    expect(plain.locator("table local-time time").first).to_contain_text("(UTC)")

    page.goto(site.url + "/account/")
    field = page.get_by_label("Time zone for e-mails")
    expect(field).to_have_value("")
    page.get_by_role("button", name=f"Use this browser's: {ZONE}").click()
    expect(field).to_have_value(ZONE)
    page.get_by_role("button", name="Save profile").click()
    expect(page.get_by_role("status").filter(has_text="Your profile was saved.")).to_be_visible()
    expect(field).to_have_value(ZONE)
    expect(page.get_by_role("button", name="Use this browser's")).to_be_hidden()


def test_a_file_dropped_beside_the_composer_goes_into_it_and_elsewhere_nowhere(
    site: Site, page: Page, new_page: Pages
) -> None:
    new_page.expect_error("422")
    sign_up(page, site)
    assert page.evaluate(DROP, ["footer", "cat.png"]) == [True, True]
    expect(page.locator("#composer-reference .field-error")).to_be_visible()
    expect(page.locator("#composer[data-dropping]")).to_have_count(0)

    page.goto(site.url + "/history/")
    assert page.evaluate(DROP, ["main", "cat.png"]) == [True, True]
    assert page.url == site.url + "/history/"


def test_the_lines_of_the_credits_fit_a_phone(site: Site, new_page: Pages) -> None:
    page = new_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    address = sign_up(page, site)
    site.manage("shell", "--no-imports", "-c", _JOB.format(address=address))
    page.goto(site.url + "/credits/")
    words = page.locator("td a.link").first
    expect(words).to_be_visible()
    box = words.locator("xpath=ancestor::td").bounding_box()
    assert box is not None
    assert box["width"] > 250
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    table = page.locator(".table-scroll")
    assert table.evaluate("box => box.scrollWidth <= box.clientWidth")


_JOB = """
from accounts.models import User
from billing import ledger
from generation.jobs import submission
from tests.generation.web.makers import a_request
alice = User.objects.get(email="{address}")
ledger.grant(user=alice, amount=9, source="promo", source_ref="phone:{address}")
prompt = "seventeen penguins around an extraordinarily uncomplicated lighthouse at night, seen from far away"
submission.submit(user=alice, request=a_request(prompt=prompt), idempotency_key="phone-{address}")
"""
