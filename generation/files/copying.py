"""The files of pictures and uploads in a person's copy of their data: whole, and with the recipe where they want it."""

from __future__ import annotations

import shutil
import tempfile
from typing import IO, Any, BinaryIO, Final, cast

import structlog
from django.conf import settings
from django.db.models import Q
from django.utils.text import slugify

from accounts.people import preferences
from generation.files import downloads, storing
from generation.models import File
from generation.png import NotAPng
from generation.requests import marking
from image2.lib.personal_data import CopiedFiles

log = structlog.get_logger(__name__)

_LONGEST_NAME: Final = 60


def path(file: File) -> str:
    """Return its place in the copy. No two files have the same: each has the id of its picture or upload."""
    if file.upload is not None:
        words = slugify(file.upload.name.rpartition(".")[0], allow_unicode=True)[:_LONGEST_NAME]
        return f"uploads/{_joined(words, file.upload.pk)}.{file.format}"
    assert file.picture is not None
    if file.role == File.Role.FIELDS:
        return f"pictures/{file.picture.pk}.fields.{file.format}"
    name = downloads.filename if _with_recipe(file) else downloads.plain_filename
    stem = name(file.picture, "png").rpartition(".")[0]
    return f"pictures/{_joined(stem, file.picture.pk)}.{file.format}"


def largest(file: File) -> int:
    """Return how many bytes `write` writes at most."""
    return file.bytes + (len(_chunks(file)) if file.picture and file.role == File.Role.MASTER else 0)


def write(file: File, target: IO[bytes]) -> None:
    """Write the file as a download would be: the recipe is in it where its owner wants that, else in none."""
    if file.picture is None or file.role != File.Role.MASTER:
        storing.copy(file.key, target)
        return
    with_recipe = _with_recipe(file)
    if not with_recipe and file.variant == File.PLAIN:
        storing.copy(file.key, target)
        return
    # Through a file: a master that turns out to be no whole PNG is then copied as it is.
    with (
        storing.opened(file.key) as source,
        tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as made,
    ):
        try:
            marking.rewrite_png(
                cast(BinaryIO, source), cast(BinaryIO, made), file.picture.recipe, include_recipe=with_recipe
            )
        except NotAPng:
            log.exception("file.unreadable", key=file.key)
            made.truncate(0)
            source.seek(0)
            made.seek(0)
            shutil.copyfileobj(source, made)
        made.seek(0)
        shutil.copyfileobj(made, target)


def recipe(file: File) -> tuple[str, Any] | None:
    """Return the recipe as a file beside the picture."""
    if file.picture is None or file.role != File.Role.MASTER:
        return None
    return ".recipe.json", file.picture.recipe


def _chunks(file: File) -> bytes:
    assert file.picture is not None
    return marking.png_chunks(file.picture.recipe, include_recipe=_with_recipe(file))


def _with_recipe(file: File) -> bool:
    assert file.picture is not None
    return preferences.of(file.picture.owner).recipe_in_downloads


def _joined(words: str, pk: object) -> str:
    return f"{words}-{pk}" if words else str(pk)


FILES: Final = CopiedFiles(
    # Thumbnails and converted downloads are made from the masters.
    # What staff took down isn't handed out again; its row is in the lists.
    wanted=Q(role__in=(File.Role.MASTER, File.Role.FIELDS))
    & Q(picture__taken_down_at__isnull=True, upload__taken_down_at__isnull=True),
    path=path,
    largest=largest,
    write=write,
    beside=recipe,
    related=("picture__owner__preferences", "upload"),
)
