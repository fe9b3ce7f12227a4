"""The site's processes: one table of roles, and ``bin/run``, which starts them all under one parent.

Production runs the same commands as services (docs/runbook.md, docker-compose.yml); a test compares them.
"""

from __future__ import annotations

import fcntl
import http.client
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import IO

from image2.lib.home import home_folder
from image2.lib.processes.supervision import Parent, Role
from image2.prepared import is_prepared

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
DEFAULT_PORT = 8000


def roles(*, home: Path, port: int, host: str = "127.0.0.1") -> list[Role]:
    """Return the processes of a whole site on one machine."""
    return [
        Role("web", web_command(host, port), is_ready=lambda: answers(port)),
        *gpu_roles(os.environ.get("IMAGE2_CARDS", "")),
        # Everything short; no torch in here.
        Role("cpu", worker_command("cpu", "cpu,mail,billing"), after_ready=True),
        Role("beat", beat_command(home), after_ready=True),
    ]


def gpu_roles(cards: str) -> list[Role]:
    """Return the workers that draw: one, or one for each card of a list such as "0,1". Raises ValueError."""
    # A worker holds the models. Its grace period lets it requeue a running job.
    numbers = [number.strip() for number in cards.split(",")] if cards.strip() else []
    if not numbers:
        return [Role("gpu", worker_command("gpu", "gpu"), grace=10.0)]
    if len(set(numbers)) < len(numbers) or not all(number.isdecimal() for number in numbers):
        raise ValueError(
            f'IMAGE2_CARDS is {cards!r}; it has to be numbers of cards as nvidia-smi shows them, such as "0,1"'
        )
    return [
        Role(
            name := f"gpu{number}",
            worker_command(name, "gpu"),
            environment={"CUDA_VISIBLE_DEVICES": number},
            grace=10.0,
        )
        for number in numbers
    ]


def web_command(host: str, port: int) -> list[str]:
    """Return the command of the web process: pages and progress streams."""
    # Without the limit an open progress stream would keep a stopping server running forever.
    limits = ["--timeout-graceful-shutdown", "3", "--no-server-header", "--no-access-log"]
    return [str(BIN / "uvicorn"), "image2.asgi:application", "--host", host, "--port", str(port), *limits]


def worker_command(name: str, queues: str) -> list[str]:
    """Return the command of a worker: one pool process, so that time limits work and a crash takes one job."""
    # Workers don't need gossip and mingle for notifications; over the folder broker those messages pile up.
    quiet = ["--without-gossip", "--without-mingle", "--loglevel", "INFO"]
    pool = ["--pool", "prefork", "--concurrency", "1", "--prefetch-multiplier", "1"]
    return [
        str(BIN / "celery"),
        "-q",
        "-A",
        "image2",
        "worker",
        "-n",
        f"{name}@%h",
        "-Q",
        queues,
        *pool,
        *quiet,
    ]


def beat_command(home: Path) -> list[str]:
    """Return the command of the clock."""
    files = ["--schedule", str(home / "beat-schedule"), "--pidfile="]
    return [str(BIN / "celery"), "-q", "-A", "image2", "beat", *files, "--loglevel", "WARNING"]


def main() -> int:
    """Start the site and keep it running; return the exit status."""
    os.chdir(ROOT)
    home = home_folder(os.environ.get("IMAGE2_HOME", ""), ROOT)
    lock = lock_folder(home)
    if lock is None:
        return complain(f"another bin/run already uses {home}; stop it, or set IMAGE2_HOME to another folder")
    asked = os.environ.get("PORT", "")
    port = int(asked) if asked.isdigit() else next_free_port(DEFAULT_PORT)
    if asked and not (asked.isdigit() and is_free(port)):
        return complain(
            f"port {asked} is taken or no port; set PORT to a free one, or unset it and one is chosen"
        )
    try:
        started = roles(home=home, port=port)
    except ValueError as error:
        return complain(str(error))
    os.environ.update(IMAGE2_HOME=str(home), PORT=str(port), DJANGO_SETTINGS_MODULE="image2.settings")
    if not is_prepared(home) and prepare() != 0:
        return complain("the data folder could not be prepared; the lines above say why")

    def announce() -> None:
        print(f"image2: open http://127.0.0.1:{port}/   (Ctrl-C stops it; its data is in {home})", flush=True)

    # Root is at home in a container or on a fresh machine; one warning a worker says nothing that helps.
    os.environ.setdefault("PYTHONWARNINGS", "ignore:You're running the worker with superuser privileges")
    parent = Parent(started, is_ready=lambda: answers(port), on_ready=announce)
    with lock:
        return parent.run()


def prepare() -> int:
    """Bring tables and static files up to date, in a process of its own: the parent stays small."""
    return subprocess.run([sys.executable, "-m", "image2.preparation"], check=False).returncode


def lock_folder(home: Path) -> IO[str] | None:
    """Return an open lock on the data folder, or nothing when another parent holds it. It ends with its process."""
    lock = (home / "run.lock").open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return None
    return lock


def next_free_port(first: int) -> int:
    """Return the first port from here on that nobody listens at."""
    return next(port for port in range(first, 65536) if is_free(port))


def is_free(port: int) -> bool:
    """Tell whether the web process could listen at this port."""
    with socket.socket() as probe:
        probe.setsockopt(
            socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
        )  # as uvicorn does: a closing connection is no bar
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def answers(port: int) -> bool:
    """Tell whether the web process serves."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def complain(sentence: str) -> int:
    """Say what is wrong and return the exit status for it."""
    print(f"image2: {sentence}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
