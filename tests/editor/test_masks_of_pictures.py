"""Masks from pictures in the log: a layer's mask is the alpha of a picture of the document."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from django.test import Client
from PIL import Image

from accounts.models import User
from editor import assets, opening, replaying
from editor.models import Asset, Document
from tests.editor.making import a_document, operation, send
from tests.editor.ordering import do, pixels_of


def a_mask(document: Document, alpha: np.typing.NDArray[np.uint8]) -> str:
    height, width = alpha.shape
    pixels = np.zeros((height, width, 4), np.uint8)
    pixels[..., 3] = alpha
    png = io.BytesIO()
    Image.fromarray(pixels).save(png, "PNG")
    return assets.keep(document, png.getvalue(), Asset.Role.PICTURE, width, height).sha256


def masks_of(document: Document) -> dict[str, np.typing.NDArray[np.uint8] | None]:
    document.refresh_from_db()
    assert document.head is not None
    with replaying.replayed(document, document.head, on_progress=lambda _done, _of: None) as state:
        box = (0, 0, *state.size)
        return {layer.id: None if layer.mask is None else layer.mask.read(box) for layer in state.layers}


@pytest.mark.parametrize(("x", "y"), [(0, 0), (37, 21), (-20, -9), (255, 180), (900, 900)])
def test_the_mask_is_the_alpha_where_the_picture_stands_and_nothing_around_it(
    alice: User, hers: Client, x: int, y: int
) -> None:
    document = a_document(alice, width=300, height=220)
    alpha = np.random.default_rng(4).integers(0, 256, (64, 90), np.uint8)
    sha256 = a_mask(document, alpha)

    do(
        hers,
        document,
        "layer.add",
        layer="new",
        name="New",
        above=opening.BASE,
        asset=sha256,
        mask=sha256,
        x=x,
        y=y,
    )
    do(hers, document, "layer.mask", layer=opening.BASE, asset=sha256, x=x, y=y, **{"from": "asset"})

    expected = np.zeros((220, 300), np.uint8)
    top, left = max(0, y), max(0, x)
    bottom, right = min(220, y + 64), min(300, x + 90)
    if top < bottom and left < right:
        expected[top:bottom, left:right] = alpha[top - y : bottom - y, left - x : right - x]
    found = masks_of(document)
    for layer in ("new", opening.BASE):
        mask = found[layer]
        assert mask is not None
        assert np.array_equal(mask, expected)
    do(hers, document, "layer.remove", layer="new")
    assert np.array_equal(pixels_of(document)[..., 3], expected)


@pytest.mark.parametrize(
    ("kind", "body", "sentence"),
    [
        ("layer.mask", {"layer": "base", "from": "asset"}, "The operation lacks a value: asset."),
        ("layer.mask", {"layer": "base", "from": "white", "asset": "0" * 64}, "The operation lacks a value"),
        (
            "layer.mask",
            {"layer": "base", "from": "asset", "asset": "0" * 64},
            "The picture that this step adds is not part of the document.",
        ),
        (
            "layer.add",
            {"layer": "new", "name": "x", "mask": "0" * 64},
            "The picture that this step adds is not part of the document.",
        ),
        ("layer.add", {"layer": "new", "name": "x", "mask": 7}, "The operation holds a value"),
    ],
)
def test_what_no_mask_can_be_made_of_is_not_taken(
    alice: User, hers: Client, kind: str, body: dict[str, Any], sentence: str
) -> None:
    document = a_document(alice)
    answer = send(hers, document, [operation(kind, document.head, **body)])
    assert answer.status_code == 422
    assert sentence in answer.json()["sentence"]


def test_somebody_elses_picture_makes_no_mask(alice: User, bob: User, hers: Client) -> None:
    theirs = a_mask(a_document(bob), np.full((8, 8), 255, np.uint8))
    document = a_document(alice)
    done = operation("layer.add", document.head, layer="new", name="x", mask=theirs)
    assert send(hers, document, [done]).status_code == 422


def test_a_layer_with_such_a_mask_can_be_worked_on(alice: User, hers: Client) -> None:
    """The outline knows that it has one: it can be applied, and painted in."""
    document = a_document(alice)
    sha256 = a_mask(document, np.full((50, 60), 255, np.uint8))
    do(hers, document, "layer.mask", layer=opening.BASE, asset=sha256, x=10, y=10, **{"from": "asset"})
    do(hers, document, "layer.mask", layer=opening.BASE, **{"from": "apply"})
    alpha = pixels_of(document)[..., 3]
    assert (alpha[10:60, 10:70] == 255).all()
    assert int((alpha > 0).sum()) == 50 * 60
