"""A local server that speaks the part of OpenAI's API that a rewrite uses, well or badly."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Writer:
    """What it answers, and what it was asked: (path, key, body)."""

    text: object = "a red house on a green hill at sunset, warm light"
    status: int = 200
    # Sent as it stands in place of an answer.
    raw: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    # Seconds between two bytes.
    drips: float = 0
    asked: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    address: str = ""

    def body(self) -> bytes:
        if self.raw is not None:
            return self.raw
        message = {"role": "assistant", "content": self.text}
        return json.dumps(
            {"object": "chat.completion", "choices": [{"index": 0, "message": message}]}
        ).encode()


@contextmanager
def serving(writer: Writer) -> Iterator[Writer]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            writer.asked.append((self.path, self.headers.get("Authorization", ""), sent))
            body = writer.body()
            self.send_response(writer.status)
            for name, value in {"Content-Length": str(len(body)), **writer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                self._write(body)
            except OSError:
                self.close_connection = True  # the other side had enough

        def _write(self, body: bytes) -> None:
            if not writer.drips:
                self.wfile.write(body)
                return
            for byte in body:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(writer.drips)

        def log_message(self, *args: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    writer.address = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield writer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
