"""The one way for uploads: checked, decoded in a separate process, stored as a plain PNG."""

from __future__ import annotations

import struct
import tempfile
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, TYPE_CHECKING, Any, BinaryIO, Final, cast

import structlog
from django.conf import settings
from django.core.files.base import File as IncomingFile
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generation import fair_shares, png
from generation.files import storing
from generation.files.storing import Rendition, store_rendition
from generation.ingest import formats, isolation
from generation.ingest.outcome import THUMBNAIL_SIDES, Cause, DecodeOrder, Outcome, Unacceptable
from generation.models import File, Upload
from generation.requests.sizes import Size
from generation.uploads import storage_used
from image2.lib.ids import new_id

if TYPE_CHECKING:
    from accounts.models import User

log = structlog.get_logger(__name__)

MAX_SIDE: Final = 16384
# The memory limit of one decoder; a picture gets what its size needs, up to this.
MEMORY: Final = 2 * 1024**3
SECONDS: Final = 20
_CHUNK: Final = 64 * 1024


class Refused(Exception):
    """The file was refused, and nothing of it was stored. The text is one sentence for the person."""

    def __init__(self, sentence: str, *, cause: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.cause = cause


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a file may be: its bytes (of a PNG, which holds pixels without loss, more), pixels, and bytes as kept."""

    bytes: int
    png_bytes: int
    pixels: int
    master_bytes: int

    @classmethod
    def of_uploads(cls, most: int = 0) -> Bounds:
        """Return what holds for uploads; `most` bounds the bytes as kept."""
        return cls(
            settings.UPLOAD_MAX_BYTES,
            settings.UPLOAD_MAX_BYTES,
            settings.UPLOAD_MAX_PIXELS,
            most or settings.UPLOAD_MASTER_MAX_BYTES,
        )


@dataclass(frozen=True, slots=True)
class Converted:
    """A picture as ingest makes it, not kept yet: its files are gone when the `with` block ends."""

    name: str
    outcome: Outcome
    master: IO[bytes]
    thumbnails: dict[int, IO[bytes]]
    squares: dict[int, IO[bytes]]


def ingest(*, user: User, file: IncomingFile[Any]) -> Upload:
    """Store an upload of `user`: upright, 8 bits, sRGB, as a PNG without metadata.

    Raises Refused, and fair_shares.OverShare when this person uploads too much at once.

    Nothing else of the file is stored but its name. Storing happens before the transaction that makes the rows.
    """
    with converted(user=user, file=file) as picture:
        return _keep(user, picture)


@contextmanager
def converted(
    *, user: User, file: IncomingFile[Any], bounds: Bounds | None = None, in_turn: bool = False
) -> Iterator[Converted]:
    """Give a picture as the one ingest makes it, for who keeps it elsewhere, within this person's storage.

    Raises Refused, also from the block, and fair_shares.OverShare.
    """
    with refusing_when_full():
        storage_used.check(user=user, at_least=file.size or 0)
        with opened(caller=user.pk, file=file, bounds=bounds, in_turn=in_turn) as picture:
            yield picture


@contextmanager
def opened(
    *,
    caller: object,
    file: IncomingFile[Any],
    most: int = 0,
    squares: Sequence[int] = (),
    bounds: Bounds | None = None,
    in_turn: bool = False,
) -> Iterator[Converted]:
    """Give a picture as the one ingest makes it; `caller` takes the turn, and `most` bounds the PNG's bytes.

    `squares` asks for WebPs of so many pixels a side as well, out of its middle. `in_turn` says that the turn was
    taken already, for several pictures together.

    Raises Refused, also from the block, and fair_shares.OverShare.
    """
    bounds = bounds or Bounds.of_uploads(most)
    try:
        with ExitStack() as stack:
            original, master = (stack.enter_context(scratch()) for _number in range(2))
            thumbnails = {side: stack.enter_context(scratch()) for side in THUMBNAIL_SIDES}
            cut = {side: stack.enter_context(scratch()) for side in squares}
            copy(file, original, bounds)
            with nullcontext() if in_turn else fair_shares.turn("decoder", caller=caller):
                outcome = _decode(original, master, thumbnails, cut, bounds)
            yield Converted(shown_name(file), outcome, master, thumbnails, cut)
    except Unacceptable as refusal:
        log.info("upload.refused", cause=str(refusal.cause), **refusal.details)
        raise Refused(sentence_of(refusal), cause=refusal.cause) from None
    except storing.StorageError as error:
        log.exception("upload.storage")
        sentence = _("Your picture couldn't be saved. Try again in a minute.")
        raise Refused(sentence, cause="storage") from error
    except isolation.Crashed as error:
        log.exception("upload.crashed")
        raise Refused(sentence_of(Unacceptable(Cause.DAMAGED)), cause="crashed") from error


@contextmanager
def refusing_when_full() -> Iterator[None]:
    """Turn StorageUsedUp into Refused: the sentence says what is full and what makes room."""
    try:
        yield
    except storage_used.StorageUsedUp as full:
        log.info("upload.refused", cause="full", needed=full.needed, left=full.left)
        raise Refused(_full(full), cause="full") from None


def copy(file: IncomingFile[Any], target: IO[bytes], bounds: Bounds) -> None:
    """Copy the upload, up to the limit. Raises Unacceptable, already at the first bytes of a wrong format."""
    most, size, checked = max(bounds.bytes, bounds.png_bytes), 0, False
    if (file.size or 0) > most:
        raise Unacceptable(Cause.TOO_HEAVY, most=bounds.bytes)
    for piece in file.chunks(_CHUNK):
        if not checked:
            form = formats.format_of(piece[: formats.HEAD])
            most = bounds.png_bytes if form == "png" else bounds.bytes
            checked = True
        size += len(piece)
        if size > most:
            raise Unacceptable(Cause.TOO_HEAVY, most=most)
        target.write(piece)
    if not size:
        raise Unacceptable(Cause.EMPTY)
    target.flush()


def _decode(
    original: IO[bytes],
    master: IO[bytes],
    thumbnails: dict[int, IO[bytes]],
    squares: dict[int, IO[bytes]],
    bounds: Bounds,
) -> Outcome:
    order = DecodeOrder(
        max_pixels=bounds.pixels,
        max_side=MAX_SIDE,
        max_bytes=bounds.master_bytes,
        memory=MEMORY,
        seconds=SECONDS,
        master=master.fileno(),
        thumbnails={side: file.fileno() for side, file in thumbnails.items()},
        squares={side: file.fileno() for side, file in squares.items()},
    )
    outcome = isolation.convert(original, order)
    if refusal := outcome.refusal():
        raise refusal
    _check(outcome, master, [*thumbnails.values(), *squares.values()])
    return outcome


def _check(outcome: Outcome, master: IO[bytes], small: list[IO[bytes]]) -> None:
    """Check the decoder's output without decoding it: a compromised decoder must not be trusted."""
    master.seek(0)
    head = master.read(26)
    expected = struct.pack(">IIB", outcome.width, outcome.height, 8)
    is_png = head[:16] == png.SIGNATURE + b"\0\0\0\rIHDR" and head[16:25] == expected and head[25] in {2, 6}
    for file in small:
        file.seek(0)
        start = file.read(12)
        is_png = is_png and start[:4] == b"RIFF" and start[8:] == b"WEBP"
    if not is_png or outcome.format not in formats.ACCEPTED:
        raise isolation.Crashed("the decoder wrote something else than it was asked for")


def _keep(user: User, picture: Converted) -> Upload:
    size = Size(picture.outcome.width, picture.outcome.height)
    upload = Upload(id=new_id(), owner=user, name=picture.name, width=size.width, height=size.height)
    with storing.discarding_on_error() as stored:
        stored.append(_rendition(picture.master, File.Role.MASTER, "png", size))
        for side, file in picture.thumbnails.items():
            stored.append(_rendition(file, File.Role(f"thumb{side}"), "webp", size.fit(side)))
        with transaction.atomic():
            storage_used.claim(user=user, needed=sum(rendition.stored.bytes for rendition in stored))
            upload.save(force_insert=True)
            storing.publish_upload(upload, stored)
    log.info(
        "upload.kept",
        upload=str(upload.pk),
        format=picture.outcome.format,
        width=size.width,
        height=size.height,
    )
    return upload


def _rendition(file: IO[bytes], role: File.Role, form: str, size: Size) -> Rendition:
    content = cast(BinaryIO, file)
    return store_rendition(
        content, role=role, form=form, width=size.width, height=size.height, attempt="upload"
    )


def scratch() -> IO[bytes]:
    """Open a file without a name: it is gone when the process ends."""
    return cast(IO[bytes], tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR))


def shown_name(file: IncomingFile[Any]) -> str:
    """Return the file's name as its owner will see it; no path of ours uses it."""
    last = PurePosixPath((file.name or "").replace("\\", "/")).name
    return "".join(c for c in last if unicodedata.category(c)[0] != "C")[-200:].strip() or _("picture")


def _full(full: storage_used.StorageUsedUp) -> str:
    """Return what is full and what makes room."""
    room = {"limit": filesizeformat(full.limit), "left": filesizeformat(full.left)}
    if not full.needed:
        sentence = _(
            "There is no room for this picture: %(left)s of your %(limit)s are left. Delete uploads that you don't "
            "need on the page “Uploads”, or choose a larger plan."
        )
        return sentence % room
    sentence = _(
        "Kept without loss, this picture takes %(needed)s, and %(left)s of your %(limit)s are left. Make it smaller, "
        "delete uploads that you don't need on the page “Uploads”, or choose a larger plan."
    )
    return sentence % (room | {"needed": filesizeformat(full.needed)})


def sentence_of(refusal: Unacceptable) -> str:
    """Return what is wrong and what to do, in one or two sentences."""
    details = refusal.details
    most = int(details.get("most", 0))
    if refusal.cause is Cause.OTHER_FORMAT and details.get("name") == "HEIC":
        return _("This is a HEIC photo, which can't be read here. Save it as JPEG and upload that.")
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
        Cause.OTHER_FORMAT: _("%(name)s files can't be used here. Save the picture as PNG or JPEG."),
        Cause.TOO_MANY_PIXELS: _("This picture has more than %(most)s megapixels. Make it smaller first."),
        Cause.TOO_LONG: _("This picture is longer than %(most)s pixels. Make it smaller first."),
        Cause.DAMAGED: _("This file is damaged or was cut off. Save the picture again and upload that."),
        Cause.TOO_DETAILED: _(
            "Kept without loss, this picture takes more than %(most)s MB. Make it smaller first."
        ),
        Cause.TOO_COSTLY: _("This file takes too much to read. Save the picture again as a plain JPEG."),
    }
    megabytes = most // (1024 * 1024)
    shown = {
        Cause.TOO_HEAVY: megabytes,
        Cause.TOO_DETAILED: megabytes,
        Cause.TOO_MANY_PIXELS: most // 1_000_000,
    }
    return sentences[refusal.cause] % {
        "name": details.get("name", ""),
        "most": shown.get(refusal.cause, most),
    }
