"""A chosen adapter (LoRA): which one, how strongly, and the words that it was trained to react to."""

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, Self

from generation.styles.style import LONGEST, LONGEST_NAME, is_key

# No entry and no request goes beyond: further out, networks draw noise.
LEAST: Final = -2.0
MOST: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter:
    """`trigger` are words that have to be in the prompt; what of them isn't there is added behind it.

    Name and trigger are copies, as a style is one: what is run again is asked for in the same words.
    """

    key: str
    name: str
    weight: float
    trigger: str = ""

    def words(self, prompt: str) -> str:
        missing = [word for word in _parts(self.trigger) if not _is_said(word, prompt)]
        return ", ".join((prompt, *missing))

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: object) -> Self | None:
        """Back from `to_json()`; None for anything else."""
        if not isinstance(data, Mapping) or data.keys() != {field.name for field in fields(cls)}:
            return None
        texts = ((data["name"], LONGEST_NAME), (data["trigger"], LONGEST))
        right = is_key(data["key"]) and all(
            isinstance(text, str) and len(text) <= most for text, most in texts
        )
        return cls(**data) if right and is_weight(data["weight"]) else None


def is_weight(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and LEAST <= value <= MOST


def _is_said(word: str, prompt: str) -> bool:
    """Whether it stands there as whole words, however they are written: “art” isn't in “party”."""
    return bool(re.search(rf"(?<!\w){re.escape(word.casefold())}(?!\w)", prompt.casefold()))


def _parts(trigger: str) -> list[str]:
    return [part for part in (text.strip() for text in trigger.split(",")) if part]
