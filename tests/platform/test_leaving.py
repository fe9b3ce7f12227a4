"""How the workers of a site leave: at once when nothing is in hand, whatever their pool processes are busy with."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from tests.services.processes import is_alive, wait_until
from tests.services.site import Site


@pytest.mark.long
def test_a_stopping_site_waits_for_no_pool_process_that_has_nothing_in_hand(
    start_site: Callable[..., Site],
) -> None:
    site = start_site()
    wait_until(lambda: worker_rows(site), "the first heartbeat, which comes before the model is loaded")
    wait_until(lambda: site.pool_pids("gpu") and site.pool_pids("cpu"), "both pools")
    pools = [*site.pool_pids("gpu"), *site.pool_pids("cpu")]
    # Deaf from here on, as one that reads a model is: who waited for its answer would be killed after its grace.
    for pid in pools:
        os.kill(pid, signal.SIGSTOP)
    before = site.all_pids()
    assert site.interrupt() == 0
    assert "is killed" not in site.log
    assert site.log.count("worker.left") == 2
    assert [pid for pid in before if is_alive(pid)] == []
    assert worker_rows(site) == []


def worker_rows(site: Site) -> list[tuple[str, int]]:
    """The workers that say they live."""
    with closing(sqlite3.connect(site.home / "image2.sqlite3", timeout=20)) as connection:
        return list(connection.execute("SELECT name, is_loading FROM generation_worker"))
