"""A project file: a document with every step of its history and the pictures that it stands on, to open anywhere.

A zip of `mimetype`, `manifest.json`, `log.jsonl` (an operation a line, in their order), `assets/<sha256>.png` and
`picture.png`, which shows what the document shows and is never read again. `editor.files.bringing` opens it.
"""

from __future__ import annotations

import base64
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, cast
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.people import preferences
from editor import exporting, opening
from editor.exporting import ENGINE, Rendered
from editor.log import schema
from editor.models import Asset, Document
from generation.files import storing
from generation.requests import marking
from generation.requests import recipe as recipes

MIMETYPE: Final = b"application/vnd.image2.project+zip"
FORMAT: Final = "image2-project"
VERSION: Final = 1
MANIFEST, LOG, PICTURE, ASSETS = "manifest.json", "log.jsonl", "picture.png", "assets/"
# The same bytes for the same document: a zip's own times say nothing here, and start in 1980.
_TIME: Final = (1980, 1, 1, 0, 0, 0)
_BATCH: Final = 500


class TooLarge(Exception):
    """The file would be larger than what can be opened again. `sentence` is for the person."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def write(
    document: Document,
    operation: UUID,
    rendered: Rendered,
    folder: Path,
    on_progress: Callable[[int, int], None],
) -> Path:
    """Write the project file of a document as it is after an operation, with its whole log. Raises TooLarge."""
    path = folder / "project"
    recipe = exporting.recipe_of(document, operation, rendered.digest)
    wanted = preferences.of(document.owner).recipe_in_downloads
    picture = exporting.png(rendered, folder, marking.png_chunks(recipe, include_recipe=wanted))
    with zipfile.ZipFile(path, "w") as archive:
        with archive.open(_member("mimetype", zipfile.ZIP_STORED), "w") as target:
            target.write(MIMETYPE)
        named = _write_log(document, archive, on_progress)
        rows = list(document.assets.filter(role=Asset.Role.PICTURE, sha256__in=named).order_by("sha256"))
        if sum(row.bytes for row in rows) + picture.stat().st_size > settings.PROJECT_MAX_BYTES * 0.9:
            raise TooLarge(
                _(
                    "The pictures of this document are too large for one project file. Flatten it, then save that."
                )
            )
        for number, row in enumerate(rows):
            on_progress(number, len(rows))
            with archive.open(_member(f"{ASSETS}{row.sha256}.png", zipfile.ZIP_STORED), "w") as target:
                storing.copy(row.key, target)
        with (
            picture.open("rb") as source,
            archive.open(_member(PICTURE, zipfile.ZIP_STORED), "w") as target,
        ):
            while piece := source.read(1024 * 1024):
                target.write(piece)
        manifest = _manifest(document, operation, rendered, rows, recipe if wanted else None)
        with archive.open(_member(MANIFEST, zipfile.ZIP_DEFLATED), "w") as target:
            target.write(json.dumps(manifest, ensure_ascii=False, indent=1).encode())
    return path


def _member(name: str, how: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _TIME)
    info.compress_type = how
    return info


def _write_log(
    document: Document, archive: zipfile.ZipFile, on_progress: Callable[[int, int], None]
) -> set[str]:
    """Write every operation of the document; return the pictures that they name."""
    named: set[str] = set()
    rows = document.operations.filter(seq__lte=document.seq).defer("outline").order_by("seq")
    with archive.open(_member(LOG, zipfile.ZIP_DEFLATED), "w") as target:
        for row in rows.iterator(chunk_size=_BATCH):
            on_progress(row.seq, document.seq)
            named |= schema.pictures_of(row.body)
            line = {
                "id": str(row.uid),
                "parent": str(row.parent) if row.parent else None,
                "kind": row.kind,
                "engine": row.engine,
                "body": row.body,
                "blob": base64.b64encode(bytes(row.blob)).decode(),
            }
            target.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    return named


def _manifest(
    document: Document,
    operation: UUID,
    rendered: Rendered,
    rows: list[Asset],
    recipe: recipes.Recipe | None,
) -> dict[str, Any]:
    source = opening.picture_of(document)
    height, width = rendered.pixels.shape[:2]
    marks = exporting.recipe_of(document, operation, rendered.digest)
    origin: dict[str, Any] = {"digital_source_type": recipes.digital_source_type(marks)}
    if recipe is not None:
        origin["recipe"] = recipes.for_file(recipe)
        if source is not None:
            origin["opened_from"] = recipes.for_file(cast("dict[str, Any]", source.recipe))
    return {
        "format": FORMAT,
        "version": VERSION,
        "engine": ENGINE,
        "software": recipes.SOFTWARE,
        "title": document.title,
        "width": width,
        "height": height,
        "head": str(operation),
        "operations": document.seq,
        "pixels": rendered.digest,
        "made_with_ai": document.made_with_ai,
        "versions": [
            {"operation": str(row.operation), "name": row.name} for row in document.versions.order_by("pk")
        ],
        "assets": [
            {"sha256": row.sha256, "width": row.width, "height": row.height, "bytes": row.bytes}
            for row in rows
        ],
        "origin": origin,
    }
