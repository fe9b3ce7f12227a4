"""What the judge sees becomes facts that are there or not."""

import pytest
import torch

from generation.bundled import score, vocabulary
from generation.bundled.captions import Facts
from generation.bundled.scenes import COLOUR_NAMES, KINDS, Group
from generation.bundled.training.judge import Sight, read
from generation.bundled.training.text import COLOUR_CHOICES, PICTURE_FACTS, labels


class _Sees:
    """A judge that is sure of what it was told, and that all objects stand in one column of its spots."""

    def __init__(self, facts: Facts, column: int) -> None:
        self.facts, self.column = facts, column

    def eval(self) -> "_Sees":
        return self

    def __call__(self, picture: torch.Tensor) -> Sight:
        right = labels([self.facts])
        facts = [
            9.0 * torch.eye(len(values))[right.facts[:, i]] for i, values in enumerate(PICTURE_FACTS.values())
        ]
        middles = torch.full((len(picture), len(KINDS), 12, 12), -20.0)
        colours = torch.zeros(len(picture), len(COLOUR_NAMES), 12, 12)
        for group in self.facts.groups:
            for row in range(group.count):
                middles[:, KINDS.index(group.kind), 3 * row, self.column] = 20.0
                colours[:, COLOUR_NAMES.index(group.colour), 3 * row, self.column] = 9.0
        return Sight(facts, middles, colours, torch.zeros(len(picture), 1 + len(KINDS), 12, 12))


@pytest.mark.parametrize(
    ("seen", "column", "expected"),
    [
        (Group("cat", "red", 2, ""), 2, {"there": True, "count": True, "colour": True, "place": True}),
        (Group("cat", "red", 2, ""), 9, {"there": True, "count": True, "colour": True, "place": False}),
        (Group("cat", "blue", 1, ""), 2, {"there": True, "count": False, "colour": False, "place": True}),
    ],
)
def test_every_named_fact_is_compared_with_what_is_seen(
    seen: Group, column: int, expected: dict[str, bool]
) -> None:
    said = Facts(setting="beach", time="night", groups=(Group("cat", "red", 2, "left"),))
    judge = _Sees(Facts(setting="beach", time="day", groups=(seen,)), column)
    (row,) = score.named_facts(judge, torch.zeros(1, 3, 256, 256), [said])  # type: ignore[arg-type]
    assert row == {"setting": True, "time": False} | {
        f"cat: {name}": right for name, right in expected.items()
    }


@pytest.mark.parametrize(
    ("spots", "count"),
    [
        ({}, 0),
        ({(2, 2): 0.5, (2, 3): 0.5}, 1),  # one thing between two spots
        ({(2, 2): 0.3, (2, 3): 0.3, (3, 2): 0.2, (3, 3): 0.2}, 1),
        ({(2, 2): 0.9, (2, 4): 0.9}, 2),
        ({(2, 2): 0.9, (2, 4): 0.9, (7, 7): 0.4, (0, 11): 0.01}, 3),
    ],
)
def test_a_thing_is_counted_once_wherever_its_middle_lies(
    spots: dict[tuple[int, int], float], count: int
) -> None:
    sight = _Sees(Facts(), 0)(torch.zeros(1, 3, 256, 256))
    for (row, column), sure in spots.items():
        sight.middles[0, KINDS.index("cat"), row, column] = torch.tensor(sure).logit()
    seen = read(sight)
    assert int(seen.counts[0, KINDS.index("cat")]) == count
    assert int(seen.counts.sum()) == count


def test_what_a_prompt_leaves_open_is_no_fact() -> None:
    said = Facts(groups=(Group("cat", "", 1, ""),))
    judge = _Sees(Facts(setting="sea", groups=(Group("cat", "red", 1, ""),)), 0)
    (row,) = score.named_facts(judge, torch.zeros(1, 3, 256, 256), [said])  # type: ignore[arg-type]
    assert row == {"cat: there": True, "cat: count": True}


@pytest.mark.parametrize(
    ("across", "place"), [(0.1, "left"), (0.26, "left"), (0.5, "middle"), (0.74, "right"), (0.9, "right")]
)
def test_a_place_is_what_training_calls_it(across: float, place: str) -> None:
    assert score.place_of(across) == place


def test_the_summary_counts_facts_and_prompts() -> None:
    rows = [{"setting": True, "cat: count": False}, {"setting": True, "dog: count": True}]
    assert score.summary(rows) == {"facts": 0.75, "all facts": 0.5, "count": 0.5, "setting": 1.0}


def test_the_fixed_prompts_ask_for_one_and_two_kinds() -> None:
    prompts = score.read_prompts()
    assert [kinds for kinds, _, _ in prompts] == [1] * 100 + [2] * 100
    assert all(len(facts.groups) == kinds for kinds, _, facts in prompts)
    known = set(COLOUR_CHOICES)
    assert all(group.colour in known for _, _, facts in prompts for group in facts.groups)
    assert all(
        getattr(facts, name) in values for _, _, facts in prompts for name, values in PICTURE_FACTS.items()
    )


def test_handwritten_prompts_name_what_can_be_drawn() -> None:
    prompts = score.read_prompts(score.HANDWRITTEN)
    assert len({text for _, text, _ in prompts}) == len(prompts) == 40
    for kinds, text, facts in prompts:
        assert len(facts.groups) == kinds
        assert labels([facts]).counts.count_nonzero() == kinds
        assert vocabulary.MEANINGFUL.intersection(vocabulary.words(text))
