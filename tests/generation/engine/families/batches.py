"""Batches for the tests of families: one of each kind of run, and what a family makes of it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from generation.engine.families import Batch, Family, Step
from generation.requests.sizes import Size
from tests.generation.engine.tiny.models import MODELS

SIZE: Final = Size(96, 64)
STEPS: Final = 3
WORDS: Final = ("a red house", "a green boat on a wide and quiet lake at night", "x")
# Two of the models run code that others run too.
_ALSO_RUN_BY_OTHERS: Final = ("sd", "auto-sdxl")
PAIRS: Final = [
    pytest.param(name, kind, marks=[pytest.mark.long] if name in _ALSO_RUN_BY_OTHERS else [])
    for name, model in MODELS.items()
    for kind in model.kinds
]
# A U-Net, a transformer, one of layers and any pipeline of diffusers: every kind of run is among theirs.
_FEW: Final = ("sdxl", "flux2-klein", "qwen-image-layered", "auto-without-callback")
FEW_PAIRS: Final = [
    pytest.param(*pair.values, marks=[] if pair.values[0] in _FEW else [pytest.mark.long]) for pair in PAIRS
]


def a_picture(size: Size = SIZE, angle: int = 0) -> Image.Image:
    ramp = Image.linear_gradient("L").rotate(angle).resize((size.width, size.height))
    return Image.merge("RGB", (ramp, ramp.rotate(180), Image.new("L", ramp.size, 90)))


def a_mask(size: Size = SIZE) -> Image.Image:
    mask = Image.new("L", (size.width, size.height), 0)
    mask.paste(255, (size.width // 2, size.height // 4, size.width, size.height))
    return mask


def a_batch(kind: str, *, pictures: int = 1, size: Size = SIZE, **changes: Any) -> Batch:
    wanted: dict[str, dict[str, Any]] = {
        "text_to_image": {},
        "image_to_image": {"reference": a_picture(size), "strength": 0.5, "steps": 4},
        "inpaint": {"reference": a_picture(size), "strength": 1.0, "mask": a_mask(size)},
        "edit": {"references": (a_picture(size),)},
        "layers": {"reference": a_picture(size), "layers": 2},
    }
    values: dict[str, Any] = {
        "prompts": WORDS[:pictures],
        "negative_prompts": ("",) * pictures,
        "seeds": tuple(range(5, 5 + pictures)),
        "size": size,
        "steps": STEPS,
        "guidance": 3.0,
    }
    return Batch(**(values | wanted[kind] | changes))


def one_of(batch: Batch, place: int) -> Batch:
    here = slice(place, place + 1)
    return replace(
        batch,
        prompts=batch.prompts[here],
        negative_prompts=batch.negative_prompts[here],
        seeds=batch.seeds[here],
    )


def drawn(
    family: Family, batch: Batch, on_step: Callable[[Step], None] = lambda _step: None
) -> list[NDArray[np.int64]]:
    return [family.decode(latents, batch.size).astype(np.int64) for latents in family.run(batch, on_step)]


def differences(some: list[NDArray[np.int64]], others: list[NDArray[np.int64]]) -> list[float]:
    return [float(np.abs(one - other).mean()) for one, other in zip(some, others, strict=True)]
