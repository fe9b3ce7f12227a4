"""The one thing of EXIF that is used: how the camera was held."""

from __future__ import annotations

from typing import Final

_ORIENTATION: Final = 0x0112
_SHORT: Final = 3


def orientation(notes: bytes) -> int:
    """Return 1 to 8 from the first directory of an EXIF block (TIFF 6.0, from its byte order on), else 1.

    As Chromium does: one number of the type SHORT, or none at all.
    """
    order = {b"II*\0": "little", b"MM\0*": "big"}.get(notes[:4])
    if order is None:
        return 1

    def number(at: int, size: int) -> int:
        return int.from_bytes(notes[at : at + size], "little" if order == "little" else "big")

    start = number(4, 4)
    for entry in range(start + 2, min(start + 2 + 12 * number(start, 2), len(notes) - 11), 12):
        if number(entry, 2) == _ORIENTATION:
            value = number(entry + 8, 2)
            fits = number(entry + 2, 2) == _SHORT and number(entry + 4, 4) == 1 and 1 <= value <= 8
            return value if fits else 1
    return 1
