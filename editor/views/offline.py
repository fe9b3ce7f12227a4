"""The service worker whose reach is the editor: it opens documents without a connection."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Final

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from image2.lib.http.access import Caller, allow

SCRIPT: Final = "editor/sw.js"
# What the editor's page needs, and nothing of other pages.
_FOLDERS: Final = ("editor/", "js/", "fonts/", "icons/", "css/components/", "css/editor/")
_FILES: Final = frozenset(
    {
        *("css/site.css", "css/reset.css", "css/tokens.css", "css/base.css", "css/utilities.css"),
        "css/pages/editor.css",
    }
)
_ENDINGS: Final = (".js", ".css", ".svg", ".wasm", ".woff2")


@require_safe
@allow(Caller.ANYONE)
def service_worker(_request: HttpRequest) -> HttpResponse:
    """A hashed static file can't have this reach, and an old one must not stay.

    It is registered twice: for /editor/, and for the folder of the worker's scripts among the static files.
    """
    found = finders.find(SCRIPT)
    if not isinstance(found, str):
        raise Http404
    files = program()
    version = hashlib.sha256("\n".join(files).encode()).hexdigest()[:12]
    head = f"const FILES = {json.dumps(files)};\nconst VERSION = {json.dumps(version)};\n"
    return HttpResponse(
        head + Path(found).read_text(encoding="utf-8"),
        content_type="text/javascript; charset=utf-8",
        headers={"Cache-Control": "no-cache", "Service-Worker-Allowed": "/"},
    )


@cache
def program() -> tuple[str, ...]:
    """Return the addresses of the files that the editor is made of, as this process publishes them."""
    names = {
        f"{prefix}/{path}" if (prefix := getattr(storage, "prefix", "")) else path
        for finder in finders.get_finders()
        for path, storage in finder.list(None)
    }
    wanted = (
        name
        for name in names
        if name != SCRIPT and name.endswith(_ENDINGS) and (name in _FILES or name.startswith(_FOLDERS))
    )
    return tuple(sorted({staticfiles_storage.url(name) for name in wanted}))
