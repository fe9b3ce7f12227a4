"""OpenRaster files, which Krita, GIMP and MyPaint open: layers and groups as PNGs, and the picture."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import numpy as np

from editor import exporting
from editor.exporting import Rendered
from editor.files.parts import Part, content, strips
from generation.engine.pixels.encode import PngWriter

MIMETYPE: Final = b"image/openraster"
_VERSION: Final = "0.0.5"
_THUMBNAIL: Final = 256
_TIME: Final = (1980, 1, 1, 0, 0, 0)
_THREADS: Final = 2


def write(
    path: Path,
    size: tuple[int, int],
    parts: list[Part],
    rendered: Rendered,
    chunks: bytes,
    folder: Path,
    on_progress: Callable[[int, int], None],
) -> None:
    """Write the parts and the picture that they show; `chunks` says in that how it was made."""
    width, height = size
    image = ET.Element("image", version=_VERSION, w=str(width), h=str(height), xres="72", yres="72")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(_member("mimetype"), MIMETYPE)
        stack = ET.SubElement(image, "stack")
        _Layers(archive, size, folder, on_progress).put(stack, parts)
        _put(archive, "mergedimage.png", exporting.png(rendered, folder, chunks))
        _put(archive, "Thumbnails/thumbnail.png", _thumbnail(rendered, folder))
        text = ET.tostring(image, encoding="UTF-8", xml_declaration=True)
        archive.writestr(_member("stack.xml"), text)


class _Layers:
    def __init__(
        self,
        archive: zipfile.ZipFile,
        size: tuple[int, int],
        folder: Path,
        on_progress: Callable[[int, int], None],
    ) -> None:
        self._archive, self._size, self._folder, self._on_progress = archive, size, folder, on_progress
        self._written = 0

    def put(self, stack: ET.Element, parts: list[Part]) -> None:
        """Write parts into a stack: the format has the topmost first."""
        for part in reversed(parts):
            self._on_progress(self._written, self._written + 1)
            attributes = {
                "name": _xml_text(part.name),
                "opacity": f"{part.opacity / 255:.6f}",
                "visibility": "visible" if part.visible else "hidden",
                "composite-op": "svg:src-over" if part.mode == "normal" else f"svg:{part.mode}",
            }
            if part.locked:
                attributes["edit-locked"] = "true"
            if part.children is not None:
                attributes["isolation"] = "auto" if part.through else "isolate"
                self.put(ET.SubElement(stack, "stack", attributes), part.children)
                continue
            name, x, y = self._layer(part)
            ET.SubElement(stack, "layer", attributes, src=name, x=str(x), y=str(y))

    def _layer(self, part: Part) -> tuple[str, int, int]:
        name = f"data/{self._written:03}.png"
        self._written += 1
        box = content(part.pixels, self._size)
        x, y, right, bottom = box or (0, 0, 1, 1)  # there is no picture without a pixel
        path = self._folder / "layer.png"
        with (
            ThreadPoolExecutor(_THREADS) as executor,
            PngWriter(path, right - x, bottom - y, chunks=b"", executor=executor, channels=4) as writer,
        ):
            for strip in strips((x, y, right, bottom)):
                writer.write(np.ascontiguousarray(part.pixels.read(strip)))
        _put(self._archive, name, path)
        return name, x, y


def _member(name: str) -> zipfile.ZipInfo:
    return zipfile.ZipInfo(name, _TIME)


def _put(archive: zipfile.ZipFile, name: str, path: Path) -> None:
    with path.open("rb") as source, archive.open(_member(name), "w") as target:
        while piece := source.read(1024 * 1024):
            target.write(piece)


def _thumbnail(rendered: Rendered, folder: Path) -> Path:
    path = folder / "thumbnail.png"
    exporting.small(rendered.pixels, _THUMBNAIL).save(path, "PNG")
    return path


def _xml_text(text: str) -> str:
    """Remove the few characters that XML 1.0 can't represent."""
    return "".join(c for c in text if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff"))
