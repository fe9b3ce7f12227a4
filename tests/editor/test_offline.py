"""Without a connection, and with the same document in two tabs: nothing is lost, and all ends equal."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from editor.views.answers import MOST_BODY
from tests.editor.driving import digest, drag, open_document, replayed, saved, wait_for
from tests.editor.page_server import PageServer
from tests.services.browser import Pages

KEPT = """async () => {
  if (!await caches.has('image2-editor-pages')) return false;
  return Boolean(await (await caches.open('image2-editor-pages')).match(location.pathname));
}"""
# As many small operations as a person may do on a train: `n` fills of a selection that moves on.
WORK = """async (n) => {
  const layer = editor.state.layers[0].id;
  for (let i = 0; i < n / 2; i++) {
    const box = { x0: i * 7, y0: i * 5, x1: i * 7 + 30, y1: i * 5 + 20 };
    await editor.link.ask('do', { kind: 'select', body: { shape: 'rectangle', how: 'replace', ...box } });
    const rgba = (0xff000000 | (i * 0x0a0b0c)) >>> 0;
    await editor.link.ask('do', { kind: 'fill', body: { layer, rgba, opacity: 255, mode: 'normal' } });
  }
}"""


@pytest.fixture(autouse=True)
def no_answer_is_no_error(new_page: Pages) -> None:
    new_page.expect_error("net::ERR_EMPTY_RESPONSE")


def kept_for_offline(page: Page) -> None:
    wait_for(lambda: page.evaluate(KEPT), "the page in the service worker's cache")


@pytest.mark.long
def test_50_operations_offline_a_reload_offline_and_online_again(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    kept_for_offline(page)
    server.documents.gone = True
    page.evaluate(WORK, 50)
    expect(page.locator("[data-part=saved]")).to_have_text("Only on this device")
    before = digest(page)
    page.reload()
    expect(page.locator("[data-editor]")).to_have_attribute("data-state", "ready")
    assert digest(page) == before, "after a reload offline"
    drag(page, (20, 250), (380, 250))
    before = digest(page)
    assert len(server.documents.documents[name]["log"]) == 1

    server.documents.gone = False
    page.evaluate("editor.link.tell('sync')")
    operations = saved(page, server, name)
    assert len(operations) == 52
    assert digest(page) == before == replayed(server, operations)


def test_somebody_else_at_this_browser_finds_no_page_of_the_first(
    page: Page, server: PageServer, new_page: Pages
) -> None:
    name = server.documents.new(width=200, height=100)
    open_document(page, server, name)
    kept_for_offline(page)
    assert page.evaluate("localStorage.getItem('image2-editor-account')") == "alice"
    server.handler.account = "bob"
    other = server.documents.new(width=200, height=100)
    open_document(page, server, other)
    kept_for_offline(page)
    paths = page.evaluate(
        "async () => (await (await caches.open('image2-editor-pages')).keys()).map(({url}) => new URL(url).pathname)"
    )
    assert paths == [urlsplit(server.address(other)).path]


@pytest.mark.long
def test_the_program_that_is_kept_is_all_that_the_page_loads(page: Page, server: PageServer) -> None:
    """Every script, style and file that was asked for is one that the service worker keeps."""
    asked: set[str] = set()
    page.context.on("request", lambda request: asked.add(urlsplit(request.url).path))
    name = server.documents.new(width=200, height=100)
    open_document(page, server, name)
    kept_for_offline(page)
    kept = page.evaluate(
        """async () => {
          const name = (await caches.keys()).find((each) => each.startsWith('image2-editor-program-'));
          return (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname);
        }"""
    )
    static = {path for path in asked if path.startswith("/static/")}
    assert len(static) > 30
    assert static <= set(kept)
    folder = Path(__file__).parents[2] / "static" / "editor"
    own = {f"/static/editor/{file.relative_to(folder).as_posix()}" for file in folder.rglob("*.js")}
    assert own - set(kept) == {"/static/editor/sw.js"}


@pytest.mark.long
def test_what_is_done_in_one_tab_is_seen_in_the_other_and_sent_once(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    other = page.context.new_page()
    open_document(other, server, name)
    expect(other.locator(".toast")).to_contain_text("open in another tab")

    drag(page, (50, 50), (350, 50))
    wait_for(lambda: digest(other) == digest(page), "the stroke in the other tab")
    drag(other, (50, 250), (350, 250))
    wait_for(lambda: digest(other) == digest(page), "the answer in the first")
    both = digest(page)
    page.keyboard.press("Control+z")
    wait_for(lambda: digest(other) == digest(page) != both, "undo in both")
    other.keyboard.press("Control+Shift+z")
    wait_for(lambda: digest(other) == digest(page) == both, "redo in both")
    operations = saved(page, server, name)
    saved(other, server, name)
    assert [operation["kind"] for operation in operations] == ["open", "stroke", "stroke"]
    assert len(server.documents.documents[name]["log"]) == 3
    assert replayed(server, operations) == both


DRAW = """async ([n, colour]) => {
      const layer = editor.state.layers[0].id;
      for (let i = 0; i < n; i++) {
        const rgba = (0x80000000 | (colour + i)) >>> 0;
        await editor.link.ask('do', { kind: 'fill', body: { layer, rgba, opacity: 255, mode: 'normal' } });
        await new Promise((resolve) => setTimeout(resolve, (i * 7) % 40));
      }
    }"""


@pytest.mark.long
@pytest.mark.parametrize("place", ["tab", "device"])
def test_two_places_that_draw_at_once_lose_nothing_and_end_equal(
    page: Page, server: PageServer, new_page: Pages, place: str
) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    other = page.context.new_page() if place == "tab" else new_page(viewport={"width": 1000, "height": 700})
    open_document(other, server, name)
    page.evaluate(f"globalThis.drawn = ({DRAW})([200, 0x100000])")
    other.evaluate(DRAW, [200, 0x2000])
    page.evaluate("globalThis.drawn")
    for each in (page, other, page):
        each.evaluate("editor.link.ask('settled')")
    # A device that has nothing to send hears of the other one when it is opened again.
    for each in (page, other) if place == "device" else ():
        each.reload()
        expect(each.locator("[data-editor]")).to_have_attribute("data-state", "ready", timeout=15_000)
    wait_for(lambda: digest(other) == digest(page), "both are equal")
    operations = saved(page, server, name)
    done = {operation["body"]["rgba"] for operation in operations if operation["kind"] == "fill"}
    assert len(done) == 400, "every fill of both is on the way to the head"
    assert replayed(server, operations) == digest(page)


@pytest.mark.long
def test_a_queue_of_large_masks_goes_through(page: Page, server: PageServer) -> None:
    """Outlines of as many points as one may have, drawn without a connection: more than one call takes."""
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    server.documents.broken = True
    page.evaluate(
        """async (n) => {
          for (let i = 0; i < n; i++) {
            const points = new Int32Array(40000);
            for (let k = 0; k < 20000; k++) {
              const turn = (k / 20000) * 2 * Math.PI;
              const far = 1600 + 300 * Math.sin(turn * 7 + i);
              points[2 * k] = Math.round(3200 + far * Math.cos(turn));
              points[2 * k + 1] = Math.round(2400 + far * Math.sin(turn));
            }
            const body = { shape: 'outline', how: 'replace' };
            await editor.link.ask('do', { kind: 'select', body, blob: new Uint8Array(points.buffer) });
          }
        }""",
        20,
    )
    expect(page.locator("[data-part=saved]")).to_have_text("Only on this device")
    server.documents.broken = False
    server.documents.calls.clear()
    page.evaluate("editor.link.tell('sync')")
    operations = saved(page, server, name)
    assert len(operations) == 21
    assert len(server.documents.calls) > 2
    assert max(server.documents.calls) < MOST_BODY
    assert digest(page) == replayed(server, operations)


@pytest.mark.long
def test_a_tab_goes_on_sending_when_the_one_that_sent_is_closed(page: Page, server: PageServer) -> None:
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    other = page.context.new_page()
    open_document(other, server, name)
    page.close()
    drag(other, (50, 50), (350, 50))
    assert [operation["kind"] for operation in saved(other, server, name)] == ["open", "stroke"]


@pytest.mark.long
def test_a_long_absence_is_read_to_its_end(page: Page, server: PageServer, new_page: Pages) -> None:
    """What came meanwhile fits in no single answer: the page reads on, and puts its own work on top."""
    server.documents.page = 20
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    other = new_page(viewport={"width": 1000, "height": 700})
    open_document(other, server, name)
    other.evaluate(WORK, 130)
    saved(other, server, name)
    drag(page, (50, 250), (350, 250))
    operations = saved(page, server, name)
    assert len(operations) == 132
    assert operations[-1]["kind"] == "stroke"
    assert digest(page) == replayed(server, operations)
