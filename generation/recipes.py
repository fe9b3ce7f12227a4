"""The recipe of a picture: how to draw it again, and how it is written into files with the mark «made by AI»."""

import json
import struct
import zlib
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any, BinaryIO, Final
from xml.sax.saxutils import escape, quoteattr

from generation.requests import GenerationRequest
from generation.sizes import Size

VERSION: Final = 1
SOFTWARE: Final = "Image 2"
ENGINE: Final = 1  # counts up whenever a change of our own code changes pixels
_LIBRARIES: Final = ("torch", "diffusers", "transformers", "pillow")
# IPTC digital source type NewsCodes: wholly made by a trained model; or from a picture, with one.
_SOURCE_TYPE: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_TRAINED: Final = _SOURCE_TYPE + "trainedAlgorithmicMedia"
_COMPOSITE: Final = _SOURCE_TYPE + "compositeWithTrainedAlgorithmicMedia"
_NAMESPACE: Final = "https://image2.invalid/ns/recipe/1/"  # a name, not an address: .invalid never resolves
_TEXT_CHUNKS: Final = frozenset({b"tEXt", b"zTXt", b"iTXt"})
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"

Recipe = Mapping[str, Any]


class NotAPng(ValueError):
    """The file is not a PNG, or it is cut short."""


def make(
    request: GenerationRequest,
    *,
    index: int,
    seed: int,
    model_revision: str,
    batch: int,
    base: Size,
    scaler: str,
    passes: int,
    output: Size,
) -> dict[str, Any]:
    """The recipe as JSON types. It holds no time and no path: the same picture has the same recipe.

    `batch` is the number of pictures that were drawn together (rounding differs by it, in the last place).
    """
    return {
        "version": VERSION,
        "software": SOFTWARE,
        "engine": ENGINE,
        "request": request.to_json(),
        "index": index,
        "seed": seed,
        "model": {"id": request.model, "revision": model_revision},
        "batch": batch,
        "stages": [
            {"stage": "base", "width": base.width, "height": base.height},
            {"stage": "upscale", "scaler": scaler, "passes": passes},
            {"stage": "output", "width": output.width, "height": output.height},
        ],
        "libraries": library_versions(),
    }


def library_versions() -> dict[str, str]:
    """Versions of what decides the pixels, read from package metadata: nothing is imported."""
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def digital_source_type(recipe: Recipe) -> str:
    """The IPTC term that says how much of the picture a model made."""
    return _TRAINED if recipe["request"]["kind"] == "text_to_image" else _COMPOSITE


def for_file(recipe: Recipe) -> dict[str, Any]:
    """The recipe as it leaves the site inside a file: without the id of the person's own reference picture."""
    request = dict(recipe["request"])
    if request.get("reference"):
        request["reference"] = request["reference"].partition(":")[0]
    return {**recipe, "request": request}


def xmp_packet(recipe: Recipe, *, include_recipe: bool) -> bytes:
    """An XMP packet for PNG, JPEG, WebP and AVIF. The mark of AI is always in it, the recipe if the person wants it."""
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
    """Text chunks for a PNG, to stand before its first IDAT: tEXt where Latin-1 suffices, else iTXt (UTF-8)."""
    chunks = [_chunk(b"tEXt", b"Software\0" + SOFTWARE.encode("latin-1"))]
    if include_recipe:
        chunks.append(_text_chunk("Description", recipe["request"]["prompt"]))
        chunks.append(_text_chunk("image2:recipe", _json(recipe)))
    packet = xmp_packet(recipe, include_recipe=include_recipe)
    chunks.append(_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet))
    return b"".join(chunks)


def read_png(file: BinaryIO) -> dict[str, Any] | None:
    """The recipe that `png_chunks` wrote into a PNG, or None. Raises NotAPng."""
    for name, data in _chunks(file):
        if name not in _TEXT_CHUNKS or not data.startswith(b"image2:recipe\0"):
            continue
        text = data.removeprefix(b"image2:recipe\0")
        raw = text.decode("latin-1") if name == b"tEXt" else text.removeprefix(b"\0\0\0\0").decode()
        recipe: dict[str, Any] = json.loads(raw)
        return recipe
    return None


def rewrite_png(source: BinaryIO, target: BinaryIO, recipe: Recipe, *, include_recipe: bool) -> None:
    """Copy a PNG, its text replaced by the recipe's. Pixels are copied as they are, never decoded. Raises NotAPng."""
    target.write(_SIGNATURE)
    for number, (name, data) in enumerate(_chunks(source)):
        if name not in _TEXT_CHUNKS:
            target.write(_chunk(name, data))
        if number == 0:  # IHDR, which has to be the first
            target.write(png_chunks(recipe, include_recipe=include_recipe))


def _chunks(file: BinaryIO) -> Any:
    if file.read(len(_SIGNATURE)) != _SIGNATURE:
        raise NotAPng("the signature is missing")
    name = b""
    while name != b"IEND":
        head = file.read(8)
        if len(head) < 8:
            raise NotAPng("the file is cut short")
        length, name = struct.unpack(">I4s", head)
        data = file.read(length)
        if len(data) < length or len(file.read(4)) < 4:
            raise NotAPng("the file is cut short")
        yield name, data


def _json(recipe: Recipe) -> str:
    return json.dumps(for_file(recipe), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _text_chunk(keyword: str, text: str) -> bytes:
    try:
        return _chunk(b"tEXt", keyword.encode("latin-1") + b"\0" + text.encode("latin-1"))
    except UnicodeEncodeError:
        return _chunk(b"iTXt", keyword.encode("latin-1") + b"\0\0\0\0\0" + text.encode())


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(name)))


def _xml_text(text: str) -> str:
    """Without the few characters that XML 1.0 has no way to write."""
    return "".join(c for c in text if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff"))
