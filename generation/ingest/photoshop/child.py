"""The process that reads layers: ``python -m generation.ingest.photoshop.child ORDER``.

Like `generation.ingest.child` it limits itself before it looks at the first byte, and has nothing but open descriptors.
"""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import struct
import sys
from typing import Final

from generation.ingest import confined
from generation.ingest.outcome import Cause, Outcome, Unacceptable
from generation.ingest.photoshop.listing import LayersOrder

# Address space of the interpreter and its libraries, and bytes of memory a pixel of the largest layer: its channels,
# the same through a profile, seen through, and one more plane that is being filled.
_HEADROOM: Final = 320 * 1024 * 1024
_PER_PIXEL: Final = 16
_BROKEN: Final = (OSError, ValueError, IndexError, KeyError, TypeError, OverflowError, struct.error)


def main(text: str) -> int:
    """Do what the order says under its limits, and print the outcome; see `confined.answer`."""
    order = LayersOrder.from_json(text)
    confined.limit(order.seconds)
    _limit_sizes(order)
    return confined.answer(lambda: _read(order))


def _read(order: LayersOrder) -> Outcome:
    # Imported under the limits, and not by the process that starts this one.
    from generation.ingest.limits import Limits
    from generation.ingest.photoshop import header
    from generation.ingest.photoshop.layers import Layers

    try:
        with os.fdopen(os.dup(0), "rb") as file, os.fdopen(order.pictures, "wb") as pictures:
            found = header.read(file, os.fstat(0).st_size, Limits(order.max_pixels, order.max_side))
            listing = Layers(found, order, pictures).listing()
        with os.fdopen(order.listing, "w", encoding="utf-8") as target:
            target.write(listing.to_json())
    except _BROKEN as error:
        if isinstance(error, OSError) and error.errno == errno.EFBIG:
            raise Unacceptable(Cause.TOO_DETAILED, most=order.max_bytes) from None
        raise Unacceptable(Cause.DAMAGED) from None
    return Outcome(format="psd", width=listing.width, height=listing.height)


def _limit_sizes(order: LayersOrder) -> None:
    """Limit the memory, and the sizes of files that are written."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (order.max_bytes, order.max_bytes))
    with contextlib.suppress(ValueError, OSError):  # macOS refuses
        most = min(order.memory, _HEADROOM + order.max_pixels * _PER_PIXEL)
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
