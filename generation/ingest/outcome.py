"""What passes between the site and the process that decodes: the order, and what became of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Final, Self

THUMBNAIL_SIDES: Final = (256, 512)


class Cause(StrEnum):
    """Why a file is not accepted. The sentence for the person is written by the site, in their language."""

    EMPTY = "empty"
    TOO_HEAVY = "too_heavy"
    UNKNOWN = "unknown"
    OTHER_FORMAT = "other_format"
    MOVING = "moving"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_LONG = "too_long"
    DAMAGED = "damaged"
    TOO_COSTLY = "too_costly"
    TOO_DETAILED = "too_detailed"
    # Of files with layers alone.
    COLOURS = "colours"
    TOO_MANY_LAYERS = "too_many_layers"
    ALL_TOO_LARGE = "all_too_large"


class Unacceptable(Exception):
    """The file is refused; `details` holds the numbers and names of the sentence."""

    def __init__(self, cause: Cause, **details: str | int) -> None:
        super().__init__(cause)
        self.cause = cause
        self.details: dict[str, str | int] = details


@dataclass(frozen=True, slots=True)
class DecodeOrder:
    """Limits, and the descriptors of the files to write. The file to read is the standard input.

    `thumbnails` maps a long side in pixels to its descriptor, `squares` the side of a square that is cut out of the
    middle. `memory` bounds the address space in bytes, `max_bytes` each file that is written.
    """

    max_pixels: int
    max_side: int
    memory: int
    seconds: int
    master: int
    thumbnails: Mapping[int, int]
    max_bytes: int = 128 * 2**20
    squares: Mapping[int, int] = field(default_factory=dict)

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        data = json.loads(text)
        thumbnails, squares = (
            {int(side): descriptor for side, descriptor in data.pop(name).items()}
            for name in ("thumbnails", "squares")
        )
        return cls(**data, thumbnails=thumbnails, squares=squares)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Either the sizes of what was written, or the cause of the refusal."""

    cause: str = ""
    details: Mapping[str, str | int] = field(default_factory=dict)
    format: str = ""
    width: int = 0
    height: int = 0

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Raises ValueError for anything that is not an outcome: it comes from a process we do not trust."""
        data = json.loads(text)
        if not isinstance(data, dict) or data.keys() != cls.__dataclass_fields__.keys():
            raise ValueError("not an outcome")
        details = data["details"]
        fits = (
            all(isinstance(data[name], str) for name in ("cause", "format"))
            and all(type(data[name]) is int for name in ("width", "height"))
            and isinstance(details, dict)
            and all(type(value) is (str if name == "name" else int) for name, value in details.items())
        )
        if not fits or data["cause"] not in {"", *Cause}:
            raise ValueError("not an outcome")
        return cls(**data)

    def refusal(self) -> Unacceptable | None:
        """Return what the decoder refuses the file for, if it does."""
        if not self.cause:
            return None
        refusal = Unacceptable(Cause(self.cause))
        refusal.details = dict(self.details)
        return refusal
