"""Chromium without what drives pages: an inspector of the network keeps answers in the renderer, 200 MB of them."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.services.browser import FLAGS, chromium_program

SIZE = {"width": 1440, "height": 900}


class BareBrowser:
    """A browser that is told what to do through a pipe, and nothing else; it has one page."""

    def __init__(self, profile: Path) -> None:
        read, self._to = os.pipe()
        self._from, write = os.pipe()
        # The browser reads from 3 and writes to 4, which may be ours: so its ends lie higher until it has begun.
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (read, write)]
        self._process = subprocess.Popen(
            [
                chromium_program(),
                *FLAGS,
                "--headless",
                "--remote-debugging-pipe",
                f"--user-data-dir={profile}",
            ],
            preexec_fn=lambda: [os.dup2(end, number) for number, end in enumerate(ends, 3)],  # noqa: PLW1509
            pass_fds=(3, 4),
            stderr=subprocess.DEVNULL,
        )
        for end in (read, write, *ends):
            os.close(end)
        self._left = b""
        self._number = 0
        self._session: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait()
        os.close(self._from)
        os.close(self._to)

    def open_document(self, address: str) -> None:
        """Open the editor's page, and wait until its document is there to be worked on."""
        self.open(address)
        while not self.run("() => document.querySelector('[data-editor]')?.dataset.state === 'ready'"):
            time.sleep(0.05)

    def open(self, address: str) -> None:
        """Open the page."""
        target = self.call("Target.createTarget", {"url": address, **SIZE})["targetId"]
        self._session = self.call("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]

    def load(self, script: str) -> None:
        """Run a script in the page."""
        self.run(f"() => {{ {script}\n }}")

    def run(self, function: str, value: Any = None) -> Any:
        """Call a function of the page, and return what it comes to."""
        asked = {
            "expression": f"({function})({json.dumps(value)})",
            "awaitPromise": True,
            "returnByValue": True,
        }
        answer = self.call("Runtime.evaluate", asked, self._session)
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def processes(self, kind: str | None = None) -> list[int]:
        """Return the browser's processes, or those of a kind: "renderer" draws pages."""
        processes = self.call("SystemInfo.getProcessInfo")["processInfo"]
        return [process["id"] for process in processes if kind in (None, process["type"])]

    def call(
        self, method: str, parameters: dict[str, Any] | None = None, session: str | None = None
    ) -> dict[str, Any]:
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters or {}}
        if session:
            message["sessionId"] = session
        self._say(json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != self._number:
            continue
        if "error" in answer:
            raise AssertionError(answer["error"])
        found: dict[str, Any] = answer["result"]
        return found

    def _say(self, message: bytes) -> None:
        while message:
            message = message[os.write(self._to, message) :]

    def _next(self) -> dict[str, Any]:
        """Return the next thing that the browser says."""
        while b"\0" not in self._left:
            more = os.read(self._from, 1 << 16)
            if not more:
                raise AssertionError("the browser has ended")
            self._left += more
        said, _, self._left = self._left.partition(b"\0")
        found: dict[str, Any] = json.loads(said)
        return found
