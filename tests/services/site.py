"""The real site, as ``bin/run`` starts it: web, workers and beat under their parent, on the default or on servers."""

from __future__ import annotations

import contextlib
import email
import email.policy
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from tests.services import processes
from tests.services.migrated import copy_home
from tests.services.postgresql import Postgresql
from tests.services.redis import Redis
from tests.services.s3 import S3

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 180  # four seconds on a quiet machine; a busy one is no failure of the site
SITE_FIXTURES = {"site", "server_site", "any_site", "fast_site", "start_site"}
# Leases so short that tests needn't wait long; longer than a busy machine's pauses.
FAST = {"JOB_LEASE_SECONDS": "6", "SWEEP_SECONDS": "2"}


class Site:
    """A running site: ``url``, ``home``, ``environment``, and the processes by their role."""

    def __init__(self, environment: Mapping[str, str] | None = None, *, home: Path | None = None) -> None:
        """Start the site and return when it serves; ``home`` continues with an earlier site's data."""
        self.home = home or Path(tempfile.mkdtemp(prefix="i2site-"))
        self.port = processes.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        own = {"IMAGE2_HOME": str(self.home), "PORT": str(self.port)}
        self.environment = processes.quiet_environment(**own, **(environment or {}))
        self.log_file = self.home / "site.log"
        self.parent: subprocess.Popen[bytes]
        self.start()

    def start(self) -> None:
        """Start (again), as a person who types bin/run."""
        already = self.log_file.read_text().count("open http://") if self.log_file.exists() else 0
        self.parent = processes.start(
            [sys.executable, "-m", "image2.processes"],
            log=self.log_file,
            environment=self.environment,
            cwd=ROOT,
        )
        serves = lambda: self.log.count("open http://") > already  # noqa: E731
        try:
            processes.wait_for_server(self.parent, serves, self.log_file, seconds=START_SECONDS)
        except AssertionError:
            processes.stop(self.parent)
            raise

    @property
    def log(self) -> str:
        """Everything that its processes printed, each line after its role."""
        return self.log_file.read_text(errors="replace")

    def get(self, path: str) -> tuple[int, bytes]:
        """Return status and body of a page, asked for by nobody in particular."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=20) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read()

    def answers(self) -> bool:
        """Tell whether the web process serves."""
        try:
            return self.get("/healthz")[0] == 200
        except OSError:
            return False

    def wait_until_ready(self, seconds: float = 180) -> None:
        """Wait for ``/readyz``: the database, the broker, the storage and a worker, which has loaded its model."""

        def is_ready() -> bool:
            status, answer = self.get("/readyz")
            return status == 200 and json.loads(answer)["model"] == "loaded"

        # Each question costs the web as much as a page, and it is the web that has to get ready.
        processes.wait_until(is_ready, f"/readyz; see {self.log_file}", seconds, every=0.5)

    def pid(self, role: str) -> int:
        """Return the process of a role (web, gpu, cpu, beat); waits for one that is just being started."""
        found: list[int] = []

        def look() -> bool:
            found[:] = [pid for pid in processes.children_of(self.parent.pid) if role_of(pid) == role]
            return bool(found)

        processes.wait_until(look, f"the {role} process")
        return found[0]

    def pool_pids(self, role: str) -> list[int]:
        """Return the pool processes of a worker: where its tasks run."""
        return processes.children_of(self.pid(role))

    def all_pids(self) -> list[int]:
        """Return every process of the site, the parent included."""
        return [self.parent.pid, *processes.descendants_of(self.parent.pid)]

    def kill(self, role: str) -> int:
        """``kill -9`` the process of a role and return its number; the parent starts another."""
        pid = self.pid(role)
        os.kill(pid, signal.SIGKILL)
        return pid

    def kill_parent(self) -> None:
        """``kill -9`` the parent."""
        self.parent.kill()
        self.parent.wait()

    def interrupt(self, seconds: float = 30) -> int:
        """Press Ctrl-C and return the exit status."""
        self.parent.send_signal(signal.SIGINT)
        return self.parent.wait(seconds)

    def manage(self, *arguments: str, stdin: str = "") -> str:
        """Run a management command with the site's settings and return what it prints."""
        command = [sys.executable, str(ROOT / "manage.py"), *arguments]
        done = subprocess.run(
            command,
            env=self.environment,
            cwd=ROOT,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        """Ask the database, beside the site."""
        url = self.environment.get("DATABASE_URL", "")
        connection = (
            psycopg2.connect(url) if url else sqlite3.connect(self.home / "image2.sqlite3", timeout=20)
        )
        with contextlib.closing(connection):
            cursor = connection.cursor()
            cursor.execute(statement)
            return list(cursor.fetchall())

    def mails(self) -> list[EmailMessage]:
        """Return the mails that the site wrote, oldest first."""
        parser = email.policy.default
        return [
            email.message_from_bytes(path.read_bytes(), EmailMessage, policy=parser)
            for path in sorted((self.home / "mail").glob("*.eml"))
        ]

    def wait_for_mail(self, to: str, *, subject: str = "", seconds: float = 60) -> str:
        """Return the text of the newest mail to somebody with these words in its subject."""
        found: list[EmailMessage] = []

        def look() -> bool:
            found[:] = [mail for mail in self.mails() if to in mail["To"] and subject in mail["Subject"]]
            return bool(found)

        processes.wait_until(look, f"a mail to {to} about {subject!r}", seconds)
        body = found[-1].get_body(("plain",))
        return "" if body is None else str(body.get_content())

    def stop(self) -> None:
        """End the site and keep its data."""
        if self.parent.poll() is None:
            self.parent.send_signal(signal.SIGTERM)
        processes.stop(self.parent, seconds=30)

    def delete(self) -> None:
        """End the site and delete its data."""
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)


class ServerSite(Site):
    """The same site on PostgreSQL, a Redis of its own (channels cross its databases) and S3."""

    def __init__(self, postgresql: Postgresql, s3: S3, environment: Mapping[str, str] | None = None) -> None:
        self.redis = Redis.start()
        self.bucket = s3.new_bucket()
        servers = {"DATABASE_URL": postgresql.new_database(), "REDIS_URL": self.redis.url()}
        super().__init__({**servers, **s3.environment(self.bucket), **(environment or {})})

    def delete(self) -> None:
        """End the site and its Redis, and delete its data."""
        super().delete()
        self.redis.stop()


# Sites that tests share; they rest while none of their tests is near, since even an idle one takes processor time.
_shared: list[Site] = []


def _shared_site(make: Callable[[], Site]) -> Iterator[Site]:
    running = make()
    _shared.append(running)
    yield running
    _shared.remove(running)
    running.delete()


def _prepared() -> Path:
    """Return a data folder that looks as after a first start."""
    home = Path(tempfile.mkdtemp(prefix="i2site-"))
    copy_home(home)
    return home


def _awake(running: Site) -> Site:
    if running.parent.poll() is not None:
        running.start()
    return running


@pytest.fixture(scope="session")
def _site() -> Iterator[Site]:
    yield from _shared_site(lambda: Site(home=_prepared()))


@pytest.fixture(scope="session")
def _server_site(postgresql: Postgresql, s3: S3) -> Iterator[Site]:
    yield from _shared_site(lambda: ServerSite(postgresql, s3))


@pytest.fixture(scope="session")
def _fast_site() -> Iterator[Site]:
    # In an empty folder, which it has to prepare, as a person's first start does.
    yield from _shared_site(lambda: Site(FAST))


@pytest.fixture
def site(_site: Site) -> Site:
    """The site on the embedded default, shared by the tests of a run: do not kill it, make people of your own."""
    return _awake(_site)


@pytest.fixture
def server_site(_server_site: Site) -> Site:
    """The site on PostgreSQL, Redis and S3, shared like ``site``."""
    return _awake(_server_site)


@pytest.fixture
def fast_site(_fast_site: Site) -> Site:
    """The embedded default with short leases, shared by tests that kill its processes; each makes its own person."""
    return _awake(_fast_site)


@pytest.fixture(params=["embedded", pytest.param("servers", marks=pytest.mark.long)])
def any_site(request: pytest.FixtureRequest) -> Site:
    """Both of them: bin/test --all runs the test twice."""
    running: Site = request.getfixturevalue("site" if request.param == "embedded" else "server_site")
    return running


@pytest.fixture
def start_site(request: pytest.FixtureRequest) -> Iterator[Callable[..., Site]]:
    """Start a site of one's own, to be killed: ``start_site(servers=False, JOB_LEASE_SECONDS="2")``."""
    started: list[Site] = []

    def start(*, servers: bool = False, **environment: str) -> Site:
        if servers:
            services = request.getfixturevalue("postgresql"), request.getfixturevalue("s3")
            started.append(ServerSite(*services, environment))
        else:
            started.append(Site(environment, home=_prepared()))
        return started[-1]

    yield start
    for running in started:
        running.delete()


def pytest_itemcollected(item: pytest.Item) -> None:
    """Keep the tests of a shared site in one test process, so that it starts once.

    Here and not when the items are sorted: by then xdist has read the marks.
    """
    if site := _site_of(item):
        item.add_marker(pytest.mark.xdist_group(site))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with those of sites, each site's together: they take longest."""
    items.sort(key=_site_of, reverse=True)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Stop the shared sites behind the last of their tests; one that is asked for later starts again."""
    if nextitem is not None and _site_of(item) and _site_of(nextitem) != _site_of(item):
        for running in _shared:
            running.stop()


def _site_of(item: pytest.Item) -> str:
    """Return the fixture of the site that a test uses; of both, the one that this run of it takes."""
    asked = SITE_FIXTURES & set(getattr(item, "fixturenames", ()))
    if "any_site" in asked and isinstance(item, pytest.Function):
        return "site" if item.callspec.params["any_site"] == "embedded" else "server_site"
    return max(asked, default="")


def role_of(pid: int) -> str:
    """Return the role that a parent gave a process, or nothing."""
    try:
        variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return ""
    return next(
        (line.partition(b"=")[2].decode() for line in variables if line.startswith(b"IMAGE2_ROLE=")), ""
    )
