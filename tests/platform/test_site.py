"""The site as bin/run starts it: its processes start and end together, and a second start continues with its data."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services.processes import free_port, is_alive, quiet_environment, wait_until
from tests.services.site import ROOT, Site

ROLES = ["web", "gpu", "cpu", "beat"]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.few(1)
def test_a_killed_process_is_started_again(fast_site: Site, role: str) -> None:
    killed = fast_site.kill(role)
    wait_until(lambda: fast_site.pid(role) != killed, f"another {role} process")
    assert f"image2: {role} was ended by SIGKILL" in fast_site.log


@pytest.mark.long
def test_a_killed_web_process_is_back_in_a_moment(fast_site: Site) -> None:
    fast_site.kill("web")
    wait_until(fast_site.answers, "the web process")


@pytest.mark.long
def test_the_pool_of_a_killed_worker_ends_with_it(fast_site: Site) -> None:
    wait_until(lambda: fast_site.pool_pids("cpu"), "the pool")
    pool = fast_site.pool_pids("cpu")
    fast_site.kill("cpu")
    wait_until(lambda: not any(map(is_alive, pool)), "the end of the pool")


def test_only_the_gpu_worker_carries_torch(fast_site: Site) -> None:
    def carries_torch(pid: int) -> bool:
        return "libtorch" in Path(f"/proc/{pid}/maps").read_text()

    wait_until(
        lambda: any(map(carries_torch, fast_site.pool_pids("gpu"))),
        "torch in the pool of the gpu worker",
        120,
    )
    others = [fast_site.parent.pid, fast_site.pid("web"), fast_site.pid("cpu"), fast_site.pid("beat")]
    assert [pid for pid in [*others, *fast_site.pool_pids("cpu")] if carries_torch(pid)] == []


@pytest.mark.long
def test_the_parent_stays_small(fast_site: Site) -> None:
    resident = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{fast_site.parent.pid}/status").read_text())
    assert resident
    assert int(resident[1]) < 30_000


def test_every_line_of_the_log_says_which_process_wrote_it(fast_site: Site) -> None:
    fast_site.pid("beat")
    strangers = [
        line for line in fast_site.log.splitlines() if not re.match(r"(image2:|(web|gpu|cpu|beat) *\|)", line)
    ]
    assert strangers == []


def test_a_second_parent_on_the_same_data_is_refused_in_one_sentence(fast_site: Site) -> None:
    done = run_in(fast_site.environment | {"PORT": str(free_port())})
    assert done.returncode == 1
    assert done.stderr == (
        f"image2: another bin/run already uses {fast_site.home}; stop it, or set IMAGE2_HOME to another folder\n"
    )


@pytest.mark.long
def test_a_taken_port_is_reported_in_one_sentence(fast_site: Site, tmp_path: Path) -> None:
    wait_until(fast_site.answers, "the port to be taken again after another test killed its web process")
    done = run_in(fast_site.environment | {"IMAGE2_HOME": str(tmp_path)})
    assert done.returncode == 1
    assert re.fullmatch(rf"image2: port {fast_site.port} is taken.*\n", done.stderr)


@pytest.mark.long
def test_ctrl_c_leaves_no_process_and_a_second_start_continues(fast_site: Site) -> None:
    site = fast_site
    site.pid("beat")
    before, said = site.all_pids(), len(site.log)
    secret = (site.home / "secret_key").read_text()
    assert site.interrupt() == 0
    assert [pid for pid in before if is_alive(pid)] == []
    site.start()
    assert site.answers()
    assert (site.home / "secret_key").read_text() == secret
    assert "Traceback" not in site.log[said:]


@pytest.mark.long
def test_a_killed_parent_leaves_no_process_and_no_lock(fast_site: Site) -> None:
    site = fast_site
    wait_until(lambda: site.pool_pids("cpu") and site.pool_pids("gpu"), "both pools")
    before = site.all_pids()
    assert len(before) >= 8  # the parent, its guard, four roles, two pools
    site.kill_parent()
    wait_until(lambda: not any(map(is_alive, before)), f"the end of {before}")
    site.start()
    assert site.answers()


def test_a_site_that_cannot_be_loaded_says_why_and_ends(tmp_path: Path) -> None:
    done = run_in(
        quiet_environment(IMAGE2_HOME=str(tmp_path), DATABASE_URL="postgres://nobody@127.0.0.1:1/none")
    )
    assert done.returncode == 1
    assert "the data folder could not be prepared; the lines above say why" in done.stderr


def run_in(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the parent where it is expected to end by itself."""
    return subprocess.run(
        [sys.executable, "-m", "image2.processes"],
        cwd=ROOT,
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_folder_of_the_tests_is_not_the_operators() -> None:
    assert os.environ["IMAGE2_HOME"].rpartition("/")[2].startswith("image2-tests-")
