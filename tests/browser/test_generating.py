"""A fill in the editor, on the whole site: ordered by the calls that the page makes, drawn by the bundled model."""

from __future__ import annotations

import io
import json
import time
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import APIResponse, Page

from image2.lib.ids import new_id
from tests.services.site import Site

from .people import sign_up

SECONDS = 300
MARKED = (120, 60, 220, 150)


class Caller:
    """Calls the server as the editor's page does, with the page's cookies and token."""

    def __init__(self, page: Page, site: Site, document: str) -> None:
        self._page, self._site = page, site
        self._token = page.locator("[data-editor]").get_attribute("data-token") or ""
        self.document = document

    def get(self, path: str) -> Any:
        return self._content(self._page.request.get(self._site.url + path), 200)

    def file(self, path: str) -> np.typing.NDArray[np.uint8]:
        answer = self._page.request.get(self._site.url + path)
        assert answer.status == 200, (path, answer.status)
        return np.array(Image.open(io.BytesIO(answer.body())).convert("RGBA"))

    def post(self, path: str, content: dict[str, Any], status: int = 200) -> Any:
        headers = {"X-CSRFToken": self._token, "Content-Type": "application/json", "Referer": self._site.url}
        answer = self._page.request.post(self._site.url + path, data=json.dumps(content), headers=headers)
        return self._content(answer, status)

    def head(self) -> str:
        return str(self.get(f"{self.document}log")["head"])

    def do(self, *operations: dict[str, Any]) -> str:
        """Do operations after the head, in one call; return the last one's id."""
        head = self.head()
        sent: list[dict[str, Any]] = []
        for each in operations:
            parent = sent[-1]["id"] if sent else head
            sent.append({"id": str(new_id()), "parent": parent, "engine": "k1", "blob": "", **each})
        self.post(
            f"{self.document}operations",
            {"expected": head, "head": sent[-1]["id"], "operations": sent},
        )
        return str(sent[-1]["id"])

    def wait_for(self, path: str, *states: str) -> Any:
        until = time.monotonic() + SECONDS
        while (found := self.get(path))["state"] not in states:
            assert time.monotonic() < until, found
            time.sleep(0.5)
        return found

    def exported(self) -> np.typing.NDArray[np.uint8]:
        made = self.post(f"{self.document}export", {"operation": self.head(), "format": "png"}, 202)
        made = self.wait_for(made["run"], "done", "failed")
        assert made["state"] == "done", made
        return self.file(made["download"])

    def _content(self, answer: APIResponse, status: int) -> Any:
        assert answer.status == status, (answer.url, answer.status, answer.text()[:400])
        return answer.json()


def a_picture() -> bytes:
    """Hills under a sky, with noise: something that no codec gives back as it was."""
    picture = Image.new("RGB", (320, 200), (150, 200, 235))
    ImageDraw.Draw(picture).ellipse((-60, 120, 380, 420), fill=(70, 140, 60))
    noise = np.random.default_rng(5).integers(-9, 10, (200, 320, 3))
    png = io.BytesIO()
    Image.fromarray((np.array(picture) + noise).clip(0, 255).astype(np.uint8)).save(png, "PNG")
    return png.getvalue()


@pytest.mark.long
def test_a_fill_is_ordered_drawn_used_and_exported(site: Site, page: Page) -> None:
    site.wait_until_ready()
    sign_up(page, site)
    page.goto(site.url + "/editor/new/")
    token = page.locator("input[name=csrfmiddlewaretoken]").first.get_attribute("value") or ""
    opened = page.request.post(
        site.url + "/editor/new/",
        multipart={
            "csrfmiddlewaretoken": token,
            "file": {"name": "hills.png", "mimeType": "image/png", "buffer": a_picture()},
        },
        headers={"Accept": "application/json", "Referer": site.url},
    )
    assert opened.status == 200, opened.text()[:400]
    document = opened.json()["document"]
    page.goto(site.url + document)
    caller = Caller(page, site, document)
    before = caller.exported()
    x0, y0, x1, y1 = MARKED
    rectangle = {"shape": "rectangle", "x0": x0, "y0": y0, "x1": x1, "y1": y1, "feather": 3}
    operation = caller.do({"kind": "select", "body": rectangle})

    offered = caller.get(f"{document}generate")
    assert "fill" in [tool["tool"] for tool in offered["tools"]]
    about = {"tool": "fill", "operation": operation, "variants": 2, "marked": list(MARKED)}
    quote = caller.post(f"{document}generate/quote", about)
    assert (quote["price"], quote["sentence"]) == (2, "")
    sent = {**about, "id": str(new_id()), "words": "a red house", "price": quote["price"]}
    order = caller.post(f"{document}generate/orders", sent, 202)
    assert caller.post(f"{document}generate/orders", sent, 202)["id"] == order["id"]
    order = caller.wait_for(order["url"], "done", "failed", "cancelled")

    assert (order["state"], order["charged"], len(order["results"])) == ("done", 2, 2), order
    assert caller.get(f"{document}generate")["credits"] == offered["credits"] - 2
    used = caller.post(order["results"][0]["use"], {"operation": operation})
    (layer,) = used["operations"]
    caller.do({"kind": layer["kind"], "body": {**layer["body"], "layer": "filled", "above": "base"}})

    after = caller.exported()
    changed = (after != before).any(axis=2)
    # A feather of 3 reaches some 9 pixels beyond the rectangle.
    inside = np.zeros(changed.shape, bool)
    inside[y0 - 10 : y1 + 10, x0 - 10 : x1 + 10] = True
    assert changed[y0 + 20 : y1 - 20, x0 + 20 : x1 - 20].any()
    assert not changed[~inside].any()
    # Of its own copy: the picture can go.
    caller.post(order["results"][0]["remove"], {})
    assert np.array_equal(caller.exported(), after)
