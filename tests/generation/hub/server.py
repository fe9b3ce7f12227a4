"""A real HTTP server with the endpoints of the hub that a pull uses, and with connections that break."""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

_INFO = re.compile(r"/api/models/(?P<repo>[^/]+/[^/]+)/revision/(?P<revision>[^/?]+)")
_FILE = re.compile(r"/(?P<repo>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<name>.+)")
_CHUNK = 64 * 1024


@dataclass
class Hub:
    """The repository that it serves, and what goes wrong."""

    repo: str
    commit: str
    files: dict[str, bytes]
    # The commit that it answers with: another one than was asked for is a revision that moved.
    answers: str = ""
    # Bytes after which a download's connection is cut, one for each connection.
    cuts: list[int] = field(default_factory=list)
    slow_seconds: float = 0
    ignores_ranges: bool = False
    damaged: str = ""
    address: str = ""
    # (name, first byte) of every download.
    downloads: list[tuple[str, int]] = field(default_factory=list)

    def info(self) -> dict[str, Any]:
        return {
            "id": self.repo,
            "modelId": self.repo,
            "sha": self.answers or self.commit,
            "cardData": {"license": "apache-2.0"},
            "siblings": [_sibling(name, data) for name, data in self.files.items()],
        }


def _sibling(name: str, data: bytes) -> dict[str, Any]:
    git = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
    facts: dict[str, Any] = {"rfilename": name, "size": len(data), "blobId": git}
    if name.endswith(".safetensors"):  # what git keeps is a pointer
        sha = hashlib.sha256(data).hexdigest()
        facts |= {"blobId": "0" * 40, "lfs": {"sha256": sha, "size": len(data), "pointerSize": 130}}
    return facts


def files_of(folder: Path) -> dict[str, bytes]:
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


@contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if match := _INFO.match(self.path):
                self._info(match)
            elif match := _FILE.fullmatch(self.path.partition("?")[0]):
                self._file(match["name"])
            else:
                self._answer(404, b"{}", {})

        def _info(self, match: re.Match[str]) -> None:
            if match["repo"] != hub.repo:
                self._answer(404, b"{}", {"X-Error-Code": "RepoNotFound"})
            elif match["revision"] != hub.commit:
                self._answer(404, b"{}", {"X-Error-Code": "RevisionNotFound"})
            else:
                self._answer(200, json.dumps(hub.info()).encode(), {"Content-Type": "application/json"})

        def _file(self, name: str) -> None:
            data = hub.files[name]
            if name == hub.damaged:
                data = bytes([data[0]]) + bytes(len(data) - 1)
            first = 0
            if (asked := self.headers.get("Range")) and not hub.ignores_ranges:
                first = int(asked.removeprefix("bytes=").partition("-")[0])
            hub.downloads.append((name, first))
            self.send_response(206 if first else 200)
            self.send_header("Content-Length", str(len(data) - first))
            if first:
                self.send_header("Content-Range", f"bytes {first}-{len(data) - 1}/{len(data)}")
            self.end_headers()
            is_large = name.endswith(".safetensors")
            self._body(data[first:], hub.cuts.pop(0) if hub.cuts and is_large else len(data))

        def _body(self, data: bytes, cut: int) -> None:
            for start in range(0, min(cut, len(data)), _CHUNK):
                self.wfile.write(data[start : min(start + _CHUNK, cut)])
                self.wfile.flush()
                time.sleep(hub.slow_seconds)
            if cut < len(data):
                self.close_connection = True

        def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the base class's name)
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    hub.address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
