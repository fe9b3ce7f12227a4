"""A file taken apart: the part that a decoder is given, and what decides how its pixels are shown."""

from __future__ import annotations

from dataclasses import dataclass

from generation.ingest.outcome import Cause, Unacceptable


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """`content` holds the picture and none of the notes around it.

    `orientation` is EXIF's number (1 to 8). `profile` is an ICC profile that takes the place of the decoder's own.
    `content_if_cut` is set where only decoding tells whether the picture is whole: it ends in other bytes, so that both
    give the same pixels only if none of them comes from those.
    """

    content: bytes
    orientation: int = 1
    profile: bytes | None = None
    content_if_cut: bytes | None = None


def damaged() -> Unacceptable:
    """Return the refusal of a file that is cut off or damaged."""
    return Unacceptable(Cause.DAMAGED)
