"""docker-compose.yml and the Dockerfile, checked without a container engine."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from image2 import processes as table
from tests.services import processes

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}


def test_the_file_keeps_to_the_compose_specification() -> None:
    command = [str(BIN / "check-jsonschema"), "--builtin-schema", "vendor.compose-spec", "docker-compose.yml"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)


def test_the_dockerfile_passes_hadolint() -> None:
    done = subprocess.run([str(BIN / "hadolint"), "Dockerfile"], cwd=ROOT, check=False, capture_output=True)
    assert done.stdout.decode() == ""
    assert done.returncode == 0


def test_every_service_that_is_waited_for_exists() -> None:
    for name, service in SERVICES.items():
        for other, how in service.get("depends_on", {}).items():
            assert other in SERVICES, name
            if how["condition"] == "service_healthy":
                assert "healthcheck" in SERVICES[other], f"{name} waits for the health of {other}"


def test_every_volume_that_is_mounted_is_declared_and_used() -> None:
    mounted = {
        volume.partition(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", [])
        if not volume.startswith(("$", ".", "/"))
    }
    assert mounted == set(COMPOSE["volumes"])


def test_every_build_names_a_target_of_the_dockerfile() -> None:
    targets = set(re.findall(r"^FROM \S+ AS (\S+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE))
    # The others are what these are built on.
    built = {service["build"]["target"] for service in OURS.values()}
    assert built <= targets
    assert targets - built == {"installed", "installed-engine"}


def test_every_image_has_a_whole_version() -> None:
    bases = re.findall(r"^FROM (\S+:\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    for image in [*bases, *(service["image"] for service in SERVICES.values())]:
        assert re.search(r":v?\d+\.\d+", image), image


def test_the_image_gets_every_package_of_the_site_and_nothing_else() -> None:
    everything, *allowed = (ROOT / ".dockerignore").read_text().splitlines()
    assert everything == "*"
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    read = {"templates", "static", "docs/model-card.md", "docs/bundled-model"}
    set_up = {"manage.py", "pyproject.toml", "constraints.txt"}
    assert {line[1:] for line in allowed if line.startswith("!")} == packages | read | set_up
    assert [line for line in allowed if not line.startswith("!")] == ["**/__pycache__"]


def test_every_long_running_service_has_a_health_check_and_a_restart_policy() -> None:
    for name, service in SERVICES.items():
        if name != "preparation":
            assert service["healthcheck"]["test"], name
            assert service["restart"] == "unless-stopped", name


def test_nothing_listens_to_the_world_without_a_proxy() -> None:
    for name, service in SERVICES.items():
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:"), name


def test_our_services_write_to_their_data_alone() -> None:
    for name, service in OURS.items():
        assert (service["read_only"], service["tmpfs"], service["cap_drop"]) == (True, ["/tmp"], ["ALL"]), (
            name
        )
        assert service["security_opt"] == ["no-new-privileges:true"], name


def test_only_the_worker_with_a_card_asks_for_one() -> None:
    asking = [name for name, service in SERVICES.items() if "deploy" in service]
    assert asking == ["worker-gpu"]
    (device,) = SERVICES["worker-gpu"]["deploy"]["resources"]["reservations"]["devices"]
    assert device["capabilities"] == ["gpu"]
    assert SERVICES["worker-gpu"]["profiles"] == ["gpu"]


COMMANDS = {
    "web": table.web_command("0.0.0.0", 8000),
    "worker-gpu": table.worker_command("gpu", "gpu"),
    "worker-without-gpu": table.worker_command("gpu", "gpu"),
    "worker-cpu": table.worker_command("cpu", "cpu,mail,billing"),
    "beat": table.beat_command(Path("/data")),
    "preparation": ["python", "-m", "image2.preparation"],
}


def test_the_containers_run_the_processes_that_bin_run_starts() -> None:
    expected = {name: [Path(command[0]).name, *command[1:]] for name, command in COMMANDS.items()}
    assert {name: service["command"] for name, service in OURS.items()} == expected


def has_printed(pattern: str) -> Callable[[Path], bool]:
    """Return a look at a process's folder for a line in its log."""
    return lambda folder: bool(re.search(pattern, (folder / "log").read_text()))


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of the services after the one that runs first has run."""
    home = tmp_path_factory.mktemp("home")
    environment = processes.quiet_environment(IMAGE2_HOME=str(home), PYTHONUNBUFFERED="1")
    program, *arguments = SERVICES["preparation"]["command"]
    subprocess.run([str(BIN / program), *arguments], cwd=ROOT, env=environment, check=True)
    return environment


@pytest.mark.long
@pytest.mark.parametrize(
    ("service", "has_started"),
    [
        ("web", has_printed("Application startup complete")),
        ("worker-gpu", has_printed(r"gpu@\S+ ready\.")),
        ("worker-cpu", has_printed(r"cpu@\S+ ready\.")),
        ("beat", lambda folder: any(folder.glob("beat-schedule*"))),
    ],
)
def test_the_command_of_a_service_starts(
    service: str, has_started: Callable[[Path], bool], prepared: dict[str, str], tmp_path: Path
) -> None:
    here = {
        "0.0.0.0": "127.0.0.1",
        "8000": str(processes.free_port()),
        "/data/beat-schedule": f"{tmp_path}/beat-schedule",
    }
    program, *arguments = [here.get(part, part) for part in SERVICES[service]["command"]]
    log = tmp_path / "log"
    process = processes.start([str(BIN / program), *arguments], log=log, environment=prepared, cwd=ROOT)
    try:
        processes.wait_for_server(process, lambda: has_started(tmp_path), log, seconds=180)
    finally:
        processes.stop(process)
    assert "Traceback" not in log.read_text()
