"""Quantise tiny models with the real package, in a process of its own, and print what came of it as one JSON line.

``python -m tests.generation.engine.quantised int8``, with torchao on the path. It isn't installed where the other tests
run: diffusers imports it wherever it is.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[3]
VERSION: Final = "0.18.0"  # the pin of constraints.txt
FOLDER: Final = ROOT / "var" / "packages" / f"torchao-{VERSION}"
_PATIENCE: Final = 300
_NAMES: Final = ("z-image", "sdxl")


class Missing(Exception):
    """The package can't be had; the sentence says why."""


def in_a_process(numbers: str) -> dict[str, Any]:
    """What the program prints. Raises Missing where the registry can't be reached."""
    if not FOLDER.is_dir():
        _fetch()
    done = subprocess.run(
        [sys.executable, "-m", "tests.generation.engine.quantised", numbers],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(FOLDER), "IMAGE2_TORCH_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=_PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _fetch() -> None:
    uv = [str(Path(sys.executable).parent / "uv"), "pip", "install", "--quiet", "--no-deps"]
    fresh = FOLDER.with_suffix(".part")
    try:
        subprocess.run([*uv, "--target", str(fresh), f"torchao=={VERSION}"], check=True, timeout=_PATIENCE)
    except (FileNotFoundError, subprocess.CalledProcessError, subprocess.TimeoutExpired):
        raise Missing("torchao couldn't be fetched: try again with a connection") from None
    fresh.rename(FOLDER)


def main(numbers: str) -> None:
    import torch

    from generation.engine import placement
    from generation.engine.families import load
    from tests.generation.engine.families.batches import a_batch
    from tests.generation.engine.tiny.models import MODELS

    def linear_bytes(family: Any) -> int:
        parts = placement._parts(family)
        layers = {
            id(one): one for part in parts for one in part.modules() if isinstance(one, torch.nn.Linear)
        }
        return sum(placement._size(layer.weight) for layer in layers.values())

    found: dict[str, dict[str, Any]] = {"linear_bytes": {}, "differs_by": {}, "revisions": {}}
    for name in _NAMES:
        with tempfile.TemporaryDirectory() as folder:
            entry = MODELS[name].entry(MODELS[name].save(Path(folder)))
            both = [load(entry), load(replace(entry, quantise=numbers))]
        plain, small = (one.run(a_batch("text_to_image"), lambda _step: None) for one in both)
        found["linear_bytes"][name] = [linear_bytes(one) for one in both]
        found["differs_by"][name] = float((plain - small).abs().mean() / plain.abs().mean())
        found["revisions"][name] = [one.revision for one in both]
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
