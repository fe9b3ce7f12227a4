"""A document as its operations make it: `apply` does one, in the order of the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from editor.replay import arranging, choosing, opening, painting
from editor.replay.geometry import operations as geometry
from editor.replay.retouch import operations as retouch
from editor.replay.state import Assets, Body, State

__all__ = ["Assets", "Document"]

_KINDS: Final[dict[str, Callable[[State, Body, bytes], None]]] = {
    **opening.KINDS,
    **arranging.KINDS,
    **painting.KINDS,
    **choosing.KINDS,
    **geometry.KINDS,
    **retouch.KINDS,
}


class Document(State):
    """What the operations so far have made."""

    def apply(self, kind: str, body: Body, blob: bytes = b"") -> None:
        """Do one operation, whose body has been checked by editor.log.schema. Raises Impossible, OutOfFuel."""
        _KINDS[kind](self, body, blob)
