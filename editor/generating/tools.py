"""The generative tools: which kind of request each makes, what it needs, and what its results become."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from generation.requests import ordering
from generation.requests.kinds import Kind

Need = Literal["needed", "optional", "none"]
# What «Use» makes of a result: a layer with a mask, the mask of a layer that is there, a document of its own; or of all
# results together, a group of layers; or what is selected.
Gives = Literal["layer", "mask", "document", "layers", "selection"]
# How much of what is there stays when it is replaced by words.
REPLACED: Final = 0.75
# What is asked for where something is to go and the person does not say what is there instead.
ERASED: Final = "only what is around it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One tool. `kind` is that of its request; with `whole`, where the tool has both, `kind_of_whole`."""

    name: str
    kind: Kind
    gives: Gives
    selection: Need = "none"
    words: Need = "none"
    strength: float | None = None
    kind_of_whole: Kind | None = None
    # What else the page has to say.
    field: Literal["", "canvas", "scale", "layer", "points"] = ""


_ALL: Final = (
    Tool(name="fill", kind="inpaint", gives="layer", selection="needed", words="needed"),
    Tool(
        name="replace", kind="inpaint", gives="layer", selection="needed", words="needed", strength=REPLACED
    ),
    Tool(name="erase", kind="inpaint", gives="layer", selection="needed", words="optional"),
    Tool(name="extend", kind="outpaint", gives="layer", words="optional", field="canvas"),
    Tool(
        name="variations",
        kind="inpaint",
        gives="layer",
        selection="optional",
        words="optional",
        strength=ordering.VARIATION,
        kind_of_whole="variation",
    ),
    Tool(name="remove_background", kind="remove_background", gives="mask", field="layer"),
    Tool(name="layers", kind="layers", gives="layers"),
    Tool(name="segment", kind="segment", gives="selection", field="points"),
    Tool(name="upscale", kind="upscale", gives="document", field="scale"),
    Tool(name="instruct", kind="edit", gives="layer", selection="optional", words="needed"),
)
TOOLS: Final[Mapping[str, Tool]] = MappingProxyType({tool.name: tool for tool in _ALL})
