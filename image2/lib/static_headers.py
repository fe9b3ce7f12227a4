"""Headers of static files that need some of their own. WhiteNoise calls `add` once a file."""

from __future__ import annotations

from typing import Final
from wsgiref.headers import Headers

# A worker obeys the policy of its own script, not the page's: so WebAssembly may be compiled there and nowhere else.
WORKER_POLICY: Final = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"
_WORKERS: Final = "/editor/worker/"


def add(headers: Headers, _path: str, url: str) -> None:
    """Add a policy to the scripts of the editor's worker."""
    if _WORKERS in url and url.endswith(".js"):
        headers["Content-Security-Policy"] = WORKER_POLICY
