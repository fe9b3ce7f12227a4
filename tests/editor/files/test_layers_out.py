"""Photoshop and OpenRaster files: what is in them, and that they look like the document."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PIL import Image
from psd_tools import PSDImage
from psd_tools.api.layers import Group

from editor import exporting
from editor.files import openraster, parts, psd
from editor.kernels.reference import MODES
from editor.replay.document import Document
from editor.replay.engine import Kernels
from editor.replay.planes import Bytes
from tests.editor.making import BRUSH, path_of

SIZE = (600, 400)


class Pictures:
    """A photo, and a picture that can be seen through."""

    def pixels(self, sha256: str) -> Bytes:
        seed = int(sha256[:1], 16)
        y, x = np.mgrid[0:400, 0:600]
        bands = [(x * (seed + 1) + y * 2) % 256, (x + y * seed) % 256, (x * y // 7) % 256]
        alpha = np.full_like(x, 255) if seed == 0 else (x + y) % 256
        out = np.stack([*bands, alpha], axis=2).astype(np.uint8)
        out[out[..., 3] == 0] = 0
        return out


@pytest.fixture
def state() -> Iterator[Document]:
    with Kernels() as kernels:
        yield Document(kernels, Pictures())


def photo(state: Document) -> None:
    state.apply("open", {"width": 600, "height": 400, "layer": "base", "name": "Background", "asset": "0"})


def add(state: Document, layer: str, above: str | None = "base", **more: Any) -> None:
    state.apply("layer.add", {"layer": layer, "name": layer.title(), "above": above, **more})


def stroke(state: Document, layer: str, *points: tuple[int, int], **changes: Any) -> None:
    state.apply("stroke", {"layer": layer, **BRUSH, "rgb": 0x2040C0, **changes}, path_of(*points))


def written(state: Document, folder: Path) -> tuple[PSDImage, exporting.Rendered, parts.Prepared]:
    rendered = exporting.render(state, folder, lambda _done, _of: None)
    prepared = parts.for_photoshop(state)
    path = folder / "out.psd"
    psd.write(path, state.size, prepared.parts, rendered, b"<x/>", lambda _done, _of: None)
    return PSDImage.open(path), rendered, prepared


def composed(image: PSDImage) -> Any:
    """What psd-tools makes of the layers, without the picture that is stored beside them."""
    return np.array(image.composite(force=True, apply_icc=False).convert("RGBA")).astype(int)


def assert_alike(image: PSDImage, rendered: exporting.Rendered) -> None:
    """Within a level; in very few pixels within two, where several layers were each rounded to eight bits."""
    ours, theirs = np.asarray(rendered.pixels).astype(int), composed(image)
    far = np.abs(ours - theirs)
    colours = far[..., :3][ours[..., 3] == 255]
    assert far[..., 3].max() <= 1
    assert colours.max() <= 2
    assert (colours > 1).mean() < 0.001


def test_layers_look_in_photoshop_files_as_in_the_editor(state: Document, tmp_path: Path) -> None:
    photo(state)
    add(state, "group", group_layer=True)
    add(state, "low", None, group="group", asset="3", x=-40, y=30)
    add(state, "high", "low", group="group")
    stroke(state, "high", (300, 40), (420, 300))
    state.apply("layer.set", {"layer": "high", "opacity": 130})
    state.apply("select", {"shape": "rectangle", "x0": 350, "y0": 0, "x1": 420, "y1": 200, "feather": 9})
    state.apply("layer.mask", {"layer": "group", "from": "selection"})
    state.apply("layer.set", {"layer": "group", "name": "Grüppe 日本 ✓", "opacity": 200})
    add(state, "hidden", "group", asset="5")
    state.apply("layer.set", {"layer": "hidden", "visible": False, "locked": True, "lock_alpha": True})
    add(state, "shade", "hidden")
    stroke(state, "shade", (30, 30), (90, 90), radius=900)
    state.apply("layer.mask", {"layer": "shade", "from": "black"})
    state.apply("layer.set", {"layer": "shade", "mask_on": False})

    image, rendered, prepared = written(state, tmp_path)

    base, group, hidden, shade = image
    assert isinstance(group, Group)
    assert [base.name, group.name, hidden.name] == ["Background", "Grüppe 日本 ✓", "Hidden"]
    assert (group.kind, [each.name for each in group]) == ("group", ["Low", "High"])
    assert (group.opacity, group[1].opacity, hidden.visible) == (200, 130, False)
    assert group.mask is not None
    assert group.mask.background_color == 0
    assert shade.mask is not None
    assert shade.mask.disabled
    high = state.layers[1].children[1]
    assert (group[1].left, group[1].top, group[1].right, group[1].bottom) == parts.content(high.pixels, SIZE)
    assert prepared.drawn == []
    assert_alike(image, rendered)
    merged = np.array(image.topil())
    assert (merged[..., :3] == np.asarray(rendered.pixels)[..., :3]).all()
    assert image.image_resources.get_data(1060) is not None


def test_every_blend_mode_has_its_name_there(state: Document, tmp_path: Path) -> None:
    photo(state)
    for mode in MODES:
        add(state, mode)
        state.apply("layer.set", {"layer": mode, "mode": mode})
    image, _rendered, _prepared = written(state, tmp_path)
    found = {layer.name.lower(): layer.blend_mode.name.lower().replace("_", "-") for layer in image}
    del found["background"]
    assert found == {mode: mode for mode in MODES}


@pytest.mark.parametrize("clear", [False, True])
def test_adjustments_are_drawn_and_what_they_change_stays_hidden(
    clear: bool, state: Document, tmp_path: Path
) -> None:
    if clear:
        state.apply("open", {"width": 600, "height": 400, "layer": "base", "name": "B", "asset": "4"})
    else:
        photo(state)
    inverted = {"kind": "invert"}
    add(state, "through", group_layer=True)
    state.apply("layer.set", {"layer": "through", "through": True})
    add(state, "inside", None, group="through", adjust=inverted)
    add(state, "paint", "through")
    stroke(state, "paint", (100, 100), (300, 200), radius=800)
    add(state, "clipped", "paint", adjust=inverted)
    state.apply("layer.set", {"layer": "clipped", "clip": True})

    image, rendered, prepared = written(state, tmp_path)

    assert prepared.drawn == ["Through", "Paint"]
    names = [(layer.name, layer.visible) for layer in image]
    assert names == [
        *(("Before Through", False), ("Through", True)),
        *(("Parts of Paint", False), ("Paint", True)),
    ]
    assert_alike(image, rendered)


def test_packed_rows_unpack_to_what_they_were() -> None:
    random = np.random.default_rng(5)
    for width in (1, 2, 127, 128, 129, 300):
        for rows in (
            np.full((3, width), 7, np.uint8),
            random.integers(0, 256, (5, width), np.uint8),
            np.repeat(random.integers(0, 3, (5, -(-width // 40)), np.uint8), 40, axis=1)[:, :width],
        ):
            counts, data = psd.packed(rows)
            at = 0
            for row, count in zip(rows, counts, strict=True):
                assert unpacked(data[at : at + count]) == row.tobytes()
                at += count
            assert at == len(data)


def unpacked(data: bytes) -> bytes:
    out, at = bytearray(), 0
    while at < len(data):
        count, at = data[at], at + 1
        if count < 128:
            out += data[at : at + count + 1]
            at += count + 1
        elif count > 128:
            out += bytes([data[at]]) * (257 - count)
            at += 1
    return bytes(out)


def test_openraster_has_every_layer_and_looks_the_same(state: Document, tmp_path: Path) -> None:
    photo(state)
    add(state, "group", group_layer=True)
    add(state, "low", None, group="group", asset="3", x=-40, y=30)
    state.apply("layer.set", {"layer": "low", "opacity": 128})
    state.apply("select", {"shape": "rectangle", "x0": 100, "y0": 0, "x1": 420, "y1": 200})
    add(state, "masked", "group", asset="6", mask_from_selection=True)
    state.apply("layer.set", {"layer": "masked", "mode": "multiply", "name": "Größe <&>"})
    rendered = exporting.render(state, tmp_path, lambda _done, _of: None)
    prepared = parts.for_openraster(state)
    path = tmp_path / "out.ora"

    openraster.write(path, SIZE, prepared.parts, rendered, b"", tmp_path, lambda _done, _of: None)

    with zipfile.ZipFile(path) as archive:
        first = archive.infolist()[0]
        assert (first.filename, first.compress_type, archive.read(first)) == (
            "mimetype",
            0,
            b"image/openraster",
        )
        image = ET.fromstring(archive.read("stack.xml"))
        merged = np.array(Image.open(io.BytesIO(archive.read("mergedimage.png"))).convert("RGBA"))
        small = Image.open(io.BytesIO(archive.read("Thumbnails/thumbnail.png")))
        stack = image[0]
        masked, group, base = stack
        low = group[0]
        alpha = np.array(Image.open(io.BytesIO(archive.read(masked.attrib["src"]))))[..., 3]
    assert image.attrib["w"] == "600"
    assert max(small.size) == 256
    assert (merged == np.asarray(rendered.pixels)).all()
    assert (masked.attrib["name"], masked.attrib["composite-op"]) == ("Größe <&>", "svg:multiply")
    assert (masked.attrib["x"], masked.attrib["y"], alpha.shape) == ("100", "0", (200, 320))
    assert (group.tag, group.attrib["isolation"], base.attrib["name"]) == ("stack", "isolate", "Background")
    assert (low.attrib["x"], round(255 * float(low.attrib["opacity"]), 3)) == ("-40", 128)
    assert prepared.drawn == ["Größe <&>"]
