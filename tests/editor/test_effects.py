"""Adjustments change what is below them and nothing else; filters change what is selected and nothing else."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import numpy as np
import pytest

from editor import replaying
from editor.generating import placing
from editor.log import schema
from editor.log.outline import Outline
from editor.replay.document import Document
from editor.replay.effects import adjustments, filters
from editor.replay.engine import Kernels
from editor.replay.layers import Impossible
from editor.replay.planes import Bytes
from tests.editor.arrays import same
from tests.editor.calling import NoAssets
from tests.editor.test_moving import HEIGHT, INSIDE, WIDTH, a_document

BOX = {"x0": 40, "y0": 30, "x1": 200, "y1": 270}
FILTERS: list[dict[str, Any]] = [
    {"kind": "box", "radius": 9},
    {"kind": "gaussian", "radius": 40},
    {"kind": "sharpen", "amount": 150, "radius": 3, "threshold": 4},
    {"kind": "noise", "amount": 30, "one": 0, "seed": 77},
    {"kind": "pixelate", "size": 48},
]


def adjust(
    document: Document, kind: str, *, layer: str = "a", above: str | None = "base", **more: Any
) -> None:
    values = more.pop("values", {})
    body = {"layer": layer, "name": kind, "above": above, "adjust": {"kind": kind, **values}, **more}
    schema.check("layer.add", body, b"")
    document.apply("layer.add", body, b"")


def select(document: Document, **more: Any) -> None:
    document.apply("select", {"shape": "rectangle", "how": "replace", **BOX, **more}, b"")


def outside() -> Any:
    chosen = np.ones((HEIGHT, WIDTH), bool)
    chosen[BOX["y0"] : BOX["y1"], BOX["x0"] : BOX["x1"]] = False
    return chosen


def pixels(document: Document) -> Bytes:
    return document.layers[0].pixels.read(INSIDE)


@pytest.mark.parametrize("kind", adjustments.KINDS)
def test_an_adjustment_changes_no_byte_outside_of_its_mask_and_none_of_the_layers_pixels(kind: str) -> None:
    values = {
        "brightness": {"brightness": 50},
        "exposure": {"exposure": 100},
        "levels": {"all": [40, 100, 200, 0, 255]},
        "curves": {"all": [[0, 255], [255, 0]]},
        "hue": {"hue": 90},
        "temperature": {"temperature": 80},
        "balance": {"shadows_red": 90},
    }.get(kind, {})
    with Kernels() as kernels:
        document = a_document(kernels, 5)
        own, before = pixels(document), document.picture()
        select(document, feather=12)
        adjust(document, kind, values=values, mask_from_selection=True)
        after = document.picture()
        assert document.layers[1].mask is not None
        masked = document.layers[1].mask.read(INSIDE) == 0
        same(pixels(document), own)
    assert masked.any()
    same(after[masked], before[masked])
    same(after[..., 3], before[..., 3])
    assert (after != before).any(), "inside it does something"


def test_a_clipped_adjustment_changes_the_layer_below_alone() -> None:
    with Kernels() as kernels:
        document = a_document(kernels, 6)
        document.apply("layer.add", {"layer": "top", "name": "Top", "above": "base"}, b"")
        select(document)
        document.apply("fill", {"layer": "top", "rgba": 0xFF3060C0, "opacity": 255, "mode": "normal"}, b"")
        document.apply("select", {"shape": "none"}, b"")
        before = document.picture()
        adjust(document, "invert", above="top")
        assert (document.picture() == 255 - before)[..., :3][before[..., 3] > 0].all()
        document.apply("layer.set", {"layer": "a", "clip": True}, b"")
        after = document.picture()
    same(after[outside()], before[outside()])
    same(after[100, 100], np.array([255 - 0xC0, 255 - 0x60, 255 - 0x30, 255], np.uint8))


def test_in_a_group_an_adjustment_changes_the_group_and_what_is_below_it_only_if_that_shows_through() -> None:
    with Kernels() as kernels:
        document = a_document(kernels, 7)
        before = document.picture()
        group = {"layer": "group", "name": "Group", "above": "base", "group_layer": True}
        document.apply("layer.add", group, b"")
        adjust(document, "invert", above=None, group="group")
        same(document.picture(), before)
        document.apply("layer.set", {"layer": "group", "through": True}, b"")
        assert (document.picture() == 255 - before)[..., :3].all()


def test_an_adjustment_has_no_pixels_to_paint_or_to_merge_into() -> None:
    fill = {"layer": "a", "rgba": 1, "opacity": 255, "mode": "normal"}
    with Kernels() as kernels:
        document = a_document(kernels, 8)
        adjust(document, "invert")
        adjust(document, "threshold", layer="b", above="a")
        with pytest.raises(Impossible, match="Paint on its mask"):
            document.apply("fill", fill, b"")
        with pytest.raises(Impossible, match="only be merged into a layer"):
            document.apply("layer.merge", {"layer": "b", "into": "c"}, b"")
        with pytest.raises(Impossible, match="no adjustment"):
            document.apply("layer.adjust", {"layer": "base", "adjust": {"kind": "invert"}}, b"")
        before = document.picture()
        document.apply("layer.merge", {"layer": "a", "into": "c"}, b"")
        same(document.picture(), before)


def test_a_generative_tool_takes_no_adjustment_for_a_layer_with_pixels() -> None:
    outline = Outline()
    outline.apply("open", {"width": 9, "height": 9, "layer": "base", "name": "B"})
    outline.apply("layer.add", {"layer": "a", "name": "A", "adjust": {"kind": "invert"}})
    kept = outline.to_json()["layers"]
    assert [placing._has_pixels(kept, layer) for layer in ("base", "a")] == [True, False]


@pytest.mark.parametrize("made", FILTERS, ids=lambda made: made["kind"])
def test_a_filter_changes_no_byte_outside_of_the_selection(made: dict[str, Any]) -> None:
    schema.check("filter", {"layer": "base", "filter": made}, b"")
    with Kernels() as kernels:
        document = a_document(kernels, 9)
        before = pixels(document)
        select(document, feather=8)
        assert document.selection is not None
        unselected = document.selection.read(INSIDE) == 0
        document.apply("filter", {"layer": "base", "filter": made}, b"")
        after = pixels(document)
    same(after[unselected], before[unselected])
    assert (after != before).any()


@pytest.mark.parametrize("made", FILTERS, ids=lambda made: made["kind"])
def test_where_the_work_is_divided_is_not_to_be_seen(
    made: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for room in (filters._ROOM, 1):
        monkeypatch.setattr(filters, "_ROOM", room)
        with Kernels() as kernels:
            document = Document(kernels, NoAssets())
            document.apply("open", {"width": 150, "height": 900, "layer": "base", "name": "B"}, b"")
            noise = np.random.default_rng(4).integers(0, 256, (900, 150, 4), np.uint8)
            noise[noise[..., 3] == 0] = 0
            document.layers[0].pixels.write((0, 0, 150, 900), noise)
            document.apply("filter", {"layer": "base", "filter": made}, b"")
            found.append(document.picture())
    same(found[0], found[1])


def test_a_filter_leaves_a_locked_alpha_alone() -> None:
    with Kernels() as kernels:
        document = a_document(kernels, 10)
        before = pixels(document)
        document.apply("layer.set", {"layer": "base", "lock_alpha": True}, b"")
        document.apply("filter", {"layer": "base", "filter": FILTERS[1]}, b"")
        after = pixels(document)
    same(after[..., 3], before[..., 3])
    assert (after != before).any()


def test_the_dearest_filter_of_the_largest_document_stays_within_its_fuel() -> None:
    side = 1024
    with Kernels() as kernels:
        document = Document(kernels, NoAssets())
        document.apply(
            "open", {"width": side, "height": side, "layer": "base", "name": "B", "rgba": 0xFF204060}, b""
        )
        kernels.refuel(replaying.FUEL)
        document.apply("filter", {"layer": "base", "filter": {**FILTERS[2], "radius": 100}}, b"")
        used = replaying.FUEL - kernels.fuel
    # At 8192 there are blocks of 2048 x 2304 pixels, each made from 2648 x 2904 of them.
    more = (2648 * 2904) / (2048 * 2304)
    assert used * (schema.MOST_SIDE / side) ** 2 * more < replaying.FUEL


@pytest.mark.skipif(
    shutil.which("node") is None, reason="there is no node here; the twins' tests cover the same values"
)
def test_the_page_knows_the_same_bounds() -> None:
    script = """
      const k = await import('./static/editor/worker/kinds.js');
      process.stdout.write(JSON.stringify([k.ADJUSTMENTS, k.CHANNELS, k.NEUTRAL_LEVELS, k.MOST_POINTS, k.FILTERS]));
    """
    command = ["node", "--input-type=module", "--experimental-default-type=module", "-e", script]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    ours = [
        adjustments.KINDS,
        adjustments.CHANNELS,
        adjustments.NEUTRAL_LEVELS,
        adjustments.MOST_POINTS,
        filters.KINDS,
    ]
    assert json.loads(done.stdout) == json.loads(json.dumps(ours))
