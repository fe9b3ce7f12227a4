"""A worker's signs of life: they need neither broker nor database, and end with the process."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from image2 import processes as table
from image2.lib.processes import liveness
from tests.contracts.test_compose import SERVICES
from tests.contracts.test_deploy import PODS
from tests.services import processes
from tests.services.migrated import copy_home
from tests.services.redis import Redis

WORKERS = ("worker-gpu", "worker-without-gpu", "worker-cpu")


def check_of(service: str) -> str:
    """The line of the shell by which compose looks at a worker."""
    kind, line = SERVICES[service]["healthcheck"]["test"]
    assert kind == "CMD-SHELL"
    return str(line)


def says_alive(check: str, home: Path) -> bool:
    """Run a probe's line of the shell on another data folder."""
    assert "/data/" in check
    return subprocess.run(["sh", "-c", check.replace("/data", str(home))], check=False).returncode == 0


def age(file: Path, seconds: float) -> None:
    os.utime(file, (time.time() - seconds,) * 2)


@pytest.mark.parametrize("service", WORKERS)
def test_a_probe_tells_a_new_sign_from_an_old_one_and_from_none(service: str, tmp_path: Path) -> None:
    check = check_of(service)
    (name,) = re.findall(r"'(\w+@)\*'", check)
    file = tmp_path / "alive" / f"{name}somewhere"
    assert not says_alive(check, tmp_path)
    liveness.touch(file)
    assert says_alive(check, tmp_path)
    age(file, 3 * liveness.EVERY_SECONDS)
    assert says_alive(check, tmp_path)
    age(file, 121)
    assert not says_alive(check, tmp_path)
    liveness.touch(file.with_name("another@somewhere"))
    assert not says_alive(check, tmp_path)


def test_kubernetes_asks_what_compose_asks() -> None:
    for name in ("worker-gpu", "worker-cpu"):
        (container,) = PODS[name]["containers"]
        for probe in ("startupProbe", "livenessProbe"):
            assert container[probe]["exec"]["command"] == ["sh", "-c", check_of(name)], (name, probe)


@pytest.mark.parametrize("place", ["file", "abstract"])
def test_systemd_hears_where_it_listens(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    liveness.tell_systemd()  # nobody listens, and nothing happens
    address = f"@i2-{os.getpid()}" if place == "abstract" else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(address.replace("@", "\0", 1))
        systemd.settimeout(10)
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        liveness.tell_systemd()
        assert systemd.recv(100) == b"WATCHDOG=1"
    liveness.tell_systemd()  # it is gone


def test_a_sign_that_cannot_be_written_ends_nothing(tmp_path: Path) -> None:
    (tmp_path / "alive").write_text("a file in the folder's place")
    liveness.touch(tmp_path / "alive" / "cpu@here")


@pytest.fixture
def redis() -> Iterator[Redis]:
    """A broker that the test may end."""
    server = Redis.start()
    yield server
    server.stop()


def test_a_worker_shows_that_it_lives_while_the_broker_is_away_and_no_longer_when_it_is_stopped(
    redis: Redis, tmp_path: Path
) -> None:
    copy_home(tmp_path)
    check, log = check_of("worker-cpu"), tmp_path / "log"
    left = tmp_path / "alive" / f"cpu@{socket.gethostname()}"
    liveness.touch(left)  # by one that was killed
    age(left, 3600)
    environment = processes.quiet_environment(IMAGE2_HOME=str(tmp_path), REDIS_URL=redis.url())
    command = table.worker_command("cpu", "cpu,mail,billing")
    worker = processes.start(command, log=log, environment=environment, cwd=table.ROOT)
    try:
        processes.wait_for_server(worker, lambda: says_alive(check, tmp_path), log, seconds=240)
        assert " ready." in log.read_text()
        redis.stop()
        age(left, 3600)
        processes.wait_until(lambda: says_alive(check, tmp_path), "a sign of life without a broker", 60)
        assert worker.poll() is None
        worker.send_signal(signal.SIGSTOP)
        age(left, 3600)
        time.sleep(1.5 * liveness.EVERY_SECONDS)
        assert not says_alive(check, tmp_path)
        worker.send_signal(signal.SIGCONT)
        processes.wait_until(lambda: says_alive(check, tmp_path), "a sign of life again", 60)
    finally:
        processes.stop(worker, signal.SIGKILL)
