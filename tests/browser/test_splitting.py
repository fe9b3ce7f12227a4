"""A picture that somebody brought is split into layers by a model that can, from the button on, on the real site."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from generation.requests.sizes import SHAPES
from tests.editor.driving import digest, wait_for
from tests.services.site import Site

from .people import sign_up
from .test_editor import WORK_MS, a_png, is_open, is_saved
from .test_generating_page import credits_of

pytestmark = pytest.mark.long

LAYERS = 3


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    from tests.generation.engine.tiny import qwen_image  # brings torch along

    return qwen_image.save_layered(tmp_path / "layered")


@pytest.fixture
def its_site(start_site: Callable[..., Site], weights: Path, tmp_path: Path) -> Site:
    """A site whose operator has switched on Qwen-Image-Layered, with random weights that draw quickly."""
    sizes = "\n".join(f'"{shape}" = [64, 48]' for shape in SHAPES)
    file = tmp_path / "catalogue.toml"
    file.write_text(
        f'[models.qwen-image-layered]\nenabled = true\nsource = "{weights}"\nvariant = ""\nbase_price = 1\n'
        f"memory_mb = 50\nmin_steps = 2\ndefault_steps = 2\n[models.qwen-image-layered.base_sizes]\n{sizes}\n"
    )
    return start_site(IMAGE2_CATALOGUE=str(file))


def opened(page: Page, site: Site, folder: Path) -> None:
    sent = folder / "noise.png"
    sent.write_bytes(a_png())
    page.goto(site.url + "/editor/new/")
    page.locator("input[name=file]").set_input_files(sent)
    page.get_by_role("button", name="Open this file").click()
    page.wait_for_url(re.compile(r"/editor/[0-9a-f-]{36}/"))
    is_open(page)


def ready(page: Page) -> Locator:
    """Choose the tool and the number of layers; return the button once it says the price."""
    page.locator("[data-part=stage]").focus()
    page.keyboard.press("Shift+D")
    panel = page.locator("tool-options")
    panel.get_by_role("radio", name=str(LAYERS), exact=True).check(force=True)
    button = panel.locator("[data-part=order]")
    expect(button).to_have_attribute("aria-disabled", "false", timeout=WORK_MS)
    expect(button).to_have_text(re.compile(rf"^Split · at most {LAYERS} layers · \d+ credits?$"))
    return button


def test_a_picture_is_split_into_as_many_layers_for_what_the_button_said(
    its_site: Site, weights: Path, page: Page, tmp_path: Path
) -> None:
    its_site.wait_until_ready()
    sign_up(page, its_site)
    opened(page, its_site, tmp_path)
    expect(page.get_by_role("button", name=re.compile("^Split into layers"))).to_be_visible()
    before, had = digest(page), credits_of(page)
    button = ready(page)
    label = re.search(r"(\d+) credits?$", button.inner_text())
    assert label
    button.click()
    card = page.get_by_role("region", name="Results").locator(".result-card").first
    expect(card.locator("[data-result]")).to_have_count(LAYERS, timeout=WORK_MS)
    assert had - credits_of(page) == int(label.group(1))
    assert digest(page) == before

    card.locator("[data-result]").first.click()
    page.get_by_role("button", name="Use all layers").click()
    expect(page.locator("layer-list .layer")).to_have_count(2 + LAYERS)
    base, group = page.evaluate(
        "editor.state.layers.map(({ id, name, group, children: { length } }) => ({ id, name, group, of: length }))"
    )
    assert (base["id"], base["group"]) == ("base", False)
    assert (group["name"], group["group"], group["of"]) == ("Layers", True, LAYERS)
    is_saved(page)
    assert digest(page) != before
    page.locator("[data-part=stage]").focus()
    page.keyboard.press("Control+z")
    wait_for(lambda: page.evaluate("editor.state.layers.length") == 1, "one press is one step")
    assert digest(page) == before

    # What fails costs nothing, and says so.
    left = credits_of(page)
    for file in weights.rglob("*.safetensors"):
        file.write_bytes(b"damaged")
    its_site.kill("gpu")
    ready(page).click()
    expect(page.get_by_text("You were not charged.").first).to_be_visible(timeout=2 * WORK_MS)
    assert credits_of(page) == left
    assert digest(page) == before
