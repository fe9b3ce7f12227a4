"""Masks of parts to redraw: kept as uploads that no page lists, of the person who marked them."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, BinaryIO, cast

from django.conf import settings
from django.utils.translation import gettext as _
from PIL import Image

from generation.models import Upload
from generation.uploads import unlisted
from generation.uploads.intake import Refused
from image2.lib.ids import new_id

if TYPE_CHECKING:
    from accounts.models import User


def keep(*, user: User, mask: Image.Image) -> Upload:
    """Keep a mask: mode "L", of its picture's size, 0 where nothing may change. It goes after a day without a request.

    Raises Refused for one that marks nothing or everything, storage_used.StorageUsedUp, and what `storing` raises.
    """
    marked = mask.getbbox()
    if marked is None:
        raise Refused(_("Nothing is marked. Mark the part of the picture that is to change."), cause="mask")
    if mask.getextrema() == (255, 255):
        sentence = _("The whole picture is marked. Leave a part of it, or generate a new picture.")
        raise Refused(sentence, cause="mask")
    upload = Upload(
        id=new_id(),
        owner=user,
        name=_("mask"),
        width=mask.width,
        height=mask.height,
        mask_box=list(marked),
        is_listed=False,
    )
    with tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as file:
        mask.save(file, "PNG", compress_level=1)
        return unlisted.keep(upload, cast(BinaryIO, file))
