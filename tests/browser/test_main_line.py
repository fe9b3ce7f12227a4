"""The main line, as a person walks it, on the embedded default and on PostgreSQL + Redis + S3."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.examples import few_of
from tests.services.site import Site

from .people import sign_up
from .walking import GENERATE, walk_the_main_line


@pytest.mark.parametrize("any_site", few_of(["embedded", "servers"], ["embedded"]), indirect=True)
def test_a_person_signs_up_types_a_prompt_waits_and_opens_the_4k_file(any_site: Site, page: Page) -> None:
    walk_the_main_line(page, any_site)


@pytest.mark.long
def test_the_same_form_sent_by_two_clicks_is_one_job(any_site: Site, page: Page) -> None:
    any_site.wait_until_ready()
    sign_up(page, any_site)
    page.get_by_role("textbox", name=re.compile("Describe|Prompt")).fill("two red mushrooms in the forest")
    page.get_by_role("button", name=GENERATE).dblclick()
    expect(page.locator("job-card, a[href*='/pictures/']").first).to_be_visible()
    page.goto(any_site.url + "/history/")
    expect(page.locator("a[href*='/pictures/']")).to_have_count(1, timeout=60_000)
    page.wait_for_timeout(1000)
    expect(page.locator("job-card")).to_have_count(0)
