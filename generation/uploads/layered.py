"""A file with layers that a person brings: read in a process of its own, its layers as plain pictures."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import IO, Any, Final

import structlog
from django.conf import settings
from django.core.files.base import File as IncomingFile
from django.utils.translation import gettext as _

from generation import fair_shares, png
from generation.ingest import isolation
from generation.ingest.outcome import Cause, Unacceptable
from generation.ingest.photoshop.header import SIGNATURE
from generation.ingest.photoshop.listing import MOST_LISTING, LayersOrder, Listing, Written
from generation.uploads.intake import MEMORY, Refused

log = structlog.get_logger(__name__)

# Of a processor, for the most pixels that there may be.
SECONDS: Final = 120
_CHUNK: Final = 1024 * 1024
_HEAD: Final = 26


@dataclass(frozen=True, slots=True)
class Layered:
    """What was found in a file; its pictures are gone when the `with` block ends."""

    listing: Listing
    pictures: IO[bytes]

    def copy(self, written: Written, target: IO[bytes]) -> None:
        """Copy one of the pictures into a file of its own."""
        self.pictures.seek(written.at)
        left = written.bytes
        while left and (piece := self.pictures.read(min(left, _CHUNK))):
            target.write(piece)
            left -= len(piece)


def is_photoshop(head: bytes) -> bool:
    """Tell by its first bytes whether a file is one of Photoshop's."""
    return head[:4] == SIGNATURE


@contextmanager
def opened(*, caller: object, file: IncomingFile[Any], max_side: int, max_layers: int) -> Iterator[Layered]:
    """Give the layers of a Photoshop file. Raises Refused, and fair_shares.OverShare."""
    try:
        with ExitStack() as stack:
            original, pictures, listing = (
                stack.enter_context(tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR))
                for _number in range(3)
            )
            _copy(file, original)
            order = LayersOrder(
                max_pixels=max_side**2,
                max_side=max_side,
                max_layers=max_layers,
                all_pixels=settings.PHOTOSHOP_MAX_PIXELS,
                memory=MEMORY,
                seconds=SECONDS,
                pictures=pictures.fileno(),
                listing=listing.fileno(),
                max_bytes=settings.PHOTOSHOP_MAX_BYTES * 2,
            )
            with fair_shares.turn("decoder", caller=caller) as turn:
                found = _read(original, pictures, listing, order, turn)
            yield Layered(found, pictures)
    except Unacceptable as refusal:
        log.info("layers.refused", cause=str(refusal.cause), **refusal.details)
        raise Refused(_sentence(refusal), cause=refusal.cause) from None
    except isolation.Crashed as error:
        log.exception("layers.crashed")
        raise Refused(_sentence(Unacceptable(Cause.DAMAGED)), cause="crashed") from error


def _copy(file: IncomingFile[Any], target: IO[bytes]) -> None:
    most, size = settings.PHOTOSHOP_MAX_BYTES, 0
    for piece in file.chunks(_CHUNK):
        size += len(piece)
        if size > most:
            raise Unacceptable(Cause.TOO_HEAVY, most=most)
        target.write(piece)
    target.flush()


def _read(
    original: IO[bytes], pictures: IO[bytes], listing: IO[bytes], order: LayersOrder, turn: fair_shares.Held
) -> Listing:
    outcome = isolation.layers(original, order, waiting=turn.renew)
    if refusal := outcome.refusal():
        raise refusal
    size = pictures.seek(0, 2)
    listing.seek(0)
    try:
        found = Listing.from_json(listing.read(MOST_LISTING).decode(), size)
    except ValueError as error:
        raise isolation.Crashed("the list of layers can't be read") from error
    for node in found.nodes:
        for written in (node.picture, node.mask):
            if written is not None:
                _check(pictures, written)
    return found


def _check(pictures: IO[bytes], written: Written) -> None:
    """Check what the process wrote without decoding it: a compromised decoder must not be trusted."""
    pictures.seek(written.at)
    head = pictures.read(_HEAD)
    size = written.width.to_bytes(4, "big") + written.height.to_bytes(4, "big")
    if head[:24] != png.SIGNATURE + b"\0\0\0\rIHDR" + size or head[24] != 8 or head[25] not in (2, 6):
        raise isolation.Crashed("the decoder wrote something else than it was asked for")


def _sentence(refusal: Unacceptable) -> str:
    """Return what is wrong with a file with layers, and what to do."""
    details = refusal.details
    most = int(details.get("most", 0))
    sentences = {
        Cause.TOO_HEAVY: _("A Photoshop file can have at most %(most)s MB here. Save it smaller."),
        Cause.COLOURS: _("%(name)s colours can't be read here. Save the file as RGB with 8 or 16 bits."),
        Cause.TOO_MANY_LAYERS: _(
            "This file has %(layers)s layers and groups. A document holds at most %(most)s: merge some first."
        ),
        Cause.ALL_TOO_LARGE: _(
            "The layers of this file have more than %(most)s megapixels together. Make it smaller, or merge some."
        ),
        Cause.TOO_MANY_PIXELS: _("This picture has more than %(most)s megapixels. Make it smaller first."),
        Cause.TOO_LONG: _(
            "The editor takes pictures of at most %(most)s pixels a side. Make it smaller first."
        ),
        Cause.TOO_DETAILED: _(
            "The layers of this file take too much room as pictures. Make it smaller first."
        ),
        Cause.TOO_COSTLY: _("This file takes too much to read. Save it smaller, or with fewer layers."),
    }
    damaged = _("This Photoshop file is damaged or was cut off. Save it again, then open that.")
    shown = {
        Cause.TOO_HEAVY: most // 2**20,
        Cause.ALL_TOO_LARGE: most // 1_000_000,
        Cause.TOO_MANY_PIXELS: most // 1_000_000,
    }
    return sentences.get(refusal.cause, damaged) % {
        "name": details.get("name", ""),
        "layers": details.get("layers", ""),
        "most": shown.get(refusal.cause, most),
    }
