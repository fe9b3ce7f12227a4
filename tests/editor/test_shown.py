"""What is on the canvas after strokes, undo and redo is what the document looks like when it is opened anew."""

from __future__ import annotations

import numpy as np
from playwright.sync_api import Page

from tests.editor.driving import digest, open_document, replayed, saved, shot
from tests.editor.page_server import PageServer
from tests.editor.pngs import photograph, png_of

LAYER = "(layer) => editor.do('layer.add', { layer, name: layer, group: null, above: 'base' })"
FILL = "(body) => editor.do('fill', body)"
# Strokes with a large brush over half-transparent tiles, more tiles than are held at once; then back and forth.
DRAWN = """async ([radius, tools]) => {
  const { link } = editor;
  for (const [number, tool] of tools.entries()) {
    const body = { layer: 'top', target: 'pixels', tool, radius: radius * 16, hardness: 180, opacity: 200, flow: 20000,
      spacing: 40, flags: 0, rgb: 0x3366cc + 5000 * number };
    link.tell('stroke.begin', { body: tool === 'erase' ? { ...body, rgb: undefined } : body });
    for (let i = 0; i < 14; i++) {
      const samples = Int32Array.from([16 * (100 + 110 * i), 16 * (200 + 90 * number + 60 * (i % 5)), 255]);
      link.tell('stroke.add', { samples });
      await link.ask('drawn');
    }
    link.tell('stroke.end');
  }
  for (const way of ['undo', 'undo', 'redo', 'undo', 'redo', 'redo', 'undo']) await link.ask(way);
  await link.ask('drawn');
}"""


def test_strokes_undo_and_redo_leave_on_the_canvas_what_the_document_is(
    page: Page, server: PageServer
) -> None:
    photo = photograph(1700, 1100)
    name = server.documents.new(png=png_of(photo))
    open_document(page, server, name)
    page.evaluate(LAYER, "top")
    page.evaluate(FILL, {"layer": "top", "rgba": 0x60FF8040, "opacity": 255, "mode": "normal"})
    page.evaluate(LAYER.replace("above: 'base'", "above: 'top'"), "over")
    page.evaluate(FILL, {"layer": "over", "rgba": 0x30204080, "opacity": 255, "mode": "multiply"})
    page.keyboard.press("Control+1")

    page.evaluate(DRAWN, [150, ["brush", "erase", "brush"]])
    seen = shot(page)

    operations = saved(page, server, name)
    sha256 = next(iter(server.documents.assets))
    alpha = np.full((1100, 1700, 1), 255, np.uint8)
    assert digest(page) == replayed(server, operations, {sha256: np.concatenate([photo, alpha], axis=2)})
    place = page.evaluate("editor.view.values")
    open_document(page, server, name)
    page.keyboard.press("Control+1")
    assert page.evaluate("editor.view.values") == place
    page.evaluate("editor.link.ask('drawn')")
    assert shot(page) == seen
