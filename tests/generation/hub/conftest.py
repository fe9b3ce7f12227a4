"""A small hub, and a model whose weights take several chunks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

from generation.requests import catalogue
from generation.requests.catalogue import Entry
from tests.generation.hub.server import Hub, serving

COMMIT = "c" * 40


def files() -> dict[str, bytes]:
    index = {
        "_class_name": "StableDiffusionPipeline",
        "unet": ["diffusers", "UNet2DConditionModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "safety_checker": [None, None],
    }
    numbers = np.random.default_rng(1).standard_normal(400_000).astype(np.float16)
    return {
        "model_index.json": json.dumps(index).encode(),
        "README.md": b"---\nlicense: apache-2.0\n---\n",
        "unet/config.json": b"{}",
        "unet/diffusion_pytorch_model.safetensors": save({"a": numbers, "b": numbers[:7].astype(np.float32)}),
        "unet/diffusion_pytorch_model.fp16.safetensors": save({"a": numbers[:9]}),
        "tokenizer/vocab.json": b"{}",
        "everything.safetensors": save({"a": numbers}),
        "picture.png": b"not pulled",
    }


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with serving(Hub("owner/model", COMMIT, files())) as served:
        monkeypatch.setenv("HF_ENDPOINT", served.address)
        monkeypatch.setenv("IMAGE2_MODELS", str(tmp_path / "models"))
        monkeypatch.setattr("generation.hub.pulling._WAIT_SECONDS", 0.0)
        yield served


@pytest.fixture
def entry() -> Entry:
    return replace(catalogue.get("sdxl"), source="owner/model", revision=COMMIT, variant="")
