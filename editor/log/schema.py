"""What an operation may hold: each kind's fields with their bounds, and what it would cost to replay.

An operation comes from a browser, so nothing in it is believed. `check` refuses with one sentence what a replay could
not do or not bear; the replay's fuel and memory limits are the second wall.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from editor.kernels.reference import MODES
from editor.log import paths
from editor.log.paths import FAR, MOST_SIDE, Refused
from editor.replay.effects import adjustments, filters
from editor.replay.geometry import meshing, placing, resizing, warping
from editor.replay.retouch import liquifying
from editor.replay.retouch import operations as retouch
from editor.replay.shapes import description as shapes
from editor.replay.text import description as texts

__all__ = ["FAR", "KINDS", "MOST_SIDE", "Field", "Refused", "check", "pictures_of", "unknown_fonts"]

MOST_RADIUS: Final = 1024 * 16  # sixteenths
MOST_BODY: Final = 64 * 1024
MOST_BLOB: Final = 256 * 1024
# What a mesh may cover where it comes to lie, in pixels: the largest picture, turned by half a right angle.
MOST_BENT: Final = 3 * MOST_SIDE**2

# The fields that name a picture of the document.
PICTURES: Final = ("asset", "mask")

_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
_SHA = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Field:
    """A value that an operation may hold."""

    allows: Callable[[Any], bool]
    needed: bool = True


def _whole(low: int, high: int, *, needed: bool = True) -> Field:
    return Field(lambda value: type(value) is int and low <= value <= high, needed)


def _one_of(*names: str, needed: bool = True) -> Field:
    return Field(lambda value: isinstance(value, str) and value in names, needed)


def _id(*, needed: bool = True, none: bool = False) -> Field:
    def allows(value: Any) -> bool:
        return (none and value is None) or (isinstance(value, str) and _ID.fullmatch(value) is not None)

    return Field(allows, needed)


def _flag() -> Field:
    return Field(lambda value: isinstance(value, bool), needed=False)


def _text(most: int, *, needed: bool = True) -> Field:
    """Text that every database holds: no NUL, no half of a surrogate pair."""

    def allows(value: Any) -> bool:
        if not isinstance(value, str) or len(value) > most or "\0" in value:
            return False
        return not any("\ud800" <= letter <= "\udfff" for letter in value)

    return Field(allows, needed)


_SHA256: Final = Field(
    lambda value: isinstance(value, str) and _SHA.fullmatch(value) is not None, needed=False
)
_NAME: Final = _text(120)
_SIDE: Final = _whole(1, MOST_SIDE)
_BYTE: Final = _whole(0, 255)
_RGBA: Final = _whole(0, 0xFFFFFFFF)
_NEAR: Final = _whole(-FAR, FAR)
_PIXEL: Final = _whole(-2 * MOST_SIDE, 2 * MOST_SIDE)
_MODE: Final = _one_of(*MODES)
_STOPS: Final = Field(
    lambda value: (
        isinstance(value, list)
        and 1 <= len(value) <= 32
        and all(
            isinstance(stop, list)
            and len(stop) == 2
            and _whole(0, 1023).allows(stop[0])
            and _RGBA.allows(stop[1])
            for stop in value
        )
    )
)
_ADJUSTMENT: Final = Field(adjustments.allowed)
_IDS: Final = Field(
    lambda value: isinstance(value, list) and all(map(_id().allows, value)) and len(value) <= 100
)

_BOX: Final = dict.fromkeys(("x0", "y0", "x1", "y1"), _PIXEL)
_PROJECTION: Final = {"matrix": Field(warping.allowed), "method": _one_of(*warping.METHODS)}

_BRUSH: Final = {
    "layer": _id(),
    "radius": _whole(8, MOST_RADIUS),
    "hardness": _BYTE,
    "spacing": _whole(3, 1024),
    "flags": _whole(0, 3, needed=False),
}
_FLOW: Final = _whole(1, 32767)
# Pixels from elsewhere: `all` takes them from everything that is seen up to the layer, and not from the layer alone.
_SOURCE: Final = {"opacity": _BYTE, "all": _flag()}

KINDS: Final[dict[str, dict[str, Field]]] = {
    "open": {
        "width": _SIDE,
        "height": _SIDE,
        "layer": _id(),
        "name": _NAME,
        "asset": _SHA256,
        "rgba": _whole(0, 0xFFFFFFFF, needed=False),
    },
    # `keep`: the selection moves along, as it does with every newer kind; older documents drop it.
    "canvas": {"width": _SIDE, "height": _SIDE, "dx": _PIXEL, "dy": _PIXEL, "keep": _flag()},
    "orient": {"how": _one_of(*placing.HOWS)},
    "crop": {**_BOX, "discard": _flag()},
    "resize": {"width": _SIDE, "height": _SIDE, "method": _one_of(*resizing.METHODS)},
    "straighten": {"width": _SIDE, "height": _SIDE, **_PROJECTION},
    "transform": {"layer": _id(), **_BOX, **_PROJECTION},
    # Handles on an even grid over a box; `points` says how far each was moved.
    "mesh": {
        "layer": _id(),
        **_BOX,
        "columns": _whole(*meshing.PARTS),
        "rows": _whole(*meshing.PARTS),
        "points": Field(meshing.allowed),
        "method": _one_of(*warping.METHODS),
    },
    "flatten": {"layer": _id(), "name": _NAME},
    "layer.add": {
        "layer": _id(),
        "name": _NAME,
        "group": _id(needed=False, none=True),
        "above": _id(needed=False, none=True),
        "group_layer": _flag(),
        "asset": _SHA256,
        "x": _whole(-2 * MOST_SIDE, 2 * MOST_SIDE, needed=False),
        "y": _whole(-2 * MOST_SIDE, 2 * MOST_SIDE, needed=False),
        "mask_from_selection": _flag(),
        "mask": _SHA256,
        "words": _text(2000, needed=False),
        "job": _id(needed=False),
        "adjust": Field(adjustments.allowed, needed=False),
        "shape": Field(shapes.allowed, needed=False),
        "text": Field(texts.allowed, needed=False),
    },
    "layer.remove": {"layer": _id()},
    "layer.move": {"layer": _id(), "group": _id(none=True), "above": _id(none=True)},
    "layer.set": {
        "layer": _id(),
        "name": Field(_NAME.allows, needed=False),
        "opacity": _whole(0, 255, needed=False),
        "mode": _one_of(*MODES, needed=False),
        "visible": _flag(),
        "clip": _flag(),
        "lock_alpha": _flag(),
        "locked": _flag(),
        "through": _flag(),
        "mask_on": _flag(),
    },
    "layer.adjust": {"layer": _id(), "adjust": _ADJUSTMENT},
    "layer.shape": {"layer": _id(), "shape": Field(shapes.allowed)},
    "layer.text": {"layer": _id(), "text": Field(texts.allowed)},
    "layer.rasterize": {"layer": _id()},
    "layer.duplicate": {"layer": _id(), "ids": _IDS, "name": _NAME},
    "layer.merge": {"layer": _id(), "into": _id()},
    "layer.mask": {
        "layer": _id(),
        "from": _one_of("none", "white", "black", "selection", "apply", "asset"),
        "asset": _SHA256,
        "x": _whole(-2 * MOST_SIDE, 2 * MOST_SIDE, needed=False),
        "y": _whole(-2 * MOST_SIDE, 2 * MOST_SIDE, needed=False),
    },
    "layer.shift": {"layer": _id(), "dx": _PIXEL, "dy": _PIXEL},
    "stroke": {
        "layer": _id(),
        "target": _one_of("pixels", "mask", needed=False),
        "tool": _one_of("brush", "erase"),
        "radius": _whole(8, MOST_RADIUS),
        "hardness": _BYTE,
        "flow": _whole(1, 32767),
        "spacing": _whole(3, 1024),
        "opacity": _BYTE,
        "rgb": _whole(0, 0xFFFFFF, needed=False),
        "value": _whole(0, 255, needed=False),
        "flags": _whole(0, 3, needed=False),
    },
    "fill": {"layer": _id(), "rgba": _RGBA, "opacity": _BYTE, "mode": _MODE},
    "gradient": {
        "layer": _id(),
        "shape": _one_of("linear", "radial", "conic"),
        "x0": _NEAR,
        "y0": _NEAR,
        "x1": _NEAR,
        "y1": _NEAR,
        "stops": _STOPS,
        "opacity": _BYTE,
        "mode": _MODE,
    },
    "clear": {"layer": _id()},
    "move": {"layer": _id(), "dx": _PIXEL, "dy": _PIXEL, "copy": _flag()},
    "filter": {"layer": _id(), "filter": Field(filters.allowed)},
    "erase": {"layer": _id(), "seed": _whole(0, 0x7FFFFFFF)},
    "retouch.clone": {**_BRUSH, **_SOURCE, "flow": _FLOW, "dx": _PIXEL, "dy": _PIXEL},
    "retouch.heal": {**_BRUSH, **_SOURCE, "dx": _PIXEL, "dy": _PIXEL},
    "retouch.spot": {**_BRUSH, **_SOURCE},
    "retouch.tone": {
        **_BRUSH,
        "flow": _FLOW,
        "tool": _one_of("dodge", "burn"),
        "range": _one_of(*retouch.RANGES),
        "exposure": _BYTE,
    },
    # The pen's pressure changes how much paint a dab leaves, never its size.
    "retouch.smudge": {
        **_BRUSH,
        "strength": _BYTE,
        "flags": Field(lambda value: type(value) is int and value in (0, 2), needed=False),
    },
    "retouch.liquify": {
        "layer": _id(),
        "radius": _whole(16, MOST_RADIUS),
        "strength": _BYTE,
        "how": _one_of(*liquifying.HOWS),
    },
    # Several strokes of liquify as one, some of which restore what those before them moved.
    "retouch.bend": {"layer": _id(), "strokes": Field(liquifying.allowed)},
    "retouch.red": {
        "layer": _id(),
        "x": _NEAR,
        "y": _NEAR,
        "rx": _whole(8, MOST_RADIUS),
        "ry": _whole(8, MOST_RADIUS),
        "tolerance": _BYTE,
        "dark": _BYTE,
    },
    "select": {
        "shape": _one_of(
            *(
                "none",
                "all",
                "invert",
                "grow",
                "feather",
                "rectangle",
                "outline",
                "quick",
                "wand",
                "colour",
                "alpha",
                "mask",
                "picture",
            )
        ),
        "asset": _SHA256,
        "how": _one_of("replace", "add", "subtract", "intersect", needed=False),
        "feather": _whole(0, 250, needed=False),
        "radius": _whole(-250, 250, needed=False),
        "layer": _id(needed=False),
        "brush": _whole(8, MOST_RADIUS, needed=False),
        "tolerance": _whole(0, 255, needed=False),
        "soft": _whole(0, 255, needed=False),
        **{
            name: _whole(-2 * MOST_SIDE, 2 * MOST_SIDE, needed=False)
            for name in ("x", "y", "x0", "y0", "x1", "y1")
        },
    },
}


# Of any operation but the first, where an undo leads that takes several back as one step: an operation before them.
# A replay doesn't look at it, and the log takes any: one that doesn't lie before the operation counts as none.
BACK: Final = {"back": _id(needed=False)}


def check(kind: Any, body: Any, blob: bytes) -> None:
    """Raise Refused for an operation that is not of the form, or costs more than a replay may."""
    fields = KINDS.get(kind) if isinstance(kind, str) else None
    if fields is None or not isinstance(body, Mapping):
        raise Refused(_("This version of the editor doesn't know this operation. Reload the page."))
    if kind in ("layer.add", "layer.text") and "text" in body:
        _check_text(body)
    allowed = fields if kind == "open" else {**BACK, **fields}
    for name, value in body.items():
        if name not in allowed or not allowed[name].allows(value):
            raise Refused(
                _("The operation holds a value that isn't allowed: %(name)s.") % {"name": str(name)[:40]}
            )
    for name, field in fields.items():
        if field.needed and name not in body:
            raise Refused(_("The operation lacks a value: %(name)s.") % {"name": name})
    if len(blob) > MOST_BLOB:
        raise Refused(_("This stroke is too long. Draw it in parts."))
    if kind == "stroke":
        paths.check_stroke(body, blob)
    elif kind == "select":
        paths.check_selection(body, blob)
    elif kind.startswith("retouch.") and "radius" in body:
        paths.check_retouch(kind, body, blob)
    elif kind == "retouch.bend":
        paths.check_bend(body, blob)
    elif blob:
        raise Refused(_("The operation holds bytes that it can't use."))
    elif kind in ("layer.add", "layer.shape") and "shape" in body:
        _check_shape(body)
    elif "adjust" in body and (body.get("group_layer") or "asset" in body):
        raise Refused(_("An adjustment has no pixels of its own. Paint on its mask."))
    elif kind in ("crop", "transform"):
        _check_box(kind, body)
    elif kind == "mesh":
        _check_mesh(body)
    elif kind == "layer.mask" and (body["from"] == "asset") != ("asset" in body):
        raise Refused(_("The operation lacks a value: %(name)s.") % {"name": "asset"})


def unknown_fonts(kind: str, body: Mapping[str, Any]) -> bool:
    """Tell whether an operation writes a text in a font that isn't here."""
    return kind in ("layer.add", "layer.text") and "text" in body and texts.unknown_fonts(body["text"])


def _check_text(body: Mapping[str, Any]) -> None:
    """Say of a text what a list of allowed values can't."""
    text = body["text"]
    if texts.too_long(text):
        raise Refused(
            _("A text layer holds at most %(most)s letters. Put the rest into another one.")
            % {"most": texts.MOST_LETTERS}
        )
    if texts.unknown_fonts(text):
        raise Refused(_("A font of this text isn't on this server. Choose another one."))
    if any(name in body for name in ("adjust", "asset", "shape")) or body.get("group_layer"):
        raise Refused(_("A text has no pixels of its own. Add it as a layer that is nothing else."))
    if texts.allowed(text) and texts.too_large(text):
        raise Refused(_("This is too much text at this size. Make it shorter or smaller."))


def _check_shape(body: Mapping[str, Any]) -> None:
    if "adjust" in body or "asset" in body or body.get("group_layer"):
        raise Refused(_("A shape has no pixels of its own. Add it as a layer that is nothing else."))
    if shapes.has_too_many_dashes(body["shape"]):
        raise Refused(_("This line has too many dashes. Make them longer."))


def _check_box(kind: str, body: Mapping[str, Any]) -> None:
    width, height = body["x1"] - body["x0"], body["y1"] - body["y0"]
    if width < 1 or height < 1:
        raise Refused(_("Nothing would be left. Choose a larger part."))
    if max(width, height) > MOST_SIDE if kind == "crop" else width * height > MOST_SIDE**2:
        raise Refused(
            _("This is too large. A picture has at most %(most)s pixels a side.") % {"most": MOST_SIDE}
        )


def _check_mesh(body: Mapping[str, Any]) -> None:
    _check_box("transform", body)
    if len(body["points"]) != 2 * (body["columns"] + 1) * (body["rows"] + 1):
        raise Refused(_("The operation holds a value that isn't allowed: %(name)s.") % {"name": "points"})
    box = (body["x0"], body["y0"], body["x1"], body["y1"])
    if meshing.cost_of(box, body["columns"], body["rows"], body["points"]) > MOST_BENT:
        raise Refused(_("The mesh covers too much. Move its handles closer together."))


def pictures_of(body: Mapping[str, Any]) -> set[str]:
    """Return which pictures of the document an operation names."""
    return {body[name] for name in PICTURES if isinstance(body.get(name), str)}
