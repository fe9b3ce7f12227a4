"""A member of staff reads the first page and follows a number to its list, with the keyboard alone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.services.browser import Pages
from tests.services.site import Site

pytestmark = pytest.mark.long

# A job that failed today, and a session of a member of staff whose second factor was typed just now.
_SET_UP = """
import uuid
from django.test import Client
from django.utils import timezone
from tests.factories import log_in_staff, make_person
from tests.generation.web.makers import make_job
from generation.models import Job
carol = make_person("Carol", f"carol-{uuid.uuid4().hex}@example.test", is_staff=True, is_superuser=True)
make_job(carol, Job.State.FAILED, error_code="memory", finished_at=timezone.now())
print("session", log_in_staff(Client(HTTP_HOST="127.0.0.1"), carol).cookies["sessionid"].value)
"""
# What a screen reader needs, in words of WCAG: names of links, pictures and tables, one of each id, headings in order.
_FAULTS = """() => {
  const faults = []
  const name = (e) => (e.getAttribute('aria-label') || e.textContent || '').trim()
  for (const link of document.querySelectorAll('#content-main a, #content-main summary'))
    if (!name(link)) faults.push('no name: ' + link.outerHTML.slice(0, 80))
  for (const svg of document.querySelectorAll('.operator-page svg[role=img]'))
    for (const id of svg.getAttribute('aria-labelledby').split(' '))
      if (!document.getElementById(id)?.textContent.trim()) faults.push('chart without ' + id)
  for (const table of document.querySelectorAll('.operator-table table'))
    if (!table.caption?.textContent.trim()) faults.push('table without caption')
  const ids = [...document.querySelectorAll('[id]')].map(e => e.id)
  if (new Set(ids).size !== ids.length) faults.push('an id twice')
  let level = 1
  for (const heading of document.querySelectorAll('#content h1, .operator-page h2, .operator-page h3')) {
    const own = Number(heading.tagName[1])
    if (own > level + 1) faults.push('heading jumps: ' + heading.textContent)
    level = own
  }
  if (document.documentElement.scrollWidth > innerWidth) faults.push('scrolls sideways')
  return faults
}"""


def test_staff_follow_a_number_to_its_list_with_the_keyboard(site: Site, new_page: Pages) -> None:
    session = re.search(r"session (\w+)", site.manage("shell", "--no-imports", "-c", _SET_UP))
    assert session
    cookie = {"name": "sessionid", "value": session[1], "url": site.url}
    for width, scheme in ((390, "dark"), (1440, "light")):
        page = new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page.context.add_cookies([cookie])  # type: ignore[list-item]  # a literal of these three is enough
        for address, heading in (("generation/modelswitch/", "Models"), ("", "Does it work?")):
            page.goto(f"{site.url}/admin/{address}")
            expect(page.get_by_role("heading", name=heading)).to_be_visible()
            assert page.evaluate(_FAULTS) == []

    _open_table(page)
    failed = page.get_by_role("region", name="Failed in the last 24 hours")
    failed.get_by_role("row", name="Out of memory").get_by_role("link").press("Enter")
    expect(page).to_have_url(re.compile("error_code=memory"))
    expect(page.get_by_role("heading", name="Select job to view")).to_be_visible()


def _open_table(page: Page) -> None:
    """The table behind a chart opens by a key, and has each of the 28 days."""
    chart = page.get_by_role("figure").filter(has_text="Jobs submitted")
    chart.locator("summary").press("Enter")
    expect(chart.get_by_role("row")).to_have_count(29)
