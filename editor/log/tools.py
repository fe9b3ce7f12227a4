"""The names of the editor's tools, for usage data: which ones were used on a day, and nothing of what they drew."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.utils.translation import gettext_lazy as _

from accounts import usage
from accounts.callers import PersonRequest
from accounts.people import policies
from editor.log.appending import Sent
from image2.lib.personal_data import Sentence

EVENT: Final = "editor.used"
# The first text of the policy that speaks of tools and of the editor.
_NAMED_BY: Final = 3
# As people read them. A kind of operation without words of its own is called by its name.
WORDS: Final[dict[str, Sentence]] = {
    "brush": _("brush"),
    "eraser": _("eraser"),
    "canvas": _("canvas size"),
    "clear": _("clear"),
    "crop": _("crop"),
    "erase": _("object removal"),
    "fill": _("fill"),
    "flatten": _("flatten"),
    "gradient": _("gradient"),
    "layer": _("layers"),
    "mask": _("layer masks"),
    "mesh": _("mesh warp"),
    "move": _("move"),
    "orient": _("rotate and flip"),
    "resize": _("image size"),
    "retouch": _("retouching"),
    "select": _("selection"),
    "straighten": _("straighten"),
    "transform": _("free transform"),
}
_STROKES: Final = {"brush": "brush", "erase": "eraser"}


def record(request: PersonRequest, operations: Iterable[Sent]) -> None:
    """Write down which tools were used today, once each, where the person and the policy allow it.

    Call it after the operations were taken: only then are their kinds known names and not something that was typed.
    """
    tools = used_in(operations)
    if tools and policies.in_force(_NAMED_BY):
        usage.record_once_a_day(user=request.user, event=EVENT, detail="tool", values=tools, request=request)


def used_in(operations: Iterable[Sent]) -> set[str]:
    """Return the names of the tools that these operations come from."""
    return {_tool(each) for each in operations} - {""}


def words(tool: str) -> Sentence:
    return WORDS.get(tool, tool)


def _tool(operation: Sent) -> str:
    if operation.kind == "stroke":
        return _STROKES.get(operation.body.get("tool"), "")
    if operation.kind == "layer.mask":
        return "mask"
    return str(operation.kind).partition(".")[0]
