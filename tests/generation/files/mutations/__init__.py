"""Damaged files by the thousand, each made from a seed and a number: the same two give the same file again.

``python -m tests.generation.files.mutations --count 10000 --seed 7`` sends them through the ingest and compares what is
accepted with what Chromium shows.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from tests.generation.files import corpus
from tests.generation.files.mutations import by_bytes, changes, strangers
from tests.generation.files.mutations.parts import FORMS, join, split

# Of a hundred files, how many begin as a file of another kind, which is refused by its name.
_STRANGERS = 4


@dataclass(frozen=True, slots=True)
class Mutant:
    """A file after its changes. `form` is the kind that it began as: "PNG", "JPEG", "WEBP", "AVIF" or "other"."""

    number: int
    name: str
    form: str
    content: bytes
    original: bytes


def mutants(*, seed: int, numbers: range) -> Iterator[Mutant]:
    """Yield the files of these numbers; each depends on the seed and its own number alone."""
    for number in numbers:
        yield mutant(seed=seed, number=number)


def mutant(*, seed: int, number: int) -> Mutant:
    noise = random.Random(f"{seed}:{number}")
    if noise.randrange(100) < _STRANGERS:
        name, content = noise.choice(strangers.files())
        return Mutant(number, f"{name}, bytes", "other", by_bytes.anywhere(noise, content), content)
    form = noise.choice(list(FORMS))
    case = noise.choice(starts()[form])
    content, done = case.content, []
    for _turn in range(noise.choice((1, 1, 1, 2, 3))):
        parts = split(form, content)
        name, change = changes.any_of(noise, form)
        others = [
            noise.choice(starts()[form]).content,
            noise.choice(starts()[noise.choice(list(FORMS))]).content,
        ]
        content = join(change(noise, parts, others)) if change else by_bytes.anywhere(noise, content)
        done.append(name)
    return Mutant(number, f"{case.name}: {', '.join(done)}", form, content, case.content)


@cache
def starts() -> dict[str, list[corpus.Case]]:
    """Small whole files of every accepted kind, by form."""
    found: dict[str, list[corpus.Case]] = {form: [] for form in FORMS}
    for case in corpus.whole():
        found[case.form].append(case)
    return found
