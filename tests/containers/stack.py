"""The services of docker-compose.yml as containers, started in the file's order by podman-compose."""

from __future__ import annotations

import contextlib
import email
import email.policy
import os
import secrets
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import psycopg2

from tests.containers import images
from tests.containers.podman import Podman
from tests.contracts.test_compose import ROOT, SERVICES
from tests.services import processes
from tests.services.https import Https

PROJECT = "i2walk"
PROFILES = ("dev", "without-gpu")
RUN = {
    name: service
    for name, service in SERVICES.items()
    if not service.get("profiles") or set(service["profiles"]) & set(PROFILES)
}
COMPOSE = Path(sys.executable).parent / "podman-compose"
# As docker gives a new container, and more: everybody waits for two processors here.
HEALTHY_SECONDS = 600
LEASE_SECONDS = "20"


class Stack:
    """A site in containers: ``url`` as its proxy gives it, and what a test asks of a site."""

    def __init__(self, podman: Podman) -> None:
        self.podman = podman
        self.port, self.s3_port = processes.free_port(), processes.free_port()
        self.https = Https(self.port)
        self.url = self.https.url
        self.secrets = {
            name: secrets.token_urlsafe(60)
            for name in ("SECRET_KEY", "POSTGRES_PASSWORD", "S3_SECRET_ACCESS_KEY")
        }
        self._containers: dict[str, str] = {}
        self._database = ""
        (podman.folder / "models").mkdir(exist_ok=True)
        (podman.folder / ".env").write_text(
            "".join(f"{name}={value}\n" for name, value in self.variables().items())
        )

    def variables(self) -> dict[str, str]:
        """What an operator writes into .env, with ports that are free here."""
        return {
            **self.secrets,
            "SITE_URL": self.url,
            "ALLOWED_HOSTS": "127.0.0.1",
            "S3_ACCESS_KEY_ID": "image2:walk",
            "S3_ENDPOINT_URL": f"http://s3.localhost:{self.s3_port}",
            "EMAIL_URL": "smtp://mailpit:1025",
            "OPERATOR_NAME": "A test",
            "OPERATOR_ADDRESS": "1 Test Street",
            "OPERATOR_EMAIL": "operator@example.org",
            "WEB_PORT": str(self.port),
            "S3_PORT": str(self.s3_port),
            "MAIL_PORT": str(processes.free_port()),
            "MODELS_FOLDER": str(self.podman.folder / "models"),
            "TORCH_BACKEND": "",
            # Passed on by its name alone. Half a minute is long when everybody waits for it.
            "JOB_LEASE_SECONDS": LEASE_SECONDS,
        }

    def build(self) -> None:
        """Build every image that the services name, and the one that ours are built on."""
        dockerfile = (ROOT / "Dockerfile").read_text()
        base = next(line.split()[1] for line in dockerfile.splitlines() if line.startswith("FROM "))
        images.build_stand_in(self.podman, base)
        for image, service in {service["image"]: service for service in RUN.values()}.items():
            if "build" in service:
                images.build_ours(self.podman, image, service["build"]["target"])
            else:
                images.build_stand_in(self.podman, image)

    def start(self) -> None:
        """Start services when what they wait for is so, which podman before 4.6 doesn't wait for itself."""
        for names in in_order():
            for other, condition in sorted({asked for name in names for asked in waits_for(name)}):
                self.wait_for(other, condition)
            self.compose("up", "--detach", "--no-build", "--no-deps", *names)

    def compose(self, *arguments: str) -> None:
        """Run podman-compose on docker-compose.yml as it lies there."""
        profiles = [part for profile in PROFILES for part in ("--profile", profile)]
        command = [
            str(COMPOSE),
            "--in-pod",
            "false",
            "--project-name",
            PROJECT,
            "--env-file",
            ".env",
            *profiles,
        ]
        done = subprocess.run(
            [*command, "--file", str(ROOT / "docker-compose.yml"), *arguments],
            env=self.podman.environment,
            cwd=self.podman.folder,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]

    def container(self, service: str) -> str:
        """The container of a service: the same one when it is started again."""
        if service not in self._containers:
            label = f"label=com.docker.compose.service={service}"
            self._containers[service] = self.podman("ps", "--all", "--quiet", "--filter", label).split()[-1]
        return self._containers[service]

    def wait_for(self, service: str, condition: str = "service_healthy") -> None:
        """Wait for what a service that depends on this one asks of it."""
        if condition == "service_completed_successfully":
            status = self.podman("wait", self.container(service), seconds=HEALTHY_SECONDS).strip()
            assert status == "0", self.logs(service)
        else:
            processes.wait_until(
                lambda: self.is_healthy(service), f"{service} to be healthy", HEALTHY_SECONDS, every=2
            )

    def is_healthy(self, service: str) -> bool:
        """Run the health check of a service once: without systemd nobody else does."""
        return self.podman.try_to("healthcheck", "run", self.container(service)).returncode == 0

    def logs(self, service: str) -> str:
        """What a service printed."""
        done = self.podman.try_to("logs", "--tail", "200", self.container(service))
        return done.stdout + done.stderr

    def inside(self, service: str, *command: str, stdin: str = "") -> str:
        """Run a command in the container of a service and return what it prints."""
        return self.podman("exec", "--interactive", self.container(service), *command, stdin=stdin)

    def crash(self, service: str) -> None:
        """``kill -9`` the first process of a container; its restart policy starts it again."""
        container = self.container(service)
        pid = int(self.podman("inspect", "--format", "{{.State.Pid}}", container))
        assert pid > 1, self.logs(service)
        os.kill(pid, signal.SIGKILL)
        processes.wait_until(
            lambda: self.pid_of(container) not in (0, pid),
            f"{service} to start again",
            HEALTHY_SECONDS,
            every=0.5,
        )
        self._database = ""

    @contextlib.contextmanager
    def away(self, service: str) -> Iterator[None]:
        """Stop a service, and start it again afterwards until the site is ready."""
        self.podman("stop", "--time", "5", self.container(service))
        self._database = ""
        try:
            yield
        finally:
            self.podman("start", self.container(service))
        self.wait_for(service)
        self.wait_until_ready()

    def pid_of(self, container: str) -> int:
        """The first process of a container as this machine counts, or 0."""
        return int(self.podman.try_to("inspect", "--format", "{{.State.Pid}}", container).stdout or 0)

    # --- what a test asks of a site ---

    def status(self, path: str) -> int:
        """Ask the web container for a page, without the proxy."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=20) as response:
                return int(response.status)
        except urllib.error.HTTPError as refused:
            return refused.code
        except OSError:
            return 0

    def wait_until_ready(self, seconds: float = HEALTHY_SECONDS) -> None:
        """Wait for ``/readyz``."""
        processes.wait_until(lambda: self.status("/readyz") == 200, "/readyz", seconds, every=1)

    def manage(self, *arguments: str, stdin: str = "") -> str:
        """Run a management command in the web container."""
        return self.inside("web", "python", "manage.py", *arguments, stdin=stdin)

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        """Ask the database at its container's address: a client in the container costs a start of podman each time."""
        with contextlib.closing(psycopg2.connect(self.database_url(), connect_timeout=20)) as connection:
            cursor = connection.cursor()
            cursor.execute(statement)
            return list(cursor.fetchall())

    def database_url(self) -> str:
        """Where this machine reaches the database until its container is started again."""
        if not self._database:
            networks = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
            address = self.podman("inspect", "--format", networks, self.container("postgres")).strip()
            password = self.secrets["POSTGRES_PASSWORD"]
            self._database = f"postgresql://image2:{password}@{address}:5432/image2"
        return self._database

    def mails(self) -> Iterator[EmailMessage]:
        """The mails that the catcher took, the oldest first."""
        for text in self.inside("mailpit", "/mailpit", "list").split("\x00"):
            if text.strip():
                yield email.message_from_string(text.strip(), EmailMessage, policy=email.policy.default)

    def wait_for_mail(self, to: str) -> str:
        """The text of the newest mail to somebody."""
        found: list[EmailMessage] = []

        def look() -> bool:
            found[:] = [mail for mail in self.mails() if to in mail["To"]]
            return bool(found)

        processes.wait_until(look, f"a mail to {to}", 120, every=1)
        body = found[-1].get_body(("plain",))
        return "" if body is None else str(body.get_content())

    def close(self) -> None:
        """End the proxy; the containers end with their podman."""
        self.https.close()


def in_order() -> list[list[str]]:
    """The services in waves, each behind those that its services wait for."""
    waves: list[list[str]] = []
    started: set[str] = set()
    while started != RUN.keys():
        ready = [
            name
            for name in RUN
            if name not in started and {other for other, _how in waits_for(name)} <= started
        ]
        waves.append(ready)
        started |= set(ready)
    return waves


def waits_for(name: str) -> list[tuple[str, str]]:
    """What a service waits for: other services, and what has to be so of them."""
    return [(other, how["condition"]) for other, how in RUN[name].get("depends_on", {}).items()]
