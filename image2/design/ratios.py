"""CSS classes for the shape of a picture: the page may hold no inline style, so shapes come from a fixed set."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

# The named shapes exactly; between them steps of 5 %, so that object-fit crops at most 2.5 % of a thumbnail.
_NAMED: Final = {
    f"{w}:{h}": w / h for w, h in ((1, 1), (4, 3), (3, 4), (3, 2), (2, 3), (16, 9), (9, 16), (21, 9))
}
RATIOS: Final[dict[str, float]] = {
    f"ratio-{round(ratio * 1000)}": ratio
    for ratio in sorted(
        {round(1.05**step, 4) for step in range(-33, 34)} | {round(r, 4) for r in _NAMED.values()}
    )
}


@lru_cache(maxsize=1024)
def ratio_class(width: float, height: float) -> str:
    """Name of the class whose shape is nearest to width:height; ValueError unless both are positive."""
    if width <= 0 or height <= 0:
        raise ValueError(f"a picture has a width and a height, not {width}x{height}")
    wanted = math.log(width / height)
    return min(RATIOS, key=lambda name: abs(math.log(RATIOS[name]) - wanted))


def shape_class(shape: str) -> str:
    """Name of the class of a shape written as "16:9"."""
    width, _, height = shape.partition(":")
    return ratio_class(float(width), float(height))


def style_sheet() -> str:
    """The text of static/css/components/ratios.css; a test compares the two."""
    rules = "\n".join(f"  .{name} {{\n    --ratio: {ratio};\n  }}\n" for name, ratio in RATIOS.items())
    return f"/* Shapes of pictures, written by image2/design/ratios.py. */\n@layer components {{\n{rules}}}\n"
