"""Retouching: what each tool makes of pixels, what it leaves alone, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from editor.log import schema
from editor.log.outline import Outline
from editor.replay import strokes
from editor.replay.document import Document
from editor.replay.engine import Kernels
from editor.replay.layers import Impossible
from editor.replay.planes import Bytes
from editor.replay.retouch import liquifying
from editor.replay.retouch import operations as retouch
from tests.editor.calling import Pictures

SIDE = 320
STROKE = {"layer": "base", "radius": 20 * 16, "hardness": 255, "spacing": 26}
SOURCE = {"opacity": 255, "dx": 90, "dy": -40}
BODIES: dict[str, dict[str, Any]] = {
    "retouch.clone": {**STROKE, **SOURCE, "flow": 32767},
    "retouch.heal": {**STROKE, **SOURCE},
    "retouch.spot": {**STROKE, "opacity": 255},
    "retouch.tone": {**STROKE, "flow": 32767, "tool": "burn", "range": "midtones", "exposure": 200},
    "retouch.smudge": {**STROKE, "strength": 220},
    "retouch.liquify": {"layer": "base", "radius": 640, "strength": 220, "how": "push"},
    "retouch.bend": {
        "layer": "base",
        "strokes": [{"how": "push", "radius": 640, "strength": 220, "points": 2}],
    },
    "retouch.red": {
        "layer": "base",
        "x": 2400,
        "y": 2400,
        "rx": 500,
        "ry": 300,
        "tolerance": 255,
        "dark": 90,
    },
}
PATH = [(130, 140), (170, 160)]


def path(*points: tuple[int, int]) -> bytes:
    return strokes.pack(np.array([(x * 16, y * 16, 255) for x, y in points], np.int32))


def blob_of(kind: str) -> bytes:
    return b"" if kind == "retouch.red" else path(*PATH)


def photo() -> Bytes:
    """Light that changes over the picture, with grain, as a photograph has both."""
    y, x = np.mgrid[:SIDE, :SIDE]
    grain = np.random.default_rng(2).normal(0, 4, (SIDE, SIDE, 3))
    light = np.stack([190 - y // 4, 110 + x // 5, 90 + y // 8], 2)
    return np.dstack([np.clip(light + grain, 0, 255), np.full((SIDE, SIDE), 255)]).astype(np.uint8)


@pytest.fixture
def document() -> Iterator[Document]:
    pixels = photo()
    with Kernels() as kernels:
        made = Document(kernels, Pictures({"photo": pixels}))
        made.apply(
            "open", {"width": SIDE, "height": SIDE, "layer": "base", "name": "Photo", "asset": "photo"}
        )
        yield made


@pytest.mark.parametrize("kind", BODIES)
def test_it_changes_what_is_painted_and_nothing_where_nothing_is_selected(
    document: Document, kind: str
) -> None:
    before = document.picture()
    box = {"x0": 140, "y0": 135, "x1": 156, "y1": 170}
    document.apply("select", {"shape": "rectangle", **box, "feather": 3})
    assert document.selection is not None
    selected = document.selection.read((0, 0, SIDE, SIDE))
    document.apply(kind, BODIES[kind], blob_of(kind))
    differs = (document.picture() != before).any(axis=2)
    assert differs.any()
    assert not differs[selected == 0].any()


@pytest.mark.parametrize("kind", BODIES)
def test_locked_transparency_stays_and_locked_layers_and_groups_are_refused(
    document: Document, kind: str
) -> None:
    document.apply(
        "select", {"shape": "rectangle", "x0": 150, "y0": 0, "x1": SIDE, "y1": SIDE, "feather": 20}
    )
    document.apply("clear", {"layer": "base"})
    document.apply("select", {"shape": "none"})
    document.apply("layer.set", {"layer": "base", "lock_alpha": True})
    alpha = document.picture()[..., 3]
    document.apply(kind, BODIES[kind], blob_of(kind))
    assert (document.picture()[..., 3] == alpha).all()
    document.apply("layer.set", {"layer": "base", "locked": True})
    with pytest.raises(Impossible, match="locked"):
        document.apply(kind, BODIES[kind], blob_of(kind))
    document.apply("layer.add", {"layer": "group", "name": "Group", "group_layer": True})
    with pytest.raises(Impossible, match="group"):
        document.apply(kind, {**BODIES[kind], "layer": "group"}, blob_of(kind))


@pytest.mark.parametrize("kind", BODIES)
def test_a_layer_that_cannot_be_retouched_is_refused_without_a_replay(kind: str) -> None:
    outline = Outline()
    outline.apply("open", {"width": 9, "height": 9, "layer": "base", "name": "Base"})
    assert outline.apply(kind, BODIES[kind]) is False
    outline.apply("layer.set", {"layer": "base", "locked": True})
    with pytest.raises(Impossible):
        outline.apply(kind, BODIES[kind])


def test_a_clone_is_the_picture_at_an_offset(document: Document) -> None:
    before = document.picture()
    document.apply("retouch.clone", BODIES["retouch.clone"], path((150, 150)))
    after = document.picture()
    assert (after[140:160, 140:160] == before[100:120, 230:250]).all()
    assert (after[100:120, 230:250] == before[100:120, 230:250]).all()


@pytest.mark.parametrize("kind", ["retouch.clone", "retouch.heal", "retouch.spot"])
def test_what_is_seen_below_is_taken_onto_an_empty_layer(document: Document, kind: str) -> None:
    document.apply("layer.add", {"layer": "empty", "name": "Empty", "above": "base"})
    document.apply("layer.add", {"layer": "top", "name": "Top", "above": "empty"})
    document.apply("fill", {"layer": "top", "rgba": 0xFF00FF00, "opacity": 255, "mode": "normal"})
    document.apply("layer.set", {"layer": "top", "visible": True, "opacity": 128})
    document.apply(kind, {**BODIES[kind], "layer": "empty"}, blob_of(kind))
    assert not document.layers[1].pixels.tiles
    document.apply(kind, {**BODIES[kind], "layer": "empty", "all": True}, blob_of(kind))
    made = document.layers[1].pixels.read((0, 0, SIDE, SIDE))
    assert tuple(made[150, 150, 3:]) == (255,)
    assert abs(made[140:160, 140:160, :3].astype(int) - photo()[140:160, 140:160, :3]).mean() < 20, "no green"
    assert (document.layers[0].pixels.read((0, 0, SIDE, SIDE)) == photo()).all()


@pytest.mark.parametrize("kind", ["retouch.heal", "retouch.spot"])
def test_a_fault_is_healed_without_a_seam(document: Document, kind: str) -> None:
    """What is put in its place has the light of the place, and as much grain as the photograph."""
    document.apply(
        "stroke",
        {**STROKE, "tool": "brush", "radius": 160, "flow": 32767, "opacity": 255, "rgb": 0x101010},
        path((150, 150)),
    )
    spoiled = document.picture()
    assert abs(spoiled[150, 150, :3].astype(int) - photo()[150, 150, :3]).max() > 60
    document.apply(kind, BODIES[kind], path((150, 150)))
    healed, clean = document.picture().astype(float), photo().astype(float)
    y, x = np.mgrid[:SIDE, :SIDE]
    away = np.hypot(x - 150, y - 150)
    for near, far in ((0, 10), (10, 18), (18, 24)):  # the middle, the inner side of the edge, the edge
        ring = (away >= near) & (away < far)
        assert abs(healed[ring].mean(axis=0) - clean[ring].mean(axis=0)).max() < 3
        assert 0.6 < healed[ring][:, :3].std() / clean[ring][:, :3].std() < 1.6
    assert (healed[away > 24] == spoiled[away > 24]).all()


def test_paint_is_smeared_along_the_stroke(document: Document) -> None:
    document.apply("select", {"shape": "rectangle", "x0": 0, "y0": 0, "x1": 100, "y1": SIDE})
    document.apply("fill", {"layer": "base", "rgba": 0xFF0000FF, "opacity": 255, "mode": "normal"})
    document.apply("select", {"shape": "none"})
    before = document.picture()
    document.apply("retouch.smudge", BODIES["retouch.smudge"], path((90, 150), (140, 150)))
    after = document.picture()
    assert after[150, 112, 0] > before[150, 112, 0] + 20
    assert after[150, 112, 2] < before[150, 112, 2] - 20
    assert (after[100] == before[100]).all()


def test_a_red_pupil_becomes_dark_and_grey_and_skin_stays(document: Document) -> None:
    eye = np.full((SIDE, SIDE, 4), (215, 165, 145, 255), np.uint8)
    y, x = np.mgrid[:SIDE, :SIDE]
    eye[np.hypot(x - 150, y - 150) < 12] = (190, 40, 50, 255)
    with Kernels() as kernels:
        made = Document(kernels, Pictures({"eye": eye}))
        made.apply("open", {"width": SIDE, "height": SIDE, "layer": "base", "name": "Eye", "asset": "eye"})
        made.apply("retouch.red", {**BODIES["retouch.red"], "rx": 480, "ry": 480, "tolerance": 128})
        after = made.picture()
    r, g, b = (int(v) for v in after[150, 150, :3])
    assert max(r, g, b) - min(r, g, b) <= 2
    assert r < 45
    assert (after[150, 170] == eye[150, 170]).all()


@pytest.mark.parametrize("how", liquifying.HOWS)
def test_a_layer_is_bent_inside_of_the_brush_and_nowhere_else(document: Document, how: str) -> None:
    y, x = np.mgrid[:SIDE, :SIDE]
    document.apply("select", {"shape": "rectangle", "x0": 150, "y0": 0, "x1": 154, "y1": SIDE})
    document.apply("fill", {"layer": "base", "rgba": 0xFF000000, "opacity": 255, "mode": "normal"})
    document.apply("select", {"shape": "none"})
    before = document.picture()
    document.apply("retouch.liquify", {**BODIES["retouch.liquify"], "how": how}, path((140, 160), (170, 160)))
    after = document.picture()
    differs = (after != before).any(axis=2)
    assert differs[np.hypot(x - 152, y - 160) < 30].mean() > 0.5
    assert not differs[(abs(x - 155) > 15 + 40 + 8) | (abs(y - 160) > 40 + 8)].any()
    assert (after[..., 3] == 255).all()
    if how == "push":
        row = after[160, :, 0].astype(int)
        assert 158 < int(row.argmin()) < 190, "the line went with the pen"


def test_restoring_brings_back_to_the_byte_what_was_moved_and_leaves_the_rest_bent(
    document: Document,
) -> None:
    push = {"how": "push", "radius": 640, "strength": 220, "points": 2}
    twirl = {"how": "twirl", "radius": 500, "strength": 255, "points": 2}
    back = {"how": "restore", "radius": 2400, "strength": 255, "points": 40}
    points = [(80, 80), (120, 90), (230, 230), (240, 230)]
    before, kept = document.picture(), document.layers[0].pixels.copy()
    document.apply("retouch.bend", {"layer": "base", "strokes": [push, twirl]}, path(*points))
    bent = document.picture()
    document.layers[0].pixels = kept
    over = [(60 + 3 * (k % 20), 60 + 2 * (k % 20)) for k in range(40)]
    document.apply("retouch.bend", {"layer": "base", "strokes": [push, twirl, back]}, path(*points, *over))
    after = document.picture()
    left, right = np.s_[20:150, 20:150], np.s_[180:280, 180:290]
    assert (bent[left] != before[left]).any()
    assert (after[left] == before[left]).all()
    assert (bent[right] != before[right]).any()
    assert (after[right] == bent[right]).all()


def test_one_stroke_of_several_is_what_it_is_alone(document: Document) -> None:
    kept = document.layers[0].pixels.copy()
    document.apply("retouch.liquify", BODIES["retouch.liquify"], blob_of("retouch.liquify"))
    alone = document.picture()
    document.layers[0].pixels = kept
    document.apply("retouch.bend", BODIES["retouch.bend"], blob_of("retouch.bend"))
    assert (document.picture() == alone).all()


BENT = {"how": "push", "radius": 640, "strength": 220, "points": 2}
LONG = path(*[(x, y) for x in range(0, 6000, 400) for y in (0, 6000)])
# Of a pixel's radius: each stroke is cheap and has fewer dabs than a stroke may, all of them together have more.
THIN = path(*[(x, y) for x, y in zip(range(5), (0, 8000) * 3, strict=False)])
HOSTILE: list[tuple[str, dict[str, Any], bytes | None]] = [
    *[(kind, {"radius": 10**6}, None) for kind in BODIES if kind != "retouch.red"],
    *[(kind, {"mask": "x"}, None) for kind in BODIES],
    *[(kind, {"target": "mask"}, None) for kind in BODIES],
    *[(kind, {}, b"\xff") for kind in BODIES],
    ("retouch.clone", {"dx": 2**40}, None),
    ("retouch.clone", {"dx": 0.5}, None),
    ("retouch.clone", {"all": 1}, None),
    ("retouch.heal", {"opacity": 256}, None),
    ("retouch.heal", {"flow": 32767}, None),
    ("retouch.heal", {}, LONG),
    ("retouch.spot", {}, path((0, 0), (2000, 2000))),
    ("retouch.smudge", {"radius": 16384, "spacing": 3}, path((0, 0), (8000, 0))),
    ("retouch.smudge", {"flags": 1}, None),
    ("retouch.smudge", {"strength": True}, None),
    ("retouch.tone", {"range": "everything"}, None),
    ("retouch.tone", {"tool": "brush"}, None),
    ("retouch.liquify", {"how": "melt"}, None),
    ("retouch.liquify", {"radius": 8}, None),
    ("retouch.liquify", {"radius": 16384}, LONG),
    ("retouch.bend", {"strokes": []}, None),
    ("retouch.bend", {"strokes": [BENT] * 2}, None),
    ("retouch.bend", {"strokes": [{**BENT, "points": 1}]}, None),
    ("retouch.bend", {"strokes": [{**BENT, "points": -2}, {**BENT, "points": 4}]}, None),
    ("retouch.bend", {"strokes": [{**BENT, "how": "melt"}]}, None),
    ("retouch.bend", {"strokes": [{**BENT, "radius": 2.5}]}, None),
    ("retouch.bend", {"strokes": [{**BENT, "more": 1}]}, None),
    ("retouch.bend", {"strokes": [[1]]}, None),
    ("retouch.bend", {"strokes": [{**BENT, "radius": 16384, "points": 30}]}, LONG),
    ("retouch.bend", {"strokes": [{**BENT, "radius": 16, "points": 5}] * 7}, THIN * 7),
    ("retouch.red", {"rx": 0}, None),
    ("retouch.red", {"x": float("nan")}, None),
]


@pytest.mark.parametrize(("kind", "change", "blob"), HOSTILE)
def test_what_a_replay_could_not_bear_is_refused_with_a_sentence(
    kind: str, change: dict[str, Any], blob: bytes | None
) -> None:
    schema.check(kind, BODIES[kind], blob_of(kind))
    with pytest.raises(schema.Refused) as refused:
        schema.check(kind, {**BODIES[kind], **change}, blob_of(kind) if blob is None else blob)
    assert refused.value.sentence.endswith(".")


def test_every_kind_is_here() -> None:
    assert BODIES.keys() == retouch.KINDS.keys()
