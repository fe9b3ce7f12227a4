"""What a LoRA costs a run: adding it to the bundled model's attention and taking it out, against drawing one picture.

Processor time of one process, in turns; nothing is asserted about time. What is printed stands in decision 79.

Run: ``bin/test tests/benchmarks/test_adapters.py -s``.
"""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from typing import Any

import pytest
from torch import nn

from generation.engine import adapters
from generation.engine.families import Batch
from generation.engine.families.residency import Residency
from generation.requests import catalogue
from tests.benchmarks.repeats import repeats
from tests.generation.engine.tiny import loras

pytestmark = pytest.mark.long


def test_adding_and_taking_out_against_drawing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entry = catalogue.get("bundled")
    with Residency().lend(entry) as lent:
        family: Any = lent
        network = family.pipeline.unet.named_modules()
        layers = {
            name: tuple(layer.weight.shape)
            for name, layer in network
            if isinstance(layer, nn.Linear) and ".attn" in f".{name}"
        }
        lora = loras.entry(loras.save(tmp_path / "a.safetensors", loras.halves(layers, size=0.01)))
        batch = Batch(
            prompts=("a red sailboat",), negative_prompts=("",), seeds=(7,), size=entry.base_size("1:1"),
            steps=entry.default_steps, guidance=entry.default_guidance,
        )  # fmt: skip
        adding, drawing = [], []
        for _turn in range(repeats(3)):
            start = time.process_time()
            with adapters.added(adapters.changes_of(family, entry, lora), 1.0, lambda _is_whole: None):
                pass
            middle = time.process_time()
            family.run(batch, lambda _step: None)
            adding.append(middle - start)
            drawing.append(time.process_time() - middle)
    with capsys.disabled():
        share = statistics.median(adding) / statistics.median(drawing)
        print(f"\n{len(layers)} layers: {statistics.median(adding):.3f} s, {share:.1%} of drawing a picture")
