"""Shapes stay shapes: drawn from what describes them, following the document, refused where they are not allowed."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from editor.log import schema
from editor.log.outline import Outline
from editor.replay.document import Document
from editor.replay.engine import Kernels
from editor.replay.layers import Impossible, Layer, find
from editor.replay.shapes import outlines
from tests.editor import describing
from tests.editor.calling import NoAssets
from tests.examples import examples

P = 64
STROKE = {"rgba": 0xFF000000, "width": 4 * P, "cap": "butt", "join": "miter"}
BOX = {"x0": 20 * P, "y0": 30 * P, "x1": 60 * P, "y1": 50 * P}
RECTANGLE = {"kind": "rectangle", **BOX, "radius": 0, "fill": 0xFF0000FF}
PATH = {"kind": "path", "nodes": [[0, 0], [640, 640]], "closed": False, "even_odd": False, "stroke": STROKE}


def with_shape(kernels: Kernels, shape: dict[str, Any], size: tuple[int, int] = (100, 80)) -> Document:
    document = Document(kernels, NoAssets())
    document.apply("open", {"width": size[0], "height": size[1], "layer": "base", "name": "Background"})
    document.apply("layer.add", {"layer": "shape", "name": "Shape", "above": "base", "shape": shape})
    return document


def layer_of(document: Document) -> Layer:
    return find(document.layers, "shape")


def test_a_rectangle_covers_its_pixels_and_no_others(kernels: Kernels) -> None:
    alpha = with_shape(kernels, RECTANGLE).picture()[..., 3]
    wanted = np.zeros((80, 100), np.uint8)
    wanted[30:50, 20:60] = 255
    np.testing.assert_array_equal(alpha, wanted)


def test_an_enlarged_document_draws_its_shapes_as_if_they_had_been_made_so(kernels: Kernels) -> None:
    ellipse: dict[str, Any] = {"kind": "ellipse", **BOX, "fill": 0xFF336699, "stroke": STROKE}
    document = with_shape(kernels, ellipse)
    document.apply("resize", {"width": 400, "height": 320, "method": "bilinear"})
    larger = {name: value * 4 if name in BOX else value for name, value in ellipse.items()}
    larger["stroke"] = {**STROKE, "width": 16 * P}
    found, wanted = document.picture(), with_shape(kernels, larger, (400, 320)).picture()
    assert np.abs(found.astype(int) - wanted).max() <= 6  # handles of curves are whole 64ths at either size
    assert np.mean(found != wanted) < 0.003


@settings(max_examples=examples(8))
@given(seed=st.integers(0, 10**6))
def test_what_is_turned_round_and_moved_away_and_back_is_what_it_was(kernels: Kernels, seed: int) -> None:
    document = with_shape(kernels, describing.shape(random.Random(seed)), (300, 200))
    before = document.digest()
    for how in ("90", "90", "180", "flip_x", "flip_x"):
        document.apply("orient", {"how": how})
    document.apply("layer.shift", {"layer": "shape", "dx": 41, "dy": -300})
    document.apply("layer.shift", {"layer": "shape", "dx": -41, "dy": 300})
    document.apply("crop", {"x0": 250, "y0": 150, "x1": 260, "y1": 160, "discard": True})
    document.apply("canvas", {"width": 300, "height": 200, "dx": 250, "dy": 150})
    assert document.digest() == before


def test_a_projection_leaves_a_shape_a_shape(kernels: Kernels) -> None:
    document = with_shape(kernels, RECTANGLE)
    one = 1 << 24
    tilted = [one, 0, 0, 0, one, 0, one // 200, 0, one]
    document.apply(
        "transform",
        {"layer": "shape", "x0": 0, "y0": 0, "x1": 100, "y1": 80, "matrix": tilted, "method": "bilinear"},
    )
    assert layer_of(document).shape is not None
    assert 0 < np.count_nonzero(document.picture()[..., 3]) < 4000
    document.apply("layer.shape", {"layer": "shape", "shape": {**RECTANGLE, "fill": 0xFF00FF00}})
    assert set(map(tuple, document.picture()[35:40, 25:30].reshape(-1, 4).tolist())) == {(0, 255, 0, 255)}


def test_a_shape_is_not_painted_on_until_it_is_pixels(kernels: Kernels) -> None:
    document = with_shape(kernels, RECTANGLE)
    fill = {"layer": "shape", "rgba": 0xFFFFFFFF, "opacity": 255, "mode": "normal"}
    with pytest.raises(Impossible, match="Turn it into pixels"):
        document.apply("fill", fill)
    before = document.digest()
    document.apply("layer.rasterize", {"layer": "shape"})
    assert document.digest() == before
    document.apply("fill", fill)
    with pytest.raises(Impossible, match="no shape"):
        document.apply("layer.shape", {"layer": "shape", "shape": RECTANGLE})


def test_the_outline_refuses_what_a_replay_would() -> None:
    outline = Outline()
    outline.apply("open", {"width": 9, "height": 9, "layer": "base", "name": ""})
    outline.apply("layer.add", {"layer": "shape", "name": "", "shape": RECTANGLE})
    outline = Outline.from_json(outline.to_json())
    with pytest.raises(Impossible, match="Turn it into pixels"):
        outline.apply("clear", {"layer": "shape"})
    outline.apply("layer.shape", {"layer": "shape", "shape": PATH})
    outline.apply("orient", {"how": "90"})
    outline.apply("layer.rasterize", {"layer": "shape"})
    outline = Outline.from_json(outline.to_json())
    outline.apply("clear", {"layer": "shape"})
    with pytest.raises(Impossible, match="no shape"):
        outline.apply("layer.shape", {"layer": "base", "shape": PATH})


@pytest.mark.parametrize(
    "shape",
    [
        None,
        [],
        {},
        {"kind": "blob"},
        {"kind": ["path"]},
        {**RECTANGLE, "x0": 1.5},
        {**RECTANGLE, "x0": True},
        {**RECTANGLE, "x0": 10**9},
        {**RECTANGLE, "more": 1},
        {name: value for name, value in RECTANGLE.items() if name != "y1"},
        {**RECTANGLE, "fill": -1},
        {**RECTANGLE, "fill": "red"},
        {"kind": "line", **BOX, "fill": 0},
        {**RECTANGLE, "stroke": {}},
        {**RECTANGLE, "stroke": {**STROKE, "width": 0}},
        {**RECTANGLE, "stroke": {**STROKE, "width": 10**9}},
        {**RECTANGLE, "stroke": {**STROKE, "cap": "flat"}},
        {**RECTANGLE, "stroke": {**STROKE, "dashes": [1]}},
        {**RECTANGLE, "stroke": {**STROKE, "dashes": [0, 0]}},
        {**RECTANGLE, "stroke": {**STROKE, "dashes": [9] * 10}},
        {**RECTANGLE, "stroke": {**STROKE, "cap": [1]}},
        {**PATH, "nodes": [[0, 0]]},
        {**PATH, "nodes": [[0, 0], [1, 2, 3]]},
        {**PATH, "nodes": [[0, 0], [1, float("nan")]]},
        {**PATH, "nodes": [[0, 0]] * 1001},
        {**PATH, "nodes": "many"},
        {**PATH, "closed": 1},
        {**PATH, "stroke": {**STROKE, "dashes": [32, 32]}, "nodes": [[0, 0], [2**20, 2**20]] * 9},
        {"kind": "star", "x": 0, "y": 0, "radius": 9, "angle": 0, "sides": 10**6, "inner": 40},
    ],
)
def test_what_describes_no_shape_is_refused(shape: Any) -> None:
    for kind, more in (("layer.add", {"name": "Shape"}), ("layer.shape", {})):
        with pytest.raises(schema.Refused):
            schema.check(kind, {"layer": "shape", **more, "shape": shape}, b"")


@pytest.mark.parametrize(
    "other", [{"adjust": {"kind": "invert"}}, {"group_layer": True}, {"asset": "0" * 64}]
)
def test_a_layer_is_a_shape_or_something_else(other: dict[str, Any]) -> None:
    with pytest.raises(schema.Refused, match="shape"):
        schema.check("layer.add", {"layer": "s", "name": "", "shape": RECTANGLE, **other}, b"")


@given(angle=st.integers(-(2**20), 2**20))
def test_sines_are_those_of_mathematics(angle: int) -> None:
    assert outlines.sine(angle) / 2**24 == pytest.approx(math.sin(angle / 65536 * 2 * math.pi), abs=1e-6)


@pytest.mark.parametrize("turned", [False, True])
def test_an_arrow_is_whole_where_its_shaft_meets_its_head(kernels: Kernels, turned: bool) -> None:
    stroke = {**STROKE, "width": 8 * P, "cap": "round"}
    arrow = {
        "kind": "arrow",
        "x0": 10 * P,
        "y0": 40 * P,
        "x1": 90 * P,
        "y1": 40 * P,
        "head": 30 * P,
        "stroke": stroke,
    }
    document = with_shape(kernels, arrow)
    if turned:
        document.apply("orient", {"how": "flip_x"})
    alpha = document.picture()[..., 3]
    assert (alpha[38:42, 14:86] == 255).all()
