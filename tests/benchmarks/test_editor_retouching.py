"""The retouching tools on 4096², radius 150, beside the brush in the same Chromium: printed as ratios, never asserted.

``python -m pytest tests/benchmarks/test_editor_retouching.py -s -m long``
"""

from __future__ import annotations

import time
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.benchmarks.editor_tables import p50, p95, show, spread
from tests.benchmarks.test_editor import opened, server
from tests.editor.page_server import PageServer

__all__ = ["server"]
pytestmark = pytest.mark.long
EVENTS = 120
STROKE = {"radius": 150 * 16, "hardness": 200, "spacing": 26, "flags": 0}
SOURCE = {"opacity": 255, "dx": 700, "dy": -500}
TOOLS: dict[str, tuple[str | None, dict[str, Any]]] = {
    "brush": (None, {"tool": "brush", "target": "pixels", "opacity": 230, "flow": 32767, "rgb": 0x3366CC}),
    "clone": ("retouch.clone", {**SOURCE, "flow": 32767}),
    "clone of what is seen": ("retouch.clone", {**SOURCE, "flow": 32767, "all": True}),
    "dodge": ("retouch.tone", {"tool": "dodge", "range": "midtones", "exposure": 60, "flow": 32767}),
    "smudge": ("retouch.smudge", {"strength": 200}),
    "heal": ("retouch.heal", SOURCE),
    "spot heal": ("retouch.spot", {"opacity": 255}),
}

# Each event moves the pen by 16 pixels and waits until its pixels are on the canvas; then the pen is lifted.
DRAW = """async ([kind, body, events]) => {
  const { link } = editor;
  const times = [];
  link.tell('stroke.begin', { ...(kind ? { kind } : {}), body: { layer: editor.layer, ...body } });
  await link.ask('drawn');
  for (let i = 0; i < events; i++) {
    const [x, y] = [1500 + (i % 40) * 16, 2000 + Math.floor(i / 40) * 60];
    const began = performance.now();
    link.tell('stroke.add', { samples: Int32Array.from([x * 16, y * 16, 255]) });
    await link.ask('drawn');
    times.push(performance.now() - began);
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
  const began = performance.now();
  link.tell('stroke.end');
  await link.ask('drawn');
  return { times, ended: performance.now() - began };
}"""

# Liquify is shown as a draft, which does the stroke so far with each event; this is what doing 40 of them takes.
BEND = """async () => {
  const { link } = editor;
  const { pack } = await import('/static/editor/worker/strokes.js');
  const body = { layer: editor.layer, how: 'push', radius: 2400, strength: 255 };
  const samples = Array.from({ length: 40 }, (_, i) => [(1500 + i * 16) * 16, (2000 + (i % 5)) * 16, 255]).flat();
  const began = performance.now();
  await link.ask('do', { kind: 'retouch.liquify', body, blob: pack(Int32Array.from(samples)) });
  return performance.now() - began;
}"""


def test_retouching_beside_the_brush(page: Page, server: PageServer) -> None:
    opened(page, server, layers=1)
    page.evaluate("editor.choose(editor.state.layers[0].id)")
    page.keyboard.press("Control+1")
    time.sleep(2)
    found = {}
    for name, (kind, body) in TOOLS.items():
        run = [page.evaluate(DRAW, [kind, {**STROKE, **body}, EVENTS]) for _ in range(2)][
            1
        ]  # once its code is there
        found[name] = run["times"], run["ended"]
    brush, lifted = found["brush"]
    rows = []
    for name, (times, ended) in found.items():
        ratio = f"{p50(times) / p50(brush):.1f} of the brush at p50, {p95(times) / p95(brush):.1f} at p95"
        rows.append((f"event to pixels: {name}", spread(times), ratio))
        rows.append(("  the pen is lifted", f"{ended:.0f} ms", f"{ended / lifted:.1f} of the brush"))
    bent = [page.evaluate(BEND) for _ in range(3)][1:]
    rows.append(("a stroke of liquify, 640 pixels long", spread(bent), ""))
    show("Retouching on 4096², two layers, radius 150", rows)
