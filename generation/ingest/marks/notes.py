"""The notes of a picture's file: the XMP packet's mark and tool, and the recipe of ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from xml.etree import ElementTree as ET

_IPTC: Final = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType"
_TOOL: Final = "{http://ns.adobe.com/xap/1.0/}CreatorTool"
_RECIPE: Final = "{https://image2.invalid/ns/recipe/1/}recipe"
_DESCRIPTION: Final = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}Description"
_LONGEST_PACKET: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Notes:
    source: str = ""
    tool: str = ""
    recipe: str = ""


def read(info: dict[Any, Any]) -> Notes:
    """Of what Pillow found in a file's head. A packet that can't be read says nothing."""
    packet = info.get("xmp") or info.get("XML:com.adobe.xmp") or b""
    packet = packet.encode() if isinstance(packet, str) else packet
    found = _of_packet(packet) if isinstance(packet, bytes) else Notes()
    recipe = info.get("image2:recipe", "")
    return Notes(found.source, found.tool, str(recipe) or found.recipe)


def _of_packet(packet: bytes) -> Notes:
    # XMP needs no document type; one could define entities that unfold without an end. UTF-16 has zeros between.
    if len(packet) > _LONGEST_PACKET or b"<!" in packet.replace(b"\0", b""):
        return Notes()
    try:
        root = ET.fromstring(packet.rstrip(b"\0"))  # noqa: S314  (no document type: see above)
    except ET.ParseError:
        return Notes()
    source, tool, recipe = (_value(root, name) for name in (_IPTC, _TOOL, _RECIPE))
    return Notes(source.rpartition("/")[2], tool, recipe)


def _value(root: ET.Element, name: str) -> str:
    """Simple values stand as attributes or as elements (XMP part 1, 7.9.2.2)."""
    found = (each.get(name) or each.findtext(name) for each in root.iter(_DESCRIPTION))
    return next((value for value in found if value), "")
