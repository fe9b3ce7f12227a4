"""The one ingest of pictures people bring: checked, decoded in a process of its own, kept as a plain PNG."""

from __future__ import annotations

import struct
import tempfile
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import PurePosixPath
from typing import IO, TYPE_CHECKING, Any, BinaryIO, Final, cast

import structlog
from django.conf import settings
from django.core.files.base import File as IncomingFile
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generation import storing
from generation.ingest import formats, isolation
from generation.ingest.outcome import THUMBNAIL_SIDES, Cause, Order, Outcome, Unacceptable
from generation.models import File, Upload
from generation.storing import Rendition, store_rendition
from image2.lib.ids import new_id

if TYPE_CHECKING:
    from accounts.models import User

log = structlog.get_logger(__name__)

MAX_SIDE: Final = 16384
# The most one decoder may take; a picture is given what its size needs, up to this.
MEMORY: Final = 2 * 1024**3
SECONDS: Final = 20
# Decoders of this process at once: each may take a gigabyte at its worst.
AT_ONCE: Final = 2
_WAIT: Final = 20.0
_CHUNK: Final = 64 * 1024
_turns = threading.BoundedSemaphore(AT_ONCE)


class Refused(Exception):
    """The file was not accepted, and nothing of it was kept. The text is one sentence for the person."""

    def __init__(self, sentence: str, *, cause: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.cause = cause


def ingest(*, user: User, file: IncomingFile[Any]) -> Upload:
    """Keep a picture that `user` brings: upright, 8 bits, sRGB, as a PNG without metadata. Raises Refused.

    The original is kept apart, for its owner only. Storing happens before the transaction that makes the rows.
    """
    try:
        return _ingest(user, file)
    except Unacceptable as refusal:
        log.info("upload.refused", cause=str(refusal.cause), **refusal.details)
        raise Refused(_sentence(refusal), cause=refusal.cause) from None
    except storing.StorageError as error:
        log.exception("upload.storage")
        sentence = _("Your picture could not be kept just now. Try again in a minute.")
        raise Refused(sentence, cause="storage") from error
    except isolation.Crashed as error:
        log.exception("upload.crashed")
        raise Refused(_sentence(Unacceptable(Cause.DAMAGED)), cause="crashed") from error


def _ingest(user: User, file: IncomingFile[Any]) -> Upload:
    with ExitStack() as stack:
        files = [stack.enter_context(_scratch()) for _number in range(2 + len(THUMBNAIL_SIDES))]
        original, master, *small = files
        _copy(file, original)
        thumbnails = dict(zip(THUMBNAIL_SIDES, small, strict=True))
        outcome = _decode(original, master, thumbnails)
        return _keep(user, _name(file), outcome, original, master, thumbnails)


def _copy(file: IncomingFile[Any], target: IO[bytes]) -> None:
    """Copy what was sent, and stop at the cap. Raises Unacceptable, also at the first bytes of a wrong format."""
    most, size, checked = settings.UPLOAD_MAX_BYTES, 0, False
    if (file.size or 0) > most:
        raise Unacceptable(Cause.TOO_HEAVY, most=most)
    for piece in file.chunks(_CHUNK):
        if not checked:
            formats.format_of(piece[: formats.HEAD])
            checked = True
        size += len(piece)
        if size > most:
            raise Unacceptable(Cause.TOO_HEAVY, most=most)
        target.write(piece)
    if not size:
        raise Unacceptable(Cause.EMPTY)
    target.flush()


def _decode(original: IO[bytes], master: IO[bytes], thumbnails: dict[int, IO[bytes]]) -> Outcome:
    order = Order(
        max_pixels=settings.UPLOAD_MAX_PIXELS,
        max_side=MAX_SIDE,
        memory=MEMORY,
        seconds=SECONDS,
        master=master.fileno(),
        thumbnails={side: file.fileno() for side, file in thumbnails.items()},
    )
    with _a_turn():
        outcome = isolation.convert(original, order)
    if refusal := outcome.refusal():
        raise refusal
    _check(outcome, master, thumbnails)
    return outcome


def _check(outcome: Outcome, master: IO[bytes], thumbnails: dict[int, IO[bytes]]) -> None:
    """Look at what the decoder wrote, without decoding it: a decoder that was taken over is not believed."""
    master.seek(0)
    head = master.read(26)
    expected = struct.pack(">IIB", outcome.width, outcome.height, 8)
    is_png = head[:16] == b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" and head[16:25] == expected and head[25] in {2, 6}
    for file in thumbnails.values():
        file.seek(0)
        start = file.read(12)
        is_png = is_png and start[:4] == b"RIFF" and start[8:] == b"WEBP"
    if not is_png or outcome.format not in formats.ACCEPTED:
        raise isolation.Crashed("the decoder wrote something else than it was asked for")


def _keep(
    user: User,
    name: str,
    outcome: Outcome,
    original: IO[bytes],
    master: IO[bytes],
    thumbnails: dict[int, IO[bytes]],
) -> Upload:
    size = (outcome.width, outcome.height)
    upload = Upload(id=new_id(), owner=user, name=name, width=size[0], height=size[1])
    with storing.discarding_on_error() as stored:
        stored.append(_rendition(original, File.Role.ORIGINAL, outcome.format, size))
        stored.append(_rendition(master, File.Role.MASTER, "png", size))
        for side, file in thumbnails.items():
            stored.append(_rendition(file, File.Role(f"thumb{side}"), "webp", storing.fit(*size, side)))
        with transaction.atomic():
            upload.save(force_insert=True)
            storing.publish_upload(upload, stored)
    log.info("upload.kept", upload=str(upload.pk), format=outcome.format, width=size[0], height=size[1])
    return upload


def _rendition(file: IO[bytes], role: File.Role, form: str, size: tuple[int, int]) -> Rendition:
    content = cast(BinaryIO, file)
    return store_rendition(content, role=role, form=form, width=size[0], height=size[1], attempt="upload")


@contextmanager
def _a_turn() -> Iterator[None]:
    if not _turns.acquire(timeout=_WAIT):
        raise Refused(_("Many pictures are being read just now. Try again in a minute."), cause="busy")
    try:
        yield
    finally:
        _turns.release()


def _scratch() -> IO[bytes]:
    """A file without a name: it is gone with the process, however that ends."""
    return cast(IO[bytes], tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR))


def _name(file: IncomingFile[Any]) -> str:
    """The file's name as its owner will see it; it names nothing on our side."""
    last = PurePosixPath((file.name or "").replace("\\", "/")).name
    return "".join(c for c in last if unicodedata.category(c)[0] != "C")[-200:].strip() or _("picture")


def _sentence(refusal: Unacceptable) -> str:
    """Return what is wrong and what to do, in one or two sentences."""
    details = refusal.details
    most = int(details.get("most", 0))
    if refusal.cause is Cause.OTHER_FORMAT and details.get("name") == "HEIC":
        return _("This is a HEIC photo, which can not be read here. Save it as JPEG and upload that.")
    if refusal.cause is Cause.MOVING:
        frames = int(details.get("frames", 2))
        return ngettext(
            "This picture moves (%(frames)s frame). Save one frame as PNG or JPEG and upload that.",
            "This picture moves (%(frames)s frames). Save one frame as PNG or JPEG and upload that.",
            frames,
        ) % {"frames": frames}
    sentences = {
        Cause.EMPTY: _("This file is empty."),
        Cause.TOO_HEAVY: _("This file is larger than %(most)s MB. Save the picture smaller, or as JPEG."),
        Cause.UNKNOWN: _("This file is not a picture that can be read here. Use PNG, JPEG, WebP or AVIF."),
        Cause.OTHER_FORMAT: _("%(name)s files can not be used here. Save the picture as PNG or JPEG."),
        Cause.TOO_MANY_PIXELS: _("This picture has more than %(most)s megapixels. Make it smaller first."),
        Cause.TOO_LONG: _("This picture is longer than %(most)s pixels. Make it smaller first."),
        Cause.DAMAGED: _("This file is damaged or was cut off. Save the picture again and upload that."),
        Cause.TOO_COSTLY: _("This file takes too much to read. Save the picture again as a plain JPEG."),
    }
    shown = {Cause.TOO_HEAVY: most // (1024 * 1024), Cause.TOO_MANY_PIXELS: most // 1_000_000}
    return sentences[refusal.cause] % {
        "name": details.get("name", ""),
        "most": shown.get(refusal.cause, most),
    }
