"""What a text layer may hold, the fonts that come with the program, and what is refused with which sentence."""

from __future__ import annotations

from typing import Any

import pytest

from editor.fonts import build, catalogue
from editor.log import schema
from editor.replay.document import Document
from editor.replay.engine import Kernels
from editor.replay.layers import Impossible
from tests.editor.calling import Pictures
from tests.editor.text.writing import a_text

HELLO = a_text("Hello", lines=[[[0, 5, "NotoSans-Regular", "Latn", 0]]])


def test_the_fonts_are_the_locked_ones_and_small_and_have_licences() -> None:
    assert build.check() == []
    fonts = [path for path in catalogue.FOLDER.iterdir() if path.suffix in catalogue.ENDINGS]
    assert 5_000_000 < sum(path.stat().st_size for path in fonts) <= 25 * 1024 * 1024
    licences = {path.name: path.read_text() for path in catalogue.FOLDER.glob("LICENSE-*.txt")}
    for font in fonts:
        maker = "Noto" if font.name.startswith("Noto") else font.name.partition("-")[0]
        assert "SIL OPEN FONT LICENSE" in licences[f"LICENSE-{maker}.txt"]
    assert "MERCHANTABILITY" in licences["LICENSE-harfbuzzjs.txt"]
    for family in catalogue.FAMILIES:
        for weight in catalogue.WEIGHTS:
            for script in ("Latn", "Cyrl", "Grek", "Arab", "Hebr", "Deva"):
                assert catalogue.known(catalogue.font_of(family, weight, script))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"content": "x" * 1_000_000}, "at most 5000 letters"),
        ({"lines": [[[0, 5, "Helvetica", "Latn", 0]]]}, "isn't on this server"),
        ({"lines": [[[0, 5, "../../etc/passwd", "Latn", 0]]]}, "isn't allowed"),
        (
            {"lines": [[[0, 5, "NotoSans-Regular", "Latn", 0], [4, 5, "NotoSans-Regular", "Latn", 0]]]},
            "allowed",
        ),
        ({"lines": [[[0, 9, "NotoSans-Regular", "Latn", 0]]]}, "isn't allowed"),
        ({"size": -16}, "isn't allowed"),
        ({"size": float("nan")}, "isn't allowed"),
        ({"size": 24.0}, "isn't allowed"),
        ({"rgba": True}, "isn't allowed"),
        ({"content": "a\x00b"}, "isn't allowed"),
        ({"content": "\ud800", "lines": []}, "isn't allowed"),
        ({"content": "x" * 5000, "size": 2000 * 16, "lines": []}, "too much text at this size"),
        ({"path": [[0, 0]]}, "isn't allowed"),
        ({"shadow": {"dx": 0}}, "isn't allowed"),
        ({"more": 1}, "isn't allowed"),
    ],
)
def test_a_hostile_text_is_refused_with_a_sentence(change: dict[str, Any], says: str) -> None:
    schema.check("layer.text", {"layer": "t", "text": HELLO}, b"")
    with pytest.raises(schema.Refused) as refused:
        schema.check("layer.text", {"layer": "t", "text": {**HELLO, **change}}, b"")
    assert says in refused.value.sentence


def test_a_text_is_nothing_else_and_is_painted_on_once_it_is_pixels() -> None:
    with pytest.raises(schema.Refused):
        schema.check("layer.add", {"layer": "t", "name": "T", "text": HELLO, "group_layer": True}, b"")
    with Kernels() as kernels:
        document = Document(kernels, Pictures({}))
        document.apply(
            "open", {"width": 200, "height": 100, "layer": "base", "name": "B", "rgba": 0xFFFFFFFF}
        )
        empty = document.digest()
        document.apply("layer.add", {"layer": "t", "name": "T", "above": "base", "text": HELLO})
        shown = document.digest()
        assert shown != empty
        with pytest.raises(Impossible, match="Turn it into pixels"):
            document.apply("clear", {"layer": "t"})
        document.apply("layer.rasterize", {"layer": "t"})
        assert document.digest() == shown
        document.apply("clear", {"layer": "t"})
        assert document.digest() == empty


def test_an_enlarged_text_is_drawn_anew() -> None:
    """Twice as large is what a text of twice the size is, to the byte: nothing was resampled."""
    large = {**HELLO, "size": 2 * HELLO["size"], "x": 2 * HELLO["x"], "y": 2 * HELLO["y"]}
    digests = []
    for text, side in ((HELLO, 1), (large, 2)):
        with Kernels() as kernels:
            document = Document(kernels, Pictures({}))
            size = {"width": 200 * side, "height": 100 * side}
            document.apply("open", {**size, "layer": "base", "name": "B"})
            document.apply("layer.add", {"layer": "t", "name": "T", "above": "base", "text": text})
            if side == 1:
                document.apply("resize", {"width": 400, "height": 200, "method": "bilinear"})
            digests.append(document.digest())
    assert digests[0] == digests[1]


def test_a_letter_that_no_font_has_is_a_box() -> None:
    text = a_text("\U0001f9ff", lines=[[[0, 1, "NotoSans-Regular", "Zyyy", 0]]])
    with Kernels() as kernels:
        document = Document(kernels, Pictures({}))
        document.apply("open", {"width": 100, "height": 100, "layer": "base", "name": "B"})
        document.apply("layer.add", {"layer": "t", "name": "T", "above": "base", "text": text})
        assert document.layers[1].pixels.tiles
