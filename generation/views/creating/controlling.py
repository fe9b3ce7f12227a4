"""The control picture of the form: which kinds the chosen model has, the chosen picture, what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from generation import availability
from generation.jobs.refusals import REFERENCE_GONE
from generation.models import Picture, Upload
from generation.pictures import references
from generation.requests.catalogue import Entry
from generation.requests.controls import control
from generation.requests.controls.control import Control
from generation.requests.controls.weights import NONE, ControlWeights
from generation.requests.request import InvalidRequest
from generation.views.tiles import Tile

if TYPE_CHECKING:
    from accounts.models import User

FIELDS: Final = ("control", "control_kind", "control_strength", "control_map")
# What the form holds for a picture that is the map itself.
MAP: Final = "map"
# Characters of the name: more than any form of ours sends.
LONGEST: Final = 60


@dataclass(frozen=True, slots=True)
class Kind:
    name: str
    label: str
    is_chosen: bool


class Row:
    """What the row shows; ``values`` are those of the form."""

    least, most = f"{control.LEAST:g}", f"{control.MOST:g}"

    def __init__(self, entry: Entry | None, values: Mapping[str, Any], user: User) -> None:
        self._entry, self._user, self._values = entry, user, values
        self.typed = str(values.get("control") or "")[:LONGEST]

    @property
    def is_shown(self) -> bool:
        """Where the model can be led, or where something is chosen that it can't use."""
        return bool(self._offered) or bool(self.typed)

    @property
    def kinds(self) -> list[Kind]:
        offered = self._offered
        chosen = str(self._values.get("control_kind") or "") or next(iter(offered), "")
        return [
            Kind(name, str(label), name == chosen) for name, label in control.KINDS.items() if name in offered
        ]

    @property
    def is_map(self) -> bool:
        return self._values.get("control_map") in (MAP, True)

    @property
    def strength(self) -> str:
        """As typed, right or wrong."""
        typed = self._values.get("control_strength")
        if typed in (None, ""):
            return f"{control.DEFAULT:g}"
        return f"{typed:g}" if isinstance(typed, float) else str(typed)

    @cached_property
    def found(self) -> Picture | Upload | None:
        try:
            return references.find(user=self._user, reference=self.typed) if self.typed else None
        except references.ReferenceGone:
            return None

    @property
    def name(self) -> str:
        """What the form sends; empty for a picture that isn't there any more."""
        return self.typed if self.found else ""

    @property
    def image(self) -> str:
        return Tile(self.found).tiny if self.found else ""

    @property
    def note(self) -> str:
        """One sentence where the chosen picture can't be used; else empty."""
        if not self.typed or self._entry is None:
            return ""
        if self.found is None:
            return str(REFERENCE_GONE)
        wanted = Control(picture=self.typed, kind=str(self._values.get("control_kind") or ""))
        if self._offered and not wanted.kind:
            return ""
        return str(control.not_offered(wanted, self._offered))

    @cached_property
    def _offered(self) -> Mapping[str, ControlWeights]:
        """Without those whose weights no live worker has."""
        return availability.controls(self._entry) if self._entry else NONE


def control_for(data: Mapping[str, Any], entry: Entry | None) -> Control | None:
    """The control that the form names; the request says whether it is right. Without a kind, the first that is here.

    Raises InvalidRequest for weights that the model's entry names and no live worker has.
    """
    if not data.get("control"):
        return None
    known = entry.controls if entry else NONE
    offered = availability.controls(entry) if entry else NONE
    strength = data.get("control_strength")
    wanted = Control(
        picture=data["control"],
        kind=data.get("control_kind") or next(iter(offered or known), ""),
        strength=control.DEFAULT if strength is None else round(float(strength), 2),
        is_map=data.get("control_map") == MAP,
    )
    if wanted.kind in known and wanted.kind not in offered:
        raise InvalidRequest({"control": control.not_offered(wanted, offered)})
    return wanted


def named(asked: Control | None) -> dict[str, Any]:
    """The values of the form for the control of a request."""
    if asked is None:
        return dict.fromkeys(FIELDS, "")
    return {
        "control": asked.picture,
        "control_kind": asked.kind,
        "control_strength": asked.strength,
        "control_map": MAP if asked.is_map else "",
    }
