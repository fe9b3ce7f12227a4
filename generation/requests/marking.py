"""Mark files as made by AI, with or without the recipe: XMP packets, and PNG text chunks."""

import json
from typing import Any, BinaryIO, Final
from xml.sax.saxutils import escape, quoteattr

from generation import png
from generation.requests.recipe import SOFTWARE, Recipe, digital_source_type, for_file

_NAMESPACE: Final = "https://image2.invalid/ns/recipe/1/"  # a name, not an address: .invalid never resolves
_TEXT_CHUNKS: Final = frozenset({b"tEXt", b"zTXt", b"iTXt"})


def xmp_packet(recipe: Recipe, *, include_recipe: bool) -> bytes:
    """Return an XMP packet for PNG, JPEG, WebP and AVIF. It always says that AI made the picture."""
    about = ""
    if include_recipe:
        prompt = _xml_text(recipe["request"]["prompt"])
        about = (
            f"<dc:description><rdf:Alt><rdf:li xml:lang='x-default'>{escape(prompt)}</rdf:li></rdf:Alt>"
            f"</dc:description><image2:recipe>{escape(_xml_text(_json(recipe)))}</image2:recipe>"
        )
    return (
        "<?xpacket begin='\ufeff' id='W5M0MpCehiHzreSzNTczkc9d'?>"
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'>"
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
        "<rdf:Description rdf:about=''"
        " xmlns:dc='http://purl.org/dc/elements/1.1/'"
        " xmlns:xmp='http://ns.adobe.com/xap/1.0/'"
        " xmlns:Iptc4xmpExt='http://iptc.org/std/Iptc4xmpExt/2008-02-29/'"
        f" xmlns:image2={quoteattr(_NAMESPACE)}"
        f" xmp:CreatorTool={quoteattr(SOFTWARE)}"
        f" Iptc4xmpExt:DigitalSourceType={quoteattr(digital_source_type(recipe))}>"
        f"{about}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end='r'?>"
    ).encode()


def png_chunks(recipe: Recipe, *, include_recipe: bool) -> bytes:
    """Return text chunks for a PNG, to go before its first IDAT: tEXt where Latin-1 suffices, else iTXt (UTF-8)."""
    chunks = [png.chunk(b"tEXt", b"Software\0" + SOFTWARE.encode("latin-1"))]
    if include_recipe:
        chunks.append(_text_chunk("Description", recipe["request"]["prompt"]))
        chunks.append(_text_chunk("image2:recipe", _json(recipe)))
    packet = xmp_packet(recipe, include_recipe=include_recipe)
    chunks.append(png.chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet))
    return b"".join(chunks)


def read_png(file: BinaryIO) -> dict[str, Any] | None:
    """Return the recipe that `png_chunks` wrote into a PNG, or None. Raises png.NotAPng."""
    for name, data in png.chunks(file):
        if name not in _TEXT_CHUNKS or not data.startswith(b"image2:recipe\0"):
            continue
        text = data.removeprefix(b"image2:recipe\0")
        raw = text.decode("latin-1") if name == b"tEXt" else text.removeprefix(b"\0\0\0\0").decode()
        recipe: dict[str, Any] = json.loads(raw)
        return recipe
    return None


def rewrite_png(source: BinaryIO, target: BinaryIO, recipe: Recipe, *, include_recipe: bool) -> None:
    """Copy a PNG, its text replaced by the recipe's. Pixels are copied, never decoded. Raises png.NotAPng."""
    target.write(png.SIGNATURE)
    for number, (name, data) in enumerate(png.chunks(source)):
        if name not in _TEXT_CHUNKS:
            target.write(png.chunk(name, data))
        if number == 0:  # IHDR, which has to be the first
            target.write(png_chunks(recipe, include_recipe=include_recipe))


def _json(recipe: Recipe) -> str:
    return json.dumps(for_file(recipe), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _text_chunk(keyword: str, text: str) -> bytes:
    try:
        return png.chunk(b"tEXt", keyword.encode("latin-1") + b"\0" + text.encode("latin-1"))
    except UnicodeEncodeError:
        return png.chunk(b"iTXt", keyword.encode("latin-1") + b"\0\0\0\0\0" + text.encode())


def _xml_text(text: str) -> str:
    """Remove the few characters that XML 1.0 can't represent."""
    return "".join(c for c in text if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff"))
