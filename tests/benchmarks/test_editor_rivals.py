"""The editor beside a Konva canvas in the same Chromium: brush, undo, long work, memory. Printed, never asserted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from tests.benchmarks import npm
from tests.benchmarks.bare_browser import BareBrowser
from tests.benchmarks.editor_tables import held_by, p50, p95, show, spread
from tests.benchmarks.test_editor import SIDE, STROKE, opened
from tests.editor.page_server import PageServer
from tests.editor.pngs import photograph, png_of

pytestmark = pytest.mark.long
RIVAL = Path(__file__).with_name("editor-konva.js").read_text()
WAYS = {"lines": "Konva, a line that grows", "painted": "Konva, painted into a picture"}
EVENTS = 60
MANY = 400  # strokes that are there before another one
# Short strokes of radius 80, beside each other, each of which is on the canvas before the next one begins.
EARLIER = """async (strokes) => {
  const { link } = editor;
  const body = { layer: editor.layer, target: 'pixels', tool: 'brush', radius: 80 * 16, hardness: 200, opacity: 230,
    flow: 32767, spacing: 26, flags: 0, rgb: 0x3366cc };
  for (let i = 0; i < strokes; i++) {
    link.tell('stroke.begin', { body });
    for (let k = 0; k < 20; k++) {
      const [x, y] = [1400 + ((i * 37) % 1200) + 5 * k, 1650 + ((i * 53) % 800)];
      link.tell('stroke.add', { samples: Int32Array.from([16 * x, 16 * y, 255]) });
    }
    link.tell('stroke.end');
    await link.ask('drawn');
  }
}"""


@pytest.fixture
def server() -> Iterator[PageServer]:
    running = PageServer()
    yield running
    running.close()


@pytest.fixture(scope="module")
def konva() -> str:
    """Konva's script; without it nothing is measured."""
    try:
        return npm.konva()
    except npm.Missing as missing:
        pytest.skip(str(missing))


def stroke(page: Page, radius: int, events: int = EVENTS) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(STROKE, [radius, events])
    return found


def row(name: str, other: dict[str, float], ours: list[float]) -> tuple[str, str, str]:
    """Return how a rival did, and what part of its time ours took."""
    ratio = f"ours {p50(ours) / other['p50']:.2f} of it at p50, {p95(ours) / other['p95']:.2f} at p95"
    return name, f"p50 {other['p50']:.1f}, p95 {other['p95']:.1f}, max {other['max']:.1f} ms", ratio


def test_a_brush_and_its_undo_beside_konva(page: Page, server: PageServer, konva: str) -> None:
    opened(page, server, layers=2)
    page.evaluate("editor.choose('top-0')")
    page.keyboard.press("Control+1")
    page.evaluate(konva)
    page.evaluate(RIVAL)
    rows = []
    for radius in (30, 150, 400):
        ours = stroke(page, radius)
        walks = [each["seen"] for each in ours["walks"]]
        rows.append((f"ours, event to pixels, radius {radius}", spread(ours["times"]), ""))
        rows.append(("  an undo or redo", spread(walks), ""))
        for way, name in WAYS.items():
            other = page.evaluate(
                "([way, radius, events]) => konvas[way](radius, events)", [way, radius, EVENTS]
            )
            rows.append(row(f"  {name}", other["times"], ours["times"]))
            rows.append(row("    its undo", other["walks"], walks))
            if other["begin"]:
                rows.append(("    before each stroke, for it", f"{other['begin']:.0f} ms", ""))
    show(
        "A brush on 4096², three layers; Konva without pressure, a worker, a log or blending of its own", rows
    )


def test_a_brush_after_many_strokes_beside_konva(page: Page, server: PageServer, konva: str) -> None:
    opened(page, server, layers=2)
    page.evaluate("editor.choose('top-0')")
    page.keyboard.press("Control+1")
    page.evaluate(konva)
    page.evaluate(RIVAL)
    fresh = p50(stroke(page, 150)["times"])
    page.evaluate(EARLIER, MANY)
    later = p50(stroke(page, 150)["times"])
    rows = [("ours", f"{fresh:.1f}, then {later:.1f} ms at p50", f"{later / fresh:.1f} times as long")]
    first, then = [page.evaluate("(n) => konvas.lines(150, 40, n)", n)["times"]["p50"] for n in (0, MANY)]
    rows.append(
        (WAYS["lines"], f"{first:.1f}, then {then:.1f} ms at p50", f"{then / first:.1f} times as long")
    )
    show(f"An event of a brush of radius 150, and after {MANY} strokes", rows)


def test_memory_of_ten_full_layers_beside_konva(tmp_path: Path, server: PageServer, konva: str) -> None:
    photo = np.tile(photograph(SIDE // 4, SIDE // 4), (4, 4, 1))
    name = server.documents.new(png=png_of(photo))
    with BareBrowser(tmp_path / "ours") as browser:
        browser.open_document(server.address(name))
        for number in range(9):
            sha256 = server.documents.keep(png_of(np.roll(photo, 37 * (number + 1), axis=1)))
            body = {"layer": f"full-{number}", "name": "Full", "group": None, "above": "base"}
            browser.run("(body) => editor.do('layer.add', body)", {**body, "asset": sha256})
        browser.run("() => { editor.commands['zoom.full'](); editor.choose('full-3'); }")
        browser.run(STROKE, [150, EVENTS])
        ours = taken(browser)
    with BareBrowser(tmp_path / "konva") as browser:
        browser.open("about:blank")
        browser.load(konva)
        browser.load(RIVAL)
        browser.run("() => konvas.full(10)")
        other = taken(browser)
    rows = [
        (
            f"{kind}: Konva",
            f"{other[kind] / 1e6:.0f} MB",
            f"ours {ours[kind] / 1e6:.0f}, {ours[kind] / other[kind]:.2f} of it",
        )
        for kind in ours
    ]
    show("Ten full layers of 4096² and a stroke; Konva holds nothing that an undo could bring back", rows)


def taken(browser: BareBrowser) -> dict[str, int]:
    """Return the memory of the process that draws the page, and of the whole browser."""
    return {
        "the renderer": max(held_by(process) for process in browser.processes("renderer")),
        "the browser": sum(held_by(process) for process in browser.processes()),
    }
