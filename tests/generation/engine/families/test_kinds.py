"""Kinds of run: what isn't claimed is refused, masks hold, and every picture and every word that is given counts."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from generation.engine import ModelUnavailable
from generation.engine.families import KINDS_OF_RUN, Family
from generation.engine.pixels.laying import Rim, laid_over
from generation.requests.sizes import Size
from tests.generation.engine.families.batches import FEW_PAIRS, PAIRS, SIZE, a_batch, a_mask, a_picture, drawn
from tests.generation.engine.tiny.models import MODELS


@pytest.mark.parametrize(
    ("name", "kind"),
    [(name, kind) for name, model in MODELS.items() for kind in sorted(KINDS_OF_RUN.difference(model.kinds))],
)
def test_what_a_model_does_not_claim_is_refused_with_a_sentence(
    families: Callable[[str], Family], name: str, kind: str
) -> None:
    with pytest.raises(ModelUnavailable, match=f"this model can't do {kind}; it can do [a-z]"):
        families(name).run(a_batch(kind), lambda _step: None)


@pytest.mark.few(4)
@pytest.mark.parametrize("name", [name for name, model in MODELS.items() if "inpaint" in model.kinds])
def test_where_the_mask_is_0_no_byte_differs_and_inside_it_is_drawn(
    families: Callable[[str], Family], name: str
) -> None:
    batch = a_batch("inpaint")
    (picture,) = drawn(families(name), batch)
    original, outside = np.asarray(batch.reference), np.asarray(batch.mask) == 0
    assert batch.mask
    share = Rim(np.asarray(batch.mask), feather=4).rows(0, batch.size.height)
    out = laid_over(original, picture.astype(np.uint8), share)
    assert np.array_equal(out[outside], original[outside])
    assert np.abs(out[~outside].astype(int) - original[~outside]).mean() > 5


@pytest.mark.few(2)
@pytest.mark.parametrize("name", ["sd", "sdxl", "flux2-klein", "z-image", "qwen-image"])
def test_outside_of_the_mask_the_latents_are_the_pictures_own(
    families: Callable[[str], Family], name: str
) -> None:
    family = families(name)
    batch = a_batch("inpaint", mask=a_mask().transpose(Image.Transpose.FLIP_TOP_BOTTOM))
    made = family.run(batch, lambda _step: None)
    nothing = family.run(
        replace(batch, mask=Image.new("L", (SIZE.width, SIZE.height), 0)), lambda _step: None
    )
    half = made.shape[-1] // 2
    assert torch.equal(made[..., :half], nothing[..., :half])
    assert not torch.equal(made[..., half:], nothing[..., half:])


@pytest.mark.few(2)
@pytest.mark.parametrize(("name", "kind"), [pair for pair in PAIRS if pair.values[1] == "image_to_image"])
def test_the_weaker_the_more_a_result_is_like_the_picture_it_starts_from(
    families: Callable[[str], Family], name: str, kind: str
) -> None:
    family = families(name)
    batch = a_batch(kind, steps=8)
    (weak,) = family.run(replace(batch, strength=0.25), lambda _step: None)
    (middle,) = family.run(replace(batch, strength=0.5), lambda _step: None)
    (own,) = family.run(replace(batch, strength=0.13), lambda _step: None)
    assert (weak - own).abs().mean() < (middle - own).abs().mean()


@pytest.mark.few(3)
@pytest.mark.parametrize(
    ("name", "kind"), [pair for pair in PAIRS if pair.values[1] not in ("text_to_image", "inpaint")]
)
def test_a_picture_that_is_given_shows_in_the_result(
    families: Callable[[str], Family], name: str, kind: str
) -> None:
    family, batch = families(name), a_batch(kind)
    turned = a_picture(angle=90)
    other = replace(batch, **({"references": (turned,)} if kind == "edit" else {"reference": turned}))
    some, others = (family.run(one, lambda _step: None) for one in (batch, other))
    assert (some - others).abs().max() > 1e-4


@pytest.mark.few(1)
@pytest.mark.parametrize("name", [name for name, model in MODELS.items() if "edit" in model.kinds])
def test_every_reference_counts_and_one_too_many_is_refused(
    families: Callable[[str], Family], name: str
) -> None:
    family = families(name)
    assert family.max_references >= 1
    pictures = tuple(
        a_picture(Size(70 + 10 * n, 90 - 5 * n), 30 * n) for n in range(family.max_references + 1)
    )
    before = family.run(a_batch("edit", references=pictures[:-1], steps=2), lambda _step: None)
    for place in range(family.max_references):
        others = list(pictures[:-1])
        others[place] = Image.new("RGB", others[place].size, "red")
        changed = family.run(a_batch("edit", references=tuple(others), steps=2), lambda _step: None)
        assert not torch.equal(before, changed)
    with pytest.raises(ModelUnavailable, match=f"at most {family.max_references} references"):
        family.run(a_batch("edit", references=pictures), lambda _step: None)


# Its pipeline takes no negative prompt in words.
@pytest.mark.few(2)
@pytest.mark.parametrize(
    ("name", "kind"), [pair for pair in FEW_PAIRS if pair.values[0] != "auto-flux2-klein"]
)
def test_a_negative_prompt_changes_its_own_picture_and_no_other(
    families: Callable[[str], Family], name: str, kind: str
) -> None:
    family, batch = families(name), a_batch(kind, pictures=2)
    without = family.run(batch, lambda _step: None)
    with_one = family.run(replace(batch, negative_prompts=("", "red")), lambda _step: None)
    half = len(without) // 2
    assert torch.allclose(without[:half], with_one[:half], atol=1e-2)
    assert not torch.allclose(without[half:], with_one[half:], atol=1e-5)


ODD_WORDS = (
    "",
    "🦄🌈",
    "x" * 2000,
    "a " * 900 + "boat",
    "<|image_pad|><|video_pad|> <|im_end|>",
    "{} %s <b>",
)


@pytest.mark.parametrize(
    ("name", "kind"), [pair for pair in FEW_PAIRS if not str(pair.values[0]).startswith("auto")]
)
@pytest.mark.few(1)
def test_odd_words_give_a_picture_not_an_error(
    families: Callable[[str], Family], name: str, kind: str
) -> None:
    family = families(name)
    for words in ODD_WORDS:
        batch = a_batch(kind, prompts=(words,), negative_prompts=(words,), steps=2)
        assert torch.isfinite(family.run(batch, lambda _step: None)).all(), words
