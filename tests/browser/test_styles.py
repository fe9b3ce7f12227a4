"""The row of styles in a browser: by keyboard, on a phone, and kept by the settings of the picture that it made."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from generation.requests.sizes import SHAPES
from tests.generation.engine.tiny import flux2_klein, loras
from tests.services.browser import Pages
from tests.services.site import Site

from .people import sign_up

GENERATE = re.compile("^Generate")
LORA = """
[adapters.{key}]
name = "{name}"
file = "{file}"
sha256 = "{digest}"
licence = "MIT"
commercial_use = true
models = ["flux2-klein-4b", "bundled"]
weight = {weight}
"""


@pytest.mark.long
def test_a_style_is_chosen_by_keyboard_on_a_phone_and_kept_by_the_same_settings(
    site: Site, new_page: Pages
) -> None:
    page: Page = new_page(viewport={"width": 390, "height": 844})
    sign_up(page, site)
    row = page.get_by_role("group", name="Style")
    row.get_by_role("radio", name="None").focus()
    for _press in range(3):
        page.keyboard.press("ArrowRight")
    chosen = row.get_by_role("radio", name="Starry night")
    expect(chosen).to_be_checked()
    expect(chosen).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
        "only the row scrolls sideways"
    )
    page.get_by_role("textbox", name="Describe the picture").fill("a yellow house on green hills")
    page.get_by_role("button", name=GENERATE).click()
    tile = page.locator("#feed .picture-tile")
    expect(tile).to_have_count(1, timeout=180_000)
    expect(row.get_by_role("radio", name="Starry night")).to_be_checked()
    tile.get_by_role("link").first.click()
    expect(page.locator("#prompt")).to_have_text("a yellow house on green hills")
    page.get_by_role("link", name="Run again").click()
    expect(page.get_by_role("group", name="Style").get_by_role("radio", name="Starry night")).to_be_checked()


@pytest.mark.long
def test_the_row_follows_the_model_and_a_draft_brings_both_back(
    start_site: Callable[..., Site], tmp_path: Path, page: Page
) -> None:
    (tmp_path / "klein").mkdir()
    sizes = "\n".join(f'"{shape}" = [64, 64]' for shape in SHAPES)
    (tmp_path / "catalogue.toml").write_text(
        f'[models.flux2-klein-4b]\nenabled = true\nlabel = "Klein"\nsource = "{flux2_klein.save(tmp_path / "klein")}"\n'
        f"[models.flux2-klein-4b.base_sizes]\n{sizes}\n"
        + lora(tmp_path, "Sketch", weight=0.8)
        + lora(tmp_path, "Ink", weight=1.0)
    )
    site = start_site(IMAGE2_CATALOGUE=str(tmp_path / "catalogue.toml"))
    site.wait_until_ready()
    sign_up(page, site)
    row = page.get_by_role("group", name="Style")
    row.get_by_role("radio", name="Rain", exact=True).check()
    choose(page, "Klein")
    expect(row.get_by_text("This style doesn't work with this model.")).to_be_visible()
    expect(row.get_by_role("radio", name="None")).to_be_checked()
    row.get_by_role("radio", name="Watercolour").check()
    loras = page.get_by_role("group", name="LoRA")
    weight = page.get_by_role("spinbutton", name="Weight")
    expect(weight).to_have_attribute("placeholder", "usual")
    loras.get_by_role("radio", name="Sketch").check()
    expect(weight).to_have_attribute("placeholder", "0.8")
    expect(weight).to_have_value("")
    loras.get_by_role("radio", name="Ink").check()
    expect(weight).to_have_attribute("placeholder", "1")
    weight.fill("0.5")
    page.get_by_role("textbox", name="Describe the picture").fill("a harbour")
    page.wait_for_timeout(1000)  # drafts are written after a pause
    page.reload()
    expect(page.get_by_role("textbox", name="Describe the picture")).to_have_value("a harbour")
    expect(page.get_by_role("radiogroup", name="Model").get_by_role("radio", name="Klein")).to_be_checked()
    expect(row.get_by_role("radio", name="Watercolour")).to_be_checked()
    expect(loras.get_by_role("radio", name="Ink")).to_be_checked()
    expect(weight).to_have_value("0.5")


def lora(folder: Path, name: str, *, weight: float) -> str:
    """An entry with its file, as a LoRA whose file no worker has isn't offered."""
    file = loras.save(folder / f"{name}.safetensors", loras.halves({"layer": (8, 8)}))
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return LORA.format(key=name.lower(), name=name, file=file, digest=digest, weight=weight)


def choose(page: Page, model: str) -> None:
    page.get_by_text("All 2 models").click()
    page.get_by_role("radio", name=model).click()
