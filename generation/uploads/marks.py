"""What a picture's file says about itself: read in a process of its own, and kept nowhere."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

import structlog
from django.conf import settings
from django.core.files.base import File as IncomingFile

from generation import fair_shares
from generation.ingest import isolation
from generation.ingest.marks.listing import MOST_LISTING, Marks, MarksOrder
from generation.ingest.outcome import Cause, Unacceptable
from generation.uploads import intake
from generation.uploads.intake import Bounds, Refused

log = structlog.get_logger(__name__)


def read(*, caller: object, file: IncomingFile[Any]) -> Marks:
    """Return what the file says. Raises Refused, and fair_shares.OverShare.

    A PNG may be as large as what this site keeps, but not larger than a request's body: 101 MB by default.
    """
    bounds = Bounds(
        bytes=settings.UPLOAD_MAX_BYTES,
        png_bytes=settings.UPLOAD_MASTER_MAX_BYTES,
        pixels=settings.UPLOAD_MAX_PIXELS,
        master_bytes=0,
    )
    try:
        with ExitStack() as stack:
            # Before the file is copied: whoever has no turn costs no room and no time.
            stack.enter_context(fair_shares.turn("marks", caller=caller))
            original, trust, listing = (stack.enter_context(intake.scratch()) for _number in range(3))
            intake.copy(file, original, bounds)
            trust.write(_roots())
            trust.flush()
            trust.seek(0)
            return _read(original, trust, listing)
    except Unacceptable as refusal:
        raise Refused(intake.sentence_of(refusal), cause=refusal.cause) from None
    except isolation.Crashed as error:
        log.exception("marks.crashed")
        raise Refused(intake.sentence_of(Unacceptable(Cause.DAMAGED)), cause="crashed") from error


def _read(original: IO[bytes], trust: IO[bytes], listing: IO[bytes]) -> Marks:
    order = MarksOrder(
        memory=intake.MEMORY, seconds=intake.SECONDS, trust=trust.fileno(), listing=listing.fileno()
    )
    outcome = isolation.marks(original, order)
    if refusal := outcome.refusal():
        raise refusal
    listing.seek(0)
    try:
        return Marks.from_json(listing.read(MOST_LISTING).decode())
    except ValueError as error:
        raise isolation.Crashed("what was found can't be read") from error


def _roots() -> bytes:
    """The signers that are known: those the operator names, and the site's own chain."""
    found = b""
    for path in (settings.C2PA_TRUST, settings.C2PA_CERTIFICATE):
        if path:
            try:
                found += Path(path).read_bytes().rstrip() + b"\n"
            except OSError:
                log.exception("marks.no_roots", path=path)
    return found
