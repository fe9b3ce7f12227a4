"""How a document came to be, as an animated WebP: each frame is what the log makes up to one of its steps.

The container is written here, frame by frame (WebP Container Specification, «Animation»), so that one frame is in
memory at a time, and a frame holds only the part that changed.
"""

from __future__ import annotations

import io
import math
import struct
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Final
from uuid import UUID

import numpy as np
from PIL import Image, ImageChops

from editor.assets import OfDocument
from editor.log import reading
from editor.log.snapshots import Scratch
from editor.models import Document
from editor.replay.compositing import Changes
from editor.replay.document import Document as Replayed
from editor.replay.engine import Kernels
from editor.replay.planes import TILE, held
from editor.replaying import FUEL, MOST_HELD, apply

MOST_FRAMES: Final = 300
LONG_SIDE, SHORT_SIDE = 1920, 1080
# A worker's other work waits meanwhile.
MOST_SECONDS: Final = 300.0
_SECONDS: Final = 15_000  # of all frames together, in milliseconds, where there are enough
_SHORTEST, _LONGEST, _LAST = 66, 500, 2500
# How long a step takes at least, and what is longer than a step takes: a pause.
_QUICK, _PAUSE = 50, 3000
# How long a frame is shown, of its even share of the time: the more, the more of the picture is another one.
_STILL, _NEW = 0.5, 2.0
_MUCH: Final = 0.25  # of the pixels
_QUALITY: Final = 88
_ALPHA, _XMP, _MOVES = 16, 4, 2  # flags of the container
_OVERWRITE: Final = 2  # of a frame: its pixels take the place of those below, transparent ones too


class TooLong(Exception):
    """So many steps take longer than a worker gives to one of them."""


@dataclass(frozen=True, slots=True)
class Film:
    """What was drawn: the digest of the picture that it ends with, and how many frames there are."""

    digest: str
    frames: int


def write(
    document: Document,
    uid: UUID,
    path: Path,
    xmp_of: Callable[[str], bytes],
    on_progress: Callable[[int, int], None],
) -> Film:
    """Write the film of the way to an operation; `xmp_of` gives its notes for the digest of the last frame.

    `on_progress` may raise. Raises TooLong, and as a replay does.
    """
    _start, steps = reading.path_to(document, uid, frozenset())
    wanted = chosen(spent(reading.moments(document, steps)), MOST_FRAMES)
    size = _frame_size(_final_size(document, uid))
    with path.open("w+b") as file, Scratch(document) as shelf, Kernels() as kernels:
        state = Replayed(kernels, OfDocument(document))
        film = _Writer(file, size, len(wanted))
        canvas = _Canvas(path.parent, state, size)
        begun, good = time.monotonic(), None
        for number, operation in enumerate(reading.operations(document, steps), start=1):
            on_progress(number, len(steps))
            if time.monotonic() - begun > MOST_SECONDS:
                raise TooLong
            apply(state, operation, good)
            good = operation.uid
            if number in wanted:
                kernels.refuel(100 * FUEL)
                film.add(canvas.drawn())
            if held.bytes > MOST_HELD:
                canvas.follow()
                shelf.put_away(state)
                canvas.settle()
        kernels.refuel(100 * FUEL)
        digest = state.digest()
        film.end(xmp_of(digest))
    return Film(digest, film.frames)


def spent(moments: Iterable[tuple[str, int | None]]) -> list[int]:
    """Return how long the person was at each step, in milliseconds, without pauses; 0 where it shows nothing.

    `moments` are their kinds and times. Steps that came at once, as from another file, count as short ones.
    """
    found: list[int] = []
    before: int | None = None
    for kind, moment in moments:
        gap = moment - before if moment is not None and before is not None else 0
        before = moment
        found.append(0 if kind == "select" else min(_PAUSE, max(_QUICK, gap)))
    return found


def chosen(times: Sequence[int], most: int) -> set[int]:
    """Return after which steps a frame is drawn: the first, the last, and one each time that so long was worked.

    There are at most so many. Quick dabs share a frame, and a stroke that took its time has one by itself.
    """
    if len(times) <= most:
        return set(range(1, len(times) + 1))
    least, enough = 1, sum(times) + 1
    while least < enough:
        apart = (least + enough) // 2
        if len(_apart(times, apart)) <= most:
            enough = apart
        else:
            least = apart + 1
    return _apart(times, enough)


def _apart(times: Sequence[int], apart: int) -> set[int]:
    found, since = {1, len(times)}, 0
    for number, time_of in enumerate(times[1:], start=2):
        since += time_of
        if time_of and since >= apart:
            found.add(number)
            since = 0
    return found


def _final_size(document: Document, uid: UUID) -> tuple[int, int]:
    outline = reading.outline_at(document, uid)
    assert outline is not None
    width, height = outline["size"]
    return width, height


def _frame_size(size: tuple[int, int]) -> tuple[int, int]:
    """The size of the film: that of the picture as it ends, in a box of 1920 × 1080 that lies as it does."""
    longest, shortest = max(size), min(size)
    most = min(1.0, LONG_SIDE / longest, SHORT_SIDE / shortest)
    return max(1, round(size[0] * most)), max(1, round(size[1] * most))


class _Canvas:
    """The picture at full size in a file: only tiles that changed are drawn again."""

    def __init__(self, folder: Path, state: Replayed, frame: tuple[int, int]) -> None:
        self._folder, self._state, self._frame = folder, state, frame
        self._size = (0, 0)
        self._pixels: Any = None
        self._changes = Changes()

    def drawn(self) -> Image.Image:
        """Return what the document shows now as a frame, in its middle where its shape is another one."""
        self.follow()
        return fitted(self._pixels, self._frame)

    def follow(self) -> None:
        """Draw what changed."""
        self._follow_size()
        for (x, y), tile in self._changes.tiles(self._state.kernels, self._state.layers, self._size):
            left, top = x * TILE, y * TILE
            part = self._pixels[top : top + TILE, left : left + TILE]
            part[:] = tile[: part.shape[0], : part.shape[1]]

    def settle(self) -> None:
        """Hear that the tiles of the same pixels lie elsewhere by now."""
        self._changes.settle(self._state.layers)

    def _follow_size(self) -> None:
        if self._size == self._state.size:
            return
        self._size = self._state.size
        shape = (self._size[1], self._size[0], 4)
        with TemporaryFile(dir=self._folder) as file:  # without a name: the one before is still in use
            self._pixels = np.memmap(file, np.uint8, "w+", shape=shape)
        self._changes = Changes()


def fitted(pixels: Any, frame: tuple[int, int]) -> Image.Image:
    """Return pixels [h, w, 4] as large as they fit into a frame, around them nothing. They are never enlarged."""
    height, width = pixels.shape[:2]
    scale = min(1.0, frame[0] / width, frame[1] / height)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    image = Image.frombuffer("RGBA", (width, height), pixels, "raw", "RGBA", 0, 1)
    small = image.copy() if size == (width, height) else image.resize(size, Image.Resampling.BOX)
    if size == frame:
        return small
    out = Image.new("RGBA", frame)
    out.paste(small, ((frame[0] - size[0]) // 2, (frame[1] - size[1]) // 2))
    return out


class _Writer:
    """The container: a header whose sizes are filled in at the end, and frames."""

    def __init__(self, file: IO[bytes], size: tuple[int, int], wanted: int) -> None:
        self._file, self._size = file, size
        self._each = min(_LONGEST, max(_SHORTEST, _SECONDS // max(1, wanted)))
        self._before: Image.Image | None = None
        self._waits: tuple[int, int, bytes, tuple[int, int]] | None = (
            None  # the frame whose time isn't known yet
        )
        self._lasts = 0
        self.frames = 0
        file.write(b"RIFF\0\0\0\0WEBP" + _chunk(b"VP8X", self._flags()) + _chunk(b"ANIM", bytes(6)))

    def add(self, frame: Image.Image) -> None:
        """Add a picture; where it is the one before, that one is shown longer."""
        box = (0, 0, *self._size) if self._before is None else _changed(self._before, frame)
        share = 1.0 if self._before is None or box is None else _share(self._before, frame, box)
        self._before = frame
        if box is None:
            self._lasts += round(self._each * _STILL)
            return
        self._write(self._lasts)
        left, top = box[0] // 2 * 2, box[1] // 2 * 2  # the format has even places only
        part = frame.crop((left, top, box[2], box[3]))
        self._waits, self._lasts = (left, top, _encoded(part), part.size), self._time(share)

    def _time(self, share: float) -> int:
        """How long a frame is shown of which so many pixels are others than before."""
        return round(self._each * (_STILL + (_NEW - _STILL) * math.sqrt(min(1.0, share / _MUCH))))

    def end(self, xmp: bytes) -> None:
        """Write the last frame, which stays for a while, the notes, and the sizes."""
        self._write(self._lasts + _LAST)
        self._file.write(_chunk(b"XMP ", xmp))
        length = self._file.tell()
        self._file.seek(4)
        self._file.write(struct.pack("<I", length - 8))
        self._file.seek(0, 2)

    def _write(self, milliseconds: int) -> None:
        if self._waits is None:
            return
        left, top, data, (width, height) = self._waits
        numbers = (left // 2, top // 2, width - 1, height - 1, milliseconds)
        head = b"".join(struct.pack("<I", number)[:3] for number in numbers)
        self._file.write(_chunk(b"ANMF", head + bytes([_OVERWRITE]) + data))
        self.frames += 1

    def _flags(self) -> bytes:
        width, height = (struct.pack("<I", side - 1)[:3] for side in self._size)
        return bytes([_ALPHA | _XMP | _MOVES, 0, 0, 0]) + width + height


def _changed(before: Image.Image, after: Image.Image) -> tuple[int, int, int, int] | None:
    """The box outside of which two frames are equal."""
    return ImageChops.difference(before, after).getbbox(alpha_only=False)


def _share(before: Image.Image, after: Image.Image, box: tuple[int, int, int, int]) -> float:
    """How many of the pixels differ, all of them within a box, from 0 to 1."""
    first, second = (np.asarray(each.crop(box)) for each in (before, after))
    return float((first != second).any(axis=2).sum()) / (before.width * before.height)


def _encoded(part: Image.Image) -> bytes:
    """The chunks of one picture: its alpha, where it has one, and its colours."""
    target = io.BytesIO()
    part.save(target, "WEBP", quality=_QUALITY, method=2, exact=True)
    data = target.getvalue()
    return b"".join(_chunk(name, content) for name, content in chunks(data) if name in _OF_A_FRAME)


_OF_A_FRAME: Final = (b"ALPH", b"VP8 ", b"VP8L")


def chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield name and content of each chunk of a WebP."""
    at = 12
    while at + 8 <= len(data):
        name, length = struct.unpack("<4sI", data[at : at + 8])
        yield name, data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)
