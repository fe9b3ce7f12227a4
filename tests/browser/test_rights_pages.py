"""The pages on which people use their rights: at three widths, light and dark, with names and room for a finger."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.examples import few_of
from tests.services.browser import Pages
from tests.services.site import Site

from .people import session_of

pytestmark = pytest.mark.long

PUBLIC = (
    "/support/",
    "/support/report/",
    "/privacy/",
    "/privacy/rights/",
    "/privacy/processors/",
    "/licences/",
)
OWN = (
    *("/support/", "/account/", "/account/delete/", "/account/staff-access/", "/accounts/sessions/"),
    *("/privacy/usage/", "/privacy/export/", "/privacy/restriction/", "/pictures/taken-down/"),
)
STAFF = ("/admin/privacy/ticket/", "/admin/generation/takedown/")
NAMELESS = """() => [...document.querySelectorAll('button, a[href], input:not([type=hidden]), select, textarea')]
    .filter(one => one.checkVisibility() && !(one.getAttribute('aria-label') || one.labels?.length
        || one.textContent.trim() || one.value && one.type === 'submit' || one.querySelector('[aria-label], img[alt]')
        || one.closest('[aria-labelledby]')))
    .map(one => one.outerHTML.slice(0, 120))"""
SMALL = """() => [...document.querySelectorAll('main button, main select, main .input, main .button')]
    .filter(one => one.checkVisibility({visibilityProperty: true, contentVisibilityAuto: true}))
    .map(one => [one, one.getBoundingClientRect()])
    .filter(([, box]) => box.width > 0 && box.height < 43.5)
    .map(([one, box]) => `${one.outerHTML.slice(0, 90)} ${box.height}`)"""
# What can be pressed and not reached by the Tab key.
OUT_OF_REACH = """() => [...document.querySelectorAll(
        'main :is(a[href], button, input:not([type=hidden]), select, textarea)')]
    .filter(one => one.checkVisibility() && !one.disabled && one.tabIndex < 0)
    .map(one => one.outerHTML.slice(0, 120))"""


def look(page: Page, address: str, width: int) -> list[str]:
    answer = page.goto(address)
    found = [] if answer and answer.ok else [f"{address}: {answer and answer.status}"]
    if page.evaluate("document.documentElement.scrollWidth") > width:
        found.append(f"{address}: wider than {width}")
    found += [f"{address}, nameless: {one}" for one in page.evaluate(NAMELESS)]
    found += [f"{address}, not by keyboard: {one}" for one in page.evaluate(OUT_OF_REACH)]
    return found


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", few_of((390, 820, 1440), (390,)))
def test_they_fit_and_everything_in_them_has_a_name(
    site: Site, new_page: Pages, width: int, theme: str
) -> None:
    found = []
    for staff, pages in ((None, PUBLIC), (False, OWN), (True, STAFF)):
        page = new_page(viewport={"width": width, "height": 900}, color_scheme=theme)
        if staff is not None:
            session_of(page, site, staff=staff)
        for path in pages:
            found += look(page, site.url + path, width)
    assert found == []


def test_on_a_phone_there_is_room_for_a_finger(site: Site, new_page: Pages) -> None:
    page = new_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    session_of(page, site)
    found = []
    for path in OWN:
        page.goto(site.url + path)
        found += [f"{path}: {one}" for one in page.evaluate(SMALL)]
    assert found == []
