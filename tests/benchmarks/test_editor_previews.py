"""What is seen while a hand moves, on 4096²: mesh, free transform, perspective, liquify, and the slider of sharpening.

Each beside a plain script over the pixels that the window shows, in the same Chromium: printed, never asserted.
``python -m pytest tests/benchmarks/test_editor_previews.py -s -m long``
"""

from __future__ import annotations

import time
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.benchmarks.editor_tables import p50, show, spread
from tests.benchmarks.repeats import repeats
from tests.benchmarks.test_editor import opened, server
from tests.editor.page_server import PageServer

__all__ = ["server"]
pytestmark = pytest.mark.long
SIDE = 4096
FRAMES = 24
ONE = 1 << 24

# Each value waits until it is on the canvas, as a hand's next move comes after what it sees.
MOVED = """async ([message, values]) => {
  const { link } = editor;
  const times = [];
  for (const each of values) {
    const began = performance.now();
    link.tell(message, each);
    await link.ask('drawn');
    times.push(performance.now() - began);
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
  link.tell('preview.drop');
  await link.ask('drawn');
  return { first: times[0], times: times.slice(1) };
}"""
# Twice over the window's pixels, as who takes each from elsewhere has to go at the least.
PLAIN = """() => {
  const { width, height } = editor.view;
  const from = new Uint32Array(width * height).fill(7);
  const to = new Uint32Array(from.length);
  const times = [];
  for (let run = 0; run < 9; run++) {
    const began = performance.now();
    for (let i = 0; i < to.length; i++) to[i] = from[(i * 7) % from.length];
    times.push(performance.now() - began);
  }
  return times;
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
LIQUIFY = """async (events) => {
  const { link } = editor;
  const { pack } = await import('/static/editor/worker/strokes.js');
  const { x, y } = editor.view.toPicture(editor.view.width / 4, editor.view.height / 2);
  const body = { layer: 'base', how: 'push', radius: 2400, strength: 255 };
  const samples = [];
  const times = [];
  await link.ask('load', { operation: { kind: 'retouch.liquify', body } });
  for (let i = 0; i < events; i++) {
    samples.push(Math.round((x + 16 * i) * 16), Math.round(y * 16), 255);
    const began = performance.now();
    link.tell('draft', { operation: { kind: 'retouch.liquify', body, blob: pack(Int32Array.from(samples)) } });
    await link.ask('drawn');
    times.push(performance.now() - began);
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
  link.tell('preview.drop');
  await link.ask('drawn');
  return { first: times[0], times: times.slice(1) };
}"""


def test_what_is_seen_while_a_handle_moves(page: Page, server: PageServer) -> None:
    opened(page, server, layers=2)
    page.evaluate("editor.choose('base')")
    rows = []
    for view in ("Control+0", "Control+1"):
        page.keyboard.press(view)
        time.sleep(3)
        where = "whole picture seen" if view == "Control+0" else "at 100 %"
        plain = page.evaluate(PLAIN)
        rows.append((f"a plain script, {where}", spread(plain), ""))
        for name, (kind, made) in TRIED.items():
            values = [{"layer": "base", "values": {kind: made(frame)}} for frame in range(1, FRAMES + 1)]
            runs = [page.evaluate(MOVED, ["try", values]) for _ in range(repeats(3))]
            rows.append(row(f"{name}, {where}", runs, plain))
        runs = [page.evaluate(LIQUIFY, FRAMES) for _ in range(repeats(3))]
        rows.append(row(f"liquify, {where}", runs, plain))
    show("What is seen while a hand moves, 4096², three layers", rows)


def row(name: str, runs: list[dict[str, Any]], plain: list[float]) -> tuple[str, str, str]:
    times = [each for run in runs for each in run["times"]]
    ratio = f"{p50(times) / p50(plain):.1f} of the plain script"
    return name, spread(times), f"<= 33; {ratio}; the first {runs[0]['first']:.0f}"
