"""What the page says when it asks for a price or orders: read field by field, since it comes from a browser."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Self

from django.utils.translation import gettext as _

from editor.generating.tools import TOOLS, Gives, Tool
from generation.requests.boxes import Box
from generation.requests.kinds import Kind
from generation.requests.request import MAX_PROMPT, SEEDS
from generation.requests.sizes import Size

_FAR: Final = 2**16  # no length that a page says is larger
_LONGEST: Final = 100
_Numbers = tuple[int, ...]
_Points = tuple[tuple[int, int], ...]


class Refused(Exception):
    """Nothing was ordered, held or charged. `sentence` is for the person, `code` for the page."""

    def __init__(self, code: str, sentence: str, *, status: int = 422, **more: Any) -> None:
        super().__init__(sentence)
        self.code, self.sentence, self.status, self.more = code, sentence, status, more


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked for, whether it can be done or not. Lengths are pixels of the document at the operation.

    `canvas` is (width, height, dx, dy) as an operation `canvas` has it. `box` is in the pixels of the new canvas then.
    A selection by clicks has points (x, y) `inside` and `outside` of what is meant, and `box` is drawn around it.
    """

    tool: str
    model: str = ""
    words: str = ""
    variants: int = 1
    strength: float | None = None
    box: _Numbers | None = None
    feather: int | None = None
    scale: str = ""
    canvas: _Numbers | None = None
    layer: str = ""
    whole: bool = False
    seed: int | None = None
    inside: _Points = ()
    outside: _Points = ()

    @property
    def definition(self) -> Tool:
        return TOOLS[self.tool]

    @property
    def is_of_selection(self) -> bool:
        """Whether it changes what is selected, and nothing else."""
        return self.definition.selection != "none" and not self.whole

    @property
    def kind(self) -> Kind:
        whole = self.definition.kind_of_whole
        return whole if self.whole and whole else self.definition.kind

    @property
    def gives(self) -> Gives:
        return "document" if self.kind == "variation" else self.definition.gives

    @property
    def wanted_box(self) -> Box | None:
        return None if self.box is None else Box(*self.box)

    @property
    def canvas_size(self) -> Size:
        assert self.canvas is not None
        return Size(*self.canvas[:2])

    def to_json(self) -> dict[str, Any]:
        """What the order keeps: `from_json` reads it."""
        return {name: value for name, value in asdict(self).items() if value not in (None, ())}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        values: dict[str, Any] = {
            name: _frozen(value) if isinstance(value, list) else value for name, value in kept.items()
        }
        return cls(**values)

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> Self:
        """Return what a page sent. Raises Refused for what no page of ours sends."""
        tool = TOOLS.get(body["tool"]) if isinstance(body.get("tool"), str) else None
        if tool is None:
            raise _not_understood()
        whole = bool(body.get("whole")) and tool.selection == "optional"
        strength = body.get("strength")
        if strength is None or tool.strength is None:
            strength = tool.strength
        elif isinstance(strength, bool) or not isinstance(strength, int | float):
            raise _not_understood()
        return cls(
            tool=tool.name,
            model=_text(body, "model"),
            words=_text(body, "words", 10 * MAX_PROMPT) if tool.words != "none" else "",
            variants=_whole(body, "variants", 1, _LONGEST) or 1,
            strength=strength,
            box=_box(body, "box"),
            feather=_whole(body, "feather", 0, _FAR),
            scale=_text(body, "scale") if tool.field == "scale" else "",
            canvas=_canvas(body) if tool.field == "canvas" else None,
            layer=_text(body, "layer") if tool.field == "layer" else "",
            whole=whole,
            seed=_whole(body, "seed", 0, SEEDS - 1),
            inside=_points(body, "inside") if tool.field == "points" else (),
            outside=_points(body, "outside") if tool.field == "points" else (),
        )


def marked(body: Mapping[str, Any]) -> Box | None:
    """Return the rectangle around what is selected, as the page says it. Raises Refused."""
    corners = _box(body, "marked")
    return None if corners is None else Box(*corners)


def _canvas(body: Mapping[str, Any]) -> _Numbers:
    sent = body.get("canvas")
    if not isinstance(sent, Mapping):
        raise Refused("canvas", _("Choose how large the picture becomes."))
    width, height = _whole(sent, "width", 1, _FAR), _whole(sent, "height", 1, _FAR)
    dx, dy = _whole(sent, "dx", -_FAR, _FAR), _whole(sent, "dy", -_FAR, _FAR)
    if width is None or height is None or dx is None or dy is None:
        raise Refused("canvas", _("Choose how large the picture becomes."))
    return width, height, dx, dy


def _box(body: Mapping[str, Any], name: str) -> _Numbers | None:
    sent = body.get(name)
    if sent is None:
        return None
    if not isinstance(sent, list) or len(sent) != 4 or any(type(n) is not int or abs(n) > _FAR for n in sent):
        raise _not_understood()
    left, top, right, bottom = sent
    if right <= left or bottom <= top:
        raise Refused("box", _("The box that the model sees is empty. Draw it again."))
    return left, top, right, bottom


def _points(body: Mapping[str, Any], name: str) -> _Points:
    """Points in pixels; how many there may be, and where, is said by the request."""
    sent = body.get(name, [])
    if not isinstance(sent, list) or len(sent) > _LONGEST:
        raise _not_understood()
    for point in sent:
        if not isinstance(point, list) or len(point) != 2 or any(type(n) is not int for n in point):
            raise _not_understood()
        if any(abs(n) > _FAR for n in point):
            raise _not_understood()
    return tuple((x, y) for x, y in sent)


def _frozen(value: list[Any]) -> tuple[Any, ...]:
    return tuple(tuple(each) if isinstance(each, list) else each for each in value)


def _whole(body: Mapping[str, Any], name: str, least: int, most: int) -> int | None:
    sent = body.get(name)
    if sent is None:
        return None
    if type(sent) is not int or not least <= sent <= most:
        raise _not_understood()
    return sent


def _text(body: Mapping[str, Any], name: str, most: int = _LONGEST) -> str:
    sent = body.get(name)
    if sent is None:
        return ""
    if not isinstance(sent, str) or len(sent) > most or "\0" in sent:
        raise _not_understood()
    return sent


def _not_understood() -> Refused:
    return Refused("form", _("The server didn't understand this order. Reload the page, then order again."))
