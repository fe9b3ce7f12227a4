"""The map by which a control picture leads a drawing: computed from it, or the picture itself where it is one."""

from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image, ImageOps

from generation.engine.contract import NothingToFollow
from generation.engine.families import Lead
from generation.engine.pixels import depth, edges
from generation.engine.pixels.reading import opened
from generation.requests.controls.control import Control
from generation.requests.sizes import Size

# Raised when the same picture gives another map.
_VERSION: Final = 1


def lead(control: Control, file: Path, base: Size) -> Lead:
    """The map covers what the model draws, `base`, cut in the middle. Raises NothingToFollow for one without edges."""
    picture = ImageOps.fit(opened(file), (base.width, base.height), Image.Resampling.LANCZOS)
    drawn = picture if control.is_map else _computed(control.kind, picture)
    return Lead(control.kind, drawn.convert("RGB"), float(control.strength))


def _computed(kind: str, picture: Image.Image) -> Image.Image:
    if kind == "depth":
        return Image.fromarray(depth.nearness(picture))
    found = edges.edges(picture)
    if not found.any():
        raise NothingToFollow("the control picture shows no edges")
    return Image.fromarray(np.where(found, 255, 0).astype(np.uint8))


def said(control: Control, revision: str, licence: str) -> dict[str, Any]:
    """What a recipe says beside the request: the weights, and by what the map was computed."""
    if control.is_map:
        how: dict[str, Any] = {"by": "given"}
    elif control.kind == "depth":
        how = {"by": "haze and height", "version": _VERSION}
    else:
        how = {"by": "canny", "version": _VERSION, "weak": edges.WEAK, "strong": edges.STRONG}
    return {"revision": revision, "licence": licence, "map": how}
