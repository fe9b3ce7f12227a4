"""The time of a run, divided between its jobs."""

from __future__ import annotations

from generation.worker.run_clock import RunClock


class Hands:
    """A clock that is set by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_shared_stages_are_divided_by_pictures_and_others_count_for_their_job() -> None:
    hands = Hands()
    clock = RunClock({"alice": 1, "bob": 3}, hands)
    hands.now += 4  # loading, for all
    clock.enter("drawing", "alice")
    hands.now += 4
    clock.enter("drawing", "bob")  # the same step, reported to the next job
    hands.now += 4
    clock.enter("upscaling", "alice")
    hands.now += 5
    assert clock.leave("alice") == {"loading": 1.0, "drawing": 2.0, "upscaling": 5.0}
    clock.enter("upscaling", "bob")
    hands.now += 7
    assert clock.leave("bob") == {"loading": 3.0, "drawing": 6.0, "upscaling": 7.0}


def test_a_job_that_left_is_counted_no_more_and_the_others_share_the_rest() -> None:
    hands = Hands()
    clock = RunClock({"alice": 1, "bob": 1}, hands)
    clock.enter("drawing", "alice")
    hands.now += 2
    assert clock.leave("alice") == {"drawing": 1.0, "loading": 0.0}
    hands.now += 2
    assert clock.leave("bob")["drawing"] == 3.0
    assert clock.leave("alice")["drawing"] == 1.0
