"""Pictures' files with Content Credentials, and the pictures they were made from inside, as far as those are there."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from typing import IO, BinaryIO, Final, cast

import structlog
from django.conf import settings

from generation.files import storing
from generation.models import File, Lineage, Picture, Upload
from generation.provenance import signing
from generation.provenance.certificate import Certificate
from generation.requests import marking

log = structlog.get_logger(__name__)

# How many pictures a file tells of, each of which was made from the one before: every one is signed anew, 0.2 s at 4K.
MOST_GENERATIONS: Final = 8
# What pixels came from: neither a mask nor a control picture is what a picture was made of.
_SOURCES: Final = (Lineage.Role.EDIT, Lineage.Role.UPSCALE, Lineage.Role.REFERENCE)


def sign(
    picture: Picture,
    source: IO[bytes],
    target: IO[bytes],
    *,
    form: str,
    certificate: Certificate,
    left: int = 0,
) -> None:
    """Write `source`, a file of this picture, signed. Raises c2pa.C2paError, and what `storing` raises."""
    with ExitStack() as stack:
        parent = _parent(picture, certificate, left or MOST_GENERATIONS, stack)
        signing.sign(
            source,
            target,
            form=form,
            recipe=picture.recipe,
            certificate=certificate,
            parent=parent,
            is_timed=not left,  # those inside are signed now as well: the outer time holds for them
        )


def is_of_signer(error: Exception) -> bool:
    """Tell whether no other picture could be signed either: the key or the time server failed, not this file."""
    return signing.is_of_signer(error)


def _parent(picture: Picture, certificate: Certificate, left: int, stack: ExitStack) -> IO[bytes] | None:
    """The PNG of what this picture was made from; None where that was nothing, or is gone."""
    for role in _SOURCES:
        for source in picture.parents.filter(role=role).order_by("pk"):
            if source.parent is not None and left > 1:
                return _signed(source.parent, certificate, left - 1, stack)
            if source.parent is not None or source.upload is not None:
                return _master(source.parent or source.upload, stack)
    return None


def _signed(picture: Picture, certificate: Certificate, left: int, stack: ExitStack) -> IO[bytes] | None:
    """The PNG of a picture, with the least notes, signed as it would be for a download."""
    if (master := _master(picture, stack)) is None:
        return None
    plain, signed = (_scratch(stack) for _file in range(2))
    marking.rewrite_png(cast(BinaryIO, master), cast(BinaryIO, plain), picture.recipe, include_recipe=False)
    sign(picture, plain, signed, form="png", certificate=certificate, left=left)
    return signed


def _master(thing: Picture | Upload | None, stack: ExitStack) -> IO[bytes] | None:
    file = File.objects.filter(role=File.Role.MASTER, **_owner(thing)).first()
    if file is None:
        return None
    try:
        return stack.enter_context(storing.opened(file.key))
    except storing.ObjectMissing:
        log.warning("credentials.parent_missing", file=file.pk)
        return None


def _owner(thing: Picture | Upload | None) -> dict[str, Picture | Upload | None]:
    return {"picture" if isinstance(thing, Picture) else "upload": thing}


def _scratch(stack: ExitStack) -> IO[bytes]:
    return stack.enter_context(tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR))
