"""A text has the same pixels in the browser's engine and in the server's, in every script and after every change."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from editor.log import schema
from editor.replay.engine import Kernels
from tests.editor.test_twins import Made, on_server, packed
from tests.editor.text.writing import WORDS, a_text, in_node, needs_node, written
from tests.examples import examples

OPEN: dict[str, Any] = {
    "kind": "open",
    "body": {"width": 600, "height": 400, "layer": "base", "name": "Background", "rgba": 0xFFFFFFFF},
    "blob": b"",
}
SHADOW = {"dx": 48, "dy": 32, "blur": 96, "rgba": 0xA0000000}
OUTLINE = {"width": 24, "rgba": 0xFF2040F0}
ARC: list[list[int]] = [[60 * 16, 300 * 16], [60 * 16, 40 * 16, 540 * 16, 40 * 16, 540 * 16, 300 * 16]]

ROOMS: list[dict[str, Any]] = [{}, {"width": 200 * 16}, {"path": ARC}]


def op(kind: str, **body: Any) -> dict[str, Any]:
    return {"kind": kind, "body": body, "blob": b""}


def equal(documents: list[list[dict[str, Any]]], folder: Path, build: str = "k1") -> list[dict[str, Any]]:
    made = [Made([OPEN, *operations]) for operations in documents]
    theirs = in_node(folder, documents=packed(made), build=build)["documents"]
    with Kernels() as kernels:
        for number, (each, their) in enumerate(zip(made, theirs, strict=True)):
            assert their == on_server(kernels, each), f"document {number}"
    return theirs  # type: ignore[no-any-return]


@needs_node
@pytest.mark.parametrize("build", ["k1", "k1s"])
def test_six_scripts_have_the_same_bytes(tmp_path: Path, build: str) -> None:
    texts = written(
        tmp_path,
        [
            a_text(words, family=family, weight=weight, **more)
            for words in WORDS.values()
            for family, weight, more in (
                ("sans", 400, {}),
                ("serif", 700, {"outline": OUTLINE, "shadow": SHADOW, "align": "center", "x": 4800}),
                ("hand", 400, {"path": ARC, "tracking": 60, "align": "center"}),
            )
        ],
    )
    assert all(text["lines"] and text["lines"][0] for text in texts)
    found = equal(
        [[op("layer.add", layer="t", name="T", above="base", text=text)] for text in texts], tmp_path, build
    )
    assert len({each["digest"] for each in found}) == len(texts)


def changes(author: random.Random, texts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What may happen to a document with a text, at random."""
    turn = 1 << 24
    every = [
        op("orient", how=author.choice(["90", "270", "180", "flip_x", "flip_y"])),
        op("crop", x0=-20, y0=30, x1=500, y1=380, discard=author.random() < 0.5),
        op("resize", width=author.randint(200, 900), height=author.randint(200, 700), method="bilinear"),
        op("canvas", width=640, height=480, dx=author.randint(-50, 50), dy=20, keep=True),
        op("layer.shift", layer="t", dx=author.randint(-90, 90), dy=author.randint(-90, 90)),
        op(
            "transform",
            layer="t",
            x0=0,
            y0=0,
            x1=600,
            y1=400,
            matrix=[turn, turn // 5, 0, -turn // 5, turn, 0, 0, 0, turn],
            method="bicubic",
        ),
        op(
            "transform",
            layer="t",
            x0=0,
            y0=0,
            x1=600,
            y1=400,
            matrix=[turn, 0, 0, 0, turn, 0, 9000, 3000, turn],
            method="bicubic",
        ),
        op("layer.text", layer="t", text=author.choice(texts)),
        op("layer.mask", layer="t", **{"from": "white"}),
        op("layer.duplicate", layer="t", ids=[f"t{author.randint(0, 9)}"], name="copy"),
        op("layer.set", layer="t", opacity=120, mode="multiply"),
        op("layer.rasterize", layer="t"),
        op("fill", layer="t", rgba=0xFF00FF00, opacity=255, mode="normal"),
        op("layer.merge", layer="t", into="m"),
    ]
    return author.sample(every, 6)


@needs_node
def test_random_documents_with_texts_have_the_same_bytes(tmp_path: Path) -> None:
    author = random.Random(17)
    drafts = [
        a_text(
            " ".join(
                author.choices(
                    [word for words in WORDS.values() for word in words.split()], k=author.randint(1, 12)
                )
            ),
            family=author.choice(["sans", "serif", "mono", "round", "poster", "script", "hand"]),
            weight=author.choice([400, 700]),
            size=author.randint(6 * 16, 60 * 16),
            align=author.choice(["left", "center", "right"]),
            leading=author.randint(80, 200),
            tracking=author.choice([0, 0, -30, 120]),
            rgba=author.getrandbits(32),
            **author.choice(ROOMS),
            **author.choice([{}, {"outline": OUTLINE}]),
            **author.choice([{}, {"shadow": SHADOW}]),
        )
        for _ in range(examples(8))
    ]
    texts = written(tmp_path, drafts)
    for text in texts:
        schema.check("layer.add", {"layer": "t", "name": "T", "text": text}, b"")
    equal(
        [
            [op("layer.add", layer="t", name="T", above="base", text=text), *changes(author, texts)]
            for text in texts
        ],
        tmp_path,
    )
