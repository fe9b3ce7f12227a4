"""Texts on a path, shapes, gradients, masks and bent layers stay in place, whatever becomes of the document's size."""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from editor.replay.document import Document
from editor.replay.engine import Kernels
from editor.replay.layers import find
from tests.editor.calling import NoAssets
from tests.editor.test_twins import Made, exported
from tests.editor.text.test_text_twins import ARC, OPEN, SHADOW, equal, op
from tests.editor.text.writing import a_text, needs_node, written
from tests.examples import examples

ONE = 1 << 24
LOOK = {"opacity": 255, "mode": "normal"}
STAR = {
    "kind": "star",
    "x": 300 * 64,
    "y": 200 * 64,
    "radius": 110 * 64,
    "inner": 45,
    "sides": 5,
    "angle": 2000,
    "fill": 0xFF2060C0,
    "stroke": {"rgba": 0xFF102030, "width": 8 * 64, "cap": "round", "join": "round"},
}
POINTS = [0, 0, 400, 300, 0, 0, -300, 200, 160, -500, 0, 0, 0, 0, 0, 240, 0, 0]


def layers(text: dict[str, Any]) -> list[dict[str, Any]]:
    """A layer of each kind that geometry carries, some with masks of their own."""
    part = {"shape": "rectangle", "how": "replace", "x0": 80, "y0": 60, "x1": 470, "y1": 330}
    grid = {
        "x0": 50,
        "y0": 40,
        "x1": 350,
        "y1": 260,
        "columns": 2,
        "rows": 2,
        "points": POINTS,
        "method": "bicubic",
    }
    ends = {"x0": 100 * 16, "y0": 80 * 16, "x1": 500 * 16, "y1": 300 * 16}
    return [
        op("layer.add", layer="g", name="G", above="base"),
        op(
            "gradient", layer="g", shape="linear", stops=[[0, 0xFF0000FF], [1023, 0x4000FF00]], **ends, **LOOK
        ),
        op("select", **part),
        op("layer.mask", layer="g", **{"from": "selection"}),
        op("layer.add", layer="m", name="M", above="g"),
        op("fill", layer="m", rgba=0xC0FF8000, **LOOK),
        op("select", shape="none"),
        op("mesh", layer="m", **grid),
        op("layer.add", layer="s", name="S", above="m", shape=STAR),
        op("layer.add", layer="t", name="T", above="s", text=text),
        op("layer.mask", layer="t", **{"from": "white"}),
    ]


class Sizes:
    """Changes of a document of 600 x 400 that follow one another."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.width, self.height = 600, 400

    def some(self) -> list[dict[str, Any]]:
        made = [self.random.choice([self.orient, self.crop, self.canvas])() for _ in range(4)]
        last = self.random.choice([[], [self.resize], [self.straighten], [self.resize, self.straighten]])
        return [*made, *(change() for change in last)]

    def orient(self) -> dict[str, Any]:
        how = self.random.choice(["90", "180", "270", "flip_x", "flip_y"])
        if how in ("90", "270"):
            self.width, self.height = self.height, self.width
        return op("orient", how=how)

    def crop(self) -> dict[str, Any]:
        r = self.random
        x0, y0 = r.randint(-20, 40), r.randint(-20, 40)
        x1, y1 = self.width - r.randint(-20, 40), self.height - r.randint(-20, 40)
        self.width, self.height = x1 - x0, y1 - y0
        return op("crop", x0=x0, y0=y0, x1=x1, y1=y1)

    def canvas(self) -> dict[str, Any]:
        r = self.random
        self.width, self.height = self.width + r.randint(-30, 60), self.height + r.randint(-30, 60)
        by = {"dx": r.randint(-30, 60), "dy": r.randint(-30, 60)}
        return op("canvas", width=self.width, height=self.height, keep=True, **by)

    def resize(self) -> dict[str, Any]:
        share = self.random.choice([0.7, 1.4, 1.9])
        self.width, self.height = round(self.width * share), round(self.height * share)
        return op("resize", width=self.width, height=self.height, method="lanczos")

    def straighten(self) -> dict[str, Any]:
        """As the crop tool does: turned about the middle, and a little smaller."""
        turn = math.radians(self.random.uniform(-12, 12))
        middle = self.width / 2, self.height / 2
        self.width, self.height = round(self.width * 0.8), round(self.height * 0.8)
        cos, sin = math.cos(turn), math.sin(turn)
        left, top = -self.width / 2, -self.height / 2
        matrix = [
            *(cos, -sin, middle[0] + cos * left - sin * top),
            *(sin, cos, middle[1] + sin * left + cos * top),
            *(0, 0, 1),
        ]
        numbers = [round(value * ONE) for value in matrix]
        return op("straighten", width=self.width, height=self.height, matrix=numbers, method="bicubic")


def a_bent_text(folder: Path) -> dict[str, Any]:
    return written(folder, [a_text("Boats and seas", size=64 * 16, path=ARC, align="center", weight=700)])[0]


@pytest.mark.long
@needs_node
def test_browser_server_and_export_agree_after_every_change_of_size(tmp_path: Path) -> None:
    text = {**a_bent_text(tmp_path), "shadow": SHADOW}
    documents = [[*layers(text), *Sizes(seed).some()] for seed in range(examples(10))]
    found = equal(documents, tmp_path)
    assert len({each["digest"] for each in found}) > len(found) / 2
    with Kernels() as kernels:
        for number, (operations, theirs) in enumerate(zip(documents, found, strict=True)):
            assert theirs["refused"] == [], f"document {number}"
            assert exported(kernels, Made([OPEN, *operations]), tmp_path) == theirs["digest"]


def built(kernels: Kernels, operations: list[dict[str, Any]]) -> Document:
    document = Document(kernels, NoAssets())
    for each in [OPEN, *operations]:
        document.apply(each["kind"], each["body"], each["blob"])
    return document


def coverage(document: Document, layer: str) -> Any:
    width, height = document.size
    return find(document.layers, layer).pixels.read((0, 0, width, height))[..., 3].astype(float)


def apart(one: Any, other: Any) -> float:
    """Which share of what is covered is covered in one of two only."""
    return float(np.abs(one - other).sum() / max(1.0, one.sum()))


@pytest.mark.few(1)
@needs_node
@pytest.mark.parametrize("layer", ["s", "t"])
def test_what_is_drawn_from_a_description_stays_where_its_pixels_would(
    kernels: Kernels, tmp_path: Path, layer: str
) -> None:
    before = layers(a_bent_text(tmp_path))
    for seed in range(examples(10)):
        changes = Sizes(1000 + seed).some()
        live = built(kernels, [*before, *changes])
        pixels = built(kernels, [*before, op("layer.rasterize", layer=layer), *changes])
        found, wanted = coverage(live, layer), coverage(pixels, layer)
        assert wanted.sum() > 0, changes
        assert apart(found, wanted) < 0.08, changes  # edges that are drawn are sharper than resampled ones
        # Three pixels beside its place would be seen here.
        assert apart(np.roll(found, 3, axis=1), wanted) > 1.5 * apart(found, wanted), changes
