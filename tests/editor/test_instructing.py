"""“Edit with words”: what a model gave back a few pixels off lies exactly over the picture, and only where it may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from django.test import Client
from numpy.typing import NDArray
from PIL import Image

from accounts.models import User
from billing import ledger
from editor import assets, opening
from editor.models import Asset, Document
from generation.engine import production
from generation.engine.families import Batch, Step
from generation.requests import catalogue
from tests.editor.ordering import (
    credits_for,
    do,
    master_of,
    ordered,
    pixels_of,
    quote,
    result_of,
    select,
    selected_in,
    use,
)
from tests.editor.pngs import png_of
from tests.generation.engine.test_registering import scene

pytestmark = [pytest.mark.django_db(transaction=True)]

Pixels = NDArray[np.uint8]
SHIFT = (6, -4)  # pixels of what the model draws, to the right and down
ENTRY = """
[models.brush]
label = "Brush"
family = "qwen_image_edit"
source = "FOLDER"
licence = "MIT"
licence_read = 2026-11-28
commercial_use = true
capabilities = ["edit"]
max_references = 1
default_steps = 1
min_steps = 1
max_steps = 1
default_guidance = 1.0
min_guidance = 1.0
max_guidance = 1.0
memory_mb = 100
base_price = 2
enabled = true
scaler = "lanczos"
[models.brush.base_sizes]
"""


class Shifter:
    """Gives the picture back in other colours, and some pixels off, as models that follow an instruction do."""

    capabilities = frozenset({"edit"})
    max_references = 1
    revision = "shifter"

    def __init__(self) -> None:
        self.seen: list[Image.Image] = []

    def run(self, batch: Batch, on_step: Callable[[Step], None]) -> torch.Tensor:
        (reference,) = batch.references
        self.seen.append(reference)
        on_step(Step(1, 1, lambda _picture: Image.new("RGB", (32, 32))))
        pixels = np.asarray(reference.resize((batch.size.width, batch.size.height)))
        off = np.roll(recoloured(pixels), SHIFT[::-1], axis=(0, 1))
        one = torch.from_numpy(off.copy()).permute(2, 0, 1)
        return one[None].expand(len(batch.prompts), -1, -1, -1)

    def decode(self, latents: torch.Tensor, size: Any) -> Pixels:
        return latents.permute(1, 2, 0).numpy()

    def canvas(self, latents: torch.Tensor, size: Any) -> None:
        return None


def recoloured(pixels: Pixels) -> Pixels:
    return np.stack([pixels[..., 2], pixels[..., 1] // 2 + 60, pixels[..., 0]], axis=-1).astype(np.uint8)


@pytest.fixture
def shifter(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Shifter:
    """The site's only model for instructions; it draws 320×240, and squares of 256."""
    sizes = dict.fromkeys(("1:1", "3:4", "2:3", "9:16", "21:9", "16:9", "3:2"), "[256, 256]")
    lines = [f'"{shape}" = {size}' for shape, size in {**sizes, "4:3": "[320, 240]"}.items()]
    file = tmp_path / "operator.toml"
    file.write_text((ENTRY + "\n".join(lines)).replace("FOLDER", str(tmp_path)))
    monkeypatch.setenv("IMAGE2_CATALOGUE", str(file))
    catalogue.reload()
    model = Shifter()
    monkeypatch.setattr(production.RESIDENCY, "_load", lambda _entry: model)
    production.RESIDENCY.drop_all()
    return model


@pytest.fixture
def alice(alice: User) -> User:
    credits_for(alice)
    return alice


@pytest.fixture
def document(alice: User) -> Document:
    """A scene of 640×480: twice as large as what the model draws."""
    return a_scene(alice, 640, 480)


def a_scene(owner: User, width: int, height: int) -> Document:
    picture = np.asarray(scene(11).crop((40, 40, 360, 280)).resize((width, height), Image.Resampling.BICUBIC))
    opened = opening.blank(user=owner, width=width, height=height, rgba=0xFFFFFFFF)
    kept = assets.keep(opened, png_of(picture), Asset.Role.PICTURE, width, height)
    client = Client()
    client.force_login(owner)
    do(client, opened, "layer.add", layer="scene", name="Scene", group=None, above=opening.BASE,
       asset=kept.sha256, x=0, y=0)  # fmt: skip
    return opened


def off(a: Pixels, b: Pixels, where: Any) -> float:
    """Mean difference in levels."""
    return float(np.abs(a[..., :3].astype(int) - b[..., :3])[where].mean())


@pytest.mark.long
def test_a_shifted_result_lies_over_what_was_selected_and_nothing_else_changes(
    shifter: Shifter, document: Document, hers: Client, alice: User
) -> None:
    select(hers, document, (200, 150, 420, 360), feather=5)
    before, inside = pixels_of(document), selected_in(document)

    order = ordered(hers, document, "instruct", words="in other colours", variants=2, whole=False)

    assert (order["state"], order["gives"], order["charged"]) == ("done", "layer", 4), order["sentence"]
    assert ledger.balance(alice).available == 96
    # The model saw all of the picture.
    assert (order["box"], shifter.seen[0].size) == ([0, 0, 640, 480], (320, 240))
    recipe = result_of(order).recipe
    (found,) = [stage for stage in recipe["stages"] if stage["stage"] == "register"]
    assert (round(found["right"]), round(found["down"])) == SHIFT
    use(hers, document, order["results"][0])
    after = pixels_of(document)
    assert np.array_equal(after[~inside], before[~inside])
    deep = np.zeros_like(inside)
    deep[190:320, 240:380] = True
    wanted = recoloured(before[..., :3])
    shifted = np.roll(wanted, (2 * SHIFT[1], 2 * SHIFT[0]), axis=(0, 1))
    assert off(after, wanted, deep) < 0.5 * off(after, shifted, deep)


@pytest.mark.long
def test_all_of_the_picture_is_changed_and_laid_over_itself(
    shifter: Shifter, document: Document, hers: Client
) -> None:
    before = pixels_of(document)
    assert quote(hers, document, "instruct", whole=True)["box"] is None

    order = ordered(hers, document, "instruct", words="in other colours", whole=True)
    said = use(hers, document, order["results"][0])

    assert [each["kind"] for each in said["operations"]] == ["layer.add"]
    assert order["place_of_result"] == [0, 0, 640, 480]
    after = pixels_of(document)
    inner = np.s_[24:-24, 24:-24]
    wanted = recoloured(before[..., :3])
    assert off(after, wanted, inner) < 0.5 * off(np.roll(after, (-8, 12), axis=(0, 1)), wanted, inner)
    assert (after[..., 3] == before[..., 3]).all()
    assert np.array_equal(after, master_of(result_of(order)))


def test_a_picture_in_other_proportions_than_the_model_draws_is_seen_whole_and_not_squeezed(
    shifter: Shifter, alice: User, hers: Client
) -> None:
    document = a_scene(alice, 500, 320)
    before = pixels_of(document)
    order = ordered(hers, document, "instruct", words="in other colours", whole=True)
    left, top, right, bottom = order["box"]
    assert left <= 0
    assert top <= 0
    assert right >= 500
    assert bottom >= 320
    assert (right - left) / (bottom - top) == pytest.approx(
        shifter.seen[0].width / shifter.seen[0].height, abs=0.02
    )
    use(hers, document, order["results"][0])
    after, inner = pixels_of(document), np.s_[30:-30, 30:-30]
    assert after.shape == before.shape
    wanted = recoloured(before[..., :3])
    assert off(after, wanted, inner) < 0.5 * off(np.roll(after, (-6, 9), axis=(0, 1)), wanted, inner)


def test_everything_selected_is_the_whole_picture(shifter: Shifter, document: Document, hers: Client) -> None:
    do(hers, document, "select", shape="all")
    order = ordered(hers, document, "instruct", words="in other colours", whole=False)
    assert (order["state"], order["place_of_result"]) == ("done", [0, 0, 640, 480]), order["sentence"]


@pytest.mark.long
def test_ten_instructions_in_a_row_leave_alone_what_was_never_selected(
    shifter: Shifter, document: Document, hers: Client
) -> None:
    first, touched = pixels_of(document), np.zeros((480, 640), bool)
    for number in range(10):
        select(hers, document, (60 * number, 40 * number, 60 * number + 90, 40 * number + 70))
        touched |= selected_in(document)
        order = ordered(hers, document, "instruct", words="in other colours", whole=False)
        use(hers, document, order["results"][0])
    last = pixels_of(document)
    assert np.array_equal(last[~touched], first[~touched])
    assert (last != first).any(axis=2)[touched].mean() > 0.5
