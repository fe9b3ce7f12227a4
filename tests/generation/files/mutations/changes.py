"""Which change is made: of any three in ten by bytes, three by parts, four by what the format has."""

from __future__ import annotations

import random

from tests.generation.files.mutations import of_format, of_parts
from tests.generation.files.mutations.of_parts import Change


def any_of(noise: random.Random, form: str) -> tuple[str, Change | None]:
    """Return a change and its name; None stands for bytes anywhere."""
    kind = noise.randrange(10)
    if kind < 3:
        return "bytes", None
    names = of_parts.CHANGES if kind < 6 else of_format.CHANGES[form]
    name = noise.choice(sorted(names))
    return name, names[name](form)
