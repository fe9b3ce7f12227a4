"""The bootstrap of bin/run, bin/test and bin/check, and the pins that it installs."""

from __future__ import annotations

import importlib.util
import itertools
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
PINS = dict(re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "constraints.txt").read_text(), re.MULTILINE))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
NAME = re.compile(r"[A-Za-z0-9._-]+")


@pytest.fixture
def bootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module, at work on an empty folder."""
    spec = importlib.util.spec_from_file_location("bootstrap", ROOT / "bin" / "_bootstrap.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in ("pyproject.toml", "constraints.txt"):
        (tmp_path / name).write_text((ROOT / name).read_text())
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "_bootstrap.py").write_text((ROOT / "bin" / "_bootstrap.py").read_text())
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    for variable in ("IMAGE2_TORCH", "IMAGE2_TORCH_INDEX"):
        monkeypatch.delenv(variable, raising=False)
    return module


def finish(bootstrap: ModuleType, extras: str) -> None:
    """Leave what a finished set-up leaves."""
    bootstrap.PYTHON.parent.mkdir(parents=True, exist_ok=True)
    bootstrap.PYTHON.touch()
    bootstrap.stamp(extras).touch()


def test_a_finished_set_up_is_not_done_again(bootstrap: ModuleType) -> None:
    assert not bootstrap.is_ready("engine")
    finish(bootstrap, "engine")
    assert bootstrap.main("engine") == 0


def test_the_set_up_for_the_tests_serves_for_running_too_but_not_the_other_way(bootstrap: ModuleType) -> None:
    finish(bootstrap, "engine")
    assert not bootstrap.is_ready("engine,dev")
    finish(bootstrap, "engine,dev")
    assert bootstrap.is_ready("engine")


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_a_changed_requirement_asks_for_another_set_up(bootstrap: ModuleType, name: str) -> None:
    finish(bootstrap, "engine")
    with (bootstrap.ROOT / name).open("a") as file:
        file.write("# another word\n")
    assert not bootstrap.is_ready("engine")


def test_another_choice_of_torch_needs_another_set_up(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish(bootstrap, "engine")
    monkeypatch.setenv("IMAGE2_TORCH", "cuda")
    assert not bootstrap.is_ready("engine")
    assert bootstrap.wanted_torch() == "cuda"


@pytest.mark.parametrize(
    ("installed", "choice", "fits"),
    [
        ("2.13.0+cpu", "", True),
        ("2.13.0", "", True),
        ("2.13.0+cpu", "cpu", True),
        ("2.13.0", "cpu", False),
        ("2.13.0+cpu", "cuda", False),
        ("2.12.0+cpu", "", False),
    ],
)
def test_an_installed_torch_is_kept_when_it_is_the_one_asked_for(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, installed: str, choice: str, fits: bool
) -> None:
    (bootstrap.VENV / "lib/python3.11/site-packages" / f"torch-{installed}.dist-info").mkdir(parents=True)
    monkeypatch.setenv("IMAGE2_TORCH", choice)
    assert bootstrap.torch_is_installed() is fits


def test_a_missing_venv_module_is_named_in_one_line(tmp_path: Path) -> None:
    # Debian's python3 without python3-venv has the module, but ensurepip fails; here the module fails the same way.
    (tmp_path / "venv.py").write_text("raise SystemExit('ensurepip is not available')")
    for name in ("bin/_bootstrap.py", "pyproject.toml", "constraints.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text((ROOT / name).read_text())
    done = subprocess.run(
        [sys.executable, "bin/_bootstrap.py", "engine"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "image2: Python's venv module is missing: as root, apt-get install python3-venv"
    )


def test_torch_has_one_pin(bootstrap: ModuleType) -> None:
    assert f"torch=={bootstrap.TORCH}" in PROJECT["optional-dependencies"]["engine"]
    assert PINS["torch"] == bootstrap.TORCH


def test_every_direct_requirement_is_pinned() -> None:
    extras = PROJECT["optional-dependencies"]
    installed = [extras[name] for name in ("engine", "observe", "cutout", "dev")]
    for requirement in [*PROJECT["dependencies"], *itertools.chain(*installed)]:
        if requirement in ("image2[observe]", "image2[cutout]"):
            continue  # extras within an extra
        name = NAME.match(requirement)
        assert name
        assert name[0].lower() in PINS, requirement


def test_the_extra_vision_is_the_release_made_for_the_pinned_torch(bootstrap: ModuleType) -> None:
    requirement, of_networks = PROJECT["optional-dependencies"]["vision"]
    major, minor, patch = bootstrap.TORCH.split(".")
    assert major == "2"
    assert requirement == f"torchvision==0.{int(minor) + 15}.{patch}"
    assert re.fullmatch(r"spandrel==[0-9.]+", of_networks)


def test_the_pins_fit_every_machine() -> None:
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    assert [line for line in lines if not re.fullmatch(r"[a-z0-9._-]+==[0-9][0-9a-z.]*", line)] == []
    assert [line for line in lines if line.startswith(("nvidia", "triton"))] == []


def test_every_script_can_be_run() -> None:
    for name in ("bin/run", "bin/test", "bin/check", ".ci/run"):
        assert (ROOT / name).stat().st_mode & 0o111, name


@pytest.mark.parametrize(("argument", "status"), [("--help", 0), ("-h", 0), ("--prot=8000", 2)])
def test_the_start_says_how_it_is_used_and_starts_nothing(argument: str, status: int, tmp_path: Path) -> None:
    # Nothing is set up either: without a Python it would fail.
    environment = {"PATH": os.environ["PATH"], "PYTHON": "/nowhere", "IMAGE2_HOME": str(tmp_path / "home")}
    command = [str(ROOT / "bin" / "run"), argument]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=20)
    assert done.returncode == status
    said, nothing = (done.stdout, done.stderr) if status == 0 else (done.stderr, done.stdout)
    assert said.startswith("usage: bin/run\n")
    assert "PORT" in said
    assert nothing == ""
    assert not (tmp_path / "home").exists()
