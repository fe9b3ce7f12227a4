"""The table of ASVS 5.0 in docs/security.md has every requirement of levels 1 and 2 once, and says what is missing."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Final

ROOT = Path(__file__).resolve().parents[2]
TEXT: Final = (ROOT / "docs" / "security.md").read_text()
STATES: Final = ("met", "in part", "not met", "operator", "does not apply")
# ASVS 5.0.0: how many requirements of the levels 1 and 2 each section begins with; those of level 3 follow them.
SECTIONS: Final = """
1.1 2, 1.2 9, 1.3 11, 1.4 3, 1.5 2, 2.1 3, 2.2 3, 2.3 4, 2.4 1, 3.2 2, 3.3 4, 3.4 6, 3.5 5, 3.7 2, 4.1 3, 4.2 1, 4.3 2,
4.4 4, 5.1 1, 5.2 3, 5.3 2, 5.4 3, 6.1 3, 6.2 12, 6.3 4, 6.4 4, 6.5 5, 6.6 3, 6.8 4, 7.1 3, 7.2 4, 7.3 2, 7.4 5, 7.5 2,
7.6 2, 8.1 2, 8.2 3, 8.3 1, 8.4 1, 9.1 3, 9.2 4, 10.1 2, 10.2 2, 10.3 4, 10.4 11, 10.5 5, 10.6 2, 10.7 3, 11.1 2,
11.2 3, 11.3 3, 11.4 4, 11.5 1, 11.6 1, 12.1 3, 12.2 2, 12.3 4, 13.1 1, 13.2 5, 13.3 2, 13.4 5, 14.1 2, 14.2 4, 14.3 3,
15.1 3, 15.2 3, 15.3 7, 16.1 1, 16.2 5, 16.3 4, 16.4 3, 16.5 3, 17.1 1, 17.2 4, 17.3 2
"""
ROW: Final = re.compile(
    r"^\| (\d+\.\d+\.\d+[^|]*) \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE
)
ROWS: Final = [tuple(cell.strip() for cell in row) for row in ROW.findall(TEXT)]


def numbers(cell: str) -> list[str]:
    """Return each number of a cell such as 1.2.1–1.2.3, 1.2.5."""
    found = []
    for part in cell.split(", "):
        first, _dash, last = part.partition("–")
        section, _dot, number = first.rpartition(".")
        end = int(last.rpartition(".")[2] or number)
        found += [f"{section}.{each}" for each in range(int(number), end + 1)]
    return found


def test_every_requirement_of_the_level_stands_in_the_table_once() -> None:
    listed = Counter(number for cells in ROWS for number in numbers(cells[0]))
    sections = [each.split() for each in SECTIONS.split(",")]
    wanted = {f"{section}.{number}" for section, most in sections for number in range(1, int(most) + 1)}
    assert [number for number, times in listed.items() if times > 1] == []
    assert listed.keys() == wanted


def test_the_sums_are_those_of_the_table() -> None:
    sums = {
        state: int(count) for state, count in re.findall(r"^\| ([a-z ]+) \| (\d+) \|$", TEXT, re.MULTILINE)
    }
    counted = Counter(cells[2] for cells in ROWS for _number in numbers(cells[0]))
    assert tuple(sums) == STATES
    assert sums == counted


def test_what_is_met_says_where_and_what_is_not_says_why() -> None:
    assert [cells[0] for cells in ROWS if len(cells[3]) < len("none")] == []
    # What holds by there being nothing to break it has no test.
    assert len([cells for cells in ROWS if cells[2] == "met" and cells[4] == "–"]) <= 3


def test_each_test_that_is_named_is_there() -> None:
    gone = []
    for path, name in re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", TEXT):
        source = (ROOT / path).read_text() if (ROOT / path).exists() else ""
        if not source or (name and f"def {name}(" not in source):
            gone.append(f"{path}::{name}")
    assert gone == []
