"""The process that decodes: ``python -m generation.ingest.child ORDER`` reads one strange file and writes plain ones.

It trusts nothing it reads. It limits itself before it looks at the first byte, it has no environment, no database and
no path to anything: only open descriptors, which end with it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import sys
from typing import Final

from generation.ingest import confined
from generation.ingest.outcome import Cause, DecodeOrder, Outcome, Unacceptable
from generation.requests.sizes import Size

# Address space that the interpreter and the decoders' libraries take, and what one file may take while its header is
# read: it is read whole for that, and copied without its notes.
_HEADROOM: Final = 160 * 1024 * 1024
_COPIES: Final = 7
# Bytes of memory a pixel, at the worst moment of each format: turned by its EXIF, through a profile, seen through.
# Measured with 20 megapixels: 13.7, 12.1, 16.3, 14.2; AVIF of more than 8 bits take twice as much at first.
_PER_PIXEL: Final = {"png": 18, "jpeg": 16, "webp": 20, "avif": 28}
_QUALITY: Final = 82


def main(text: str) -> int:
    """Do what the order says under its limits, and print the outcome; see `confined.answer`."""
    order = DecodeOrder.from_json(text)
    confined.limit(order.seconds)
    _allow_memory(order, 0)
    return confined.answer(lambda: _convert(order))


def _convert(order: DecodeOrder) -> Outcome:
    # Imported under the limits, and not by the process that starts this one.
    from PIL import Image

    from generation.ingest import formats, png, reading

    with os.fdopen(os.dup(0), "rb") as file:
        form = formats.format_of(file.read(formats.HEAD))
        file.seek(0)
        if form == "webp":  # its decoder takes two canvases when it is made, before the size can be asked
            _allow_memory(order, order.max_pixels * _PER_PIXEL[form])
        header = reading.open_header(file, form, max_pixels=order.max_pixels, max_side=order.max_side)
        pixels = header.width * header.height
        _allow_memory(order, pixels * _PER_PIXEL[form])
        resource.setrlimit(resource.RLIMIT_FSIZE, (min(pixels * 5 + 2**20, order.max_bytes),) * 2)
        image = reading.normalise(header)
    try:
        with os.fdopen(order.master, "wb") as file:
            png.write(image, file)
    except OSError as error:
        if error.errno != errno.EFBIG:
            raise
        raise Unacceptable(Cause.TOO_DETAILED, most=order.max_bytes) from None
    edge = min(image.size)
    left, top = (image.width - edge) / 2, (image.height - edge) / 2
    for side, descriptor in order.squares.items():
        box = (left, top, left + edge, top + edge)
        square = image.resize((side, side), Image.Resampling.LANCZOS, box=box, reducing_gap=2.0)
        with os.fdopen(descriptor, "wb") as file:
            square.save(file, "WEBP", quality=_QUALITY, method=4)
    small = image
    for side, descriptor in sorted(order.thumbnails.items(), reverse=True):  # each from the next larger one
        size = Size(*image.size).fit(side)
        small = small.resize((size.width, size.height), Image.Resampling.LANCZOS, reducing_gap=2.0)
        with os.fdopen(descriptor, "wb") as file:
            small.save(file, "WEBP", quality=_QUALITY, method=0)
    return Outcome(format=form, width=image.width, height=image.height)


def _allow_memory(order: DecodeOrder, more: int) -> None:
    """Set the soft limit of the address space; it may grow up to what the order allows, and never beyond."""
    with contextlib.suppress(ValueError, OSError):  # macOS refuses
        more += _COPIES * os.fstat(0).st_size
        resource.setrlimit(resource.RLIMIT_AS, (min(order.memory, _HEADROOM + more), order.memory))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
