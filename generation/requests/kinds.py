"""The kinds of request: what each starts from, what a model must be able to do for it, how many pictures it makes."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, get_args

Kind = Literal[
    "text_to_image",
    "image_to_image",
    "inpaint",
    "outpaint",
    "edit",
    "upscale",
    "remove_background",
    "variation",
    "layers",
    "segment",
]
KINDS: Final[tuple[str, ...]] = get_args(Kind)
# The kinds there were before requests of version 3.
FIRST_KINDS: Final = ("text_to_image", "image_to_image")
# What the entry of a model, and its family, must be able to do.
NEEDS: Final[Mapping[str, str]] = MappingProxyType(
    {kind: kind for kind in KINDS} | {"outpaint": "inpaint", "variation": "image_to_image"}
)
# Those that say how much of the picture may change.
WITH_STRENGTH: Final = frozenset({"image_to_image", "inpaint", "variation"})
# Those whose result has the size that follows from the picture, those drawn at a size of the table (an edit of a part
# isn't), and those that need no words.
OF_THE_PICTURES_SIZE: Final = frozenset(
    {"inpaint", "outpaint", "upscale", "remove_background", "layers", "segment"}
)
DRAWN_AT_A_SIZE: Final = frozenset({"text_to_image", "image_to_image", "variation", "edit"})
WORDLESS: Final = frozenset({"outpaint", "upscale", "remove_background", "variation", "layers", "segment"})
# Those whose look the person may choose beside their words.
WITH_STYLE: Final = frozenset({"text_to_image", "image_to_image", "edit", "variation"})
# Those whose drawing a control picture may lead.
WITH_CONTROL: Final = frozenset({"text_to_image", "image_to_image"})
# Those that change a part: the model sees a box, and its result is laid back.
IN_A_BOX: Final = frozenset({"inpaint", "outpaint"})
# Those that no model draws: they are computed from pixels or from what is stored with a picture.
COMPUTED: Final = frozenset({"upscale", "remove_background", "segment"})
# Those that carry the words of their picture, or the title of a document. Nothing is drawn by them unless a model draws
# detail, or layers: then they are checked as any others, since a title may say what was never checked.
WITH_THE_PICTURES_WORDS: Final = COMPUTED | {"layers"}
# Those that cost nothing: their result is no picture, only what was meant in one.
FREE: Final = frozenset({"segment"})

_COUNTS: Final[Mapping[str, tuple[int, int]]] = MappingProxyType(
    {"upscale": (1, 1), "remove_background": (1, 1), "layers": (2, 8), "segment": (1, 1)}
)


def counts(kind: str) -> tuple[int, int]:
    """The fewest and the most pictures that one request of this kind may ask for."""
    return _COUNTS.get(kind, (1, 4))
