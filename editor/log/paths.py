"""What a path of points may cost: strokes, retouching and quick selections that a replay couldn't bear are refused."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _

from editor.replay import quick, strokes
from editor.replay.retouch import healing, liquifying
from editor.replay.retouch.liquifying import Bend

MOST_SIDE: Final = 8192
MOST_SAMPLES: Final = 20_000
MOST_POINTS: Final = 20_000
FAR: Final = 4 * MOST_SIDE * 16  # no coordinate lies further out, in sixteenths
# What one operation may cost: pixels that brush masks are laid on. A replay does some 2e9 a second.
MOST_COST: Final = 6_000_000_000
# The least side of a dab that bends: so small ones cost what the call of each takes, not what their pixels do.
LEAST_BENT: Final = 32
# A dab that smudges costs as much as so many that paint.
SMUDGE_COST: Final = 15

# What a shape of a selection needs besides.
_SELECT_NEEDS: Final = {
    "grow": ("radius",),
    "feather": ("radius",),
    "rectangle": ("x0", "y0", "x1", "y1"),
    "quick": ("brush",),
    "wand": ("x", "y", "tolerance"),
    "colour": ("x", "y", "tolerance"),
    "alpha": ("layer",),
    "mask": ("layer",),
    "picture": ("asset",),
}


class Refused(Exception):
    """The operation is not taken. `sentence` is for the person."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def check_stroke(body: Mapping[str, Any], blob: bytes) -> None:
    wanted = "value" if body.get("target") == "mask" else "rgb" if body["tool"] == "brush" else None
    if wanted and wanted not in body:
        raise Refused(_("The operation lacks a value: %(name)s.") % {"name": wanted})
    check_path(body, blob)


def check_retouch(kind: str, body: Mapping[str, Any], blob: bytes) -> None:
    if kind == "retouch.liquify":
        check_bent([Bend(body["how"], body["radius"], body["strength"], _samples_of(blob))])
        return
    samples = check_path(body, blob, MOST_COST // (SMUDGE_COST if kind == "retouch.smudge" else 1))
    margin = {"retouch.heal": healing.RING, "retouch.spot": healing.AROUND}.get(kind)
    if margin is not None and healing.area_of(samples, body["radius"], margin) > healing.MOST_HEALED:
        raise Refused(_("This area is too large to be healed at once. Heal it in parts."))


def check_bend(body: Mapping[str, Any], blob: bytes) -> None:
    several = body["strokes"]
    samples = _samples_of(blob)
    if sum(each["points"] for each in several) != len(samples):
        raise Refused(_("The stroke's points can't be read."))
    check_bent(liquifying.bends_of(several, samples))


def check_bent(bends: Sequence[Bend]) -> None:
    """Look at what the dabs of strokes that bend cost together: all of them are walked before the first is drawn."""
    dabs = [
        dabs_along({"radius": bend.radius, "spacing": liquifying.SPACING}, bend.samples) for bend in bends
    ]
    sides = [max(LEAST_BENT, side_of(bend.radius)) for bend in bends]
    cost = sum(count * side**2 for count, side in zip(dabs, sides, strict=True))
    if sum(dabs) > strokes.MOST_DABS or cost > MOST_COST // 2:
        raise Refused(_("These strokes are too long to be done together. Draw them in parts."))


def check_path(body: Mapping[str, Any], blob: bytes, most_cost: int = MOST_COST) -> Any:
    """Look at a stroke's points, and at what dabs along them cost: radius, spacing and flags are in the body.

    Returns the points.
    """
    samples = _samples_of(blob)
    if cost_of_stroke(body, samples) > most_cost:
        raise Refused(
            _("This stroke is too long for so large a brush. Draw it in parts, or with more spacing.")
        )
    return samples


def _samples_of(blob: bytes) -> Any:
    try:
        samples = strokes.unpack(blob)
    except ValueError:
        raise Refused(_("The stroke's points can't be read.")) from None
    if not 1 <= len(samples) <= MOST_SAMPLES:
        raise Refused(_("A stroke has 1 to %(most)s points. Draw it in parts.") % {"most": MOST_SAMPLES})
    if abs(samples[:, :2]).max() > FAR:
        raise Refused(_("The stroke leaves the picture too far."))
    return samples


def cost_of_stroke(body: Mapping[str, Any], samples: Any) -> int:
    """Return the pixels that the dabs of a stroke touch, at most: their number times the area of one."""
    dabs = dabs_along(body, samples)
    return int(dabs * side_of(body["radius"]) ** 2) if dabs <= strokes.MOST_DABS else MOST_COST + 1


def dabs_along(body: Mapping[str, Any], samples: Any) -> float:
    """Return how many dabs a stroke has, at most."""
    steps = abs(samples[1:, :2].astype("int64") - samples[:-1, :2])
    length = float((steps**2).sum(axis=1).astype("float64").__pow__(0.5).sum())
    smallest = 8 if body.get("flags", 0) & 1 else body["radius"]
    step = float(smallest * 2 * body["spacing"] / 256)
    return 1 + length / max(8.0, step)


def side_of(radius: int) -> int:
    """Return the side of a dab in pixels; the radius is in sixteenths."""
    return 2 * math.ceil((radius + 8) / 16) + 3


def check_selection(body: Mapping[str, Any], blob: bytes) -> None:
    missing = [name for name in _SELECT_NEEDS.get(body["shape"], ()) if name not in body]
    if missing:
        raise Refused(_("The operation lacks a value: %(name)s.") % {"name": missing[0]})
    if "asset" in body and body["shape"] != "picture":
        raise Refused(_("The operation holds a value that isn't allowed: %(name)s.") % {"name": "asset"})
    if body["shape"] == "quick":
        check_path({"radius": body["brush"], "spacing": quick.SPACING}, blob)
        return
    if body["shape"] != "outline":
        if blob:
            raise Refused(_("The operation holds bytes that it can't use."))
        return
    if len(blob) % 8 or not 24 <= len(blob) <= 8 * MOST_POINTS:
        raise Refused(_("An outline has 3 to %(most)s points.") % {"most": MOST_POINTS})
    points = memoryview(blob).cast("i")
    if any(abs(value) > FAR for value in points):
        raise Refused(_("The outline leaves the picture too far."))
