from playwright.sync_api import Page, expect
from tests.editor.driving import *
from tests.editor.page_server import PageServer
def test_walk(page: Page, server: PageServer) -> None:
    page.on("console", lambda m: print("CONSOLE", m.text))
    page.on("pageerror", lambda m: print("ERR", m))
    name = server.documents.new(width=700, height=400)
    open_document(page, server, name)
    page.keyboard.press("t")
    x,y = place(page, 60, 150); page.mouse.click(x, y)
    area = page.locator(".editor-words"); expect(area).to_be_focused()
    page.keyboard.type("Hello נמל शांति"); page.wait_for_timeout(3000); page.screenshot(path="/tmp/walk1.png")
    page.keyboard.press("Escape"); expect(area).to_have_count(0)
    ops = saved(page, server, name); print(ops[-1]["body"])
    print(digest(page) == replayed(server, ops)); page.wait_for_timeout(300)
    page.screenshot(path="/tmp/walk2.png")
    assert digest(page) == replayed(server, ops)
