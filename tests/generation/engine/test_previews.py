"""Two previews of 20 steps or more, one of fewer; beyond these only as many as a tenth of the steps' time pays for."""

import pytest

from generation.engine.previews import PreviewClock


class Drawing:
    """A drawing on a clock that is set by hand: its steps with previews, and the seconds that each part took."""

    def __init__(self, steps: int, seconds_a_step: float, seconds_a_preview: float) -> None:
        self.shown: list[int] = []
        self.now = self.stepping = self.previewing = 0.0
        clock = PreviewClock(lambda: self.now)
        for step in range(1, steps + 1):
            self.now += seconds_a_step
            self.stepping += seconds_a_step
            if clock.is_due(step, steps):
                self.now += seconds_a_preview
                self.previewing += seconds_a_preview
                self.shown.append(step)
                clock.shown()


@pytest.mark.parametrize(
    ("steps", "shown"), [(1, [1]), (2, [1]), (9, [4]), (19, [9]), (20, [6, 13]), (50, [16, 33])]
)
def test_a_quick_drawing_shows_two_of_20_steps_or_more_and_else_one(steps: int, shown: list[int]) -> None:
    assert Drawing(steps, 0.001, 0.0001).shown == shown


def test_a_slow_drawing_with_cheap_previews_shows_every_step_after_the_first_promised_one() -> None:
    assert Drawing(30, 2.0, 0.01).shown == list(range(10, 31))


def test_between_the_promised_ones_there_are_at_most_two_a_second() -> None:
    slow = Drawing(100, 0.1, 0.001)
    assert 10 < len(slow.shown) <= 10 * 2 + 2


@pytest.mark.parametrize("steps", [4, 10, 19, 20, 50, 100])
@pytest.mark.parametrize("seconds_a_step", [0.03, 0.2, 2.0])
def test_beyond_the_promised_ones_previews_never_take_more_than_a_tenth_of_the_steps(
    steps: int, seconds_a_step: float
) -> None:
    for seconds_a_preview in (0.02, 0.15, 1.5):
        drawing = Drawing(steps, seconds_a_step, seconds_a_preview)
        promised = (2 if steps >= 20 else 1) * seconds_a_preview
        assert drawing.previewing <= max(promised, drawing.stepping / 10) + 1e-9
