"""What passes between the site and the process that reads the marks of a file: the order, and what was found."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final, Self

from generation.ingest import answers

MOST_LISTING: Final = 512 * 1024
# Longer texts, recipes and chains are cut off: they come from strangers' files.
LONGEST_TEXT: Final = 300
LONGEST_RECIPE: Final = 64 * 1024
MOST_CLAIMS: Final = 20
MOST_ACTIONS: Final = 50


class Trust(StrEnum):
    """What became of checking the signature. `CHANGED`: of whoever signed it, the file isn't what they signed."""

    NONE = "none"
    TRUSTED = "trusted"
    UNKNOWN = "unknown"
    CHANGED = "changed"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class MarksOrder:
    """Limits, and descriptors: of a PEM file of trusted roots to read, and of the listing to write."""

    memory: int
    seconds: int
    trust: int
    listing: int

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        return cls(**json.loads(text))


@dataclass(frozen=True, slots=True)
class Action:
    """`name` and `source` are C2PA's and IPTC's terms, without their prefixes; `agent` is what did it."""

    name: str
    source: str
    agent: str


@dataclass(frozen=True, slots=True)
class Claim:
    """One step of a picture's way: who is said to have signed it, when by a time server, with what, and what was done.

    `is_trusted` where this signature itself was looked at, and is that of a trusted signer.
    """

    signer: str
    signed_at: str
    generator: str
    actions: tuple[Action, ...]
    is_trusted: bool


@dataclass(frozen=True, slots=True)
class Marks:
    """All of a file; the newest claim comes first. `recipe` is the JSON text as it stands there, or empty."""

    form: str
    width: int
    height: int
    source: str
    tool: str
    recipe: str
    trust: Trust
    claims: tuple[Claim, ...]

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Raises ValueError for anything that is none: it comes from a process we do not trust."""
        data = answers.fields(json.loads(text), cls)
        return cls(
            form=_text(data["form"]),
            width=_size(data["width"]),
            height=_size(data["height"]),
            source=_text(data["source"]),
            tool=_text(data["tool"]),
            recipe=_text(data["recipe"], LONGEST_RECIPE),
            trust=Trust(data["trust"]),
            claims=tuple(_claim(each) for each in answers.several(data["claims"], MOST_CLAIMS)),
        )


def _claim(data: Any) -> Claim:
    data = answers.fields(data, Claim)
    texts = {name: _text(data[name]) for name in ("signer", "signed_at", "generator")}
    actions = tuple(_action(each) for each in answers.several(data["actions"], MOST_ACTIONS))
    return Claim(**texts, actions=actions, is_trusted=answers.flag(data["is_trusted"]))


def _action(data: Any) -> Action:
    return Action(**{name: _text(value) for name, value in answers.fields(data, Action).items()})


def _text(value: Any, longest: int = LONGEST_TEXT) -> str:
    if not isinstance(value, str) or len(value) > longest:
        raise ValueError("no text of this length")
    return value


def _size(value: Any) -> int:
    if type(value) is not int or value < 1:
        raise ValueError("no size")
    return value
