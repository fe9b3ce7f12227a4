"""Small files of kinds that are refused by their name."""

from __future__ import annotations

import io
import struct
from functools import cache

from tests.generation.files.corpus.pieces import ramps


@cache
def files() -> list[tuple[str, bytes]]:
    found = []
    for form in ("GIF", "TIFF", "BMP", "ICO", "JPEG2000", "PPM", "PDF"):
        out = io.BytesIO()
        ramps().save(out, form)
        found.append((form, out.getvalue()))
    heic = struct.pack(">I4s4sI4s4s", 24, b"ftyp", b"heic", 0, b"mif1", b"heic") + bytes(200)
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
    return [*found, ("HEIC", heic), ("SVG", svg)]
