"""A chosen style: the words that it puts around a person's own, kept in the request as they were that day."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, Self

# Stands once in each template, for what the person typed.
PLACE: Final = "{prompt}"
LONGEST: Final = 400
LONGEST_NAME: Final = 40
_KEY: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """`prompt` is the template of the words; `negative` is left out beside what the person leaves out.

    It is a copy of the preset, not a pointer to it: a request that waits, or is run again, draws what it drew before,
    whatever became of the preset.
    """

    key: str
    name: str
    version: int
    prompt: str
    negative: str = ""

    def words(self, prompt: str) -> str:
        """What the model is given. Only the place is replaced: braces that a person typed stay."""
        return self.prompt.replace(PLACE, prompt)

    def left_out(self, negative_prompt: str) -> str:
        return ", ".join(text for text in (negative_prompt, self.negative) if text)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: object) -> Self | None:
        """Back from `to_json()`; None for anything else."""
        if not isinstance(data, Mapping) or data.keys() != {field.name for field in fields(cls)}:
            return None
        return None if wrong(data) else cls(**data)


def wrong(values: Mapping[str, Any]) -> str:
    """The first field that isn't what a style may have; empty where all are."""
    key, name, version = values.get("key"), values.get("name"), values.get("version")
    prompt, negative = values.get("prompt"), values.get("negative", "")
    right = {
        "key": is_key(key),
        "name": _is_text(name, LONGEST_NAME) and bool(str(name).strip()),
        "version": type(version) is int and 1 <= version < 2**31,
        "prompt": _is_text(prompt, LONGEST) and str(prompt).count(PLACE) == 1,
        "negative": _is_text(negative, LONGEST),
    }
    return next((field for field, is_right in right.items() if not is_right), "")


def is_key(text: object) -> bool:
    """Whether it can name a style or an adapter: in forms, addresses and file names."""
    return isinstance(text, str) and _KEY.fullmatch(text) is not None


def _is_text(value: object, longest: int) -> bool:
    return isinstance(value, str) and len(value) <= longest and value.isprintable()
