"""A document as a picture of the history: its pixels at full size, to the byte, with what it was made from."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any, Final
from uuid import UUID

import numpy as np
from django.conf import settings
from PIL import Image

from accounts.people import preferences
from editor import opening
from editor.models import Document, Operation
from editor.replay import compositing
from editor.replay.document import Document as Replayed
from editor.replay.engine import Kernels
from editor.replay.layers import Layer
from editor.replay.planes import TILE, Box, Bytes
from generation.edits import Edited
from generation.engine.pixels.encode import PngWriter
from generation.files import downloads
from generation.models import Picture
from generation.requests import marking
from generation.requests import recipe as recipes

ENGINE: Final = "k1"
FORMATS: Final = tuple(downloads.FORMATS)
_SIDES: Final = (1024, 512, 256)
_THUMBNAIL: Final = 512
_THREADS: Final = 2
_CHANNELS: Final = 4


@dataclass(frozen=True, slots=True)
class Rendered:
    """The pixels of a document in a file of their own, row by row."""

    pixels: Any  # an array [h, w, 4] that lies in the file
    digest: str
    opaque: bool


@contextmanager
def work_folder() -> Iterator[Path]:
    """Give a folder for what is made on the way."""
    with TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as name:
        yield Path(name)


def render(state: Replayed, folder: Path, on_progress: Callable[[int, int], None]) -> Rendered:
    """Draw a document tile by tile into a file; `on_progress(rows of tiles done, of)` may raise."""
    width, height = state.size
    pixels = np.memmap(folder / "pixels", np.uint8, "w+", shape=(height, width, _CHANNELS))
    whole, opaque = hashlib.sha256(), True
    rows = -(-height // TILE)
    with ExitStack() as opened:
        free: SimpleQueue[Kernels] = SimpleQueue()
        for _ in range(_THREADS):
            free.put(opened.enter_context(Kernels(fuel=None)))

        def draw(row: int) -> tuple[bytes, bool]:
            kernels = free.get()
            try:
                return _row(kernels, state, row, pixels)
            finally:
                free.put(kernels)

        drawn = opened.enter_context(ThreadPoolExecutor(_THREADS)).map(draw, range(rows))
        for row, (digests, solid) in enumerate(drawn):
            on_progress(row, rows)
            whole.update(digests)
            opaque = opaque and solid
    return Rendered(pixels, whole.hexdigest(), opaque)


def _row(kernels: Kernels, state: Replayed, row: int, pixels: Any) -> tuple[bytes, bool]:
    """Draw a row of tiles into the file; return the digests of its tiles, and whether all of them are opaque."""
    width, height = state.size
    y, bottom = row * TILE, min(TILE, height - row * TILE)
    digests, opaque = b"", True
    for column in range(-(-width // TILE)):
        x, right = column * TILE, min(TILE, width - column * TILE)
        tile = compositing.tile_inside(kernels, state.layers, (column, row), state.size)
        digests += hashlib.sha256(tile.data).digest()
        part = tile[:bottom, :right]
        opaque = opaque and bool((part[..., 3] == 255).all())
        pixels[y : y + bottom, x : x + right] = part
    return digests, opaque


def part(
    state: Replayed, layers: list[Layer], box: Box, folder: Path, on_progress: Callable[[int, int], None]
) -> Rendered:
    """Draw a box of what layers of a document show together into a file. It has no digest of its own."""
    left, top, right, bottom = box
    with TemporaryFile(dir=folder) as file:  # without a name: several parts may be there at once
        pixels = np.memmap(file, np.uint8, "w+", shape=(bottom - top, right - left, _CHANNELS))
    opaque, rows = True, -(-(bottom - top) // TILE)
    for row in range(rows):
        on_progress(row, rows)
        first, last = top + row * TILE, min(bottom, top + (row + 1) * TILE)
        drawn = compositing.picture_of(state.kernels, layers, (left, first, right, last), state.size)
        opaque = opaque and bool((drawn[..., 3] == 255).all())
        pixels[first - top : last - top] = drawn
    return Rendered(pixels, "", opaque)


def thumbnail(rendered: Rendered, folder: Path) -> Path:
    """Write the small picture of the list of documents."""
    path = folder / "thumbnail.webp"
    small(rendered.pixels, _THUMBNAIL).save(path, "WEBP", quality=82, method=4)
    return path


def picture(document: Document, operation: UUID, rendered: Rendered, folder: Path) -> Edited:
    """Write the PNG and the thumbnails of a picture. Its pixels are those of the digest."""
    height, width = rendered.pixels.shape[:2]
    recipe = recipe_of(document, operation, rendered.digest)
    wanted = preferences.of(document.owner).recipe_in_downloads
    path = png(rendered, folder, marking.png_chunks(recipe, include_recipe=wanted))
    thumbnails = {}
    largest = small(rendered.pixels, _SIDES[0])
    for side in _SIDES:
        thumbnails[side] = folder / f"{side}.webp"
        smaller = largest.copy()
        smaller.thumbnail((side, side), Image.Resampling.LANCZOS)
        smaller.save(thumbnails[side], "WEBP", quality=82, method=4)
    return Edited(path, thumbnails, width, height, recipe)


def png(rendered: Rendered, folder: Path, chunks: bytes = b"") -> Path:
    """Write the pixels as a PNG, to the byte, with further chunks."""
    height, width = rendered.pixels.shape[:2]
    path, channels = folder / "master.png", 3 if rendered.opaque else 4
    with (
        ThreadPoolExecutor(_THREADS) as executor,
        PngWriter(path, width, height, chunks=chunks, executor=executor, channels=channels) as writer,
    ):
        for top in range(0, height, TILE):
            writer.write(np.ascontiguousarray(rendered.pixels[top : top + TILE, :, :channels]))
    return path


def recipe_of(document: Document, operation: UUID, digest: str) -> dict[str, Any]:
    """Return what the picture's files say of how it was made. No stroke is in it."""
    seq = Operation.objects.values_list("seq", flat=True).get(document=document, uid=operation)
    return recipes.of_edit(
        prompt=words_of(document) or document.title,
        made_with_ai=document.made_with_ai,
        from_picture=bool(document.assets.filter(role="picture").exists()),
        edit={"engine": ENGINE, "operations": seq, "pixels": digest},
    )


def words_of(document: Document) -> str:
    """Return the words that the picture was made from which a document was opened from, if it is still there."""
    picture = opening.picture_of(document)
    return picture.prompt if picture else ""


def make_file(picture_id: UUID, form: str) -> None:
    """Make the file that was asked for now, so that it is there when the person presses «Download»."""
    made = Picture.objects.select_related("owner").get(pk=picture_id)
    wanted = preferences.of(made.owner).recipe_in_downloads
    (downloads.with_recipe if wanted else downloads.without_recipe)(made, form)


def small(pixels: Bytes, side: int) -> Image.Image:
    """Return a picture of at most `side` a side. The large one is never copied: it stays in its file."""
    height, width = pixels.shape[:2]
    image = Image.frombuffer("RGBA", (width, height), pixels, "raw", "RGBA", 0, 1)
    factor = max(1, max(width, height) // (2 * side))
    smaller = image.reduce(factor) if factor > 1 else image.copy()
    smaller.thumbnail((side, side), Image.Resampling.LANCZOS)
    return smaller
