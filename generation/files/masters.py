"""A picture's lossless file as it may be served: without the recipe inside."""

from __future__ import annotations

import tempfile
from typing import BinaryIO, cast

import structlog
from django.conf import settings
from django.db import transaction

from generation import fair_shares
from generation.files import storing
from generation.models import File
from generation.requests import marking

log = structlog.get_logger(__name__)


def plain(file: File) -> File:
    """Return `file`; a master that was stored with the recipe inside is rewritten first, once.

    New masters hold no recipe; old ones do, and a signed link or a proxy serves what lies in storage unchanged.
    Raises fair_shares.OverShare, png.NotAPng, and what `storing` raises.
    """
    if not _holds_recipe(file):
        return file
    assert file.picture is not None
    with fair_shares.turn("download", caller=file.picture.owner_id):
        # Another process may have rewritten it while we waited.
        file.refresh_from_db()
        return _rewritten(file) if _holds_recipe(file) else file


def _holds_recipe(file: File) -> bool:
    return file.role == File.Role.MASTER and file.picture_id is not None and file.variant != File.PLAIN


def _rewritten(file: File) -> File:
    assert file.picture is not None
    with (
        storing.opened(file.key) as source,
        tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as target,
    ):
        marking.rewrite_png(
            cast(BinaryIO, source), cast(BinaryIO, target), file.picture.recipe, include_recipe=False
        )
        stored = storing.store(cast(BinaryIO, target), kind="master", attempt="plain", suffix=file.format)
    with transaction.atomic():
        row = File.objects.filter(pk=file.pk, key=file.key)
        changed = row.update(key=stored.key, sha256=stored.sha256, bytes=stored.bytes, variant=File.PLAIN)
        # Another process was first, or the picture was deleted: then our object isn't needed.
        storing.discard_keys([file.key if changed else stored.key])
    log.info("master.rewritten", file=file.pk, first=bool(changed))
    file.refresh_from_db()
    return file
