"""A server for the editor's page alone: real template, real headers, real checks of operations, all in memory."""

from __future__ import annotations

import base64
import hashlib
import http.server
import json
import mimetypes
import queue
import sys
import threading
import uuid
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from wsgiref.headers import Headers

from csp.constants import NONCE
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.test import RequestFactory

from accounts.models import Preferences
from editor import static_kernels
from editor.fonts import catalogue
from editor.log import schema
from editor.views.fonts import addresses
from editor.views.offline import service_worker
from image2.lib import static_headers
from tests.editor.orders_server import TOOLS, Orders, frame, plain
from tests.editor.pngs import size_of

PAGE_POLICY = "; ".join(
    f"{name} {' '.join(value for value in values if value is not NONCE)}"
    for name, values in settings.CONTENT_SECURITY_POLICY["DIRECTIVES"].items()
)


class Documents:
    """Documents as docs/editor.md describes their server: a log that grows, a head that moves by compare-and-set."""

    def __init__(self) -> None:
        self.documents: dict[str, dict[str, Any]] = {}
        self.assets: dict[str, bytes] = {}
        self.refuse: str | None = None  # a kind that is refused, to see what the page makes of it
        self.most = 200_000  # operations that a document may hold
        self.checks: list[dict[str, Any]] = []  # digests that pages sent
        self.broken = False  # every call fails
        self.gone = False  # nothing answers, as without a network
        self.page = 500  # operations in one answer
        self.calls: list[int] = []  # bytes of each call that brought operations
        self.ended = False
        self.lock = threading.Lock()
        self.orders = Orders(self)

    def new(
        self, *, width: int = 800, height: int = 600, png: bytes | None = None, rgba: int = 0xFFFFFFFF
    ) -> str:
        name, body = str(uuid.uuid4()), {"layer": "base", "name": "Background"}
        if png is None:
            body |= {"width": width, "height": height, "rgba": rgba}  # type: ignore[dict-item]
        else:
            width, height = size_of(png)
            body |= {"width": width, "height": height, "asset": self.keep(png)}  # type: ignore[dict-item]
        first = {
            "id": str(uuid.uuid4()),
            "parent": None,
            "kind": "open",
            "engine": "k1",
            "body": body,
            "blob": "",
        }
        self.documents[name] = {"head": first["id"], "log": [{**first, "seq": 1}]}
        return name

    def keep(self, png: bytes) -> str:
        sha256 = hashlib.sha256(png).hexdigest()
        self.assets[sha256] = png
        return sha256

    def append(self, name: str, call: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        document = self.documents[name]
        log = document["log"]
        known = {operation["id"] for operation in log}
        if call["expected"] != document["head"] and call["head"] != document["head"]:
            seqs = {operation["id"]: operation["seq"] for operation in log}
            since = [o for o in log if o["seq"] > seqs.get(call["expected"], 0)]
            more = len(since) > self.page
            return 409, {"head": document["head"], "operations": since[: self.page], "more": more}
        fresh = [operation for operation in call["operations"] if operation["id"] not in known]
        if fresh and len(log) + len(fresh) > self.most:
            last = fresh[max(0, self.most - len(log))]["id"]
            return 422, {
                "id": last,
                "sentence": "This document is full. Flatten it into a new one.",
                "full": True,
            }
        for operation in fresh:
            try:
                schema.check(operation["kind"], operation["body"], base64.b64decode(operation["blob"]))
                if operation["kind"] == self.refuse:
                    raise schema.Refused("This step isn't allowed here.")
            except schema.Refused as refused:
                return 422, {"id": operation["id"], "sentence": refused.sentence}
        for operation in fresh:
            log.append({**operation, "seq": len(log) + 1})
        document["head"] = call["head"]
        return 200, {"head": document["head"], "seq": len(log)}


class Handler(http.server.BaseHTTPRequestHandler):
    documents: Documents
    theme: str
    account: str
    hints: bool
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or each answer waits 40 ms for an acknowledgement of its head

    def log_message(self, format: str, *_args: Any) -> None:  # noqa: A002  (the name is the library's)
        pass

    def answer(
        self, status: int, body: bytes, content_type: str, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        for key, value in {
            "Content-Type": content_type,
            "Content-Length": str(len(body)),
            **(headers or {}),
        }.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(body)

    def json(self, status: int, value: Any) -> None:
        self.answer(status, json.dumps(value).encode(), "application/json", {"Cache-Control": "no-store"})

    def hang_up(self) -> bool:
        if self.documents.gone:
            self.close_connection = True
        return self.documents.gone

    def do_GET(self) -> None:
        if self.hang_up():
            return None
        url = urlsplit(self.path)
        if url.path.startswith("/static/"):
            return self.static(url.path.removeprefix("/static/"))
        if url.path == "/editor/sw.js":
            made = service_worker(RequestFactory().get(url.path))
            own = {name: made.headers[name] for name in ("Cache-Control", "Service-Worker-Allowed")}
            return self.answer(200, made.content, made.headers["Content-Type"], own)
        if url.path == "/editor/fonts":
            return self.json(200, {**catalogue.as_json(), "addresses": addresses()})
        if url.path == "/jobs/stream/":
            return self.stream()
        if url.path in self.documents.orders.files:
            return self.answer(200, self.documents.orders.files[url.path], "image/png")
        parts = url.path.strip("/").split("/")
        if parts[0] != "editor" or len(parts) < 2 or parts[1] not in self.documents.documents:
            return self.answer(404, b"", "text/plain")
        if self.documents.broken and len(parts) > 2:
            return self.json(503, {})
        document = self.documents.documents[parts[1]]
        if len(parts) == 2:
            return self.page(parts[1])
        if parts[2] == "log":
            after = int(parse_qs(url.query).get("after", ["0"])[0])
            operations = [operation for operation in document["log"] if operation["seq"] > after]
            operations = operations[: self.documents.page]
            more = bool(operations) and operations[-1]["seq"] < len(document["log"])
            return self.json(
                200,
                {
                    "head": document["head"],
                    "seq": len(document["log"]),
                    "operations": operations,
                    "more": more,
                },
            )
        if parts[2] == "generate":
            return self.json(200, self.generated(parts[1], parts[3:]))
        if parts[2] == "versions":
            return self.json(200, {"versions": document.get("versions", [])})
        if parts[2] == "export":
            return self.json(200, {"state": "done", "document": f"/editor/{parts[3]}/"})
        if parts[2] == "asset" and parts[3] in self.documents.assets:
            return self.answer(200, self.documents.assets[parts[3]], "image/png")
        return self.answer(404, b"", "text/plain")

    def generated(self, name: str, parts: list[str]) -> dict[str, Any]:
        orders = self.documents.orders
        if not parts:
            return orders.options()
        if parts == ["orders"]:
            return {"orders": [plain(order) for order in orders.all(name)["orders"]]}
        return plain(orders.orders[parts[1]])

    def stream(self) -> None:
        """Events of jobs, until the browser goes or the server ends."""
        events: queue.Queue[dict[str, Any]] = queue.Queue()
        orders = self.documents.orders
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.close_connection = True
        orders.streams.append(events)
        try:
            self.wfile.write(b"retry: 200\n\n")
            while not self.documents.ended:
                try:
                    self.wfile.write(frame(events.get(timeout=0.5)))
                except queue.Empty:
                    self.wfile.write(b": still here\n\n")
        except OSError:
            pass  # the browser has gone
        finally:
            orders.streams.remove(events)

    def page(self, name: str) -> None:
        context = {
            "picture": self.documents.documents[name]["log"][0]["body"].get("asset", ""),
            "kernels": json.dumps(static_kernels.addresses()),
            "document": {"pk": name, "title": "Harbour at dawn", "get_absolute_url": f"/editor/{name}/"},
            "user": {"pk": self.account},
            "frame": {"theme": self.theme, "account_key": self.account},
            "preferred": Preferences(hints=self.hints),
            "csrf_token": "token",
            "generative": {tool["tool"] for tool in TOOLS},
        }
        html = render_to_string("editor/document.html", context)
        self.answer(200, html.encode(), "text/html; charset=utf-8", {"Content-Security-Policy": PAGE_POLICY})

    def static(self, name: str) -> None:
        found = finders.find(name)
        if not found:
            return self.answer(404, b"", "text/plain")
        headers = Headers()
        static_headers.add(headers, found, f"/static/{name}")
        kind = "text/javascript" if name.endswith(".js") else mimetypes.guess_type(name)[0] or "text/plain"
        return self.answer(200, Path(found).read_bytes(), kind, dict(headers.items()))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.hang_up():
            return None
        parts = self.path.strip("/").split("/")
        if self.documents.broken:
            return self.json(503, {})
        if self.headers["X-CSRFToken"] != "token":
            return self.json(403, {})
        if self.path == "/editor/hints":
            type(self).hints = parse_qs(body.decode()).get("hints") == ["on"]
            return self.answer(204, b"", "text/plain")
        if parts[2] == "operations":
            with self.documents.lock:
                self.documents.calls.append(len(body))
                return self.json(*self.documents.append(parts[1], json.loads(body)))
        if parts[2] == "generate":
            return self.generate(parts[1], parts[3:], json.loads(body))
        if parts[2] == "versions":
            document = self.documents.documents[parts[1]]
            document.setdefault("versions", []).insert(0, {**json.loads(body), "created_at": ""})
            return self.json(200, {"versions": document["versions"]})
        if parts[2] == "check":
            self.documents.checks.append(json.loads(body))
            return self.json(202, {})
        if parts[2] == "export":
            return self.json(202, {"state": "done", "picture": f"/pictures/{uuid.UUID(int=0)}/"})
        if parts[2] == "flatten":
            made = self.documents.new(width=77, height=55)
            order = {"state": "queued", "done": 0, "of": 0, "sentence": ""}
            return self.json(202, {**order, "run": f"/editor/{parts[1]}/export/{made}"})
        if parts[2] == "assets":
            head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
            [part] = BytesParser(policy=HTTP).parsebytes(head + body).iter_parts()
            png = part.get_payload(decode=True)
            assert isinstance(png, bytes)
            width, height = size_of(png)
            return self.json(200, {"sha256": self.documents.keep(png), "width": width, "height": height})
        return self.answer(404, b"", "text/plain")

    def generate(self, name: str, parts: list[str], body: dict[str, Any]) -> None:
        orders = self.documents.orders
        with self.documents.lock:
            if parts == ["quote"]:
                return self.json(*orders.quote(name, body))
            if parts == ["orders"]:
                status, answer = orders.order(name, body)
            else:
                status, answer = orders.act(name, orders.orders[parts[1]], parts[2:])
            return self.json(status, plain(answer))


class Server(http.server.ThreadingHTTPServer):
    """A browser that was killed, or has left the page, is no fault of the server's."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class PageServer:
    """The server, on a free port of loopback."""

    def __init__(self) -> None:
        self.documents = Documents()
        self.handler: type[Handler] = type(
            "OwnHandler",
            (Handler,),
            # Hints are off, so that a test that isn't about them finds nothing over the picture.
            {"documents": self.documents, "theme": "system", "account": "alice", "hints": False},
        )
        self.server = Server(("127.0.0.1", 0), self.handler)
        # How often it looks whether it shall end: half a second, as usual, would be lost by every test.
        threading.Thread(target=self.server.serve_forever, args=(0.025,), daemon=True).start()

    def address(self, name: str) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/editor/{name}/"

    def head(self, name: str) -> str:
        head: str = self.documents.documents[name]["head"]
        return head

    def path(self, name: str) -> list[dict[str, Any]]:
        """The operations that lead to the head, oldest first."""
        by_id = {operation["id"]: operation for operation in self.documents.documents[name]["log"]}
        out: list[dict[str, Any]] = []
        at: str | None = self.head(name)
        while at is not None:
            out.append(by_id[at])
            at = by_id[at]["parent"]
        return out[::-1]

    def close(self) -> None:
        self.documents.ended = True
        self.server.shutdown()
        self.server.server_close()
