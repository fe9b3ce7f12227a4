"""When a role is started again: a table of what happens to its processes, and the pause after each death."""

from __future__ import annotations

import random

import pytest

from image2.lib.processes.restarts import LONGEST_AFTER_SERVICE, LONGEST_PAUSE, SETTLED, WITHIN, Restarts

# Each row: how long a process lives, and whether it was ready in that time; the next starts after the pause.
Lives = list[tuple[float, bool]]

STARTS_BADLY, SERVES, SERVES_LONG = (1.0, False), (5.0, True), (3600.0, True)


@pytest.mark.parametrize(
    ("lives", "pauses"),
    [
        pytest.param([SERVES], [0], id="had been ready"),
        pytest.param([SERVES] * 3, [0, 0, 0], id="three times a minute"),
        pytest.param([SERVES] * 6, [0, 0, 0, 0.5, 1, 2], id="keeps dying"),
        pytest.param(
            [(0.2, True)] * 12, [0, 0, 0, 0.5, 1, 2, 4, 4, 4, 4, 4, 4], id="dies as soon as it serves"
        ),
        pytest.param([SERVES_LONG] * 9, [0] * 9, id="a death an hour is never kept waiting"),
        pytest.param([(21.0, True)] * 9, [0] * 9, id="just under four a minute"),
        pytest.param([STARTS_BADLY] * 9, [0.5, 1, 2, 4, 8, 16, 30, 30, 30], id="dies while starting"),
        pytest.param([STARTS_BADLY, STARTS_BADLY, SERVES], [0.5, 1, 0], id="starts in the end"),
        pytest.param(
            [STARTS_BADLY, SERVES, STARTS_BADLY],
            [0.5, 0, 0.5],
            id="a bad start after a good one is a first one",
        ),
        pytest.param(
            [SERVES, STARTS_BADLY, SERVES, SERVES],
            [0, 0.5, 0, 0],
            id="bad starts don't count as deaths in service",
        ),
        pytest.param([(SETTLED, False)] * 2, [0, 0], id="says nothing about itself and lives long"),
        pytest.param([(SETTLED - 0.1, False)] * 2, [0.5, 1], id="says nothing about itself and dies young"),
        pytest.param(
            [SERVES] * 5 + [(WITHIN, True), SERVES],
            [0, 0, 0, 0.5, 1, 0, 0],
            id="a quiet minute resets the count",
        ),
    ],
)
def test_the_pause_after_each_death(lives: Lives, pauses: list[float]) -> None:
    assert run(lives) == pauses


def test_whatever_happens_no_pause_is_longer_than_the_longest() -> None:
    chance = random.Random(11)
    lives = [(chance.expovariate(1 / 20), chance.random() < 0.7) for _death in range(2000)]
    pauses = run(lives)
    assert max(pauses) <= LONGEST_PAUSE
    assert all(
        pause > 0
        for pause, (lived, ready) in zip(pauses, lives, strict=True)
        if not ready and lived < SETTLED
    )


def test_a_role_that_is_killed_every_ten_seconds_while_it_serves_is_hardly_ever_away() -> None:
    """Four roles, one of them killed every 2.5 s at random: it was down for 16 and 30 s before."""
    chance = random.Random(3)
    lives = [(max(3.0, chance.expovariate(1 / 10)), True) for _kill in range(300)]
    assert max(run(lives)) <= LONGEST_AFTER_SERVICE


def run(lives: Lives) -> list[float]:
    """Let processes live and die one after another on a clock of our own; return the pauses."""
    restarts, now, pauses = Restarts(), 1000.0, []
    for lived, is_ready in lives:
        restarts.started(now)
        if is_ready:
            restarts.ready()
        now += lived
        pauses.append(restarts.died(now))
        now += pauses[-1]
    return pauses
