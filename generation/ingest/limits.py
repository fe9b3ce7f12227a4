"""What a file may ask for, refused from its header alone: nothing is decoded to find out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from generation.ingest.outcome import Cause, Unacceptable

# Every scan of a JPEG walks over all of its blocks (measured: 0.6 ns a pixel, so 4 s for 100 scans of 64 megapixels).
# Encoders in use write up to a dozen; files with thousands exist only to keep a decoder busy.
MAX_SCANS: Final = 100


@dataclass(frozen=True, slots=True)
class Limits:
    """Of a picture: how many pixels, and how many along its longer side. One frame."""

    max_pixels: int
    max_side: int

    def check(self, width: int, height: int) -> None:
        """Raise Unacceptable for a picture that is too large, or that has no pixels at all."""
        if width < 1 or height < 1:
            raise Unacceptable(Cause.DAMAGED)
        if width * height > self.max_pixels:
            raise Unacceptable(Cause.TOO_MANY_PIXELS, most=self.max_pixels, width=width, height=height)
        if max(width, height) > self.max_side:
            raise Unacceptable(Cause.TOO_LONG, most=self.max_side, longest=max(width, height))

    def check_frames(self, frames: int) -> None:
        """Raise Unacceptable for a picture that moves."""
        if frames > 1:
            raise Unacceptable(Cause.MOVING, frames=frames)

    def check_scans(self, scans: int) -> None:
        """Raise Unacceptable for a JPEG that is decoded over and over."""
        if scans > MAX_SCANS:
            raise Unacceptable(Cause.TOO_COSTLY)
