"""Two models on /create/: the operator draws an example, a person picks the model and draws, also without script."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from generation.requests.sizes import SHAPES
from tests.generation.engine.tiny import stable_diffusion
from tests.services.browser import Pages
from tests.services.site import Site

from .people import sign_up

GENERATE = re.compile("^Generate")
MODELS = """
[models.sdxl]
enabled = true
label = "Photographs"
good_at = "Photos"
source = "{folder}"
variant = ""
default_steps = 4
min_steps = 2

[models.sdxl.base_sizes]
{sizes}
"""


@pytest.fixture
def two_models(start_site: Callable[..., Site], tmp_path: Path) -> Site:
    """A site with the shipped model and an operator's own."""
    folder = tmp_path / "sdxl"
    folder.mkdir()
    sizes = "\n".join(f'"{shape}" = [64, 64]' for shape in SHAPES)
    text = MODELS.format(folder=stable_diffusion.save_stable_diffusion_xl(folder), sizes=sizes)
    (tmp_path / "catalogue.toml").write_text(text)
    return start_site(IMAGE2_CATALOGUE=str(tmp_path / "catalogue.toml"))


@pytest.mark.long
def test_a_model_is_picked_and_draws(two_models: Site, new_page: Pages, page: Page) -> None:
    site = two_models
    site.wait_until_ready()
    said = site.manage("models", "example", "sdxl")
    assert "drew “a red sailboat on a calm sea at sunset”" in said
    sign_up(page, site)

    # Closed, it is one line with the model that is chosen.
    models = page.get_by_role("radiogroup", name="Model")
    expect(models.get_by_role("radio")).to_have_count(1)
    expect(models.get_by_role("radio", name="Image 2 Poster")).to_be_checked()
    expect(models.get_by_text("Photos", exact=True)).to_be_hidden()

    # By keyboard: the button opens it, arrow keys walk through the cards, and the limits follow.
    page.get_by_text("All 2 models").focus()
    page.keyboard.press("Enter")
    expect(models.get_by_role("group", name="Photos").get_by_role("radio")).to_have_count(1)
    expect(models.get_by_role("img", name="Example: “a red sailboat")).to_have_count(2)
    for picture in models.get_by_role("img", name="Example:").all():
        assert picture.evaluate("each => each.decode().then(() => each.naturalWidth)") >= 512
    models.get_by_role("radio", name="Image 2 Poster").focus()
    page.keyboard.press("ArrowDown")
    expect(models.get_by_role("radio", name="Photographs")).to_be_checked()
    expect(models.get_by_role("radio")).to_have_count(2)
    expect(page.locator("#id_steps")).to_have_attribute("max", "60")
    expect(page.get_by_role("button", name=GENERATE)).to_contain_text("3")

    # By pointer: a card that is pressed closes it again.
    models.get_by_role("radio", name="Photographs").click()
    expect(models.get_by_role("radio")).to_have_count(1)
    page.get_by_role("textbox", name="Describe the picture").fill("a red house")
    page.get_by_role("button", name=GENERATE).click()
    tile = page.locator("#feed .picture-tile")
    expect(tile).to_have_count(1, timeout=120_000)
    # What was chosen is chosen again.
    page.reload()
    expect(models.get_by_role("radio", name="Photographs")).to_be_checked()
    a_draft_of_a_model_that_is_gone(page)
    page.locator("#feed .picture-tile a").first.click()
    expect(page.locator("body")).to_contain_text("Photographs")

    without_script(site, new_page, page)


def a_draft_of_a_model_that_is_gone(page: Page) -> None:
    box = page.get_by_role("textbox", name="Describe the picture")
    box.fill("a blue house")
    page.wait_for_timeout(1000)  # drafts are written after a pause
    assert page.evaluate("""() => {
        const key = Object.keys(localStorage).find(name => name.startsWith("draft:") && name.includes(":composer:"));
        localStorage.setItem(key, localStorage.getItem(key).replace('"model":["sdxl"]', '"model":["gone"]'));
        return localStorage.getItem(key).includes("gone");
    }""")
    page.reload()
    expect(box).to_have_value("a blue house")
    models = page.get_by_role("radiogroup", name="Model")
    expect(models.get_by_role("radio", name="Photographs")).to_be_checked()


def without_script(site: Site, new_page: Pages, page: Page) -> None:
    plain = new_page(java_script_enabled=False, viewport={"width": 390, "height": 844})
    plain.context.add_cookies(page.context.cookies())  # type: ignore[arg-type]  # what cookies() returns, add_cookies() takes
    plain.goto(site.url + "/create/")
    models = plain.get_by_role("radiogroup", name="Model")
    expect(models.get_by_role("radio")).to_have_count(1)
    plain.get_by_text("All 2 models").click()
    models.get_by_role("radio", name="Image 2 Poster").check()
    plain.get_by_text("All 2 models").click()
    expect(models.get_by_role("radio", name="Image 2 Poster")).to_be_checked()
    expect(models.get_by_role("radio")).to_have_count(1)
    plain.get_by_role("textbox", name="Describe the picture").fill("a red house")
    plain.get_by_role("button", name="Update the price").click()
    expect(models.get_by_role("radio", name="Image 2 Poster")).to_be_checked()
    plain.get_by_role("button", name=GENERATE).click()
    plain.wait_for_url("**/jobs/**")
