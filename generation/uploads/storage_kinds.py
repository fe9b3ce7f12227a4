"""The kinds of storage that this app uses: pictures, their trash, and uploads."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from generation.uploads import storage_used
from generation.uploads.storage_used import Kind


def register() -> None:
    for kind in (
        Kind(
            name="uploads",
            label=_("Uploads"),
            symbol="image-up",
            route="generation:uploads",
            measure=storage_used.of_uploads,
            is_limited=True,
        ),
        Kind(
            name="pictures",
            label=_("Pictures"),
            symbol="images",
            route="generation:history",
            measure=storage_used.of_pictures,
            is_limited=False,
        ),
        Kind(
            name="trash",
            label=_("Trash"),
            symbol="trash-2",
            route="generation:trash",
            measure=storage_used.of_trash,
            is_limited=False,
        ),
    ):
        storage_used.register(kind)
