"""How weights are loaded where the card is small: quantised, offloaded, and measured as they are."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from generation.engine import device, families, placement
from generation.engine.contract import ModelUnavailable
from generation.engine.families import Batch, running, weights
from generation.requests.catalogue import Entry
from generation.requests.sizes import Size
from tests.generation.engine.tiny import models

A_BATCH = Batch(
    prompts=("a red house",),
    negative_prompts=("",),
    seeds=(7,),
    size=Size(64, 64),
    steps=2,
    guidance=1.0,
)


def drawn(family: families.Family) -> torch.Tensor:
    return family.run(A_BATCH, lambda _step: None)


@pytest.fixture
def z_image(tmp_path: Path) -> Entry:
    return models.entry("z_image", tmp_path)
