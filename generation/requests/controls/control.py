"""A control picture: what of it leads the drawing (its edges, its depth), and how strongly."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from types import MappingProxyType
from typing import Any, Final, Self

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from generation.requests.kinds import WITH_CONTROL
from generation.requests.naming import is_reference

Sentence = str | Promise

# What weights for control are made for → its name for people. The catalogue's entries name weights by these.
KINDS: Final[Mapping[str, Promise]] = MappingProxyType({"edges": _("Edges"), "depth": _("Depth")})
# What the network adds is multiplied by it. Further out, pictures fall apart.
LEAST: Final = 0.1
MOST: Final = 2.0
DEFAULT: Final = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """`picture` is a name like that of a reference. With `is_map` it is the map itself: white edges on black, or depth
    with what is near white; else the engine computes the map from it.
    """

    picture: str
    kind: str
    strength: float = DEFAULT
    is_map: bool = False

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: object) -> Self | None:
        """Back from `to_json()`; None for anything else."""
        if not isinstance(data, Mapping) or data.keys() != {field.name for field in fields(cls)}:
            return None
        strength = data["strength"]
        right = isinstance(data["kind"], str) and isinstance(data["is_map"], bool) and is_number(strength)
        return cls(**data) if right and isinstance(data["picture"], str) else None


def errors(control: Control | None, kind: str) -> dict[str, Sentence]:
    """What is wrong with it in a request of this kind, by the fields of the form."""
    if control is None:
        return {}
    if kind not in WITH_CONTROL:
        return {
            "control": _(
                "A control picture only works for pictures from words, or from a picture and words. Remove it."
            )
        }
    found: dict[str, Sentence] = {}
    if not is_reference(control.picture):
        found["control"] = _("Choose a control picture.")
    if control.kind not in KINDS:
        found["control_kind"] = _("Choose what leads the drawing: edges or depth.")
    if not is_number(control.strength) or not LEAST <= control.strength <= MOST:
        sentence = _("Control takes a strength from %(least)s to %(most)s.")
        found["control_strength"] = sentence % {"least": f"{LEAST:g}", "most": f"{MOST:g}"}
    return found


def not_offered(control: Control, offered: Mapping[str, object]) -> Sentence:
    """Why a model with these kinds of control can't use it; empty where it can."""
    if not offered:
        return _("This model takes no control picture. Choose another model, or remove the control picture.")
    if control.kind in offered:
        return ""
    sentence = _("This model isn't controlled by that. Choose %(kinds)s, or another model.")
    return sentence % {"kinds": _either(offered)}


def _either(offered: Mapping[str, object]) -> str:
    return " / ".join(str(name) for kind, name in KINDS.items() if kind in offered)


def is_number(value: object) -> bool:
    return not isinstance(value, bool) and isinstance(value, int | float) and math.isfinite(value)
