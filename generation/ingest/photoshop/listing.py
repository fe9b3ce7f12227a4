"""What passes between the site and the process that reads a Photoshop file: the order, and what was found in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Final, Self

from generation.ingest import answers

MOST_LISTING: Final = 1024 * 1024


class Left(StrEnum):
    """What of a file is not there any more, or not as it was."""

    ADJUSTMENTS = "adjustments"
    FILLS = "fills"
    EFFECTS = "effects"
    VECTOR_MASKS = "vector_masks"
    MASK_SETTINGS = "mask_settings"
    BLEND_RANGES = "blend_ranges"
    MODES = "modes"
    TEXT = "text"
    SMART_OBJECTS = "smart_objects"
    DEPTH = "depth"
    FAR = "far"


@dataclass(frozen=True, slots=True)
class LayersOrder:
    """Limits, and the descriptors of the files to write. The file to read is the standard input.

    `max_pixels` bounds the picture, `all_pixels` all layers and masks together, `max_bytes` the pictures as written.
    """

    max_pixels: int
    max_side: int
    max_layers: int
    all_pixels: int
    memory: int
    seconds: int
    pictures: int
    listing: int
    max_bytes: int

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        return cls(**json.loads(text))


@dataclass(frozen=True, slots=True)
class Written:
    """A PNG among the pictures: where it begins, its bytes, its size, and where its left top corner stands."""

    at: int
    bytes: int
    width: int
    height: int
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Node:
    """A layer or a group. `parent` is the index of its group, -1 for none; of one group the lowest comes first.

    `mask_blank` is what a mask without a picture is everywhere, 0 or 255; -1 where there is none.
    """

    name: str
    parent: int
    group: bool
    picture: Written | None
    mask: Written | None
    mask_blank: int
    mask_on: bool
    opacity: int
    mode: str
    visible: bool
    clip: bool
    lock_alpha: bool
    locked: bool
    through: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """All of a file."""

    width: int
    height: int
    nodes: list[Node]
    left: Mapping[Left, int] = field(default_factory=dict)

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str, pictures: int) -> Self:
        """Raises ValueError for anything that is none: it comes from a process we do not trust.

        `pictures` is how many bytes of pictures there are.
        """
        data = json.loads(text)
        answers.fields(data, cls)
        nodes = [_node(each, number, pictures) for number, each in enumerate(answers.several(data["nodes"]))]
        for node in nodes:
            if node.parent >= 0 and not nodes[node.parent].group:
                raise ValueError("not a group")
        left = {Left(name): answers.whole(count) for name, count in _object(data["left"]).items()}
        return cls(answers.whole(data["width"]), answers.whole(data["height"]), nodes, left)


def _node(data: Any, number: int, pictures: int) -> Node:
    answers.fields(data, Node)
    for name in ("group", "mask_on", "visible", "clip", "lock_alpha", "locked", "through"):
        if not isinstance(data[name], bool):
            raise ValueError(name)
    if not (isinstance(data["name"], str) and isinstance(data["mode"], str)):
        raise ValueError("no text")
    if not (-1 <= answers.whole(data["parent"]) < number and 0 <= answers.whole(data["opacity"]) <= 255):
        raise ValueError("out of bounds")
    if answers.whole(data["mask_blank"]) not in (-1, 0, 255):
        raise ValueError("out of bounds")
    both = {name: _written(data[name], pictures) for name in ("picture", "mask")}
    return Node(**{**data, **both})


def _written(data: Any, pictures: int) -> Written | None:
    if data is None:
        return None
    answers.fields(data, Written)
    found = Written(**{name: answers.whole(value) for name, value in data.items()})
    if found.at < 0 or found.bytes < 1 or found.at + found.bytes > pictures:
        raise ValueError("beyond the end")
    return found


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("no object")
    return value
