"""Recipes: nothing of the moment or the machine in them, and written so that other programs read them."""

import io
import json
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from generation.engine import PictureOrder
from generation.png import NotAPng
from generation.requests import marking
from generation.requests import recipe as recipes
from tests.generation.engine.orders import REFERENCE, a_request

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_SOURCE = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType"


def a_recipe(**changes: Any) -> dict[str, Any]:
    order = PictureOrder(a_request(**changes), 1, 8)
    return recipes.make(
        order.request,
        index=order.index,
        seed=order.seed,
        model_revision="sha256:0",
        batch=2,
        stages=[
            {"stage": "base", "width": 256, "height": 144},
            {"stage": "upscale", "scaler": "lanczos", "passes": 0},
        ],
    )


def a_png(recipe: dict[str, Any] | None = None) -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(out, "PNG")
    if recipe is None:
        return out.getvalue()
    out.seek(0)
    target = io.BytesIO()
    marking.rewrite_png(out, target, recipe, include_recipe=True)
    return target.getvalue()


def description(packet: bytes) -> ET.Element:
    found = ET.fromstring(packet.decode()).find(f"{_RDF}RDF/{_RDF}Description")
    assert found is not None
    return found


def test_a_recipe_is_json_and_says_what_was_in_fact_used() -> None:
    recipe = a_recipe()
    assert json.loads(json.dumps(recipe)) == recipe
    assert recipe["seed"] == 8
    assert recipe["libraries"].keys() >= {"torch", "diffusers", "transformers", "pillow"}
    assert recipe == a_recipe()


@pytest.mark.parametrize("prompt", ["\"<b>&'", "帆船 ⛵", "ein Schloß", "]]>"])
def test_a_recipe_comes_back_out_of_a_png(prompt: str) -> None:
    recipe = a_recipe(prompt=prompt)
    data = a_png(recipe)
    assert marking.read_png(io.BytesIO(data)) == recipe
    with Image.open(io.BytesIO(data)) as picture:
        picture.load()
        assert picture.info["Software"] == "Image 2"
        assert picture.info["Description"] == prompt


def test_new_text_replaces_old_text_and_leaves_the_pixels_alone() -> None:
    first = a_png(a_recipe(prompt="old words"))
    target = io.BytesIO()
    marking.rewrite_png(io.BytesIO(first), target, a_recipe(), include_recipe=False)
    assert b"old words" not in target.getvalue()
    assert b"sailboat" not in target.getvalue()
    assert b"trainedAlgorithmicMedia" in target.getvalue()
    with Image.open(target) as new, Image.open(io.BytesIO(first)) as old:
        assert new.tobytes() == old.tobytes()


def test_a_file_without_a_recipe_has_none() -> None:
    assert marking.read_png(io.BytesIO(a_png())) is None


@pytest.mark.parametrize("data", [b"", b"GIF89a", a_png()[:-20], a_png()[:40]])
def test_a_damaged_png_is_refused(data: bytes) -> None:
    with pytest.raises(NotAPng):
        marking.rewrite_png(io.BytesIO(data), io.BytesIO(), a_recipe(), include_recipe=True)


def test_xmp_always_says_that_a_model_made_it() -> None:
    bare = description(marking.xmp_packet(a_recipe(), include_recipe=False))
    assert bare.get(_SOURCE) == "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
    assert len(bare) == 0
    edited = a_recipe(kind="image_to_image", reference=REFERENCE, strength=0.5)
    packet = marking.xmp_packet(edited, include_recipe=False)
    assert description(packet).get(_SOURCE) == (
        "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
    )


def test_xmp_carries_the_recipe_and_pillow_takes_it_into_jpeg_and_webp() -> None:
    packet = marking.xmp_packet(a_recipe(prompt="a & b <c>"), include_recipe=True)
    texts = "".join(description(packet).itertext())
    assert "a & b <c>" in texts
    for kind in ("JPEG", "WEBP"):
        out = io.BytesIO()
        Image.new("RGB", (8, 8)).save(out, kind, xmp=packet)
        with Image.open(out) as picture:
            assert picture.info["xmp"] == packet


def test_the_id_of_a_persons_reference_is_not_in_a_file() -> None:
    recipe = a_recipe(kind="image_to_image", reference=REFERENCE, strength=0.5)
    chunks = marking.png_chunks(recipe, include_recipe=True)
    assert REFERENCE.encode() not in chunks
    assert recipe["request"]["reference"] == REFERENCE


def test_characters_that_xml_cannot_write_do_not_break_the_packet() -> None:
    recipe = a_recipe(prompt="a boat")
    recipe["request"]["prompt"] = "a\x00 boat\x0b\ufffe"
    description(marking.xmp_packet(recipe, include_recipe=True))
