"""Previews come three times in a quick drawing and at most twice a second in a slow one."""

from generation.engine.previews import PreviewClock


def shown(steps: int, seconds_a_step: float) -> list[int]:
    now = 0.0
    clock = PreviewClock(lambda: now)
    found = []
    for step in range(1, steps + 1):
        now += seconds_a_step
        if clock.is_due(step, steps):
            found.append(step)
    return found


def test_a_quick_drawing_shows_three() -> None:
    assert shown(25, 0.01) == [6, 12, 18]
    assert len(shown(4, 0.01)) == 3


def test_a_slow_drawing_shows_every_step() -> None:
    assert shown(9, 2.0) == list(range(1, 10))


def test_between_the_three_there_are_at_most_two_a_second() -> None:
    assert len(shown(100, 0.1)) <= 100 * 0.1 * 2 + 3


def test_slow_previews_never_take_more_than_a_fifth_of_the_time() -> None:
    now, previewing = 0.0, 0.0
    clock = PreviewClock(lambda: now)
    for step in range(1, 101):
        now += 0.2
        if clock.is_due(step, 100):
            now += 1.5
            previewing += 1.5
            clock.shown()
    assert previewing <= now / 5 + 3 * 1.5
