"""What a browser loads before the first stroke stays small; what is added for later tools loads with them."""

from __future__ import annotations

import gzip
from urllib.parse import urlsplit

from playwright.sync_api import Page

from tests.editor.driving import drag, open_document, saved
from tests.editor.page_server import PageServer
from tests.editor.test_static import LATER, MOST_KERNELS, MOST_SCRIPT

MOST = {".js": MOST_SCRIPT, ".wasm": MOST_KERNELS}


def test_scripts_and_kernels_before_the_first_stroke_stay_within_their_bounds(
    page: Page, server: PageServer
) -> None:
    loaded: dict[str, int] = {}

    def take(response: object) -> None:
        path = urlsplit(response.url).path  # type: ignore[attr-defined]
        kind = path[path.rfind(".") :]
        if kind in MOST and path != "/editor/sw.js":
            loaded[path] = len(gzip.compress(response.body(), 9))  # type: ignore[attr-defined]

    page.on("response", take)
    name = server.documents.new(width=400, height=300)
    open_document(page, server, name)
    page.remove_listener("response", take)  # from now on comes what nobody waits for
    drag(page, (50, 50), (350, 50))
    assert len(saved(page, server, name)) == 2

    total = {kind: sum(size for path, size in loaded.items() if path.endswith(kind)) for kind in MOST}
    print(f"\n{len(loaded)} files, gzipped: {total}")
    assert "/static/editor/worker/session.js" in loaded
    assert any(path.endswith(".wasm") for path in loaded)
    assert not {f"/static/editor/{name}" for name in LATER} & loaded.keys()
    over = {kind: size for kind, size in total.items() if size > MOST[kind]}
    assert not over, sorted(loaded.items(), key=lambda each: -each[1])[:90]
