"""Masks that are pictures: the page makes of them what the server makes, wherever they stand."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Page

from tests.editor.driving import digest, open_document, replayed, saved, wait_for
from tests.editor.generating import pictures
from tests.editor.page_server import PageServer
from tests.editor.pngs import png_of
from tests.examples import few_of

PLACES = [(0, 0), (-37, 201), (255, -256), (512, 90), (-400, -400)]


@pytest.mark.parametrize("place", few_of(PLACES, {(-37, 201)}))
def test_a_mask_from_a_picture_is_the_same_on_the_page_and_on_the_server(
    page: Page, server: PageServer, place: tuple[int, int]
) -> None:
    random = np.random.default_rng(11)
    pixels, mask, other = (random.integers(0, 256, (301, 277, 4), np.uint8) for _ in range(3))
    mask[..., 3] = np.where(mask[..., 3] < 120, 0, mask[..., 3])
    asset, of_layer, of_base = (server.documents.keep(png_of(each)) for each in (pixels, mask, other))
    name = server.documents.new(width=700, height=500, rgba=0xFF808080)
    open_document(page, server, name)
    x, y = place
    at = {"x": x, "y": y}
    done = page.evaluate(
        """([layer, base]) => editor.doAll([['layer.add', layer], ['layer.mask', base]])""",
        [
            {"layer": "new", "name": "New", "above": "base", "asset": asset, "mask": of_layer, **at},
            {"layer": "base", "from": "asset", "asset": of_base, **at},
        ],
    )
    assert done
    wait_for(lambda: len(server.path(name)) == 3, "both operations")
    operations = saved(page, server, name)
    assert digest(page) == replayed(server, operations, pictures(server))
    shown = digest(page)
    page.reload()
    wait_for(lambda: page.locator("[data-editor]").get_attribute("data-state") == "ready", "the page")
    assert digest(page) == shown
