"""What is seen while a hand moves, on 4096²: mesh, free transform, perspective, liquify, and the sliders of filters.

Each from its value to the pixels of all that the window shows, by the clock of the worker that draws them, beside what
a page makes of it without kernels (``editor-previews.js``) in the same Chromium, and the processor's time of that
worker, which hardly depends on what else the machine does. Printed, never asserted.
``python -m pytest tests/benchmarks/test_editor_previews.py -s -m long``
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.benchmarks.editor_tables import p50, show, spent_by_workers, spread
from tests.benchmarks.repeats import repeats
from tests.benchmarks.test_editor import opened, server
from tests.editor.page_server import PageServer

__all__ = ["server"]
pytestmark = pytest.mark.long
SIDE = 4096
FRAMES = 24
ONE = 1 << 24
PLAIN = Path(__file__).with_name("editor-previews.js").read_text()
PATIENCE = 120_000  # ms: on a busy machine the picture alone takes some

# Each value waits until it is on the canvas, as a hand's next move comes after what it sees. The worker says when.
MOVED = """async ([message, values]) => {
  const { link } = editor;
  const times = [];
  for (const each of values) {
    const began = performance.timeOrigin + performance.now();
    link.tell(message, each);
    times.push((await link.ask('drawn')) - began);
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
  link.tell('preview.drop');
  await link.ask('drawn');
  return { first: times[0], times: times.slice(1) };
}"""


def mesh(frame: int) -> dict[str, Any]:
    """Four by four parts over the picture, of which some handles move a little with each frame."""
    points = [(k * 37 + frame * 16 * (1 + k % 3)) % 2400 if k % 5 == 0 else 0 for k in range(50)]
    return {
        "x0": 0,
        "y0": 0,
        "x1": SIDE,
        "y1": SIDE,
        "columns": 4,
        "rows": 4,
        "points": points,
        "method": "bicubic",
    }


def turned(frame: int) -> dict[str, Any]:
    """Turned and made a little smaller about the corner."""
    lean = ONE * frame // 400
    matrix = [ONE + lean, lean, 0, -lean, ONE + lean, 0, 0, 0, ONE]
    return {"x0": -SIDE, "y0": -SIDE, "x1": SIDE, "y1": SIDE, "matrix": matrix, "method": "bicubic"}


def askew(frame: int) -> dict[str, Any]:
    """In perspective: one side comes nearer with each frame."""
    matrix = [ONE, 0, 0, 0, ONE, 0, frame * ONE // (40 * SIDE), 0, ONE]
    return {"x0": 0, "y0": 0, "x1": SIDE, "y1": SIDE, "matrix": matrix, "method": "bicubic"}


def sharpened(frame: int) -> dict[str, Any]:
    return {"kind": "sharpen", "amount": 10 + 10 * frame, "radius": 3, "threshold": 2}


def of_radius(frame: int) -> dict[str, Any]:
    return {"kind": "sharpen", "amount": 100, "radius": 1 + frame % 9, "threshold": 2}


def softened(frame: int) -> dict[str, Any]:
    return {"kind": "gaussian", "radius": 10 + frame % 15}


TRIED: dict[str, tuple[str, Any]] = {
    "mesh": ("mesh", mesh),
    "free transform": ("transform", turned),
    "perspective": ("transform", askew),
    "sharpening, its amount": ("filter", sharpened),
    "sharpening, its radius": ("filter", of_radius),
    "Gaussian blur": ("filter", softened),
}
# The worker shows only the last of the drafts that have come, when it gets to it: an answer to a question behind the
# draft says that it has it.
LIQUIFY = """async (events) => {
  const { link } = editor;
  const { pack } = await import('/static/editor/worker/strokes.js');
  const { x, y } = editor.view.toPicture(editor.view.width / 4, editor.view.height / 2);
  const body = { layer: 'base', how: 'push', radius: 2400, strength: 255 };
  const operation = { kind: 'retouch.liquify', body };
  const samples = [];
  const times = [];
  await link.ask('load', { operation });
  for (let i = 0; i < events; i++) {
    samples.push(Math.round((x + 16 * i) * 16), Math.round(y * 16), 255);
    const began = performance.timeOrigin + performance.now();
    const blob = pack(Int32Array.from(samples));
    link.tell('draft', { operation: { ...operation, blob } });
    await link.ask('load', { operation });
    times.push((await link.ask('drawn')) - began);
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
  link.tell('preview.drop');
  await link.ask('drawn');
  return { first: times[0], times: times.slice(1) };
}"""


def test_what_is_seen_while_a_handle_moves(page: Page, server: PageServer) -> None:
    page.set_default_timeout(PATIENCE)
    page.set_viewport_size({"width": 1440, "height": 900})
    opened(page, server, layers=2)
    page.evaluate("editor.choose('base')")
    page.evaluate(f"() => {{ {PLAIN}\n }}")
    size = page.evaluate("[editor.view.width, editor.view.height]")
    plain = page.evaluate("plainPreviews", [*size, FRAMES])
    rows = []
    for view, where in (("Control+0", "whole picture seen"), ("Control+1", "at 100 %")):
        page.keyboard.press(view)
        time.sleep(3)
        for name, (kind, made) in TRIED.items():
            values = [{"layer": "base", "values": {kind: made(frame)}} for frame in range(1, FRAMES + 1)]
            rows.append(row(page, f"{name}, {where}", MOVED, ["try", values], plain))
        rows.append(row(page, f"liquify, {where}", LIQUIFY, FRAMES, plain))
    show(f"What is seen while a hand moves, 4096², three layers, {size[0]} x {size[1]} pixels seen", rows)


def row(
    page: Page, name: str, script: str, given: object, plain: dict[str, list[float]]
) -> tuple[str, str, str]:
    """Measure a preview three times; the first value of each, for which things are made ready, stands apart."""
    begun = spent_by_workers()
    runs: list[dict[str, Any]] = [page.evaluate(script, given) for _ in range(repeats(3))]
    spent = (spent_by_workers() - begun) / (FRAMES * len(runs))
    times = [each for run in runs for each in run["times"]]
    beside = f"{p50(times) / p50(plain[name]):.2f} of a page's own {p50(plain[name]):.0f} ms"
    firsts = " ".join(f"{run['first']:.0f}" for run in runs)
    return name, spread(times), f"<= 33; {spent:.1f} ms of processor; {beside}; the first {firsts}"
