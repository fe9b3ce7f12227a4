"""A private PostgreSQL: its own folder, its own unix socket, no TCP, nothing kept."""

from __future__ import annotations

import getpass
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from tests.services.processes import start, stop, wait_for_server

# Nothing here outlives the test run, so nothing waits for the disk.
FAST = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=200",
    "shared_buffers=64MB",
)


@dataclass
class Postgresql:
    """A running server."""

    folder: Path
    process: subprocess.Popen[bytes]
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    @classmethod
    def start(cls) -> Postgresql:
        """Start a server; as root it runs as the user postgres, since it refuses root."""
        user = "postgres" if os.geteuid() == 0 else None
        # Under the system's folder and short: a socket's path ends at 107 bytes.
        folder = Path(tempfile.mkdtemp(prefix="i2pg-"))
        if user:
            shutil.chown(folder, user, user)
        data = folder / "data"
        subprocess.run(
            [
                program("initdb"),
                "-D",
                str(data),
                "-U",
                "postgres",
                "--no-sync",
                "--auth=trust",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
            ],
            check=True,
            capture_output=True,
            cwd=folder,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
        )
        options = [part for option in FAST for part in ("-c", option)]
        log = folder / "log"
        where = ["-D", str(data), "-k", str(folder), "-c", "listen_addresses="]
        process = start([program("postgres"), *where, *options], log=log, user=user)
        server = cls(folder, process)
        wait_for_server(process, server._answers, log)
        return server

    def new_database(self, name: str = "") -> str:
        """Make an empty database and return its URL."""
        name = name or f"image2_{next(self._numbers)}"
        subprocess.run(
            [program("createdb"), "-h", str(self.folder), "-U", "postgres", name],
            check=True,
            capture_output=True,
        )
        return f"postgres://postgres@/{name}?host={self.folder}"

    def stop(self) -> None:
        """End the server at once and delete its folder."""
        stop(self.process, signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self) -> bool:
        asked = subprocess.run([program("pg_isready"), "-q", "-h", str(self.folder)], check=False)
        return asked.returncode == 0


def program(name: str) -> str:
    """Return the path of one of PostgreSQL's programs; Debian keeps the server's outside of PATH."""
    newest = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[4]))
    found = str(newest[-1]) if newest else shutil.which(name)
    if not found:
        raise FileNotFoundError(
            f"{name} is missing: {getpass.getuser()} can't run the tests without PostgreSQL"
        )
    return found
