"""The editor's speed in headless Chromium: printed, never asserted. Run with -s on a quiet machine."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from tests.benchmarks.bare_browser import BareBrowser
from tests.benchmarks.editor_tables import held_by, p50, p95, show, spread
from tests.editor.page_server import PageServer
from tests.editor.pngs import photograph, png_of
from tests.services.browser import Pages

pytestmark = pytest.mark.long
SIDE = 4096
RIVALS = Path(__file__).with_name("editor-rivals.js").read_text()
ADD = "(layer) => editor.do('layer.add', { layer, name: layer, group: null, above: editor.state.layers.at(-1).id })"
EVENTS = 240
REST = 2.0  # seconds in which the new window of the browser itself comes to rest: it loads pages of its own
RUNS = 4  # of each radius
HAND = 1.0  # seconds from the press that adds an adjustment until a hand is at one of its sliders
BOUNDS = {30: "", 150: "<= 6, max <= 25", 400: "<= 12, max <= 25"}

# Each event lays some two dabs on, ten pixels apart, and waits until its pixels are on the canvas: the worker answers
# `drawn` after it has put them.
STROKE = """async ([radius, events]) => {
  const { link } = editor;
  const times = [];
  const body = { layer: editor.layer, target: 'pixels', tool: 'brush', radius: radius * 16, hardness: 200, opacity: 230,
    flow: 32767, spacing: Math.max(3, Math.round(1280 / radius)), flags: 0, rgb: 0x3366cc };
  link.tell('stroke.begin', { body });
  for (let i = 0; i < events; i++) {
    const turn = i / 20;
    const [x, y] = [2048 + Math.cos(turn) * (300 + i), 2048 + Math.sin(turn * 1.3) * (200 + i)];
    const began = performance.now();
    link.tell('stroke.add', { samples: Int32Array.from([Math.round(x * 16), Math.round(y * 16), 255]) });
    await link.ask('drawn');
    times.push(performance.now() - began);
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
  const now = () => performance.timeOrigin + performance.now();
  // How long until the canvas is right, by the worker's clock, and until the page has heard of it and shows its panels.
  const timed = async (work) => {
    const began = now();
    work();
    const drawn = await link.ask('drawn');
    return { seen: drawn - began, told: now() - began };
  };
  const press = (shiftKey) => () => {
    const key = { key: 'z', code: 'KeyZ', ctrlKey: true, shiftKey, bubbles: true, cancelable: true };
    document.body.dispatchEvent(new KeyboardEvent('keydown', key));
  };
  const rest = () => new Promise((resolve) => setTimeout(resolve, 100));
  const ended = await timed(() => link.tell('stroke.end'));
  const walks = [];
  for (let i = 0; i < 10; i++) {
    for (const redo of [false, true]) {
      await rest();
      walks.push(await timed(press(redo)));
    }
  }
  return { times, ended, walks };
}"""

# The time between frames of the page while something runs in the worker.
FRAMES = """async ([kind, body, least]) => {
  const frames = [];
  let last = performance.now();
  let going = true;
  const frame = (now) => {
    frames.push(now - last);
    last = now;
    if (going) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  const began = performance.now();
  for (let i = 0; i < least; i++) {
    await (kind ? editor.link.ask('do', { kind, body }) : new Promise((resolve) => setTimeout(resolve, 1000)));
  }
  going = false;
  return { frames: frames.slice(1), took: (performance.now() - began) / least };
}"""


@pytest.fixture
def server() -> Iterator[PageServer]:
    running = PageServer()
    yield running
    running.close()


def ready(page: Page) -> None:
    while page.evaluate("document.querySelector('[data-editor]').dataset.state") != "ready":
        time.sleep(0.01)


def opened(page: Page, server: PageServer, layers: int = 0, side: int = SIDE) -> str:
    """Open a photograph with half-transparent layers over it."""
    name = server.documents.new(png=png_of(np.tile(photograph(side // 4, side // 4), (4, 4, 1))))
    page.goto(server.address(name))
    ready(page)
    for number in range(layers):
        layer = f"top-{number}"
        page.evaluate(ADD, layer)
        half = {"layer": layer, "rgba": 0x60FF8040 + number, "opacity": 255, "mode": "normal"}
        page.evaluate("(body) => editor.do('fill', body)", half)
    return name


def test_painting_beside_canvas2d_and_plain_javascript(page: Page, server: PageServer) -> None:
    opened(page, server, layers=2)
    page.evaluate("editor.choose('top-0')")
    page.keyboard.press("Control+1")
    time.sleep(2)
    rows, walks, ends = [], [], []
    page.evaluate(RIVALS)
    for radius, bound in BOUNDS.items():
        runs: list[dict[str, Any]] = [page.evaluate(STROKE, [radius, EVENTS]) for _ in range(RUNS)]
        times = [each for run in runs for each in run["times"]]
        walks += [each for run in runs for each in run["walks"]]
        ends += [run["ended"] for run in runs]
        rows.append((f"event to pixels, radius {radius}", spread(times), bound))
        for rival in ("plainScript", "canvas2d"):
            other = page.evaluate("([name, radius]) => rivals[name](radius, 40)", [rival, radius])
            ratio = f"{p50(times) / other['p50']:.2f} of it at p50, {p95(times) / other['p95']:.2f} at p95"
            rows.append((f"  {rival}", f"p50 {other['p50']:.1f}, p95 {other['p95']:.1f} ms", f"ours {ratio}"))
    for name, found, most in (("a stroke ends", ends, 12), ("undo and redo, from the key", walks, 15)):
        rows.append((f"{name}: on the canvas", spread([each["seen"] for each in found]), f"p95 <= {most}"))
        rows.append(("  and told to the page", spread([each["told"] for each in found]), ""))
    show("Painting on 4096², three layers; a rival draws without a worker, an undo or a log", rows)


def test_frames_of_the_page_while_the_whole_picture_is_worked_on(page: Page, server: PageServer) -> None:
    opened(page, server, layers=2)
    quiet = page.evaluate(FRAMES, [None, None, 3])
    rows = [("nothing", spread(quiet["frames"]), "")]
    page.evaluate("editor.do('select', { shape: 'colour', x: 9, y: 9, tolerance: 60, soft: 20 })")
    works = {
        "a Gaussian blur of the layer, inside of the selection": (
            "filter",
            {"layer": "base", "filter": {"kind": "gaussian", "radius": 20}},
        ),
        "softening a selection (six box blurs of a mask)": ("select", {"shape": "feather", "radius": 100}),
        "flattening three layers": ("flatten", {"layer": "flat", "name": "Flat"}),
    }
    for name, (kind, body) in works.items():
        found = page.evaluate(FRAMES, [kind, body, 1])
        rows.append((name, spread(found["frames"]), f"p95 <= 25; it took {found['took']:.0f} ms"))
    show("Frames of the page, 4096²", rows)


def test_a_4k_picture_to_the_first_brush(new_page: Pages, server: PageServer) -> None:
    name = server.documents.new(png=png_of(photograph(3840, 2160)))
    times = []
    for _ in range(4):
        page = new_page(viewport={"width": 1440, "height": 900})
        time.sleep(REST)
        began = time.monotonic()
        page.goto(server.address(name))
        ready(page)
        page.evaluate(
            """() => {
              const body = { layer: editor.layer, tool: 'brush', radius: 400, hardness: 200, opacity: 255, flow: 32767,
                spacing: 26, flags: 0, rgb: 0 };
              editor.link.tell('stroke.begin', { body });
              editor.link.tell('stroke.add', { samples: Int32Array.from([9000, 9000, 255, 12000, 9000, 255]) });
              return editor.link.ask('drawn');
            }"""
        )
        times.append(1000 * (time.monotonic() - began))
        page.context.close()
    show(
        "A PNG of 3840 × 2160, opened to the first brush",
        [("each in a new browser profile", spread(times), "<= 1500")],
    )


def test_memory_with_ten_full_layers(tmp_path: Path, server: PageServer) -> None:
    photo = np.tile(photograph(SIDE // 4, SIDE // 4), (4, 4, 1))
    name = server.documents.new(png=png_of(photo))
    rows = []
    with BareBrowser(tmp_path) as browser:
        browser.open_document(server.address(name))
        for number in range(9):
            sha256 = server.documents.keep(png_of(np.roll(photo, 37 * (number + 1), axis=1)))
            body = {
                "layer": f"full-{number}",
                "name": "Full",
                "group": None,
                "above": "base",
                "asset": sha256,
            }
            browser.run("(body) => editor.do('layer.add', body)", body)
        browser.run("() => { editor.commands['zoom.full'](); editor.choose('full-3'); }")
        browser.run(STROKE, [150, 60])
        for wait, when in ((0, "after a stroke"), (5, "and five seconds"), (15, "and twenty")):
            time.sleep(wait)
            held = max(held_by(process) for process in browser.processes("renderer"))
            rows.append((f"ten full layers, {when}", f"{held / 1e6:.0f} MB", "<= 800 MB"))
    show("Memory of the renderer, 4096²", rows)


def test_a_local_erase(page: Page, server: PageServer) -> None:
    opened(page, server, side=2048)
    times = []
    for number in range(4):
        x = 300 + 320 * number
        page.evaluate(
            "(body) => editor.link.ask('do', { kind: 'select', body })",
            {"shape": "rectangle", "how": "replace", "x0": x, "y0": 700, "x1": x + 150, "y1": 850},
        )
        times.append(
            page.evaluate(
                """async () => {
                  const began = performance.now();
                  await editor.link.ask('do', { kind: 'erase', body: { layer: 'base', seed: 7 } });
                  await editor.link.ask('drawn');
                  return performance.now() - began;
                }"""
            )
        )
    show("Erasing without a model", [("a hole of 150 × 150", spread(times), "<= 2000")])


# Each value of a slider waits until it is on the canvas; then the operation, until every visible tile shows it.
SLIDER = """async ([values, last]) => {
  const { link } = editor;
  const times = [];
  const layer = editor.layer;
  for (const each of values) {
    const began = performance.now();
    link.tell('try', { layer, values: each });
    await link.ask('drawn');
    times.push(performance.now() - began);
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
  const began = performance.now();
  await link.ask('do', last);
  await link.ask('drawn');
  return { first: times[0], times: times.slice(1), whole: performance.now() - began };
}"""
# The same table over the same pixels by a plain script, which has no layers, no mask and no worker.
PLAIN_TABLE = """(side) => {
  const table = Uint8Array.from({ length: 256 }, (_, v) => Math.min(255, v * 1.2));
  const pixels = new Uint8Array(4 * side * side).fill(99);
  const began = performance.now();
  for (let i = 0; i < pixels.length; i += 4) {
    pixels[i] = table[pixels[i]];
    pixels[i + 1] = table[pixels[i + 1]];
    pixels[i + 2] = table[pixels[i + 2]];
  }
  return performance.now() - began;
}"""
ADJUSTMENTS: dict[str, list[dict[str, Any]]] = {
    "brightness": [{"kind": "brightness", "brightness": v} for v in range(0, 60, 2)],
    "hue": [{"kind": "hue", "hue": v, "saturation": 20} for v in range(0, 60, 2)],
    "balance": [{"kind": "balance", "midtones_red": v} for v in range(0, 60, 2)],
    "vignette": [{"kind": "vignette", "amount": v - 90} for v in range(0, 60, 2)],
}
FILTERS: dict[str, list[dict[str, Any]]] = {
    "gaussian": [{"kind": "gaussian", "radius": v} for v in range(10, 25)],
    "sharpen": [{"kind": "sharpen", "amount": 10 * v, "radius": 3, "threshold": 2} for v in range(1, 16)],
    "sharpen, its radius": [
        {"kind": "sharpen", "amount": 100, "radius": 1 + v % 9, "threshold": 2} for v in range(15)
    ],
    "pixelate": [{"kind": "pixelate", "size": v} for v in range(20, 35)],
}


def test_a_slider_and_what_it_gives(page: Page, server: PageServer) -> None:
    opened(page, server, layers=2)
    plain = [page.evaluate(PLAIN_TABLE, SIDE) for _ in range(3)]
    rows = [("a table by a plain script, 4096²", spread(plain), "")]
    for view in ("Control+0", "Control+1"):
        page.keyboard.press(view)
        time.sleep(3)
        where = "whole picture seen" if view == "Control+0" else "at 100 %"
        for kind, values in ADJUSTMENTS.items():
            layer = f"{kind}-{view[-1]}"
            body = {"layer": layer, "name": kind, "group": None, "above": "top-1", "adjust": values[0]}
            page.evaluate("(body) => editor.do('layer.add', body)", body)
            page.evaluate("(layer) => editor.choose(layer)", layer)
            page.evaluate("editor.link.ask('drawn')")
            time.sleep(HAND)
            last = {"kind": "layer.adjust", "body": {"layer": layer, "adjust": values[-1]}}
            found = page.evaluate(SLIDER, [[{"adjust": each} for each in values], last])
            rows.append(
                (f"{kind}, {where}", spread(found["times"]), f"<= 33; the first {found['first']:.0f}")
            )
            ratio = found["whole"] / p50(plain)
            rows.append(("  let go", f"{found['whole']:.0f} ms", f"<= 1500; {ratio:.1f} of the plain script"))
            page.evaluate("(layer) => editor.do('layer.remove', { layer })", layer)
        page.evaluate("editor.choose('base')")
        for kind, values in FILTERS.items():
            last = {"kind": "filter", "body": {"layer": "base", "filter": values[-1]}}
            found = page.evaluate(SLIDER, [[{"filter": each} for each in values], last])
            rows.append(
                (f"{kind}, {where}", spread(found["times"]), f"<= 33; the first {found['first']:.0f}")
            )
            rows.append(("  applied to 4096²", f"{found['whole']:.0f} ms", "<= 1500"))
            page.evaluate("editor.link.ask('undo')")
    show("Adjustments and filters, 4096², three layers", rows)
