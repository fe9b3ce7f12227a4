"""The words of texts in the notes of a Photoshop file, whose layers hold texts as pixels.

Adobe's «XMP Specification, part 2» (namespace photoshop) has a list for it: TextLayers, with the name and the words
of each layer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from xml.sax.saxutils import escape

from editor.replay.layers import Layer, walk

_END: Final = b"</rdf:RDF>"
# What XML 1.0 can't hold.
_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def with_words(xmp: bytes, layers: list[Layer]) -> bytes:
    """Return notes that also hold the words of every text layer; the same where there is none."""
    found = "".join(_entries(layers))
    if not found:
        return xmp
    added = (
        "<rdf:Description rdf:about='' xmlns:photoshop='http://ns.adobe.com/photoshop/1.0/'>"
        f"<photoshop:TextLayers><rdf:Seq>{found}</rdf:Seq></photoshop:TextLayers></rdf:Description>"
    )
    before, end, after = xmp.rpartition(_END)
    return before + added.encode() + end + after


def _entries(layers: list[Layer]) -> Iterator[str]:
    for layer in walk(layers):
        if layer.text is not None:
            yield (
                "<rdf:li rdf:parseType='Resource'>"
                f"<photoshop:LayerName>{_text(layer.name)}</photoshop:LayerName>"
                f"<photoshop:LayerText>{_text(layer.text['content'])}</photoshop:LayerText>"
                "</rdf:li>"
            )


def _text(value: str) -> str:
    return escape(_NOT_XML.sub("", value))
