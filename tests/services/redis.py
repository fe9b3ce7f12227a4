"""A private Redis (or Valkey) at a free loopback port, with nothing on disk."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import redis

from tests.services.processes import free_port, listens, start, stop, wait_for_server


@dataclass
class Redis:
    """A running server."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]

    @classmethod
    def start(cls) -> Redis:
        """Start a server.

        A port and not a socket: Celery and Django spell the URL of a socket differently, the site has one REDIS_URL.
        """
        folder, port = Path(tempfile.mkdtemp(prefix="i2redis-")), free_port()
        program = shutil.which("redis-server") or shutil.which("valkey-server")
        if not program:
            raise FileNotFoundError("redis-server is missing: the tests can't run without it")
        options = [
            "--bind",
            "127.0.0.1",
            "--port",
            str(port),
            "--save",
            "",
            "--appendonly",
            "no",
            "--dir",
            str(folder),
        ]
        process = start([program, *options], log=folder / "log")
        wait_for_server(process, lambda: listens(port), folder / "log")
        return cls(folder, port, process)

    def url(self, number: int = 0) -> str:
        """Return the URL of one of its sixteen databases."""
        return f"redis://127.0.0.1:{self.port}/{number}"

    def empty(self) -> None:
        """Forget everything in every database."""
        with redis.Redis.from_url(self.url()) as client:
            client.flushall()

    def stop(self) -> None:
        """End the server and delete its folder."""
        stop(self.process)
        shutil.rmtree(self.folder, ignore_errors=True)
